/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <gnutls/abstract.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-json.h"
#include "door-service-account.h"
#include "test-data.h"

#define TOKEN_URL "https://oauth2.example.com/token"

static char *
escape (const char *name)
{
  g_autoptr (GBytes) bytes = test_data_load ("cms", name);
  g_autoptr (GString) pem = g_string_new_len (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  g_string_replace (pem, "\n", "\\n", 0);
  return g_string_free (g_steal_pointer (&pem), FALSE);
}

static DoorServiceAccount *
parse (const char *json, GError **error)
{
  g_autoptr (DoorSecret) secret = door_secret_new (json, strlen (json));

  return door_service_account_parse (secret, error);
}

static char *
build_key (const char *name)
{
  g_autofree char *pem = escape (name);

  return g_strdup_printf (
      "{\"type\":\"service_account\",\"private_key_id\":\"k1\",\"private_key\":\"%s\","
      "\"client_email\":\"door@project.example.com\",\"token_uri\":\"https://evil.example\"}",
      pem);
}

static char *
decode (const char *part)
{
  g_autoptr (GBytes) bytes = door_base64_decode_url (part, strlen (part), 4096);

  g_assert_nonnull (bytes);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static bool
verifies (const char *input, const char *part)
{
  g_autoptr (GBytes) pem = test_data_load ("cms", "rsa-2048.pem");
  g_autoptr (GBytes) signature = door_base64_decode_url (part, strlen (part), 4096);
  const gnutls_datum_t certificate = { (unsigned char *) g_bytes_get_data (pem, NULL),
                                       (unsigned int) g_bytes_get_size (pem) };
  const gnutls_datum_t data = { (unsigned char *) input, (unsigned int) strlen (input) };
  const gnutls_datum_t signed_by = { (unsigned char *) g_bytes_get_data (signature, NULL),
                                     (unsigned int) g_bytes_get_size (signature) };
  gnutls_pubkey_t key;
  bool good;

  g_assert_cmpint (gnutls_pubkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import_x509_raw (key, &certificate, GNUTLS_X509_FMT_PEM, 0), ==, 0);
  good = gnutls_pubkey_verify_data2 (key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signed_by) >= 0;
  gnutls_pubkey_deinit (key);
  return good;
}

/* Where it goes is ours to say, not the file's. */
static void
test_assertion (void)
{
  g_autofree char *json = build_key ("rsa-2048.key");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorServiceAccount) account = parse (json, &error);
  const DoorServiceAccountGrant grant = {
    .scope = "groups", .subject = "admin@example.com", .audience = TOKEN_URL, .now_ms = 1800000000123
  };
  g_autofree char *assertion = NULL, *header = NULL, *claims = NULL, *input = NULL;
  g_auto (GStrv) parts = NULL;

  g_assert_no_error (error);
  assertion = door_service_account_build_assertion (account, &grant, &error);
  g_assert_no_error (error);
  parts = g_strsplit (assertion, ".", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  header = decode (parts[0]);
  claims = decode (parts[1]);
  g_assert_cmpstr (header, ==, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
  g_assert_cmpstr (claims, ==,
                   "{\"iss\":\"door@project.example.com\",\"sub\":\"admin@example.com\",\"scope\":\"groups\","
                   "\"aud\":\"" TOKEN_URL "\",\"iat\":1800000000,\"exp\":1800000600}");
  input = g_strconcat (parts[0], ".", parts[1], NULL);
  g_assert_true (verifies (input, parts[2]));
}

static void
test_refused (void)
{
  g_autofree char *weak = build_key ("rsa-1024.key"), *curve = build_key ("ec.key");
  const char *const rows[] = { "",
                               "[]",
                               "{}",
                               "{\"client_email\":\"a@b.example\"}",
                               "{\"client_email\":\"a@b.example\",\"private_key\":\"none\"}",
                               "{\"client_email\":5,\"private_key\":\"none\"}",
                               weak,
                               curve };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (rows[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_SECRET);
      g_assert_null (strstr (error->message, "PRIVATE"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oidc/service-account/assertion", test_assertion);
  g_test_add_func ("/oidc/service-account/refused", test_refused);
  return g_test_run ();
}
