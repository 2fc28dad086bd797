/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

char *door_ctl_actor_dup (void);
