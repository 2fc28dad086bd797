/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we sign: requests by Redirect and by POST, our metadata; and the keys it is done with. */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "door-saml-document.h"
#include "door-saml-request.h"
#include "door-saml-sp-metadata.h"
#include "door-saml-xml.h"
#include "saml-encrypt.h"

#define NS_MD DOOR_SAML_NS_METADATA
#define CONTEXT "urn:oasis:names:tc:SAML:2.0:ac:classes:X509"

static DoorSamlRequest
usual (const DoorSamlSpKey *key)
{
  return (DoorSamlRequest){ .id = "_0123456789abcdef",
                            .issued_at_ms = SAML_NOW_MS,
                            .destination = "https://idp.example.com/sso?tenant=a%20b",
                            .acs_url = SAML_ACS,
                            .issuer = SAML_SP,
                            .relay_state = "a b&c",
                            .signing_key = key };
}

/* Verifies as the other side does: over the octets between "?" and "&Signature=", as they are. */
static bool
query_holds (const char *url, const DoorSamlSpKey *key)
{
  const char *start = strstr (url, "SAMLRequest="), *end = strstr (url, "&Signature=");
  g_autofree char *octets = g_strndup (start, (size_t) (end - start));
  g_autofree char *encoded = g_uri_unescape_string (end + strlen ("&Signature="), NULL);
  gsize size, der_size;
  g_autofree guchar *signature = g_base64_decode (encoded, &size);
  const unsigned char *der = g_bytes_get_data (door_saml_sp_key_get_certificate (key), &der_size);
  X509 *certificate = d2i_X509 (NULL, &der, (long) der_size);
  EVP_PKEY *pkey = X509_get_pubkey (certificate);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool holds;

  g_assert_cmpint (EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, pkey), ==, 1);
  holds = EVP_DigestVerify (context, signature, size, (const unsigned char *) octets, strlen (octets)) == 1;
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (pkey);
  X509_free (certificate);
  return holds;
}

static void
test_redirect (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa-other"), other = fixture_sp_key ("rsa");
  DoorSamlRequest request = usual (key);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_saml_request_build_redirect_url (&request, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (url, "https://idp.example.com/sso?tenant=a%20b&SAMLRequest="));
  g_assert_nonnull (strstr (url, "&RelayState=a%20b%26c&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2F"
                                 "xmldsig-more%23rsa-sha256&Signature="));
  g_assert_true (query_holds (url, key));
  g_assert_false (query_holds (url, other));
}

/* Further parameters are not part of what the binding signs, so they stand behind it. */
static void
test_redirect_with_params (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa-other");
  g_autoptr (GHashTable) params = g_hash_table_new (g_str_hash, g_str_equal);
  DoorSamlRequest request = usual (key);
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  g_hash_table_insert (params, (char *) "login_hint", (char *) "ada@example.com");
  request.extra_params = params;
  request.relay_state = NULL;
  url = door_saml_request_build_redirect_url (&request, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (url, "&login_hint=ada%40example.com"));
  *strstr (url, "&login_hint") = '\0';
  g_assert_true (query_holds (url, key));
}

/* The document as it is posted, and whether it is signed by @name as we ourselves would want it. */
static xmlDoc *
parse_message (const char *base64, const char *name, bool *holds)
{
  gsize size;
  g_autofree guchar *xml = g_base64_decode (base64, &size);
  xmlDoc *doc = xmlReadMemory ((const char *) xml, (int) size, NULL, NULL, XML_PARSE_NONET);
  xmlNode *root = xmlDocGetRootElement (doc);
  xmlNode *signature = door_saml_xml_lookup_child (root, DOOR_SAML_NS_SIGNATURE, "Signature", NULL);
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (name);

  *holds = signature != NULL && door_saml_document_verify_signature (signature, root, metadata, false, NULL);
  return doc;
}

static void
test_post (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa-other");
  DoorSamlRequest request = usual (key);
  g_auto (DoorSamlForm) form = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (xmlDoc) doc = NULL, again = NULL;
  const xmlNode *issuer;
  bool holds;

  request.authn_context = CONTEXT;
  g_assert_true (door_saml_request_build_form (&request, &form, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (form.action, ==, "https://idp.example.com/sso?tenant=a%20b");
  g_assert_cmpstr (form.field, ==, "SAMLRequest");
  g_assert_cmpstr (form.relay_state, ==, "a b&c");
  doc = parse_message (form.message, "rsa-other", &holds);
  g_assert_true (holds);
  /* the schema wants it right behind the Issuer (SAML core 3.2.1) */
  issuer = xmlDocGetRootElement (doc)->children;
  g_assert_true (door_saml_xml_is (issuer, DOOR_SAML_NS_ASSERTION, "Issuer"));
  g_assert_true (door_saml_xml_is (issuer->next, DOOR_SAML_NS_SIGNATURE, "Signature"));
  g_assert_true (door_saml_xml_is (issuer->next->next, DOOR_SAML_NS_PROTOCOL, "RequestedAuthnContext"));
  again = parse_message (form.message, "rsa", &holds);
  g_assert_false (holds);
}

static void
test_post_unsigned (void)
{
  g_autoptr (GHashTable) params = g_hash_table_new (g_str_hash, g_str_equal);
  DoorSamlRequest request = usual (NULL);
  g_auto (DoorSamlForm) form = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree guchar *xml = NULL;
  gsize size;

  g_hash_table_insert (params, (char *) "hd", (char *) "example.com");
  request.extra_params = params;
  g_assert_true (door_saml_request_build_form (&request, &form, &error));
  g_assert_cmpstr (form.action, ==, "https://idp.example.com/sso?tenant=a%20b&hd=example.com");
  xml = g_base64_decode (form.message, &size);
  g_assert_null (g_strstr_len ((const char *) xml, (gssize) size, "Signature"));
  g_assert_nonnull (g_strstr_len ((const char *) xml, (gssize) size,
                                  "bindings:HTTP-POST\"><saml:Issuer>" SAML_SP
                                  "</saml:Issuer></samlp:AuthnRequest>"));
}

static void
test_bad_values (void)
{
  DoorSamlRequest requests[] = { usual (NULL), usual (NULL), usual (NULL), usual (NULL) };

  requests[0].id = "0digit";
  requests[1].authn_context = "a\nb";
  requests[2].destination = "https://idp.example.com/sso?RelayState=x";
  requests[3].acs_url = "https://mdm.example.com/\x01";
  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      g_auto (DoorSamlForm) form = { NULL };
      g_autoptr (GError) error = NULL, again = NULL;

      g_assert_false (door_saml_request_build_form (&requests[i], &form, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_null (form.message);
      g_assert_null (door_saml_request_build_redirect_url (&requests[i], &again));
      g_assert_error (again, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static void
test_new_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlSpKey) key = door_saml_sp_key_new ("mdm.example.com", SAML_NOW_MS, &error);
  g_autoptr (DoorSamlSpKey) other = door_saml_sp_key_new ("mdm.example.com", SAML_NOW_MS, &error);
  g_autoptr (DoorSamlSpKey) again = NULL, mixed = NULL;
  g_autoptr (DoorSecret) secret = NULL;
  g_autofree char *pem = NULL;
  g_autoptr (GBytes) certificate = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (door_saml_sp_key_get_info (key)->bits, ==, 3072);
  g_assert_cmpstr (door_saml_sp_key_get_info (key)->type, ==, "RSA");
  g_assert_cmpint (door_saml_sp_key_get_info (key)->not_after_ms, ==,
                   SAML_NOW_MS + INT64_C (3650) * 86400 * 1000);
  g_assert_cmpstr (door_saml_sp_key_get_info (key)->sha256, !=, door_saml_sp_key_get_info (other)->sha256);
  secret = door_saml_sp_key_dup_private_key (key, &error);
  g_assert_no_error (error);
  pem = door_saml_sp_key_dup_certificate_pem (key);
  certificate = g_bytes_new (pem, strlen (pem));
  again = door_saml_sp_key_parse (secret, certificate, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_sp_key_get_info (key)->sha256, ==, door_saml_sp_key_get_info (again)->sha256);
  mixed = door_saml_sp_key_parse (secret, door_saml_sp_key_get_certificate (other), &error);
  g_assert_null (mixed);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "another key"));
}

static void
test_bad_keys (void)
{
  static const char *const keys[] = { "", "nonsense", "0nonsense", "ec-p256.key.pem", "rsa.crt.pem" };
  g_autoptr (GBytes) certificate = fixture_read_bytes ("keys/rsa.crt.pem");

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *file = g_strdup_printf ("keys/%s", keys[i]);
      g_autofree char *text = g_str_has_suffix (keys[i], ".pem") ? fixture_read (file) : g_strdup (keys[i]);
      g_autoptr (DoorSecret) secret = door_secret_new (text, strlen (text));
      g_autoptr (GError) error = NULL;

      g_assert_null (door_saml_sp_key_parse (secret, certificate, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static DoorSamlSpMetadata
full_metadata (const GPtrArray *keys)
{
  static const char *const formats[] = { "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", NULL };

  return (DoorSamlSpMetadata){ .entity_id = SAML_SP,
                               .acs_url = SAML_ACS,
                               .logout_url = "https://mdm.example.com/saml/okta/slo",
                               .signing_keys = keys,
                               .encryption_keys = keys,
                               .requests_signed = true,
                               .want_assertions_signed = true,
                               .name_id_formats = formats,
                               .valid_until_ms = SAML_NOW_MS,
                               .cache_duration_s = 3600,
                               .sign_with = g_ptr_array_index (keys, 0),
                               .id = "_m1" };
}

static unsigned int
count_children (const xmlNode *parent, const char *name, const char *attribute, const char *value)
{
  unsigned int count = 0;

  for (const xmlNode *at = door_saml_xml_lookup_child (parent, NS_MD, name, NULL); at != NULL;
       at = door_saml_xml_lookup_child (parent, NS_MD, name, at))
    count += g_strcmp0 (door_saml_xml_get_attribute (at, attribute), value) == 0 ? 1 : 0;
  return count;
}

static void
test_metadata (void)
{
  static const char *const names[] = { "rsa", "rsa-other", NULL };
  g_autoptr (GPtrArray) keys = fixture_sp_keys (names);
  DoorSamlSpMetadata metadata = full_metadata (keys);
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = door_saml_sp_metadata_build (&metadata, &error), *base64 = NULL;
  g_autoptr (xmlDoc) doc = NULL;
  const xmlNode *root, *role;
  bool holds;

  g_assert_no_error (error);
  base64 = g_base64_encode ((const guchar *) xml, strlen (xml));
  doc = parse_message (base64, "rsa", &holds);
  g_assert_true (holds);
  root = xmlDocGetRootElement (doc);
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "entityID"), ==, SAML_SP);
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "validUntil"), ==, "2026-01-01T12:01:00Z");
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "cacheDuration"), ==, "PT3600S");
  role = door_saml_xml_lookup_child (root, NS_MD, "SPSSODescriptor", NULL);
  g_assert_cmpstr (door_saml_xml_get_attribute (role, "AuthnRequestsSigned"), ==, "true");
  g_assert_cmpstr (door_saml_xml_get_attribute (role, "WantAssertionsSigned"), ==, "true");
  g_assert_cmpuint (count_children (role, "KeyDescriptor", "use", "signing"), ==, 2);
  g_assert_cmpuint (count_children (role, "KeyDescriptor", "use", "encryption"), ==, 2);
  g_assert_cmpuint (count_children (role, "SingleLogoutService", "Location", metadata.logout_url), ==, 2);
  g_assert_cmpuint (count_children (role, "AssertionConsumerService", "Location", SAML_ACS), ==, 1);
  g_assert_nonnull (strstr (xml, ">urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>"));
  g_assert_null (strstr (xml, "rsa-1_5"));
}

/* Nothing is published that is not on: many providers encrypt as soon as they see how. */
static void
test_metadata_least (void)
{
  static const char *const names[] = { "rsa", NULL };
  g_autoptr (GPtrArray) keys = fixture_sp_keys (names);
  DoorSamlSpMetadata metadata = { .entity_id = "a<b>&\"", .acs_url = SAML_ACS, .signing_keys = keys };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = door_saml_sp_metadata_build (&metadata, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (xml, "entityID=\"a&lt;b&gt;&amp;&quot;\""));
  g_assert_null (strstr (xml, "encryption"));
  g_assert_null (strstr (xml, "EncryptionMethod"));
  g_assert_null (strstr (xml, "Logout"));
  g_assert_null (strstr (xml, "validUntil"));
  g_assert_null (strstr (xml, "SignatureValue"));
}

/* Another implementation's word on our signatures. */
static void
run_xmlsec (const char *xml, const char *element)
{
  g_autofree char *program = g_find_program_in_path ("xmlsec1"), *path = NULL, *certificate = NULL;
  g_autoptr (GError) error = NULL;
  int fd, status = -1;

  if (program == NULL)
    {
      g_test_skip ("the program xmlsec1 is not installed");
      return;
    }
  fd = g_file_open_tmp ("door-saml-XXXXXX.xml", &path, &error);
  g_assert_no_error (error);
  close (fd);
  g_file_set_contents (path, xml, -1, &error);
  g_assert_no_error (error);
  certificate = g_test_build_filename (G_TEST_DIST, "data", "saml", "keys", "rsa.crt.pem", NULL);
  {
    const char *argv[] = { program, "--verify", "--id-attr:ID", element, "--pubkey-cert-pem", certificate,
                           path,    NULL };

    g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                  NULL, NULL, NULL, &status, &error);
  }
  g_remove (path);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
test_metadata_by_xmlsec (void)
{
  static const char *const names[] = { "rsa", "rsa-other", NULL };
  g_autoptr (GPtrArray) keys = fixture_sp_keys (names);
  DoorSamlSpMetadata metadata = full_metadata (keys);
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = door_saml_sp_metadata_build (&metadata, &error);

  g_assert_no_error (error);
  run_xmlsec (xml, NS_MD ":EntityDescriptor");
}

static void
test_request_by_xmlsec (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  DoorSamlRequest request = usual (key);
  g_auto (DoorSamlForm) form = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  g_autofree guchar *decoded = NULL;
  gsize size;

  g_assert_true (door_saml_request_build_form (&request, &form, &error));
  decoded = g_base64_decode (form.message, &size);
  xml = g_strndup ((const char *) decoded, size);
  run_xmlsec (xml, DOOR_SAML_NS_PROTOCOL ":AuthnRequest");
}

static void
add (void)
{
  g_test_add_func ("/saml/signing/redirect", test_redirect);
  g_test_add_func ("/saml/signing/redirect-with-params", test_redirect_with_params);
  g_test_add_func ("/saml/signing/post", test_post);
  g_test_add_func ("/saml/signing/post-unsigned", test_post_unsigned);
  g_test_add_func ("/saml/signing/bad-values", test_bad_values);
  g_test_add_func ("/saml/signing/new-key", test_new_key);
  g_test_add_func ("/saml/signing/bad-keys", test_bad_keys);
  g_test_add_func ("/saml/signing/metadata", test_metadata);
  g_test_add_func ("/saml/signing/metadata-least", test_metadata_least);
  g_test_add_func ("/saml/signing/metadata-by-xmlsec", test_metadata_by_xmlsec);
  g_test_add_func ("/saml/signing/request-by-xmlsec", test_request_by_xmlsec);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add);
}
