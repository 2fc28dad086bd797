/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-browser.h"

#include <string.h>

#include "sim-error.h"

struct _SimBrowser
{
  SimHttp *http; /* unowned */
  SimCookies *cookies;
  char *user_agent;
  char *accept_language;
};

/**
 * sim_browser_new:
 * @http: the client to send with; must outlive the browser
 * @user_agent: what the browser calls itself
 * @accept_language: its languages
 *
 * Returns: (transfer full): a browser without cookies
 */
SimBrowser *
sim_browser_new (SimHttp *http, const char *user_agent, const char *accept_language)
{
  SimBrowser *self = g_new0 (SimBrowser, 1);

  self->http = http;
  self->cookies = sim_cookies_new ();
  self->user_agent = g_strdup (user_agent);
  self->accept_language = g_strdup (accept_language);
  return self;
}

/**
 * sim_browser_free:
 * @self: (transfer full): a browser
 */
void
sim_browser_free (SimBrowser *self)
{
  sim_cookies_free (self->cookies);
  g_free (self->user_agent);
  g_free (self->accept_language);
  g_free (self);
}

/**
 * sim_browser_forget_cookies:
 * @self: a browser
 *
 * Goes on as a browser that has never seen any of the pages.
 */
void
sim_browser_forget_cookies (SimBrowser *self)
{
  sim_cookies_free (self->cookies);
  self->cookies = sim_cookies_new ();
}

static void
set_referrer (SimRequest *request, const SimVisit *visit)
{
  g_autofree char *origin = NULL;
  g_autofree char *referrer = NULL;

  if (visit->initiator == NULL)
    return;
  origin = sim_uri_dup_origin (visit->initiator);
  if (visit->form != NULL)
    sim_request_set_header (request, "Origin", visit->no_referrer ? "null" : origin);
  if (visit->no_referrer)
    return;
  referrer = sim_site_between (visit->initiator, visit->uri) == SIM_SITE_SAME_ORIGIN
                 ? g_uri_to_string_partial (visit->initiator, G_URI_HIDE_FRAGMENT)
                 : g_strconcat (origin, "/", NULL);
  sim_request_set_header (request, "Referer", referrer);
}

static gboolean
store_cookies (SimBrowser *self, const SimReply *reply, GDateTime *now, GError **error)
{
  SoupMessageHeadersIter iter;
  const char *name = NULL;
  const char *value = NULL;

  soup_message_headers_iter_init (&iter, reply->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_autoptr (GError) local = NULL;

      if (g_ascii_strcasecmp (name, "Set-Cookie") != 0 ||
          sim_cookies_store (self->cookies, reply->uri, value, now, &local))
        continue;
      /* A cookie that browsers drop is a mistake of the server under test, but an identity provider's own
       * affair. */
      if (sim_http_is_server (self->http, reply->uri))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * sim_browser_visit:
 * @self: a browser
 * @visit: where to go
 * @error: return location for an error
 *
 * Makes one request with the headers Safari sends for a navigation and keeps the cookies of the answer.
 * Redirects are left to the caller. Blocks.
 *
 * Returns: (transfer full): the answer, or %NULL with %SIM_ERROR_UNREACHABLE or %SIM_ERROR_UNEXPECTED
 */
SimReply *
sim_browser_visit (SimBrowser *self, const SimVisit *visit, GError **error)
{
  g_autoptr (SimRequest) request = sim_request_new (visit->method, visit->uri);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *cookies =
      sim_cookies_dup_header (self->cookies, visit->uri, visit->method, visit->site, now);
  g_autoptr (SimReply) reply = NULL;

  sim_request_set_header (request, "Accept",
                          "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  sim_request_set_header (request, "Accept-Language", self->accept_language);
  sim_request_set_header (request, "Priority", "u=0, i");
  sim_request_set_header (request, "Sec-Fetch-Dest", "document");
  sim_request_set_header (request, "Sec-Fetch-Mode", "navigate");
  sim_request_set_header (request, "Sec-Fetch-Site", sim_site_to_string (visit->site));
  sim_request_set_header (request, "User-Agent", self->user_agent);
  sim_request_set_header (request, "Cookie", cookies);
  sim_request_set_header (request, "x-apple-aspen-deviceinfo", visit->device_info);
  set_referrer (request, visit);
  if (visit->form != NULL)
    sim_request_take_body (request, "application/x-www-form-urlencoded",
                           g_bytes_new (visit->form, strlen (visit->form)));
  reply = sim_http_send (self->http, request, error);
  if (reply == NULL || !store_cookies (self, reply, now, error))
    return NULL;
  return g_steal_pointer (&reply);
}

/**
 * sim_visit_new_opened:
 * @uri: where to
 *
 * Returns: (transfer full): a navigation that no page caused
 */
SimVisit *
sim_visit_new_opened (GUri *uri)
{
  SimVisit *self = g_new0 (SimVisit, 1);

  self->method = g_strdup ("GET");
  self->uri = g_uri_ref (uri);
  self->site = SIM_SITE_NONE;
  return self;
}

static bool
hides_referrer (const SimReply *page)
{
  const char *policy = sim_reply_get_header (page, "Referrer-Policy");

  return policy != NULL && g_ascii_strcasecmp (policy, "no-referrer") == 0;
}

/**
 * sim_visit_new_link:
 * @page: the page with the link
 * @target: where it leads
 *
 * Returns: (transfer full): the navigation
 */
SimVisit *
sim_visit_new_link (const SimReply *page, GUri *target)
{
  SimVisit *self = sim_visit_new_opened (target);

  self->initiator = g_uri_ref (page->uri);
  self->site = sim_site_between (page->uri, target);
  self->no_referrer = hides_referrer (page);
  return self;
}

/* (transfer full) (nullable): sources of the form-action directive of a page's policy */
static char *
dup_form_action (const SimReply *page)
{
  const char *policy = sim_reply_get_header (page, "Content-Security-Policy");
  g_auto (GStrv) directives = g_strsplit (policy != NULL ? policy : "", ";", -1);

  for (size_t i = 0; directives[i] != NULL; i++)
    {
      const char *directive = g_strstrip (directives[i]);

      if (g_ascii_strncasecmp (directive, "form-action", 11) == 0 &&
          (directive[11] == '\0' || g_ascii_isspace (directive[11])))
        return g_strdup (directive + 11);
    }
  return NULL;
}

/* One source expression of CSP 3: 'self', *, scheme:, scheme://host[:port], host[:port]. */
static bool
source_matches (const char *source, GUri *page, GUri *target)
{
  g_autofree char *page_origin = sim_uri_dup_origin (page);
  g_autofree char *origin = sim_uri_dup_origin (target);
  g_autofree char *with_scheme = NULL;
  g_autofree char *scheme = g_strconcat (g_uri_get_scheme (target), ":", NULL);

  if (g_ascii_strcasecmp (source, "'self'") == 0)
    return g_str_equal (page_origin, origin);
  if (g_str_equal (source, "*") || g_ascii_strcasecmp (source, scheme) == 0)
    return true;
  with_scheme = strstr (source, "://") != NULL ? g_strdup (source)
                                               : g_strconcat (g_uri_get_scheme (page), "://", source, NULL);
  return g_ascii_strncasecmp (with_scheme, origin, strlen (origin)) == 0 &&
         (with_scheme[strlen (origin)] == '\0' || with_scheme[strlen (origin)] == '/');
}

/**
 * sim_policy_allows_form:
 * @form_action: (nullable): value of the directive form-action
 * @page: the page it protects
 * @target: where one of its forms goes, or is redirected to
 *
 * Returns: whether a browser lets the form go there
 */
bool
sim_policy_allows_form (const char *form_action, GUri *page, GUri *target)
{
  g_auto (GStrv) sources = NULL;

  if (form_action == NULL)
    return true;
  sources = g_strsplit_set (form_action, " \t", -1);
  for (size_t i = 0; sources[i] != NULL; i++)
    if (*sources[i] != '\0' && source_matches (sources[i], page, target))
      return true;
  return false;
}

/**
 * sim_visit_new_form:
 * @page: the page with the form
 * @form: the form, filled in
 * @error: return location for an error
 *
 * Returns: (transfer full): the navigation, or %NULL with %SIM_ERROR_UNEXPECTED when a browser would not do
 * it
 */
SimVisit *
sim_visit_new_form (const SimReply *page, const SimForm *form, GError **error)
{
  g_autoptr (SimVisit) self = sim_visit_new_link (page, form->action);
  g_autofree char *fields = sim_form_encode (form);

  self->form_action = dup_form_action (page);
  if (form->multipart || !sim_policy_allows_form (self->form_action, page->uri, form->action))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   form->multipart ? "the form for %s wants multipart/form-data"
                                   : "the page's Content-Security-Policy keeps its form from going to %s",
                   g_uri_get_host (form->action));
      return NULL;
    }
  if (g_str_equal (form->method, "POST"))
    {
      g_free (self->method);
      self->method = g_strdup ("POST");
      self->form = g_steal_pointer (&fields);
    }
  else
    {
      GUri *with_query = soup_uri_copy (form->action, SOUP_URI_QUERY, fields, SOUP_URI_NONE);

      g_uri_unref (self->uri);
      self->uri = with_query;
    }
  return g_steal_pointer (&self);
}

/**
 * sim_visit_new_redirect:
 * @from: the navigation that was answered
 * @reply: a redirect
 * @error: return location for an error
 *
 * Returns: (transfer full): where it goes on, or %NULL with %SIM_ERROR_UNEXPECTED when a browser would stop
 */
SimVisit *
sim_visit_new_redirect (const SimVisit *from, const SimReply *reply, GError **error)
{
  const char *location = sim_reply_get_header (reply, "Location");
  g_autoptr (GUri) target =
      location != NULL ? g_uri_parse_relative (from->uri, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  g_autofree char *text = target != NULL ? g_uri_to_string (target) : g_strdup ("");
  bool keeps_method = reply->status == 307 || reply->status == 308;
  g_autoptr (GUri) checked = sim_uri_parse (text, error);
  SimVisit *self = NULL;

  if (checked == NULL)
    {
      g_prefix_error (error, "redirect of %s: ", g_uri_get_host (from->uri));
      return NULL;
    }
  if (from->initiator != NULL && !sim_policy_allows_form (from->form_action, from->initiator, target))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   "the page's Content-Security-Policy keeps its form from being redirected to %s",
                   g_uri_get_host (target));
      return NULL;
    }
  self = sim_visit_new_opened (target);
  if (keeps_method)
    {
      g_free (self->method);
      self->method = g_strdup (from->method);
      self->form = g_strdup (from->form);
    }
  self->initiator = from->initiator != NULL ? g_uri_ref (from->initiator) : NULL;
  self->site = MAX (from->site, sim_site_between (from->initiator, target));
  self->no_referrer = from->no_referrer || hides_referrer (reply);
  self->form_action = g_strdup (from->form_action);
  return self;
}

/**
 * sim_visit_free:
 * @self: (transfer full): a navigation
 */
void
sim_visit_free (SimVisit *self)
{
  g_free (self->method);
  g_uri_unref (self->uri);
  g_free (self->form);
  g_clear_pointer (&self->initiator, g_uri_unref);
  g_free (self->form_action);
  g_free (self->device_info);
  g_free (self);
}
