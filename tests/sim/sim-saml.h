/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *sim_saml_tamper (const char *response, const char *account, const char *other, GError **error);
