/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/**
 * DoorRole:
 * @DOOR_ROLE_NONE: no role
 * @DOOR_ROLE_ADMIN: everything, administrators included
 * @DOOR_ROLE_MAINTAINER: devices, people and their sign-ins
 * @DOOR_ROLE_OBSERVER_PLUS: looks at everything but administrators
 * @DOOR_ROLE_OBSERVER: looks at devices and people
 * @DOOR_ROLE_TECHNICIAN: helps on devices
 * @DOOR_ROLE_HELPDESK: helps people who call
 * @DOOR_N_ROLES: how many there are
 *
 * What an administrator is, everywhere or in a team.
 */
typedef enum
{
  DOOR_ROLE_NONE,
  DOOR_ROLE_ADMIN,
  DOOR_ROLE_MAINTAINER,
  DOOR_ROLE_OBSERVER_PLUS,
  DOOR_ROLE_OBSERVER,
  DOOR_ROLE_TECHNICIAN,
  DOOR_ROLE_HELPDESK,
  DOOR_N_ROLES,
} DoorRole;

/**
 * DoorAction:
 * @DOOR_ACTION_PAGES: look at pages under /admin
 * @DOOR_ACTION_READ_DEVICES: list devices
 * @DOOR_ACTION_READ_PEOPLE: list people
 * @DOOR_ACTION_READ_SIGN_INS: list records of sign-ins
 * @DOOR_ACTION_READ_ACCEPTANCES: list who has agreed to which document
 * @DOOR_ACTION_READ_ADMINISTRATORS: list administrators
 * @DOOR_ACTION_WRITE_ADMINISTRATORS: change roles, single sign-on and state of administrators
 * @DOOR_ACTION_END_SESSIONS: end the sessions of administrators
 * @DOOR_ACTION_READ_CONNECTIONS: list connections to identity providers
 * @DOOR_ACTION_WRITE_CONNECTIONS: make, change and remove them
 * @DOOR_ACTION_READ_COMMANDS: look at commands of devices and at what they answered
 * @DOOR_ACTION_ASK_DEVICES: queue commands after which a device is as before, and take commands back
 * @DOOR_ACTION_COMMAND_DEVICES: queue any command
 * @DOOR_ACTION_OWN_TOKENS: make, list and revoke one's own personal access tokens
 * @DOOR_ACTION_ENROLLMENT_LINKS: make, list and revoke links by which people enroll devices
 * @DOOR_ACTION_READ_DECLARATIONS: look at declarations of teams and at what devices report of them
 * @DOOR_ACTION_WRITE_DECLARATIONS: make, change and remove them
 * @DOOR_N_ACTIONS: how many there are
 *
 * What may be allowed or not. To see oneself and to log out is allowed to all who are signed in.
 */
typedef enum
{
  DOOR_ACTION_PAGES,
  DOOR_ACTION_READ_DEVICES,
  DOOR_ACTION_READ_PEOPLE,
  DOOR_ACTION_READ_SIGN_INS,
  DOOR_ACTION_READ_ACCEPTANCES,
  DOOR_ACTION_READ_ADMINISTRATORS,
  DOOR_ACTION_WRITE_ADMINISTRATORS,
  DOOR_ACTION_END_SESSIONS,
  DOOR_ACTION_READ_CONNECTIONS,
  DOOR_ACTION_WRITE_CONNECTIONS,
  DOOR_ACTION_READ_COMMANDS,
  DOOR_ACTION_ASK_DEVICES,
  DOOR_ACTION_COMMAND_DEVICES,
  DOOR_ACTION_OWN_TOKENS,
  DOOR_ACTION_ENROLLMENT_LINKS,
  DOOR_ACTION_READ_DECLARATIONS,
  DOOR_ACTION_WRITE_DECLARATIONS,
  DOOR_N_ACTIONS,
} DoorAction;

/**
 * DoorReach:
 * @DOOR_REACH_NOTHING: not allowed
 * @DOOR_REACH_TEAMS: in the teams in which a role allows it
 * @DOOR_REACH_ALL: everywhere
 *
 * How far an action is allowed.
 */
typedef enum
{
  DOOR_REACH_NOTHING,
  DOOR_REACH_TEAMS,
  DOOR_REACH_ALL,
} DoorReach;

const char *door_role_to_word (DoorRole role);
DoorRole door_role_from_word (const char *word);
const char *door_action_to_word (DoorAction action);
bool door_permission_allows (DoorRole role, DoorAction action, bool api_only, bool in_team);
bool door_permission_reaches_team (const GPtrArray *grants, bool api_only, DoorAction action,
                                   const char *team);
DoorReach door_permission_get_reach (const GPtrArray *grants, bool api_only, DoorAction action);
const char *const *door_permission_get_roles (DoorAction action);
