/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *sim_refusal_parse (GBytes *json, char **details);
