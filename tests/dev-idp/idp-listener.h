/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>
#include <stdint.h>

bool idp_listener_add_all (SoupServer *soup, const char *const *addresses, uint16_t *first_port,
                           GError **error);
