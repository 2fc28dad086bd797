/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool door_saml_answers_nothing (const char *form_value, size_t length);
