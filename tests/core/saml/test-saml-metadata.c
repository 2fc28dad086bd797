/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>

#include "door-saml-key.h"

#define REDIRECT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
#define POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
#define LOCATION "https://acme.example.com/app/acme_mdm_1/exk1/sso/saml?a=1&amp;b=2"
#define PROTOCOL "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\""
#define ENTITY_ID "entityID=\"http://www.okta.com/exk1fcia6d6EMsf331d8\""

static DoorSamlMetadata *
parse (const char *xml, const char *entity_id, bool allow_http, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (xml, strlen (xml));

  return door_saml_metadata_parse (bytes, entity_id, allow_http, error);
}

static DoorSamlMetadata *
parse_file (const char *name, const char *entity_id)
{
  g_autofree char *xml = fixture_read (name);
  g_autoptr (GError) error = NULL;
  DoorSamlMetadata *metadata = parse (xml, entity_id, false, &error);

  g_assert_no_error (error);
  return metadata;
}

static void
assert_metadata_error (const GError *error, const char *reason)
{
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_METADATA);
  if (strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

static void
test_okta (void)
{
  g_autoptr (DoorSamlMetadata) metadata = parse_file ("metadata/okta.xml", NULL);
  g_autoptr (DoorSamlMetadata) same = door_saml_metadata_ref (metadata);
  g_autoptr (GPtrArray) keys = door_saml_metadata_list_keys (metadata);
  const DoorSamlKeyInfo *key = g_ptr_array_index (keys, 0);

  g_assert_true (same == metadata);
  g_assert_cmpstr (door_saml_metadata_get_entity_id (metadata), ==,
                   "http://www.okta.com/exk1fcia6d6EMsf331d8");
  g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (metadata), ==,
                   "https://acme.example.com/app/acme_mdm_1/exk1/sso/saml?a=1&b=2");
  g_assert_cmpstr (door_saml_metadata_get_sso_post_url (metadata), ==,
                   "https://acme.example.com/app/acme_mdm_1/exk1/sso/saml");
  g_assert_cmpint (door_saml_metadata_get_valid_until_ms (metadata), ==, 0);
  g_assert_cmpint (door_saml_metadata_get_cache_duration_s (metadata), ==, 0);
  g_assert_cmpuint (keys->len, ==, 1);
  g_assert_cmpstr (key->type, ==, "RSA");
  g_assert_cmpuint (key->bits, ==, 2048);
  g_assert_cmpuint (strlen (key->sha256), ==, 64);
  g_assert_cmpint (key->not_after_ms, >, SAML_NOW_MS);
}

/* Only the SAML 2.0 identity provider role has a say; weak keys are left out and repeated ones counted once.
 */
static void
test_federation (void)
{
  g_autoptr (DoorSamlMetadata) metadata = parse_file ("metadata/federation.xml", NULL);
  g_autoptr (GPtrArray) keys = door_saml_metadata_list_keys (metadata);
  g_autoptr (DoorSamlMetadata) rsa = fixture_metadata ("rsa"), other = fixture_metadata ("rsa-other"),
                               ec = fixture_metadata ("ec-p256");
  const DoorSamlMetadata *expected[] = { rsa, other, ec };

  g_assert_cmpuint (keys->len, ==, 3);
  for (unsigned int i = 0; i < 3; i++)
    {
      g_autoptr (GPtrArray) one = door_saml_metadata_list_keys (expected[i]);

      g_assert_cmpstr (((DoorSamlKeyInfo *) g_ptr_array_index (keys, i))->sha256, ==,
                       ((DoorSamlKeyInfo *) g_ptr_array_index (one, 0))->sha256);
    }
  g_assert_cmpstr (((DoorSamlKeyInfo *) g_ptr_array_index (keys, 2))->type, ==, "EC");
  g_assert_cmpuint (((DoorSamlKeyInfo *) g_ptr_array_index (keys, 2))->bits, ==, 256);
  g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (metadata), ==, "https://login.example/saml2");
  /* the role ends before the entity, the entity is to be fetched more often */
  g_assert_cmpint (door_saml_metadata_get_valid_until_ms (metadata), ==, INT64_C (1769904000000));
  g_assert_cmpint (door_saml_metadata_get_cache_duration_s (metadata), ==, 86400);
}

static void
test_entities (void)
{
  g_autofree char *xml = fixture_read ("metadata/entities.xml");
  g_autoptr (DoorSamlMetadata) a = parse_file ("metadata/entities.xml", "https://a.example");
  g_autoptr (DoorSamlMetadata) b = parse_file ("metadata/entities.xml", "https://b.example");
  static const char *const missing[] = { "https://sp.example", "https://extension.example",
                                         "https://a.example/", "" };
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (a), ==, "https://a.example/sso");
  g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (b), ==, "https://b.example/sso");
  g_assert_cmpint (door_saml_metadata_get_valid_until_ms (b), ==, INT64_C (1768435200000));
  g_assert_cmpint (door_saml_metadata_get_cache_duration_s (b), ==, 3600);
  g_assert_null (parse (xml, NULL, false, &error));
  assert_metadata_error (error, "several identity providers");
  for (size_t i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      g_clear_error (&error);
      g_assert_null (parse (xml, missing[i], false, &error));
      assert_metadata_error (error, "entity id is not there");
    }
}

/* The earliest end and the shortest duration count, wherever they stand. */
static void
test_validity (void)
{
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autofree char *outer = fixture_replace (
      xml, ENTITY_ID, ENTITY_ID " validUntil=\"2026-01-01T00:00:00Z\" cacheDuration=\"PT2H\"");
  g_autofree char *both = fixture_replace (
      outer, PROTOCOL, PROTOCOL " validUntil=\"2026-01-02T00:00:00Z\" cacheDuration=\"PT1H\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = parse (both, NULL, false, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_saml_metadata_get_valid_until_ms (metadata), ==, INT64_C (1767225600000));
  g_assert_cmpint (door_saml_metadata_get_cache_duration_s (metadata), ==, 3600);
}

/* Some providers name an address for the POST binding only; without any there is nothing to do. */
static void
test_bindings (void)
{
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autofree char *post = fixture_replace (xml, REDIRECT, "urn:x");
  g_autofree char *none = fixture_replace (post, POST, "urn:x");
  g_autofree char *redirect = fixture_replace (xml, POST, "urn:x");
  g_autofree char *bad =
      fixture_replace (xml, "https://acme.example.com/app/acme_mdm_1/exk1/sso/saml\"", "http://a/\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) by_post = parse (post, NULL, false, &error);
  g_autoptr (DoorSamlMetadata) by_redirect = parse (redirect, NULL, false, &error);

  g_assert_no_error (error);
  g_assert_null (door_saml_metadata_get_sso_redirect_url (by_post));
  g_assert_nonnull (door_saml_metadata_get_sso_post_url (by_post));
  g_assert_nonnull (door_saml_metadata_get_sso_redirect_url (by_redirect));
  g_assert_null (door_saml_metadata_get_sso_post_url (by_redirect));
  g_assert_null (parse (none, NULL, false, &error));
  assert_metadata_error (error, "no sign-in address");
  g_clear_error (&error);
  g_assert_null (parse (bad, NULL, false, &error));
  assert_metadata_error (error, "not https");
}

static void
test_web_page (void)
{
  static const char *const pages[] = { "<!DOCTYPE html><html></html>", "\xef\xbb\xbf \r\n<!doctype HTML>",
                                       "<HTML lang=\"en\">", "<html" };
  static const char *const others[] = { "", "<", "<htm", "\xef\xbb\xbf",
                                        "<!DOCTYPE EntityDescriptor []><a/>" };

  for (size_t i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (pages[i], NULL, false, &error));
      assert_metadata_error (error, "a web page (HTML), not SAML metadata");
    }
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (others[i], NULL, false, &error));
      g_assert_null (strstr (error->message, "web page"));
    }
}

/* The only identity provider is found among service providers without being named. */
static void
test_only_provider (void)
{
  g_autofree char *xml = fixture_read ("metadata/entities.xml");
  g_autofree char *one = fixture_replace (
      xml, "<md:EntityDescriptor entityID=\"https://a.example\"><md:IDPSSODescriptor " PROTOCOL,
      "<md:EntityDescriptor entityID=\"https://a.example\"><md:IDPSSODescriptor "
      "protocolSupportEnumeration=\"urn:x\"");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = parse (one, NULL, false, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_metadata_get_entity_id (metadata), ==, "https://b.example");
}

static void
test_entity_twice (void)
{
  g_autofree char *xml = fixture_read ("metadata/entities.xml");
  g_autofree char *twice =
      fixture_replace (xml, "entityID=\"https://b.example\"", "entityID=\"https://a.example\"");
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (twice, "https://a.example", false, &error));
  assert_metadata_error (error, "stands there twice");
}

typedef struct
{
  const char *name;
  const char *find;
  const char *replace;
  const char *reason;
} Refusal;

static const Refusal refusals[] = {
  { "doctype", "<md:EntityDescriptor",
    "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><md:EntityDescriptor", "document type" },
  { "encoding", "encoding=\"UTF-8\"", "encoding=\"UTF-16\"", "encoding" },
  { "not-well-formed", "</md:EntityDescriptor>", "", "well-formed" },
  { "other-root", "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"",
    "xmlns:md=\"urn:oasis:names:tc:SAML:1.1:metadata\"", "not SAML 2.0 metadata" },
  { "no-entity-id", ENTITY_ID, "", "entity id is missing" },
  { "empty-entity-id", ENTITY_ID, "entityID=\"\"", "entity id is missing" },
  { "other-protocol", PROTOCOL, "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:1.1:protocol\"",
    "no SAML 2.0 identity provider" },
  { "no-protocol", PROTOCOL, "", "no SAML 2.0 identity provider" },
  { "longer-protocol", PROTOCOL, "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol2\"",
    "no SAML 2.0 identity provider" },
  { "two-roles", "</md:IDPSSODescriptor>", "</md:IDPSSODescriptor><md:IDPSSODescriptor " PROTOCOL "/>",
    "two SAML 2.0" },
  { "no-location", "Location=\"" LOCATION "\"", "", "not a URL" },
  { "http", LOCATION, "http://acme.example.com/sso", "not https" },
  { "http-loopback", LOCATION, "http://127.0.0.1:8443/sso", "not https" },
  { "javascript", LOCATION, "javascript:alert(1)", "no host" },
  { "ftp", LOCATION, "ftp://acme.example.com/sso", "not https" },
  { "relative", LOCATION, "/sso", "not a URL" },
  { "no-host", LOCATION, "https:///sso", "no host, or a user name" },
  { "user-info", LOCATION, "https://acme.example.com@evil.example/", "no host, or a user name" },
  { "fragment", LOCATION, "https://acme.example.com/#sso", "no host, or a user name" },
  { "space", LOCATION, "https://acme.example.com/a b", "not a URL" },
  { "line-break", LOCATION, "https://acme.example.com/&#13;&#10;Set-Cookie:x", "not a URL" },
  { "not-ascii", LOCATION, "https://acme.example.com/\xc3\xa9", "not a URL" },
  { "encryption-key-only", "use=\"signing\"", "use=\"encryption\"", "no signing certificate" },
  { "unknown-use", "use=\"signing\"", "use=\"Signing\"", "no signing certificate" },
  { "bad-base64", "<ds:X509Certificate>", "<ds:X509Certificate>*", "not base64" },
  { "bad-certificate", "<ds:X509Certificate>", "<ds:X509Certificate>AAAA", "not one X.509" },
  { "markup-in-certificate", "</ds:X509Certificate>", "<b/></ds:X509Certificate>", "not base64" },
  { "valid-until", ENTITY_ID, ENTITY_ID " validUntil=\"later\"", "validUntil" },
  { "cache-duration", ENTITY_ID, ENTITY_ID " cacheDuration=\"1 day\"", "cacheDuration" },
};

static void
test_refusal (gconstpointer data)
{
  const Refusal *refusal = data;
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autofree char *bad = fixture_replace (xml, refusal->find, refusal->replace);
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (bad, NULL, false, &error));
  assert_metadata_error (error, refusal->reason);
}

static void
test_allow_http (void)
{
  static const char *const good[] = { "http://localhost:8080/sso", "http://idp.localhost/sso",
                                      "http://127.0.0.1/sso",      "http://127.8.9.10/sso",
                                      "http://[::1]:80/sso",       "http://IDP.LOCALHOST/sso",
                                      "https://idp.example/sso" };
  static const char *const bad[] = { "http://idp.example/sso",
                                     "http://localhost.example/sso",
                                     "http://notlocalhost/sso",
                                     "http://128.0.0.1/sso",
                                     "http://[::2]/sso",
                                     "http://.localhost/sso",
                                     "http:///sso",
                                     "ws://localhost/sso" };
  g_autofree char *xml = fixture_read ("metadata/okta.xml");

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text = fixture_replace (xml, LOCATION, good[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlMetadata) metadata = parse (text, NULL, true, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (metadata), ==, good[i]);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = fixture_replace (xml, LOCATION, bad[i]);
      g_autoptr (GError) error = NULL;

      if (parse (text, NULL, true, &error) != NULL)
        g_test_fail_printf ("%s was accepted", bad[i]);
    }
}

/* Which keys may sign: the file name of a certificate, and why it is not taken. */
static void
test_key_strength (void)
{
  static const struct
  {
    const char *key;
    const char *reason;
  } keys[] = { { "rsa", NULL },          { "rsa-expired", NULL }, { "ec-p256", NULL },
               { "ec-p384", NULL },      { "ec-p521", NULL },     { "rsa-1024", "shorter than 2048" },
               { "rsa-8200", "longer" }, { "ec-k256", "curve" },  { "ed25519", "neither RSA nor EC" } };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *file = g_strdup_printf ("keys/%s.crt.pem", keys[i].key);
      g_autoptr (GBytes) pem = fixture_read_bytes (file);
      g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_key_free);
      g_autoptr (GError) error = NULL;

      if (door_saml_keys_add_certificates (list, pem, &error))
        g_assert_null (keys[i].reason);
      else
        assert_metadata_error (error, keys[i].reason);
      g_assert_cmpuint (list->len, ==, keys[i].reason == NULL ? 1 : 0);
    }
}

/* When no key is left, the reason is that of the first. */
static void
test_only_weak_key (void)
{
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autofree char *element = fixture_cut (xml, "<ds:X509Certificate>", "</ds:X509Certificate>");
  g_autofree char *pem = fixture_read ("keys/rsa-1024.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "<ds:X509Certificate>");
  g_autofree char *weak = fixture_replace (start, "-----END CERTIFICATE-----", "</ds:X509Certificate>");
  g_autofree char *bad = fixture_replace (xml, element, weak);
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (bad, NULL, false, &error));
  assert_metadata_error (error, "shorter than 2048");
}

static void
test_size (void)
{
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autoptr (GString) text = g_string_new (xml);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GError) error = NULL;

  while (text->len < 1024 * 1024)
    g_string_append_c (text, '\n');
  metadata = parse (text->str, NULL, false, &error);
  g_assert_no_error (error);
  g_string_append_c (text, '\n');
  g_assert_null (parse (text->str, NULL, false, &error));
  assert_metadata_error (error, "too large");
}

static void
test_entity_id_length (void)
{
  g_autofree char *xml = fixture_read ("metadata/okta.xml");
  g_autofree char *filler = g_strnfill (1025, 'e');
  g_autofree char *attribute = g_strdup_printf ("entityID=\"%s\"", filler);
  g_autofree char *bad = fixture_replace (xml, ENTITY_ID, attribute);
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (bad, NULL, false, &error));
  assert_metadata_error (error, "longer than 1024");
}

static DoorSamlMetadata *
make_static (const char *entity_id, const char *url, GBytes *file, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  if (file != NULL)
    g_ptr_array_add (files, file);
  return door_saml_metadata_new_static (entity_id, url, files, false, error);
}

static void
test_static (void)
{
  g_autoptr (GBytes) pem = fixture_read_bytes ("keys/several.crt.pem");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = make_static ("authentik", "https://idp.example/sso", pem, &error);
  g_autoptr (GPtrArray) keys = NULL;

  g_assert_no_error (error);
  keys = door_saml_metadata_list_keys (metadata);
  g_assert_cmpuint (keys->len, ==, 4);
  g_assert_cmpstr (door_saml_metadata_get_entity_id (metadata), ==, "authentik");
  g_assert_cmpstr (door_saml_metadata_get_sso_redirect_url (metadata), ==, "https://idp.example/sso");
}

static void
test_static_der (void)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "");
  g_autofree char *base64 = fixture_replace (start, "-----END CERTIFICATE-----", "");
  gsize size = 0;
  guchar *der = g_base64_decode (base64, &size);
  g_autoptr (GBytes) exact = g_bytes_new (der, size), cut = g_bytes_new (der, size - 1), more = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GError) error = NULL;

  metadata = make_static ("i", "https://idp.example/sso", exact, &error);
  g_assert_no_error (error);
  g_assert_null (make_static ("i", "https://idp.example/sso", cut, &error));
  assert_metadata_error (error, "not one X.509");
  g_clear_error (&error);
  der = g_realloc (der, size + 1);
  der[size] = 0;
  more = g_bytes_new_take (der, size + 1);
  g_assert_null (make_static ("i", "https://idp.example/sso", more, &error));
  assert_metadata_error (error, "not one X.509");
}

static void
test_static_refusals (void)
{
  g_autoptr (GBytes) good = fixture_read_bytes ("keys/rsa.crt.pem");
  g_autoptr (GBytes) key = fixture_read_bytes ("keys/rsa.key.pem");
  g_autoptr (GBytes) weak = fixture_read_bytes ("keys/rsa-1024.crt.pem");
  g_autoptr (GBytes) text = g_bytes_new_static ("hello", 5), empty = g_bytes_new_static ("", 0);
  const struct
  {
    const char *entity_id;
    const char *url;
    GBytes *file;
    const char *reason;
  } bad[] = { { NULL, "https://i.example/", good, "entity id" },
              { "", "https://i.example/", good, "entity id" },
              { "i", "http://i.example/", good, "not https" },
              { "i", "", good, "not a URL" },
              { "i", "https://i.example/", NULL, "no signing" },
              { "i", "https://i.example/", key, "no certificate" },
              { "i", "https://i.example/", text, "no certificate" },
              { "i", "https://i.example/", empty, "empty" },
              { "i", "https://i.example/", weak, "shorter" } };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (make_static (bad[i].entity_id, bad[i].url, bad[i].file, &error));
      assert_metadata_error (error, bad[i].reason);
    }
}

/* More keys than any provider has would make each forged answer expensive. */
static void
test_number_of_keys (void)
{
  g_autoptr (GBytes) pem = fixture_read_bytes ("keys/rsa.crt.pem"),
                     other = fixture_read_bytes ("keys/ec-p256.crt.pem");
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_key_free);
  g_autoptr (GError) error = NULL;

  for (unsigned int i = 0; i < 16; i++)
    {
      g_assert_true (door_saml_keys_add_certificates (list, pem, &error));
      g_free ((char *) ((DoorSamlKey *) g_ptr_array_index (list, i))->info.sha256);
      ((DoorSamlKey *) g_ptr_array_index (list, i))->info.sha256 = g_strdup_printf ("%u", i);
    }
  g_assert_false (door_saml_keys_add_certificates (list, other, &error));
  assert_metadata_error (error, "more than 16");
}

#define LOGOUT(binding, rest)                                                                                \
  "<md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:" binding "\" " rest "/>"

#define LOGOUT_ALL                                                                                           \
  LOGOUT ("HTTP-Redirect", "Location=\"javascript:alert(1)\"")                                               \
  LOGOUT ("HTTP-Redirect", "Location=\"http://idp.example.com/slo\"")                                        \
  LOGOUT ("HTTP-Redirect", "Location=\"https://idp.example.com/a\" ResponseLocation=\"http://b.example/\"")  \
  LOGOUT ("HTTP-Redirect", "Location=\"https://idp.example.com/slo\""                                        \
                           " ResponseLocation=\"https://idp.example.com/done\"")                             \
  LOGOUT ("HTTP-POST", "Location=\"https://idp.example.com/post\"")

/* What cannot be used is left out; nobody is kept from signing in by it. */
static void
test_logout (void)
{
  g_autofree char *text = fixture_read ("metadata/okta.xml"), *changed = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;

  changed = fixture_replace (text, "WantAuthnRequestsSigned=\"false\"", "WantAuthnRequestsSigned=\"1\"");
  g_free (text);
  text = fixture_replace (changed, "</md:IDPSSODescriptor>", LOGOUT_ALL "</md:IDPSSODescriptor>");
  xml = g_bytes_new (text, strlen (text));
  metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_assert_no_error (error);
  g_assert_true (door_saml_metadata_wants_signed_requests (metadata));
  g_assert_cmpstr (door_saml_metadata_get_logout_url (metadata, false, false), ==,
                   "https://idp.example.com/slo");
  g_assert_cmpstr (door_saml_metadata_get_logout_url (metadata, false, true), ==,
                   "https://idp.example.com/done");
  g_assert_cmpstr (door_saml_metadata_get_logout_url (metadata, true, false), ==,
                   "https://idp.example.com/post");
  g_assert_cmpstr (door_saml_metadata_get_logout_url (metadata, true, true), ==,
                   "https://idp.example.com/post");
}

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/saml/metadata/refused/%s", refusals[i].name);
      g_test_add_data_func (path, &refusals[i], test_refusal);
    }
  g_test_add_func ("/saml/metadata/okta", test_okta);
  g_test_add_func ("/saml/metadata/federation", test_federation);
  g_test_add_func ("/saml/metadata/logout", test_logout);
  g_test_add_func ("/saml/metadata/entities", test_entities);
  g_test_add_func ("/saml/metadata/validity", test_validity);
  g_test_add_func ("/saml/metadata/bindings", test_bindings);
  g_test_add_func ("/saml/metadata/web-page", test_web_page);
  g_test_add_func ("/saml/metadata/only-provider", test_only_provider);
  g_test_add_func ("/saml/metadata/entity-twice", test_entity_twice);
  g_test_add_func ("/saml/metadata/allow-http", test_allow_http);
  g_test_add_func ("/saml/metadata/key-strength", test_key_strength);
  g_test_add_func ("/saml/metadata/only-weak-key", test_only_weak_key);
  g_test_add_func ("/saml/metadata/size", test_size);
  g_test_add_func ("/saml/metadata/entity-id-length", test_entity_id_length);
  g_test_add_func ("/saml/metadata/static", test_static);
  g_test_add_func ("/saml/metadata/static-der", test_static_der);
  g_test_add_func ("/saml/metadata/static-refusals", test_static_refusals);
  g_test_add_func ("/saml/metadata/number-of-keys", test_number_of_keys);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
