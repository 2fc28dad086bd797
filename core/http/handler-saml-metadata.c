/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-handlers.h"

#include "door-error.h"
#include "door-saml-sp.h"

/**
 * door_handle_sp_metadata:
 * @context: a #DoorWeb
 * @request: GET, by an administrator or an identity provider
 * @error: return location for an error
 *
 * What this server is towards one identity provider, to be imported there (saml-metadata-2.0-os).
 *
 * Returns: (transfer full): metadata, or %NULL with an error, %DOOR_FAULT_IDP_UNKNOWN for an unknown name
 */
DoorResponse *
door_handle_sp_metadata (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  DoorConnection *connection =
      door_connections_lookup (web->service->connections, door_request_get_path_param (request, "name"));
  g_autofree char *xml = NULL;

  if (connection == NULL || door_connection_speaks_oidc (connection))
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN, "no such identity provider");
      return NULL;
    }
  xml =
      door_saml_sp_describe (web->service, connection, false, door_request_get_cancellable (request), error);
  return xml != NULL ? door_response_new_text (200, "application/samlmetadata+xml; charset=utf-8", xml)
                     : NULL;
}
