/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"

#include <string.h>

#include "door-cookie.h"
#include "door-error.h"
#include "door-local-path.h"
#include "door-paths.h"
#include "door-personal-token.h"
#include "door-session-token.h"

/**
 * door_admin_web_lookup_session:
 * @web: what every handler gets
 * @request: a request
 * @out: (out) (transfer full) (nullable): the session of its cookie, %NULL when there is none
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: false with an error
 */
bool
door_admin_web_lookup_session (const DoorWeb *web, DoorRequest *request, DoorSession **out, GError **error)
{
  g_autofree char *token = NULL;

  if (!door_request_lookup_cookie (request, DOOR_ADMIN_COOKIE, &token, error))
    return false;
  *out = NULL;
  return token == NULL ||
         door_session_lookup (web->service, token, door_request_get_cancellable (request), out, error);
}

/**
 * door_admin_web_require_cookie:
 * @web: what every handler gets
 * @request: a request
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: (transfer full): the session of its cookie, or %NULL with %DOOR_FAULT_ADM_SESSION or another error
 */
DoorSession *
door_admin_web_require_cookie (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autoptr (DoorSession) session = NULL;

  if (!door_admin_web_lookup_session (web, request, &session, error))
    return NULL;
  if (session == NULL)
    door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_ADM_SESSION, "no session");
  return g_steal_pointer (&session);
}

static DoorSession *
find_by_personal_token (const DoorWeb *web, DoorRequest *request, const char *token, GError **error)
{
  g_autoptr (DoorSession) session = NULL;

  if (!door_personal_token_lookup (web->service, token, door_request_get_cancellable (request), &session,
                                   error))
    return NULL;
  if (session == NULL)
    door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SESSION_TOKEN,
                    "the personal access token is unknown, revoked or over");
  return g_steal_pointer (&session);
}

/* The token says which session. Whether that is alive, whose it is and what they may, the database says. */
static DoorSession *
find_by_token (const DoorWeb *web, DoorRequest *request, const char *token, GError **error)
{
  g_auto (DoorOwnClaims) claims = { NULL };
  g_autoptr (DoorSession) session = NULL;

  if (!door_session_token_verify (web->service, token, &claims, error) ||
      !door_session_lookup_by_id (web->service, claims.session, door_request_get_cancellable (request),
                                  &session, error))
    return NULL;
  if (session != NULL && g_str_equal (session->administrator->id, claims.subject))
    return g_steal_pointer (&session);
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SESSION_TOKEN,
                  "the session of the token is over");
  return NULL;
}

/**
 * door_admin_web_require_session:
 * @web: what every handler gets
 * @request: a request to the API
 * @error: return location for an error
 *
 * Who calls: by a token, of a session or a personal one, and where there is none by the cookie. Blocks for a
 * read.
 *
 * Returns: (transfer full): the session, or %NULL with %DOOR_FAULT_ADM_SESSION, %DOOR_FAULT_SESSION_TOKEN,
 *   %DOOR_FAULT_ADM_TOKENS or another error
 */
DoorSession *
door_admin_web_require_session (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autofree char *token = door_web_dup_bearer (request);

  if (token != NULL && g_str_has_prefix (token, DOOR_PERSONAL_TOKEN_PREFIX))
    return find_by_personal_token (web, request, token, error);
  return token != NULL ? find_by_token (web, request, token, error)
                       : door_admin_web_require_cookie (web, request, error);
}

static bool
is_our_origin (const DoorWeb *web, const char *origin)
{
  /* scheme, host and port only: the configuration is held to that */
  return g_ascii_strcasecmp (origin, door_policy_get_external_url (web->service->policy)) == 0;
}

/**
 * door_admin_web_check_same_origin:
 * @web: what every handler gets
 * @request: a request that does something by the session's cookie, whatever else it carries
 * @error: return location for an error
 *
 * Browsers say where a request comes from, and no page can make them say otherwise (Fetch Metadata 2.3;
 * RFC 6454, 7): a page of this server, or the request changes nothing.
 *
 * Returns: false with %DOOR_FAULT_ADM_ORIGIN
 */
bool
door_admin_web_check_same_origin (const DoorWeb *web, DoorRequest *request, GError **error)
{
  const char *site = door_request_get_header (request, "Sec-Fetch-Site");
  const char *origin = door_request_get_header (request, "Origin");
  bool same =
      site != NULL ? g_str_equal (site, "same-origin") : origin != NULL && is_our_origin (web, origin);

  return same || door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_ORIGIN,
                                 "Sec-Fetch-Site %.40s, Origin %.100s", site != NULL ? site : "absent",
                                 origin != NULL ? origin : "absent");
}

/**
 * door_admin_web_check_origin:
 * @web: what every handler gets
 * @request: a request that changes something, by a token or else by the session's cookie
 * @error: return location for an error
 *
 * The same, where no page can send a token it does not have, and the cookie is not looked at where there is
 * one.
 *
 * Returns: false with %DOOR_FAULT_ADM_ORIGIN
 */
bool
door_admin_web_check_origin (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autofree char *token = door_web_dup_bearer (request);

  return token != NULL || door_admin_web_check_same_origin (web, request, error);
}

/**
 * door_admin_web_set_cookie:
 * @response: an answer
 * @token: value of the cookie; "" with no lifetime takes it away
 * @lifetime_s: how long the session lives at most; 0 takes the cookie away
 *
 * Gives a browser its session. SameSite=Lax: other sites may link here and cannot post.
 */
void
door_admin_web_set_cookie (DoorResponse *response, const char *token, int64_t lifetime_s)
{
  g_autofree char *cookie =
      door_cookie_build (DOOR_ADMIN_COOKIE, token, DOOR_SAME_SITE_LAX, (int) MIN (lifetime_s, G_MAXINT));

  door_response_add_header (response, "Set-Cookie", cookie);
}

/**
 * door_admin_web_end_logout:
 * @at_provider: whether the person is signed out at the provider too
 * @error: return location for an error
 *
 * The end of a logout: a page that says so. What was sent to a provider has been answered.
 *
 * Returns: (transfer full): a redirect, or %NULL with an error
 */
DoorResponse *
door_admin_web_end_logout (bool at_provider, GError **error)
{
  const char *path = at_provider ? DOOR_PATH_ADMIN_LOGIN "?out=" DOOR_ADMIN_OUT_THERE
                                 : DOOR_PATH_ADMIN_LOGIN "?out=" DOOR_ADMIN_OUT_HERE;
  DoorResponse *response = door_response_new_redirect (303, path, error);
  g_autofree char *cookie =
      door_cookie_build (DOOR_LOGOUT_COOKIE, "", DOOR_SAME_SITE_NONE, DOOR_COOKIE_DELETE);

  if (response != NULL)
    door_response_add_header (response, "Set-Cookie", cookie);
  return response;
}

/**
 * door_admin_web_check_return_path:
 * @path: (nullable): where somebody wants to go on after a sign-in
 * @name: what that is called in the request
 * @error: return location for an error
 *
 * Returns: (transfer none): @path, or the first page of the console when there is none; %NULL with
 *   %DOOR_FAULT_ADM_PATH when it is no path of this server
 */
const char *
door_admin_web_check_return_path (const char *path, const char *name, GError **error)
{
  if (path == NULL)
    return DOOR_PATH_ADMIN;
  if (door_local_path_is_valid (path))
    return path;
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ADM_PATH, "%s is no path of this server", name);
  return NULL;
}

/**
 * door_admin_web_get_browser:
 * @request: a request
 *
 * A word for a person who reads a list of sessions. Anybody can send anything, so nothing is decided by it.
 *
 * Returns: (transfer none): the family of the browser, "other" when it is none of a few
 */
const char *
door_admin_web_get_browser (DoorRequest *request)
{
  /* in this order: most of them also call themselves what stands below */
  static const struct
  {
    const char *mark;
    const char *family;
  } marks[] = {
    { "Edg", "Edge" },         { "Firefox/", "Firefox" }, { "Chrome/", "Chrome" },
    { "Chromium/", "Chrome" }, { "Safari/", "Safari" },   { "curl/", "curl" },
  };
  const char *agent = door_request_get_header (request, "User-Agent");

  for (size_t i = 0; agent != NULL && i < G_N_ELEMENTS (marks); i++)
    if (strstr (agent, marks[i].mark) != NULL)
      return marks[i].family;
  return "other";
}

/* The word that programs written for the spec's sign-in know it by. */
static const char *
get_status_word (const GError *failure)
{
  switch (door_error_get_fault (failure))
    {
    case DOOR_FAULT_IDP_DISABLED:
      return "org_disabled";
    case DOOR_FAULT_ADM_DISABLED:
      return "account_disabled";
    case DOOR_FAULT_ADM_UNKNOWN:
      return "account_invalid";
    default:
      return "error";
    }
}

/**
 * door_admin_web_render_failure:
 * @web: what every handler gets
 * @request: the request
 * @page: what the page shows beside the fault's text
 * @failure: why the sign-in failed
 *
 * The page of a sign-in that failed, with the spec's word for it in a header.
 *
 * Returns: (transfer full): the page with the fault's HTTP status
 */
DoorResponse *
door_admin_web_render_failure (const DoorWeb *web, DoorRequest *request, const DoorErrorPage *page,
                               const GError *failure)
{
  DoorErrorPage shown = { page->code, page->retry_path, true };
  DoorResponse *response = door_web_render_failure (web, request, &shown, failure);

  door_response_set_header (response, "Doorward-Sign-In-Status", get_status_word (failure));
  return response;
}
