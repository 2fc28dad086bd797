/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-check.h"

static bool
lists_domain (char **domains, const char *domain)
{
  for (char **item = domains; *item != NULL; item++)
    if (g_ascii_strcasecmp (*item, domain) == 0)
      return true;
  return false;
}

static bool
may_vouch (const DoorConfig *config, const char *idp, const char *domain)
{
  g_autofree char *group = g_strconcat ("idp/", idp, NULL);
  DoorSettings *settings = door_config_get_settings (config, group);
  g_auto (GStrv) domains = NULL;

  if (settings == NULL || !door_settings_get_boolean (settings, "Enabled"))
    return false;
  domains = door_settings_dup_list (settings, "EmailDomains");
  return domains[0] == NULL || lists_domain (domains, domain);
}

/* As a team gets them: its own, else those of [enrollment], else all. */
static char **
dup_offered (const DoorConfig *config, DoorSettings *settings)
{
  DoorSettings *enrollment = door_config_get_settings (config, "enrollment");

  if (door_settings_is_set (settings, "Idps"))
    return door_settings_dup_list (settings, "Idps");
  if (enrollment != NULL && door_settings_is_set (enrollment, "Idps"))
    return door_settings_dup_list (enrollment, "Idps");
  return door_config_list_instances (config, "idp");
}

static void
note_refused (DoorCtlFindings *found, const DoorConfig *config, const char *group, char **domains)
{
  g_auto (GStrv) idps = dup_offered (config, door_config_get_settings (config, group));

  for (char **domain = domains; idps[0] != NULL && *domain != NULL; domain++)
    {
      bool vouched = false;

      for (char **idp = idps; *idp != NULL; idp++)
        vouched = vouched || may_vouch (config, *idp, *domain);
      if (!vouched)
        door_ctl_findings_note (
            found,
            "[%s] AllowedDomains: accounts of %s are refused, since none of the providers "
            "offered there has it in EmailDomains; add it to one",
            group, *domain);
    }
}

/* @teams: what teams before this one list, by domain */
static void
note_repeated (DoorCtlFindings *found, GHashTable *teams, const char *group, char **domains)
{
  for (char **domain = domains; *domain != NULL; domain++)
    {
      char *key = g_ascii_strdown (*domain, -1);
      const char *first = g_hash_table_lookup (teams, key);

      if (first != NULL)
        door_ctl_findings_note (
            found,
            "[%s] AllowedDomains: %s stands in [%s] too, which is where devices are sent; "
            "remove it from one",
            group, *domain, first);
      if (first == NULL)
        g_hash_table_insert (teams, key, g_strdup (group));
      else
        g_free (key);
    }
}

/**
 * door_ctl_note_domains:
 * @found: where to put what is worth knowing
 * @config: a configuration
 *
 * Notes domains that groups allow which are right one by one and together let nobody in, or lead elsewhere.
 */
void
door_ctl_note_domains (DoorCtlFindings *found, const DoorConfig *config)
{
  g_autoptr (GHashTable) teams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) groups = door_config_list_groups (config);

  for (char **group = groups; *group != NULL; group++)
    {
      bool is_team = g_str_has_prefix (*group, "team/");
      DoorSettings *settings = door_config_get_settings (config, *group);
      g_auto (GStrv) domains = NULL;

      if (settings == NULL || (!is_team && !g_str_equal (*group, "enrollment")) ||
          !door_settings_is_set (settings, "AllowedDomains"))
        continue;
      domains = door_settings_dup_list (settings, "AllowedDomains");
      note_refused (found, config, *group, domains);
      if (is_team)
        note_repeated (found, teams, *group, domains);
    }
}
