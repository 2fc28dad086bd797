/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sign-in.h"

#include <string.h>

#include "door-clock.h"
#include "saml-fixture.h"

#define RESULT "apple-remotemanagement-user-login://authentication-results?access-token="
#define BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#define EMAIL_FORMAT "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"

void
pending_free (Pending *self)
{
  g_free (self->cookie);
  g_free (self->request_id);
  g_free (self->relay_state);
  g_free (self->url);
  g_free (self->xml);
  g_free (self);
}

static char *
inflate_text (const char *base64)
{
  g_autoptr (GZlibDecompressor) inflater = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW);
  gsize size = 0, read = 0, written = 0;
  g_autofree guchar *data = g_base64_decode (base64, &size);
  char *text = g_malloc0 (8192);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_converter_convert (G_CONVERTER (inflater), data, size, text, 8191,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, &error),
                   ==, G_CONVERTER_FINISHED);
  return text;
}

/* What an identity provider reads from the address a browser is sent to. */
Pending *
pending_from_url (const char *url, const char *cookie)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, &error);
  g_autoptr (GHashTable) query = NULL;
  g_autofree char *xml = NULL;
  Pending *self = g_new0 (Pending, 1);
  const char *id;

  g_assert_no_error (error);
  query = g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, &error);
  g_assert_no_error (error);
  xml = inflate_text (g_hash_table_lookup (query, "SAMLRequest"));
  id = strstr (xml, " ID=\"");
  g_assert_nonnull (id);
  id += strlen (" ID=\"");
  self->request_id = g_strndup (id, strcspn (id, "\""));
  self->relay_state = g_strdup (g_hash_table_lookup (query, "RelayState"));
  self->cookie = g_strdup (cookie);
  self->url = g_strdup (url);
  self->xml = g_steal_pointer (&xml);
  return self;
}

Pending *
sign_in_begin (World *world, const char *target, const char *cookie)
{
  g_autoptr (DoorResponse) response = world_get (world, target, cookie);
  g_autofree char *fresh = world_dup_cookie (response);

  assert_status (response, 303);
  return pending_from_url (door_response_lookup_header (response, "Location"),
                           fresh != NULL ? fresh : cookie);
}

static const char *
or_else (const char *value, const char *usual)
{
  return value != NULL ? value : usual;
}

static char *
attribute (const char *name, const char *values)
{
  g_auto (GStrv) list = g_strsplit (values, ";", -1);
  GString *xml = g_string_new (NULL);

  if (*values == '\0')
    return g_string_free (xml, FALSE);
  g_string_append_printf (xml, "<saml:Attribute Name=\"%s\">", name);
  for (size_t i = 0; list[i] != NULL; i++)
    g_string_append_printf (xml, "<saml:AttributeValue>%s</saml:AttributeValue>", list[i]);
  g_string_append (xml, "</saml:Attribute>");
  return g_string_free (xml, FALSE);
}

static char *
build_assertion (const Answer *answer, const char *acs_url, const char *reference, int64_t at_ms)
{
  const char *mail = or_else (answer->mail, "ada@example.com");
  g_autofree char *at = door_clock_format_iso8601 (at_ms);
  g_autofree char *from = door_clock_format_iso8601 (at_ms - MINUTE_MS);
  g_autofree char *to = door_clock_format_iso8601 (at_ms + 5 * MINUTE_MS);
  g_autofree char *mail_xml = attribute ("mail", mail);
  g_autofree char *groups_xml = attribute ("groups", or_else (answer->groups, ""));
  g_autofree char *name_xml = attribute ("displayName", or_else (answer->name, "Ada Lovelace"));

  return g_strdup_printf (
      "<saml:Assertion ID=\"%s\" Version=\"2.0\" IssueInstant=\"%s\"><saml:Issuer>%s</saml:Issuer>@A@"
      "<saml:Subject><saml:NameID Format=\"" EMAIL_FORMAT "\">%s</saml:NameID>"
      "<saml:SubjectConfirmation Method=\"" BEARER "\"><saml:SubjectConfirmationData%s NotOnOrAfter=\"%s\""
      " Recipient=\"%s\"/></saml:SubjectConfirmation></saml:Subject>"
      "<saml:Conditions NotBefore=\"%s\" NotOnOrAfter=\"%s\"><saml:AudienceRestriction>"
      "<saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
      "<saml:AuthnStatement AuthnInstant=\"%s\" SessionIndex=\"_s1\"%s><saml:AuthnContext>"
      "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"
      "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
      "<saml:AttributeStatement>%s%s%s%s</saml:AttributeStatement></saml:Assertion>",
      or_else (answer->assertion_id, "_a1"), at, or_else (answer->issuer, SAML_IDP),
      or_else (answer->subject, "ada"), reference, to, acs_url, from, to, or_else (answer->audience, SAML_SP),
      at, or_else (answer->session, ""), mail_xml, groups_xml, name_xml, or_else (answer->attributes, ""));
}

/* The value of the form field. */
char *
answer_build (World *world, const Answer *answer)
{
  int64_t at_ms = answer->at_ms != 0 ? answer->at_ms : door_clock_now_ms (world->context.clock);
  g_autofree char *uri = g_strdup_printf ("#%s", or_else (answer->assertion_id, "_a1"));
  Signer signer = { .key = answer->key, .uri = uri };
  g_autofree char *at = door_clock_format_iso8601 (at_ms);
  g_autofree char *acs_url =
      g_strconcat ("https://mdm.example.com", or_else (answer->acs_path, OKTA_ACS), NULL);
  g_autofree char *reference = *answer->in_response_to != '\0'
                                   ? g_strdup_printf (" InResponseTo=\"%s\"", answer->in_response_to)
                                   : g_strdup ("");
  g_autofree char *assertion =
      answer->status == NULL ? build_assertion (answer, acs_url, reference, at_ms) : g_strdup ("");
  g_autofree char *text = g_strdup_printf (
      "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""
      " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\""
      " IssueInstant=\"%s\" Destination=\"%s\"%s><saml:Issuer>%s</saml:Issuer><samlp:Status>"
      "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:%s\"/></samlp:Status>%s</samlp:Response>",
      at, acs_url, reference, or_else (answer->issuer, SAML_IDP), or_else (answer->status, "Success"),
      assertion);
  g_autofree char *xml = fixture_sign (text, "A", &signer);

  return g_base64_encode ((const guchar *) xml, strlen (xml));
}

static GBytes *
build_form (const Carried *carried)
{
  GString *form = g_string_new (NULL);
  g_autofree char *saml =
      carried->saml_response != NULL ? g_uri_escape_string (carried->saml_response, NULL, FALSE) : NULL;

  if (saml != NULL)
    g_string_append_printf (form, "SAMLResponse=%s", saml);
  if (carried->relay_state != NULL)
    g_string_append_printf (form, "%sRelayState=%s", form->len > 0 ? "&" : "", carried->relay_state);
  return g_string_free_to_bytes (form);
}

DoorResponse *
sign_in_post (World *world, const Carried *carried)
{
  g_autoptr (GBytes) form = build_form (carried);
  const Visit visit = {
    .method = "POST",
    .target = or_else (carried->acs_path, OKTA_ACS),
    .content_type = "application/x-www-form-urlencoded",
    .cookie = carried->cookie,
    .peer = carried->peer,
    .body = form,
  };

  return world_visit (world, &visit);
}

/* The answer to what is pending, brought by the browser that asked. */
DoorResponse *
sign_in_answer (World *world, const Pending *pending, const Answer *answer)
{
  Answer whole = *answer;
  g_autofree char *saml_response = NULL;
  Carried carried = { .acs_path = answer->acs_path,
                      .relay_state = pending->relay_state,
                      .cookie = pending->cookie };

  if (whole.in_response_to == NULL)
    whole.in_response_to = pending->request_id;
  saml_response = answer_build (world, &whole);
  carried.saml_response = saml_response;
  return sign_in_post (world, &carried);
}

/* (nullable): the access token of an answer */
char *
sign_in_dup_token (const DoorResponse *response)
{
  const char *location = door_response_lookup_header (response, "Location");

  return location != NULL && g_str_has_prefix (location, RESULT) ? g_strdup (location + strlen (RESULT))
                                                                 : NULL;
}

static char *
find_between (const char *text, const char *start, const char *end)
{
  const char *from = strstr (text, start), *to;

  if (from == NULL)
    return NULL;
  from += strlen (start);
  to = strstr (from, end);
  g_assert_nonnull (to);
  return g_strndup (from, (size_t) (to - from));
}

char *
sign_in_dup_code (const DoorResponse *response)
{
  g_autofree char *body = world_dup_body (response);

  return find_between (body, "<dd id=\"code\" dir=\"ltr\">", "</dd>");
}

/* (nullable): where "Try again" leads */
char *
sign_in_dup_retry_path (const DoorResponse *response)
{
  g_autofree char *body = world_dup_body (response);
  g_autofree char *escaped = find_between (body, "id=\"try-again\" href=\"", "\"");
  g_auto (GStrv) parts = escaped != NULL ? g_strsplit (escaped, "&amp;", -1) : NULL;

  return parts != NULL ? g_strjoinv ("&", parts) : NULL;
}

/* From the start to the access token. */
char *
sign_in (World *world, const char *target, const Answer *answer)
{
  g_autoptr (Pending) pending = sign_in_begin (world, target, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, answer);
  char *token = sign_in_dup_token (response);

  assert_status (response, 308);
  g_assert_nonnull (token);
  return token;
}

/* A page with a code whose record names the fault and that gives nothing away. */
void
sign_in_assert_refused (World *world, const DoorResponse *response, unsigned int status, const char *fault)
{
  g_autofree char *code = sign_in_dup_code (response);
  g_autofree char *sql = g_strdup_printf ("SELECT fault FROM attempt WHERE code = '%s'", code);
  g_autofree char *fault_row = world_read (world, sql);
  g_autofree char *expected = g_strdup_printf ("[{'fault': <'%s'>}]", fault);
  g_autofree char *body = world_dup_body (response);

  g_assert_cmpstr (fault_row, ==, expected);
  assert_status (response, status);
  g_assert_null (door_response_lookup_header (response, "Location"));
  g_assert_null (strstr (body, "DW-"));
  g_assert_null (strstr (body, "<saml"));
  g_assert_null (strstr (body, "InResponseTo"));
}
