/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "door-scim-dialect.h"
#include "door-scim-path.h"

#define DOOR_SCIM_MAX_FILTER_BYTES 8192
#define DOOR_SCIM_MAX_FILTER_DEPTH 16
#define DOOR_SCIM_MAX_FILTER_TERMS 64

typedef enum
{
  DOOR_SCIM_FILTER_AND,
  DOOR_SCIM_FILTER_OR,
  DOOR_SCIM_FILTER_NOT,
  DOOR_SCIM_FILTER_COMPARE,
  DOOR_SCIM_FILTER_PRESENT,
  DOOR_SCIM_FILTER_ITEM,
} DoorScimFilterKind;

typedef enum
{
  DOOR_SCIM_EQ,
  DOOR_SCIM_NE,
  DOOR_SCIM_CO,
  DOOR_SCIM_SW,
  DOOR_SCIM_EW,
  DOOR_SCIM_GT,
  DOOR_SCIM_GE,
  DOOR_SCIM_LT,
  DOOR_SCIM_LE,
} DoorScimOperator;

typedef enum
{
  DOOR_SCIM_LITERAL_NULL,
  DOOR_SCIM_LITERAL_TEXT,
  DOOR_SCIM_LITERAL_NUMBER,
  DOOR_SCIM_LITERAL_BOOLEAN,
} DoorScimLiteralKind;

typedef struct _DoorScimFilter DoorScimFilter;

/**
 * DoorScimFilter:
 * @path: of COMPARE and PRESENT; of ITEM the multi-valued attribute, one item of which must match the child
 * @op: of COMPARE
 * @literal: of COMPARE: the kind of what follows
 * @text: (nullable): of a text
 * @number: of a number
 * @boolean: of a boolean
 * @time_us: of a text that is compared as a time: microseconds since 1970, UTC
 * @children: (nullable) (element-type DoorScimFilter): of AND and OR two or more, of NOT and ITEM one
 *
 * A filter (RFC 7644 section 3.4.2.2). Its paths belong to the schemas.
 */
struct _DoorScimFilter
{
  DoorScimFilterKind kind;
  DoorScimPath path;
  DoorScimOperator op;
  DoorScimLiteralKind literal;
  char *text;
  double number;
  bool boolean;
  int64_t time_us;
  GPtrArray *children;
};

DoorScimFilter *door_scim_filter_parse (const DoorScimResourceType *type, DoorScimDialect dialect,
                                        const char *text, GError **error);
DoorScimFilter *door_scim_filter_parse_items (const DoorScimAttribute *parent, DoorScimDialect dialect,
                                              const char *text, size_t length, GError **error);
bool door_scim_filter_matches (const DoorScimFilter *self, JsonObject *resource);
void door_scim_filter_free (DoorScimFilter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScimFilter, door_scim_filter_free)
