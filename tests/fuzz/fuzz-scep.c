/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-certificate-authority-private.h"
#include "door-scep-request-private.h"
#include "door-scep-request.h"
#include "door-secret.h"

static GBytes *
load (const char *path)
{
  char *data = NULL;
  gsize size = 0;

  if (!g_file_get_contents (path, &data, &size, NULL))
    g_error ("%s is missing", path);
  return g_bytes_new_take (data, size);
}

/* Made once; the process ends without freeing it. */
static DoorCertificateAuthority *
get_authority (void)
{
  static gsize authority;

  if (g_once_init_enter (&authority))
    {
      g_autoptr (GBytes) certificate = load (FIXTURES "/ca.pem");
      g_autoptr (GBytes) key = load (FIXTURES "/ca.key");
      g_autoptr (DoorSecret) secret = door_secret_new (g_bytes_get_data (key, NULL), g_bytes_get_size (key));

      g_once_init_leave (&authority, (gsize) door_certificate_authority_load (certificate, secret, NULL));
    }
  return (DoorCertificateAuthority *) authority;
}

/* The outer part as received, and the envelope inside it, which no fuzzer gets to through a signature. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  DoorCertificateAuthority *authority = get_authority ();
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (bytes, authority, NULL);
  g_autoptr (DoorCmsEnvelope) envelope = door_cms_envelope_parse (data, size, NULL);

  if (request != NULL)
    {
      g_autoptr (DoorCsr) csr = door_scep_request_open (request, authority, true, NULL);
    }
  if (envelope != NULL)
    {
      g_autoptr (DoorSecret) content =
          door_cms_envelope_open (envelope, door_certificate_authority_get_signer (authority), NULL);
    }
  return 0;
}
