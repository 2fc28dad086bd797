/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

GBytes *door_service_discovery_build (const char *base_url, bool whole_device, GError **error);
