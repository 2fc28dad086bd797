/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sim-error.h"
#include "sim-journey.h"
#include "sim-misbehaviour.h"

#define MAX_HOPS 20
#define MAX_RETRIES 3
#define TOKEN_SCHEME "apple-remotemanagement-user-login:"

/* Where a sign-in stands. */
typedef struct
{
  SimJourney *journey;
  const SimVisit *visit; /* the navigation that was just answered */
  const SimReply *reply;
  bool typed_password; /* since the last answer */
  bool answering;      /* @visit posts a SAMLResponse */
} SignIn;

static void
tell (const SignIn *self, const char *result)
{
  sim_journey_tell (self->journey, self->reply, self->visit->method, result);
}

/* The line of an answer of the assertion consumer, with what the server says it checked. */
static void
tell_answer (const SignIn *self, const char *result)
{
  const char *log = self->journey->options->server_log;
  const char *request_id = sim_reply_get_header (self->reply, "X-Request-Id");
  g_autofree char *checks = log != NULL && request_id != NULL && self->answering
                                ? sim_server_log_dup_checks (log, request_id)
                                : NULL;
  g_autofree char *both = checks != NULL ? g_strconcat (result, SIM_REPORT_BREAK, checks, NULL) : NULL;

  tell (self, both != NULL ? both : result);
}

/* The end: apple-remotemanagement-user-login://authentication-results?access-token=… */
static gboolean
take_token (SignIn *self, const char *location, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (location, G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_PARSE_RELAXED, NULL);
  const char *query = uri != NULL ? g_uri_get_query (uri) : NULL;
  g_autoptr (GHashTable) parameters =
      query != NULL ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  const char *token = parameters != NULL ? g_hash_table_lookup (parameters, "access-token") : NULL;

  if (token == NULL || *token == '\0' || g_strcmp0 (g_uri_get_host (uri), "authentication-results") != 0)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "no access-token in a redirect to " TOKEN_SCHEME);
      return FALSE;
    }
  if (!sim_http_is_server (self->journey->http, self->reply->uri))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s ended the sign-in in place of the server",
                   g_uri_get_host (self->reply->uri));
      return FALSE;
    }
  if (self->reply->status != 308 && self->reply->status != 302 && self->reply->status != 303)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the access token came with status %d",
                   self->reply->status);
      return FALSE;
    }
  self->journey->token = g_strdup (token);
  return TRUE;
}

/* Where the web view of a device ends: with a token, or with a code for one. */
static gboolean
take_end (SignIn *self, const char *location, GError **error)
{
  if (self->journey->options->way != SIM_WAY_OAUTH2)
    return take_token (self, location, error);
  if (!sim_http_is_server (self->journey->http, self->reply->uri) &&
      g_strcmp0 (g_uri_get_host (self->reply->uri), g_uri_get_host (self->journey->sign_in_url)) != 0)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   "%s ended the sign-in in place of the authorization server",
                   g_uri_get_host (self->reply->uri));
      return FALSE;
    }
  return sim_journey_exchange_code (self->journey, location, error);
}

static SimVisit *
follow_redirect (SignIn *self, const char *location, GError **error)
{
  g_autoptr (SimVisit) next = NULL;
  g_autofree char *result = NULL;

  if (g_ascii_strncasecmp (location, TOKEN_SCHEME, strlen (TOKEN_SCHEME)) == 0)
    {
      if (!take_end (self, location, error))
        return NULL;
      result = g_strdup_printf ("%d %s", self->reply->status,
                                self->journey->options->way == SIM_WAY_OAUTH2 ? "authorization code"
                                                                              : "access token");
      tell_answer (self, result);
      return NULL;
    }
  next = sim_visit_new_redirect (self->visit, self->reply, error);
  if (next == NULL)
    return NULL;
  result = g_strdup_printf ("%d to %s", self->reply->status, g_uri_get_host (next->uri));
  tell_answer (self, result);
  return g_steal_pointer (&next);
}

static SimVisit *
type_password (SignIn *self, SimForm *form, const char *sentence, GError **error)
{
  const SimOptions *options = self->journey->options;
  g_autofree char *result = g_strdup_printf ("sign-in form, user \"%s\"", options->user);

  if (self->typed_password)
    {
      tell (self, "sign-in form again");
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s does not take this user name and password: %s",
                   g_uri_get_host (self->reply->uri), sentence != NULL ? sentence : "no reason given");
      return NULL;
    }
  if (!sim_form_fill_sign_in (form, options->user, options->password, error))
    return NULL;
  if (options->idp_fault != NULL && !sim_form_set (form, "fault", options->idp_fault, error))
    return NULL;
  self->typed_password = true;
  tell (self, result);
  return sim_visit_new_form (self->reply, form, error);
}

static SimVisit *
post_answer (SignIn *self, SimForm *form, GError **error)
{
  SimJourney *journey = self->journey;
  const SimMisbehaviour *misbehaviour = journey->misbehaviour;
  int delay_s = journey->options->delay_s > 0 ? journey->options->delay_s : misbehaviour->delay_s;
  SimVisit *visit = NULL;

  tell (self, "page with a SAMLResponse");
  if (journey->answer == NULL && delay_s > 0)
    {
      g_usleep ((gulong) delay_s * G_USEC_PER_SEC);
      sim_report_step (journey->report, journey->options->model_family, "waits before it sends the answer",
                       "");
    }
  if (misbehaviour->before_answer != NULL && !misbehaviour->before_answer (journey, form, error))
    return NULL;
  visit = sim_visit_new_form (self->reply, form, error);
  if (visit == NULL)
    return NULL;
  self->typed_password = false;
  g_clear_pointer (&journey->answer, sim_visit_free);
  journey->answer = sim_visit_new_form (self->reply, form, NULL);
  return visit;
}

static SimVisit *
choose_provider (SignIn *self, const SimPage *page, GError **error)
{
  const SimLink *link = sim_page_find_provider (page, self->journey->options->idp, error);
  g_autofree char *result = NULL;

  if (link == NULL)
    return NULL;
  result = g_strdup_printf ("chooser, \"%s\"", link->text);
  tell (self, result);
  return sim_visit_new_link (self->reply, link->target);
}

/* A page that says no. Only an unprovoked one is worth trying again. */
static SimVisit *
leave_error_page (SignIn *self, const SimPage *page, GError **error)
{
  SimJourney *journey = self->journey;
  const SimLink *retry = sim_page_find_retry (page);
  g_autofree char *result =
      g_strdup_printf ("%d %s %s", self->reply->status, page->code != NULL ? page->code : "",
                       page->sentence != NULL ? page->sentence : "");

  tell_answer (self, result);
  if (retry != NULL && !journey->misbehaviour->expects_refusal && journey->options->idp_fault == NULL &&
      journey->retries < MAX_RETRIES)
    {
      journey->retries++;
      return sim_visit_new_link (self->reply, retry->target);
    }
  sim_journey_set_refused (journey, self->reply, error);
  return NULL;
}

/* A profile ends the web view, if it comes from a host that shares the last two labels with the first page
 * (Apple, configuration_web_url). */
static gboolean
take_profile (SignIn *self, GError **error)
{
  const char *first = g_uri_get_host (self->journey->sign_in_url), *last = g_uri_get_host (self->reply->uri);
  const char *dot = strrchr (first, '.');

  while (dot != NULL && dot > first && dot[-1] != '.')
    dot--;
  if (!g_str_has_suffix (last, dot != NULL ? dot : first))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s gave a profile in place of %s", last, first);
      return FALSE;
    }
  tell (self, "a profile");
  self->journey->delivered = sim_reply_dup (self->reply);
  return TRUE;
}

/* The one link that leads on, on a page that asks for nothing more. */
static SimVisit *
follow_link (SignIn *self, const SimPage *page)
{
  const SimLink *link = sim_page_find_onward (page);

  if (link == NULL)
    return NULL;
  tell (self, link->text);
  return sim_visit_new_link (self->reply, link->target);
}

static SimVisit *
read_page (SignIn *self, GError **error)
{
  bool from_server = sim_http_is_server (self->journey->http, self->reply->uri);
  g_autoptr (SimPage) page = NULL;
  SimForm *form = NULL;
  SimVisit *next;

  if (sim_reply_has_type (self->reply, "application/x-apple-aspen-config") && self->reply->status == 200 &&
      !sim_options_is_account_driven (self->journey->options))
    {
      take_profile (self, error);
      return NULL;
    }
  if (!sim_reply_has_type (self->reply, "text/html"))
    {
      tell_answer (self, "no page");
      sim_journey_set_refused (self->journey, self->reply, error);
      return NULL;
    }
  page = sim_page_parse (self->reply->body, self->reply->uri, error);
  if (page == NULL)
    return NULL;
  if (self->reply->status >= 400 || (from_server && page->code != NULL))
    return leave_error_page (self, page, error);
  if ((form = sim_page_find_form_with (page, "SAMLResponse")) != NULL)
    return post_answer (self, form, error);
  if (!from_server && (form = sim_page_find_password_form (page)) != NULL)
    return type_password (self, form, page->sentence, error);
  if (from_server && sim_page_has_providers (page))
    return choose_provider (self, page, error);
  if ((form = sim_page_find_button_form (page)) != NULL)
    {
      tell (self, "form with a button");
      return sim_visit_new_form (self->reply, form, error);
    }
  if (from_server && (next = follow_link (self, page)) != NULL)
    return next;
  tell_answer (self, "a page that leads nowhere");
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s shows a page that leads nowhere: %s",
               g_uri_get_host (self->reply->uri), page->sentence != NULL ? page->sentence : "without words");
  return NULL;
}

/* One navigation. (transfer full) (nullable): the next; none at the end, or with @error set. */
static SimVisit *
step (SimJourney *journey, const SimVisit *visit, SignIn *self, GError **error)
{
  g_autoptr (SimReply) reply = sim_browser_visit (journey->browser, visit, error);
  const char *location = NULL;
  SimVisit *next = NULL;
  int retries = journey->retries;

  if (reply == NULL)
    return NULL;
  self->visit = visit;
  self->reply = reply;
  self->answering = visit->form != NULL && g_strrstr (visit->form, "SAMLResponse=") != NULL;
  location = sim_reply_get_header (reply, "Location");
  next = reply->status >= 300 && reply->status < 400 && location != NULL
             ? follow_redirect (self, location, error)
             : read_page (self, error);
  /* Answers may be lost once; the way back from a lost one is walked without losses. */
  if (journey->retries != retries)
    sim_http_set_repeats (journey->http, 0);
  return next;
}

/**
 * sim_journey_sign_in:
 * @self: a journey that knows where to sign in
 * @error: return location for an error
 *
 * Signs in with a browser without scripts: from the address of the challenge through chooser, forms and
 * redirects to the redirect that carries the access token. A page that offers to try again is taken at
 * its word three times. Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED when the server said no
 */
gboolean
sim_journey_sign_in (SimJourney *self, GError **error)
{
  SignIn sign_in = { .journey = self };
  GBytes *info = sim_device_get_machine_info (self->device);
  SimVisit *visit = sim_visit_new_opened (self->sign_in_url);
  int hops = 0;
  int retries = 0;

  if (self->options->way == SIM_WAY_UNBOX) /* on the first page only, as a web view sends it */
    visit->device_info = g_base64_encode (g_bytes_get_data (info, NULL), g_bytes_get_size (info));
  while (visit != NULL && hops++ < MAX_HOPS)
    {
      SimVisit *next = step (self, visit, &sign_in, error);

      sim_visit_free (visit);
      visit = next;
      if (retries != self->retries)
        hops = 0;
      retries = self->retries;
    }
  sim_http_set_repeats (self->http, self->misbehaviour->repeats);
  if (visit != NULL)
    {
      sim_visit_free (visit);
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the sign-in goes on for more than %d pages",
                   MAX_HOPS);
    }
  if (self->token == NULL && self->delivered == NULL)
    return FALSE;
  if (!self->misbehaviour->expects_refusal)
    return TRUE;
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
               "the server gave an access token where it must refuse (%s)", self->misbehaviour->name);
  return FALSE;
}
