/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

bool door_saml_init (GError **error);
void door_saml_shutdown (void);
