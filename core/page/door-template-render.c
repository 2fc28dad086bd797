/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "door-error.h"
#include "door-html-escape.h"
#include "door-template-node.h"
#include "door-template.h"

typedef struct
{
  const DoorTemplate *template;
  GString *out;
  GVariant *scopes[DOOR_TEMPLATE_MAX_DEPTH + 1];
  size_t n_scopes;
  DoorTemplateTranslate translate;
  gpointer user_data;
  GError **error;
} Renderer;

static bool render_nodes (Renderer *self, GPtrArray *nodes);

static bool
fail (Renderer *self, const char *name, const char *problem)
{
  door_error_set (self->error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "template %s: %s %s",
                  self->template->name, name, problem);
  return false;
}

/* The innermost dict that has the name. */
static GVariant *
lookup (Renderer *self, const char *name)
{
  for (size_t i = self->n_scopes; i > 0; i--)
    {
      GVariant *scope = self->scopes[i - 1], *value = NULL;

      if (strcmp (name, ".") == 0)
        return g_variant_ref (scope);
      if (g_variant_is_of_type (scope, G_VARIANT_TYPE_VARDICT))
        value = g_variant_lookup_value (scope, name, NULL);
      if (value != NULL)
        return value;
    }
  return NULL;
}

static char *
dup_text (Renderer *self, const char *name)
{
  g_autoptr (GVariant) value = lookup (self, name);

  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return g_strdup_printf ("%" G_GINT64_FORMAT, g_variant_get_int64 (value));
  fail (self, name, value == NULL ? "is missing" : "is neither text nor integer");
  return NULL;
}

/* One directive of a translated text: `%s` is the next value, `%2$s` the second; the rest stands for
 * itself, because a wrong translation must not break a page. */
static const char *
append_directive (GString *out, const char *at, GPtrArray *values, size_t *next)
{
  const char *rest = at + 1;
  size_t index = *next;

  if (*rest == '%')
    {
      g_string_append_c (out, '%');
      return rest + 1;
    }
  if (*rest >= '1' && *rest <= '9' && rest[1] == '$')
    {
      index = (size_t) (*rest - '1');
      rest += 2;
    }
  if (*rest != 's')
    {
      g_string_append_c (out, '%');
      return at + 1;
    }
  if (index < values->len)
    g_string_append (out, g_ptr_array_index (values, index));
  *next = index + 1;
  return rest + 1;
}

static char *
format_message (const char *format, GPtrArray *values)
{
  g_autoptr (GString) out = g_string_new (NULL);
  size_t next = 0;

  for (const char *at = format; *at != '\0';)
    if (*at == '%')
      at = append_directive (out, at, values, &next);
    else
      g_string_append_c (out, *at++);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static const char *
translate (Renderer *self, const char *text)
{
  return self->translate != NULL ? self->translate (text, self->user_data) : text;
}

static bool
render_message (Renderer *self, const DoorTemplateNode *node)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  for (size_t i = 0; i < node->arguments->len; i++)
    {
      char *value = dup_text (self, g_ptr_array_index (node->arguments, i));

      if (value == NULL)
        return false;
      g_ptr_array_add (values, value);
    }
  text = format_message (translate (self, node->text), values);
  door_html_append_escaped (self->out, text, node->place);
  return true;
}

static bool
render_variable (Renderer *self, const DoorTemplateNode *node)
{
  g_autofree char *text = dup_text (self, node->text);

  if (text == NULL)
    return false;
  door_html_append_escaped (
      self->out, node->kind == DOOR_TEMPLATE_MESSAGE_VARIABLE ? translate (self, text) : text, node->place);
  return true;
}

static bool
render_in_scope (Renderer *self, GPtrArray *nodes, GVariant *scope)
{
  bool good;

  self->scopes[self->n_scopes++] = scope;
  good = render_nodes (self, nodes);
  self->n_scopes--;
  return good;
}

static bool
render_items (Renderer *self, const DoorTemplateNode *node, GVariant *list)
{
  for (size_t i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      g_autoptr (GVariant) item = g_variant_is_of_type (child, G_VARIANT_TYPE_VARIANT)
                                      ? g_variant_get_variant (child)
                                      : g_variant_ref (child);

      if (!render_in_scope (self, node->children, item))
        return false;
    }
  return true;
}

static bool
is_true (GVariant *value)
{
  if (value == NULL)
    return false;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_variant_get_boolean (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_get_string (value, NULL)[0] != '\0';
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return true;
  return !g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY) || g_variant_n_children (value) > 0;
}

static bool
render_section (Renderer *self, const DoorTemplateNode *node)
{
  g_autoptr (GVariant) value = lookup (self, node->text);

  if (node->kind == DOOR_TEMPLATE_INVERTED)
    return is_true (value) || render_nodes (self, node->children);
  if (!is_true (value))
    return true;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return render_in_scope (self, node->children, value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_ARRAY))
    return render_items (self, node, value);
  return render_nodes (self, node->children);
}

static bool
render_node (Renderer *self, const DoorTemplateNode *node)
{
  switch (node->kind)
    {
    case DOOR_TEMPLATE_LITERAL:
      g_string_append (self->out, node->text);
      return true;
    case DOOR_TEMPLATE_VARIABLE:
    case DOOR_TEMPLATE_MESSAGE_VARIABLE:
      return render_variable (self, node);
    case DOOR_TEMPLATE_MESSAGE:
      return render_message (self, node);
    case DOOR_TEMPLATE_SECTION:
    case DOOR_TEMPLATE_INVERTED:
      return render_section (self, node);
    }
  return fail (self, node->text, "is of an unknown kind");
}

/* The compiler has bounded the depth. */
static bool
render_nodes (Renderer *self, GPtrArray *nodes)
{
  for (size_t i = 0; i < nodes->len; i++)
    {
      if (!render_node (self, g_ptr_array_index (nodes, i)))
        return false;
      if (self->out->len > DOOR_TEMPLATE_MAX_OUTPUT)
        return fail (self, "output", "is too large");
    }
  return true;
}

/**
 * door_template_render:
 * @self: a template
 * @data: (transfer none): the values, `a{sv}` with `s`, `x`, `b`, `a{sv}`, `as`, `aa{sv}` or `av`; a
 *   floating reference is not consumed
 * @translate_func: (nullable) (scope call): gives the translation of a text; %NULL to leave all as they are
 * @user_data: for @translate_func
 * @error: return location for an error
 *
 * Writes the page. A variable that is missing is an error and not an empty hole; what may be absent
 * stands in a section. Pure apart from @translate_func; any thread.
 *
 * Returns: (transfer full): UTF-8 HTML of at most about %DOOR_TEMPLATE_MAX_OUTPUT bytes, or %NULL with
 *   %DOOR_ERROR_FAILED
 */
GBytes *
door_template_render (const DoorTemplate *self, GVariant *data, DoorTemplateTranslate translate_func,
                      gpointer user_data, GError **error)
{
  g_autoptr (GString) out = g_string_sized_new (4096);
  Renderer renderer = {
    .template = self,
    .out = out,
    .scopes = { data },
    .n_scopes = 1,
    .translate = translate_func,
    .user_data = user_data,
    .error = error,
  };

  if (!g_variant_is_of_type (data, G_VARIANT_TYPE_VARDICT))
    {
      fail (&renderer, "data", "is not a dict");
      return NULL;
    }
  return render_nodes (&renderer, self->nodes) ? g_string_free_to_bytes (g_steal_pointer (&out)) : NULL;
}
