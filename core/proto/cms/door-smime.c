/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-smime.h"

#include <string.h>

#include "door-base64.h"
#include "door-cms-envelope.h"
#include "door-secret.h"

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEP_TOKEN, "encrypted mail: %s", reason);
}

/* Behind the empty line that ends the header; at the beginning when there is none, for a bare base64 text. */
static const char *
find_body (const char *text)
{
  for (const char *line = text; *line != '\0';)
    {
      size_t length = strcspn (line, "\n");

      if (length == 0 || (length == 1 && line[0] == '\r'))
        return line + length + (line[length] == '\n');
      if (memchr (line, ':', length) == NULL && !g_ascii_isspace (*line))
        return line == text ? text : NULL;
      line += length + (line[length] == '\n');
    }
  return NULL;
}

/* Lines of base64 as one. */
static GBytes *
decode_body (const char *body)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (const char *at = body; *at != '\0'; at++)
    if (strchr ("\r\n \t", *at) == NULL)
      g_string_append_c (joined, *at);
  return door_base64_decode_strict (joined->str, joined->len, DOOR_SMIME_MAX_BYTES);
}

/**
 * door_smime_open:
 * @message: a mail with an EnvelopedData in base64 (RFC 8551, 3.3)
 * @recipient: whom it was encrypted for
 * @error: return location for an error
 *
 * Opens an encrypted mail, such as the server token of Apple Business Manager. What comes out is not
 * authenticated: the caller knows what to expect. Pure; any thread.
 *
 * Returns: (transfer full): what was encrypted, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEP_TOKEN
 */
DoorSecret *
door_smime_open (GBytes *message, const DoorCmsSigner *recipient, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (message, &size);
  g_autofree char *text = size <= DOOR_SMIME_MAX_BYTES ? g_strndup (data, size) : NULL;
  g_autoptr (GBytes) der = NULL;
  g_autoptr (DoorCmsEnvelope) envelope = NULL;
  g_autoptr (GError) local = NULL;
  const char *body;
  DoorSecret *secret;

  if (text == NULL || strlen (text) != size)
    return refuse (error, "too large, or not text"), NULL;
  body = find_body (text);
  der = body != NULL ? decode_body (body) : NULL;
  if (der == NULL)
    return refuse (error, "not base64 behind a header"), NULL;
  envelope = door_cms_envelope_parse (g_bytes_get_data (der, NULL), g_bytes_get_size (der), &local);
  secret = envelope != NULL ? door_cms_envelope_open (envelope, recipient, &local) : NULL;
  if (secret == NULL)
    refuse (error, local->message);
  return secret;
}
