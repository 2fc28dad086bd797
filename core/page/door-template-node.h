/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "door-html-context.h"

typedef enum
{
  DOOR_TEMPLATE_LITERAL,
  DOOR_TEMPLATE_VARIABLE,
  DOOR_TEMPLATE_MESSAGE,
  DOOR_TEMPLATE_MESSAGE_VARIABLE,
  DOOR_TEMPLATE_SECTION,
  DOOR_TEMPLATE_INVERTED,
} DoorTemplateNodeKind;

/* What the compiler makes and the renderer walks. */
typedef struct
{
  DoorTemplateNodeKind kind;
  DoorHtmlPlace place;
  char *text;           /* constant HTML, name, or text to translate */
  GPtrArray *arguments; /* names, of a message; else NULL */
  GPtrArray *children;  /* nodes, of a section; else NULL */
} DoorTemplateNode;

struct _DoorTemplate
{
  char *name;
  GPtrArray *nodes;
};
