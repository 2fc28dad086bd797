/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

void door_notify (const char *state);
