/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"

/**
 * DoorCtlFindings:
 * @problems: (element-type DoorConfigProblem): what is wrong
 * @warnings: (element-type DoorConfigProblem): what works and should be changed
 * @notes: (element-type utf8): what is worth knowing
 * @fatal: one of the problems keeps the server from starting
 *
 * What a check of the configuration has found.
 */
typedef struct
{
  GPtrArray *problems;
  GPtrArray *warnings;
  GPtrArray *notes;
  bool fatal;
} DoorCtlFindings;

DoorCtlFindings *door_ctl_findings_new (void);
void door_ctl_findings_free (DoorCtlFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCtlFindings, door_ctl_findings_free)

void door_ctl_findings_add (DoorCtlFindings *self, const DoorConfigProblem *problem);
void door_ctl_findings_take (DoorCtlFindings *self, const GPtrArray *problems);
void door_ctl_findings_warn (DoorCtlFindings *self, const DoorConfigProblem *warning);
void door_ctl_findings_add_error (DoorCtlFindings *self, const DoorConfig *config, const char *group,
                                  const char *key, const GError *error);
void door_ctl_findings_add_file (DoorCtlFindings *self, const char *group, const char *path,
                                 const char *format, ...) G_GNUC_PRINTF (4, 5);
void door_ctl_findings_note (DoorCtlFindings *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
