/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-policy.h"

#include <string.h>

#include "door-error.h"
#include "door-model-family.h"
#include "door-name.h"
#include "door-paths.h"

struct _DoorPolicy
{
  DoorSettings *doorward; /* kept for its localised texts */
  char *external_url;
  char *shared_acs_url;
  char *shared_admin_acs_url;
  char *mdm_url;
  int64_t flow_lifetime_ms;
  int64_t request_lifetime_ms;
  int64_t token_lifetime_ms;
  int64_t attempt_retention_ms;
  int64_t clock_skew_s;
  int64_t challenge_lifetime_ms;
  int64_t certificate_lifetime_ms;
  bool allow_des;
  DoorIdpSelection idp_selection;
  bool auto_redirect;
  bool log_personal_data;
  DoorAdminRules admin;
  DoorTeam *no_team;
  GPtrArray *teams; /* DoorTeam, in the order of their names */
};

static void
team_free (gpointer data)
{
  DoorTeam *team = data;

  g_free (team->name);
  g_clear_pointer (&team->settings, door_settings_unref);
  g_strfreev (team->idps);
  g_strfreev (team->allowed_groups);
  g_strfreev (team->denied_groups);
  g_strfreev (team->allowed_domains);
  g_strfreev (team->model_families);
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

static DoorTeam *
team_new (const char *name, const DoorSettings *settings, const DoorSettings *defaults)
{
  DoorTeam *team = g_new0 (DoorTeam, 1);
  g_auto (GStrv) flows = dup_list (settings, defaults, "Flows");

  team->name = g_strdup (name);
  team->settings = settings != NULL ? door_settings_ref ((DoorSettings *) settings) : NULL;
  team->idps = dup_list (settings, defaults, "Idps");
  team->allowed_groups = dup_list (settings, defaults, "AllowedGroups");
  team->denied_groups = dup_list (settings, defaults, "DeniedGroups");
  team->allowed_domains = dup_list (settings, defaults, "AllowedDomains");
  team->model_families = dup_list (settings, defaults, "ModelFamilies");
  if (settings != NULL && door_settings_is_set (settings, "Id"))
    team->id = door_settings_get_integer (settings, "Id");
  door_role_groups_read (&team->role_groups, settings);
  team->account_flow = g_strv_contains ((const char *const *) flows, "account");
  return team;
}

static DoorIdpSelection
selection_from_word (const char *word)
{
  if (g_str_equal (word, "chooser"))
    return DOOR_IDP_SELECTION_CHOOSER;
  if (g_str_equal (word, "domain"))
    return DOOR_IDP_SELECTION_DOMAIN;
  return DOOR_IDP_SELECTION_AUTO;
}

/* Without a slash at the end, so that paths can be appended. */
static char *
dup_base_url (const DoorSettings *settings, const char *key, const char *fallback)
{
  const char *text = door_settings_get_string (settings, key);
  char *url = g_strdup (text != NULL ? text : fallback);

  while (g_str_has_suffix (url, "/"))
    url[strlen (url) - 1] = '\0';
  return url;
}

static void
read_sign_in (DoorPolicy *self, const DoorSettings *sign_in)
{
  self->flow_lifetime_ms = door_settings_get_duration_s (sign_in, "FlowLifetime") * 1000;
  self->request_lifetime_ms = door_settings_get_duration_s (sign_in, "RequestLifetime") * 1000;
  self->token_lifetime_ms = door_settings_get_duration_s (sign_in, "AccessTokenLifetime") * 1000;
  self->attempt_retention_ms = door_settings_get_duration_s (sign_in, "AttemptRetention") * 1000;
  self->clock_skew_s = door_settings_get_duration_s (sign_in, "ClockSkew");
  self->idp_selection = selection_from_word (door_settings_get_string (sign_in, "IdpSelection"));
  self->auto_redirect = door_settings_get_boolean (sign_in, "AutoRedirect");
}

/**
 * door_policy_new:
 * @source: the validated groups of the configuration
 *
 * Reads everything the services decide by, once. No I/O.
 *
 * Returns: (transfer full): the policy
 */
DoorPolicy *
door_policy_new (const DoorPolicySource *source)
{
  DoorPolicy *self = g_new0 (DoorPolicy, 1);

  self->doorward = door_settings_ref ((DoorSettings *) source->doorward);
  self->external_url = dup_base_url (source->doorward, "ExternalUrl", NULL);
  self->shared_acs_url = g_strconcat (self->external_url, DOOR_PATH_SHARED_ACS, NULL);
  self->shared_admin_acs_url = g_strconcat (self->external_url, DOOR_PATH_SHARED_ADMIN_ACS, NULL);
  door_admin_rules_read (&self->admin, source->admin);
  self->mdm_url = dup_base_url (source->doorward, "MdmUrl", self->external_url);
  self->log_personal_data = door_settings_get_boolean (source->doorward, "LogPersonalData");
  read_sign_in (self, source->sign_in);
  self->challenge_lifetime_ms = door_settings_get_duration_s (source->scep, "ChallengeLifetime") * 1000;
  self->certificate_lifetime_ms = door_settings_get_duration_s (source->scep, "CertificateLifetime") * 1000;
  self->allow_des = door_settings_get_boolean (source->scep, "AllowDes");
  self->no_team = team_new ("", NULL, source->enrollment);
  self->teams = g_ptr_array_new_with_free_func (team_free);
  for (guint i = 0; i < source->teams->len; i++)
    {
      const DoorSettings *settings = g_ptr_array_index (source->teams, i);
      g_ptr_array_add (self->teams,
                       team_new (door_settings_get_name (settings), settings, source->enrollment));
    }
  return self;
}

/**
 * door_policy_free:
 * @self: (transfer full): a policy
 */
void
door_policy_free (DoorPolicy *self)
{
  door_settings_unref (self->doorward);
  g_free (self->external_url);
  g_free (self->shared_acs_url);
  g_free (self->shared_admin_acs_url);
  door_admin_rules_clear (&self->admin);
  g_free (self->mdm_url);
  team_free (self->no_team);
  g_ptr_array_unref (self->teams);
  g_free (self);
}

/**
 * door_policy_lookup_team:
 * @self: a policy
 * @name: name of a team, "" for none
 *
 * Returns: (transfer none) (nullable): the team, %NULL when there is none of that name
 */
const DoorTeam *
door_policy_lookup_team (const DoorPolicy *self, const char *name)
{
  if (*name == '\0')
    return self->no_team;
  for (guint i = 0; i < self->teams->len; i++)
    {
      const DoorTeam *team = g_ptr_array_index (self->teams, i);
      if (g_str_equal (team->name, name))
        return team;
    }
  return NULL;
}

/**
 * door_policy_lookup_team_by_id:
 * @self: a policy
 * @id: number of a team
 *
 * Returns: (transfer none) (nullable): the team, %NULL when none has that number
 */
const DoorTeam *
door_policy_lookup_team_by_id (const DoorPolicy *self, int64_t id)
{
  for (guint i = 0; i < self->teams->len; i++)
    {
      const DoorTeam *team = g_ptr_array_index (self->teams, i);
      if (team->id == id && id != 0)
        return team;
    }
  return NULL;
}

/**
 * door_policy_get_teams:
 * @self: a policy
 *
 * Returns: (transfer none) (element-type DoorTeam): every team, without the one of no name
 */
const GPtrArray *
door_policy_get_teams (const DoorPolicy *self)
{
  return self->teams;
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

static bool
lists_domain (char *const *domains, const char *domain)
{
  for (size_t i = 0; domains[i] != NULL; i++)
    if (g_ascii_strcasecmp (domains[i], domain) == 0)
      return true;
  return false;
}

/**
 * door_policy_refuse_team:
 * @name: what was asked for
 * @error: (out): gets %DOOR_ERROR_NOT_FOUND
 *
 * Says that there is no such team; a name that none can have is not repeated.
 */
void
door_policy_refuse_team (const char *name, GError **error)
{
  if (door_name_is_valid (name))
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN, "there is no [team/%s]", name);
  else
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN,
                    "no team can have the name asked for");
}

/**
 * door_policy_domain_allowed:
 * @team: a team
 * @domain: domain of an account
 *
 * Returns: whether accounts of the domain may enroll into the team
 */
bool
door_policy_domain_allowed (const DoorTeam *team, const char *domain)
{
  return team->allowed_domains[0] == NULL || lists_domain (team->allowed_domains, domain);
}

/**
 * door_policy_product_allowed:
 * @team: a team
 * @product: what a device calls itself, "iPhone15,4"
 *
 * A product that is not known is none of the families that can be listed or left out.
 *
 * Returns: whether the device may enroll into the team
 */
bool
door_policy_product_allowed (const DoorTeam *team, const char *product)
{
  const char *family = door_model_family_from_product (product);

  return family == NULL || g_strv_contains ((const char *const *) team->model_families, family);
}

/**
 * door_policy_choose_team:
 * @self: a policy
 * @domain: domain of the account typed on the device
 *
 * Chooses the team for service discovery: the first that names the domain, else none.
 *
 * Returns: (transfer none) (nullable): the team; %NULL when nobody may enroll with that domain
 */
const DoorTeam *
door_policy_choose_team (const DoorPolicy *self, const char *domain)
{
  for (guint i = 0; i < self->teams->len; i++)
    {
      const DoorTeam *team = g_ptr_array_index (self->teams, i);
      bool own_list = team->allowed_domains[0] != NULL &&
                      !g_strv_equal ((const char *const *) team->allowed_domains,
                                     (const char *const *) self->no_team->allowed_domains);

      if (own_list && lists_domain (team->allowed_domains, domain))
        return team;
    }
  return door_policy_domain_allowed (self->no_team, domain) ? self->no_team : NULL;
}

/**
 * door_policy_get_external_url:
 * @self: a policy
 *
 * Returns: (transfer none): address of the pages, without a slash at the end
 */
const char *
door_policy_get_external_url (const DoorPolicy *self)
{
  return self->external_url;
}

/**
 * door_policy_get_shared_acs_url:
 * @self: the policy
 *
 * Returns: (transfer none): where answers of any connection may come to, beside the address of its own
 */
const char *
door_policy_get_shared_acs_url (const DoorPolicy *self)
{
  return self->shared_acs_url;
}

/**
 * door_policy_get_shared_admin_acs_url:
 * @self: the policy
 *
 * Returns: (transfer none): the same for administrators
 */
const char *
door_policy_get_shared_admin_acs_url (const DoorPolicy *self)
{
  return self->shared_admin_acs_url;
}

/**
 * door_policy_get_admin_rules:
 * @self: the policy
 *
 * Returns: (transfer none): what administrators' sign-ins are decided by
 */
const DoorAdminRules *
door_policy_get_admin_rules (const DoorPolicy *self)
{
  return &self->admin;
}

/**
 * door_policy_get_mdm_url:
 * @self: a policy
 *
 * Returns: (transfer none): address of the device side, without a slash at the end
 */
const char *
door_policy_get_mdm_url (const DoorPolicy *self)
{
  return self->mdm_url;
}

/**
 * door_policy_get_organization:
 * @self: a policy
 * @language: (nullable): "de"
 *
 * Returns: (transfer none): name of the organisation in that language
 */
const char *
door_policy_get_organization (const DoorPolicy *self, const char *language)
{
  return door_settings_get_localised (self->doorward, "OrganizationName", language);
}

/**
 * door_policy_get_support:
 * @self: a policy
 * @key: "SupportEmail", "SupportPhone" or "SupportUrl"
 *
 * Returns: (transfer none) (nullable): how people reach help
 */
const char *
door_policy_get_support (const DoorPolicy *self, const char *key)
{
  return door_settings_get_string (self->doorward, key);
}

/**
 * door_policy_get_flow_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long a flow lives, milliseconds
 */
int64_t
door_policy_get_flow_lifetime_ms (const DoorPolicy *self)
{
  return self->flow_lifetime_ms;
}

/**
 * door_policy_get_request_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long a sign-in request waits for its answer, milliseconds
 */
int64_t
door_policy_get_request_lifetime_ms (const DoorPolicy *self)
{
  return self->request_lifetime_ms;
}

/**
 * door_policy_get_token_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long an access token lives, milliseconds
 */
int64_t
door_policy_get_token_lifetime_ms (const DoorPolicy *self)
{
  return self->token_lifetime_ms;
}

/**
 * door_policy_get_attempt_retention_ms:
 * @self: a policy
 *
 * Returns: how long records of sign-ins are kept, milliseconds
 */
int64_t
door_policy_get_attempt_retention_ms (const DoorPolicy *self)
{
  return self->attempt_retention_ms;
}

/**
 * door_policy_get_clock_skew_s:
 * @self: a policy
 *
 * Returns: tolerance between clocks, seconds
 */
int64_t
door_policy_get_clock_skew_s (const DoorPolicy *self)
{
  return self->clock_skew_s;
}

/**
 * door_policy_get_challenge_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long a SCEP challenge lives, milliseconds
 */
int64_t
door_policy_get_challenge_lifetime_ms (const DoorPolicy *self)
{
  return self->challenge_lifetime_ms;
}

/**
 * door_policy_get_certificate_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long an identity certificate is valid, milliseconds
 */
int64_t
door_policy_get_certificate_lifetime_ms (const DoorPolicy *self)
{
  return self->certificate_lifetime_ms;
}

/**
 * door_policy_get_allow_des:
 * @self: a policy
 *
 * Returns: whether single DES is tolerated in SCEP
 */
bool
door_policy_get_allow_des (const DoorPolicy *self)
{
  return self->allow_des;
}

/**
 * door_policy_get_idp_selection:
 * @self: a policy
 *
 * Returns: how a person comes to an identity provider
 */
DoorIdpSelection
door_policy_get_idp_selection (const DoorPolicy *self)
{
  return self->idp_selection;
}

/**
 * door_policy_get_auto_redirect:
 * @self: a policy
 *
 * Returns: whether the only identity provider is gone to without a page
 */
bool
door_policy_get_auto_redirect (const DoorPolicy *self)
{
  return self->auto_redirect;
}

/**
 * door_policy_get_log_personal_data:
 * @self: a policy
 *
 * Returns: whether e-mail addresses may stand in the log
 */
bool
door_policy_get_log_personal_data (const DoorPolicy *self)
{
  return self->log_personal_data;
}
