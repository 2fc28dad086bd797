/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complete verifications for each second of CPU time; not a test. First argument: seconds, 5 by default. */
#include "saml-fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "door-saml.h"

#define ATTRIBUTE(name, value)                                                                               \
  "<saml:Attribute Name=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/" name                       \
  "\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\"><saml:AttributeValue "                  \
  "xsi:type=\"xs:string\">" value "</saml:AttributeValue></saml:Attribute>"

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* About 5 KB, as providers send it: a certificate in KeyInfo and some attributes. */
static char *
make_form (const char *parts)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "");
  g_autofree char *base64 = fixture_replace (start, "-----END CERTIFICATE-----", "");
  g_autofree char *info = g_strdup_printf (
      "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
      base64);
  Signer signer = { .key_info = info };
  g_autofree char *whole = fixture_template ();
  g_autofree char *text = fixture_replace (
      whole, "</saml:AttributeStatement>",
      ATTRIBUTE ("givenname", "Ada") ATTRIBUTE ("surname", "Lovelace") ATTRIBUTE ("name", "ada@example.com")
          ATTRIBUTE ("upn", "ada@example.com") "</saml:AttributeStatement>");
  g_autofree char *xml = fixture_sign (text, parts, &signer);

  printf ("signed %-2s  %zu bytes  ", parts, strlen (xml));
  return g_base64_encode ((const guchar *) xml, strlen (xml));
}

static void
measure (const char *parts, const DoorSamlExpectation *expect, double seconds)
{
  g_autofree char *form = make_form (parts);
  size_t length = strlen (form);
  unsigned int count = 0;
  double from = cpu_seconds (), spent;

  do
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlResponse) response = door_saml_response_verify (form, length, expect, &error);

      g_assert_no_error (error);
      g_assert_nonnull (response);
      count++;
      spent = cpu_seconds () - from;
    }
  while (spent < seconds);
  printf ("%.0f verifications per CPU second\n", count / spent);
}

int
main (int argc, char **argv)
{
  double seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 5;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  DoorSamlExpectation expect;

  g_test_init (&argc, &argv, NULL);
  if (!door_saml_init (&error))
    g_error ("%s", error->message);
  metadata = fixture_metadata (NULL);
  expect = fixture_expectation (metadata);
  measure ("A", &expect, seconds);
  measure ("AR", &expect, seconds);
  door_saml_shutdown ();
  return 0;
}
