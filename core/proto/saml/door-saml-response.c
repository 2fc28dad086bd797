/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-response.h"

#include <string.h>

#include "door-error.h"
#include "door-saml-assertion.h"
#include "door-saml-decrypt.h"
#include "door-saml-document.h"
#include "door-saml-inner.h"
#include "door-saml-xml.h"

/* The parts of a message, all of them direct children of what is above. */
typedef struct
{
  xmlNode *root;
  xmlNode *encrypted; /* (nullable): what the assertion was in */
  xmlNode *assertion;
  xmlNode *root_signature;
  xmlNode *assertion_signature;
  xmlDoc *decrypted; /* (nullable): where the assertion is then */
  DoorSamlCensus census;
} Message;

static void
message_clear (Message *self)
{
  door_saml_census_clear (&self->census);
  g_clear_pointer (&self->decrypted, xmlFreeDoc);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

static bool
refuse (GError **error, DoorError code, DoorFault fault, const char *reason)
{
  door_error_set (error, code, fault, "response: %s", reason);
  return false;
}

static bool
refuse_structure (GError **error, const char *reason)
{
  return refuse (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE, reason);
}

static bool
check_root (Message *message, GError **error)
{
  if (!door_saml_xml_is (message->root, DOOR_SAML_NS_PROTOCOL, "Response"))
    return refuse_structure (error, "the root is not a Response");
  if (!door_saml_document_check_head (message->root, error) ||
      !door_saml_census_take (&message->census, message->root, error))
    return false;
  return message->census.responses == 1 ||
         refuse_structure (error, "there is a Response inside the Response");
}

static bool
find_clear (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  message->assertion = door_saml_xml_lookup_child (message->root, DOOR_SAML_NS_ASSERTION, "Assertion", NULL);
  if (message->assertion == NULL || message->census.assertions != 1 || message->census.encrypted != 0)
    return refuse_structure (error, "there is not exactly one Assertion, directly in the Response");
  if (expect->want_encrypted)
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_CLEAR,
                   "the assertion is not encrypted");
  return door_saml_document_check_head (message->assertion, error);
}

/* A private key is used for one request only, which the caller has found to be this browser's. */
static bool
may_decrypt (const Message *message, const DoorSamlExpectation *expect, GError **error)
{
  const char *in_response_to = door_saml_xml_get_attribute (message->root, "InResponseTo");

  if (expect->decryption_keys == NULL || expect->decryption_keys->len == 0 ||
      (expect->decrypt_for == NULL && !expect->captured))
    return refuse (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SAML_ENCRYPTED, "the assertion is encrypted");
  if (expect->captured)
    return true;
  if (in_response_to == NULL)
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSOLICITED,
                   "an encrypted answer answers no request");
  return strcmp (in_response_to, expect->decrypt_for) == 0 ||
         refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_INRESPONSETO,
                 "an encrypted answer is not to the pending request");
}

static bool
find_assertion (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  xmlNode *encrypted =
      door_saml_xml_lookup_child (message->root, DOOR_SAML_NS_ASSERTION, "EncryptedAssertion", NULL);

  if (encrypted == NULL || message->census.encrypted != 1 || message->census.assertions != 0)
    return find_clear (message, expect, error);
  message->encrypted = encrypted;
  return may_decrypt (message, expect, error);
}

static bool
check_signed_part (const Message *message, DoorSignedPart part, GError **error)
{
  bool response = message->root_signature != NULL;
  bool assertion = message->assertion_signature != NULL;

  if (!response && !assertion)
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED, "nothing is signed");
  if (!response && (part == DOOR_SIGNED_RESPONSE || part == DOOR_SIGNED_BOTH))
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                   "the Response is not signed");
  if (!assertion && (part == DOOR_SIGNED_ASSERTION || part == DOOR_SIGNED_BOTH))
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                   "the Assertion is not signed");
  return true;
}

/* The address in the Response: a hint when it is not signed, but one that may refuse (bindings 3.5.5.2). */
static bool
check_destination (const Message *message, const DoorSamlExpectation *expect, GError **error)
{
  const char *destination = door_saml_xml_get_attribute (message->root, "Destination");

  if (destination == NULL)
    return message->root_signature == NULL ||
           refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DESTINATION,
                   "the Response is signed and has no Destination");
  return strcmp (destination, expect->acs_url) == 0 ||
         refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DESTINATION,
                 "the Destination is not our address");
}

/* The signature on the Response comes before a private key is used, for it covers what is encrypted. */
static bool
verify_response_signature (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  DoorSignedPart part = expect->signed_part;

  if (!door_saml_xml_get_only_child (message->root, DOOR_SAML_NS_SIGNATURE, "Signature",
                                     &message->root_signature, error))
    return false;
  if (message->root_signature != NULL)
    return door_saml_document_verify_signature (message->root_signature, message->root, expect->metadata,
                                                expect->allow_sha1, error);
  if (message->encrypted != NULL && (part == DOOR_SIGNED_RESPONSE || part == DOOR_SIGNED_BOTH))
    return refuse (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                   "the Response is not signed");
  return true;
}

static bool
verify_assertion_signature (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  unsigned int found;

  if (!door_saml_xml_get_only_child (message->assertion, DOOR_SAML_NS_SIGNATURE, "Signature",
                                     &message->assertion_signature, error))
    return false;
  found = (message->root_signature != NULL ? 1u : 0u) + (message->assertion_signature != NULL ? 1u : 0u);
  if (message->census.signatures != found)
    return refuse_structure (error, "a signature stands where none may");
  return check_signed_part (message, expect->signed_part, error) &&
         (message->assertion_signature == NULL ||
          door_saml_document_verify_signature (message->assertion_signature, message->assertion,
                                               expect->metadata, expect->allow_sha1, error));
}

/* What was decrypted is one Assertion, and everything that holds for a clear one holds for it. */
static bool
verify_decrypted (Message *message, GBytes *plain, const DoorSamlExpectation *expect, GError **error)
{
  message->decrypted = door_saml_inner_parse (plain, message->encrypted, error);
  if (message->decrypted == NULL ||
      !door_saml_inner_get_assertion (message->decrypted, &message->assertion, error) ||
      !door_saml_census_take (&message->census, message->assertion, error))
    return false;
  if (message->census.assertions != 1 || message->census.encrypted != 1 || message->census.responses != 1)
    return refuse_structure (error, "there is not exactly one Assertion inside the encrypted one");
  return door_saml_document_check_head (message->assertion, error) &&
         verify_assertion_signature (message, expect, error);
}

/* As long as nothing signed says that the cipher text is the provider's own, what was decrypted from it must
 * not show in the refusal. */
static bool
decrypt_assertion (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  DoorSamlDecryption decryption = { .keys = expect->decryption_keys,
                                    .recipient = expect->sp_entity_id,
                                    .allow_rsa15 = expect->captured && expect->allow_rsa15 };
  g_autoptr (GBytes) plain = door_saml_decrypt (message->encrypted, &decryption, error);
  g_autoptr (GError) local = NULL;

  if (plain == NULL)
    return false;
  if (verify_decrypted (message, plain, expect, &local))
    return true;
  if (message->root_signature == NULL)
    {
      g_debug ("decrypted, but refused: %s", local->message);
      return door_saml_decrypt_fail (error);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/* Structure, status and signatures: afterwards the assertion is what the identity provider signed. */
static bool
verify_message (Message *message, const DoorSamlExpectation *expect, GError **error)
{
  if (!check_root (message, error) || !door_saml_document_check_status (message->root, error) ||
      !find_assertion (message, expect, error) || !verify_response_signature (message, expect, error))
    return false;
  return message->encrypted != NULL ? decrypt_assertion (message, expect, error)
                                    : verify_assertion_signature (message, expect, error);
}

static DoorSamlResponse *
verify_root (xmlNode *root, const DoorSamlExpectation *expect, GError **error)
{
  g_auto (Message) message = { .root = root };
  g_autoptr (DoorSamlResponse) self = NULL;

  if (!verify_message (&message, expect, error))
    return NULL;
  self = g_new0 (DoorSamlResponse, 1);
  door_saml_response_add_check (self, "structure");
  door_saml_response_add_check (self, "status");
  if (message.encrypted != NULL)
    door_saml_response_add_check (self, "decryption");
  door_saml_response_add_check (self, "signature");
  if (!door_saml_assertion_check_issuer (message.assertion, true, expect, error) ||
      !door_saml_assertion_check_issuer (message.root, false, expect, error))
    return NULL;
  door_saml_response_add_check (self, "issuer");
  if (!check_destination (&message, expect, error))
    return NULL;
  door_saml_response_add_check (self, "destination");
  self->assertion_id = g_strdup (door_saml_xml_get_attribute (message.assertion, "ID"));
  if (!door_saml_assertion_check (self, message.assertion,
                                  door_saml_xml_get_attribute (message.root, "InResponseTo"), expect, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_saml_response_verify:
 * @form_value: (array length=length): the form field SAMLResponse, after form decoding
 * @length: number of characters
 * @expect: what to measure the answer against
 * @error: return location for an error
 *
 * Verifies an answer by the HTTP-POST binding (SAML profiles 4.1.4, bindings 3.5) with the keys of the
 * metadata alone, and reads it from the verified element alone. What is left to the caller, because it needs
 * memory: that the request in InResponseTo is pending and belongs to this browser, that the assertion id
 * was not seen before, and the age of the metadata. An encrypted assertion is decrypted only for the one
 * request the expectation names, and then looked at like a clear one. CPU-bound, about half a millisecond,
 * some more with decryption; any thread.
 *
 * Returns: (transfer full): the answer, or %NULL with an error that carries the fault of the check that
 *   failed, %DOOR_FAULT_SAML_FORM to %DOOR_FAULT_SAML_AUTHN, or %DOOR_FAULT_SAML_DECRYPT or _CLEAR
 */
DoorSamlResponse *
door_saml_response_verify (const char *form_value, size_t length, const DoorSamlExpectation *expect,
                           GError **error)
{
  g_autoptr (GBytes) xml = door_saml_document_decode (form_value, length, "SAMLResponse", error);
  g_autoptr (xmlDoc) doc = xml != NULL ? door_saml_document_parse (xml, error) : NULL;

  return doc != NULL ? verify_root (xmlDocGetRootElement (doc), expect, error) : NULL;
}

/**
 * door_saml_response_add_check: (skip)
 * @self: an answer
 * @check: name of a check it has passed
 */
void
door_saml_response_add_check (DoorSamlResponse *self, const char *check)
{
  size_t n = 0;

  while (self->checks[n] != NULL)
    n++;
  g_return_if_fail (n + 1 < G_N_ELEMENTS (self->checks));
  self->checks[n] = check;
}

/**
 * door_saml_response_free:
 * @self: (transfer full): an answer
 */
void
door_saml_response_free (DoorSamlResponse *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
  g_free (self->assertion_id);
  g_free (self->in_response_to);
  g_free (self->session_index);
  g_free (self);
}

/**
 * door_saml_response_get_claims:
 * @self: an answer
 *
 * Returns: (transfer none): who it is about and what is said of them; the issuer is the entity id
 */
DoorClaims *
door_saml_response_get_claims (const DoorSamlResponse *self)
{
  return self->claims;
}

/**
 * door_saml_response_get_assertion_id:
 * @self: an answer
 *
 * Returns: (transfer none): ID of the assertion, unique together with the issuer
 */
const char *
door_saml_response_get_assertion_id (const DoorSamlResponse *self)
{
  return self->assertion_id;
}

/**
 * door_saml_response_get_in_response_to:
 * @self: an answer
 *
 * Returns: (transfer none) (nullable): ID of the request it answers; %NULL only when it answers none and the
 *   expectation allows that
 */
const char *
door_saml_response_get_in_response_to (const DoorSamlResponse *self)
{
  return self->in_response_to;
}

/**
 * door_saml_response_get_expires_at_ms:
 * @self: an answer
 *
 * Returns: from when on the assertion is refused for its age, clock skew included: how long its id must be
 *   remembered; milliseconds since 1970, UTC
 */
int64_t
door_saml_response_get_expires_at_ms (const DoorSamlResponse *self)
{
  return self->expires_at_ms;
}

/**
 * door_saml_response_get_checks:
 * @self: an answer
 *
 * Returns: (transfer none) (array zero-terminated=1): the checks it passed, in order
 */
const char *const *
door_saml_response_get_checks (const DoorSamlResponse *self)
{
  return self->checks;
}

/**
 * door_saml_response_get_session_index:
 * @self: an answer
 *
 * Returns: (transfer none) (nullable): what the provider calls the person's session there, %NULL when it does
 *   not say
 */
const char *
door_saml_response_get_session_index (const DoorSamlResponse *self)
{
  return self->session_index;
}

/**
 * door_saml_response_get_session_expires_at_ms:
 * @self: an answer
 *
 * Returns: when a session that rests on this answer must end (SessionNotOnOrAfter), milliseconds since 1970,
 *   UTC; 0 when the provider does not say
 */
int64_t
door_saml_response_get_session_expires_at_ms (const DoorSamlResponse *self)
{
  return self->session_expires_at_ms;
}
