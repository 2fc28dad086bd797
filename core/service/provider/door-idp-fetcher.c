/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp-fetcher.h"

#include <string.h>

#include "door-access-cell.h"
#include "door-api-document.h"
#include "door-error.h"
#include "door-json.h"
#include "door-service-account.h"

#define MAX_ANSWER_BYTES (1024 * 1024)
#define MAX_TOKEN_BYTES (64 * 1024)
/* Of one request, and of all that one fetcher makes. */
#define REQUEST_S 8
#define ALL_S 20
/* A token is not used in its last minute, and no longer than this. */
#define TOKEN_MARGIN_S 60
#define TOKEN_MAX_S 3600
/* When a provider that has enough does not say how long it wants to be left alone, and when it says too much.
 */
#define BLOCK_S 5
#define BLOCK_MAX_S 300
#define HTTPS_PORT 443
/* of a form, beside its secret: names, a client id, or an assertion */
#define FORM_BYTES 8192

struct _DoorIdpFetcher
{
  GObject parent_instance;
  const DoorContext *context;
  DoorConnection *connection;
  DoorFetcherAccess *access;
  int64_t until_s;
};

static void init_fetcher (DoorFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (DoorIdpFetcher, door_idp_fetcher, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_FETCHER, init_fetcher))

/* What an answer links to is followed nowhere else: the token goes along. */
static bool
check_url (const DoorIdpFetcher *self, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* why it is none does not matter */
  int port = uri != NULL ? g_uri_get_port (uri) : -1;

  if (uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0 && (port == -1 || port == HTTPS_PORT) &&
      g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL &&
      g_strcmp0 (g_uri_get_host (uri), self->access->host) == 0)
    return true;
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_IDP_GROUPS,
                         "an address that is not at %s is not asked", self->access->host);
}

static bool
send_request (const DoorIdpFetcher *self, DoorFetchRequest *request, DoorFetchAnswer *answer,
              GCancellable *cancellable, GError **error)
{
  int64_t left_s = self->until_s - door_clock_monotonic_s (self->context->clock);
  g_autoptr (GError) local = NULL;

  if (left_s <= 0)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS, "not done within %d s",
                           ALL_S);
  request->timeout_s = (unsigned int) MIN (left_s, REQUEST_S);
  request->allow_private = door_connection_may_be_private (self->connection, self->context->development);
  return self->context->fetch (request, answer, cancellable, &local) ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS, "%s", local->message);
}

static bool
judge_status (const DoorIdpFetcher *self, const char *what, const DoorFetchAnswer *answer, GError **error)
{
  g_autofree char *reason = NULL;
  DoorError code = DOOR_ERROR_UNAVAILABLE;

  if (answer->status == 200)
    return true;
  if (answer->status == 429 || answer->status == 503)
    {
      int64_t pause_s = answer->retry_after_s > 0 ? MIN (answer->retry_after_s, BLOCK_MAX_S) : BLOCK_S;

      door_access_cell_block (door_connection_get_access_cell (self->connection),
                              door_clock_monotonic_s (self->context->clock) + pause_s);
    }
  else if (answer->status == 401 || answer->status == 403)
    code = DOOR_ERROR_NOT_ALLOWED;
  else if (answer->status == 404)
    code = DOOR_ERROR_NOT_FOUND;
  reason = door_api_document_dup_reason (answer->body);
  return door_error_set (error, code, DOOR_FAULT_IDP_GROUPS, "%s answered %u: %s", what, answer->status,
                         reason);
}

static void
add_param (GString *form, const char *name, const char *value)
{
  if (form->len > 0)
    g_string_append_c (form, '&');
  g_string_append_printf (form, "%s=", name);
  g_string_append_uri_escaped (form, value, NULL, FALSE);
}

static bool
add_assertion (const DoorIdpFetcher *self, const DoorSecret *secret, GString *form, GError **error)
{
  const DoorServiceAccountGrant grant = {
    .scope = self->access->scope,
    .subject = self->access->subject,
    .audience = self->access->token_url,
    .now_ms = door_clock_now_ms (self->context->clock),
  };
  g_autoptr (DoorServiceAccount) account = door_service_account_parse (secret, error);
  g_autofree char *assertion =
      account != NULL ? door_service_account_build_assertion (account, &grant, error) : NULL;

  if (assertion == NULL)
    return false;
  add_param (form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
  add_param (form, "assertion", assertion);
  return true;
}

/* A buffer that never moves, so that nothing of it is left behind: a byte that is escaped becomes three. */
static GString *
new_form (const DoorFetcherAccess *access, const DoorSecret *secret)
{
  size_t size;

  door_secret_get_data (secret, &size);
  return g_string_sized_new (3 * (size + strlen (access->scope)) + FORM_BYTES);
}

static DoorSecret *
build_form (const DoorIdpFetcher *self, GError **error)
{
  const DoorFetcherAccess *access = self->access;
  g_autoptr (DoorSecret) secret = door_connection_dup_secret (self->connection, access->secret_key, error);
  g_autoptr (GString) form = secret != NULL ? new_form (access, secret) : NULL;

  if (secret == NULL)
    return NULL;
  if (access->client_id != NULL)
    {
      add_param (form, "grant_type", "client_credentials");
      add_param (form, "client_id", access->client_id);
      add_param (form, "client_secret", door_secret_get_text (secret));
      add_param (form, "scope", access->scope);
    }
  else if (!add_assertion (self, secret, form, error))
    return NULL;
  return door_secret_new_take (g_steal_pointer (&form));
}

static char *
read_token (const DoorIdpFetcher *self, const DoorFetchAnswer *answer, GError **error)
{
  int64_t life_s = 0;
  char *token = door_api_document_dup_token (answer->body, &life_s, error);

  if (token == NULL)
    g_prefix_error (error, "%s: ", self->access->token_url);
  else
    door_access_cell_set_token (door_connection_get_access_cell (self->connection), token,
                                door_clock_monotonic_s (self->context->clock) +
                                    CLAMP (life_s, 0, TOKEN_MAX_S) - TOKEN_MARGIN_S);
  return token;
}

static char *
ensure_token (const DoorIdpFetcher *self, GCancellable *cancellable, GError **error)
{
  static const char *const headers[] = { "Accept", "application/json", NULL };
  char *known = door_access_cell_dup_token (door_connection_get_access_cell (self->connection),
                                            door_clock_monotonic_s (self->context->clock));
  g_autoptr (DoorSecret) form = known == NULL ? build_form (self, error) : NULL;
  g_autoptr (GBytes) body = form != NULL ? door_secret_dup_bytes (form) : NULL;
  g_auto (DoorFetchAnswer) answer = { 0 };
  DoorFetchRequest request = {
    .method = "POST",
    .url = self->access->token_url,
    .headers = headers,
    .content_type = "application/x-www-form-urlencoded",
    .body = body,
    .max_bytes = MAX_TOKEN_BYTES,
  };

  if (known != NULL)
    return known;
  if (body == NULL || !send_request (self, &request, &answer, cancellable, error) ||
      !judge_status (self, self->access->token_url, &answer, error))
    return NULL;
  return read_token (self, &answer, error);
}

static bool
ask (const DoorIdpFetcher *self, const char *url, GBytes *body, DoorFetchAnswer *answer,
     GCancellable *cancellable, GError **error)
{
  g_autofree char *token = ensure_token (self, cancellable, error);
  g_autofree char *bearer = token != NULL ? g_strconcat ("Bearer ", token, NULL) : NULL;
  const char *headers[] = { "Accept", "application/json", "Authorization", bearer, NULL };
  DoorFetchRequest request = {
    .method = body != NULL ? "POST" : "GET",
    .url = url,
    .headers = headers,
    .content_type = body != NULL ? "application/json" : NULL,
    .body = body,
    .max_bytes = MAX_ANSWER_BYTES,
  };

  return token != NULL && send_request (self, &request, answer, cancellable, error);
}

static JsonNode *
fetch (DoorFetcher *fetcher, const char *url, JsonNode *body, GCancellable *cancellable, GError **error)
{
  const DoorIdpFetcher *self = DOOR_IDP_FETCHER (fetcher);
  g_autoptr (GBytes) bytes = body != NULL ? door_json_build (body) : NULL;
  g_auto (DoorFetchAnswer) answer = { 0 };

  if (!check_url (self, url, error) || !ask (self, url, bytes, &answer, cancellable, error))
    return NULL;
  if (answer.status == 401) /* taken back before its time: the next one asks for another */
    door_access_cell_set_token (door_connection_get_access_cell (self->connection), NULL, 0);
  if (!judge_status (self, self->access->host, &answer, error))
    return NULL;
  return door_api_document_parse (answer.body, error);
}

static void
init_fetcher (DoorFetcherInterface *iface)
{
  iface->fetch = fetch;
}

static void
door_idp_fetcher_finalize (GObject *object)
{
  door_fetcher_access_free (DOOR_IDP_FETCHER (object)->access);
  G_OBJECT_CLASS (door_idp_fetcher_parent_class)->finalize (object);
}

static void
door_idp_fetcher_class_init (DoorIdpFetcherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = door_idp_fetcher_finalize;
}

static void
door_idp_fetcher_init (DoorIdpFetcher *self)
{
}

/**
 * door_idp_fetcher_new:
 * @context: what every service needs; it must outlive the fetcher
 * @connection: the identity provider that is asked; it must outlive the fetcher
 * @access: how to get in
 *
 * Makes what one sign-in asks a provider's own API with, within twenty seconds from now.
 *
 * Returns: (transfer full): the fetcher
 */
DoorFetcher *
door_idp_fetcher_new (const DoorContext *context, DoorConnection *connection, const DoorFetcherAccess *access)
{
  DoorIdpFetcher *self = g_object_new (DOOR_TYPE_IDP_FETCHER, NULL);

  self->context = context;
  self->connection = connection;
  self->access = door_fetcher_access_copy (access);
  self->until_s = door_clock_monotonic_s (context->clock) + ALL_S;
  return DOOR_FETCHER (self);
}
