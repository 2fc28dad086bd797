/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include "door-saml.h"
#include "test-data.h"

#define TEMPLATE                                                                                             \
  "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""                                     \
  " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\""                         \
  " IssueInstant=\"2026-01-01T12:00:00Z\" Destination=\"" SAML_ACS "\" InResponseTo=\"_q1\">"                \
  "<saml:Issuer>" SAML_IDP "</saml:Issuer>@R@<samlp:Status>"                                                 \
  "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"                  \
  "<saml:Assertion xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""                                  \
  " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ID=\"_a1\" Version=\"2.0\""                                \
  " IssueInstant=\"2026-01-01T12:00:01Z\"><saml:Issuer"                                                      \
  " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">" SAML_IDP "</saml:Issuer>@A@"               \
  "<saml:Subject><saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">"            \
  "ada@example.com</saml:NameID>"                                                                            \
  "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">"                              \
  "<saml:SubjectConfirmationData InResponseTo=\"_q1\" NotOnOrAfter=\"2026-01-01T12:05:00Z\""                 \
  " Recipient=\"" SAML_ACS "\"/></saml:SubjectConfirmation></saml:Subject>"                                  \
  "<saml:Conditions NotBefore=\"2026-01-01T11:55:00Z\" NotOnOrAfter=\"2026-01-01T12:06:00Z\">"               \
  "<saml:AudienceRestriction><saml:Audience>" SAML_SP "</saml:Audience></saml:AudienceRestriction>"          \
  "</saml:Conditions>"                                                                                       \
  "<saml:AuthnStatement AuthnInstant=\"2026-01-01T11:50:00Z\" SessionIndex=\"_s1\"><saml:AuthnContext>"      \
  "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"             \
  "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"                                   \
  "<saml:AttributeStatement><saml:Attribute Name=\"mail\"><saml:AttributeValue xsi:type=\"xs:string\">"      \
  "ada@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"        \
  "</samlp:Response>"

GBytes *
fixture_read_bytes (const char *name)
{
  return test_data_load ("saml", name);
}

char *
fixture_read (const char *name)
{
  gsize length = 0;

  return g_bytes_unref_to_data (fixture_read_bytes (name), &length);
}

char *
fixture_replace (const char *text, const char *find, const char *replace)
{
  const char *hit = strstr (text, find);

  if (hit == NULL)
    g_error ("\"%s\" is not in the document", find);
  return g_strdup_printf ("%.*s%s%s", (int) (hit - text), text, replace, hit + strlen (find));
}

/* What stands from @from to @to, both included. */
char *
fixture_cut (const char *text, const char *from, const char *to)
{
  const char *start = strstr (text, from), *end;

  g_assert_nonnull (start);
  end = g_strrstr (start, to);
  g_assert_nonnull (end);
  return g_strndup (start, (size_t) (end - start) + strlen (to));
}

char *
fixture_template (void)
{
  return g_strdup (TEMPLATE);
}

static const char *
or_else (const char *value, const char *usual)
{
  return value != NULL ? value : usual;
}

static char *
signature_template (const Signer *signer, const char *id)
{
  g_autofree char *proper = g_strdup_printf ("#%s", id);
  const char *uri = or_else (signer->uri, proper);

  return g_strdup_printf (
      "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>"
      "<ds:CanonicalizationMethod Algorithm=%s></ds:CanonicalizationMethod>"
      "<ds:SignatureMethod Algorithm=\"%s\"/><ds:Reference URI=\"%s\"><ds:Transforms>%s</ds:Transforms>"
      "<ds:DigestMethod Algorithm=\"%s\"/><ds:DigestValue></ds:DigestValue></ds:Reference>%s</ds:SignedInfo>"
      "<ds:SignatureValue></ds:SignatureValue>%s</ds:Signature>",
      or_else (signer->c14n, "\"" EXC_C14N "\""), or_else (signer->method, RSA_SHA256), uri,
      or_else (signer->transforms, TRANSFORM (ENVELOPED) TRANSFORM (EXC_C14N)),
      or_else (signer->digest, DIGEST_SHA256), or_else (signer->extra, ""), or_else (signer->key_info, ""));
}

static xmlSecKeyPtr
load_key (const char *name)
{
  g_autofree char *file = g_strdup_printf ("keys/%s.key.pem", name);
  g_autofree char *path = NULL;

  if (g_str_equal (name, "hmac"))
    {
      g_autofree char *secret = fixture_read ("keys/rsa.crt.pem");
      return xmlSecKeyReadMemory (xmlSecKeyDataHmacId, (const xmlSecByte *) secret,
                                  (xmlSecSize) strlen (secret));
    }
  path = g_test_build_filename (G_TEST_DIST, "data", "saml", file, NULL);
  return xmlSecCryptoAppKeyLoad (path, xmlSecKeyDataFormatPem, NULL, NULL, NULL);
}

static void
register_ids (xmlDoc *doc, xmlNode *node)
{
  for (; node != NULL; node = node->next)
    {
      xmlAttr *id = node->type == XML_ELEMENT_NODE ? xmlHasNsProp (node, (const xmlChar *) "ID", NULL) : NULL;

      if (id != NULL && xmlGetID (doc, id->children->content) == NULL)
        g_assert_nonnull (xmlAddID (NULL, doc, id->children->content, id));
      register_ids (doc, node->children);
    }
}

static xmlNode *
find_unsigned (xmlNode *node)
{
  for (; node != NULL; node = node->next)
    {
      xmlNode *found;

      if (node->type == XML_ELEMENT_NODE && g_str_equal (node->name, "SignatureValue") &&
          node->children == NULL)
        return node->parent;
      found = find_unsigned (node->children);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static char *
sign_document (const char *xml, const Signer *signer)
{
  xmlDoc *doc = xmlReadMemory (xml, (int) strlen (xml), NULL, "UTF-8", 0);
  xmlSecDSigCtx *context = xmlSecDSigCtxCreate (NULL);
  xmlBuffer *buffer = xmlBufferCreate ();
  char *text;

  g_assert_nonnull (doc);
  register_ids (doc, xmlDocGetRootElement (doc));
  context->signKey = load_key (or_else (signer->key, "rsa"));
  g_assert_nonnull (context->signKey);
  g_assert_cmpint (xmlSecDSigCtxSign (context, find_unsigned (xmlDocGetRootElement (doc))), ==, 0);
  for (xmlNode *at = doc->children; at != NULL; at = at->next)
    xmlNodeDump (buffer, doc, at, 0, 0);
  text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  xmlSecDSigCtxDestroy (context);
  xmlFreeDoc (doc);
  return text;
}

static void
sign_part (char **xml, const char *mark, const char *id, const Signer *signer)
{
  g_autofree char *signature = signer != NULL ? signature_template (signer, id) : g_strdup ("");
  g_autofree char *marked = NULL;

  if (strstr (*xml, mark) == NULL)
    return;
  marked = fixture_replace (*xml, mark, signature);
  g_free (*xml);
  *xml = signer != NULL ? sign_document (marked, signer) : g_steal_pointer (&marked);
}

/* Puts signatures at the marks of the template, the inner one first: the other mark is only text by then. */
char *
fixture_sign (const char *xml, const char *parts, const Signer *signer)
{
  char *text = g_strdup (xml);

  sign_part (&text, "@A@", "_a1", strchr (parts, 'A') != NULL ? signer : NULL);
  sign_part (&text, "@R@", "_r1", strchr (parts, 'R') != NULL ? signer : NULL);
  return text;
}

DoorSamlMetadata *
fixture_metadata (const char *trust)
{
  g_autofree char *file = g_strdup_printf ("keys/%s.crt.pem", or_else (trust, "rsa"));
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  DoorSamlMetadata *metadata;

  g_ptr_array_add (files, fixture_read_bytes (file));
  metadata = door_saml_metadata_new_static (SAML_IDP, "https://idp.example.com/sso", files, false, &error);
  g_assert_no_error (error);
  return metadata;
}

DoorSamlExpectation
fixture_expectation (const DoorSamlMetadata *metadata)
{
  return (DoorSamlExpectation){ .metadata = metadata,
                                .acs_url = SAML_ACS,
                                .sp_entity_id = SAML_SP,
                                .now_ms = SAML_NOW_MS,
                                .clock_skew_s = 60,
                                .signed_part = DOOR_SIGNED_EITHER };
}

DoorSamlResponse *
fixture_verify (const char *xml, const DoorSamlExpectation *expect, GError **error)
{
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));

  return door_saml_response_verify (form, strlen (form), expect, error);
}

static char *
apply (char *text, const Edit *edits, size_t n_edits)
{
  for (size_t i = 0; i < n_edits && edits[i].find != NULL; i++)
    {
      char *edited = fixture_replace (text, edits[i].find, edits[i].replace);
      g_free (text);
      text = edited;
    }
  return text;
}

char *
fixture_build (const Case *test)
{
  g_autofree char *text = apply (fixture_template (), test->before, G_N_ELEMENTS (test->before));
  char *xml = fixture_sign (text, or_else (test->sign, "A"), &test->signer);

  return apply (xml, test->after, G_N_ELEMENTS (test->after));
}

static void
assert_error (const GError *error, DoorFault fault, const char *reason)
{
  if (error == NULL)
    g_test_fail_printf ("accepted, although %s was expected", door_fault_get_info (fault)->id);
  else if (error->domain != DOOR_ERROR || door_error_get_fault (error) != fault)
    g_test_fail_printf ("%s was expected: %s", door_fault_get_info (fault)->id, error->message);
  else if (reason != NULL && strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

void
fixture_run_case (gconstpointer data)
{
  const Case *test = data;
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (test->trust);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autofree char *xml = fixture_build (test);
  g_autoptr (DoorSamlResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  expect.signed_part = test->part;
  expect.allow_sha1 = test->allow_sha1;
  if (test->now_ms != 0)
    expect.now_ms = test->now_ms;
  response = fixture_verify (xml, &expect, &error);
  if (test->fault != DOOR_FAULT_NONE)
    {
      assert_error (error, test->fault, test->reason);
      return;
    }
  if (response == NULL)
    g_test_fail_printf ("refused: %s", error->message);
}

void
fixture_assert_refused (const char *xml, DoorFault fault, const char *reason)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlResponse) response = fixture_verify (xml, &expect, &error);

  g_assert_null (response);
  assert_error (error, fault, reason);
}

void
fixture_add_cases (const char *prefix, const Case *cases, size_t n_cases)
{
  for (size_t i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s", prefix, cases[i].name);
      g_test_add_data_func (path, &cases[i], fixture_run_case);
    }
}

int
fixture_run (int argc, char **argv, void (*add) (void))
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  door_saml_init (&error);
  g_assert_no_error (error);
  add ();
  result = g_test_run ();
  door_saml_shutdown ();
  return result;
}
