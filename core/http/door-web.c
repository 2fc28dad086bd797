/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-web.h"

#include <string.h>

#include "door-api-answer.h"
#include "door-clock.h"
#include "door-cookie.h"
#include "door-device-refusal.h"
#include "door-enrollment.h"
#include "door-error.h"
#include "door-language.h"
#include "door-login.h"
#include "door-oauth2.h"
#include "door-oauth2-forward.h"
#include "door-onward.h"
#include "door-paths.h"
#include "door-web-challenge.h"

#define HTML "text/html; charset=utf-8"

/**
 * door_web_get_language:
 * @web: what every handler gets
 * @request: a request
 *
 * Returns: (transfer none): the language to answer in, from the parameter lang or Accept-Language
 */
const char *
door_web_get_language (const DoorWeb *web, DoorRequest *request)
{
  g_autofree char *wish = NULL;

  /* a parameter given twice is no reason to fail: it only picks a language */
  if (!door_request_lookup_query (request, "lang", &wish, NULL))
    wish = NULL;
  return door_language_choose (door_translations_get_languages (web->translations), wish, NULL,
                               door_request_get_header (request, "Accept-Language"));
}

/**
 * door_web_dup_bearer:
 * @request: a request
 *
 * Returns: (transfer full) (nullable): the access token (RFC 6750, 2.1), %NULL when there is none
 */
char *
door_web_dup_bearer (DoorRequest *request)
{
  const char *header = door_request_get_header (request, "Authorization");

  if (header == NULL || g_ascii_strncasecmp (header, "Bearer ", 7) != 0)
    return NULL;
  return g_strstrip (g_strdup (header + 7));
}

/**
 * door_web_set_flow_cookie:
 * @web: what every handler gets
 * @response: an answer
 * @value: value of the cookie
 *
 * Ties the browser to its flow. SameSite=None, since the answer of an identity provider is a POST from
 * another site.
 *
 * Returns: whether the header was added
 */
bool
door_web_set_flow_cookie (const DoorWeb *web, DoorResponse *response, const char *value)
{
  int64_t lifetime_s = door_policy_get_flow_lifetime_ms (web->service->policy) / 1000;
  g_autofree char *cookie =
      door_cookie_build (DOOR_FLOW_COOKIE, value, DOOR_SAME_SITE_NONE, (int) lifetime_s);

  return door_response_add_header (response, "Set-Cookie", cookie);
}

static char *
build_challenge (const DoorWeb *web, const DoorTeam *team, const char *name, GCancellable *cancellable,
                 GError **error)
{
  g_autofree char *url = NULL;

  if (team != NULL && team->account_forward)
    return door_oauth2_forward_dup_challenge (web->service, team, cancellable, error);
  if (team != NULL && team->account_oauth2)
    return door_oauth2_dup_challenge (web->service, name, error);
  url = door_enrollment_dup_sign_in_url (web->service, name);
  return door_web_challenge_build (url, error);
}

static DoorResponse *
challenge (const DoorWeb *web, DoorRequest *request, const char *name, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (web->service->policy, name);
  g_autofree char *text = NULL;
  DoorResponse *response;

  if (team != NULL && team->account_forward && !door_request_is_waiting (request) &&
      !door_oauth2_forward_is_prepared (web->service, team))
    return door_request_ask_to_wait (request);
  text = build_challenge (web, team, name, door_request_get_cancellable (request), error);
  if (text == NULL)
    return NULL;
  response = door_response_new (401);
  door_response_set_header (response, "WWW-Authenticate", text);
  door_response_set_header (response, "Content-Type", "application/json; charset=utf-8");
  return response;
}

/* The only answer by which a device removes its enrollment: ours, that was ended here. */
static DoorResponse *
dismiss (DoorRequest *request, const GError *failure)
{
  const DoorFaultInfo *info = door_fault_get_info (DOOR_FAULT_DEV_ENDED);
  DoorResponse *response = door_response_new (403);

  door_router_log_failure (request, "mdm", failure);
  door_response_take_body (response,
                           door_device_refusal_build (DOOR_DEVICE_REFUSAL_UNRECOGNIZED, info->id, NULL),
                           "application/json");
  return response;
}

/**
 * door_web_refuse_device:
 * @web: what every handler needs
 * @request: the device's
 * @team: (nullable): team that the device enrolls into, as far as it is known
 * @failure: why it is refused
 * @error: return location for an error
 *
 * A device without an access token, or with a bad one, is asked to sign its user in (Apple, account-driven
 * enrollment, "apple-as-web" or "apple-oauth2", as its team says) and learns no more than that. Where it is
 * sent to its provider and nothing is known of that yet, the handler runs once more in a thread that may
 * wait. One that has proved to be of an enrollment that has ended is told to remove it (Apple,
 * `com.apple.unrecognized.device`). Any other failure is handed on, and never with a code that would make the
 * device unenroll: a signature that does not hold is no reason to sign in, and 401 would make the device do
 * so.
 *
 * Returns: (transfer full): 401 with WWW-Authenticate, 403 with a body for devices, or %NULL with @failure or
 *   another error
 */
DoorResponse *
door_web_refuse_device (const DoorWeb *web, DoorRequest *request, const char *team, const GError *failure,
                        GError **error)
{
  if (door_error_get_fault (failure) == DOOR_FAULT_DEV_ENDED)
    return dismiss (request, failure);
  if (door_response_status_for_error (failure) != 401)
    {
      g_propagate_error (error, g_error_copy (failure));
      return NULL;
    }
  g_info ("%s asks for a sign-in: %s", door_request_get_id (request), failure->message);
  return challenge (web, request, team != NULL ? team : "", error);
}

static void
insert_optional (GVariantDict *data, const char *key, const char *value)
{
  if (value != NULL && *value != '\0')
    g_variant_dict_insert (data, key, "s", value);
}

/* The address of the page itself as seen from there, without the language; NULL when it came by POST or its
 * query cannot be read. Never with the path: "//host" would lead elsewhere. */
static char *
dup_page_url (DoorRequest *request)
{
  /* whether to complain is the handler's affair */
  g_autoptr (DoorForm) readable = door_request_parse_query (request, NULL);
  g_auto (GStrv) pairs = NULL;
  GString *url;

  if (readable == NULL || !g_str_equal (door_request_get_method (request), "GET"))
    return NULL;
  pairs =
      g_strsplit (door_request_get_query (request) != NULL ? door_request_get_query (request) : "", "&", -1);
  url = g_string_new (NULL);
  for (size_t i = 0; pairs[i] != NULL; i++)
    if (*pairs[i] != '\0' && !g_str_has_prefix (pairs[i], "lang="))
      g_string_append_printf (url, "%c%s", url->len == 0 ? '?' : '&', pairs[i]);
  return g_string_free (url, FALSE);
}

/**
 * door_web_render:
 * @web: what every handler gets
 * @request: the request
 * @page: name of the page
 * @data: (transfer floating): `a{sv}`, what is special to the page
 * @error: return location for an error
 *
 * Renders a page with what is on all of them: organisation, language and support.
 *
 * Returns: (transfer full): 200 with the page, or %NULL with an error
 */
DoorResponse *
door_web_render (const DoorWeb *web, DoorRequest *request, const char *page, GVariant *data, GError **error)
{
  const DoorPolicy *policy = web->service->policy;
  const char *language = door_web_get_language (web, request);
  g_autoptr (GVariant) own = g_variant_ref_sink (data);
  g_autoptr (GVariant) shown = NULL;
  g_autofree char *page_url = dup_page_url (request);
  GVariantDict all;
  GBytes *body;
  DoorResponse *response;

  g_variant_dict_init (&all, own);
  g_variant_dict_insert (&all, "organization", "s", door_policy_get_organization (policy, language));
  insert_optional (&all, "support_email", door_policy_get_support (policy, "SupportEmail"));
  insert_optional (&all, "support_phone", door_policy_get_support (policy, "SupportPhone"));
  insert_optional (&all, "support_url", door_policy_get_support (policy, "SupportUrl"));
  if (page_url != NULL)
    g_variant_dict_insert (&all, "page_url", "s", page_url);
  shown = g_variant_ref_sink (g_variant_dict_end (&all));
  body = door_pages_render (web->pages, page, shown, language, error);
  if (body == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, body, HTML);
  door_response_set_header (response, "Content-Language", language);
  return response;
}

/**
 * door_web_render_failure:
 * @web: what every handler gets
 * @request: the request
 * @page: what the page shows beside the fault's text
 * @failure: what went wrong
 *
 * Renders the error page: what happened in the person's words, a way on, whom to ask, a code to read out.
 * The precise reason is never on it.
 *
 * Returns: (transfer full): the page with the fault's HTTP status
 */
DoorResponse *
door_web_render_failure (const DoorWeb *web, DoorRequest *request, const DoorErrorPage *page,
                         const GError *failure)
{
  g_autofree char *time = door_clock_format_iso8601 (door_clock_now_ms (web->service->clock));
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GError) error = NULL;
  DoorResponse *response;

  g_variant_dict_insert (&data, "message", "s", door_error_get_user_text (failure));
  insert_optional (&data, "code", page->code);
  insert_optional (&data, "retry_url", page->retry_path);
  g_variant_dict_insert (&data, "time", "s", time);
  response = door_web_render (web, request, page->administration ? "admin-error" : "error",
                              g_variant_dict_end (&data), &error);
  if (response == NULL)
    {
      g_critical ("error page: %s", error->message);
      return door_response_new_for_error (failure, door_request_get_id (request));
    }
  door_response_set_status (response, door_response_status_for_error (failure));
  door_response_set_retry_after (response, failure);
  return response;
}

/**
 * door_web_send_onward:
 * @web: what every handler gets
 * @request: the request of a browser
 * @ticket: an access token or a ticket
 * @error: return location for an error
 *
 * Sends the browser of somebody who has signed in where it goes next, see door_onward_find(). A ticket that
 * is over is answered by a page, with a way to sign in again.
 *
 * Returns: (transfer full): the redirect or the page, or %NULL with an error
 */
DoorResponse *
door_web_send_onward (const DoorWeb *web, DoorRequest *request, const char *ticket, GError **error)
{
  GCancellable *cancellable = door_request_get_cancellable (request);
  g_auto (DoorOnward) onward = { 0 };
  g_autoptr (GError) failure = NULL;
  DoorResponse *response;

  if (!door_onward_find (web->service, ticket, cancellable, &onward, &failure))
    return door_web_refuse_ticket (web, request, failure, error);
  response = door_response_new_redirect (onward.status, onward.location, error);
  if (response != NULL && onward.status == 308)
    door_response_set_header (response, "Content-Type", "application/json; charset=utf-8");
  return response;
}

/**
 * door_web_check_signed:
 * @request: what a device posts about itself
 * @error: return location for an error
 *
 * Returns: false with %DOOR_FAULT_HTTP_MEDIATYPE when it is not said to be a CMS message
 */
bool
door_web_check_signed (DoorRequest *request, GError **error)
{
  return door_request_has_content_type (request, "application/pkcs7-signature") ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE,
                         "not application/pkcs7-signature");
}

/**
 * door_web_answer_profile:
 * @profile: (transfer full): a signed profile
 *
 * Returns: (transfer full): the profile for a device to install
 */
DoorResponse *
door_web_answer_profile (GBytes *profile)
{
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, profile, "application/x-apple-aspen-config");
  door_response_set_header (response, "Content-Disposition",
                            "attachment; filename=\"enrollment.mobileconfig\"");
  return response;
}

/**
 * door_web_ask_for_update:
 * @os_version: the version
 * @build: (nullable): its build
 *
 * Tells a device to install an update before it enrolls.
 *
 * Returns: (transfer full): 403 with the body for devices
 */
DoorResponse *
door_web_ask_for_update (const char *os_version, const char *build)
{
  DoorResponse *response = door_response_new (403);

  door_response_take_body (response, door_device_refusal_build_update (os_version, build),
                           "application/json");
  return response;
}

/**
 * door_web_refuse_ticket:
 * @web: what every handler gets
 * @request: the request of a browser, with a ticket in its address
 * @failure: why the ticket leads nowhere
 * @error: return location for an error
 *
 * Says so on a page that leads back to the sign-in, of the same flow where the browser still knows it.
 *
 * Returns: (transfer full): the page, or %NULL with an error
 */
DoorResponse *
door_web_refuse_ticket (const DoorWeb *web, DoorRequest *request, const GError *failure, GError **error)
{
  g_autofree char *cookie = NULL, *retry_path = NULL;
  DoorErrorPage page = { .code = door_request_get_id (request) };

  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  page.retry_path = retry_path =
      door_login_dup_retry_path (web->service, cookie, door_request_get_cancellable (request));
  door_router_log_failure (request, "ticket", failure);
  return door_web_render_failure (web, request, &page, failure);
}

static bool
is_administration (DoorRequest *request)
{
  const char *path = request != NULL ? door_request_get_path (request) : "";

  return g_str_equal (path, DOOR_PATH_ADMIN) || g_str_has_prefix (path, DOOR_PATH_ADMIN "/") ||
         g_str_equal (path, DOOR_PATH_SHARED_ADMIN_ACS);
}

/**
 * door_web_render_error:
 * @context: a #DoorWeb
 * @request: (nullable): the request
 * @route: (nullable): its route
 * @request_id: id of the request
 * @error: what went wrong
 *
 * The answer for an error no handler has answered itself: a page for people, a line of text for programs.
 *
 * Returns: (transfer full): the answer
 */
DoorResponse *
door_web_render_error (gpointer context, DoorRequest *request, const DoorRoute *route, const char *request_id,
                       const GError *error)
{
  DoorErrorPage page = { .code = request_id, .administration = is_administration (request) };
  const char *accept = request != NULL ? door_request_get_header (request, "Accept") : NULL;

  if (request != NULL && (route == NULL || route->is_page) &&
      (accept == NULL || strstr (accept, "text/html") != NULL))
    return door_web_render_failure (context, request, &page, error);
  if (request != NULL && door_api_answer_is_for (request))
    return door_api_answer_new_problem (error, request_id);
  return door_response_new_for_error (error, request_id);
}
