/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Internal to this folder. */

#include <stdbool.h>

#include <glib.h>
#include <libxml/tree.h>

xmlDoc *door_saml_inner_parse (GBytes *plain, const xmlNode *encrypted, GError **error);
bool door_saml_inner_get_assertion (const xmlDoc *doc, xmlNode **assertion, GError **error);
