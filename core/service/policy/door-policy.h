/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-rules.h"
#include "door-dep-rules.h"
#include "door-settings.h"
#include "door-team.h"

/* Devices renew their certificates in the last third of their lifetime at the earliest. */
#define DOOR_RENEWAL_SHARE 3

typedef struct _DoorPolicy DoorPolicy;

typedef enum
{
  DOOR_IDP_SELECTION_AUTO,
  DOOR_IDP_SELECTION_CHOOSER,
  DOOR_IDP_SELECTION_DOMAIN,
} DoorIdpSelection;

/**
 * DoorPolicySource:
 * @doorward: group `[doorward]`; so are the others of their names
 * @listen: (nullable): the same, for what devices are to trust in development mode
 * @apple: (nullable): the same
 * @teams: (element-type DoorSettings): groups `[team/NAME]`
 * @dep: (nullable) (element-type DoorDepRules) (transfer full): what `[ade/NAME]` say
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
  const DoorSettings *commands;
  const DoorSettings *listen;
  const DoorSettings *apple;
  const GPtrArray *teams;
  GPtrArray *dep;
} DoorPolicySource;

DoorPolicy *door_policy_new (const DoorPolicySource *source);
void door_policy_free (DoorPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPolicy, door_policy_free)

const DoorTeam *door_policy_lookup_team (const DoorPolicy *self, const char *name);
const DoorTeam *door_policy_lookup_team_by_id (const DoorPolicy *self, int64_t id);
const GPtrArray *door_policy_get_teams (const DoorPolicy *self);
const DoorTeam *door_policy_choose_team (const DoorPolicy *self, const char *domain);
void door_policy_refuse_team (const char *name, GError **error);
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
int64_t door_policy_get_link_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_attempt_retention_ms (const DoorPolicy *self);
int64_t door_policy_get_result_retention_ms (const DoorPolicy *self);
int64_t door_policy_get_clock_skew_s (const DoorPolicy *self);
int64_t door_policy_get_challenge_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_certificate_lifetime_ms (const DoorPolicy *self);
int64_t door_policy_get_renew_before_ms (const DoorPolicy *self);
bool door_policy_get_allow_des (const DoorPolicy *self);
DoorIdpSelection door_policy_get_idp_selection (const DoorPolicy *self);
bool door_policy_get_auto_redirect (const DoorPolicy *self);
bool door_policy_get_log_personal_data (const DoorPolicy *self);
const DoorDepRules *door_policy_lookup_dep_rules (const DoorPolicy *self, const char *name);
const char *door_policy_get_tls_certificate (const DoorPolicy *self);
const char *door_policy_get_update_list (const DoorPolicy *self);
