/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-handlers.h"

#include "door-ade.h"
#include "door-error.h"
#include "door-login.h"
#include "door-paths.h"
#include "door-sign-in-link.h"
#include "door-sign-in-path.h"
#include "door-web-form.h"

static char *
dup_start_url (const DoorConnection *connection, gconstpointer data)
{
  const DoorLoginStep *step = data;
  const DoorSignInPath path = { .connection = door_connection_get_name (connection),
                                .team = step->team,
                                .account = step->user_identifier,
                                .flow = step->flow };

  return door_sign_in_path_build (&path);
}

static void
add_field (GVariantBuilder *list, const char *name, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  g_variant_builder_open (list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (list, "{sv}", "name", g_variant_new_string (name));
  g_variant_builder_add (list, "{sv}", "value", g_variant_new_string (value));
  g_variant_builder_close (list);
}

static GVariant *
hidden_fields (const DoorLoginStep *step)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  add_field (&list, "team", step->team);
  add_field (&list, "flow", step->flow);
  return g_variant_builder_end (&list);
}

static void
insert_intro (GVariantDict *data, const DoorTeam *team, const char *language)
{
  g_auto (GStrv) intro = team != NULL ? door_team_dup_intro (team, language) : NULL;

  if (intro != NULL)
    g_variant_dict_insert_value (data, "intro", g_variant_new_strv ((const char *const *) intro, -1));
}

static DoorResponse *
render_step (const DoorWeb *web, DoorRequest *request, const DoorLoginStep *step, GError **error)
{
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  const char *language = door_web_get_language (web, request);
  const DoorTeam *team = door_policy_lookup_team (web->service->policy, step->team);
  const char *title = team != NULL ? door_team_get_title (team, language) : NULL;
  DoorResponse *response;

  if (title != NULL)
    g_variant_dict_insert (&data, "team", "s", title);
  insert_intro (&data, team, language);
  if (step->kind == DOOR_LOGIN_ASK_ACCOUNT)
    {
      g_variant_dict_insert (&data, "action", "s", DOOR_PATH_SIGN_IN);
      g_variant_dict_insert_value (&data, "fields", hidden_fields (step));
      response = door_web_render (web, request, "domain", g_variant_dict_end (&data), error);
      if (response != NULL)
        door_response_allow_form_redirects (response);
      return response;
    }
  if (*step->user_identifier != '\0')
    g_variant_dict_insert (&data, "account", "s", step->user_identifier);
  if (step->choices->len == 1)
    {
      const DoorConnection *only = g_ptr_array_index (step->choices, 0);
      g_autofree char *url = dup_start_url (only, step);

      g_variant_dict_insert (&data, "url", "s", url);
      g_variant_dict_insert (&data, "provider", "s", door_connection_get_title (only, language));
      return door_web_render (web, request, "continue", g_variant_dict_end (&data), error);
    }
  g_variant_dict_insert_value (&data, "providers",
                               door_web_build_choices (step->choices, language, dup_start_url, step));
  return door_web_render (web, request, "chooser", g_variant_dict_end (&data), error);
}

static DoorResponse *
answer_step (const DoorWeb *web, DoorRequest *request, const DoorLoginStep *step, GError **error)
{
  DoorResponse *response;

  if (step->kind == DOOR_LOGIN_REDIRECT)
    response = door_response_new_redirect (303, step->url, error);
  else if (step->kind == DOOR_LOGIN_POST)
    response = door_web_render_form (web, request, "post", step, error);
  else
    response = render_step (web, request, step, error);
  if (response != NULL && step->cookie != NULL)
    door_web_set_flow_cookie (web, response, step->cookie);
  return response;
}

/* The same wish once more, without a team that is none; NULL for an account that stays refused however often
 * it is tried, since it was typed on the device. */
static char *
dup_retry_path (const DoorLoginStart *start, const GError *failure)
{
  DoorFault fault = door_error_get_fault (failure);
  const DoorSignInPath path = { .team = fault != DOOR_FAULT_TEAM_UNKNOWN ? start->team : NULL,
                                .account = start->user_identifier,
                                .flow = start->flow };

  return fault != DOOR_FAULT_ID_DOMAIN ? door_sign_in_path_build (&path) : NULL;
}

/**
 * door_begin_sign_in:
 * @web: what every handler gets
 * @request: the request
 * @start: the wish to sign in
 * @error: return location for an error
 *
 * Starts a sign-in. A failure on a page is answered by a page, with a way on.
 *
 * Returns: (transfer full): a redirect or a page
 */
DoorResponse *
door_begin_sign_in (const DoorWeb *web, DoorRequest *request, const DoorLoginStart *start, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (DoorLoginStep) step = door_login_begin (web->service, start, &failure);
  g_autofree char *retry_path = NULL;
  DoorErrorPage page = { .code = door_request_get_id (request) };

  if (step != NULL)
    return answer_step (web, request, step, error);
  page.retry_path = retry_path = dup_retry_path (start, failure);
  door_router_log_failure (request, "sso", failure);
  return door_web_render_failure (web, request, &page, failure);
}

/* Who comes with the description of a device: the header is there on the first page only, and some lose it
 * to a redirect (Apple, "configuration_web_url"). */
static bool
read_description (DoorRequest *request, char **out, GError **error)
{
  const char *header = door_request_get_header (request, "X-Apple-Aspen-DeviceInfo");

  if (header == NULL)
    return door_request_lookup_query (request, "deviceinfo", out, error);
  *out = g_strdup (header);
  return true;
}

/* Its browser hands on to the device what only that understands. */
static DoorResponse *
refuse_description (const DoorWeb *web, DoorRequest *request, const DoorAdeDevice *device,
                    const GError *failure)
{
  DoorErrorPage page = { .code = door_request_get_id (request) };

  door_router_log_failure (request, "sso", failure);
  return device->update != NULL ? door_web_ask_for_update (device->update, device->build)
                                : door_web_render_failure (web, request, &page, failure);
}

/* A device that begins: what it says of itself is believed as far as Apple vouches for it, each time. */
static DoorResponse *
begin_device (const DoorWeb *web, DoorRequest *request, const char *description, DoorLoginStart *start,
              GError **error)
{
  DoorAdeVisit visit = {
    .description = description,
    .team = start->team,
    .cancellable = start->cancellable,
  };
  g_auto (DoorAdeDevice) device = { NULL };
  g_autoptr (GError) failure = NULL;
  DoorFlowDevice begins;

  if (!door_ade_receive (web->service, &visit, &device, &failure))
    return refuse_description (web, request, &device, failure);
  begins = (DoorFlowDevice){
    .way = DOOR_WAY_ADE,
    .serial = door_machine_info_get (device.info, DOOR_MACHINE_SERIAL),
    .udid = door_machine_info_get (device.info, DOOR_MACHINE_UDID),
    .product = door_machine_info_get_product (device.info),
  };
  start->device = &begins;
  start->team = device.team->name;
  return door_begin_sign_in (web, request, start, error);
}

/**
 * door_handle_sso:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters team, user-identifier, flow and deviceinfo, and the header
 *   x-apple-aspen-deviceinfo of a device that is set up
 * @error: return location for an error
 *
 * Where a device opens its web view: straight on to the only identity provider, else a page to choose.
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_sso (gpointer context, DoorRequest *request, GError **error)
{
  g_autofree char *team = NULL, *account = NULL, *cookie = NULL, *flow = NULL, *description = NULL;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (!door_request_lookup_query (request, "team", &team, error) ||
      !door_request_lookup_query (request, "user-identifier", &account, error) ||
      !door_request_lookup_query (request, "flow", &flow, error) ||
      !read_description (request, &description, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start.cookie = cookie;
  start.team = team != NULL ? team : "";
  start.user_identifier = account;
  start.flow = flow;
  if (description != NULL)
    return begin_device (context, request, description, &start, error);
  return door_begin_sign_in (context, request, &start, error);
}

/**
 * door_handle_sso_start:
 * @context: a #DoorWeb
 * @request: GET, with the parameter idp and optionally team, user-identifier and again
 * @error: return location for an error
 *
 * Goes to one identity provider. A plain link leads here, since a form may not lead to another site.
 *
 * Returns: (transfer full): a redirect, or a page that says why not
 */
DoorResponse *
door_handle_sso_start (gpointer context, DoorRequest *request, GError **error)
{
  g_autofree char *idp = NULL, *team = NULL, *account = NULL, *again = NULL, *cookie = NULL, *flow = NULL;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (!door_request_lookup_query (request, "idp", &idp, error) ||
      !door_request_lookup_query (request, "team", &team, error) ||
      !door_request_lookup_query (request, "user-identifier", &account, error) ||
      !door_request_lookup_query (request, "again", &again, error) ||
      !door_request_lookup_query (request, "flow", &flow, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start.cookie = cookie;
  start.idp = idp != NULL ? idp : "";
  start.team = team != NULL ? team : "";
  start.user_identifier = account;
  start.flow = flow;
  start.force_authn = again != NULL;
  return door_begin_sign_in (context, request, &start, error);
}

/* One that is for devices too has its start there; administrators have a page of their own. */
static bool
is_for_administrators (const DoorWeb *web, const char *name)
{
  const DoorConnection *connection = door_connections_lookup (web->service->connections, name);

  return connection != NULL && door_connection_has_use (connection, DOOR_USE_ADMIN) &&
         !door_connection_has_use (connection, DOOR_USE_ENROLLMENT);
}

/**
 * door_handle_saml_start:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters team and user-identifier
 * @error: return location for an error
 *
 * The start address of one connection, which it has from its first moment: a tile at the provider leads here,
 * so that every sign-in begins with a request of ours.
 *
 * Returns: (transfer full): a redirect, or a page that says why not
 */
DoorResponse *
door_handle_saml_start (gpointer context, DoorRequest *request, GError **error)
{
  g_autofree char *team = NULL, *account = NULL, *cookie = NULL, *login_path = NULL;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (!door_request_lookup_query (request, "team", &team, error) ||
      !door_request_lookup_query (request, "user-identifier", &account, error) ||
      !door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  if (is_for_administrators (context, door_request_get_path_param (request, "name")))
    {
      login_path = door_admin_login_path_build (door_request_get_path_param (request, "name"), NULL, false);
      return door_response_new_redirect (303, login_path, error);
    }
  start.cookie = cookie;
  start.idp = door_request_get_path_param (request, "name");
  start.team = team != NULL ? team : "";
  start.user_identifier = account;
  return door_begin_sign_in (context, request, &start, error);
}

/**
 * door_handle_sso_json:
 * @context: a #DoorWeb
 * @request: POST of a JSON object that is not looked into
 * @error: return location for an error
 *
 * The same start for a page that works with scripts: answers `{"url": …}`. With several identity providers
 * the address is that of the page to choose.
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_sso_json (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *cookie = NULL, *path = NULL, *page = NULL;
  g_autoptr (DoorLoginStep) step = NULL;
  DoorLoginStart start = {
    .purpose = DOOR_PURPOSE_ENROLLMENT,
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };
  DoorResponse *response;

  if (!door_request_has_content_type (request, "application/json"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE, "not application/json");
      return NULL;
    }
  if (!door_request_lookup_cookie (request, DOOR_FLOW_COOKIE, &cookie, error))
    return NULL;
  start.cookie = cookie;
  start.shared_acs = true;
  start.take_only_idp = true;
  step = door_login_begin (web->service, &start, error);
  if (step == NULL)
    return NULL;
  /* a form cannot be told by its address alone: the page with it can */
  path = step->connection != NULL ? dup_start_url (step->connection, step) : g_strdup (DOOR_PATH_SIGN_IN);
  page = g_strconcat (door_policy_get_external_url (web->service->policy), path, NULL);
  response = door_response_new (200);
  door_response_take_body (response, door_sign_in_link_build (step->url != NULL ? step->url : page),
                           "application/json; charset=utf-8");
  if (step->cookie != NULL)
    door_web_set_flow_cookie (web, response, step->cookie);
  return response;
}
