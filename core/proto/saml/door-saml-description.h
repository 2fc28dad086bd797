/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

#define DOOR_SAML_DESCRIPTION_MAX_BYTES (16 * 1024)

/**
 * DoorSamlShow:
 * @value: what may say who somebody is: a NameID, a value of an attribute
 * @data: what goes with the function
 *
 * Returns: (transfer full): what is shown of it, one line
 */
typedef char *(*DoorSamlShow) (const char *value, gpointer data);

char *door_saml_describe (const char *form_value, size_t length, DoorSamlShow show, gpointer data);
