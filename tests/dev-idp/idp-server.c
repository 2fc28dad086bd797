/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-server.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <string.h>

#include "idp-answer.h"
#include "idp-fault.h"
#include "idp-metadata.h"
#include "idp-page.h"
#include "idp-request.h"

#define MAX_BODY_BYTES (1024 * 1024)
#define COOKIE "__Host-dev_idp"
#define CSP_COMMON "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"
#define CSP_PAGE CSP_COMMON "; form-action 'self'"

typedef struct
{
  const IdpUser *user;
  char *index;
  GDateTime *authenticated;
} Session;

struct IdpServer
{
  const IdpConfig *config;
  const IdpKey *key;
  const IdpSigner *signer;
  char *base_url;
  char *entity_id;
  char *last_assertion_id;
  GHashTable *sessions;
};

/* One sign-on attempt: the request, and what came with it. */
typedef struct
{
  IdpRequest *request;
  char *xml;
  const char *relay_state;
  const char *fault_id;
} Attempt;

static void
attempt_clear (Attempt *attempt)
{
  g_clear_pointer (&attempt->request, idp_request_free);
  g_free (attempt->xml);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attempt, attempt_clear)

static void
session_free (gpointer data)
{
  Session *session = data;

  g_free (session->index);
  g_date_time_unref (session->authenticated);
  g_free (session);
}

/**
 * idp_server_new:
 * @config: people and settings; has to outlive the server
 * @key: the signing key; has to outlive the server
 * @signer: the prepared keys; has to outlive the server
 * @base_url: where browsers reach the server, without a slash at the end
 *
 * Makes the identity provider itself. Sessions live in memory. Does not block.
 *
 * Returns: (transfer full): the server
 */
IdpServer *
idp_server_new (const IdpConfig *config, const IdpKey *key, const IdpSigner *signer, const char *base_url)
{
  IdpServer *self = g_new0 (IdpServer, 1);
  const char *entity_id = idp_config_get_entity_id (config);

  self->config = config;
  self->key = key;
  self->signer = signer;
  self->base_url = g_strdup (base_url);
  self->entity_id = entity_id != NULL ? g_strdup (entity_id) : g_strconcat (base_url, "/metadata", NULL);
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, session_free);
  return self;
}

/**
 * idp_server_free:
 * @self: (transfer full): a server
 *
 * Frees @self, which has to be removed from its SoupServer before. Does not block.
 */
void
idp_server_free (IdpServer *self)
{
  g_free (self->base_url);
  g_free (self->entity_id);
  g_free (self->last_assertion_id);
  g_hash_table_unref (self->sessions);
  g_free (self);
}

static void
respond (SoupServerMessage *message, unsigned int status, const char *content_type, const char *text)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  /* libsoup before 3.4 never closes a kept connection that the client has closed, and runs out of
   * descriptors. */
  soup_message_headers_replace (headers, "Connection", "close");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, content_type, SOUP_MEMORY_COPY, text, strlen (text));
}

/* Real providers send Origin and a short Referer to the service; a stricter policy would hide both. */
static void
respond_page (SoupServerMessage *message, unsigned int status, const char *csp, char *html)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  g_autofree char *page = html;

  soup_message_headers_replace (headers, "Content-Security-Policy", csp);
  soup_message_headers_replace (headers, "Referrer-Policy", "origin");
  respond (message, status, "text/html; charset=utf-8", page);
}

static void
respond_refusal (IdpServer *self, SoupServerMessage *message, const char *text)
{
  respond_page (message, SOUP_STATUS_BAD_REQUEST, CSP_PAGE,
                idp_page_build_message (self->config, "This request cannot be answered", text));
}

static bool
check_method (SoupServerMessage *message, const char *allowed)
{
  const char *method = soup_server_message_get_method (message);

  if (g_str_equal (method, allowed) || (g_str_equal (allowed, "GET") && g_str_equal (method, "HEAD")))
    return true;
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow", allowed);
  respond (message, SOUP_STATUS_METHOD_NOT_ALLOWED, "text/plain", "method not allowed\n");
  return false;
}

static char *
dup_cookie (SoupServerMessage *message)
{
  g_autofree char *header =
      g_strdup (soup_message_headers_get_list (soup_server_message_get_request_headers (message), "Cookie"));
  g_auto (GStrv) pairs = g_strsplit_set (header != NULL ? header : "", ";,", -1);

  for (size_t i = 0; pairs[i] != NULL; i++)
    {
      const char *pair = g_strstrip (pairs[i]);

      if (g_str_has_prefix (pair, COOKIE "="))
        return g_strdup (pair + strlen (COOKIE "="));
    }
  return NULL;
}

static const Session *
lookup_session (IdpServer *self, SoupServerMessage *message)
{
  g_autofree char *token = dup_cookie (message);

  return token != NULL ? g_hash_table_lookup (self->sessions, token) : NULL;
}

/* SameSite=None, as real providers have it: a request by POST comes from another site. */
static void
set_cookie (SoupServerMessage *message, const char *token, const char *more)
{
  g_autofree char *cookie =
      g_strconcat (COOKIE "=", token, "; Path=/; Secure; HttpOnly; SameSite=None", more, NULL);

  soup_message_headers_append (soup_server_message_get_response_headers (message), "Set-Cookie", cookie);
}

static const Session *
start_session (IdpServer *self, SoupServerMessage *message, const IdpUser *user)
{
  char *token = idp_random_hex (16);
  Session *session = g_new0 (Session, 1);
  g_autofree char *hex = idp_random_hex (16);

  session->user = user;
  session->index = g_strconcat ("_", hex, NULL);
  session->authenticated = g_date_time_new_now_utc ();
  set_cookie (message, token, "");
  g_hash_table_insert (self->sessions, token, session);
  return session;
}

static GHashTable *
read_form (SoupServerMessage *message)
{
  g_autoptr (GBytes) body = soup_message_body_flatten (soup_server_message_get_request_body (message));
  size_t size = 0;
  const char *data = g_bytes_get_data (body, &size);
  g_autofree char *text = size > 0 ? g_strndup (data, size) : g_strdup ("");

  return soup_form_decode (text);
}

/* A table that borrows: the fields point into @form. */
static bool
read_attempt (Attempt *attempt, GHashTable *form, bool deflated, GError **error)
{
  const char *saml_request = form != NULL ? g_hash_table_lookup (form, "SAMLRequest") : NULL;
  const char *fault_id = form != NULL ? g_hash_table_lookup (form, "fault") : NULL;

  if (saml_request == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "there is no SAMLRequest in it");
      return false;
    }
  attempt->relay_state = g_hash_table_lookup (form, "RelayState");
  attempt->fault_id = fault_id != NULL && fault_id[0] != '\0' ? fault_id : NULL;
  if (attempt->fault_id != NULL && idp_fault_lookup (attempt->fault_id) == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "there is no fault \"%s\"; see /faults",
                   attempt->fault_id);
      return false;
    }
  attempt->xml = deflated ? idp_request_decode_redirect (saml_request, error)
                          : idp_request_decode_post (saml_request, error);
  if (attempt->xml == NULL)
    return false;
  attempt->request = idp_request_parse (attempt->xml, error);
  return attempt->request != NULL;
}

static void
respond_login (IdpServer *self, SoupServerMessage *message, const Attempt *attempt, const char *username,
               const char *text)
{
  g_autofree char *saml_request = g_base64_encode ((const uint8_t *) attempt->xml, strlen (attempt->xml));
  IdpLoginForm form = { .saml_request = saml_request,
                        .relay_state = attempt->relay_state,
                        .fault = attempt->fault_id,
                        .username = username,
                        .issuer = idp_request_get_issuer (attempt->request),
                        .message = text };

  respond_page (message, SOUP_STATUS_OK, CSP_PAGE, idp_page_build_login (self->config, &form));
}

static IdpAnswer *
new_answer (IdpServer *self, const Attempt *attempt, const Session *session)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  IdpAnswer *answer = idp_answer_new (attempt->request, session->user, self->entity_id, now);

  idp_answer_set_session (answer, session->index, session->authenticated);
  return answer;
}

static const IdpFault *
choose_fault (const Attempt *attempt, const IdpUser *user)
{
  if (attempt->fault_id != NULL)
    return idp_fault_lookup (attempt->fault_id);
  return idp_fault_lookup (user->fault != NULL ? user->fault : "none");
}

static void
apply_replay (IdpServer *self, const IdpFault *fault, IdpAnswer *answer)
{
  if (fault->repeats_assertion_id && self->last_assertion_id != NULL)
    {
      g_free (answer->assertion_id);
      answer->assertion_id = g_strdup (self->last_assertion_id);
    }
  g_free (self->last_assertion_id);
  self->last_assertion_id = g_strdup (answer->assertion_id);
}

/* The form of this page leads to the service provider, so its policy must not restrict form-action. */
static void
respond_answer (IdpServer *self, SoupServerMessage *message, const Attempt *attempt, const Session *session,
                IdpAnswer *answer)
{
  const IdpFault *fault = choose_fault (attempt, session->user);
  IdpAnswerForm form = { .acs_url = idp_request_get_acs_url (attempt->request),
                         .relay_state = attempt->relay_state,
                         .person = session->user->name };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = NULL;
  g_autofree char *base64 = NULL;

  apply_replay (self, fault, answer);
  xml = idp_fault_build_response (fault, answer, self->signer, idp_config_get_signed_parts (self->config),
                                  &error);
  if (xml == NULL)
    {
      respond_page (message, SOUP_STATUS_INTERNAL_SERVER_ERROR, CSP_PAGE,
                    idp_page_build_message (self->config, "Something failed", error->message));
      return;
    }
  base64 = g_base64_encode ((const uint8_t *) xml, strlen (xml));
  form.saml_response = base64;
  form.fault = g_str_equal (fault->id, "none") ? NULL : fault->text;
  respond_page (message, SOUP_STATUS_OK, CSP_COMMON, idp_page_build_answer (self->config, &form));
}

/* Nobody is signed in and no page may be shown: the first person stands in, the answer does not speak of
 * them. */
static void
respond_no_passive (IdpServer *self, SoupServerMessage *message, const Attempt *attempt)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  Session nobody = { .user = g_ptr_array_index (idp_config_get_users (self->config), 0),
                     .index = (char *) "_none",
                     .authenticated = now };
  g_autoptr (IdpAnswer) answer = new_answer (self, attempt, &nobody);

  idp_answer_refuse (answer, "Responder", "NoPassive", "nobody is signed in here");
  respond_answer (self, message, attempt, &nobody, answer);
}

static void
sso (IdpServer *self, SoupServerMessage *message, GHashTable *form, bool deflated)
{
  const Session *session = lookup_session (self, message);
  g_auto (Attempt) attempt = { 0 };
  g_autoptr (GError) error = NULL;

  if (!read_attempt (&attempt, form, deflated, &error))
    respond_refusal (self, message, error->message);
  else if (session != NULL && !idp_request_get_force_authn (attempt.request))
    {
      g_autoptr (IdpAnswer) answer = new_answer (self, &attempt, session);

      respond_answer (self, message, &attempt, session, answer);
    }
  else if (idp_request_get_is_passive (attempt.request))
    respond_no_passive (self, message, &attempt);
  else
    respond_login (self, message, &attempt, NULL, NULL);
}

static void
handle_sso (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  if (g_str_equal (soup_server_message_get_method (message), "POST"))
    {
      g_autoptr (GHashTable) form = read_form (message);

      if (query != NULL && g_hash_table_contains (query, "fault"))
        g_hash_table_insert (form, g_strdup ("fault"), g_strdup (g_hash_table_lookup (query, "fault")));
      sso (user_data, message, form, false);
      return;
    }
  if (check_method (message, "GET"))
    sso (user_data, message, query, true);
}

static bool
check_password (const IdpUser *user, const char *password)
{
  size_t size = 0;

  if (user == NULL || password == NULL)
    return false;
  size = strlen (user->password);
  return strlen (password) == size && CRYPTO_memcmp (password, user->password, size) == 0;
}

static void
handle_login (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
              gpointer user_data)
{
  IdpServer *self = user_data;
  g_autoptr (GHashTable) form = NULL;
  g_auto (Attempt) attempt = { 0 };
  g_autoptr (GError) error = NULL;
  const char *username = NULL;
  const IdpUser *user = NULL;

  if (!check_method (message, "POST"))
    return;
  form = read_form (message);
  if (!read_attempt (&attempt, form, false, &error))
    {
      respond_refusal (self, message, error->message);
      return;
    }
  username = g_hash_table_lookup (form, "username");
  user = idp_config_lookup_user (self->config, username);
  if (check_password (user, g_hash_table_lookup (form, "password")))
    {
      const Session *session = start_session (self, message, user);
      g_autoptr (IdpAnswer) answer = new_answer (self, &attempt, session);

      respond_answer (self, message, &attempt, session, answer);
    }
  else
    respond_login (self, message, &attempt, username, "That user name and password do not go together.");
}

static void
handle_logout (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer user_data)
{
  IdpServer *self = user_data;
  g_autofree char *token = dup_cookie (message);

  if (token != NULL)
    g_hash_table_remove (self->sessions, token);
  set_cookie (message, "", "; Max-Age=0");
  respond_page (message, SOUP_STATUS_OK, CSP_PAGE,
                idp_page_build_message (self->config, "Signed out", "This browser is signed in as nobody."));
}

static void
handle_metadata (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
                 gpointer user_data)
{
  IdpServer *self = user_data;
  g_autofree char *sso_url = g_strconcat (self->base_url, "/sso", NULL);
  g_autofree char *certificate = idp_key_dup_certificate_base64 (self->key);
  g_autofree char *xml = idp_metadata_build (self->entity_id, sso_url, certificate);

  if (check_method (message, "GET"))
    respond (message, SOUP_STATUS_OK, "application/samlmetadata+xml", xml);
}

static void
handle_faults (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer user_data)
{
  g_autofree char *text = idp_page_build_fault_list ();

  if (check_method (message, "GET"))
    respond (message, SOUP_STATUS_OK, "text/plain; charset=utf-8", text);
}

static void
handle_style (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
              gpointer user_data)
{
  if (check_method (message, "GET"))
    respond (message, SOUP_STATUS_OK, "text/css; charset=utf-8", idp_page_get_style_sheet ());
}

static void
handle_home (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
             gpointer user_data)
{
  IdpServer *self = user_data;
  const Session *session = lookup_session (self, message);

  if (!g_str_equal (path, "/"))
    respond_page (message, SOUP_STATUS_NOT_FOUND, CSP_PAGE,
                  idp_page_build_message (self->config, "Nothing here", "There is no page at this address."));
  else if (check_method (message, "GET"))
    respond_page (
        message, SOUP_STATUS_OK, CSP_PAGE,
        idp_page_build_home (self->config, self->entity_id, session != NULL ? session->user->name : NULL));
}

/* Runs on the head. libsoup reads the body of a refused request nevertheless; it is dropped as it comes. */
static void
handle_early (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
              gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);

  if (encoding == SOUP_ENCODING_NONE)
    return;
  if (encoding == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) <= MAX_BODY_BYTES)
    return;
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  respond (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "text/plain",
           "send a body of known length up to 1 MiB\n");
}

/**
 * idp_server_add_routes:
 * @self: the identity provider; has to outlive @soup
 * @soup: a server
 *
 * Makes @soup answer for @self, in the thread of its main context.
 */
void
idp_server_add_routes (IdpServer *self, SoupServer *soup)
{
  static const struct
  {
    const char *path;
    SoupServerCallback callback;
  } routes[] = {
    { "/", handle_home },         { "/style.css", handle_style }, { "/metadata", handle_metadata },
    { "/sso", handle_sso },       { "/faults", handle_faults },   { "/login", handle_login },
    { "/logout", handle_logout },
  };

  /* libsoup asks only the handlers of the longest matching path, early ones included. */
  for (size_t i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      soup_server_add_early_handler (soup, routes[i].path, handle_early, self, NULL);
      soup_server_add_handler (soup, routes[i].path, routes[i].callback, self, NULL);
    }
}
