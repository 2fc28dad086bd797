/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-rules.h"
#include "door-settings.h"

typedef struct _DoorPolicy DoorPolicy;

/**
 * DoorTeam:
 * @name: "" for devices of no team
 * @settings: (nullable): its group, kept for the localised title
 * @idps: (array zero-terminated=1): names of identity providers; none means every one
 * @allowed_groups: (array zero-terminated=1): one of them is needed; none means no restriction
 * @denied_groups: (array zero-terminated=1): none of them may be there
 * @allowed_domains: (array zero-terminated=1): domains of accounts; none means no restriction
 * @model_families: (array zero-terminated=1): "iPhone", "iPad", …
 * @account_flow: whether account-driven enrollment is on
 * @id: number by which identity providers name the team, 0 for none
 * @role_groups: groups whose members administer the team
 *
 * What one team demands of who enrolls, and who administers it.
 */
typedef struct
{
  char *name;
  DoorSettings *settings;
  char **idps;
  char **allowed_groups;
  char **denied_groups;
  char **allowed_domains;
  char **model_families;
  bool account_flow;
  int64_t id;
  DoorRoleGroups role_groups;
} DoorTeam;

typedef enum
{
  DOOR_IDP_SELECTION_AUTO,
  DOOR_IDP_SELECTION_CHOOSER,
  DOOR_IDP_SELECTION_DOMAIN,
} DoorIdpSelection;

/**
 * DoorPolicySource:
 * @doorward: group `[doorward]`; so are the others of their names
 * @teams: (element-type DoorSettings): groups `[team/NAME]`
 *
 * Where a policy is read from.
 */
typedef struct
{
  const DoorSettings *doorward;
  const DoorSettings *sign_in;
  const DoorSettings *enrollment;
  const DoorSettings *scep;
  const DoorSettings *admin;
  const GPtrArray *teams;
} DoorPolicySource;

DoorPolicy *door_policy_new (const DoorPolicySource *source);
void door_policy_free (DoorPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPolicy, door_policy_free)

const DoorTeam *door_policy_lookup_team (const DoorPolicy *self, const char *name);
const DoorTeam *door_policy_lookup_team_by_id (const DoorPolicy *self, int64_t id);
const GPtrArray *door_policy_get_teams (const DoorPolicy *self);
const char *door_team_get_title (const DoorTeam *team, const char *language);
const DoorTeam *door_policy_choose_team (const DoorPolicy *self, const char *domain);
void door_policy_refuse_team (const char *name, GError **error);
bool door_policy_domain_allowed (const DoorTeam *team, const char *domain);
bool door_policy_product_allowed (const DoorTeam *team, const char *product);
const char *door_policy_get_external_url (const DoorPolicy *self);
const char *door_policy_get_shared_acs_url (const DoorPolicy *self);
const char *door_policy_get_shared_admin_acs_url (const DoorPolicy *self);
const DoorAdminRules *door_policy_get_admin_rules (const DoorPolicy *self);
const char *door_policy_get_mdm_url (const DoorPolicy *self);
const char *door_policy_get_organization (const DoorPolicy *self, const char *language);
const char *door_policy_get_support (const DoorPolicy *self, const char *key);
int64_t door_policy_get_flow_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_request_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_token_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_attempt_retention_ms (const DoorPolicy *self);
int64_t door_policy_get_clock_skew_s (const DoorPolicy *self);
int64_t door_policy_get_challenge_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_certificate_lifetime_ms (const DoorPolicy *self);
bool door_policy_get_allow_des (const DoorPolicy *self);
DoorIdpSelection door_policy_get_idp_selection (const DoorPolicy *self);
bool door_policy_get_auto_redirect (const DoorPolicy *self);
bool door_policy_get_log_personal_data (const DoorPolicy *self);
