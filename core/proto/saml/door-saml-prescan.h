/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door-error.h"

/**
 * DoorSamlLimits:
 * @max_bytes: largest document
 * @max_work: bound of what canonicalisation could cost: for each element, its depth times the namespaces in
 *   scope there
 * @allow_instructions: whether processing instructions may stand in it
 * @fault: what a refusal is called
 *
 * What differs between the XML documents that are read.
 */
typedef struct
{
  size_t max_bytes;
  uint64_t max_work;
  bool allow_instructions;
  DoorFault fault;
} DoorSamlLimits;

bool door_saml_prescan (const char *data, size_t size, const DoorSamlLimits *limits, GError **error);
