/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-oidc-answer.h"

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
test_tokens (void)
{
  g_autoptr (GBytes) body =
      bytes_of ("{\"id_token\":\"i.d.t\",\"access_token\":\"at\",\"token_type\":\"bearer\","
                "\"refresh_token\":\"rt\",\"expires_in\":3600,\"scope\":\"openid\"}");
  g_autoptr (GBytes) least = bytes_of ("{\"access_token\":\"at\",\"token_type\":\"Bearer\"}");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorOidcTokens) tokens = door_oidc_tokens_parse (200, body, &error);
  g_autoptr (DoorOidcTokens) few = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (tokens->id_token, ==, "i.d.t");
  g_assert_cmpstr (tokens->access_token, ==, "at");
  g_assert_cmpstr (tokens->refresh_token, ==, "rt");
  few = door_oidc_tokens_parse (200, least, &error);
  g_assert_no_error (error);
  g_assert_null (few->id_token);
  g_assert_null (few->refresh_token);
}

static void
test_bad_tokens (void)
{
  static const struct
  {
    unsigned int status;
    const char *body;
    DoorFault fault;
  } rows[] = {
    { 200, "", DOOR_FAULT_OIDC_ANSWER },
    { 200, "access_token=at&token_type=bearer", DOOR_FAULT_OIDC_ANSWER },
    { 200, "[]", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"id_token\":\"i.d.t\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"at\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"at\",\"token_type\":\"DPoP\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"a b\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":1,\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"id_token\":1,\"access_token\":\"at\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_ANSWER },
    { 200, "{\"access_token\":\"a\",\"access_token\":\"b\",\"token_type\":\"Bearer\"}",
      DOOR_FAULT_OIDC_ANSWER },
    { 400, "{\"error\":\"invalid_grant\"}", DOOR_FAULT_OIDC_CODE },
    { 401, "{\"error\":\"invalid_client\",\"error_description\":\"x\"}", DOOR_FAULT_OIDC_CLIENT },
    { 400, "{\"error\":\"invalid_request\"}", DOOR_FAULT_OIDC_REQUEST },
    { 400, "{\"error\":\"unauthorized_client\"}", DOOR_FAULT_OIDC_REQUEST },
    { 400, "{\"error\":1}", DOOR_FAULT_OIDC_PROVIDER },
    { 400, "<html>", DOOR_FAULT_OIDC_PROVIDER },
    { 404, "", DOOR_FAULT_OIDC_PROVIDER },
    { 500, "{\"error\":\"invalid_grant\"}", DOOR_FAULT_OIDC_PROVIDER },
    { 302, "", DOOR_FAULT_OIDC_PROVIDER },
    { 201, "{\"access_token\":\"at\",\"token_type\":\"Bearer\"}", DOOR_FAULT_OIDC_PROVIDER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) body = bytes_of (rows[i].body);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].body);
      g_assert_null (door_oidc_tokens_parse (rows[i].status, body, &error));
      g_assert_cmpstr (door_fault_get_info (door_error_get_fault (error))->id, ==,
                       door_fault_get_info (rows[i].fault)->id);
    }
}

/* No part of a token may stand in what is logged. */
static void
test_no_secrets (void)
{
  g_autoptr (GBytes) body =
      bytes_of ("{\"access_token\":\"secret1\",\"id_token\":\"secret2\",\"token_type\":1}");
  g_autoptr (GError) error = NULL;

  g_assert_null (door_oidc_tokens_parse (200, body, &error));
  g_assert_null (strstr (error->message, "secret"));
}

static void
test_errors (void)
{
  static const struct
  {
    const char *code;
    DoorFault fault;
  } rows[] = {
    { "access_denied", DOOR_FAULT_OIDC_DENIED },
    { "login_required", DOOR_FAULT_OIDC_DENIED },
    { "interaction_required", DOOR_FAULT_OIDC_DENIED },
    { "consent_required", DOOR_FAULT_OIDC_DENIED },
    { "account_selection_required", DOOR_FAULT_OIDC_DENIED },
    { "something_of_its_own", DOOR_FAULT_OIDC_DENIED },
    { "", DOOR_FAULT_OIDC_DENIED },
    { "server_error", DOOR_FAULT_OIDC_PROVIDER },
    { "temporarily_unavailable", DOOR_FAULT_OIDC_PROVIDER },
    { "invalid_scope", DOOR_FAULT_OIDC_REQUEST },
    { "unsupported_response_type", DOOR_FAULT_OIDC_REQUEST },
    { "unsupported_grant_type", DOOR_FAULT_OIDC_REQUEST },
    { "request_not_supported", DOOR_FAULT_OIDC_REQUEST },
    { "request_uri_not_supported", DOOR_FAULT_OIDC_REQUEST },
    { "registration_not_supported", DOOR_FAULT_OIDC_REQUEST },
    { "invalid_request_uri", DOOR_FAULT_OIDC_REQUEST },
    { "invalid_request_object", DOOR_FAULT_OIDC_REQUEST },
  };
  g_autofree char *long_text = g_strnfill (5000, 'x');
  g_autoptr (GError) hostile = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (door_oidc_error_set (&error, rows[i].code, NULL));
      g_assert_cmpint (door_error_get_fault (error), ==, rows[i].fault);
    }
  door_oidc_error_set (&hostile, "a\nb", long_text);
  g_assert_cmpuint (strlen (hostile->message), <, 300);
  g_assert_null (strchr (hostile->message, '\n'));
}

static void
test_userinfo (void)
{
  static const struct
  {
    unsigned int status;
    const char *body;
    DoorFault fault;
  } rows[] = {
    { 200, "{\"sub\":\"u-2\",\"email\":\"a@example.com\"}", DOOR_FAULT_OIDC_SUBJECT },
    { 200, "{\"email\":\"a@example.com\"}", DOOR_FAULT_OIDC_SUBJECT },
    { 200, "{\"sub\":1}", DOOR_FAULT_OIDC_SUBJECT },
    { 200, "{\"sub\":\"U-1\"}", DOOR_FAULT_OIDC_SUBJECT },
    { 200, "e30.e30.AA", DOOR_FAULT_OIDC_ANSWER },
    { 200, "[]", DOOR_FAULT_OIDC_ANSWER },
    { 401, "{\"sub\":\"u-1\"}", DOOR_FAULT_OIDC_PROVIDER },
  };
  g_autoptr (GBytes) good = bytes_of ("{\"sub\":\"u-1\",\"email\":\"a@example.com\",\"groups\":[\"a\"]}");
  g_autoptr (GError) problem = NULL;
  g_autoptr (GVariant) values = door_oidc_userinfo_parse (200, good, "u-1", &problem);
  g_autofree char *printed = NULL;

  g_assert_no_error (problem);
  values = g_variant_ref_sink (g_steal_pointer (&values));
  printed = g_variant_print (values, FALSE);
  g_assert_cmpstr (printed, ==, "{'sub': ['u-1'], 'email': ['a@example.com'], 'groups': ['a']}");
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) body = bytes_of (rows[i].body);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_oidc_userinfo_parse (rows[i].status, body, "u-1", &error));
      g_assert_cmpint (door_error_get_fault (error), ==, rows[i].fault);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oidc-answer/tokens", test_tokens);
  g_test_add_func ("/oidc-answer/bad-tokens", test_bad_tokens);
  g_test_add_func ("/oidc-answer/no-secrets", test_no_secrets);
  g_test_add_func ("/oidc-answer/errors", test_errors);
  g_test_add_func ("/oidc-answer/userinfo", test_userinfo);
  return g_test_run ();
}
