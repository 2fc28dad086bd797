/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * DoorScimDialect:
 * @DOOR_SCIM_STRICT: as the RFCs have it
 * @DOOR_SCIM_WORD_VALUES: a filter may compare with a word without quotes, `userName eq anna`
 * @DOOR_SCIM_TEXT_BOOLEANS: a boolean may be a text, "True" or "false"
 * @DOOR_SCIM_ITEM_PARTS: a filter may go on behind brackets, `emails[type eq "work"].value eq "x"`
 * @DOOR_SCIM_TEXT_ITEMS: a complex value may be a text, which is its `value`; a single one may be in a list
 * @DOOR_SCIM_EMPTY_TEXTS: an empty text is no value
 * @DOOR_SCIM_DOTTED_NAMES: in a PATCH without path a member may be named as a path is: `name.givenName`
 * @DOOR_SCIM_NEW_ITEMS: a PATCH of items by `[type eq "work"]` makes one where none is
 * @DOOR_SCIM_NO_SCHEMAS: a message may be without `schemas`
 * @DOOR_SCIM_COMPATIBLE: all of these
 *
 * What is taken in beside the RFCs, since a sender writes it.
 */
typedef enum
{
  DOOR_SCIM_STRICT = 0,
  DOOR_SCIM_WORD_VALUES = 1 << 0,
  DOOR_SCIM_TEXT_BOOLEANS = 1 << 1,
  DOOR_SCIM_ITEM_PARTS = 1 << 2,
  DOOR_SCIM_TEXT_ITEMS = 1 << 3,
  DOOR_SCIM_EMPTY_TEXTS = 1 << 4,
  DOOR_SCIM_DOTTED_NAMES = 1 << 5,
  DOOR_SCIM_NEW_ITEMS = 1 << 6,
  DOOR_SCIM_NO_SCHEMAS = 1 << 7,
  DOOR_SCIM_COMPATIBLE = (1 << 8) - 1,
} DoorScimDialect;
