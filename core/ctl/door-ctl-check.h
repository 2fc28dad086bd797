/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-ctl-findings.h"
#include "door-ctl-world.h"

/**
 * DoorCtlSite:
 * @user: the user the server runs as
 * @state_folder: the server's own folder
 * @now_ms: milliseconds since 1970, UTC
 *
 * The system a configuration is checked on.
 */
typedef struct
{
  const char *user;
  const char *state_folder;
  int64_t now_ms;
} DoorCtlSite;

DoorCtlFindings *door_ctl_check_system (const DoorCtlWorld *world);
void door_ctl_check_world (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site);
void door_ctl_check_access (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site);
void door_ctl_note_domains (DoorCtlFindings *found, const DoorConfig *config);
int64_t door_ctl_get_file_end_ms (const char *path);
void door_ctl_note_expiry (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site);
void door_ctl_note_provider (DoorCtlFindings *found, DoorConnection *connection, int64_t now_ms);
