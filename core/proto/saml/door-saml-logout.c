/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-logout.h"

#include <string.h>

#include "door-error.h"
#include "door-saml-document.h"
#include "door-saml-key.h"
#include "door-saml-redirect.h"
#include "door-saml-signature.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

#define NS DOOR_SAML_NS_ASSERTION
#define STATUS "urn:oasis:names:tc:SAML:2.0:status:"
#define MAX_SESSION_INDEXES 64
#define MAX_TEXT_BYTES 1024
/* For a message that does not say itself how long it lives (core 3.7.1 leaves that out). */
#define MAX_AGE_S 300

struct _DoorSamlLogout
{
  bool is_request;
  bool is_success;
  char *id;
  char *in_response_to;
  char *name_id;
  GPtrArray *session_indexes; /* with a %NULL at its end */
  char *relay_state;
};

static bool G_GNUC_PRINTF (3, 4) refuse (GError **error, DoorFault fault, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  return door_error_set (
      error, fault == DOOR_FAULT_SAML_STRUCTURE ? DOOR_ERROR_INVALID_DATA : DOOR_ERROR_NOT_AUTHENTICATED,
      fault, "logout: %s", reason);
}

static void
append_name_id (GString *xml, const DoorSubject *subject)
{
  g_autofree char *value = g_markup_escape_text (subject->value, -1);

  g_string_append (xml, "<saml:NameID");
  if (subject->format != NULL)
    door_saml_message_append_attribute (xml, "Format", subject->format);
  if (subject->name_qualifier != NULL)
    door_saml_message_append_attribute (xml, "NameQualifier", subject->name_qualifier);
  if (subject->sp_name_qualifier != NULL)
    door_saml_message_append_attribute (xml, "SPNameQualifier", subject->sp_name_qualifier);
  g_string_append_printf (xml, ">%s</saml:NameID>", value);
}

static char *
build_content (const DoorSamlLogoutMessage *message)
{
  GString *xml = g_string_new (NULL);
  g_autofree char *index =
      message->session_index != NULL ? g_markup_escape_text (message->session_index, -1) : NULL;

  if (message->in_response_to != NULL)
    {
      g_string_append_printf (xml, "<samlp:Status><samlp:StatusCode Value=\"" STATUS "%s\"%s</samlp:Status>",
                              message->success ? "Success" : "Responder",
                              message->success ? "/>"
                                               : "><samlp:StatusCode Value=\"" STATUS
                                                 "PartialLogout\"/></samlp:StatusCode>");
      return g_string_free (xml, FALSE);
    }
  append_name_id (xml, message->subject);
  if (index != NULL)
    g_string_append_printf (xml, "<samlp:SessionIndex>%s</samlp:SessionIndex>", index);
  return g_string_free (xml, FALSE);
}

static char *
build_attributes (const DoorSamlLogoutMessage *message)
{
  GString *xml = g_string_new (NULL);

  if (message->in_response_to != NULL)
    door_saml_message_append_attribute (xml, "InResponseTo", message->in_response_to);
  return g_string_free (xml, FALSE);
}

static DoorSamlOutgoing
make_outgoing (const DoorSamlLogoutMessage *message, const char *attributes, const char *content)
{
  bool answer = message->in_response_to != NULL;

  return (DoorSamlOutgoing){ .element = answer ? "LogoutResponse" : "LogoutRequest",
                             .field = answer ? "SAMLResponse" : "SAMLRequest",
                             .id = message->id,
                             .issued_at_ms = message->issued_at_ms,
                             .destination = message->destination,
                             .issuer = message->issuer,
                             .relay_state = message->relay_state,
                             .key = message->signing_key,
                             .attributes = attributes,
                             .content = content };
}

/* The subject and what the provider has sent go into it again. */
static bool
check_message (const DoorSamlLogoutMessage *message, GError **error)
{
  const DoorSubject *subject = message->subject;

  g_return_val_if_fail (message->signing_key != NULL, false);
  g_return_val_if_fail ((message->in_response_to == NULL) == (subject != NULL), false);
  return door_saml_message_check_text (message->in_response_to, error) &&
         door_saml_message_check_text (message->session_index, error) &&
         (subject == NULL || (door_saml_message_check_text (subject->value, error) &&
                              door_saml_message_check_text (subject->format, error) &&
                              door_saml_message_check_text (subject->name_qualifier, error) &&
                              door_saml_message_check_text (subject->sp_name_qualifier, error)));
}

/**
 * door_saml_logout_build_redirect_url:
 * @message: what to say
 * @error: return location for an error
 *
 * Builds the address of a signed logout message by the HTTP-Redirect binding (SAML bindings 3.4, profiles
 * 4.4). Pure; any thread.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG or _FAILED
 */
char *
door_saml_logout_build_redirect_url (const DoorSamlLogoutMessage *message, GError **error)
{
  g_autofree char *attributes = NULL, *content = NULL;
  DoorSamlOutgoing outgoing;

  if (!check_message (message, error))
    return NULL;
  attributes = build_attributes (message);
  content = build_content (message);
  outgoing = make_outgoing (message, attributes, content);
  return door_saml_message_build_redirect_url (&outgoing, error);
}

/**
 * door_saml_logout_build_form:
 * @message: what to say
 * @form: (out caller-allocates): what a page posts; clear it
 * @error: return location for an error
 *
 * Builds a signed logout message by the HTTP-POST binding (SAML bindings 3.5, profiles 4.4). Pure; any
 * thread.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG or _FAILED
 */
bool
door_saml_logout_build_form (const DoorSamlLogoutMessage *message, DoorSamlForm *form, GError **error)
{
  g_autofree char *attributes = NULL, *content = NULL;
  DoorSamlOutgoing outgoing;

  if (!check_message (message, error))
    return false;
  attributes = build_attributes (message);
  content = build_content (message);
  outgoing = make_outgoing (message, attributes, content);
  return door_saml_message_build_form (&outgoing, form, error);
}

static bool
check_issuer (const xmlNode *root, const DoorSamlLogoutExpectation *expect, GError **error)
{
  xmlNode *issuer = NULL;
  g_autofree char *text = NULL;

  if (!door_saml_xml_get_only_child (root, NS, "Issuer", &issuer, error))
    return false;
  text = issuer != NULL ? door_saml_xml_strip (door_saml_xml_dup_text (issuer)) : NULL;
  if (text == NULL)
    return refuse (error, DOOR_FAULT_SAML_ISSUER, "there is no Issuer, or it has markup inside");
  if (strcmp (text, door_saml_metadata_get_entity_id (expect->metadata)) == 0 ||
      (expect->issuers != NULL && g_strv_contains (expect->issuers, text)))
    return true;
  return refuse (error, DOOR_FAULT_SAML_ISSUER, "the Issuer is %.200s", text);
}

/* It is signed, so its address must be there and ours (bindings 3.4.5.2 and 3.5.5.2). */
static bool
check_destination (const xmlNode *root, const DoorSamlLogoutExpectation *expect, GError **error)
{
  return g_strcmp0 (door_saml_xml_get_attribute (root, "Destination"), expect->location) == 0 ||
         refuse (error, DOOR_FAULT_SAML_DESTINATION, "the Destination is missing or not our address");
}

/* Whoever has kept an old request could end sessions with it for ever (CVE-2023-40178). */
static bool
check_times (const xmlNode *root, const DoorSamlLogoutExpectation *expect, GError **error)
{
  const char *end = door_saml_xml_get_attribute (root, "NotOnOrAfter");
  int64_t skew_ms = expect->clock_skew_s * 1000, issued_ms = 0, end_ms = 0;

  if (!door_saml_time_parse (door_saml_xml_get_attribute (root, "IssueInstant"), &issued_ms) ||
      (end != NULL && !door_saml_time_parse (end, &end_ms)))
    return refuse (error, DOOR_FAULT_SAML_CONDITIONS, "NotOnOrAfter is not a time");
  if (end == NULL)
    end_ms = issued_ms + INT64_C (1000) * MAX_AGE_S;
  if (expect->now_ms < issued_ms - skew_ms)
    return refuse (error, DOOR_FAULT_SAML_EARLY, "it is from the future");
  return expect->now_ms < end_ms + skew_ms || refuse (error, DOOR_FAULT_SAML_LATE, "it is too old");
}

static char *
read_text (const xmlNode *element)
{
  g_autofree char *text = door_saml_xml_strip (door_saml_xml_dup_text (element));

  return text != NULL && *text != '\0' && strlen (text) <= MAX_TEXT_BYTES ? g_steal_pointer (&text) : NULL;
}

static bool
read_request (DoorSamlLogout *self, const xmlNode *root, GError **error)
{
  xmlNode *name_id = NULL;
  const xmlNode *at = NULL;

  if (door_saml_xml_lookup_child (root, NS, "EncryptedID", NULL) != NULL)
    return refuse (error, DOOR_FAULT_SAML_ENCRYPTED, "the subject is encrypted");
  if (!door_saml_xml_get_only_child (root, NS, "NameID", &name_id, error))
    return false;
  self->name_id = name_id != NULL ? read_text (name_id) : NULL;
  if (self->name_id == NULL)
    return refuse (error, DOOR_FAULT_SAML_NAMEID, "there is no NameID, or it is empty or has markup inside");
  while ((at = door_saml_xml_lookup_child (root, DOOR_SAML_NS_PROTOCOL, "SessionIndex", at)) != NULL)
    {
      char *index = read_text (at);

      if (index == NULL || self->session_indexes->len == MAX_SESSION_INDEXES)
        {
          g_free (index);
          return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "a SessionIndex is empty, or there are too many");
        }
      g_ptr_array_add (self->session_indexes, index);
    }
  return true;
}

static bool
read_response (DoorSamlLogout *self, const xmlNode *root, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->in_response_to = g_strdup (door_saml_xml_get_attribute (root, "InResponseTo"));
  if (self->in_response_to == NULL)
    return refuse (error, DOOR_FAULT_SAML_UNSOLICITED, "it answers no request");
  self->is_success = door_saml_document_check_status (root, &local);
  if (self->is_success || door_error_get_fault (local) == DOOR_FAULT_SAML_STATUS)
    return true;
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* Everything but the signature, which has been verified. */
static DoorSamlLogout *
read_message (const xmlNode *root, bool is_request, const DoorSamlLogoutExpectation *expect, GError **error)
{
  g_autoptr (DoorSamlLogout) self = NULL;

  if (!check_issuer (root, expect, error) || !check_destination (root, expect, error) ||
      !check_times (root, expect, error))
    return NULL;
  self = g_new0 (DoorSamlLogout, 1);
  self->is_request = is_request;
  self->id = g_strdup (door_saml_xml_get_attribute (root, "ID"));
  self->session_indexes = g_ptr_array_new_with_free_func (g_free);
  if (is_request ? !read_request (self, root, error) : !read_response (self, root, error))
    return NULL;
  g_ptr_array_add (self->session_indexes, NULL);
  return g_steal_pointer (&self);
}

/* What the field says it is, with @n_signatures signatures in it. */
static bool
check_structure (const xmlNode *root, bool is_request, unsigned int n_signatures, GError **error)
{
  g_auto (DoorSamlCensus) census = { 0 };

  if (!door_saml_xml_is (root, DOOR_SAML_NS_PROTOCOL, is_request ? "LogoutRequest" : "LogoutResponse"))
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "the root is not the message the field is for");
  if (!door_saml_document_check_head (root, error) || !door_saml_census_take (&census, root, error))
    return false;
  return census.signatures == n_signatures ||
         refuse (error, DOOR_FAULT_SAML_STRUCTURE, "a signature stands where none may");
}

/* The octets as they came; and with escapes in small letters, which AD FS signs and the HTTP library writes
 * in capital ones. Both say the same, so what is read is what was signed. */
static bool
check_octets (DoorSamlRedirect *redirect, const DoorSamlLogoutExpectation *expect, GError **error)
{
  const GPtrArray *keys = door_saml_metadata_get_keys (expect->metadata);
  g_autoptr (GError) first = NULL;

  if (door_saml_signature_check_octets (redirect, keys, expect->allow_sha1, &first))
    return true;
  door_saml_redirect_lower_escapes (redirect);
  /* if it fails once more, then for the same reason */
  if (door_saml_signature_check_octets (redirect, keys, expect->allow_sha1, NULL))
    return true;
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

/**
 * door_saml_logout_verify_query:
 * @query: the query as it came, without "?"
 * @expect: what to measure it against
 * @error: return location for an error
 *
 * Verifies a LogoutRequest or LogoutResponse by the HTTP-Redirect binding (SAML bindings 3.4, profiles 4.4):
 * signature over the octets as they came, whatever the letters of their escapes, by a key of the metadata.
 * CPU-bound; any thread.
 *
 * Returns: (transfer full): the message, or %NULL with the fault of the check that failed
 */
DoorSamlLogout *
door_saml_logout_verify_query (const char *query, const DoorSamlLogoutExpectation *expect, GError **error)
{
  g_auto (DoorSamlRedirect) redirect = { NULL };
  g_autoptr (xmlDoc) doc = NULL;
  DoorSamlLogout *self;
  bool is_request;

  if (!door_saml_redirect_parse (query, &redirect, error))
    return NULL;
  is_request = g_str_equal (redirect.field, "SAMLRequest");
  if (!check_octets (&redirect, expect, error))
    return NULL;
  doc = door_saml_document_parse (redirect.xml, error);
  if (doc == NULL || !check_structure (xmlDocGetRootElement (doc), is_request, 0, error))
    return NULL;
  self = read_message (xmlDocGetRootElement (doc), is_request, expect, error);
  if (self != NULL)
    self->relay_state = g_steal_pointer (&redirect.relay_state);
  return self;
}

/**
 * door_saml_logout_verify_form:
 * @field: name of the field, "SAMLRequest" or "SAMLResponse"
 * @value: its value, after form decoding
 * @expect: what to measure it against
 * @error: return location for an error
 *
 * Verifies a LogoutRequest or LogoutResponse by the HTTP-POST binding (SAML bindings 3.5, profiles 4.4),
 * which must be signed as a whole. CPU-bound; any thread.
 *
 * Returns: (transfer full): the message, or %NULL with the fault of the check that failed
 */
DoorSamlLogout *
door_saml_logout_verify_form (const char *field, const char *value, const DoorSamlLogoutExpectation *expect,
                              GError **error)
{
  g_autoptr (GBytes) xml = door_saml_document_decode (value, strlen (value), field, error);
  g_autoptr (xmlDoc) doc = xml != NULL ? door_saml_document_parse (xml, error) : NULL;
  bool is_request = g_str_equal (field, "SAMLRequest");
  xmlNode *root, *signature = NULL;

  if (doc == NULL)
    return NULL;
  root = xmlDocGetRootElement (doc);
  if (!door_saml_xml_get_only_child (root, DOOR_SAML_NS_SIGNATURE, "Signature", &signature, error) ||
      !check_structure (root, is_request, signature != NULL ? 1 : 0, error))
    return NULL;
  if (signature == NULL)
    {
      refuse (error, DOOR_FAULT_SAML_UNSIGNED, "the message is not signed");
      return NULL;
    }
  if (!door_saml_document_verify_signature (signature, root, expect->metadata, expect->allow_sha1, error))
    return NULL;
  return read_message (root, is_request, expect, error);
}

/**
 * door_saml_logout_free:
 * @self: (transfer full): a message
 */
void
door_saml_logout_free (DoorSamlLogout *self)
{
  g_free (self->id);
  g_free (self->in_response_to);
  g_free (self->name_id);
  g_clear_pointer (&self->session_indexes, g_ptr_array_unref);
  g_free (self->relay_state);
  g_free (self);
}

/**
 * door_saml_logout_is_request:
 * @self: a message
 *
 * Returns: whether it asks for something; else it answers
 */
bool
door_saml_logout_is_request (const DoorSamlLogout *self)
{
  return self->is_request;
}

/**
 * door_saml_logout_is_success:
 * @self: a message
 *
 * Returns: for an answer, whether all has ended
 */
bool
door_saml_logout_is_success (const DoorSamlLogout *self)
{
  return self->is_success;
}

/**
 * door_saml_logout_get_id:
 * @self: a message
 *
 * Returns: (transfer none): its ID
 */
const char *
door_saml_logout_get_id (const DoorSamlLogout *self)
{
  return self->id;
}

/**
 * door_saml_logout_get_in_response_to:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the request it answers; %NULL for a request
 */
const char *
door_saml_logout_get_in_response_to (const DoorSamlLogout *self)
{
  return self->in_response_to;
}

/**
 * door_saml_logout_get_name_id:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): whose sessions end; %NULL for an answer
 */
const char *
door_saml_logout_get_name_id (const DoorSamlLogout *self)
{
  return self->name_id;
}

/**
 * door_saml_logout_get_session_indexes:
 * @self: a message
 *
 * Returns: (transfer none) (array zero-terminated=1): which sessions end; empty for all
 */
const char *const *
door_saml_logout_get_session_indexes (const DoorSamlLogout *self)
{
  return (const char *const *) self->session_indexes->pdata;
}

/**
 * door_saml_logout_get_relay_state:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): RelayState of a query; that of a form is the caller's
 */
const char *
door_saml_logout_get_relay_state (const DoorSamlLogout *self)
{
  return self->relay_state;
}
