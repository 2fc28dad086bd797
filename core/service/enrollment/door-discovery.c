/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-discovery.h"

#include "door-account.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-paths.h"
#include "door-purpose.h"

/* Not to learn it only behind the sign-in. Where there is no provider at all, the page says that instead. */
static bool
can_sign_in (const DoorContext *context, const DoorTeam *team, const char *domain)
{
  g_autoptr (GPtrArray) offered =
      door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, NULL);
  g_autoptr (GPtrArray) choices =
      door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, domain);

  return choices->len > 0 || offered->len == 0;
}

/**
 * door_discovery_clear:
 * @self: a value
 */
void
door_discovery_clear (DoorDiscovery *self)
{
  g_clear_pointer (&self->base_url, g_free);
}

/* The team that accounts of the domain enroll into. */
static const DoorTeam *
choose_team (const DoorContext *context, const char *domain, GError **error)
{
  const DoorTeam *team = door_policy_choose_team (context->policy, domain);

  if (team == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_DOMAIN,
                      "domain %s is in no AllowedDomains", domain);
      return NULL;
    }
  if (!can_sign_in (context, team, domain))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_DOMAIN,
                      "domain %s is in the EmailDomains of no provider offered here", domain);
      return NULL;
    }
  if (!door_team_has_way (team, DOOR_WAY_ACCOUNT))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no account");
      return NULL;
    }
  return team;
}

/**
 * door_discovery_find:
 * @context: what every service needs
 * @user_identifier: (nullable): the account typed on the device
 * @model_family: (nullable): "iPhone", "Mac", …; devices before iOS 17 do not send it
 * @out: (out caller-allocates): the answer; clear it
 * @error: return location for an error
 *
 * Decides where and how a device enrolls (Apple, "Implementing the simple authentication user-enrollment
 * flow", service discovery). A device that does not name its family is too old to be managed as a whole. Each
 * of the two has an address of its own, since the profile must be of the mode that was announced here, and
 * the device says of itself there what it says everywhere. Pure.
 *
 * Returns: false with %DOOR_ERROR_NOT_ALLOWED
 */
bool
door_discovery_find (const DoorContext *context, const char *user_identifier, const char *model_family,
                     DoorDiscovery *out, GError **error)
{
  g_autofree char *domain = door_account_dup_domain (user_identifier);
  const DoorTeam *team;

  if (domain == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_USER, "no usable user-identifier");
  team = choose_team (context, domain, error);
  if (team == NULL)
    return false;
  if (model_family != NULL && !g_strv_contains ((const char *const *) team->model_families, model_family))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY,
                           "model family not in ModelFamilies");
  out->whole_device = door_team_manages_whole (team, model_family);
  out->base_url = g_strconcat (door_policy_get_mdm_url (context->policy),
                               out->whole_device ? DOOR_PATH_ENROLL_DEVICE : DOOR_PATH_ENROLL,
                               *team->name != '\0' ? "/" : "", team->name, NULL);
  return true;
}
