/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-outbound.h"

#include "door-error.h"

static bool
refuse (GError **error, const char *text)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "[apple] %s", text);
}

static bool
check_server (const char *server, bool development, GError **error)
{
  static const char *const ports[] = { "api.push.apple.com:443", "api.push.apple.com:2197", NULL };
  g_autoptr (GSocketConnectable) address = g_network_address_parse (server, 443, NULL);

  if (!development && !g_strv_contains (ports, server))
    return refuse (error, "PushServer must be api.push.apple.com:443 or api.push.apple.com:2197 outside "
                          "development mode");
  return address != NULL || refuse (error, "PushServer is not HOST:PORT");
}

/**
 * door_outbound_open_apns:
 * @apple: group `[apple]`
 * @development: development mode: another server may stand for Apple's
 * @error: return location for an error
 *
 * Starts what speaks to Apple's push service. Blocks on the file system.
 *
 * Returns: (transfer full): it, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorApns *
door_outbound_open_apns (const DoorSettings *apple, bool development, GError **error)
{
  const char *server = door_settings_get_string (apple, "PushServer");
  const char *path = door_settings_get_string (apple, "PushServerCa");
  g_autoptr (GTlsDatabase) trust = NULL;
  g_autoptr (GError) local = NULL;

  if (!check_server (server, development, error))
    return NULL;
  if (path != NULL && !development)
    {
      refuse (error, "PushServerCa is for development mode only");
      return NULL;
    }
  if (path != NULL)
    trust = g_tls_file_database_new (path, &local);
  if (local != NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "[apple] PushServerCa: %s",
                      local->message);
      return NULL;
    }
  return door_apns_new (server, trust);
}
