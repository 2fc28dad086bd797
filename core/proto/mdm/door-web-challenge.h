/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *door_web_challenge_build (const char *url, GError **error);
