/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-fault.h"

#include "idp-key.h"
#include "idp-wrapping.h"
#include "idp-xml.h"

#define HOUR_S 3600
#define METHOD_HOLDER_OF_KEY "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"

static void
replace (char **value, const char *with)
{
  g_free (*value);
  *value = g_strdup (with);
}

static void
wrong_audience (IdpAnswer *answer)
{
  replace (&answer->audience, "https://somebody-else.example/saml");
}

static void
wrong_recipient (IdpAnswer *answer)
{
  replace (&answer->recipient, "https://somebody-else.example/acs");
}

static void
wrong_destination (IdpAnswer *answer)
{
  replace (&answer->destination, "https://somebody-else.example/acs");
}

static void
response_issuer_differs (IdpAnswer *answer)
{
  replace (&answer->response_issuer, "https://another-idp.example/metadata");
}

static void
wrong_issuer (IdpAnswer *answer)
{
  response_issuer_differs (answer);
  replace (&answer->assertion_issuer, "https://another-idp.example/metadata");
}

static void
expired (IdpAnswer *answer)
{
  idp_answer_shift_times (answer, -HOUR_S);
}

static void
not_yet_valid (IdpAnswer *answer)
{
  idp_answer_shift_times (answer, HOUR_S);
}

static void
wrong_in_response_to (IdpAnswer *answer)
{
  g_autofree char *hex = idp_random_hex (16);

  g_free (answer->in_response_to);
  answer->in_response_to = g_strconcat ("_", hex, NULL);
}

static void
no_in_response_to (IdpAnswer *answer)
{
  replace (&answer->in_response_to, NULL);
}

static void
status_denied (IdpAnswer *answer)
{
  idp_answer_refuse (answer, "Responder", "RequestDenied",
                     "AADSTS50105: the signed in user is not assigned to a role for this application");
}

static void
holder_of_key_only (IdpAnswer *answer)
{
  answer->confirmation_method = METHOD_HOLDER_OF_KEY;
}

static void
duplicate_ids (IdpAnswer *answer)
{
  replace (&answer->response_id, answer->assertion_id);
}

static void
offset_time (IdpAnswer *answer)
{
  answer->time_form = IDP_TIME_OFFSET;
}

static void
fraction_time (IdpAnswer *answer)
{
  answer->time_form = IDP_TIME_FRACTION;
}

static void
doctype (xmlNode *response)
{
  xmlCreateIntSubset (response->doc, BAD_CAST "samlp:Response", NULL, NULL);
  xmlAddDocEntity (response->doc, BAD_CAST "mail", XML_INTERNAL_GENERAL_ENTITY, NULL, NULL,
                   BAD_CAST IDP_EVIL_EMAIL);
}

static const IdpFault faults[] = {
  { .id = "none", .text = "a correct answer" },
  { .id = "wrong-audience", .text = "the audience is another service", .change = wrong_audience },
  { .id = "no-audience", .text = "no AudienceRestriction", .shape = IDP_SHAPE_NO_AUDIENCE },
  { .id = "wrong-recipient", .text = "the Recipient is another address", .change = wrong_recipient },
  { .id = "wrong-destination", .text = "the Destination is another address", .change = wrong_destination },
  { .id = "wrong-issuer", .text = "both Issuers name another identity provider", .change = wrong_issuer },
  { .id = "response-issuer-differs",
    .text = "only the Issuer of the Response names another identity provider",
    .change = response_issuer_differs },
  { .id = "expired", .text = "the assertion ended an hour ago", .change = expired },
  { .id = "not-yet-valid", .text = "the assertion begins in an hour", .change = not_yet_valid },
  { .id = "no-conditions", .text = "no Conditions", .shape = IDP_SHAPE_NO_CONDITIONS },
  { .id = "unsigned", .text = "no signature at all", .not_signed = true },
  { .id = "bad-signature",
    .text = "one bit of the signature value is wrong",
    .signature = IDP_SIGNATURE_FLIPPED },
  { .id = "other-key",
    .text = "signed by a key that is not in the metadata",
    .signature = IDP_SIGNATURE_OTHER_KEY },
  { .id = "sha1", .text = "signature and digest use SHA-1", .signature = IDP_SIGNATURE_SHA1 },
  { .id = "hmac-signature",
    .text = "HMAC-SHA256 with the published certificate (DER) as the secret",
    .signature = IDP_SIGNATURE_HMAC },
  { .id = "wrong-in-response-to",
    .text = "InResponseTo names a request nobody made",
    .change = wrong_in_response_to },
  { .id = "no-in-response-to", .text = "unsolicited: no InResponseTo", .change = no_in_response_to },
  { .id = "replayed-id",
    .text = "the ID of the assertion sent before this one, once more",
    .repeats_assertion_id = true },
  { .id = "status-denied",
    .text = "status Responder with a message for people, no assertion",
    .change = status_denied },
  { .id = "no-nameid", .text = "the Subject has no NameID", .shape = IDP_SHAPE_NO_NAME_ID },
  { .id = "comment-in-nameid",
    .text = "the NameID is cut in two by a comment; joined, it is somebody at another domain",
    .shape = IDP_SHAPE_COMMENT_IN_NAME_ID },
  { .id = "two-assertions",
    .text = "a second assertion for " IDP_EVIL_EMAIL ", signed as well",
    .shape = IDP_SHAPE_TWO_ASSERTIONS },
  { .id = "no-authn-statement", .text = "no AuthnStatement", .shape = IDP_SHAPE_NO_AUTHN_STATEMENT },
  { .id = "xsw1",
    .text = "forged Response for " IDP_EVIL_EMAIL ", the original inside its signature",
    .wrap_response = idp_wrapping_forged_response_around_original_in_signature },
  { .id = "xsw2",
    .text = "forged Response for " IDP_EVIL_EMAIL ", the original before its signature",
    .wrap_response = idp_wrapping_forged_response_beside_original },
  { .id = "xsw3",
    .text = "forged assertion for " IDP_EVIL_EMAIL " before the original",
    .wrap_assertion = idp_wrapping_forged_assertion_before_original },
  { .id = "xsw4",
    .text = "forged assertion for " IDP_EVIL_EMAIL " around the original",
    .wrap_assertion = idp_wrapping_forged_assertion_around_original },
  { .id = "xsw5",
    .text = "forged assertion for " IDP_EVIL_EMAIL " with the signature, the original after it",
    .wrap_assertion = idp_wrapping_forged_assertion_with_signature_before_original },
  { .id = "xsw6",
    .text = "forged assertion for " IDP_EVIL_EMAIL ", the original inside its signature",
    .wrap_assertion = idp_wrapping_forged_assertion_with_original_in_signature },
  { .id = "xsw7",
    .text = "forged assertion for " IDP_EVIL_EMAIL " in Extensions",
    .wrap_assertion = idp_wrapping_forged_assertion_in_extensions },
  { .id = "xsw8",
    .text = "forged assertion for " IDP_EVIL_EMAIL ", the original in an Object of its signature",
    .wrap_assertion = idp_wrapping_forged_assertion_with_original_in_object },
  { .id = "doctype", .text = "a document type with an entity", .finish = doctype },
  { .id = "deep-nesting", .text = "200 elements inside each other", .shape = IDP_SHAPE_DEEP_NESTING },
  { .id = "many-attributes", .text = "5000 attributes on one element", .shape = IDP_SHAPE_MANY_ATTRIBUTES },
  { .id = "duplicate-ids", .text = "Response and Assertion have the same ID", .change = duplicate_ids },
  { .id = "empty-digest",
    .text = "a good signature over the digest of nothing",
    .signature = IDP_SIGNATURE_EMPTY_DIGEST },
  { .id = "foreign-transform",
    .text = "good for those who run the XSLT in its transforms",
    .signature = IDP_SIGNATURE_FOREIGN_TRANSFORM },
  { .id = "holder-of-key-only",
    .text = "the only SubjectConfirmation is holder-of-key",
    .change = holder_of_key_only },
  { .id = "no-subject-confirmation-data",
    .text = "bearer without SubjectConfirmationData",
    .shape = IDP_SHAPE_NO_CONFIRMATION_DATA },
  { .id = "one-time-use", .text = "valid: OneTimeUse", .shape = IDP_SHAPE_ONE_TIME_USE },
  { .id = "proxy-restriction", .text = "valid: ProxyRestriction", .shape = IDP_SHAPE_PROXY_RESTRICTION },
  { .id = "unknown-condition",
    .text = "a Condition of an unknown type",
    .shape = IDP_SHAPE_UNKNOWN_CONDITION },
  { .id = "offset-time", .text = "times are right, but written with +02:00", .change = offset_time },
  { .id = "fraction-time", .text = "valid: times with fractions of a second", .change = fraction_time },
  { .id = "huge", .text = "an attribute value of 2 MiB", .shape = IDP_SHAPE_HUGE },
};

/**
 * idp_fault_list:
 * @n_faults: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_faults): everything that can be wrong, beginning with nothing
 */
const IdpFault *
idp_fault_list (size_t *n_faults)
{
  *n_faults = G_N_ELEMENTS (faults);
  return faults;
}

/**
 * idp_fault_lookup:
 * @id: the id of a fault
 *
 * Returns: (transfer none) (nullable): the fault
 */
const IdpFault *
idp_fault_lookup (const char *id)
{
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++)
    if (g_strcmp0 (faults[i].id, id) == 0)
      return &faults[i];
  return NULL;
}

/* The wrapped element alone has a signature, so that a reader cannot refuse the answer for another reason. */
static IdpSignedParts
choose_parts (const IdpFault *fault, IdpSignedParts usual)
{
  if (fault->not_signed)
    return IDP_SIGNED_NOTHING;
  if (fault->wrap_response != NULL)
    return IDP_SIGNED_RESPONSE;
  if (fault->wrap_assertion != NULL)
    return IDP_SIGNED_ASSERTION;
  return usual;
}

static bool
sign (xmlNode *response, IdpSignedParts parts, IdpSignatureKind kind, const IdpSigner *signer, GError **error)
{
  if (parts & IDP_SIGNED_ASSERTION)
    for (xmlNode *child = response->children; child != NULL; child = child->next)
      if (idp_xml_is (child, IDP_NS_ASSERTION, "Assertion") && !idp_signer_sign (signer, child, kind, error))
        return false;
  return (parts & IDP_SIGNED_RESPONSE) == 0 || idp_signer_sign (signer, response, kind, error);
}

/**
 * idp_fault_build_response:
 * @fault: what is to be wrong
 * @answer: a correct answer, changed by this
 * @signer: the keys
 * @signed_parts: what is signed unless @fault decides that
 * @error: return location for an error
 *
 * Writes the answer with the fault in it. Blocks for the computation of the signature.
 *
 * Returns: (transfer full): the XML of the Response, or %NULL with %G_IO_ERROR_FAILED
 */
char *
idp_fault_build_response (const IdpFault *fault, IdpAnswer *answer, const IdpSigner *signer,
                          IdpSignedParts signed_parts, GError **error)
{
  g_autoptr (xmlDoc) doc = NULL;
  xmlNode *response = NULL;
  bool has_assertion = false;

  answer->shape |= fault->shape;
  if (fault->change != NULL)
    fault->change (answer);
  doc = idp_answer_build (answer);
  response = xmlDocGetRootElement (doc);
  has_assertion = idp_xml_lookup_child (response, IDP_NS_ASSERTION, "Assertion") != NULL;
  if (!sign (response, choose_parts (fault, signed_parts), fault->signature, signer, error))
    return NULL;
  if (has_assertion && fault->wrap_response != NULL)
    fault->wrap_response (response);
  if (has_assertion && fault->wrap_assertion != NULL)
    fault->wrap_assertion (response);
  if (fault->finish != NULL)
    fault->finish (response);
  return idp_xml_write (doc, NULL);
}
