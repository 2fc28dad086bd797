/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-answer.h"

#include <string.h>

#include "idp-key.h"
#include "idp-xml.h"

#define VALIDITY_S 300
#define BACKDATING_S 60
#define NESTING_LEVELS 200
#define MANY_ATTRIBUTES 5000
#define HUGE_BYTES (2 * 1024 * 1024)
#define ID_BYTES 16

#define STATUS_PREFIX "urn:oasis:names:tc:SAML:2.0:status:"
#define METHOD_BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"
#define CLASS_PASSWORD "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
#define ATTRNAME_BASIC "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"

static char *
new_id (void)
{
  g_autofree char *hex = idp_random_hex (ID_BYTES);

  return g_strconcat ("_", hex, NULL);
}

/* Email for unspecified too: that is what the common providers are set up to send. */
static void
choose_name_id (IdpAnswer *answer, const char *format, const char *entity_id, const char *issuer)
{
  g_autofree char *pair = g_strjoin ("\n", entity_id, issuer, answer->user->name, NULL);

  if (format == NULL || g_str_equal (format, IDP_NAME_ID_EMAIL) ||
      g_str_equal (format, IDP_NAME_ID_UNSPECIFIED))
    {
      answer->name_id = g_strdup (answer->user->email);
      answer->name_id_format = g_strdup (IDP_NAME_ID_EMAIL);
      return;
    }
  answer->name_id_format = g_strdup (format);
  if (g_str_equal (format, IDP_NAME_ID_PERSISTENT))
    answer->name_id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, pair, -1);
  else if (g_str_equal (format, IDP_NAME_ID_TRANSIENT))
    answer->name_id = new_id ();
  else
    idp_answer_refuse (answer, "Requester", "InvalidNameIDPolicy", "this NameIDPolicy is not known here");
}

/**
 * idp_answer_new:
 * @request: what is answered
 * @user: who has signed in; has to outlive the answer
 * @entity_id: the entity id of this identity provider
 * @now: the time of the answer
 *
 * Makes a correct answer (SAML Profiles, 4.1.4.2), valid for five minutes. Does not block.
 *
 * Returns: (transfer full): the answer
 */
IdpAnswer *
idp_answer_new (const IdpRequest *request, const IdpUser *user, const char *entity_id, GDateTime *now)
{
  IdpAnswer *answer = g_new0 (IdpAnswer, 1);
  const char *acs_url = idp_request_get_acs_url (request);
  const char *issuer = idp_request_get_issuer (request);

  answer->user = user;
  answer->response_id = new_id ();
  answer->assertion_id = new_id ();
  answer->session_index = new_id ();
  answer->response_issuer = g_strdup (entity_id);
  answer->assertion_issuer = g_strdup (entity_id);
  answer->destination = g_strdup (acs_url);
  answer->recipient = g_strdup (acs_url);
  answer->audience = g_strdup (issuer);
  answer->in_response_to = g_strdup (idp_request_get_id (request));
  answer->confirmation_method = METHOD_BEARER;
  answer->issued = g_date_time_to_utc (now);
  answer->authenticated = g_date_time_to_utc (now);
  answer->not_before = g_date_time_add_seconds (answer->issued, -BACKDATING_S);
  answer->not_on_or_after = g_date_time_add_seconds (answer->issued, VALIDITY_S);
  answer->status.code = "Success";
  choose_name_id (answer, idp_request_get_name_id_format (request), entity_id, issuer);
  return answer;
}

/**
 * idp_answer_free:
 * @answer: (transfer full): an answer
 *
 * Frees @answer. Does not block.
 */
void
idp_answer_free (IdpAnswer *answer)
{
  g_free (answer->response_id);
  g_free (answer->assertion_id);
  g_free (answer->session_index);
  g_free (answer->response_issuer);
  g_free (answer->assertion_issuer);
  g_free (answer->destination);
  g_free (answer->recipient);
  g_free (answer->audience);
  g_free (answer->in_response_to);
  g_free (answer->name_id);
  g_free (answer->name_id_format);
  g_date_time_unref (answer->issued);
  g_date_time_unref (answer->authenticated);
  g_date_time_unref (answer->not_before);
  g_date_time_unref (answer->not_on_or_after);
  g_free (answer);
}

/**
 * idp_answer_set_session:
 * @answer: an answer
 * @index: the SessionIndex
 * @authenticated: when the person typed the password
 *
 * Makes the authentication statement speak of a session that exists already.
 */
void
idp_answer_set_session (IdpAnswer *answer, const char *index, GDateTime *authenticated)
{
  g_free (answer->session_index);
  answer->session_index = g_strdup (index);
  g_date_time_unref (answer->authenticated);
  answer->authenticated = g_date_time_to_utc (authenticated);
}

/**
 * idp_answer_refuse:
 * @answer: an answer
 * @code: last part of the top-level status code, a literal
 * @detail: last part of the second-level status code, a literal
 * @message: text for people, a literal
 *
 * Turns @answer into an error without assertion (SAML Core, 3.2.2).
 */
void
idp_answer_refuse (IdpAnswer *answer, const char *code, const char *detail, const char *message)
{
  answer->status = (IdpStatus){ .code = code, .detail = detail, .message = message };
}

/**
 * idp_answer_shift_times:
 * @answer: an answer
 * @seconds: how far
 *
 * Moves both ends of the validity of the assertion, and leaves the time of issue alone.
 */
void
idp_answer_shift_times (IdpAnswer *answer, int seconds)
{
  GDateTime *not_before = g_date_time_add_seconds (answer->not_before, seconds);
  GDateTime *not_on_or_after = g_date_time_add_seconds (answer->not_on_or_after, seconds);

  g_date_time_unref (answer->not_before);
  g_date_time_unref (answer->not_on_or_after);
  answer->not_before = not_before;
  answer->not_on_or_after = not_on_or_after;
}

static void
set_time (xmlNode *element, const char *name, const IdpAnswer *answer, GDateTime *when)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_offset (2 * 3600);
  g_autoptr (GDateTime) local = g_date_time_to_timezone (when, zone);
  g_autofree char *text = NULL;

  if (answer->time_form == IDP_TIME_OFFSET)
    text = g_date_time_format (local, "%Y-%m-%dT%H:%M:%S+02:00");
  else if (answer->time_form == IDP_TIME_FRACTION)
    text = g_date_time_format (when, "%Y-%m-%dT%H:%M:%S.123456Z");
  else
    text = g_date_time_format (when, "%Y-%m-%dT%H:%M:%SZ");
  idp_xml_set (element, name, text);
}

static void
add_issuer (xmlNode *parent, const char *issuer)
{
  xmlNode *element = idp_xml_new_element (parent, IDP_NS_ASSERTION, "saml", "Issuer");

  xmlNodeAddContent (element, BAD_CAST issuer);
  xmlAddChild (parent, element);
}

static void
add_extensions (const IdpAnswer *answer, xmlNode *response)
{
  xmlNode *place = NULL;

  if ((answer->shape & (IDP_SHAPE_DEEP_NESTING | IDP_SHAPE_MANY_ATTRIBUTES)) == 0)
    return;
  place = idp_xml_add (response, "Extensions", NULL);
  place = xmlAddChild (place, idp_xml_new_element (response, IDP_NS_DEV, "dev", "Load"));
  if (answer->shape & IDP_SHAPE_DEEP_NESTING)
    for (int i = 0; i < NESTING_LEVELS; i++)
      place = idp_xml_add (place, "Level", NULL);
  else
    for (int i = 0; i < MANY_ATTRIBUTES; i++)
      {
        g_autofree char *name = g_strdup_printf ("a%d", i);

        xmlNewProp (place, BAD_CAST name, BAD_CAST "");
      }
}

static void
add_status (const IdpStatus *status, xmlNode *response)
{
  xmlNode *element = idp_xml_add (response, "Status", NULL);
  xmlNode *code = idp_xml_add (element, "StatusCode", NULL);
  g_autofree char *value = g_strconcat (STATUS_PREFIX, status->code, NULL);

  idp_xml_set (code, "Value", value);
  if (status->detail != NULL)
    {
      g_autofree char *detail = g_strconcat (STATUS_PREFIX, status->detail, NULL);

      idp_xml_set (idp_xml_add (code, "StatusCode", NULL), "Value", detail);
    }
  if (status->message != NULL)
    idp_xml_add (element, "StatusMessage", status->message);
}

/* Canonicalisation drops comments, so the signed name is the joined text; readers of the first text node see
 * the person, everybody else a stranger at evil.example. */
static void
add_name_id (const IdpAnswer *answer, xmlNode *subject, const char *text)
{
  xmlNode *name_id = NULL;

  if (answer->shape & IDP_SHAPE_NO_NAME_ID)
    return;
  name_id = idp_xml_add (subject, "NameID", text);
  idp_xml_set (name_id, "Format", answer->name_id_format);
  if ((answer->shape & IDP_SHAPE_COMMENT_IN_NAME_ID) == 0)
    return;
  xmlAddChild (name_id, xmlNewDocComment (subject->doc, BAD_CAST ""));
  xmlAddChild (name_id, xmlNewDocText (subject->doc, BAD_CAST ".evil.example"));
}

static void
add_subject (const IdpAnswer *answer, xmlNode *assertion, const char *name_id)
{
  xmlNode *subject = idp_xml_add (assertion, "Subject", NULL);
  xmlNode *confirmation = NULL;
  xmlNode *data = NULL;

  add_name_id (answer, subject, name_id);
  confirmation = idp_xml_add (subject, "SubjectConfirmation", NULL);
  idp_xml_set (confirmation, "Method", answer->confirmation_method);
  if (answer->shape & IDP_SHAPE_NO_CONFIRMATION_DATA)
    return;
  data = idp_xml_add (confirmation, "SubjectConfirmationData", NULL);
  idp_xml_set (data, "InResponseTo", answer->in_response_to);
  set_time (data, "NotOnOrAfter", answer, answer->not_on_or_after);
  idp_xml_set (data, "Recipient", answer->recipient);
}

static void
add_conditions (const IdpAnswer *answer, xmlNode *assertion)
{
  xmlNode *conditions = NULL;

  if (answer->shape & IDP_SHAPE_NO_CONDITIONS)
    return;
  conditions = idp_xml_add (assertion, "Conditions", NULL);
  set_time (conditions, "NotBefore", answer, answer->not_before);
  set_time (conditions, "NotOnOrAfter", answer, answer->not_on_or_after);
  if ((answer->shape & IDP_SHAPE_NO_AUDIENCE) == 0)
    idp_xml_add (idp_xml_add (conditions, "AudienceRestriction", NULL), "Audience", answer->audience);
  if (answer->shape & IDP_SHAPE_ONE_TIME_USE)
    idp_xml_add (conditions, "OneTimeUse", NULL);
  if (answer->shape & IDP_SHAPE_PROXY_RESTRICTION)
    idp_xml_set (idp_xml_add (conditions, "ProxyRestriction", NULL), "Count", "0");
  if (answer->shape & IDP_SHAPE_UNKNOWN_CONDITION)
    {
      xmlNode *condition = idp_xml_add (conditions, "Condition", NULL);
      xmlNs *xsi = xmlNewNs (condition, BAD_CAST IDP_NS_XSI, BAD_CAST "xsi");

      xmlNewNs (condition, BAD_CAST IDP_NS_DEV, BAD_CAST "dev");
      xmlSetNsProp (condition, xsi, BAD_CAST "type", BAD_CAST "dev:OnlyAtFullMoon");
    }
}

static void
add_authn_statement (const IdpAnswer *answer, xmlNode *assertion)
{
  xmlNode *statement = NULL;
  xmlNode *context = NULL;

  if (answer->shape & IDP_SHAPE_NO_AUTHN_STATEMENT)
    return;
  statement = idp_xml_add (assertion, "AuthnStatement", NULL);
  set_time (statement, "AuthnInstant", answer, answer->authenticated);
  idp_xml_set (statement, "SessionIndex", answer->session_index);
  context = idp_xml_add (statement, "AuthnContext", NULL);
  idp_xml_add (context, "AuthnContextClassRef", CLASS_PASSWORD);
}

static xmlNode *
add_attribute (xmlNode *statement, const char *name)
{
  xmlNode *attribute = idp_xml_add (statement, "Attribute", NULL);

  idp_xml_set (attribute, "Name", name);
  idp_xml_set (attribute, "NameFormat", ATTRNAME_BASIC);
  return attribute;
}

static void
add_value (xmlNode *statement, const char *name, const char *value)
{
  if (value != NULL)
    idp_xml_add (add_attribute (statement, name), "AttributeValue", value);
}

static void
add_attributes (const IdpAnswer *answer, xmlNode *assertion, const char *email)
{
  const IdpUser *user = answer->user;
  xmlNode *statement = idp_xml_add (assertion, "AttributeStatement", NULL);
  xmlNode *groups = NULL;

  add_value (statement, "email", email);
  add_value (statement, "displayName", user->display_name);
  add_value (statement, "givenName", user->given_name);
  add_value (statement, "sn", user->family_name);
  add_value (statement, "department", user->department);
  if (user->groups != NULL && user->groups[0] != NULL)
    groups = add_attribute (statement, "groups");
  for (size_t i = 0; groups != NULL && user->groups[i] != NULL; i++)
    idp_xml_add (groups, "AttributeValue", user->groups[i]);
  if (answer->shape & IDP_SHAPE_HUGE)
    {
      g_autofree char *padding = g_strnfill (HUGE_BYTES, 'x');

      add_value (statement, "padding", padding);
    }
}

static void
add_assertion (const IdpAnswer *answer, xmlNode *response, const char *id, const char *evil_email)
{
  xmlNode *assertion = idp_xml_new_element (response, IDP_NS_ASSERTION, "saml", "Assertion");

  xmlAddChild (response, assertion);
  idp_xml_set (assertion, "ID", id);
  idp_xml_set (assertion, "Version", "2.0");
  set_time (assertion, "IssueInstant", answer, answer->issued);
  idp_xml_add (assertion, "Issuer", answer->assertion_issuer);
  add_subject (answer, assertion, evil_email != NULL ? evil_email : answer->name_id);
  add_conditions (answer, assertion);
  add_authn_statement (answer, assertion);
  add_attributes (answer, assertion, evil_email != NULL ? evil_email : answer->user->email);
}

/**
 * idp_answer_build:
 * @answer: an answer
 *
 * Writes the Response element (SAML Core, 3.2.2 and 2.3), not signed yet. Does not block.
 *
 * Returns: (transfer full): the document
 */
xmlDoc *
idp_answer_build (const IdpAnswer *answer)
{
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");
  xmlNode *response = idp_xml_new_root (doc, IDP_NS_PROTOCOL, "samlp", "Response");

  idp_xml_set (response, "ID", answer->response_id);
  idp_xml_set (response, "Version", "2.0");
  set_time (response, "IssueInstant", answer, answer->issued);
  idp_xml_set (response, "Destination", answer->destination);
  idp_xml_set (response, "InResponseTo", answer->in_response_to);
  add_issuer (response, answer->response_issuer);
  add_extensions (answer, response);
  add_status (&answer->status, response);
  if (!g_str_equal (answer->status.code, "Success"))
    return doc;
  add_assertion (answer, response, answer->assertion_id, NULL);
  if (answer->shape & IDP_SHAPE_TWO_ASSERTIONS)
    {
      g_autofree char *second_id = new_id ();

      add_assertion (answer, response, second_id, IDP_EVIL_EMAIL);
    }
  return doc;
}
