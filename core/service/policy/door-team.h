/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-rules.h"
#include "door-settings.h"
#include "door-setup-rules.h"

/* In place of a version in MinimumOs=. */
#define DOOR_MINIMUM_OS_LATEST "latest"

/**
 * DoorTeamFlows:
 * @DOOR_TEAM_FLOW_ACCOUNT: account-driven enrollment
 * @DOOR_TEAM_FLOW_ADE: Automated Device Enrollment
 * @DOOR_TEAM_FLOW_LINK: an enrollment link
 *
 * Ways by which devices enroll.
 */
typedef enum
{
  DOOR_TEAM_FLOW_ACCOUNT = 1 << 0,
  DOOR_TEAM_FLOW_ADE = 1 << 1,
  DOOR_TEAM_FLOW_LINK = 1 << 2,
} DoorTeamFlows;

/**
 * DoorTeam:
 * @name: "" for devices of no team
 * @settings: (nullable): its group, kept for the localised title
 * @osquery: (nullable): the group with its OsquerySecret, %NULL when it has none
 * @idps: (array zero-terminated=1): names of identity providers; none means every one
 * @allowed_groups: (array zero-terminated=1): one of them is needed; none means no restriction
 * @denied_groups: (array zero-terminated=1): none of them may be there
 * @allowed_domains: (array zero-terminated=1): domains of accounts; none means no restriction
 * @model_families: (array zero-terminated=1): "iPhone", "iPad", …
 * @account_oauth2: whether account-driven enrollment signs people in by apple-oauth2 rather than by
 * apple-as-web
 * @account_forward: whether it does so with access tokens of the identity provider itself
 * @require_bearer: whether devices that came so need an access token as long as they are enrolled
 * @account_device_families: (array zero-terminated=1): those of them that are managed as a whole when they
 *   enroll with an account
 * @flows: which ways are open
 * @minimum_os: (array zero-terminated=1): oldest systems that may enroll, "iPhone:17.0", "Mac:latest"
 * @require_sign_in: whether a person must sign in first, whichever way
 * @eula: name of the document that must be agreed to, "" for none
 * @intro: (nullable): the group with the text before the sign-in
 * @ota: whether a device that comes by a link shows which one it is before it gets its profile
 * @enroll_reference: whether ServerURL has a parameter of the enrollment
 * @accept_users: whether users of network accounts are managed on Macs
 * @setup: what is done for devices that wait in Setup Assistant
 * @id: number by which identity providers name the team, 0 for none
 * @role_groups: groups whose members administer the team
 *
 * What one team demands of who enrolls, and who administers it.
 */
typedef struct
{
  char *name;
  DoorSettings *settings;
  DoorSettings *osquery;
  char **idps;
  char **allowed_groups;
  char **denied_groups;
  char **allowed_domains;
  char **model_families;
  bool account_oauth2;
  bool account_forward;
  bool require_bearer;
  char **account_device_families;
  DoorTeamFlows flows;
  char **minimum_os;
  bool require_sign_in;
  char *eula;
  DoorSettings *intro;
  bool ota;
  bool enroll_reference;
  bool accept_users;
  DoorSetupRules setup;
  int64_t id;
  DoorRoleGroups role_groups;
} DoorTeam;

DoorTeam *door_team_new (const char *name, const DoorSettings *settings, const DoorSettings *defaults);
void door_team_free (DoorTeam *team);
const char *door_team_get_title (const DoorTeam *team, const char *language);
char **door_team_dup_intro (const DoorTeam *team, const char *language);
bool door_team_allows_domain (const DoorTeam *team, const char *domain);
bool door_team_allows_product (const DoorTeam *team, const char *product);
const char *door_team_get_minimum_os (const DoorTeam *team, const char *product);
bool door_team_has_way (const DoorTeam *team, const char *way);
bool door_team_manages_whole (const DoorTeam *team, const char *family);
