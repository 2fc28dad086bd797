/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

GBytes *door_sign_in_link_build (const char *url);
