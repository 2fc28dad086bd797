/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <libsoup/soup.h>

#include "door-error.h"
#include "door-soup-fetcher.h"

#define LIMIT 1000

/* A server in a thread of its own, on a free port of this machine. */
typedef struct
{
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  SoupServer *server;
  char *base;
  GMutex lock;
  GCond ready;
} Site;

static void
answer_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer data)
{
  static const char *const moves[][2] = { { "/moved", "/good" },
                                          { "/moved-twice", "/moved" },
                                          { "/moved-thrice", "/moved-twice" },
                                          { "/moved-often", "/moved-thrice" },
                                          { "/round", "/round" },
                                          { "/down-to-http", "http://idp.example/good" },
                                          { "/away", "http://localhost:1/good" },
                                          { "/down", "ftp://127.0.0.1/good" } };

  for (size_t i = 0; i < G_N_ELEMENTS (moves); i++)
    if (g_str_equal (path, moves[i][0]))
      {
        soup_server_message_set_redirect (message, 302, moves[i][1]);
        return;
      }
  if (g_str_equal (path, "/echo"))
    {
      SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
      g_autofree char *said = g_strdup_printf ("%s %s %s %s", soup_server_message_get_method (message),
                                               soup_message_headers_get_one (headers, "Authorization"),
                                               soup_message_headers_get_content_type (headers, NULL),
                                               soup_server_message_get_request_body (message)->data);

      soup_message_headers_append (soup_server_message_get_response_headers (message), "Cache-Control",
                                   "public, max-age=3600");
      soup_server_message_set_status (message, 400, NULL);
      soup_server_message_set_response (message, "application/json; charset=utf-8", SOUP_MEMORY_COPY, said,
                                        strlen (said));
      return;
    }
  if (g_str_equal (path, "/good") || g_str_equal (path, "/large"))
    {
      size_t size = g_str_equal (path, "/good") ? LIMIT : LIMIT + 1;
      char *body = g_malloc (size);

      memset (body, 'x', size);
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_TAKE, body, size);
      return;
    }
  soup_server_message_set_status (message, 404, NULL);
}

static gpointer
serve (gpointer data)
{
  Site *site = data;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  g_main_context_push_thread_default (site->context);
  site->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (site->server, NULL, answer_cb, NULL, NULL);
  g_assert_true (soup_server_listen_local (site->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error));
  uris = soup_server_get_uris (site->server);
  g_mutex_lock (&site->lock);
  site->base = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_cond_signal (&site->ready);
  g_mutex_unlock (&site->lock);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_main_loop_run (site->loop);
  g_object_unref (site->server);
  g_main_context_pop_thread_default (site->context);
  return NULL;
}

static void
set_up (Site *site, gconstpointer data)
{
  g_mutex_init (&site->lock);
  g_cond_init (&site->ready);
  site->context = g_main_context_new ();
  site->loop = g_main_loop_new (site->context, FALSE);
  site->thread = g_thread_new ("site", serve, site);
  g_mutex_lock (&site->lock);
  while (site->base == NULL)
    g_cond_wait (&site->ready, &site->lock);
  g_mutex_unlock (&site->lock);
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
tear_down (Site *site, gconstpointer data)
{
  /* from inside the loop: it may not even have begun to run */
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, quit_cb, site->loop, NULL);
  g_source_attach (source, site->context);
  g_thread_join (site->thread);
  g_main_loop_unref (site->loop);
  g_main_context_unref (site->context);
  g_free (site->base);
  g_mutex_clear (&site->lock);
  g_cond_clear (&site->ready);
}

static GBytes *
get (const DoorFetchRequest *request, GCancellable *cancellable, GError **error)
{
  g_auto (DoorFetchAnswer) answer = { 0 };

  return door_soup_fetch (request, &answer, cancellable, error) ? g_steal_pointer (&answer.body) : NULL;
}

static GBytes *
fetch (Site *site, const char *path, bool allow_http, GError **error)
{
  g_autofree char *url = g_strconcat (site->base, path, NULL);
  DoorFetchRequest request = {
    .url = url, .max_bytes = LIMIT, .timeout_s = 5, .allow_http = allow_http, .allow_private = true
  };

  return get (&request, NULL, error);
}

static void
test_good (Site *site, gconstpointer data)
{
  static const char *const paths[] = { "/good", "/moved", "/moved-twice", "/moved-thrice" };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) body = fetch (site, paths[i], true, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (body), ==, LIMIT);
    }
}

static void
test_refused (Site *site, gconstpointer data)
{
  static const char *const paths[] = {
    "/large", "/moved-often", "/round", "/away", "/down", "/down-to-http"
  };
  static const char *const reasons[] = { "larger than",    "too many redirects", "too many redirects",
                                         "another server", "another server",     "another server" };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (fetch (site, paths[i], true, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
      g_assert_cmpint (door_error_get_fault (error), ==,
                       DOOR_FAULT_NONE); /* the caller knows what it is for */
      g_assert_nonnull (strstr (error->message, reasons[i]));
    }
}

/* What a request carries goes to the address it was meant for, and no further; the status is the caller's. */
static void
test_post (Site *site, gconstpointer data)
{
  static const char *const headers[] = { "Authorization", "Bearer x", NULL };
  g_autofree char *url = g_strconcat (site->base, "/echo", NULL);
  g_autofree char *moved = g_strconcat (site->base, "/moved", NULL);
  g_autoptr (GBytes) body = g_bytes_new_static ("a=b", 3);
  DoorFetchRequest request = {
    .method = "POST",
    .url = url,
    .headers = headers,
    .content_type = "application/x-www-form-urlencoded",
    .body = body,
    .max_bytes = LIMIT,
    .timeout_s = 5,
    .allow_http = true,
    .allow_private = true,
  };
  g_auto (DoorFetchAnswer) answer = { 0 }, redirect = { 0 }, plain = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (door_soup_fetch (&request, &answer, NULL, &error));
  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (answer.body, NULL), g_bytes_get_size (answer.body));
  g_assert_cmpstr (text, ==, "POST Bearer x application/x-www-form-urlencoded a=b");
  g_assert_cmpuint (answer.status, ==, 400);
  g_assert_cmpstr (answer.content_type, ==, "application/json");
  g_assert_cmpint (answer.max_age_s, ==, 3600);
  request.url = moved;
  g_assert_true (door_soup_fetch (&request, &redirect, NULL, &error));
  g_assert_cmpuint (redirect.status, ==, 302);
  request = (DoorFetchRequest){
    .url = moved, .max_bytes = LIMIT, .timeout_s = 5, .allow_http = true, .allow_private = true
  };
  g_assert_true (door_soup_fetch (&request, &plain, NULL, &error));
  g_assert_cmpuint (plain.status, ==, 200);
  g_assert_cmpint (plain.max_age_s, ==, -1);
}

static void
test_address (Site *site, gconstpointer data)
{
  static const char *const urls[] = {
    "http://metadata.example/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "metadata", ""
  };
  g_autoptr (GError) plain = NULL;

  g_assert_null (fetch (site, "/good", false, &plain));
  g_assert_error (plain, DOOR_ERROR, DOOR_ERROR_CONFIG);
  for (size_t i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      DoorFetchRequest request = { .url = urls[i], .max_bytes = LIMIT, .timeout_s = 5, .allow_http = true };
      g_autoptr (GError) error = NULL;

      g_assert_null (get (&request, NULL, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

static void
test_cancelled (Site *site, gconstpointer data)
{
  g_autofree char *url = g_strconcat (site->base, "/good", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  DoorFetchRequest request = {
    .url = url, .max_bytes = LIMIT, .timeout_s = 5, .allow_http = true, .allow_private = true
  };
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (get (&request, cancellable, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/net/fetcher/good", Site, NULL, set_up, test_good, tear_down);
  g_test_add ("/net/fetcher/refused", Site, NULL, set_up, test_refused, tear_down);
  g_test_add ("/net/fetcher/post", Site, NULL, set_up, test_post, tear_down);
  g_test_add ("/net/fetcher/address", Site, NULL, set_up, test_address, tear_down);
  g_test_add ("/net/fetcher/cancelled", Site, NULL, set_up, test_cancelled, tear_down);
  return g_test_run ();
}
