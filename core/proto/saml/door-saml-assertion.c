/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-assertion.h"

#include <string.h>

#include "door-error.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

#define NS DOOR_SAML_NS_ASSERTION
#define FORMAT_ENTITY "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
#define METHOD_BEARER "urn:oasis:names:tc:SAML:2.0:cm:bearer"

static bool G_GNUC_PRINTF (3, 4) refuse (GError **error, DoorFault fault, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "assertion: %s", reason);
  return false;
}

/* An attribute that is a time. Leaves @ms alone, and @present false, when it is not there. */
static bool
read_time (const xmlNode *element, const char *name, DoorFault fault, int64_t *ms, bool *present,
           GError **error)
{
  const char *text = door_saml_xml_get_attribute (element, name);

  *present = text != NULL;
  if (text != NULL && !door_saml_time_parse (text, ms))
    return refuse (error, fault, "%s of %s is not a time", name, (const char *) element->name);
  return true;
}

static bool
is_early (int64_t not_before_ms, const DoorSamlExpectation *expect)
{
  return expect->now_ms < not_before_ms - expect->clock_skew_s * 1000;
}

static bool
is_late (int64_t not_on_or_after_ms, const DoorSamlExpectation *expect)
{
  return expect->now_ms >= not_on_or_after_ms + expect->clock_skew_s * 1000;
}

/**
 * door_saml_assertion_check_issuer: (skip)
 * @parent: a Response or an Assertion
 * @required: whether the Issuer must be there
 * @expect: what to measure against
 * @error: return location for an error
 *
 * The Issuer is the identity provider that was asked (SAML profiles 4.1.4.2), byte for byte but for white
 * space at the ends.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_ISSUER or _STRUCTURE
 */
bool
door_saml_assertion_check_issuer (const xmlNode *parent, bool required, const DoorSamlExpectation *expect,
                                  GError **error)
{
  xmlNode *issuer = NULL;
  const char *format;
  g_autofree char *text = NULL;

  if (!door_saml_xml_get_only_child (parent, NS, "Issuer", &issuer, error))
    return false;
  if (issuer == NULL)
    return !required ||
           refuse (error, DOOR_FAULT_SAML_ISSUER, "%s has no Issuer", (const char *) parent->name);
  format = door_saml_xml_get_attribute (issuer, "Format");
  if (format != NULL && strcmp (format, FORMAT_ENTITY) != 0)
    return refuse (error, DOOR_FAULT_SAML_ISSUER, "the Issuer is not an entity");
  text = door_saml_xml_strip (door_saml_xml_dup_text (issuer));
  if (text == NULL)
    return refuse (error, DOOR_FAULT_SAML_ISSUER, "the Issuer has markup inside");
  if (strcmp (text, door_saml_metadata_get_entity_id (expect->metadata)) != 0)
    return refuse (error, DOOR_FAULT_SAML_ISSUER, "the Issuer of the %s is %.200s",
                   (const char *) parent->name, text);
  return true;
}

/* One AudienceRestriction: ours must be among the audiences. */
static bool
check_restriction (const xmlNode *restriction, const DoorSamlExpectation *expect, GError **error)
{
  bool found = false;

  for (const xmlNode *at = door_saml_xml_lookup_child (restriction, NS, "Audience", NULL); at != NULL;
       at = door_saml_xml_lookup_child (restriction, NS, "Audience", at))
    {
      g_autofree char *text = door_saml_xml_strip (door_saml_xml_dup_text (at));

      if (text == NULL)
        return refuse (error, DOOR_FAULT_SAML_AUDIENCE, "an Audience has markup inside");
      found = found || strcmp (text, expect->sp_entity_id) == 0;
    }
  return found || refuse (error, DOOR_FAULT_SAML_AUDIENCE, "an AudienceRestriction does not name us");
}

/* Every condition must be known (SAML core 2.5.1); the audience among them is what keeps apart the
 * applications of a provider that signs for all with one key. */
static bool
check_conditions (const xmlNode *conditions, const DoorSamlExpectation *expect, GError **error)
{
  unsigned int restrictions = 0;

  for (const xmlNode *at = conditions->children; at != NULL; at = at->next)
    {
      if (at->type != XML_ELEMENT_NODE)
        continue;
      if (door_saml_xml_is (at, NS, "AudienceRestriction"))
        {
          restrictions++;
          if (!check_restriction (at, expect, error))
            return false;
        }
      else if (!door_saml_xml_is (at, NS, "OneTimeUse") && !door_saml_xml_is (at, NS, "ProxyRestriction"))
        return refuse (error, DOOR_FAULT_SAML_CONDITIONS, "the condition %s is not understood",
                       (const char *) at->name);
    }
  return restrictions > 0 || refuse (error, DOOR_FAULT_SAML_AUDIENCE, "there is no AudienceRestriction");
}

static bool
check_window (DoorSamlResponse *self, const xmlNode *conditions, const DoorSamlExpectation *expect,
              GError **error)
{
  int64_t from = 0, until = 0;
  bool has_from, has_until;

  if (!read_time (conditions, "NotBefore", DOOR_FAULT_SAML_CONDITIONS, &from, &has_from, error) ||
      !read_time (conditions, "NotOnOrAfter", DOOR_FAULT_SAML_CONDITIONS, &until, &has_until, error))
    return false;
  if (has_from && has_until && from >= until)
    return refuse (error, DOOR_FAULT_SAML_CONDITIONS, "NotBefore is not before NotOnOrAfter");
  if (has_from && is_early (from, expect))
    return refuse (error, DOOR_FAULT_SAML_EARLY, "valid only from %s",
                   door_saml_xml_get_attribute (conditions, "NotBefore"));
  if (has_until && is_late (until, expect))
    return refuse (error, DOOR_FAULT_SAML_LATE, "valid only until %s",
                   door_saml_xml_get_attribute (conditions, "NotOnOrAfter"));
  if (has_until)
    self->expires_at_ms = MAX (self->expires_at_ms, until + expect->clock_skew_s * 1000);
  return true;
}

/* What the confirmation answers. The Response says the same, or it was put around a foreign assertion. */
static bool
check_in_response_to (const char *here, const char *response, bool allow_unsolicited, GError **error)
{
  if (here == NULL && response == NULL)
    return allow_unsolicited || refuse (error, DOOR_FAULT_SAML_UNSOLICITED, "it answers no request");
  if (here == NULL || response == NULL || strcmp (here, response) != 0)
    return refuse (error, DOOR_FAULT_SAML_INRESPONSETO, "InResponseTo of confirmation and response differ");
  return true;
}

/* One bearer confirmation (SAML profiles 4.1.4.2); gives the request it answers. */
static bool
check_confirmation (const xmlNode *data, const char *response_in_response_to,
                    const DoorSamlExpectation *expect, const char **in_response_to, GError **error)
{
  int64_t from = 0, until = 0;
  bool has_from, has_until;

  if (g_strcmp0 (door_saml_xml_get_attribute (data, "Recipient"), expect->acs_url) != 0)
    return refuse (error, DOOR_FAULT_SAML_RECIPIENT, "the Recipient is not our address");
  if (!read_time (data, "NotBefore", DOOR_FAULT_SAML_CONDITIONS, &from, &has_from, error) ||
      !read_time (data, "NotOnOrAfter", DOOR_FAULT_SAML_CONDITIONS, &until, &has_until, error))
    return false;
  if (!has_until)
    return refuse (error, DOOR_FAULT_SAML_CONDITIONS, "a bearer confirmation has no NotOnOrAfter");
  if (has_from && is_early (from, expect))
    return refuse (error, DOOR_FAULT_SAML_EARLY, "the confirmation is not valid yet");
  if (is_late (until, expect))
    return refuse (error, DOOR_FAULT_SAML_LATE, "the confirmation has expired");
  *in_response_to = door_saml_xml_get_attribute (data, "InResponseTo");
  return check_in_response_to (*in_response_to, response_in_response_to, expect->allow_unsolicited, error);
}

/* Data of a bearer confirmation; of other methods, and without data, there is nothing to read. */
static const xmlNode *
get_bearer_data (const xmlNode *confirmation)
{
  if (g_strcmp0 (door_saml_xml_get_attribute (confirmation, "Method"), METHOD_BEARER) != 0)
    return NULL;
  return door_saml_xml_lookup_child (confirmation, NS, "SubjectConfirmationData", NULL);
}

/* Any of several confirmations may be used one after the other, so the last to end counts. */
static void
note_expiry (DoorSamlResponse *self, const xmlNode *data, const DoorSamlExpectation *expect)
{
  const char *text = door_saml_xml_get_attribute (data, "NotOnOrAfter");
  int64_t ms;

  if (text != NULL && door_saml_time_parse (text, &ms))
    self->expires_at_ms = MAX (self->expires_at_ms, ms + expect->clock_skew_s * 1000);
}

/* One confirmation must hold; when none does, the first says why. */
static bool
check_subject (DoorSamlResponse *self, const xmlNode *assertion, const char *response_in_response_to,
               const DoorSamlExpectation *expect, GError **error)
{
  xmlNode *subject = NULL;
  const xmlNode *at = NULL;
  const char *in_response_to = NULL;
  g_autoptr (GError) first = NULL;

  if (!door_saml_xml_get_only_child (assertion, NS, "Subject", &subject, error))
    return false;
  while (subject != NULL &&
         (at = door_saml_xml_lookup_child (subject, NS, "SubjectConfirmation", at)) != NULL)
    {
      const xmlNode *data = get_bearer_data (at);
      g_autoptr (GError) local = NULL;

      if (data == NULL)
        continue;
      note_expiry (self, data, expect);
      if (self->confirmed)
        continue;
      if (check_confirmation (data, response_in_response_to, expect, &in_response_to, &local))
        {
          self->confirmed = true;
          self->in_response_to = g_strdup (in_response_to);
        }
      else if (first == NULL)
        first = g_steal_pointer (&local);
    }
  if (self->confirmed)
    return true;
  if (first == NULL)
    return refuse (error, DOOR_FAULT_SAML_RECIPIENT, "there is no bearer confirmation with data");
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

static bool
check_authn_statement (DoorSamlResponse *self, const xmlNode *statement, const DoorSamlExpectation *expect,
                       GError **error)
{
  const char *index = door_saml_xml_get_attribute (statement, "SessionIndex");
  int64_t instant = 0, end = 0;
  bool has_instant, has_end;

  if (!read_time (statement, "AuthnInstant", DOOR_FAULT_SAML_AUTHN, &instant, &has_instant, error) ||
      !read_time (statement, "SessionNotOnOrAfter", DOOR_FAULT_SAML_AUTHN, &end, &has_end, error))
    return false;
  if (!has_instant || is_early (instant, expect))
    return refuse (error, DOOR_FAULT_SAML_AUTHN, "AuthnInstant is missing or in the future");
  if (has_end && is_late (end, expect))
    return refuse (error, DOOR_FAULT_SAML_AUTHN, "the session at the provider has ended");
  if (has_end && (self->session_expires_at_ms == 0 || end < self->session_expires_at_ms))
    self->session_expires_at_ms = MAX (end, 1);
  if (self->session_index == NULL && index != NULL && *index != '\0')
    self->session_index = g_strdup (index);
  return true;
}

static bool
check_authn (DoorSamlResponse *self, const xmlNode *assertion, const DoorSamlExpectation *expect,
             GError **error)
{
  const xmlNode *at = door_saml_xml_lookup_child (assertion, NS, "AuthnStatement", NULL);

  if (at == NULL)
    return refuse (error, DOOR_FAULT_SAML_AUTHN, "there is no AuthnStatement");
  for (; at != NULL; at = door_saml_xml_lookup_child (assertion, NS, "AuthnStatement", at))
    if (!check_authn_statement (self, at, expect, error))
      return false;
  return true;
}

/**
 * door_saml_assertion_check: (skip)
 * @self: where to put what is learned
 * @assertion: the verified element; nothing outside of it is read
 * @response_in_response_to: (nullable): InResponseTo of the Response around it
 * @expect: what to measure against
 * @error: return location for an error
 *
 * Everything an assertion must say, but for its Issuer (SAML profiles 4.1.4.2 and 4.1.4.3). Pure.
 *
 * Returns: true, or false with the fault of the check that failed
 */
bool
door_saml_assertion_check (DoorSamlResponse *self, const xmlNode *assertion,
                           const char *response_in_response_to, const DoorSamlExpectation *expect,
                           GError **error)
{
  xmlNode *conditions = NULL;

  if (!door_saml_xml_get_only_child (assertion, NS, "Conditions", &conditions, error))
    return false;
  if (conditions == NULL)
    return refuse (error, DOOR_FAULT_SAML_CONDITIONS, "there are no Conditions");
  if (!check_conditions (conditions, expect, error))
    return false;
  door_saml_response_add_check (self, "audience");
  if (!check_window (self, conditions, expect, error))
    return false;
  door_saml_response_add_check (self, "time");
  if (!check_subject (self, assertion, response_in_response_to, expect, error))
    return false;
  door_saml_response_add_check (self, "recipient");
  door_saml_response_add_check (self, "in-response-to");
  if (!check_authn (self, assertion, expect, error))
    return false;
  door_saml_response_add_check (self, "session");
  self->claims =
      door_saml_assertion_read_claims (assertion, door_saml_metadata_get_entity_id (expect->metadata), error);
  return self->claims != NULL;
}
