/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A provider of OpenID Connect without a socket: what the server fetches, it answers. */
#include "oidc-provider.h"

#include <string.h>

#include <glib/gstdio.h>

#include "door-base64.h"
#include "door-error.h"

#define SECRET "correct horse"
#define CODE "code-0123456789"
#define ACCESS_TOKEN "access-0123456789"

/* A fetch has no user data, so what it finds stands here; each test sets it. */
static Provider current;
static Asked asked;
static OidcPending last;
static DoorClock *time_here; /* of the world of the test */
static char *secret_file;
static char *presented;
static char *assertion;

void
provider_set (const Provider *provider)
{
  current = *provider;
}

Asked
provider_get_asked (void)
{
  return asked;
}

const char *
provider_get_presented (void)
{
  return presented;
}

const char *
provider_get_assertion (void)
{
  return assertion;
}

static const char *
or_else (const char *value, const char *usual)
{
  return value != NULL ? value : usual;
}

static char *
build_token (void)
{
  const char *kid = or_else (current.kid, "k1");
  int64_t now_s = door_clock_now_ms (time_here) / 1000;
  g_autofree char *usual_header =
      g_strdup_printf ("{\"alg\":\"%s\",\"kid\":\"%s\"}", current.key == KEY_P256 ? "ES256" : "RS256", kid);
  g_autofree char *claims = g_strdup_printf (
      "{\"iss\":\"%s\",\"aud\":\"%s\",\"nonce\":\"%s\",\"sub\":\"%s\",\"iat\":%" G_GINT64_FORMAT
      ",\"exp\":%" G_GINT64_FORMAT ",\"email\":\"%s\",\"name\":\"Ada Lovelace\"%s}",
      or_else (current.issuer, PROVIDER_ISSUER), or_else (current.audience, OIDC_CLIENT),
      or_else (current.nonce, last.nonce), or_else (current.subject, "u-1"), now_s - current.age_s,
      now_s - current.age_s + 300, or_else (current.email, "ada@example.com"), or_else (current.more, ""));
  const char *header = or_else (current.header, usual_header);

  return current.hmac ? oidc_fixture_hmac_token (SECRET, header, claims)
                      : oidc_fixture_token (current.key, header, claims);
}

static char *
answer_discovery (void)
{
  asked.discovery++;
  return g_strdup_printf (
      "{\"issuer\":\"" PROVIDER_ISSUER "\",\"authorization_endpoint\":\"" PROVIDER_ISSUER "/auth\","
      "\"token_endpoint\":\"" PROVIDER_ISSUER "/token\",\"jwks_uri\":\"" PROVIDER_ISSUER "/keys\","
      "\"userinfo_endpoint\":\"" PROVIDER_ISSUER "/me\","
      "\"id_token_signing_alg_values_supported\":[\"RS256\",\"ES256\",\"HS256\"]%s}",
      or_else (current.discovery, ""));
}

static char *
answer_keys (void)
{
  g_autofree char *more = g_strdup_printf (",\"kid\":\"%s\"", or_else (current.kid, "k1"));
  g_autofree char *key = oidc_fixture_jwk (current.key, more);

  asked.keys++;
  return g_strdup_printf ("{\"keys\":[%s]}", key);
}

static GHashTable *
parse_form (const DoorFetchRequest *request)
{
  g_autofree char *body =
      g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));

  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->content_type, ==, "application/x-www-form-urlencoded");
  return g_uri_parse_params (body, -1, "&", G_URI_PARAMS_NONE, NULL);
}

/* The secret must be ours, and there is one proof only of who asks. */
static void
check_client (const DoorFetchRequest *request, GHashTable *form)
{
  g_autofree char *basic = g_base64_encode ((const guchar *) OIDC_CLIENT ":correct%20horse",
                                            strlen (OIDC_CLIENT ":correct%20horse"));
  g_autofree char *expected = g_strconcat ("Basic ", basic, NULL);

  g_assert_null (g_hash_table_lookup (form, "client_secret"));
  if (current.assertion)
    {
      g_assert_null (request->headers[2]);
      g_assert_cmpstr (g_hash_table_lookup (form, "client_id"), ==, OIDC_CLIENT);
      g_assert_cmpstr (g_hash_table_lookup (form, "client_assertion_type"), ==,
                       "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
      g_free (assertion);
      assertion = g_strdup (g_hash_table_lookup (form, "client_assertion"));
      g_assert_nonnull (assertion);
      return;
    }
  g_assert_null (g_hash_table_lookup (form, "client_assertion"));
  g_assert_cmpstr (request->headers[2], ==, "Authorization");
  g_assert_cmpstr (request->headers[3], ==, expected);
}

/* Of a device that was sent here: what it sent, and nothing of ours but who we are. */
static void
check_forwarded (GHashTable *form)
{
  g_assert_cmpstr (g_hash_table_lookup (form, "grant_type"), ==, "authorization_code");
  g_assert_cmpstr (g_hash_table_lookup (form, "redirect_uri"), ==,
                   "apple-remotemanagement-user-login:/oauth2/redirection");
  g_assert_cmpuint (g_hash_table_size (form), ==, g_hash_table_contains (form, "code_verifier") ? 4 : 3);
  g_free (presented);
  presented = g_strdup (g_hash_table_lookup (form, "code"));
}

/* The verifier must fit the challenge of the request. */
static void
check_code (GHashTable *form)
{
  g_autofree char *challenge = NULL;
  const char *verifier = g_hash_table_lookup (form, "code_verifier");
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);
  uint8_t digest[32];
  gsize size = sizeof digest;

  g_checksum_update (hash, (const guchar *) verifier, (gssize) strlen (verifier));
  g_checksum_get_digest (hash, digest, &size);
  challenge = door_base64_encode_url (digest, size);
  g_assert_cmpstr (challenge, ==, last.challenge);
  g_assert_cmpstr (g_hash_table_lookup (form, "grant_type"), ==, "authorization_code");
  g_assert_cmpstr (g_hash_table_lookup (form, "code"), ==, CODE);
  g_assert_cmpstr (g_hash_table_lookup (form, "redirect_uri"), ==,
                   current.assertion ? "https://mdm.example.com/oidc/keyed/callback"
                                     : "https://mdm.example.com/oidc/campus/callback");
}

/* Each refresh token is good once; the next is named after how often it was asked. */
static char *
answer_refresh (GHashTable *form)
{
  g_autofree char *token = current.refreshed_token ? build_token () : NULL;

  asked.refresh++;
  g_free (presented);
  presented = g_strdup (g_hash_table_lookup (form, "refresh_token"));
  if (current.refreshed != NULL)
    return g_strdup (current.refreshed);
  return g_strdup_printf ("{\"access_token\":\"" ACCESS_TOKEN
                          "\",\"token_type\":\"Bearer\",\"refresh_token\":\"refresh-%u\"%s%s%s}",
                          asked.refresh, token != NULL ? ",\"id_token\":\"" : "", or_else (token, ""),
                          token != NULL ? "\"" : "");
}

static char *
answer_token (const DoorFetchRequest *request, unsigned int *status)
{
  g_autoptr (GHashTable) form = parse_form (request);
  g_autofree char *token = NULL;
  const char *refresh = current.refresh_token;

  check_client (request, form);
  if (g_strcmp0 (g_hash_table_lookup (form, "grant_type"), "refresh_token") == 0)
    {
      *status = current.refreshed_status != 0 ? current.refreshed_status : 200;
      return answer_refresh (form);
    }
  asked.token++;
  if (current.forwarded)
    check_forwarded (form);
  else
    check_code (form);
  *status = current.token_status != 0 ? current.token_status : 200;
  token = build_token ();
  return current.tokens != NULL ? g_strdup (current.tokens)
                                : g_strdup_printf ("{\"access_token\":\"" ACCESS_TOKEN
                                                   "\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"%s%s%s}",
                                                   token, refresh != NULL ? ",\"refresh_token\":\"" : "",
                                                   or_else (refresh, ""), refresh != NULL ? "\"" : "");
}

static char *
answer_introspection (const DoorFetchRequest *request, unsigned int *status)
{
  g_autoptr (GHashTable) form = parse_form (request);

  asked.introspection++;
  check_client (request, form);
  g_assert_cmpstr (g_hash_table_lookup (form, "token_type_hint"), ==, "access_token");
  g_assert_cmpuint (g_hash_table_size (form), ==, 2);
  g_free (presented);
  presented = g_strdup (g_hash_table_lookup (form, "token"));
  *status = current.introspection_status != 0 ? current.introspection_status : 200;
  return g_strdup (or_else (current.introspection, "{\"active\":false}"));
}

static char *
answer_userinfo (const DoorFetchRequest *request)
{
  g_autofree char *expected = NULL;

  asked.userinfo++;
  expected = g_strconcat ("Bearer ", or_else (current.bearer, ACCESS_TOKEN), NULL);
  g_assert_cmpstr (request->headers[3], ==, expected);
  return g_strdup (or_else (current.userinfo, "{\"sub\":\"u-1\",\"groups\":[\"staff\"]}"));
}

static bool
fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable, GError **error)
{
  const char *path = request->url + strlen (PROVIDER_ISSUER);
  unsigned int status = 200;
  char *text = NULL;

  g_assert_true (g_str_has_prefix (request->url, PROVIDER_ISSUER "/"));
  g_assert_false (request->allow_http);
  g_assert_false (request->allow_private);
  g_assert_cmpuint (request->timeout_s, <=, 10);
  if (g_str_equal (path, "/token"))
    {
      if (current.refresh_away)
        return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: no answer", request->url);
      text = answer_token (request, &status);
    }
  else if (g_str_equal (path, "/introspect") && !current.away)
    text = answer_introspection (request, &status);
  else if (current.away)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: no answer", request->url);
  else if (g_str_equal (path, "/.well-known/openid-configuration"))
    text = answer_discovery ();
  else if (g_str_equal (path, "/keys"))
    text = answer_keys ();
  else
    text = answer_userinfo (request);
  *answer =
      (DoorFetchAnswer){ .status = status, .body = g_bytes_new_take (text, strlen (text)), .max_age_s = -1 };
  return true;
}

/* keys go into the provider's group; more is further groups. */
World *
provider_world_new (const char *keys, const char *more)
{
  g_autofree char *config = NULL;
  g_autoptr (GError) error = NULL;
  World *world;

  if (secret_file == NULL)
    {
      int file = g_file_open_tmp ("door-secret-XXXXXX", &secret_file, &error);

      g_assert_no_error (error);
      g_assert_cmpint (g_close (file, NULL), ==, TRUE);
      g_file_set_contents_full (secret_file, SECRET "\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, &error);
      g_assert_no_error (error);
    }
  config = g_strdup_printf (PROVIDER_KEYS "%s%s", secret_file, keys, more);
  world = world_new (config);
  world->context.fetch = fetch;
  time_here = world->context.clock;
  current = (Provider){ .key = KEY_P256 };
  asked = (Asked){ 0 };
  return world;
}

void
provider_end (void)
{
  if (secret_file != NULL)
    g_unlink (secret_file);
  g_clear_pointer (&secret_file, g_free);
  g_clear_pointer (&presented, g_free);
  g_clear_pointer (&assertion, g_free);
  g_clear_pointer (&last.nonce, g_free);
  g_clear_pointer (&last.challenge, g_free);
  oidc_fixture_free_keys ();
}

void
oidc_pending_free (OidcPending *self)
{
  g_free (self->cookie);
  g_free (self->url);
  g_free (self->state);
  g_free (self->nonce);
  g_free (self->challenge);
  g_free (self);
}

static OidcPending *
pending_from_response (const DoorResponse *response, const char *cookie)
{
  g_autofree char *fresh = world_dup_cookie (response);
  const char *url = door_response_lookup_header (response, "Location");
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GHashTable) query = g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL);
  OidcPending *self = g_new0 (OidcPending, 1);

  g_assert_true (g_str_has_prefix (url, PROVIDER_ISSUER "/auth?"));
  self->cookie = g_strdup (fresh != NULL ? fresh : cookie);
  self->url = g_strdup (url);
  self->state = g_strdup (g_hash_table_lookup (query, "state"));
  self->nonce = g_strdup (g_hash_table_lookup (query, "nonce"));
  self->challenge = g_strdup (g_hash_table_lookup (query, "code_challenge"));
  return self;
}

/* Goes to the provider, by way of a thread that may wait if that is needed. */
OidcPending *
provider_begin (World *world, const char *target, const char *cookie)
{
  static const char start[] = "https://mdm.example.com";
  g_autoptr (DoorResponse) response = world_get (world, target, cookie);
  g_autofree char *fresh = world_dup_cookie (response);
  const char *location = door_response_lookup_header (response, "Location");

  assert_status (response, 303);
  if (g_str_has_prefix (location, start))
    return provider_begin (world, location + strlen (start), fresh != NULL ? fresh : cookie);
  return pending_from_response (response, cookie);
}

/* The browser comes back; query stands in the place of the code, with %s for the state. */
DoorResponse *
provider_answer (World *world, const OidcPending *pending, const char *query)
{
  g_autofree char *usual = g_strdup_printf ("/oidc/campus/callback?state=%s&code=" CODE "%s", pending->state,
                                            query != NULL && *query == '&' ? query : "");
  const char *target = query != NULL && *query != '&' ? query : usual;

  g_free (last.nonce);
  g_free (last.challenge);
  last.nonce = g_strdup (pending->nonce);
  last.challenge = g_strdup (pending->challenge);
  return world_get (world, target, pending->cookie);
}

DoorResponse *
provider_sign_in (World *world)
{
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/campus/start", NULL);

  return provider_answer (world, pending, NULL);
}
