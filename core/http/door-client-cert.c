/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-client-cert.h"

#include <stdint.h>
#include <string.h>

#include "door-base64.h"

#define MAX_DER_BYTES (16 * 1024)

/* the first byte of every certificate: an ASN.1 SEQUENCE */
#define DER_SEQUENCE 0x30

static GBytes *
decode (const char *text, size_t length)
{
  g_autoptr (GBytes) der = door_base64_decode_strict (text, length, MAX_DER_BYTES);

  if (der == NULL || g_bytes_get_size (der) == 0 ||
      *(const uint8_t *) g_bytes_get_data (der, NULL) != DER_SEQUENCE)
    return NULL;
  return g_steal_pointer (&der);
}

/* one certificate and nothing else (RFC 7468, 5) */
static GBytes *
parse_pem (const char *text)
{
  static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
  const char *start, *stop;

  if (!g_str_has_prefix (text, begin))
    return NULL;
  start = text + strlen (begin);
  stop = strstr (start, end);
  if (stop == NULL || stop[strlen (end) + strspn (stop + strlen (end), " \t\r\n")] != '\0')
    return NULL;
  return decode (start, (size_t) (stop - start));
}

/**
 * door_client_cert_parse:
 * @text: value of the header
 *
 * Reads the certificate a proxy passes on: a structured field of bytes between colons (RFC 9440, 2.2), or a
 * percent-encoded PEM block as nginx writes $ssl_client_escaped_cert. The certificate itself is not looked
 * into. Never blocks.
 *
 * Returns: (transfer full) (nullable): its DER encoding, %NULL when malformed or too long
 */
GBytes *
door_client_cert_parse (const char *text)
{
  size_t length = strlen (text);
  g_autofree char *pem = NULL;

  if (length >= 2 && text[0] == ':' && text[length - 1] == ':')
    return decode (text + 1, length - 2);
  pem = g_uri_unescape_string (text, NULL);
  return pem == NULL ? NULL : parse_pem (pem);
}
