/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP-Artifact binding: what a browser brings, what is asked and what is answered (SAML bindings 3.6).
 */
#include <string.h>

#include "door-saml-artifact.h"
#include "door-saml-document.h"
#include "door-saml-request.h"
#include "door-saml-sp-metadata.h"
#include "door-saml-xml.h"
#include "saml-artifact.h"
#include "saml-encrypt.h"

#define HANDLE "abcdefghijklmnopqrst"
#define QUESTION "_q1"
#define RESOLVER(index, url)                                                                                 \
  "<md:ArtifactResolutionService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" index=\"" index       \
  "\" Location=\"" url "\"/>"

static void
test_parse (void)
{
  g_autofree char *text = fixture_artifact (SAML_IDP, 0x0102, HANDLE);
  g_autoptr (GError) error = NULL;
  DoorSamlArtifact artifact;

  g_assert_true (door_saml_artifact_parse (text, strlen (text), &artifact, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (artifact.endpoint_index, ==, 0x0102);
  g_assert_cmpmem (artifact.handle, sizeof artifact.handle, HANDLE, strlen (HANDLE));
  g_assert_true (door_saml_artifact_is_from (&artifact, SAML_IDP));
  g_assert_false (door_saml_artifact_is_from (&artifact, SAML_IDP "/"));
}

static void
assert_no_artifact (const char *text, const char *reason)
{
  g_autoptr (GError) error = NULL;
  DoorSamlArtifact artifact;

  g_assert_false (door_saml_artifact_parse (text, strlen (text), &artifact, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_ARTIFACT);
  g_assert_nonnull (strstr (error->message, reason));
}

static void
test_parse_bad (void)
{
  static const char *const bad[] = { "", "AAQ", "AAQAAA==", "not base64 at all" };
  g_autofree char *good = fixture_artifact (SAML_IDP, 0, HANDLE);
  g_autofree char *longer = g_strconcat (good, "AAAA", NULL), *spaced = g_strdup (good),
                  *typed = g_strdup (good), *bits = g_strdup (good), *shorter = g_strdup (good);
  char *end = bits + DOOR_SAML_ARTIFACT_LENGTH - 2;

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_no_artifact (bad[i], "44 bytes");
  assert_no_artifact (longer, "44 bytes");
  spaced[10] = '\n';
  assert_no_artifact (spaced, "44 bytes");
  memcpy (shorter + DOOR_SAML_ARTIFACT_LENGTH - 4, "AA==", 4); /* 43 bytes */
  assert_no_artifact (shorter, "44 bytes");
  g_assert_cmpint (*end, ==, 'Q'); /* whose last two bits mean nothing */
  *end = 'R';
  assert_no_artifact (bits, "44 bytes");
  typed[2] = 'M'; /* type 3 */
  assert_no_artifact (typed, "0x0004");
}

static DoorSamlArtifactResolve
question (const DoorSamlSpKey *key)
{
  return (DoorSamlArtifactResolve){ .id = QUESTION,
                                    .issued_at_ms = SAML_NOW_MS,
                                    .destination = ARTIFACT_URL,
                                    .issuer = SAML_SP,
                                    .artifact = "AAQ<",
                                    .signing_key = key };
}

/* In an envelope, and signed: a signature that the key's certificate verifies. */
static void
test_resolve (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata ("rsa");
  const DoorSamlArtifactResolve message = question (key);
  g_autoptr (GError) error = NULL;
  g_autofree char *soap = door_saml_artifact_build_resolve (&message, &error), *inner = NULL;
  g_autoptr (xmlDoc) doc = NULL;
  xmlNode *root, *signature;

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (soap, "<soap:Envelope xmlns:soap=\"" SOAP_NS
                                         "\"><soap:Body><samlp:ArtifactResolve "));
  inner = fixture_cut (soap, "<samlp:ArtifactResolve ", "</samlp:ArtifactResolve>");
  doc = door_saml_xml_load (inner, strlen (inner), DOOR_FAULT_INTERNAL, &error);
  g_assert_no_error (error);
  root = xmlDocGetRootElement (doc);
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "ID"), ==, QUESTION);
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "Destination"), ==, ARTIFACT_URL);
  g_assert_nonnull (strstr (inner, "<samlp:Artifact>AAQ&lt;</samlp:Artifact>"));
  g_assert_nonnull (strstr (inner, "<saml:Issuer>" SAML_SP "</saml:Issuer>"));
  signature = door_saml_xml_lookup_child (root, DOOR_SAML_NS_SIGNATURE, "Signature", NULL);
  g_assert_nonnull (signature);
  g_assert_true (door_saml_document_verify_signature (signature, root, metadata, false, &error));
  g_assert_no_error (error);
}

static void
test_resolve_unsigned (void)
{
  const DoorSamlArtifactResolve message = question (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_saml_artifact_build_resolve (&message, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
}

static char *
read_answer (const char *soap, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata ("rsa");
  const DoorSamlArtifactExpectation expect = { .metadata = metadata, .request_id = QUESTION };
  g_autoptr (GBytes) bytes = g_bytes_new (soap, strlen (soap));

  return door_saml_artifact_read_answer (bytes, &expect, error);
}

static char *
build_response (void)
{
  const Case usual = { NULL };

  return fixture_build (&usual);
}

/* What is taken out passes as if a browser had brought it. */
static void
assert_accepted (const char *soap)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata ("rsa");
  const DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;
  g_autofree char *base64 = read_answer (soap, &error);
  g_autoptr (DoorSamlResponse) response = NULL;

  g_assert_no_error (error);
  response = door_saml_response_verify (base64, strlen (base64), &expect, &error);
  g_assert_no_error (error);
  g_assert_nonnull (response);
}

static void
test_answer (void)
{
  static const char *const keys[] = { NULL, "rsa" };
  g_autofree char *response = build_response ();

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *soap = fixture_artifact_answer (response, QUESTION, keys[i]);

      assert_accepted (soap);
    }
}

/* Prefixes that are declared around the Response only, as a writer does that knows the whole document. */
static void
test_answer_scope (void)
{
  static const char declared[] = " xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"";
  g_autofree char *response = build_response (), *bare = fixture_replace (response, declared, "");
  g_autofree char *soap = fixture_artifact_answer (bare, QUESTION, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *base64 = read_answer (soap, &error), *text = NULL;
  gsize size;
  guchar *data;

  g_assert_no_error (error);
  data = g_base64_decode (base64, &size);
  text = g_strndup ((const char *) data, size);
  g_free (data);
  g_assert_nonnull (strstr (text, declared));
  assert_accepted (soap);
}

static const struct
{
  Edit edit; /* of an answer with a signed Response */
  DoorFault fault;
  const char *reason;
} bad_answers[] = {
  { { "<soap:Envelope", "<!DOCTYPE x []><soap:Envelope" }, DOOR_FAULT_SAML_XML, "document type" },
  { { "<soap:Body>", "<?x?><soap:Body>" }, DOOR_FAULT_SAML_XML, "processing instruction" },
  { { SOAP_NS, "http://www.w3.org/2003/05/soap-envelope" }, DOOR_FAULT_SAML_STRUCTURE, "SOAP 1.1" },
  { { "<soap:Header/>", "<soap:Header/><soap:Header/>" }, DOOR_FAULT_SAML_STRUCTURE, "no SOAP body" },
  { { "<soap:Header/>", "<soap:Header><x soap:mustUnderstand=\"1\"/></soap:Header>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "must be understood" },
  { { "<soap:Header/>", "<soap:Header>text</soap:Header>" }, DOOR_FAULT_SAML_STRUCTURE, "text stands" },
  { { "</soap:Body>", "</soap:Body><soap:Body/>" }, DOOR_FAULT_SAML_STRUCTURE, "follows the SOAP body" },
  { { "</soap:Body>", "<x/></soap:Body>" }, DOOR_FAULT_SAML_STRUCTURE, "exactly one element" },
  { { "<soap:Body>", "<soap:Body>text" }, DOOR_FAULT_SAML_STRUCTURE, "text stands" },
  { { "ID=\"_ar1\"", "" }, DOOR_FAULT_SAML_STRUCTURE, "ID is missing" },
  { { "ID=\"_ar1\"", "ID=\"_r1\"" }, DOOR_FAULT_SAML_STRUCTURE, "twice" },
  { { "InResponseTo=\"" QUESTION "\"", "" }, DOOR_FAULT_SAML_INRESPONSETO, "ArtifactResolve" },
  { { "InResponseTo=\"" QUESTION "\"", "InResponseTo=\"_q2\"" },
    DOOR_FAULT_SAML_INRESPONSETO,
    "ArtifactResolve" },
  { { "<saml:Issuer>" SAML_IDP "</saml:Issuer><samlp:Status>", "<samlp:Status>" },
    DOOR_FAULT_SAML_ISSUER,
    "missing" },
  { { "<saml:Issuer>" SAML_IDP "</saml:Issuer><samlp:Status>",
      "<saml:Issuer>https://other.example.com</saml:Issuer><samlp:Status>" },
    DOOR_FAULT_SAML_ISSUER,
    "not the provider" },
  { { "status:Success\"/></samlp:Status>", "status:Requester\"/></samlp:Status>" },
    DOOR_FAULT_SAML_STATUS,
    "Requester" },
  { { "</samlp:ArtifactResponse>", "<samlp:Response/></samlp:ArtifactResponse>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "exactly one Response" },
  { { "</samlp:ArtifactResponse>", "<x/></samlp:ArtifactResponse>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "exactly one Response" },
  { { "<soap:Header/>", "<soap:Header><x><samlp:Response "
                        "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"/></x></soap:Header>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "where none may" },
  { { "<soap:Header/>", "<soap:Header><x><Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/></x>"
                        "</soap:Header>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "where none may" },
  { { "<soap:Header/>",
      "<soap:Header><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></soap:Header>" },
    DOOR_FAULT_SAML_STRUCTURE,
    "where none may" },
};

static void
assert_refused (const char *soap, DoorFault fault, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *base64 = read_answer (soap, &error);

  g_assert_null (base64);
  g_assert_nonnull (error);
  g_assert_cmpstr (door_error_get_info (error)->id, ==, door_fault_get_info (fault)->id);
  if (strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

static void
test_bad_answers (void)
{
  g_autofree char *response = build_response ();
  g_autofree char *soap = fixture_artifact_answer (response, QUESTION, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (bad_answers); i++)
    {
      g_autofree char *bad = fixture_replace (soap, bad_answers[i].edit.find, bad_answers[i].edit.replace);

      g_test_message ("%zu: %s", i, bad_answers[i].edit.replace);
      assert_refused (bad, bad_answers[i].fault, bad_answers[i].reason);
    }
}

static void
test_other_bodies (void)
{
  static const char *const bodies[] = {
    "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>no such thing</faultstring></soap:Fault>",
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
    "",
  };
  static const struct
  {
    DoorFault fault;
    const char *reason;
  } wanted[] = { { DOOR_FAULT_SAML_STATUS, "SOAP fault: no such thing" },
                 { DOOR_FAULT_SAML_STRUCTURE, "no ArtifactResponse" },
                 { DOOR_FAULT_SAML_STRUCTURE, "exactly one element" } };
  g_autofree char *none = fixture_artifact_answer ("", QUESTION, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autofree char *soap = g_strdup_printf (
          "<soap:Envelope xmlns:soap=\"" SOAP_NS "\"><soap:Body>%s</soap:Body></soap:Envelope>", bodies[i]);

      assert_refused (soap, wanted[i].fault, wanted[i].reason);
    }
  assert_refused (none, DOOR_FAULT_SAML_ARTUNKNOWN, "no message for this artifact");
  assert_refused ("", DOOR_FAULT_SAML_XML, "");
}

static void
test_too_large (void)
{
  g_autofree char *response = build_response ();
  g_autofree char *soap = fixture_artifact_answer (response, QUESTION, NULL);
  g_autofree char *space = g_strnfill (DOOR_SAML_SOAP_MAX_BYTES, ' ');
  g_autofree char *large = g_strconcat (soap, space, NULL);

  assert_refused (large, DOOR_FAULT_SAML_XML, "too large");
}

/* A signature that is there must hold: one by another key, and one over something else. */
static void
test_answer_signature (void)
{
  g_autofree char *response = build_response ();
  g_autofree char *stranger = fixture_artifact_answer (response, QUESTION, "rsa-other");
  g_autofree char *good = fixture_artifact_answer (response, QUESTION, "rsa");
  g_autofree char *changed = fixture_replace (good, "2026-01-01T12:00:30Z", "2026-01-01T12:00:31Z");
  const char *start = strstr (good, "<ds:Signature "), *end = strstr (good, "</ds:Signature>");
  g_autofree char *signature = g_strndup (start, (size_t) (end - start) + strlen ("</ds:Signature>"));
  g_autofree char *twice_signature = g_strconcat (signature, signature, NULL);
  g_autofree char *twice = fixture_replace (good, signature, twice_signature);

  assert_refused (stranger, DOOR_FAULT_SAML_SIGNATURE, "");
  assert_refused (changed, DOOR_FAULT_SAML_SIGNATURE, "");
  assert_refused (twice, DOOR_FAULT_SAML_STRUCTURE, "more than one Signature");
}

/* That an ArtifactResponse is signed makes nothing inside it true. */
static void
test_answer_signature_covers_nothing (void)
{
  const Case unsigned_case = { .sign = "" };
  g_autofree char *response = fixture_build (&unsigned_case);
  g_autofree char *soap = fixture_artifact_answer (response, QUESTION, "rsa"), *base64 = NULL;
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata ("rsa");
  const DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;

  base64 = read_answer (soap, &error);
  g_assert_no_error (error);
  g_assert_null (door_saml_response_verify (base64, strlen (base64), &expect, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_UNSIGNED);
}

static void
test_metadata (void)
{
  static const char more[] = RESOLVER ("3", "https://idp.example.com/three") RESOLVER (
      "3", "https://idp.example.com/again") RESOLVER ("0", "http://idp.example.com/clear")
      RESOLVER ("65536", "https://idp.example.com/large") RESOLVER ("-1", "https://idp.example.com/minus")
          RESOLVER ("4", "javascript:alert(1)") "<md:ArtifactResolutionService "
                                                "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\""
                                                " index=\"5\" Location=\"https://idp.example.com/post\"/>";
  g_autofree char *text = fixture_artifact_metadata (more), *without = fixture_artifact_metadata ("");
  g_autoptr (GBytes) xml = g_bytes_new (text, strlen (text)), none = g_bytes_new (without, strlen (without));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_autoptr (DoorSamlMetadata) bare = door_saml_metadata_parse (none, NULL, false, &error);

  g_assert_no_error (error);
  g_assert_true (door_saml_metadata_resolves_artifacts (metadata));
  g_assert_false (door_saml_metadata_resolves_artifacts (bare));
  g_assert_cmpstr (door_saml_metadata_lookup_resolver_url (metadata, 3), ==, "https://idp.example.com/three");
  for (unsigned int i = 0; i < 3; i++)
    g_assert_null (door_saml_metadata_lookup_resolver_url (metadata, i));
  g_assert_null (door_saml_metadata_lookup_resolver_url (metadata, 4));
  g_assert_null (door_saml_metadata_lookup_resolver_url (metadata, 5));
}

static void
test_sp_metadata (void)
{
  DoorSamlSpMetadata metadata = { .entity_id = SAML_SP, .acs_url = SAML_ACS, .artifacts = true };
  g_autofree char *with = door_saml_sp_metadata_build (&metadata, NULL), *without = NULL;

  g_assert_nonnull (strstr (
      with, "<md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\""
            " Location=\"" SAML_ACS "\" index=\"1\"/>"));
  metadata.artifacts = false;
  without = door_saml_sp_metadata_build (&metadata, NULL);
  g_assert_null (strstr (without, "HTTP-Artifact"));
}

static void
add (void)
{
  g_test_add_func ("/saml/artifact/parse", test_parse);
  g_test_add_func ("/saml/artifact/parse/bad", test_parse_bad);
  g_test_add_func ("/saml/artifact/resolve", test_resolve);
  g_test_add_func ("/saml/artifact/resolve/unsigned", test_resolve_unsigned);
  g_test_add_func ("/saml/artifact/answer", test_answer);
  g_test_add_func ("/saml/artifact/answer/scope", test_answer_scope);
  g_test_add_func ("/saml/artifact/answer/bad", test_bad_answers);
  g_test_add_func ("/saml/artifact/answer/other-bodies", test_other_bodies);
  g_test_add_func ("/saml/artifact/answer/too-large", test_too_large);
  g_test_add_func ("/saml/artifact/answer/signature", test_answer_signature);
  g_test_add_func ("/saml/artifact/answer/covers-nothing", test_answer_signature_covers_nothing);
  g_test_add_func ("/saml/artifact/metadata", test_metadata);
  g_test_add_func ("/saml/artifact/sp-metadata", test_sp_metadata);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add);
}
