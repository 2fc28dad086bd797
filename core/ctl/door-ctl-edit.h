/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ctl-world.h"

#define DOOR_CTL_EDIT_OWN_FILE "conf.d/90-doorctl.conf"

typedef struct _DoorCtlEdit DoorCtlEdit;

DoorCtlEdit *door_ctl_edit_new (const DoorCommandLine *line);
void door_ctl_edit_free (DoorCtlEdit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCtlEdit, door_ctl_edit_free)

const DoorCtlWorld *door_ctl_edit_get_before (const DoorCtlEdit *self);
const DoorCtlWorld *door_ctl_edit_get_after (const DoorCtlEdit *self);
char *door_ctl_edit_dup_path (const DoorCtlEdit *self, const char *name);
bool door_ctl_edit_set (DoorCtlEdit *self, const char *name, const char *group, const char *word,
                        GError **error);
bool door_ctl_edit_check (DoorCtlEdit *self, GError **error);
bool door_ctl_edit_is_same (const DoorCtlEdit *self);
bool door_ctl_edit_write_text (const char *path, const char *text, bool staged, GError **error);
bool door_ctl_edit_write (DoorCtlEdit *self, GError **error);
void door_ctl_edit_print (const DoorCtlEdit *self, bool written);
JsonObject *door_ctl_edit_build_result (const DoorCtlEdit *self, bool written);
