/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-discovery.h"

#include "door-account.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-paths.h"

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
 * door_discovery_dup_base_url:
 * @context: what every service needs
 * @user_identifier: (nullable): the account typed on the device
 * @model_family: (nullable): "iPhone", "Mac", …; devices before iOS 17 do not send it
 * @error: return location for an error
 *
 * Decides where a device enrolls (Apple, "Implementing the simple authentication user-enrollment flow",
 * service discovery). Pure.
 *
 * Returns: (transfer full): the BaseURL, or %NULL with %DOOR_ERROR_NOT_ALLOWED
 */
char *
door_discovery_dup_base_url (const DoorContext *context, const char *user_identifier,
                             const char *model_family, GError **error)
{
  g_autofree char *domain = door_account_dup_domain (user_identifier);
  const DoorTeam *team;

  if (domain == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_USER, "no usable user-identifier");
      return NULL;
    }
  team = door_policy_choose_team (context->policy, domain);
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
  if (!team->account_flow)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no account");
      return NULL;
    }
  if (model_family != NULL && !g_strv_contains ((const char *const *) team->model_families, model_family))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY,
                      "model family not in ModelFamilies");
      return NULL;
    }
  return g_strdup_printf ("%s" DOOR_PATH_ENROLL "%s%s", door_policy_get_mdm_url (context->policy),
                          *team->name != '\0' ? "/" : "", team->name);
}
