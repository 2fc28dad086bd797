/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-config-private.h"
#include "door-protocol.h"

#define KEY "AccountSignIn"

static bool
lists (const DoorSettings *settings, const char *key, const char *word)
{
  g_auto (GStrv) words = door_settings_dup_list (settings, key);

  return g_strv_contains ((const char *const *) words, word);
}

static bool
offers (const DoorConfigGroup *group, const DoorConfigGroup *provider)
{
  g_auto (GStrv) idps = door_settings_dup_list (group->settings, "Idps");

  return provider->settings != NULL && g_str_has_prefix (provider->name, "idp/") &&
         door_settings_get_boolean (provider->settings, "Enabled") &&
         lists (provider->settings, "Use", "enrollment") &&
         (idps[0] == NULL || g_strv_contains ((const char *const *) idps, provider->name + strlen ("idp/")));
}

/* The only provider that people are offered there; how many there are is in @n. */
static const DoorConfigGroup *
find_provider (const DoorConfig *self, const DoorConfigGroup *group, unsigned int *n)
{
  const DoorConfigGroup *found = NULL;

  *n = 0;
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    if (offers (group, g_tree_node_value (node)))
      {
        found = g_tree_node_value (node);
        (*n)++;
      }
  return found;
}

static void
check_provider (DoorConfig *self, DoorConfigGroup *group, const DoorConfigGroup *provider)
{
  if (door_protocol_read (provider->settings) != DOOR_PROTOCOL_OIDC)
    door_config_report (self, group, KEY, DOOR_FAULT_CFG_VALUE,
                        KEY "=oauth2-forward needs OpenID Connect, and [%s] speaks SAML: set " KEY
                            "=oauth2, which works with every provider",
                        provider->name);
  else if (g_str_equal (door_settings_get_string (provider->settings, "ClientAuth"), "none"))
    door_config_report (self, group, KEY, DOOR_FAULT_CFG_VALUE,
                        KEY "=oauth2-forward needs a client that the provider knows, and [%s] has "
                            "ClientAuth=none: set ClientSecret= and leave ClientAuth= out",
                        provider->name);
}

/**
 * door_config_check_forward:
 * @self: a configuration
 * @group: `[enrollment]` or a team
 *
 * Checks what AccountSignIn=oauth2-forward needs: one provider that devices are sent to, which speaks OpenID
 * Connect and knows us, and nothing to agree to.
 */
void
door_config_check_forward (DoorConfig *self, DoorConfigGroup *group)
{
  const char *eula = door_settings_get_string (group->settings, "Eula");
  const DoorConfigGroup *provider;
  unsigned int n;

  if (!g_str_equal (door_settings_get_string (group->settings, KEY), "oauth2-forward") ||
      !lists (group->settings, "Flows", "account"))
    return;
  if (eula != NULL && !g_str_equal (eula, "none"))
    {
      door_config_report (self, group, KEY, DOOR_FAULT_CFG_VALUE,
                          KEY
                          "=oauth2-forward shows no page of this server, so nobody could agree to Eula=%s: "
                          "set " KEY "=oauth2, or Eula=none",
                          eula);
      return;
    }
  provider = find_provider (self, group, &n);
  if (n == 1)
    check_provider (self, group, provider);
  else if (n > 1 || (!self->objects_later && !self->incomplete))
    door_config_report (self, group, KEY, DOOR_FAULT_CFG_VALUE,
                        KEY
                        "=oauth2-forward needs exactly one [idp/NAME] with Use=enrollment, and [%s] has %u: "
                        "name it in Idps=",
                        group->name, n);
}

static bool
forwards (const DoorConfig *self, const DoorConfigGroup *group, const char *provider)
{
  const DoorConfigGroup *found;
  unsigned int n;

  if (group->settings == NULL ||
      (!g_str_equal (group->name, "enrollment") && !g_str_has_prefix (group->name, "team/")) ||
      !g_str_equal (door_settings_get_string (group->settings, KEY), "oauth2-forward") ||
      !lists (group->settings, "Flows", "account"))
    return false;
  found = find_provider (self, group, &n);
  return n == 1 && g_str_equal (found->name, provider);
}

/**
 * door_config_is_forwarded_to:
 * @self: a configuration
 * @provider: "idp/okta"
 *
 * Returns: whether AccountSignIn=oauth2-forward of `[enrollment]` or a team sends devices to this provider
 */
bool
door_config_is_forwarded_to (const DoorConfig *self, const char *provider)
{
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    if (forwards (self, g_tree_node_value (node), provider))
      return true;
  return false;
}
