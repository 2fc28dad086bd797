/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>

#include <libxml/parser.h>

#include "door-saml-key.h"
#include "door-saml-signature.h"
#include "door-saml-xml.h"

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define OLD "http://www.w3.org/2000/09/xmldsig#"
#define INCLUSIVE "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define C14N11 "http://www.w3.org/2006/12/xml-c14n11"
#define PREFIXES "<ec:InclusiveNamespaces xmlns:ec=\"" EXC_C14N "\" PrefixList=\"xs xsi\"/>"
#define PREFIX_TRANSFORM(list)                                                                               \
  "<ds:Transform Algorithm=\"" EXC_C14N "\"><ec:InclusiveNamespaces xmlns:ec=\"" EXC_C14N                    \
  "\" PrefixList=\"" list "\"/></ds:Transform>"
#define XPATH                                                                                                \
  "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath>"     \
  "</ds:Transform>"
#define XSLT                                                                                                 \
  "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><x:stylesheet version=\"1.0\""    \
  " xmlns:x=\"http://www.w3.org/1999/XSL/Transform\"><x:template "                                           \
  "match=\"/\"><r/></x:template></x:stylesheet>"                                                             \
  "</ds:Transform>"
#define SECOND_REFERENCE                                                                                     \
  "<ds:Reference URI=\"\"><ds:Transforms>" TRANSFORM (                                                       \
      ENVELOPED) "</ds:Transforms><ds:DigestMethod Algorithm=\"" DIGEST_SHA256                               \
                 "\"/><ds:DigestValue></ds:DigestValue></ds:Reference>"
#define METHOD_TAG "<ds:SignatureMethod Algorithm=\"" RSA_SHA256 "\"/>"
#define DIGEST_TAG "<ds:DigestMethod Algorithm=\"" DIGEST_SHA256 "\"/>"
#define ENVELOPED_TAG "<ds:Transform Algorithm=\"" ENVELOPED "\"/>"
#define FOREIGN "xmlns:x=\"urn:x\" x:"
#define SIGNATURE_START "<ds:Signature xmlns:ds=\"" OLD "\">"

#define ACCEPTED DOOR_FAULT_NONE
#define ALGORITHM DOOR_FAULT_SAML_ALGORITHM
#define STRUCTURE DOOR_FAULT_SAML_STRUCTURE
#define SIGNATURE DOOR_FAULT_SAML_SIGNATURE

/* What the signature of the usual document has in it is replaced after signing: the form is looked at first.
 */
#define REPLACED(from, to, what, why) .after = { { from, to } }, .fault = (what), .reason = (why)

static const Case cases[] = {
  /* algorithms */
  { "algorithm/rsa-sha256", .fault = ACCEPTED },
  { "algorithm/rsa-sha384", .signer = { .method = MORE "rsa-sha384", .digest = MORE "sha384" } },
  { "algorithm/rsa-sha512",
    .signer = { .method = MORE "rsa-sha512", .digest = "http://www.w3.org/2001/04/xmlenc#sha512" } },
  { "algorithm/ecdsa-sha256", .signer = { .key = "ec-p256", .method = MORE "ecdsa-sha256" },
    .trust = "ec-p256" },
  { "algorithm/ecdsa-sha384", .signer = { .key = "ec-p384", .method = MORE "ecdsa-sha384" },
    .trust = "ec-p384" },
  { "algorithm/ecdsa-sha512", .signer = { .key = "ec-p521", .method = MORE "ecdsa-sha512" },
    .trust = "ec-p521" },
  { "algorithm/rsa-sha1", .signer = { .method = OLD "rsa-sha1" }, .fault = ALGORITHM,
    .reason = "method uses SHA-1" },
  { "algorithm/rsa-sha1-switched-on", .signer = { .method = OLD "rsa-sha1" }, .allow_sha1 = true },
  { "algorithm/ecdsa-sha1", .signer = { .key = "ec-p256", .method = MORE "ecdsa-sha1" }, .trust = "ec-p256",
    .fault = ALGORITHM, .reason = "method uses SHA-1" },
  { "algorithm/ecdsa-sha1-switched-on", .signer = { .key = "ec-p256", .method = MORE "ecdsa-sha1" },
    .trust = "ec-p256", .allow_sha1 = true },
  { "algorithm/digest-sha1", .signer = { .digest = OLD "sha1" }, .fault = ALGORITHM,
    .reason = "digest method is SHA-1" },
  { "algorithm/digest-sha1-switched-on", .signer = { .digest = OLD "sha1" }, .allow_sha1 = true },
  { "algorithm/hmac-with-the-certificate", .signer = { .key = "hmac", .method = MORE "hmac-sha256" },
    .fault = ALGORITHM, .reason = "signature method is not allowed" },
  { "algorithm/hmac-sha1", .signer = { .key = "hmac", .method = OLD "hmac-sha1" }, .allow_sha1 = true,
    .fault = ALGORITHM },
  { "algorithm/rsa-md5", REPLACED (RSA_SHA256, MORE "rsa-md5", ALGORITHM, "signature method") },
  { "algorithm/rsa-pss", REPLACED (RSA_SHA256, "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
                                   ALGORITHM, "signature method") },
  { "algorithm/dsa",
    REPLACED (RSA_SHA256, "http://www.w3.org/2009/xmldsig11#dsa-sha256", ALGORITHM, "signature method") },
  { "algorithm/none", REPLACED (" Algorithm=\"" RSA_SHA256 "\"", "", ALGORITHM, "signature method") },
  { "algorithm/digest-md5", REPLACED (DIGEST_SHA256, MORE "md5", ALGORITHM, "digest method") },
  { "algorithm/digest-none", REPLACED (" Algorithm=\"" DIGEST_SHA256 "\"", "", ALGORITHM, "digest method") },
  { "algorithm/digest-sha224", .signer = { .digest = MORE "sha224" }, .fault = ALGORITHM,
    .reason = "digest method is not" },

  /* canonicalisation */
  { "c14n/exclusive-with-comments",
    .signer = { .c14n = "\"" EXC_C14N "WithComments\"",
                .transforms = TRANSFORM (ENVELOPED) TRANSFORM (EXC_C14N "WithComments") } },
  { "c14n/inclusive",
    .signer = { .c14n = "\"" INCLUSIVE "\"", .transforms = TRANSFORM (ENVELOPED) TRANSFORM (INCLUSIVE) } },
  { "c14n/inclusive-with-comments",
    .signer = { .c14n = "\"" INCLUSIVE "#WithComments\"",
                .transforms = TRANSFORM (ENVELOPED) TRANSFORM (INCLUSIVE "#WithComments") } },
  { "c14n/1.1",
    .signer = { .c14n = "\"" C14N11 "\"", .transforms = TRANSFORM (ENVELOPED) TRANSFORM (C14N11) } },
  { "c14n/1.1-with-comments",
    .signer = { .c14n = "\"" C14N11 "#WithComments\"",
                .transforms = TRANSFORM (ENVELOPED) TRANSFORM (C14N11 "#WithComments") } },
  { "c14n/prefix-list",
    .signer = { .c14n = "\"" EXC_C14N "\">"
                        "<ec:InclusiveNamespaces xmlns:ec=\"" EXC_C14N "\" PrefixList=\"xs\"/",
                .transforms = TRANSFORM (ENVELOPED) "<ds:Transform Algorithm=\"" EXC_C14N "\">\n" PREFIXES
                                                    "</ds:Transform>" } },
  { "c14n/sixteen-prefixes",
    .signer = { .transforms = TRANSFORM (ENVELOPED) PREFIX_TRANSFORM ("a b c d e f g h i j k l m n o p") } },
  { "c14n/seventeen-prefixes",
    .signer = { .transforms = TRANSFORM (ENVELOPED) PREFIX_TRANSFORM ("a b c d e f g h i j k l m n o p q") },
    .fault = STRUCTURE, .reason = "parameter" },
  { "c14n/two-prefix-lists",
    REPLACED (TRANSFORM (EXC_C14N),
              "<ds:Transform Algorithm=\"" EXC_C14N "\">" PREFIXES PREFIXES "</ds:Transform>", STRUCTURE,
              "parameter") },
  { "c14n/method-unknown",
    REPLACED ("CanonicalizationMethod Algorithm=\"" EXC_C14N, "CanonicalizationMethod Algorithm=\"urn:x",
              ALGORITHM, "canonicalisation method") },
  { "c14n/method-none", REPLACED ("CanonicalizationMethod Algorithm=\"" EXC_C14N "\"",
                                  "CanonicalizationMethod", ALGORITHM, "canonicalisation method") },
  { "c14n/method-parameter",
    REPLACED ("\"/><ds:SignatureMethod", "\"><x/></ds:CanonicalizationMethod><ds:SignatureMethod", STRUCTURE,
              "parameter") },
  { "c14n/failure-is-fatal", .after = { { " xmlns:xs=", " xmlns:relative=\"no/scheme\" xmlns:xs=" } },
    .fault = SIGNATURE, .reason = "does not fit" },

  /* transforms */
  { "transform/enveloped-only", .signer = { .transforms = TRANSFORM (ENVELOPED) } },
  { "transform/none", .signer = { .transforms = "" }, .fault = STRUCTURE,
    .reason = "Transforms has no Transform" },
  { "transform/not-enveloped", .signer = { .transforms = TRANSFORM (EXC_C14N) }, .fault = ALGORITHM,
    .reason = "first transform" },
  { "transform/enveloped-twice", .signer = { .transforms = TRANSFORM (ENVELOPED) TRANSFORM (ENVELOPED) },
    .fault = ALGORITHM, .reason = "second transform" },
  { "transform/three",
    .signer = { .transforms = TRANSFORM (ENVELOPED) TRANSFORM (EXC_C14N) TRANSFORM (EXC_C14N) },
    .fault = STRUCTURE, .reason = "unexpected Transform" },
  { "transform/xpath", .signer = { .transforms = TRANSFORM (ENVELOPED) XPATH }, .fault = ALGORITHM,
    .reason = "second transform" },
  { "transform/xpath-first", .signer = { .transforms = XPATH TRANSFORM (EXC_C14N) }, .fault = ALGORITHM,
    .reason = "first transform" },
  { "transform/xslt", .signer = { .transforms = TRANSFORM (ENVELOPED) },
    .after = { { ENVELOPED_TAG, ENVELOPED_TAG XSLT } }, .fault = ALGORITHM, .reason = "second transform" },
  { "transform/base64", .after = { { TRANSFORM (EXC_C14N), TRANSFORM (OLD "base64") } }, .fault = ALGORITHM,
    .reason = "second transform" },
  { "transform/enveloped-parameter",
    REPLACED (ENVELOPED_TAG, "<ds:Transform Algorithm=\"" ENVELOPED "\">" PREFIXES "</ds:Transform>",
              STRUCTURE, "parameter") },
  { "transform/no-element",
    .after = { { "<ds:Transforms>" TRANSFORM (ENVELOPED) TRANSFORM (EXC_C14N) "</ds:Transforms>", "" } },
    .fault = STRUCTURE, .reason = "unexpected DigestMethod" },

  /* reference */
  { "reference/whole-document", .sign = "R", .signer = { .uri = "" }, .fault = STRUCTURE,
    .reason = "reference is not to" },
  { "reference/missing", REPLACED (" URI=\"#_a1\"", "", STRUCTURE, "reference is not to") },
  { "reference/other-element", .before = { { "<samlp:Status>", "<samlp:Status xml:id=\"_x\">" } },
    .signer = { .uri = "#_x" }, .fault = STRUCTURE, .reason = "reference is not to" },
  { "reference/the-response-from-the-assertion", .signer = { .uri = "#_r1" }, .fault = STRUCTURE,
    .reason = "reference is not to" },
  { "reference/xpointer", .signer = { .uri = "#xpointer(id('_a1'))" }, .fault = STRUCTURE,
    .reason = "reference is not to" },
  { "reference/external",
    REPLACED ("\"#_a1\"", "\"http://127.0.0.1:9/#_a1\"", STRUCTURE, "reference is not to") },
  { "reference/two", .signer = { .extra = SECOND_REFERENCE }, .fault = STRUCTURE,
    .reason = "unexpected Reference" },
  { "form/unknown-child",
    REPLACED ("<ds:SignatureValue>", "<ds:Nothing/><ds:SignatureValue>", STRUCTURE, "unexpected Nothing") },

  /* form */
  { "form/object", .signer = { .key_info = "<ds:Object><x/></ds:Object>" }, .fault = STRUCTURE,
    .reason = "unexpected Object" },
  { "form/manifest", .signer = { .key_info = "<ds:KeyInfo/><ds:Object><ds:Manifest/></ds:Object>" },
    .fault = STRUCTURE, .reason = "unexpected Object" },
  { "form/two-key-infos", REPLACED ("</ds:Signature>", "<ds:KeyInfo/><ds:KeyInfo/></ds:Signature>", STRUCTURE,
                                    "unexpected KeyInfo") },
  { "form/two-signed-infos",
    REPLACED ("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignedInfo/>", STRUCTURE, "unexpected SignedInfo") },
  { "form/two-signature-values",
    REPLACED ("</ds:SignatureValue>", "</ds:SignatureValue><ds:SignatureValue>AA==</ds:SignatureValue>",
              STRUCTURE, "unexpected SignatureValue") },
  { "form/comment-in-signed-info",
    REPLACED ("<ds:SignedInfo>", "<ds:SignedInfo><!-- x -->", STRUCTURE, "unexpected comment") },
  { "form/text-in-signed-info",
    REPLACED ("<ds:SignedInfo>", "<ds:SignedInfo>x", STRUCTURE, "unexpected text") },
  { "form/comment-in-digest",
    REPLACED ("<ds:DigestValue>", "<ds:DigestValue><!-- x -->", STRUCTURE, "DigestValue is not one piece") },
  { "form/comment-in-signature-value", REPLACED ("<ds:SignatureValue>", "<ds:SignatureValue><!-- x -->",
                                                 STRUCTURE, "SignatureValue is not one piece") },
  { "form/cdata-in-digest",
    .after = { { "<ds:DigestValue>", "<ds:DigestValue><![CDATA[" },
               { "</ds:DigestValue>", "]]></ds:DigestValue>" } },
    .fault = STRUCTURE, .reason = "DigestValue is not one piece" },
  { "form/cdata-in-signature-value",
    .after = { { "<ds:SignatureValue>", "<ds:SignatureValue><![CDATA[" },
               { "</ds:SignatureValue>", "]]></ds:SignatureValue>" } },
    .fault = STRUCTURE, .reason = "SignatureValue is not one piece" },
  { "form/element-in-digest",
    REPLACED ("</ds:DigestValue>", "<x/></ds:DigestValue>", STRUCTURE, "DigestValue is not one piece") },
  { "form/digest-too-long",
    REPLACED ("<ds:DigestValue>", "<ds:DigestValue>AAAA", STRUCTURE, "does not fit") },
  { "form/digest-not-base64", REPLACED ("<ds:DigestValue>", "<ds:DigestValue>*", STRUCTURE, "does not fit") },
  { "form/hmac-output-length",
    REPLACED (METHOD_TAG,
              "<ds:SignatureMethod Algorithm=\"" RSA_SHA256
              "\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>",
              STRUCTURE, "parameter") },
  { "form/digest-parameter",
    REPLACED (DIGEST_TAG, "<ds:DigestMethod Algorithm=\"" DIGEST_SHA256 "\"><x/></ds:DigestMethod>",
              STRUCTURE, "parameter") },

  /* attributes in a namespace, which xmlsec would take for its own */
  { "pollution/uri", REPLACED ("<ds:Reference ", "<ds:Reference " FOREIGN "URI=\"#_r1\" ", STRUCTURE,
                               "attribute in a namespace") },
  { "pollution/signature-method",
    REPLACED ("<ds:SignatureMethod ", "<ds:SignatureMethod " FOREIGN "Algorithm=\"urn:x\" ", STRUCTURE,
              "attribute in a namespace") },
  { "pollution/digest-method",
    REPLACED ("<ds:DigestMethod ", "<ds:DigestMethod " FOREIGN "Algorithm=\"urn:x\" ", STRUCTURE,
              "attribute in a namespace") },
  { "pollution/transform", REPLACED ("<ds:Transform ", "<ds:Transform " FOREIGN "Algorithm=\"urn:x\" ",
                                     STRUCTURE, "attribute in a namespace") },
  { "pollution/c14n",
    REPLACED ("<ds:CanonicalizationMethod ", "<ds:CanonicalizationMethod " FOREIGN "Algorithm=\"urn:x\" ",
              STRUCTURE, "attribute in a namespace") },
  { "pollution/prefix-list",
    .signer = { .transforms = TRANSFORM (ENVELOPED) "<ds:Transform Algorithm=\"" EXC_C14N "\">"
                                                    "<ec:InclusiveNamespaces xmlns:ec=\"" EXC_C14N
                                                    "\" " FOREIGN "PrefixList=\"xs\"/></ds:Transform>" },
    .fault = STRUCTURE, .reason = "parameter" },
  { "pollution/signature-value",
    REPLACED ("<ds:SignatureValue>", "<ds:SignatureValue " FOREIGN "Id=\"i\">", STRUCTURE, "not one piece") },

  /* place */
  { "place/two-in-assertion",
    .after = { { "<saml:Subject>", SIGNATURE_START "</ds:Signature><saml:Subject>" } }, .fault = STRUCTURE,
    .reason = "more than one Signature" },
  { "place/two-in-response", .sign = "R",
    .after = { { "<samlp:Status>", SIGNATURE_START "</ds:Signature><samlp:Status>" } }, .fault = STRUCTURE,
    .reason = "more than one Signature" },
  { "place/in-subject", .after = { { "<saml:Subject>", "<saml:Subject>" SIGNATURE_START "</ds:Signature>" } },
    .fault = STRUCTURE, .reason = "where none may" },
  { "place/in-extensions",
    .after = { { "<samlp:Status>",
                 "<samlp:Extensions>" SIGNATURE_START "</ds:Signature></samlp:Extensions><samlp:Status>" } },
    .fault = STRUCTURE, .reason = "where none may" },

  /* keys */
  { "key/wrong", .signer = { .key = "rsa-other" }, .fault = SIGNATURE,
    .reason = "none of 1 keys of type RSA" },
  { "key/expired-certificate", .trust = "rsa-expired" },
  { "key/third-of-several", .trust = "several" },
  { "key/second-of-several", .signer = { .key = "ec-p256", .method = MORE "ecdsa-sha256" },
    .trust = "several" },
  { "key/first-is-of-another-curve", .signer = { .key = "ec-p256", .method = MORE "ecdsa-sha256" },
    .trust = "ec-several" },
  { "key/last-is-of-another-curve", .signer = { .key = "ec-p521", .method = MORE "ecdsa-sha512" },
    .trust = "ec-several" },
  { "key/type-does-not-fit", .trust = "ec-p256", .fault = SIGNATURE, .reason = "none of 0 keys of type RSA" },
  { "key/algorithm-does-not-fit",
    REPLACED (RSA_SHA256, MORE "ecdsa-sha256", SIGNATURE, "none of 0 keys of type EC") },
  { "key/key-info-is-ignored",
    .signer = { .key_info = "<ds:KeyInfo><ds:KeyName>x</ds:KeyName><ds:RetrievalMethod "
                            "URI=\"http://127.0.0.1:9/\"/><ds:X509Data><ds:X509Certificate>AAAA</"
                            "ds:X509Certificate></ds:X509Data></ds:KeyInfo>" } },

  /* what was changed after signing */
  { "tampered/name-id", .after = { { ">ada@", ">eve@" } }, .fault = SIGNATURE,
    .reason = "digest of the Assertion" },
  { "tampered/name-id-in-signed-response", .sign = "R", .after = { { ">ada@", ">eve@" } }, .fault = SIGNATURE,
    .reason = "digest of the Response" },
  { "tampered/added-attribute",
    .after = { { "</saml:AttributeStatement>", "<saml:Attribute Name=\"x\"/></saml:AttributeStatement>" } },
    .fault = SIGNATURE },
  { "tampered/signed-info",
    REPLACED ("<ds:SignatureMethod ", "<ds:SignatureMethod Id=\"m\" ", SIGNATURE, "none of") },
  { "tampered/response-signature-of-both", .sign = "AR", .after = { { "12:00:00Z", "12:00:09Z" } },
    .fault = SIGNATURE, .reason = "digest of the Response" },
  { "tampered/response-around-signed-assertion", .after = { { "12:00:00Z", "12:00:09Z" } } },
  { "tampered/pretty-printed", .after = { { "<saml:Subject>", "\n<saml:Subject>" } }, .fault = SIGNATURE },
};

/* The provider's certificate is replaced by the attacker's in KeyInfo, as a certificate and as a bare key. */
static void
test_key_info_of_attacker (void)
{
  g_autofree char *pem = fixture_read ("keys/rsa-other.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "");
  g_autofree char *base64 = fixture_replace (start, "-----END CERTIFICATE-----", "");
  g_autofree char *info =
      g_strdup_printf ("<ds:KeyInfo><ds:KeyValue></ds:KeyValue><ds:X509Data><ds:X509Certificate>%s</"
                       "ds:X509Certificate></ds:X509Data>"
                       "</ds:KeyInfo>",
                       base64);
  Case test = { .signer = { .key = "rsa-other", .key_info = info } };
  g_autofree char *xml = fixture_build (&test);

  g_assert_nonnull (strstr (xml, "<ds:Modulus>"));
  fixture_assert_refused (xml, SIGNATURE, "none of 1 keys");
}

/* Both are signed, the Response well and the Assertion by somebody else: every signature must hold. */
static void
test_one_bad_of_two (void)
{
  Signer good = { 0 }, bad = { .key = "rsa-other" };
  g_autofree char *whole = fixture_template ();
  g_autofree char *later = fixture_replace (whole, "@R@", "@L@");
  g_autofree char *inner = fixture_sign (later, "A", &bad);
  g_autofree char *now = fixture_replace (inner, "@L@", "@R@");
  g_autofree char *xml = fixture_sign (now, "R", &good);

  fixture_assert_refused (xml, SIGNATURE, "Assertion is signed by none");
}

/* Where canonicalisation could be brought to give nothing, a digest of nothing would fit. */
static void
test_digest_of_nothing (void)
{
  static const struct
  {
    const char *digest;
    GChecksumType type;
  } digests[] = { { DIGEST_SHA256, G_CHECKSUM_SHA256 },
                  { MORE "sha384", G_CHECKSUM_SHA384 },
                  { "http://www.w3.org/2001/04/xmlenc#sha512", G_CHECKSUM_SHA512 } };

  for (size_t i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      Case test = { .signer = { .digest = digests[i].digest } };
      g_autofree char *xml = fixture_build (&test);
      g_autofree char *value = fixture_cut (xml, "<ds:DigestValue>", "</ds:DigestValue>");
      g_autoptr (GChecksum) checksum = g_checksum_new (digests[i].type);
      guint8 bytes[64];
      gsize size = sizeof bytes;
      g_autofree char *base64 = NULL, *replaced = NULL, *empty = NULL;

      g_checksum_get_digest (checksum, bytes, &size);
      base64 = g_base64_encode (bytes, size);
      empty = g_strdup_printf ("<ds:DigestValue>%s</ds:DigestValue>", base64);
      replaced = fixture_replace (xml, value, empty);
      fixture_assert_refused (replaced, SIGNATURE, "digest is that of nothing");
    }
}

static xmlDoc *
load (const char *xml)
{
  g_autoptr (GError) error = NULL;
  xmlDoc *doc = door_saml_xml_load (xml, strlen (xml), DOOR_FAULT_SAML_XML, &error);

  g_assert_no_error (error);
  return doc;
}

static bool
check_value (xmlDoc *doc, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *assertion = door_saml_xml_lookup_child (root, DOOR_SAML_NS_ASSERTION, "Assertion", NULL);
  DoorSamlSignature signature = {
    .node = door_saml_xml_lookup_child (assertion, DOOR_SAML_NS_SIGNATURE, "Signature", NULL),
    .element = assertion,
    .id = door_saml_xml_get_attribute (assertion, "ID"),
    .key_type = "RSA",
  };

  return door_saml_signature_check_value (&signature, door_saml_metadata_get_keys (metadata), error);
}

static gpointer
verify_often (gpointer data)
{
  const DoorSamlMetadata *metadata = data;
  DoorSamlExpectation expect = fixture_expectation (metadata);
  Case good = { .sign = "AR" }, bad = { .after = { { ">ada@", ">eve@" } } };
  g_autofree char *good_xml = fixture_build (&good), *bad_xml = fixture_build (&bad);

  for (unsigned int i = 0; i < 50; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlResponse) response = fixture_verify (good_xml, &expect, &error);

      g_assert_no_error (error);
      g_assert_nonnull (response);
      g_assert_null (fixture_verify (bad_xml, &expect, NULL));
    }
  return NULL;
}

/* Metadata is shared by all threads. */
static void
test_threads (void)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata ("several");
  GThread *threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("verify", verify_often, metadata);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* The library's own whitelist holds even without our look at the form. */
static void
test_library_whitelist (void)
{
  static const Case tests[] = {
    { "", .signer = { .transforms = TRANSFORM (ENVELOPED) TRANSFORM (EXC_C14N) }, .fault = ACCEPTED },
    { "", .signer = { .transforms = TRANSFORM (ENVELOPED) XPATH }, .fault = SIGNATURE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *xml = fixture_build (&tests[i]);
      g_autoptr (xmlDoc) doc = load (xml);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (check_value (doc, &error), ==, tests[i].fault == ACCEPTED);
      g_assert_cmpint (door_error_get_fault (error), ==, tests[i].fault);
    }
}

/* The ID finds the element that is read, and not one that has the same xml:id. */
static void
test_id_finds_the_element (void)
{
  Case test = { .after = { { "<samlp:Status>", "<samlp:Status xml:id=\"_a1\">" } } };
  g_autofree char *xml = fixture_build (&test);
  g_autoptr (xmlDoc) doc = load (xml);
  g_autoptr (GError) error = NULL;

  g_assert_false (check_value (doc, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, STRUCTURE);
  g_assert_nonnull (strstr (error->message, "finds another element"));
}

static void
add_tests (void)
{
  fixture_add_cases ("/saml/signature", cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/saml/signature/key-info-of-attacker", test_key_info_of_attacker);
  g_test_add_func ("/saml/signature/one-bad-of-two", test_one_bad_of_two);
  g_test_add_func ("/saml/signature/digest-of-nothing", test_digest_of_nothing);
  g_test_add_func ("/saml/signature/threads", test_threads);
  g_test_add_func ("/saml/signature/library-whitelist", test_library_whitelist);
  g_test_add_func ("/saml/signature/id-finds-the-element", test_id_finds_the_element);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
