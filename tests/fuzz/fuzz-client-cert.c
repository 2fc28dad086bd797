/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-client-cert.h"

/* What is taken is some bytes; whether they are a certificate is asked elsewhere. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GBytes) certificate = door_client_cert_parse (text);

  if (certificate != NULL)
    g_assert_cmpuint (g_bytes_get_size (certificate), >, 0);
  return 0;
}
