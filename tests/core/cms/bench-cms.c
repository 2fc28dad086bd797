/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <time.h>

#include "cms-fixture.h"
#include "door-cms.h"
#include "door-scep-reply.h"
#include "scep-client.h"

#define ROUNDS 300

typedef struct
{
  DoorCertificateAuthority *authority;
  DoorCmsSigner *signer;
  GBytes *body;
  GBytes *plain;
  GBytes *attributes;
  GBytes *scep;
} Bench;

static void
run_plain (const Bench *bench)
{
  g_autoptr (DoorCertificate) signer = NULL;

  g_assert_true (door_cms_verify_detached (bench->plain, bench->body, &signer, NULL));
}

static void
run_attributes (const Bench *bench)
{
  g_autoptr (DoorCertificate) signer = NULL;

  g_assert_true (door_cms_verify_detached (bench->attributes, bench->body, &signer, NULL));
}

static void
run_issued (const Bench *bench)
{
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.der");

  g_assert_true (door_certificate_authority_issued (bench->authority, device, NULL));
}

static void
run_sign (const Bench *bench)
{
  g_autoptr (GBytes) message = door_cms_sign (bench->signer, bench->body, FIXTURE_NOW_MS, NULL);

  g_assert_nonnull (message);
}

static void
run_scep (const Bench *bench)
{
  static const uint8_t serial[DOOR_SERIAL_BYTES] = { 1 };
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (bench->scep, bench->authority, NULL);
  g_autoptr (DoorCsr) csr = door_scep_request_open (request, bench->authority, false, NULL);
  const DoorIssueRequest wish = { csr, "x", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + 86400000 };
  g_autoptr (DoorCertificate) issued = door_certificate_authority_issue (bench->authority, &wish, NULL);
  g_autoptr (GBytes) reply =
      door_scep_reply_build_success (request, bench->authority, issued, FIXTURE_NOW_MS, NULL);

  g_assert_nonnull (reply);
}

static double
cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static void
measure (const char *name, void (*run) (const Bench *bench), const Bench *bench)
{
  double start;

  run (bench);
  start = cpu_us ();
  for (int i = 0; i < ROUNDS; i++)
    run (bench);
  printf ("%-28s %8.0f us CPU\n", name, (cpu_us () - start) / ROUNDS);
}

/* Run with G_TEST_SRCDIR set to the tests folder; not a test. */
int
main (int argc, char **argv)
{
  const ScepClient client = scep_client_default ();
  Bench bench;

  g_test_init (&argc, &argv, NULL);
  {
    g_autoptr (GBytes) chain = fixture_load ("device-chain.pem");
    g_autoptr (DoorSecret) key = fixture_load_secret ("device.key");

    bench = (Bench){
      .authority = fixture_load_authority (),
      .signer = door_cms_signer_new (chain, key, NULL),
      .body = fixture_load ("body.plist"),
      .plain = fixture_load ("detached-sha1-plain-indef.der"),
      .attributes = fixture_load ("detached-sha1-attr.der"),
      .scep = scep_client_build (&client),
    };
  }
  measure ("verify_detached", run_plain, &bench);
  measure ("verify_detached, attributes", run_attributes, &bench);
  measure ("parse + issued", run_issued, &bench);
  measure ("sign, RSA-2048", run_sign, &bench);
  measure ("SCEP exchange, CA RSA-2048", run_scep, &bench);
  door_certificate_authority_unref (bench.authority);
  door_cms_signer_free (bench.signer);
  g_bytes_unref (bench.body);
  g_bytes_unref (bench.plain);
  g_bytes_unref (bench.attributes);
  g_bytes_unref (bench.scep);
  return 0;
}
