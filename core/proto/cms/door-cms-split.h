/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include <gio/gio.h>

GBytes *door_cms_split (GBytes *message, GBytes **certificate);
