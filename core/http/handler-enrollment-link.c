/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people see who open an enrollment link. */
#include <string.h>

#include "door-enrollment-link.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-paths.h"
#include "door-qr.h"
#include "door-ticket.h"
#include "door-token.h"

typedef enum
{
  VISITOR_SAFARI,       /* of an iPhone or iPad */
  VISITOR_OTHER_MOBILE, /* another browser of one, which cannot install a profile */
  VISITOR_MAC,          /* or an iPad that says so */
  VISITOR_ELSEWHERE,
} Visitor;

static bool
has_any (const char *agent, const char *const *marks)
{
  for (; *marks != NULL; marks++)
    if (strstr (agent, *marks) != NULL)
      return true;
  return false;
}

/* All browsers of these devices have the engine and most of the name of Safari; views inside of apps lack
 * "Version/" or "Safari/". */
static Visitor
judge (DoorRequest *request)
{
  static const char *const mobiles[] = { "iPhone", "iPad", "iPod", NULL };
  static const char *const others[] = { "CriOS/",      "FxiOS/",     "EdgiOS/", "Edg/",  "OPiOS/",
                                        "OPT/",        "OPR/",       "Brave/",  "Ddg/",  "GSA/",
                                        "DuckDuckGo/", "YaBrowser/", "Focus/",  "Klar/", NULL };
  const char *agent = door_request_get_header (request, "User-Agent");

  if (agent == NULL)
    return VISITOR_ELSEWHERE;
  if (has_any (agent, mobiles))
    return strstr (agent, "Version/") != NULL && strstr (agent, "Safari/") != NULL && !has_any (agent, others)
               ? VISITOR_SAFARI
               : VISITOR_OTHER_MOBILE;
  return strstr (agent, "Macintosh") != NULL ? VISITOR_MAC : VISITOR_ELSEWHERE;
}

static DoorResponse *
refuse (const DoorWeb *web, DoorRequest *request, const GError *failure)
{
  const DoorErrorPage page = { .code = door_request_get_id (request) };

  door_router_log_failure (request, "enroll-link", failure);
  return door_web_render_failure (web, request, &page, failure);
}

static bool
add_code (GVariantDict *data, const char *address, GError **error)
{
  unsigned int size = 0;
  g_autofree char *path = door_qr_build_path (address, &size, error), *box = NULL;

  if (path == NULL)
    return false;
  box = g_strdup_printf ("0 0 %u %u", size, size);
  g_variant_dict_insert (data, "qr", "s", path);
  g_variant_dict_insert (data, "qr_box", "s", box);
  return true;
}

/**
 * door_handle_enrollment_link:
 * @context: a #DoorWeb
 * @request: GET of an enrollment link
 * @error: return location for an error
 *
 * Says what to do: on the device itself to sign in, in a browser that can install profiles; elsewhere to open
 * the address on the device. Nothing is used up by looking.
 *
 * Returns: (transfer full): a page, or %NULL with an error
 */
DoorResponse *
door_handle_enrollment_link (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *secret = door_request_get_path_param (request, "token");
  const Visitor visitor = judge (request);
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorEnrollmentLink) link =
      door_enrollment_link_find (web->service, secret, door_request_get_cancellable (request), &failure);
  g_auto (GVariantDict) data = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *address = NULL, *start = NULL;
  const DoorTeam *team;
  const char *title;

  if (link == NULL)
    return refuse (web, request, failure);
  team = door_policy_lookup_team (web->service->policy, link->team);
  title = team != NULL ? door_team_get_title (team, door_web_get_language (web, request)) : NULL;
  address = door_enrollment_link_dup_url (web->service->policy, secret);
  start = g_strdup_printf (DOOR_PATH_ENROLLMENT_LINK_START ("%s"), secret);
  g_variant_dict_insert (&data, "address", "s", address);
  if (title != NULL)
    g_variant_dict_insert (&data, "team", "s", title);
  if (visitor == VISITOR_SAFARI || visitor == VISITOR_MAC)
    g_variant_dict_insert (&data, "url", "s", start);
  g_variant_dict_insert (&data, "safari", "b", visitor == VISITOR_OTHER_MOBILE);
  if ((visitor == VISITOR_MAC || visitor == VISITOR_ELSEWHERE) && !add_code (&data, address, error))
    return NULL;
  return door_web_render (web, request, "enroll", g_variant_dict_end (&data), error);
}

/**
 * door_handle_enrollment_link_start:
 * @context: a #DoorWeb
 * @request: GET, from the page of an enrollment link
 * @error: return location for an error
 *
 * Begins the sign-in of a device that comes by an enrollment link.
 *
 * Returns: (transfer full): a redirect or a page
 */
DoorResponse *
door_handle_enrollment_link_start (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *secret = door_request_get_path_param (request, "token");
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *cookie = NULL;
  DoorFlowDevice device;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  link = door_enrollment_link_find (web->service, secret, start.cancellable, &failure);
  if (link == NULL)
    return refuse (web, request, failure);
  start.cookie = cookie;
  start.team = link->team;
  device = (DoorFlowDevice){ DOOR_WAY_LINK, "", "", "", link->id };
  start.device = &device;
  return door_begin_sign_in (web, request, &start, error);
}

/* Only a ticket that a person takes to a device by hand has such a page. */
static bool
is_installed_by_hand (const DoorAccessToken *token)
{
  return g_str_equal (token->kind, DOOR_TOKEN_LINK);
}

/**
 * door_handle_install:
 * @context: a #DoorWeb
 * @request: GET, after the sign-in
 * @error: return location for an error
 *
 * Offers the profile, and says how it is installed. No cookie is needed: the ticket in the address is enough.
 *
 * Returns: (transfer full): a page, or %NULL with an error
 */
DoorResponse *
door_handle_install (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *ticket = door_request_get_path_param (request, "ticket");
  g_autoptr (DoorAccessToken) token = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *path = NULL;
  GVariantDict data;

  if (!door_ticket_read (web->service, ticket, door_request_get_cancellable (request), &token, &failure))
    return door_web_refuse_ticket (web, request, failure, error);
  if (!is_installed_by_hand (token) || !door_token_is_agreed (token))
    return door_web_send_onward (web, request, ticket, error);
  path = g_strdup_printf (DOOR_PATH_PROFILE ("%s"), ticket);
  g_variant_dict_init (&data, NULL);
  g_variant_dict_insert (&data, "url", "s", path);
  g_variant_dict_insert (&data, "mac", "b", judge (request) == VISITOR_MAC);
  return door_web_render (web, request, "install", g_variant_dict_end (&data), error);
}
