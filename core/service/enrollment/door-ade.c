/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ade.h"

#include <string.h>

#include "door-apple-device.h"
#include "door-base64.h"
#include "door-dep-store.h"
#include "door-error.h"
#include "door-os-version.h"
#include "door-purpose.h"
#include "door-software-updates.h"

/**
 * door_ade_device_clear:
 * @self: a value
 */
void
door_ade_device_clear (DoorAdeDevice *self)
{
  g_clear_pointer (&self->info, door_machine_info_free);
  g_clear_pointer (&self->update, g_free);
  g_clear_pointer (&self->build, g_free);
}

/* The team that a device was assigned to, by the serial number that its certificate vouches for; "" for none,
 * %NULL when it is not assigned here, and no server of Apple Business Manager is known that could have done
 * so. Once there is one, a device that it does not know has no business here. */
static bool
choose_team (const DoorContext *context, const char *serial, GCancellable *cancellable, char **team,
             GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, cancellable, error);
  g_autoptr (DoorDepDevice) assigned = NULL;
  g_autoptr (GPtrArray) servers = NULL;

  if (txn == NULL || !door_dep_store_lookup_device (txn, serial, &assigned, error))
    return false;
  if (assigned != NULL)
    {
      *team = g_steal_pointer (&assigned->team);
      return true;
    }
  servers = door_dep_store_list_servers (txn, error);
  if (servers == NULL)
    return false;
  return servers->len == 0 || door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNASSIGNED,
                                              "no server of Apple Business Manager has assigned the device");
}

static GBytes *
open_message (const DoorContext *context, const DoorAdeVisit *visit, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GBytes) decoded = NULL;

  if (visit->message != NULL)
    return door_apple_device_open (visit->message, context->device_anchor, now_ms, error);
  decoded = door_base64_decode_strict (visit->description, strlen (visit->description),
                                       DOOR_APPLE_DEVICE_MAX_BYTES);
  if (decoded == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_BADSIG,
                      "the description of the device is not base64, or too long");
      return NULL;
    }
  return door_apple_device_open (decoded, context->device_anchor, now_ms, error);
}

static bool
check_team (const DoorTeam *team, const char *name, const char *product, GError **error)
{
  if (team == NULL)
    {
      door_policy_refuse_team (name, error);
      return false;
    }
  if (!door_team_has_way (team, DOOR_WAY_ADE))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no ade");
  return door_team_allows_product (team, product) ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY, "%s not in ModelFamilies",
                         product);
}

/* What it must have, NULL for any; with the newest one which build that is. */
static char *
dup_needed_system (const DoorContext *context, const DoorAdeDevice *device, char **build)
{
  const char *needed = door_team_get_minimum_os (device->team, door_machine_info_get_product (device->info));
  char *version = NULL;

  if (g_strcmp0 (needed, DOOR_MINIMUM_OS_LATEST) != 0)
    return g_strdup (needed);
  return door_software_updates_choose (context, device->info, &version, build) ? version : NULL;
}

/* A device that does not say which system it has is older than any that would. */
static bool
check_system (const DoorContext *context, DoorAdeDevice *device, GError **error)
{
  g_autofree char *build = NULL, *needed = dup_needed_system (context, device, &build);
  const char *version = door_machine_info_get (device->info, DOOR_MACHINE_OS_VERSION);

  if (needed == NULL || (version != NULL && door_os_version_compare (version, needed) >= 0))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_OUTDATED,
                  "the system %s is older than %s of MinimumOs", version != NULL ? version : "(unknown)",
                  needed);
  if (door_machine_info_can_update (device->info))
    {
      device->update = g_steal_pointer (&needed);
      device->build = g_steal_pointer (&build);
    }
  return false;
}

/**
 * door_ade_receive:
 * @context: what every service needs
 * @visit: a device that comes
 * @out: (out caller-allocates): what is known of it; clear it, also after an error
 * @error: return location for an error; with %DOOR_FAULT_DEV_OUTDATED @out may say what it shall install
 *
 * Takes a device in that comes by Automated Device Enrollment: what it says of itself must be signed with the
 * certificate that it has from Apple, its team is the one that it was assigned to, else that of the address,
 * and this team must be open to it. What it says may be an old message that somebody sends again, so nobody
 * enrolls by that alone, see door_ticket_answer_device(). Blocks for a read.
 *
 * Returns: false with an error
 */
bool
door_ade_receive (const DoorContext *context, const DoorAdeVisit *visit, DoorAdeDevice *out, GError **error)
{
  g_autoptr (GBytes) plist = open_message (context, visit, error);
  g_autofree char *assigned = NULL;
  const char *name;

  out->info = plist != NULL ? door_machine_info_parse_device (plist, error) : NULL;
  if (out->info == NULL || !choose_team (context, door_machine_info_get (out->info, DOOR_MACHINE_SERIAL),
                                         visit->cancellable, &assigned, error))
    return false;
  out->assigned = assigned != NULL;
  name = out->assigned ? assigned : visit->team;
  out->team = door_policy_lookup_team (context->policy, name);
  return check_team (out->team, name, door_machine_info_get_product (out->info), error) &&
         check_system (context, out, error);
}
