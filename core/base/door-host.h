/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool door_host_is_this_machine (const char *host);
bool door_host_split_endpoint (const char *endpoint, char **host, uint16_t *port);
bool door_host_of_endpoint_is_this_machine (const char *endpoint);
