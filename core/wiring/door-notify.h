/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

void door_notify (const char *state);
void door_notify_status (const char *state, const char *status);
void door_notify_reloading (void);
