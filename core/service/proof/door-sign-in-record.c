/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sign-in-record.h"

#include <string.h>

#include "door-digest.h"
#include "door-saml-description.h"
#include "door-text.h"

#define MAX_VALUE_BYTES 300
#define MAX_VALUES 20 /* of one claim */
#define HASH_BYTES 4

/* Enough to see that two values are the same or of the wrong domain, and not who it is: without the state key
 * nobody can try names. */
static char *
redact (const char *value, const DoorSecret *state_key)
{
  const char *at = strrchr (value, '@');
  uint8_t hash[DOOR_SHA256_SIZE];
  size_t size = 0;
  const uint8_t *key = door_secret_get_data (state_key, &size);
  GString *shown = g_string_new ("…");

  door_digest_hmac_sha256 (key, size, "sign-in record", value, hash);
  g_string_append_printf (shown, "%s, %ld characters, ~", at != NULL ? at : "", g_utf8_strlen (value, -1));
  for (size_t i = 0; i < HASH_BYTES; i++)
    g_string_append_printf (shown, "%02x", hash[i]);
  return g_string_free (shown, FALSE);
}

static char *
show_cb (const char *value, gpointer data)
{
  const DoorContext *context = data;

  return door_policy_get_log_personal_data (context->policy) ? g_strdup (value)
                                                             : redact (value, context->state_key);
}

static void
add (GString *text, const char *what, const char *value)
{
  g_autofree char *name = door_text_dup_line (what, MAX_VALUE_BYTES);
  g_autofree char *line = value != NULL ? door_text_dup_line (value, MAX_VALUE_BYTES) : NULL;

  if (line != NULL && text->len + strlen (name) + strlen (line) + 3 <= DOOR_SAML_DESCRIPTION_MAX_BYTES)
    g_string_append_printf (text, "%s: %s\n", name, line);
}

static void
add_claim (GString *text, const DoorContext *context, const char *name, char *const *values)
{
  g_autofree char *what = g_strdup_printf ("attribute %s", name);

  for (size_t i = 0; values[i] != NULL && i < MAX_VALUES; i++)
    {
      g_autofree char *shown = show_cb (values[i], (gpointer) context);

      add (text, what, shown);
    }
}

/* What was read from an answer whose own text does not show it. */
static void
add_claims (GString *text, const DoorContext *context, const DoorClaims *claims)
{
  const DoorSubject *subject = door_claims_get_subject (claims);
  g_autofree char *shown = show_cb (subject->value, (gpointer) context);
  GVariantIter iter;
  const char *name;
  char **values;

  add (text, "issuer", subject->issuer);
  add (text, DOOR_CLAIM_NAME_ID, shown);
  add (text, "NameID format", subject->format);
  g_variant_iter_init (&iter, door_claims_get_values (claims));
  while (g_variant_iter_loop (&iter, "{&s^as}", &name, &values))
    add_claim (text, context, name, values);
}

/**
 * door_sign_in_record_dup_received:
 * @context: what every service needs
 * @saml_response: (nullable): form value, base64
 * @claims: (nullable): what was read from the answer, once it is verified
 *
 * Tells what a provider's answer said, for the record: what is personal only as its domain, length and a
 * keyed hash, unless LogPersonalData= is on; nothing that is secret. CPU-bound; any thread.
 *
 * Returns: (transfer full): lines of the form "what: value"; "" when there is nothing to tell
 */
char *
door_sign_in_record_dup_received (const DoorContext *context, const char *saml_response,
                                  const DoorClaims *claims)
{
  g_autofree char *described =
      saml_response != NULL
          ? door_saml_describe (saml_response, strlen (saml_response), show_cb, (gpointer) context)
          : NULL;
  GString *text = g_string_new (described);

  if (claims != NULL && strstr (text->str, "\nassertion id: ") == NULL)
    add_claims (text, context, claims);
  return g_string_free (text, FALSE);
}
