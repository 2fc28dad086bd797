/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-policy.h"

#include <string.h>

#include "door-error.h"
#include "door-key-value.h"
#include "door-model-family.h"
#include "door-name.h"
#include "door-paths.h"
#include "door-purpose.h"

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
  int64_t link_lifetime_ms;
  int64_t attempt_retention_ms;
  int64_t result_retention_ms;
  int64_t clock_skew_s;
  int64_t challenge_lifetime_ms;
  int64_t certificate_lifetime_ms;
  int64_t renew_before_ms;
  bool allow_des;
  DoorIdpSelection idp_selection;
  bool auto_redirect;
  bool log_personal_data;
  DoorAdminRules admin;
  DoorTeam *no_team;
  GPtrArray *teams; /* DoorTeam, in the order of their names */
  GPtrArray *dep;   /* DoorDepRules */
  DoorDepRules *no_dep;
  char *tls_certificate; /* NULL: a proxy does TLS */
  char *update_list;     /* NULL: Apple's */
};

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
  self->link_lifetime_ms = door_settings_get_duration_s (sign_in, "ProfileLinkLifetime") * 1000;
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
  self->result_retention_ms = door_settings_get_duration_s (source->commands, "ResultRetention") * 1000;
  self->challenge_lifetime_ms = door_settings_get_duration_s (source->scep, "ChallengeLifetime") * 1000;
  self->certificate_lifetime_ms = door_settings_get_duration_s (source->scep, "CertificateLifetime") * 1000;
  self->renew_before_ms = MIN (door_settings_get_duration_s (source->scep, "RenewBefore") * 1000,
                               self->certificate_lifetime_ms / DOOR_RENEWAL_SHARE);
  self->allow_des = door_settings_get_boolean (source->scep, "AllowDes");
  self->no_team = door_team_new ("", NULL, source->enrollment);
  self->no_dep = door_dep_rules_new ("", NULL);
  self->dep = source->dep != NULL ? source->dep
                                  : g_ptr_array_new_with_free_func ((GDestroyNotify) door_dep_rules_free);
  if (source->listen != NULL && g_str_equal (door_settings_get_string (source->listen, "TlsMode"), "files"))
    self->tls_certificate = g_strdup (door_settings_get_string (source->listen, "TlsCertificate"));
  if (source->apple != NULL)
    self->update_list = g_strdup (door_settings_get_string (source->apple, "UpdateList"));
  self->teams = g_ptr_array_new_with_free_func ((GDestroyNotify) door_team_free);
  for (guint i = 0; i < source->teams->len; i++)
    {
      const DoorSettings *settings = g_ptr_array_index (source->teams, i);
      g_ptr_array_add (self->teams,
                       door_team_new (door_settings_get_name (settings), settings, source->enrollment));
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
  door_team_free (self->no_team);
  g_ptr_array_unref (self->teams);
  g_ptr_array_unref (self->dep);
  door_dep_rules_free (self->no_dep);
  g_free (self->tls_certificate);
  g_free (self->update_list);
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

      if (own_list && door_team_allows_domain (team, domain))
        return team;
    }
  return door_team_allows_domain (self->no_team, domain) ? self->no_team : NULL;
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
 * door_policy_get_link_lifetime_ms:
 * @self: a policy
 *
 * Returns: how long after the sign-in a profile may be fetched with a ticket for the first time, milliseconds
 */
int64_t
door_policy_get_link_lifetime_ms (const DoorPolicy *self)
{
  return self->link_lifetime_ms;
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
 * door_policy_get_result_retention_ms:
 * @self: a policy
 *
 * Returns: how long commands are kept after they are done, milliseconds
 */
int64_t
door_policy_get_result_retention_ms (const DoorPolicy *self)
{
  return self->result_retention_ms;
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
 * door_policy_get_renew_before_ms:
 * @self: a policy
 *
 * Returns: how long before its end an identity certificate is renewed, milliseconds; a new one is never that
 *   near to its end
 */
int64_t
door_policy_get_renew_before_ms (const DoorPolicy *self)
{
  return self->renew_before_ms;
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

/**
 * door_policy_lookup_dep_rules:
 * @self: a policy
 * @name: name of a server of Apple Business Manager
 *
 * Returns: (transfer none): what `[ade/NAME]` says; the defaults when there is no such group
 */
const DoorDepRules *
door_policy_lookup_dep_rules (const DoorPolicy *self, const char *name)
{
  for (guint i = 0; i < self->dep->len; i++)
    {
      const DoorDepRules *rules = g_ptr_array_index (self->dep, i);

      if (g_str_equal (rules->name, name))
        return rules;
    }
  return self->no_dep;
}

/**
 * door_policy_get_tls_certificate:
 * @self: a policy
 *
 * Returns: (transfer none) (nullable): file of the certificate chain that this server does TLS with, %NULL
 *   when a proxy does it
 */
const char *
door_policy_get_tls_certificate (const DoorPolicy *self)
{
  return self->tls_certificate;
}

/**
 * door_policy_get_update_list:
 * @self: a policy
 *
 * Returns: (transfer none) (nullable): where the list of updates is in place of Apple's, in development mode
 */
const char *
door_policy_get_update_list (const DoorPolicy *self)
{
  return self->update_list;
}
