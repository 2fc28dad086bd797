/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-saml-end.h"
#include "door-web-form.h"

#define MAX_FIELDS 8

/* (nullable): the field that is there; a form with both is nobody's message */
static const char *
find_field (DoorForm *form, DoorSamlEnd *end, GError **error)
{
  const char *asked = NULL, *answered = NULL;

  if (!door_form_lookup (form, "SAMLRequest", &asked, error) ||
      !door_form_lookup (form, "SAMLResponse", &answered, error) ||
      !door_form_lookup (form, "RelayState", &end->relay_state, error))
    return NULL;
  if ((asked == NULL) == (answered == NULL))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM,
                      "there is not exactly one message");
      return NULL;
    }
  end->value = asked != NULL ? asked : answered;
  return asked != NULL ? "SAMLRequest" : "SAMLResponse";
}

static DoorResponse *
go_on (const DoorWeb *web, DoorRequest *request, const DoorSamlEnded *ended, GError **error)
{
  if (ended->answered)
    return door_admin_web_end_logout (ended->complete, error);
  if (ended->form.action != NULL)
    return door_web_render_form_page (
        web, request, &(DoorWebForm){ "logout-post", &ended->form, ended->connection, NULL }, error);
  return door_response_new_redirect (303, ended->url != NULL ? ended->url : "/", error);
}

/**
 * door_handle_saml_logout:
 * @context: a #DoorWeb
 * @request: GET or POST, by a browser that comes from an identity provider
 * @error: return location for an error
 *
 * Single logout service of one connection (SAML bindings 3.4 and 3.5; profiles 4.4).
 *
 * Returns: (transfer full): the way back to the provider, or to a page that says what has ended, or %NULL
 * with an error
 */
DoorResponse *
door_handle_saml_logout (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorForm) form = NULL;
  g_autofree char *cookie = NULL;
  g_auto (DoorSamlEnded) ended = { NULL };
  DoorSamlEnd end = {
    .connection = door_request_get_path_param (request, "name"),
    .query = door_request_get_query (request),
    .address = door_request_get_peer (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (g_str_equal (door_request_get_method (request), "POST"))
    {
      form = door_request_parse_form (request, MAX_FIELDS, error);
      end.field = form != NULL ? find_field (form, &end, error) : NULL;
      if (end.field == NULL)
        return NULL;
    }
  if (!door_request_lookup_cookie (request, DOOR_LOGOUT_COOKIE, &cookie, error))
    return NULL;
  end.cookie = cookie;
  return door_saml_end (web->service, &end, &ended, error) ? go_on (web, request, &ended, error) : NULL;
}
