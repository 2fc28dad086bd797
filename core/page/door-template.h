/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

#define DOOR_TEMPLATE_MAX_SOURCE (64 * 1024)
#define DOOR_TEMPLATE_MAX_OUTPUT (256 * 1024)
#define DOOR_TEMPLATE_MAX_DEPTH 16

/**
 * DoorTemplate:
 *
 * A compiled page template, immutable. The language is a part of Mustache:
 *
 * - `{{name}}` a string or integer, always escaped for the place where it stands; missing is an error
 * - `{{#name}}…{{/name}}` once for true, a text or a dict (whose keys are seen inside), once for each
 *   item of a list; not at all for false, "", an empty list and a missing name
 * - `{{^name}}…{{/name}}` exactly when `{{#name}}` would give nothing
 * - `{{.}}` the item of a list of strings
 * - `{{> name}}` another template
 * - `{{! comment}}`
 * - `{{_("text")}}` the translation of a text; `{{_("by %s", name)}}` with values for `%s` or `%1$s`
 * - `{{_(name)}}` the translation of the text that name holds
 *
 * There is no way to write a value unescaped.
 */
typedef struct _DoorTemplate DoorTemplate;

/**
 * DoorTemplateLoader:
 * @name: name of a partial
 * @user_data: as given
 *
 * Returns: (transfer full) (nullable): its source, %NULL when there is none of that name
 */
typedef GBytes *(*DoorTemplateLoader) (const char *name, gpointer user_data);

/**
 * DoorTemplateTranslate:
 * @text: a text of a template
 * @user_data: as given
 *
 * Returns: (transfer none): its translation, @text itself when there is none
 */
typedef const char *(*DoorTemplateTranslate) (const char *text, gpointer user_data);

DoorTemplate *door_template_compile (const char *name, GBytes *source, DoorTemplateLoader loader,
                                     gpointer user_data, GError **error);
void door_template_free (DoorTemplate *self);
GBytes *door_template_render (const DoorTemplate *self, GVariant *data, DoorTemplateTranslate translate_func,
                              gpointer user_data, GError **error);
void door_template_add_messages (const DoorTemplate *self, GHashTable *messages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorTemplate, door_template_free)
