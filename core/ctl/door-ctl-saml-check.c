/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>

#include "door-clock.h"
#include "door-ctl.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-key-value.h"
#include "door-options.h"
#include "door-saml.h"
#include "door-saml-checks.h"
#include "door-saml-description.h"
#include "door-saml-response.h"
#include "door-saml-sp-key.h"

/* Far more than any message may have: its size is for the engine to judge. */
#define MAX_FILE_BYTES (16 * 1024 * 1024)
#define MAX_KEYS 4 /* of the engine */
/* only sent to by browsers, and none is sent from here */
#define NO_SSO_URL "https://sign-in.invalid/"

/* What the command line says. */
typedef struct
{
  char *form_value;
  DoorSamlMetadata *metadata;
  GPtrArray *keys;
  DoorSamlExpectation expect;
} Input;

static void
input_clear (Input *self)
{
  g_clear_pointer (&self->form_value, g_free);
  g_clear_pointer (&self->metadata, door_saml_metadata_unref);
  g_clear_pointer (&self->keys, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Input, input_clear)

static bool
set_usage_error (GError **error, const char *text)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s", text);
}

static GBytes *
read_stream (GInputStream *stream, GError **error)
{
  g_autoptr (GOutputStream) all = g_memory_output_stream_new_resizable ();
  char bytes[65536];
  gssize n;

  while ((n = g_input_stream_read (stream, bytes, sizeof bytes, NULL, error)) > 0)
    if (!g_output_stream_write_all (all, bytes, (gsize) n, NULL, NULL, error))
      return NULL;
    else if (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (all)) > MAX_FILE_BYTES)
      break;
  if (n < 0 || !g_output_stream_close (all, NULL, error))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (all));
}

/* "-" is standard input. */
static GBytes *
read_input (const char *name, GError **error)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) local = NULL;
  GBytes *bytes;

  if (strcmp (name, "-") == 0)
    stream = g_unix_input_stream_new (fileno (stdin), FALSE);
  else
    {
      file = g_file_new_for_commandline_arg (name);
      stream = G_INPUT_STREAM (g_file_read (file, NULL, &local));
    }
  bytes = stream != NULL ? read_stream (stream, &local) : NULL;
  if (bytes == NULL)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s: %s", name, local->message);
  return bytes;
}

/* As a browser carries it, or the message itself, which then is what the form value decodes to. */
static char *
read_form_value (const char *name, GError **error)
{
  g_autoptr (GBytes) bytes = read_input (name, error);
  size_t size = 0, at = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (bytes == NULL)
    return NULL;
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    at = 3;
  while (at < size && g_ascii_isspace (data[at]))
    at++;
  if (at < size && data[at] == '<')
    return g_base64_encode ((const guchar *) data, size);
  if (size > 0 && memchr (data, '\0', size) != NULL)
    return g_strdup (""); /* neither: the engine says so */
  return g_strndup (data != NULL ? data : "", size);
}

static DoorSamlMetadata *
read_certificates (const char *const *files, const char *entity_id, GError **error)
{
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (; *files != NULL; files++)
    {
      GBytes *certificate = read_input (*files, error);

      if (certificate == NULL)
        return NULL;
      g_ptr_array_add (certificates, certificate);
    }
  return door_saml_metadata_new_static (entity_id, NO_SSO_URL, certificates, false, error);
}

static DoorSamlMetadata *
read_metadata (const DoorCommandLine *line, int64_t now_ms, GError **error)
{
  const char *const *certificates = door_command_line_get_values (line, "idp-cert");
  const char *file = door_command_line_get_value (line, "metadata");
  const char *entity_id = door_command_line_get_value (line, "idp-entity");
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GBytes) xml = NULL;
  int64_t until_ms;

  if ((file == NULL) == (certificates == NULL) || (file == NULL && entity_id == NULL))
    {
      set_usage_error (error, "needs --metadata, or --idp-cert and --idp-entity in its place");
      return NULL;
    }
  if (certificates != NULL)
    return read_certificates (certificates, entity_id, error);
  xml = read_input (file, error);
  metadata = xml != NULL ? door_saml_metadata_parse (xml, entity_id, true, error) : NULL;
  if (metadata == NULL)
    return NULL;
  until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  if (until_ms != 0 && until_ms <= now_ms)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA,
                      "metadata: its validUntil is over");
      return NULL;
    }
  return g_steal_pointer (&metadata);
}

/* 2026-01-01T12:01:00Z, or seconds since 1970. */
static bool
read_time (const char *text, int64_t *now_ms, GError **error)
{
  g_autoptr (DoorClock) clock = NULL;
  g_autoptr (GTimeZone) utc = NULL;
  g_autoptr (GDateTime) time = NULL;
  gint64 seconds = 0;

  if (text == NULL)
    {
      clock = door_clock_new_system ();
      *now_ms = door_clock_now_ms (clock);
      return true;
    }
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64 / 1000, &seconds, NULL))
    {
      *now_ms = seconds * 1000;
      return true;
    }
  utc = g_time_zone_new_utc ();
  time = g_date_time_new_from_iso8601 (text, utc);
  if (time == NULL)
    return set_usage_error (error, "--at takes a time such as 2026-01-01T12:01:00Z, or seconds since 1970");
  *now_ms = g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
  return true;
}

static bool
read_want (const char *word, DoorSignedPart *part, GError **error)
{
  static const struct
  {
    const char *word;
    DoorSignedPart part;
  } parts[] = {
    { "any", DOOR_SIGNED_EITHER },
    { "assertion", DOOR_SIGNED_ASSERTION },
    { "response", DOOR_SIGNED_RESPONSE },
    { "both", DOOR_SIGNED_BOTH },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strcmp (word != NULL ? word : "any", parts[i].word) == 0)
      {
        *part = parts[i].part;
        return true;
      }
  return set_usage_error (error, "--want takes response, assertion, both or any");
}

static bool
read_allowed (const char *list, DoorSamlExpectation *expect, GError **error)
{
  g_auto (GStrv) words = g_strsplit (list != NULL ? list : "", ",", -1);

  for (char **word = words; *word != NULL; word++)
    if (strcmp (*word, "sha1") == 0)
      expect->allow_sha1 = true;
    else if (strcmp (*word, "rsa15") == 0)
      expect->allow_rsa15 = true;
    else
      return set_usage_error (error, "--allow takes sha1 and rsa15, separated by a comma");
  return true;
}

static bool
read_skew (const char *text, int64_t *skew_s, GError **error)
{
  const DoorKey *const tables[] = { door_options_lookup ("sign-in")->keys, NULL };
  const DoorKey *key = door_options_lookup_key (tables, "ClockSkew");
  uint64_t value = 0;

  if (text != NULL && !door_settings_check_value (key, text, error))
    {
      g_prefix_error (error, "--clock-skew: ");
      return false;
    }
  if (!door_key_value_parse_number (DOOR_KEY_DURATION, text != NULL ? text : key->fallback, &value))
    return set_usage_error (error, "--clock-skew takes a duration such as 90s");
  *skew_s = (int64_t) value;
  return true;
}

static bool
read_line (Input *self, const DoorCtlContext *context, GError **error)
{
  const DoorCommandLine *line = context->line;

  self->expect.sp_entity_id = door_command_line_get_value (line, "sp-entity");
  self->expect.acs_url = door_command_line_get_value (line, "acs");
  if (self->expect.sp_entity_id == NULL || self->expect.acs_url == NULL)
    return set_usage_error (error, "--sp-entity and --acs are needed");
  return read_time (door_command_line_get_value (line, "at"), &self->expect.now_ms, error) &&
         read_want (door_command_line_get_value (line, "want"), &self->expect.signed_part, error) &&
         read_allowed (door_command_line_get_value (line, "allow"), &self->expect, error) &&
         read_skew (door_command_line_get_value (line, "clock-skew"), &self->expect.clock_skew_s, error);
}

static bool
read_keys (Input *self, const char *const *files, GError **error)
{
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_sp_key_unref);
  for (; files != NULL && *files != NULL; files++)
    {
      g_autoptr (GBytes) file = read_input (*files, error);
      g_autoptr (DoorSecret) secret = NULL;
      DoorSamlSpKey *key;

      if (file == NULL)
        return false;
      secret = door_secret_new (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
      key = door_saml_sp_key_parse_private (secret, self->expect.now_ms, error);
      if (key == NULL)
        {
          g_prefix_error (error, "%s: ", *files);
          return false;
        }
      g_ptr_array_add (self->keys, key);
    }
  return self->keys->len <= MAX_KEYS || set_usage_error (error, "--sp-key may be given four times");
}

/* Without a request to compare with, nothing is pending: an answer to none passes, and one to any. */
static bool
read_files (Input *self, const DoorCtlContext *context, GError **error)
{
  const char *request_id = door_command_line_get_value (context->line, "request-id");

  self->form_value = read_form_value (context->words[0], error);
  if (self->form_value == NULL ||
      !read_keys (self, door_command_line_get_values (context->line, "sp-key"), error))
    return false;
  self->expect.allow_unsolicited = request_id == NULL;
  self->expect.decryption_keys = self->keys;
  self->expect.captured = true;
  self->metadata = read_metadata (context->line, self->expect.now_ms, error);
  self->expect.metadata = self->metadata;
  return self->metadata != NULL;
}

/* What the server looks up among its pending requests. */
static bool
check_request (const DoorSamlResponse *response, const char *request_id, GError **error)
{
  return request_id == NULL ||
         g_strcmp0 (request_id, door_saml_response_get_in_response_to (response)) == 0 ||
         door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_INRESPONSETO,
                         "InResponseTo is not the request in --request-id");
}

static JsonArray *
words_array (char *const *words)
{
  JsonArray *array = json_array_new ();

  for (; *words != NULL; words++)
    json_array_add_string_element (array, *words);
  return array;
}

static JsonObject *
attributes_object (GVariant *values)
{
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *name;
  char **texts;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&s^as}", &name, &texts))
    json_object_set_array_member (object, name, words_array (texts));
  return object;
}

static JsonObject *
identity_object (const DoorSamlResponse *response)
{
  const DoorClaims *claims = door_saml_response_get_claims (response);
  const DoorSubject *subject = door_claims_get_subject (claims);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "accepted", true);
  json_object_set_string_member (object, "name_id", subject->value);
  door_json_member_set_text (object, "format", subject->format);
  door_json_member_set_text (object, "name_qualifier", subject->name_qualifier);
  door_json_member_set_text (object, "sp_name_qualifier", subject->sp_name_qualifier);
  json_object_set_string_member (object, "issuer", subject->issuer);
  json_object_set_object_member (object, "attributes",
                                 attributes_object (door_claims_get_values ((DoorClaims *) claims)));
  json_object_set_string_member (object, "assertion_id", door_saml_response_get_assertion_id (response));
  door_json_member_set_text (object, "in_response_to", door_saml_response_get_in_response_to (response));
  door_json_member_set_text (object, "session_index", door_saml_response_get_session_index (response));
  door_json_member_set_time (object, "session_expires_at",
                             door_saml_response_get_session_expires_at_ms (response));
  door_json_member_set_time (object, "expires_at", door_saml_response_get_expires_at_ms (response));
  json_object_set_array_member (object, "checks",
                                words_array ((char *const *) door_saml_response_get_checks (response)));
  return object;
}

static JsonObject *
refusal_object (const GError *error)
{
  const DoorFaultInfo *info = door_error_get_info (error);
  g_autofree char *passed = door_saml_checks_dup_passed (door_error_get_fault (error));
  g_auto (GStrv) checks = g_strsplit (passed, " ", -1);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "accepted", false);
  json_object_set_string_member (object, "rule", info->id);
  door_json_member_set_text (object, "check", door_saml_checks_get_failed (door_error_get_fault (error)));
  json_object_set_string_member (object, "detail", error->message);
  json_object_set_string_member (object, "text", info->admin_text);
  json_object_set_string_member (object, "fix", info->fix);
  json_object_set_array_member (object, "passed", words_array (checks));
  return object;
}

static DoorCtlExit
print_refusal (const GError *error)
{
  const DoorFaultInfo *info = door_error_get_info (error);
  g_autoptr (JsonNode) node = door_ctl_output_take_object (refusal_object (error));

  door_ctl_output_print_json (node);
  g_printerr ("doorctl: refused, %s: %s\n  %s\n", info->id, error->message, info->fix);
  return DOOR_CTL_ERROR;
}

static DoorCtlExit
verify (const Input *input, const char *request_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlResponse) response =
      door_saml_response_verify (input->form_value, strlen (input->form_value), &input->expect, &error);
  g_autoptr (JsonNode) node = NULL;

  if (response == NULL || !check_request (response, request_id, &error))
    return print_refusal (error);
  node = door_ctl_output_take_object (identity_object (response));
  door_ctl_output_print_json (node);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_saml_check:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl saml check FILE`: what the server would make of a captured message, at a time of one's choice.
 * Prints one JSON document, with and without `--json`. Blocks on the files.
 *
 * Returns: %DOOR_CTL_OK; %DOOR_CTL_ERROR when the message or the metadata is refused; %DOOR_CTL_USAGE when
 * the command line, or a file that it names, cannot be used
 */
DoorCtlExit
door_ctl_saml_check (DoorCtlContext *context, GError **error)
{
  g_auto (Input) input = { NULL };
  g_autoptr (GError) local = NULL;
  DoorCtlExit status;

  if (!read_line (&input, context, error))
    return DOOR_CTL_USAGE;
  if (!door_saml_init (error))
    return DOOR_CTL_USAGE;
  if (read_files (&input, context, &local))
    status = verify (&input, door_command_line_get_value (context->line, "request-id"));
  else if (door_error_get_fault (local) == DOOR_FAULT_IDP_METADATA)
    status = print_refusal (local);
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      status = DOOR_CTL_USAGE;
    }
  input_clear (&input);
  door_saml_shutdown ();
  return status;
}
