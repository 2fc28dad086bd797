/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/**
 * DoorHtmlPlace:
 * @DOOR_HTML_TEXT: between tags
 * @DOOR_HTML_ATTRIBUTE: in a quoted attribute
 * @DOOR_HTML_URL: the whole of an attribute that holds an address
 * @DOOR_HTML_URL_PART: behind a constant beginning of an address
 * @DOOR_HTML_URL_PHONE: behind "tel:"
 *
 * Where in a page a value stands, which decides how it is escaped.
 */
typedef enum
{
  DOOR_HTML_TEXT,
  DOOR_HTML_ATTRIBUTE,
  DOOR_HTML_URL,
  DOOR_HTML_URL_PART,
  DOOR_HTML_URL_PHONE,
} DoorHtmlPlace;

typedef enum
{
  DOOR_HTML_IN_TEXT,
  DOOR_HTML_AFTER_LESS_THAN,
  DOOR_HTML_IN_DECLARATION,
  DOOR_HTML_IN_TAG_NAME,
  DOOR_HTML_IN_TAG,
  DOOR_HTML_IN_ATTRIBUTE_NAME,
  DOOR_HTML_AFTER_EQUALS,
  DOOR_HTML_IN_VALUE,
} DoorHtmlState;

/* A position in a template. A plain value: a copy is a snapshot. */
typedef struct
{
  DoorHtmlState state;
  char tag[16];
  bool closing;
  char attribute[24];
  char quote;
  char value[64]; /* constant beginning of the attribute's value, cut when longer */
  size_t value_length;
  bool value_has_variable;
  bool value_is_closed; /* nothing may follow in this value */
  bool has_alt;
  bool has_lang;
  bool has_title;
  bool has_sandbox;
  const char *problem; /* what is wrong, NULL while nothing is */
} DoorHtmlContext;

bool door_html_context_feed (DoorHtmlContext *self, const char *text, size_t length);
bool door_html_context_add_variable (DoorHtmlContext *self, DoorHtmlPlace *place);
bool door_html_context_is_same_place (const DoorHtmlContext *a, const DoorHtmlContext *b);
