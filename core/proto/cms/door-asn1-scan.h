/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOOR_ASN1_MAX_DEPTH 32
#define DOOR_ASN1_MAX_ELEMENTS 2048

bool door_asn1_measure (const uint8_t *data, size_t size, size_t *length);
bool door_asn1_scan (const uint8_t *data, size_t size);
