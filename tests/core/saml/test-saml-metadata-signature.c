/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "saml-fixture.h"

#define OPEN                                                                                                 \
  "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\""                                 \
  " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ID=\"_r1\">"
#define CLOSE "</md:EntitiesDescriptor>"
#define ECDSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define LOCATION "https://idp.example.com/sso"
#define EVIL "https://evil.example.com/sso"

/* A federation's metadata with places for signatures at the root and at the entity inside. */
static char *
make_template (void)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  const char *start = strchr (strstr (pem, "-----BEGIN CERTIFICATE"), '\n');
  const char *end = strstr (start, "-----END");

  return g_strdup_printf (
      OPEN
      "@R@<md:EntityDescriptor ID=\"_a1\" entityID=\"urn:idp\">@A@<md:IDPSSODescriptor "
      "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor><ds:KeyInfo>"
      "<ds:X509Data><ds:X509Certificate>%.*s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
      "</md:KeyDescriptor><md:SingleSignOnService Location=\"" LOCATION "\" "
      "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\"/></md:IDPSSODescriptor>"
      "</md:EntityDescriptor>" CLOSE,
      (int) (end - start), start);
}

static char *
sign (const char *parts, const char *key)
{
  const Signer signer = { .key = key, .method = g_str_has_prefix (key, "ec") ? ECDSA_SHA256 : RSA_SHA256 };
  g_autofree char *text = make_template ();

  return fixture_sign (text, parts, &signer);
}

static DoorSamlMetadata *
parse (const char *xml, const char *pin, GError **error)
{
  g_autofree char *name = g_strdup_printf ("keys/%s.pem", pin);
  g_autoptr (GBytes) bytes = g_bytes_new (xml, strlen (xml)), file = fixture_read_bytes (name);
  g_autoptr (DoorSamlSigner) signer = door_saml_signer_new (file, error);

  g_assert_nonnull (signer);
  return door_saml_metadata_parse_signed (bytes, NULL, false, signer, error);
}

static void
assert_refused (const char *xml, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = parse (xml, "rsa-other.crt", &error);

  g_assert_null (metadata);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_METADATA);
  if (strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

/* By a certificate or by the bare key, RSA or EC. */
static void
test_accepted (void)
{
  static const char *const rows[][2] = { { "rsa-other", "rsa-other.crt" },
                                         { "rsa-other", "rsa-other.pub" },
                                         { "ec-p256", "ec-p256.crt" } };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *xml = sign ("R", rows[i][0]);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlMetadata) metadata = parse (xml, rows[i][1], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_saml_metadata_get_entity_id (metadata), ==, "urn:idp");
    }
}

/* The key that the metadata itself names is not the one that was pinned. */
static void
test_key (void)
{
  g_autofree char *unsigned_xml = sign ("", "rsa-other"), *inner = sign ("A", "rsa-other");
  g_autofree char *own = sign ("R", "rsa"), *curve = sign ("R", "ec-p256");

  assert_refused (unsigned_xml, "its root element is not signed");
  assert_refused (inner, "its root element is not signed");
  assert_refused (own, "not signed by MetadataSigner");
  assert_refused (curve, "not signed by MetadataSigner");
}

static void
test_changed (void)
{
  g_autofree char *xml = sign ("R", "rsa-other"), *evil = fixture_replace (xml, LOCATION, EVIL);

  assert_refused (evil, "the digest of the EntitiesDescriptor does not fit");
}

/* What was signed stands inside of what was not. */
static void
test_wrapped (void)
{
  g_autofree char *xml = sign ("R", "rsa-other"), *plain = sign ("", "rsa-other");
  g_autofree char *evil = fixture_replace (plain, LOCATION, EVIL);
  g_autofree char *evil_entity = fixture_cut (evil, "<md:EntityDescriptor", "</md:EntityDescriptor>");
  g_autofree char *signature = fixture_cut (xml, "<ds:Signature", "</ds:Signature>");
  g_autofree char *around = g_strconcat (OPEN, xml, evil_entity, CLOSE, NULL);
  g_autofree char *borrowed = g_strconcat (OPEN, signature, evil_entity, xml, CLOSE, NULL);
  g_autofree char *renamed = fixture_replace (borrowed, "ID=\"_r1\"", "ID=\"_r2\"");
  g_autofree char *marked =
      fixture_replace (borrowed, "<md:EntityDescriptor", "<md:EntityDescriptor xml:id=\"_r1\"");

  assert_refused (around, "its root element is not signed");
  assert_refused (borrowed, "not signed by MetadataSigner");
  assert_refused (renamed, "not signed by MetadataSigner");
  assert_refused (marked, "not signed by MetadataSigner");
}

static void
test_form (void)
{
  const Signer sha1 = { .key = "rsa-other", .method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1" };
  const Signer hmac = { .key = "hmac", .method = "http://www.w3.org/2000/09/xmldsig#hmac-sha1" };
  const Signer whole = { .key = "rsa-other", .uri = "" };
  const Signer *const signers[] = { &sha1, &hmac, &whole };
  g_autofree char *template = make_template (), *good = sign ("R", "rsa-other");
  g_autofree char *signature = fixture_cut (good, "<ds:Signature", "</ds:Signature>");
  g_autofree char *again = g_strconcat (signature, "<md:EntityDescriptor", NULL);
  g_autofree char *twice = fixture_replace (good, "<md:EntityDescriptor", again);

  for (size_t i = 0; i < G_N_ELEMENTS (signers); i++)
    {
      g_autofree char *xml = fixture_sign (template, "R", signers[i]);

      assert_refused (xml, "not signed by MetadataSigner");
    }
  assert_refused (twice, "two signatures");
}

static void
test_signer (void)
{
  static const char *const bad[] = { "", "nonsense",
                                     "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) file = g_bytes_new (bad[i], strlen (bad[i]));
      g_autoptr (GError) error = NULL;

      g_assert_null (door_saml_signer_new (file, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_METADATA);
    }
}

static void
add_tests (void)
{
  g_test_add_func ("/saml/metadata-signature/accepted", test_accepted);
  g_test_add_func ("/saml/metadata-signature/key", test_key);
  g_test_add_func ("/saml/metadata-signature/changed", test_changed);
  g_test_add_func ("/saml/metadata-signature/wrapped", test_wrapped);
  g_test_add_func ("/saml/metadata-signature/form", test_form);
  g_test_add_func ("/saml/metadata-signature/signer", test_signer);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
