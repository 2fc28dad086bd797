/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-team.h"

#include <string.h>

#include "door-key-value.h"
#include "door-model-family.h"
#include "door-purpose.h"

/**
 * door_team_free:
 * @team: (transfer full): a team
 */
void
door_team_free (DoorTeam *team)
{
  g_free (team->name);
  g_clear_pointer (&team->settings, door_settings_unref);
  g_clear_pointer (&team->osquery, door_settings_unref);
  g_strfreev (team->idps);
  g_strfreev (team->allowed_groups);
  g_strfreev (team->denied_groups);
  g_strfreev (team->allowed_domains);
  g_strfreev (team->model_families);
  g_strfreev (team->minimum_os);
  g_strfreev (team->account_device_families);
  g_free (team->eula);
  g_clear_pointer (&team->intro, door_settings_unref);
  door_setup_rules_clear (&team->setup);
  door_role_groups_clear (&team->role_groups);
  g_free (team);
}

/* A key of the team wins over the one of [enrollment]. */
static char **
dup_list (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  if (team != NULL && door_settings_is_set (team, key))
    return door_settings_dup_list (team, key);
  return door_settings_dup_list (defaults, key);
}

static bool
accepts_users (const DoorSettings *team, const DoorSettings *defaults)
{
  bool own = team != NULL && door_settings_is_set (team, "UserAuthenticate");

  return g_str_equal (door_settings_get_string (own ? team : defaults, "UserAuthenticate"), "accept");
}

static const DoorSettings *
choose_group (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  return team != NULL && door_settings_is_set (team, key) ? team : defaults;
}

static const char *
get_word (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  return door_settings_get_string (team != NULL && door_settings_is_set (team, key) ? team : defaults, key);
}

/* So a team says that what [enrollment] has is not for it. */
static bool
is_given (const char *text)
{
  return text != NULL && !g_str_equal (text, "none");
}

static void
read_before_profile (DoorTeam *self, const DoorSettings *team, const DoorSettings *defaults)
{
  const DoorSettings *intro = choose_group (team, defaults, "Intro");
  const char *eula = door_settings_get_string (choose_group (team, defaults, "Eula"), "Eula");

  self->eula = g_strdup (is_given (eula) ? eula : "");
  if (is_given (door_settings_get_localised (intro, "Intro", NULL)))
    self->intro = door_settings_ref ((DoorSettings *) intro);
}

static bool
get_boolean (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  return door_settings_get_boolean (team != NULL && door_settings_is_set (team, key) ? team : defaults, key);
}

static const struct
{
  const char *word; /* of Flows= */
  DoorTeamFlows flow;
} flow_words[] = {
  { "account", DOOR_TEAM_FLOW_ACCOUNT },
  { "ade", DOOR_TEAM_FLOW_ADE },
  { "link", DOOR_TEAM_FLOW_LINK },
};

static DoorTeamFlows
read_flows (const DoorSettings *team, const DoorSettings *defaults)
{
  g_auto (GStrv) words = dup_list (team, defaults, "Flows");
  DoorTeamFlows flows = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (flow_words); i++)
    if (g_strv_contains ((const char *const *) words, flow_words[i].word))
      flows |= flow_words[i].flow;
  return flows;
}

/* The one key that a team does not take over: a secret that opens what belongs to no team must not open all
 * of them. */
static DoorSettings *
dup_osquery (const DoorSettings *own, const DoorSettings *defaults)
{
  const char *key = "OsquerySecret";

  if (!door_settings_is_set (own, key) ||
      (own != defaults && door_settings_is_set (defaults, key) &&
       g_str_equal (door_settings_get_string (own, key), door_settings_get_string (defaults, key))))
    return NULL;
  return door_settings_ref ((DoorSettings *) own);
}

/**
 * door_team_new:
 * @name: "" for devices of no team
 * @settings: (nullable): its group, which was found good
 * @defaults: group `[enrollment]`: what the team does not say
 *
 * Returns: (transfer full): the team
 */
DoorTeam *
door_team_new (const char *name, const DoorSettings *settings, const DoorSettings *defaults)
{
  DoorTeam *team = g_new0 (DoorTeam, 1);

  team->name = g_strdup (name);
  team->settings = settings != NULL ? door_settings_ref ((DoorSettings *) settings) : NULL;
  team->osquery = dup_osquery (settings != NULL ? settings : defaults, defaults);
  team->idps = dup_list (settings, defaults, "Idps");
  team->allowed_groups = dup_list (settings, defaults, "AllowedGroups");
  team->denied_groups = dup_list (settings, defaults, "DeniedGroups");
  team->allowed_domains = dup_list (settings, defaults, "AllowedDomains");
  team->model_families = dup_list (settings, defaults, "ModelFamilies");
  team->account_device_families = dup_list (settings, defaults, "AccountDeviceFamilies");
  team->ota = door_settings_get_boolean (choose_group (settings, defaults, "Ota"), "Ota");
  team->enroll_reference = g_str_equal (get_word (settings, defaults, "EnrollReference"), "compatible");
  team->accept_users = accepts_users (settings, defaults);
  if (settings != NULL && door_settings_is_set (settings, "Id"))
    team->id = door_settings_get_integer (settings, "Id");
  door_role_groups_read (&team->role_groups, settings);
  team->minimum_os = dup_list (settings, defaults, "MinimumOs");
  team->account_oauth2 = g_str_equal (get_word (settings, defaults, "AccountSignIn"), "oauth2");
  team->account_forward = g_str_equal (get_word (settings, defaults, "AccountSignIn"), "oauth2-forward");
  team->require_bearer = g_str_equal (get_word (settings, defaults, "RequireBearer"), "always");
  read_before_profile (team, settings, defaults);
  door_setup_rules_read (&team->setup, settings, defaults);
  team->flows = read_flows (settings, defaults);
  team->require_sign_in = get_boolean (settings, defaults, "RequireSignIn");
  return team;
}

/**
 * door_team_get_title:
 * @team: a team
 * @language: (nullable): "de"
 *
 * Returns: (transfer none) (nullable): what people read, %NULL when the team has no title
 */
const char *
door_team_get_title (const DoorTeam *team, const char *language)
{
  return team->settings != NULL ? door_settings_get_localised (team->settings, "Title", language) : NULL;
}

/**
 * door_team_dup_intro:
 * @team: a team
 * @language: (nullable): "de"
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paragraphs that people read before they
 *   sign in, %NULL when there are none
 */
char **
door_team_dup_intro (const DoorTeam *team, const char *language)
{
  const char *text =
      team->intro != NULL ? door_settings_get_localised (team->intro, "Intro", language) : NULL;
  g_autoptr (GPtrArray) items = NULL;

  if (text == NULL)
    return NULL;
  items = door_key_value_parse_list (text, NULL); /* it was read once already */
  if (items == NULL)
    return NULL;
  g_ptr_array_set_free_func (items, NULL);
  g_ptr_array_add (items, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&items), FALSE);
}

static bool
lists_domain (char *const *domains, const char *domain)
{
  for (size_t i = 0; domains[i] != NULL; i++)
    if (g_ascii_strcasecmp (domains[i], domain) == 0)
      return true;
  return false;
}

/**
 * door_team_allows_domain:
 * @team: a team
 * @domain: domain of an account
 *
 * Returns: whether accounts of the domain may enroll into the team
 */
bool
door_team_allows_domain (const DoorTeam *team, const char *domain)
{
  return team->allowed_domains[0] == NULL || lists_domain (team->allowed_domains, domain);
}

/**
 * door_team_allows_product:
 * @team: a team
 * @product: what a device calls itself, "iPhone15,4"
 *
 * A product that is not known is none of the families that can be listed or left out.
 *
 * Returns: whether the device may enroll into the team
 */
bool
door_team_allows_product (const DoorTeam *team, const char *product)
{
  const char *family = door_model_family_from_product (product);

  return family == NULL || g_strv_contains ((const char *const *) team->model_families, family);
}

/**
 * door_team_get_minimum_os:
 * @team: a team
 * @product: what a device calls itself
 *
 * Returns: (transfer none) (nullable): version of the oldest system with which it may enroll,
 *   %DOOR_MINIMUM_OS_LATEST for the newest one, %NULL for any
 */
const char *
door_team_get_minimum_os (const DoorTeam *team, const char *product)
{
  const char *family = door_model_family_from_product (product);
  size_t length = family != NULL ? strlen (family) : 0;

  for (size_t i = 0; family != NULL && team->minimum_os[i] != NULL; i++)
    if (strncmp (team->minimum_os[i], family, length) == 0 && team->minimum_os[i][length] == ':')
      return team->minimum_os[i] + length + 1;
  return NULL;
}

/**
 * door_team_has_way:
 * @team: a team
 * @way: how a device comes, %DOOR_WAY_ADE or another
 *
 * Never blocks; any thread. An authorization code is one of the means of account-driven enrollment.
 *
 * Returns: whether devices may come to the team that way
 */
bool
door_team_has_way (const DoorTeam *team, const char *way)
{
  const char *word = g_str_equal (way, DOOR_WAY_OAUTH2) ? DOOR_WAY_ACCOUNT : way;

  for (size_t i = 0; i < G_N_ELEMENTS (flow_words); i++)
    if (g_str_equal (flow_words[i].word, word))
      return (team->flows & flow_words[i].flow) != 0;
  return false;
}

/**
 * door_team_manages_whole:
 * @team: a team
 * @family: (nullable): "iPhone", as devices name it in service discovery; %NULL when one does not
 *
 * Returns: whether account-driven enrollment is to manage the whole device
 */
bool
door_team_manages_whole (const DoorTeam *team, const char *family)
{
  return family != NULL && g_strv_contains ((const char *const *) team->account_device_families, family);
}
