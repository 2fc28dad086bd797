/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this server is towards a SAML provider: its keys, metadata, signed and posted requests, decryption. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-saml-keys.h"
#include "door-saml-logout.h"
#include "door-seal.h"
#include "saml-encrypt.h"
#include "sign-in.h"

#define METADATA "/saml/okta/metadata"
#define SIGNED "[doorward]\n[idp/okta]\nSignRequests=true\n"
#define ENCRYPTED "Encryption=true\n"

/* A key as it is stored, without the time it takes to make one. */
static DoorStoredSpKey *
store_key (World *world, const char *use, const char *state, const char *name)
{
  static const uint8_t nonce[DOOR_SEAL_NONCE_SIZE] = { 1 };
  g_autofree char *key_file = g_strdup_printf ("keys/%s.key.pem", name), *pem = fixture_read (key_file);
  g_autofree char *certificate_file = g_strdup_printf ("keys/%s.crt.pem", name);
  g_autofree char *place = g_strdup_printf ("sp_key/okta/%s", use);
  g_autoptr (DoorSecret) secret = door_secret_new (pem, strlen (pem));
  DoorStoredSpKey *stored = g_new0 (DoorStoredSpKey, 1);
  g_autoptr (GError) error = NULL;

  stored->connection = g_strdup ("okta");
  stored->use = g_strdup (use);
  stored->state = g_strdup (state);
  stored->sealed_key = door_seal (world->context.state_key, place, nonce, secret, &error);
  g_assert_no_error (error);
  stored->certificate = fixture_read (certificate_file);
  stored->created_at = WORLD_NOW_MS;
  return stored;
}

static gboolean
write_stored (DoorTxn *txn, gpointer data, GError **error)
{
  return door_sp_key_store_add (txn, data, NULL, error);
}

static World *
new_world_with_keys (const char *config)
{
  World *world = world_new (config);
  g_autoptr (DoorStoredSpKey) signing = store_key (world, "signing", "current", "rsa-other");
  g_autoptr (DoorStoredSpKey) encryption = store_key (world, "encryption", "current", "rsa-other");
  g_autoptr (GError) error = NULL;

  door_writer_run (world->context.writer, write_stored, signing, NULL, &error);
  g_assert_no_error (error);
  door_writer_run (world->context.writer, write_stored, encryption, NULL, &error);
  g_assert_no_error (error);
  return world;
}

static char *
get_text (World *world, const char *target)
{
  g_autoptr (DoorResponse) response = world_get (world, target, NULL);

  assert_status (response, 200);
  return world_dup_body (response);
}

/* Certificates of one use in our metadata, PEM. */
static GPtrArray *
list_certificates (World *world, const char *use)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *xml = get_text (world, METADATA);
  g_autofree char *mark = g_strdup_printf ("use=\"%s\"", use);

  for (const char *at = strstr (xml, mark); at != NULL; at = strstr (at + 1, mark))
    {
      const char *from = strstr (at, "<ds:X509Certificate>") + strlen ("<ds:X509Certificate>");
      g_autofree char *base64 = g_strndup (from, strcspn (from, "<"));
      gsize size;
      g_autofree guchar *der = g_base64_decode (base64, &size);
      g_autofree char *lines = g_malloc (size * 2 + 64);
      int state = 0, save = 0;
      gsize written = g_base64_encode_step (der, size, TRUE, lines, &state, &save);

      written += g_base64_encode_close (TRUE, lines + written, &state, &save);
      lines[written] = '\0';
      g_ptr_array_add (list,
                       g_strdup_printf ("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n", lines));
    }
  return list;
}

/* As the provider verifies: over the octets that were sent, with a certificate of the metadata. */
static bool
holds (const char *url, const char *pem)
{
  const char *start = strchr (url, '?') + 1, *end = strstr (url, "&Signature=");
  g_autofree char *octets = g_strndup (start, (size_t) (end - start));
  g_autofree char *encoded = g_uri_unescape_string (end + strlen ("&Signature="), NULL);
  gsize size;
  g_autofree guchar *signature = g_base64_decode (encoded, &size);
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_PKEY *pkey = X509_get_pubkey (certificate);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  bool good;

  g_assert_cmpint (EVP_DigestVerifyInit (context, NULL, EVP_sha256 (), NULL, pkey), ==, 1);
  good = EVP_DigestVerify (context, signature, size, (const unsigned char *) octets, strlen (octets)) == 1;
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (pkey);
  X509_free (certificate);
  BIO_free (bio);
  return good;
}

static void
test_signed_request (void)
{
  g_autoptr (World) world = world_new (SIGNED);
  g_autoptr (Pending) first = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) second = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (GPtrArray) certificates = list_certificates (world, "signing");
  g_autoptr (DoorResponse) response = sign_in_answer (world, second, &(Answer){ 0 });

  g_assert_cmpuint (certificates->len, ==, 1);
  g_assert_true (holds (first->url, certificates->pdata[0]));
  g_assert_true (holds (second->url, certificates->pdata[0]));
  assert_count (world, 1, "sp_key");
  assert_count (world, 1, "sp_key WHERE sealed_key <> '' AND state = 'current' AND key_use = 'signing'");
  assert_status (response, 308);
}

static void
test_unsigned_request (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autofree char *metadata = get_text (world, METADATA);

  g_assert_null (strstr (pending->url, "Sig"));
  g_assert_null (strstr (metadata, "KeyDescriptor"));
  g_assert_nonnull (strstr (metadata, "AuthnRequestsSigned=\"false\""));
  assert_count (world, 0, "sp_key");
}

/* What the provider's metadata demands counts, whatever the configuration says. */
static void
test_demanded_signature (void)
{
  g_autoptr (World) world = new_world_with_keys (NULL);
  DoorConnection *connection = door_connections_lookup (world->context.connections, "okta");
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml");
  g_autofree char *text = g_strndup (g_bytes_get_data (okta, NULL), g_bytes_get_size (okta));
  g_autofree char *changed =
      fixture_replace (text, "WantAuthnRequestsSigned=\"false\"", "WantAuthnRequestsSigned=\"true\"");
  g_autoptr (GBytes) xml = g_bytes_new (changed, strlen (changed));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_autoptr (Pending) pending = NULL;
  g_autofree char *ours = NULL;

  g_assert_no_error (error);
  door_connection_set_metadata (connection, metadata);
  pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_assert_nonnull (strstr (pending->url, "&Signature="));
  ours = get_text (world, METADATA);
  g_assert_nonnull (strstr (ours, "AuthnRequestsSigned=\"true\""));
}

static void
test_metadata (void)
{
  g_autoptr (World) world = new_world_with_keys (SIGNED);
  g_autoptr (DoorResponse) response = world_get (world, METADATA, NULL);
  g_autoptr (DoorResponse) unknown = world_get (world, "/saml/none/metadata", NULL);
  g_autofree char *xml = world_dup_body (response);

  assert_status (response, 200);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==,
                   "application/samlmetadata+xml; charset=utf-8");
  g_assert_nonnull (strstr (xml, "entityID=\"https://mdm.example.com/saml/okta\""));
  g_assert_nonnull (strstr (xml, "Location=\"https://mdm.example.com/saml/okta/acs\""));
  g_assert_null (strstr (xml, "encryption"));
  assert_status (unknown, 404);
  assert_count (world, 2, "sp_key");
}

static void
test_context (void)
{
  g_autoptr (World) world = world_new ("AuthnContext=urn:example:strong\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);

  g_assert_nonnull (
      strstr (pending->xml, "Comparison=\"exact\"><saml:AuthnContextClassRef>urn:example:strong<"));
}

/* Whoever can write to the database cannot use a key of ours for something else, or change one. */
static void
test_sealed_keys (void)
{
  static const char *const changes[] = { "INSERT INTO sp_key SELECT connection, 'encryption', "
                                         "state, sealed_key, certificate, created_at FROM sp_key",
                                         "UPDATE sp_key SET sealed_key = 'AAAA' || sealed_key" };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (World) world = new_world_with_keys (SIGNED ENCRYPTED);
      g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
      g_autoptr (DoorResponse) metadata = NULL;

      world_write (world, "DELETE FROM sp_key WHERE key_use = 'encryption'");
      assert_count (world, 1, "sp_key");
      world_write (world, changes[i]);
      metadata = world_get (world, METADATA, NULL);
      assert_status (metadata, 500);
    }
}

/* An answer as it is usual, with its assertion encrypted for @pem. */
static char *
build_encrypted (World *world, const char *request_id, const char *pem, Encrypt how)
{
  g_autofree char *base64 = answer_build (world, &(Answer){ .in_response_to = request_id });
  gsize size;
  g_autofree guchar *decoded = g_base64_decode (base64, &size);
  g_autofree char *xml = g_strndup ((const char *) decoded, size);
  g_autofree char *clear = fixture_cut (xml, "<saml:Assertion ", "</saml:Assertion>");
  g_autofree char *encrypted = NULL, *whole = NULL;

  how.certificate = pem;
  encrypted = fixture_encrypt (clear, &how);
  whole = fixture_replace (xml, clear, encrypted);
  return g_base64_encode ((const guchar *) whole, strlen (whole));
}

static DoorResponse *
post_encrypted (World *world, const Pending *pending, const char *cookie, const char *pem, Encrypt how)
{
  g_autofree char *answer = build_encrypted (world, pending->request_id, pem, how);
  const Carried carried = { .saml_response = answer, .relay_state = pending->relay_state, .cookie = cookie };

  return sign_in_post (world, &carried);
}

static void
test_encrypted (void)
{
  g_autoptr (World) world = new_world_with_keys (ENCRYPTED "WantEncrypted=true\n");
  g_autoptr (GPtrArray) certificates = list_certificates (world, "encryption");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) clear = sign_in_answer (world, pending, &(Answer){ 0 });
  g_autoptr (DoorResponse) response =
      post_encrypted (world, pending, pending->cookie, certificates->pdata[0], (Encrypt){ NULL });

  sign_in_assert_refused (world, clear, 403, "DW-SAML-CLEAR");
  g_assert_cmpuint (certificates->len, ==, 1);
  assert_status (response, 308);
  assert_count (world, 1, "sign_in_request WHERE decryptions = 1");
  assert_count (world, 1, "attempt WHERE checks LIKE '%decryption%' AND fault = ''");
}

/* Clear answers cost no try, and no write. */
static void
test_clear_with_encryption_on (void)
{
  g_autoptr (World) world = new_world_with_keys (ENCRYPTED);
  g_autofree char *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });

  assert_count (world, 1, "sign_in_request WHERE decryptions = 0");
}

static void
test_encryption_off (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *pem = fixture_read ("keys/rsa-other.crt.pem");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response =
      post_encrypted (world, pending, pending->cookie, pem, (Encrypt){ NULL });

  sign_in_assert_refused (world, response, 400, "DW-SAML-ENCRYPTED");
  assert_count (world, 1, "sign_in_request WHERE decryptions = 0");
  assert_count (world, 0, "sp_key");
}

static char *
dup_page (World *world, const DoorResponse *response)
{
  g_autofree char *body = world_dup_body (response), *code = sign_in_dup_code (response);

  return fixture_replace (body, code, "CODE");
}

/* Three tries for a request, however they fail, with one and the same page; then even a good one is refused.
 */
static void
test_tries (void)
{
  static const Encrypt bad[] = { { .spoil_key = 9 }, { .spoil_data = -1 }, { .key_bytes = 16 } };
  g_autoptr (World) world = new_world_with_keys (ENCRYPTED);
  g_autoptr (GPtrArray) certificates = list_certificates (world, "encryption");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) last = NULL;
  g_autofree char *page = NULL, *last_page = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorResponse) response =
          post_encrypted (world, pending, pending->cookie, certificates->pdata[0], bad[i]);
      g_autofree char *here = dup_page (world, response);

      sign_in_assert_refused (world, response, 403, "DW-SAML-DECRYPT");
      if (page != NULL)
        g_assert_cmpstr (here, ==, page);
      g_free (page);
      page = g_steal_pointer (&here);
    }
  assert_count (world, 1, "sign_in_request WHERE decryptions = 3 AND spent_at = 0");
  last = post_encrypted (world, pending, pending->cookie, certificates->pdata[0], (Encrypt){ NULL });
  sign_in_assert_refused (world, last, 403, "DW-SAML-DECRYPT");
  last_page = dup_page (world, last);
  g_assert_cmpstr (last_page, ==, page);
  assert_count (world, 1, "sign_in_request WHERE decryptions = 3");
}

/* A private key is used only for the browser that asked: any other would be an oracle for somebody else. */
static void
test_other_browser (void)
{
  g_autoptr (World) world = new_world_with_keys (ENCRYPTED);
  g_autoptr (GPtrArray) certificates = list_certificates (world, "encryption");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) other = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) without =
      post_encrypted (world, pending, NULL, certificates->pdata[0], (Encrypt){ NULL });
  g_autoptr (DoorResponse) foreign =
      post_encrypted (world, pending, other->cookie, certificates->pdata[0], (Encrypt){ NULL });

  sign_in_assert_refused (world, without, 400, "DW-FLOW-COOKIE");
  sign_in_assert_refused (world, foreign, 400, "DW-FLOW-COOKIE");
  assert_count (world, 2, "sign_in_request WHERE decryptions = 0");
}

typedef struct
{
  const DoorStoredSpKey *next; /* NULL: finish */
  const char *use;
} Change;

static gboolean
write_change (DoorTxn *txn, gpointer data, GError **error)
{
  const Change *change = data;

  return change->next != NULL ? door_saml_keys_prepare (txn, change->next, error)
                              : door_saml_keys_finish (txn, "okta", change->use, error);
}

static bool
begin_change (World *world, const char *use, const char *name, GError **error)
{
  g_autoptr (DoorStoredSpKey) next = store_key (world, use, DOOR_SP_KEY_NEXT, name);
  Change change = { next, use };

  return door_writer_run (world->context.writer, write_change, &change, NULL, error);
}

static bool
finish_change (World *world, const char *use, GError **error)
{
  Change change = { NULL, use };

  return door_writer_run (world->context.writer, write_change, &change, NULL, error);
}

static void
test_change_of_signing_key (void)
{
  g_autoptr (World) world = new_world_with_keys (SIGNED);
  g_autoptr (GPtrArray) before = list_certificates (world, "signing"), during = NULL, after = NULL;
  g_autoptr (Pending) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (finish_change (world, "signing", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (begin_change (world, "signing", "rsa", &error));
  during = list_certificates (world, "signing");
  g_assert_cmpuint (during->len, ==, 2);
  g_assert_cmpstr (during->pdata[0], ==, before->pdata[0]);
  first = sign_in_begin (world, "/mdm/sso", NULL);
  g_assert_true (holds (first->url, before->pdata[0]));
  g_assert_false (begin_change (world, "signing", "rsa", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_true (finish_change (world, "signing", &error));
  after = list_certificates (world, "signing");
  g_assert_cmpuint (after->len, ==, 1);
  g_assert_cmpstr (after->pdata[0], ==, during->pdata[1]);
  second = sign_in_begin (world, "/mdm/sso", NULL);
  g_assert_true (holds (second->url, after->pdata[0]));
}

static unsigned int
decrypts (World *world, const char *pem)
{
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response =
      post_encrypted (world, pending, pending->cookie, pem, (Encrypt){ NULL });

  world_write (world, "DELETE FROM replay");
  return door_response_get_status (response);
}

/* A provider that is slow to take the new key goes on working until the next change. */
static void
test_change_of_encryption_key (void)
{
  g_autoptr (World) world = new_world_with_keys (ENCRYPTED);
  g_autoptr (GPtrArray) before = list_certificates (world, "encryption"), during = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (begin_change (world, "encryption", "rsa", &error));
  during = list_certificates (world, "encryption");
  g_assert_cmpuint (during->len, ==, 2);
  g_assert_cmpuint (decrypts (world, during->pdata[0]), ==, 308);
  g_assert_cmpuint (decrypts (world, during->pdata[1]), ==, 308);
  g_assert_true (finish_change (world, "encryption", &error));
  after = list_certificates (world, "encryption");
  g_assert_cmpuint (after->len, ==, 1);
  g_assert_cmpuint (decrypts (world, before->pdata[0]), ==, 308);
  g_assert_cmpuint (decrypts (world, after->pdata[0]), ==, 308);
  g_assert_true (begin_change (world, "encryption", "rsa", &error));
  g_assert_cmpuint (decrypts (world, before->pdata[0]), ==, 403);
  g_assert_no_error (error);
}

static void
set_post_metadata (World *world)
{
  DoorConnection *connection = door_connections_lookup (world->context.connections, "okta");
  g_autoptr (GBytes) xml = test_data_load ("saml/metadata", "okta.xml");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);

  g_assert_no_error (error);
  door_connection_set_metadata (connection, metadata);
}

/* A page with a form that leads to the provider, and that may lead nowhere else; no script. */
static void
test_post (void)
{
  g_autoptr (World) world = world_new ("RequestBinding=post\n");
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *body = NULL, *csp = NULL;
  const char *action;

  set_post_metadata (world);
  response = world_get (world, "/mdm/sso", NULL);
  assert_status (response, 200);
  body = world_dup_body (response);
  action = strstr (body, "<form method=\"post\" action=\"https://");
  g_assert_nonnull (action);
  g_assert_nonnull (strstr (action, "<input type=\"hidden\" name=\"SAMLRequest\" value=\""));
  g_assert_nonnull (strstr (action, "<input type=\"hidden\" name=\"RelayState\" value=\""));
  g_assert_nonnull (strstr (action, "<button class=\"button\">"));
  g_assert_null (strstr (body, "<script"));
  action += strlen ("<form method=\"post\" action=\"");
  csp = g_strdup_printf ("; form-action %.*s;", (int) (strlen ("https://") + strcspn (action + 8, "/")),
                         action);
  g_assert_nonnull (strstr (door_response_lookup_header (response, "Content-Security-Policy"), csp));
  assert_count (world, 1, "sign_in_request");
}

static void
test_post_without_address (void)
{
  g_autoptr (World) world = world_new ("RequestBinding=post\n");
  g_autoptr (DoorResponse) response = world_get (world, "/mdm/sso", NULL);

  assert_status (response, 503);
  assert_count (world, 0, "sign_in_request");
}

/* Whoever insists on redirects is not sent to an address for forms. */
static void
test_redirect_without_address (void)
{
  g_autoptr (World) world = world_new ("RequestBinding=redirect\n"), automatic = world_new (NULL);
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml");
  g_autofree char *text = g_strndup (g_bytes_get_data (okta, NULL), g_bytes_get_size (okta));
  g_auto (GStrv) parts = g_strsplit (text, "bindings:HTTP-Redirect", -1);
  g_autofree char *changed = g_strjoinv ("bindings:other", parts);
  g_autoptr (GBytes) xml = g_bytes_new (changed, strlen (changed));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_autoptr (DoorResponse) refused = NULL, sent = NULL;

  g_assert_no_error (error);
  door_connection_set_metadata (door_connections_lookup (world->context.connections, "okta"), metadata);
  door_connection_set_metadata (door_connections_lookup (automatic->context.connections, "okta"), metadata);
  refused = world_get (world, "/mdm/sso", NULL);
  sent = world_get (automatic, "/mdm/sso", NULL);
  assert_status (refused, 503);
  assert_status (sent, 303);
}

/* A program that asks for an address gets that of the page with the form. */
static void
test_post_by_json (void)
{
  g_autoptr (World) world = world_new ("RequestBinding=post\n");
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit visit = {
    .method = "POST", .target = "/api/v1/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *text = NULL;

  set_post_metadata (world);
  response = world_visit (world, &visit);
  assert_status (response, 200);
  text = world_dup_body (response);
  g_assert_nonnull (strstr (text, "https://mdm.example.com/mdm/sso/start?idp=okta"));
}

#define SLO "/saml/okta/slo"
#define LOGOUT "SingleLogout=true\n"

/* The provider with an address for logout, and two administrators with sessions by it. */
static World *
new_world_of_sessions (const char *config)
{
  World *world = new_world_with_keys (config);
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_auto (GStrv) lines = g_strsplit (pem, "-----", -1);
  g_autofree char *text = g_strdup_printf (
      "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='" SAML_IDP
      "'><IDPSSODescriptor"
      " protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'><KeyDescriptor>"
      "<ds:KeyInfo xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:X509Data><ds:X509Certificate>%s"
      "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor><SingleLogoutService"
      " Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://idp.example.com/slo'"
      " ResponseLocation='https://idp.example.com/done'/><SingleSignOnService"
      " Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://idp.example.com/sso'/>"
      "</IDPSSODescriptor></EntityDescriptor>",
      lines[2]);
  g_autoptr (GBytes) xml = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);

  g_assert_no_error (error);
  door_connection_set_metadata (door_connections_lookup (world->context.connections, "okta"), metadata);
  for (int i = 0; i < 3; i++)
    {
      g_autofree char *who =
          g_strdup_printf ("INSERT INTO administrator VALUES ('a%d', 'a%d', 'a%d', '', 'active', "
                           "1, 0, '', 1, 1, 1)",
                           i, i, i);
      g_autofree char *session =
          g_strdup_printf ("INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, "
                           "subject, session_index, created_at, seen_at, expires_at, user_agent_family, "
                           "ended_at, end_reason, name_format, name_qualifier, sp_name_qualifier) "
                           "VALUES ('h%d', 's%d', 'a%d', 'okta', '%s', '%s', "
                           "'_i%d', 1, 1, %" G_GINT64_FORMAT ", '', 0, '', 'urn:f', 'nq', '')",
                           i, i, i, i < 2 ? SAML_IDP : "https://other.example.com/", "ada@example.com", i,
                           WORLD_NOW_MS + HOUR_MS);
      world_write (world, who);
      world_write (world, session);
    }
  return world;
}

static DoorSamlLogoutMessage
logout_message (const DoorSamlSpKey *key, const char *session_index)
{
  static const DoorSubject ada = { .value = "ada@example.com" };

  return (DoorSamlLogoutMessage){ .id = "_l1",
                                  .issued_at_ms = WORLD_NOW_MS,
                                  .destination = "https://mdm.example.com" SLO,
                                  .issuer = SAML_IDP,
                                  .relay_state = "back",
                                  .signing_key = key,
                                  .subject = &ada,
                                  .session_index = session_index };
}

static DoorResponse *
get_logout (World *world, const DoorSamlLogoutMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_saml_logout_build_redirect_url (message, &error);

  g_assert_no_error (error);
  return world_get (world, url + strlen ("https://mdm.example.com"), NULL);
}

/* The answer goes where the provider wants it, signed by the key of our metadata. */
static void
test_logout_by_redirect (void)
{
  g_autoptr (World) world = new_world_of_sessions (LOGOUT);
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  const DoorSamlLogoutMessage message = logout_message (key, "_i1");
  g_autoptr (DoorResponse) response = get_logout (world, &message);
  g_autoptr (GPtrArray) certificates = list_certificates (world, "signing");
  g_autofree char *url = NULL, *metadata = NULL;

  assert_status (response, 303);
  url = g_strdup (door_response_lookup_header (response, "Location"));
  g_assert_true (g_str_has_prefix (url, "https://idp.example.com/done?SAMLResponse="));
  g_assert_nonnull (strstr (url, "&RelayState=back&SigAlg="));
  g_assert_true (holds (url, certificates->pdata[0]));
  assert_count (world, 1, "admin_session WHERE ended_at > 0");
  assert_count (world, 1, "admin_session WHERE ended_at > 0 AND session_index = '_i1'");
  metadata = get_text (world, METADATA);
  g_assert_nonnull (strstr (metadata, "SingleLogoutService"));
}

/* All sessions of the person by this provider; what another one calls by the same name goes on. */
static void
test_logout_by_form (void)
{
  g_autoptr (World) world = new_world_of_sessions (LOGOUT);
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  const DoorSamlLogoutMessage message = logout_message (key, NULL);
  g_auto (DoorSamlForm) form = { NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *escaped = NULL, *text = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (DoorResponse) response = NULL;
  Visit visit = { .method = "POST", .target = SLO, .content_type = "application/x-www-form-urlencoded" };

  g_assert_true (door_saml_logout_build_form (&message, &form, &error));
  escaped = g_uri_escape_string (form.message, NULL, FALSE);
  text = g_strdup_printf ("SAMLRequest=%s&RelayState=back", escaped);
  body = g_bytes_new (text, strlen (text));
  visit.body = body;
  response = world_visit (world, &visit);
  assert_status (response, 303);
  g_assert_nonnull (strstr (door_response_lookup_header (response, "Location"), "&RelayState=back&SigAlg="));
  assert_count (world, 2, "admin_session WHERE ended_at > 0 AND issuer = '" SAML_IDP "'");
  assert_count (world, 1, "admin_session WHERE ended_at = 0");
}

static void
test_logout_refused (void)
{
  g_autoptr (World) world = new_world_of_sessions (LOGOUT), off = new_world_of_sessions (NULL);
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa"), other_key = fixture_sp_key ("rsa-other");
  const DoorSamlLogoutMessage good = logout_message (key, NULL), forged = logout_message (other_key, NULL);
  DoorSamlLogoutMessage old = logout_message (key, NULL), elsewhere = logout_message (key, NULL);
  g_autoptr (DoorResponse) by_other = NULL, late = NULL, other_place = NULL, none = NULL, nothing = NULL;

  old.issued_at_ms -= HOUR_MS;
  elsewhere.issuer = "https://other.example.com/";
  by_other = get_logout (world, &forged);
  late = get_logout (world, &old);
  other_place = get_logout (world, &elsewhere);
  nothing = world_get (world, SLO, NULL);
  none = get_logout (off, &good);
  assert_status (by_other, 403);
  assert_status (late, 403);
  assert_status (other_place, 403);
  assert_status (nothing, 400);
  assert_status (none, 404);
  assert_count (world, 0, "admin_session WHERE ended_at > 0");
  assert_count (off, 0, "admin_session WHERE ended_at > 0");
}

/* An answer that this browser has not been sent away for. */
static void
test_logout_answer (void)
{
  g_autoptr (World) world = new_world_of_sessions (LOGOUT);
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  DoorSamlLogoutMessage message = logout_message (key, NULL);
  g_autoptr (DoorResponse) response = NULL;

  message.subject = NULL;
  message.in_response_to = "_ours";
  message.success = true;
  response = get_logout (world, &message);
  assert_status (response, 403);
  assert_count (world, 0, "admin_session WHERE ended_at > 0");
}

static void
add (void)
{
  g_test_add_func ("/service/saml/logout-by-redirect", test_logout_by_redirect);
  g_test_add_func ("/service/saml/logout-by-form", test_logout_by_form);
  g_test_add_func ("/service/saml/logout-refused", test_logout_refused);
  g_test_add_func ("/service/saml/logout-answer", test_logout_answer);
  g_test_add_func ("/service/saml/signed-request", test_signed_request);
  g_test_add_func ("/service/saml/unsigned-request", test_unsigned_request);
  g_test_add_func ("/service/saml/demanded-signature", test_demanded_signature);
  g_test_add_func ("/service/saml/metadata", test_metadata);
  g_test_add_func ("/service/saml/context", test_context);
  g_test_add_func ("/service/saml/sealed-keys", test_sealed_keys);
  g_test_add_func ("/service/saml/encrypted", test_encrypted);
  g_test_add_func ("/service/saml/clear-with-encryption-on", test_clear_with_encryption_on);
  g_test_add_func ("/service/saml/encryption-off", test_encryption_off);
  g_test_add_func ("/service/saml/tries", test_tries);
  g_test_add_func ("/service/saml/other-browser", test_other_browser);
  g_test_add_func ("/service/saml/change-of-signing-key", test_change_of_signing_key);
  g_test_add_func ("/service/saml/change-of-encryption-key", test_change_of_encryption_key);
  g_test_add_func ("/service/saml/post", test_post);
  g_test_add_func ("/service/saml/post-without-address", test_post_without_address);
  g_test_add_func ("/service/saml/redirect-without-address", test_redirect_without_address);
  g_test_add_func ("/service/saml/post-by-json", test_post_by_json);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
