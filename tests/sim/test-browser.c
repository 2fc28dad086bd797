/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sim-browser.h"
#include "sim-error.h"

/* A server that notes what it was sent. */
typedef struct
{
  SoupServer *server;
  SimHttp *http;
  SimBrowser *browser;
  GUri *root;
  GPtrArray *seen; /* "METHOD path?query|cookie|site|origin|referer|x-test|body" */
} Fixture;

static const char *
or_dash (SoupServerMessage *message, const char *name)
{
  const char *value = soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);

  return value != NULL ? value : "-";
}

static void
handle_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer user_data)
{
  Fixture *fixture = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  g_ptr_array_add (fixture->seen,
                   g_strdup_printf ("%s %s|%s|%s|%s|%s|%s|%.*s", soup_server_message_get_method (message),
                                    path, or_dash (message, "Cookie"), or_dash (message, "Sec-Fetch-Site"),
                                    or_dash (message, "Origin"), or_dash (message, "Referer"),
                                    or_dash (message, "X-Test"), (int) body->length, body->data));
  if (g_str_equal (path, "/silent"))
    {
      soup_server_message_pause (message);
      return;
    }
  soup_message_headers_append (headers, "Set-Cookie",
                               g_str_equal (path, "/bad") ? "__Host-a=1; Path=/" : "b=2");
  if (g_str_equal (path, "/redirect"))
    soup_server_message_set_redirect (message, 303, "/target");
  else
    {
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "<p>Hello.", 9);
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *const headers[] = { "X-Test: 1", NULL };
  GSList *uris = NULL;

  fixture->seen = g_ptr_array_new_with_free_func (g_free);
  fixture->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (fixture->server, NULL, handle_cb, fixture, NULL);
  g_assert_true (soup_server_listen_local (fixture->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (fixture->server);
  fixture->root = g_uri_ref (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  fixture->http = sim_http_new (NULL, headers, 1, NULL);
  fixture->browser = sim_browser_new (fixture->http, "Safari", "en");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sim_browser_free (fixture->browser);
  sim_http_free (fixture->http);
  g_uri_unref (fixture->root);
  g_object_unref (fixture->server);
  g_ptr_array_unref (fixture->seen);
}

static SimVisit *
open_path (Fixture *fixture, const char *path)
{
  g_autoptr (GUri) uri = g_uri_parse_relative (fixture->root, path, SOUP_HTTP_URI_FLAGS, NULL);

  return sim_visit_new_opened (uri);
}

static const char *
last_seen (Fixture *fixture)
{
  return g_ptr_array_index (fixture->seen, fixture->seen->len - 1);
}

static void
test_redirect_is_left_to_the_caller (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) visit = open_path (fixture, "/redirect");
  g_autoptr (SimReply) reply = sim_browser_visit (fixture->browser, visit, NULL);
  g_autoptr (SimVisit) next = sim_visit_new_redirect (visit, reply, NULL);
  g_autoptr (SimReply) second = NULL;

  g_assert_cmpint (reply->status, ==, 303);
  g_assert_cmpuint (fixture->seen->len, ==, 1);
  g_assert_cmpstr (last_seen (fixture), ==, "GET /redirect|-|none|-|-|-|");
  second = sim_browser_visit (fixture->browser, next, NULL);
  g_assert_cmpint (second->status, ==, 200);
  g_assert_cmpstr (last_seen (fixture), ==, "GET /target|b=2|none|-|-|-|");
}

static void
test_repeats_and_headers_are_for_the_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) visit = open_path (fixture, "/page");
  g_autoptr (SimReply) elsewhere = NULL;
  g_autoptr (SimReply) reply = NULL;

  sim_http_set_repeats (fixture->http, 2);
  elsewhere = sim_browser_visit (fixture->browser, visit, NULL);
  g_assert_cmpuint (elsewhere->earlier->len, ==, 0);
  g_assert_cmpuint (fixture->seen->len, ==, 1);
  sim_http_add_server (fixture->http, fixture->root);
  reply = sim_browser_visit (fixture->browser, visit, NULL);
  g_assert_cmpuint (reply->earlier->len, ==, 2);
  g_assert_cmpuint (fixture->seen->len, ==, 4);
  g_assert_cmpstr (last_seen (fixture), ==, "GET /page|b=2|none|-|-|1|");
}

static void
test_form_from_another_site (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) first = open_path (fixture, "/page");
  g_autoptr (SimReply) page = sim_browser_visit (fixture->browser, first, NULL);
  g_autoptr (GUri) elsewhere = g_uri_parse ("https://idp.test/login?x=1", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SimForm) form = sim_form_new ();
  g_autoptr (SimVisit) visit = NULL;
  g_autoptr (SimReply) reply = NULL;

  g_uri_unref (page->uri);
  page->uri = g_uri_ref (elsewhere);
  form->method = g_strdup ("POST");
  form->action = g_uri_parse_relative (fixture->root, "/acs", SOUP_HTTP_URI_FLAGS, NULL);
  sim_form_add (form, "SAMLResponse", "a+b", "hidden");
  visit = sim_visit_new_form (page, form, NULL);
  reply = sim_browser_visit (fixture->browser, visit, NULL);
  g_assert_nonnull (reply);
  g_assert_cmpstr (last_seen (fixture), ==,
                   "POST /acs|-|cross-site|https://idp.test|https://idp.test/|-|SAMLResponse=a%2Bb");
}

static void
test_bad_cookie_of_the_server (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) visit = open_path (fixture, "/bad");
  g_autoptr (SimReply) elsewhere = sim_browser_visit (fixture->browser, visit, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (elsewhere);
  sim_http_add_server (fixture->http, fixture->root);
  g_assert_null (sim_browser_visit (fixture->browser, visit, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

static void
test_silence_is_bounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) visit = open_path (fixture, "/silent");
  g_autoptr (GError) error = NULL;

  g_assert_null (sim_browser_visit (fixture->browser, visit, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNREACHABLE);
}

static void
test_form_policy (void)
{
  g_autoptr (GUri) page = g_uri_parse ("https://a.test/x", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) other = g_uri_parse ("https://b.test:8443/y", SOUP_HTTP_URI_FLAGS, NULL);

  g_assert_true (sim_policy_allows_form (NULL, page, other));
  g_assert_true (sim_policy_allows_form (" 'self'", page, page));
  g_assert_true (sim_policy_allows_form (" 'self' https://b.test:8443", page, other));
  g_assert_true (sim_policy_allows_form (" b.test:8443", page, other));
  g_assert_true (sim_policy_allows_form (" https:", page, other));
  g_assert_true (sim_policy_allows_form (" *", page, other));
  g_assert_false (sim_policy_allows_form (" 'self'", page, other));
  g_assert_false (sim_policy_allows_form (" 'none'", page, page));
  g_assert_false (sim_policy_allows_form ("", page, page));
  g_assert_false (sim_policy_allows_form (" https://b.test:84431", page, other));
  g_assert_false (sim_policy_allows_form (" https://b.test", page, other));
}

static void
test_form_kept_by_policy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) first = open_path (fixture, "/page");
  g_autoptr (SimReply) page = sim_browser_visit (fixture->browser, first, NULL);
  g_autoptr (SimForm) form = sim_form_new ();
  g_autoptr (GError) error = NULL;

  soup_message_headers_replace (page->headers, "Content-Security-Policy",
                                "default-src 'none'; form-action 'self'");
  form->method = g_strdup ("POST");
  form->action = g_uri_parse ("https://idp.test/", SOUP_HTTP_URI_FLAGS, NULL);
  g_assert_null (sim_visit_new_form (page, form, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

/* The policy of the page with the form also holds for where the form is redirected to. */
static void
test_redirect_kept_by_policy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SimVisit) first = open_path (fixture, "/redirect");
  g_autoptr (SimReply) page = sim_browser_visit (fixture->browser, first, NULL);
  g_autoptr (SimForm) form = sim_form_new ();
  g_autoptr (SimVisit) visit = NULL;
  g_autoptr (SimVisit) good = NULL;
  g_autoptr (GError) error = NULL;

  soup_message_headers_replace (page->headers, "Content-Security-Policy", "form-action 'self'");
  form->method = g_strdup ("POST");
  form->action = g_uri_ref (page->uri);
  visit = sim_visit_new_form (page, form, NULL);
  good = sim_visit_new_redirect (visit, page, NULL);
  g_assert_nonnull (good);
  g_assert_cmpstr (good->method, ==, "GET");
  g_assert_null (good->form);
  soup_message_headers_replace (page->headers, "Location", "https://idp.test/");
  g_assert_null (sim_visit_new_redirect (visit, page, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/sim/browser/redirect", test_redirect_is_left_to_the_caller);
  ADD ("/sim/browser/repeats-and-headers", test_repeats_and_headers_are_for_the_server);
  ADD ("/sim/browser/form-from-another-site", test_form_from_another_site);
  ADD ("/sim/browser/bad-cookie", test_bad_cookie_of_the_server);
  ADD ("/sim/browser/silence", test_silence_is_bounded);
  ADD ("/sim/browser/form-kept-by-policy", test_form_kept_by_policy);
  ADD ("/sim/browser/redirect-kept-by-policy", test_redirect_kept_by_policy);
  g_test_add_func ("/sim/browser/form-policy", test_form_policy);
  return g_test_run ();
}
