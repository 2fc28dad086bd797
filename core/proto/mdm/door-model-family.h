/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

const char *door_model_family_from_product (const char *product);
bool door_model_family_is_mac (const char *product);
