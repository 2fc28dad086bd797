/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-template.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"
#include "door-template-node.h"

#define MAX_NODES 4096
#define MAX_NAME 31
#define MAX_ARGUMENTS 4

/* One template on its way; a partial has a parent. */
typedef struct
{
  const char *name;
  const char *start;
  const char *at;
  const char *end;
  int depth;
  size_t *n_nodes;
  DoorHtmlContext *html;
  DoorTemplateLoader loader;
  gpointer user_data;
  GError **error;
} Compiler;

static bool compile_nodes (Compiler *self, GPtrArray *nodes, const char *section);

static void
node_free (gpointer data)
{
  DoorTemplateNode *self = data;

  g_free (self->text);
  g_clear_pointer (&self->arguments, g_ptr_array_unref);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

static bool
fail (Compiler *self, const char *problem)
{
  int line = 1;

  for (const char *at = self->start; at < self->at; at++)
    line += *at == '\n';
  /* a partial that failed has said so already */
  if (self->error == NULL || *self->error == NULL)
    door_error_set (self->error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CFG_VALUE, "%s:%d: %s", self->name, line,
                    problem);
  return false;
}

static DoorTemplateNode *
add_node (Compiler *self, GPtrArray *nodes, DoorTemplateNodeKind kind, const char *text, size_t length)
{
  DoorTemplateNode *node = NULL;

  if (++*self->n_nodes > MAX_NODES)
    {
      fail (self, "too many parts");
      return NULL;
    }
  node = g_new0 (DoorTemplateNode, 1);
  node->kind = kind;
  node->text = g_strndup (text, length);
  g_ptr_array_add (nodes, node);
  return node;
}

static bool
add_literal (Compiler *self, GPtrArray *nodes, const char *text, size_t length)
{
  if (length == 0)
    return true;
  /* one by one, so that an error names the right line */
  for (size_t i = 0; i < length; i++)
    if (!door_html_context_feed (self->html, text + i, 1))
      {
        self->at = text + i;
        return fail (self, self->html->problem);
      }
  return add_node (self, nodes, DOOR_TEMPLATE_LITERAL, text, length) != NULL;
}

static void
skip_space (Compiler *self)
{
  while (self->at < self->end && strchr (" \t\r\n", *self->at) != NULL)
    self->at++;
}

static bool
accept (Compiler *self, const char *token)
{
  size_t length = strlen (token);

  if ((size_t) (self->end - self->at) < length || memcmp (self->at, token, length) != 0)
    return false;
  self->at += length;
  return true;
}

static char *
read_name (Compiler *self)
{
  const char *start = NULL;

  skip_space (self);
  start = self->at;
  if (accept (self, "."))
    return g_strdup (".");
  while (self->at < self->end && (g_ascii_islower (*self->at) ||
                                  (self->at > start && (g_ascii_isdigit (*self->at) || *self->at == '_'))))
    self->at++;
  if (self->at == start || self->at - start > MAX_NAME)
    return NULL;
  return g_strndup (start, (size_t) (self->at - start));
}

static bool
read_end (Compiler *self)
{
  skip_space (self);
  return accept (self, "}}") || fail (self, "malformed tag");
}

/* A string in double quotes; \" and \\ are its only escapes. */
static char *
read_string (Compiler *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (; self->at < self->end && *self->at != '"'; self->at++)
    {
      if (*self->at == '\\' && (++self->at == self->end || (*self->at != '"' && *self->at != '\\')))
        return NULL;
      if (*self->at == '\n')
        return NULL;
      g_string_append_c (text, *self->at);
    }
  if (!accept (self, "\"") || text->len == 0)
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static bool
read_arguments (Compiler *self, DoorTemplateNode *node)
{
  node->arguments = g_ptr_array_new_with_free_func (g_free);
  for (skip_space (self); accept (self, ","); skip_space (self))
    {
      char *name = read_name (self);

      if (name == NULL || node->arguments->len >= MAX_ARGUMENTS)
        {
          g_free (name);
          return fail (self, "malformed or too many values of a text");
        }
      g_ptr_array_add (node->arguments, name);
    }
  return true;
}

/* Behind `_(`: a text with its values, or a name. */
static bool
compile_message (Compiler *self, GPtrArray *nodes)
{
  DoorTemplateNode *node = NULL;
  g_autofree char *text = NULL;
  DoorHtmlPlace place;
  bool constant;

  skip_space (self);
  constant = accept (self, "\"");
  text = constant ? read_string (self) : read_name (self);
  if (text == NULL)
    return fail (self, "malformed text to translate");
  if (!door_html_context_add_variable (self->html, &place))
    return fail (self, self->html->problem);
  if (place != DOOR_HTML_TEXT && place != DOOR_HTML_ATTRIBUTE)
    return fail (self, "translation inside an address");
  node = add_node (self, nodes, constant ? DOOR_TEMPLATE_MESSAGE : DOOR_TEMPLATE_MESSAGE_VARIABLE, text,
                   strlen (text));
  if (node == NULL || (constant && !read_arguments (self, node)))
    return false;
  node->place = place;
  skip_space (self);
  if (!accept (self, ")"))
    return fail (self, "malformed text to translate");
  return read_end (self);
}

static bool
compile_variable (Compiler *self, GPtrArray *nodes)
{
  g_autofree char *name = read_name (self);
  DoorTemplateNode *node = NULL;
  DoorHtmlPlace place;

  if (name == NULL)
    return fail (self, "malformed name");
  if (!door_html_context_add_variable (self->html, &place))
    return fail (self, self->html->problem);
  node = add_node (self, nodes, DOOR_TEMPLATE_VARIABLE, name, strlen (name));
  if (node == NULL)
    return false;
  node->place = place;
  return read_end (self);
}

static bool
compile_section (Compiler *self, GPtrArray *nodes, DoorTemplateNodeKind kind)
{
  g_autofree char *name = read_name (self);
  const DoorHtmlContext before = *self->html;
  DoorTemplateNode *node = NULL;

  if (name == NULL || strcmp (name, ".") == 0)
    return fail (self, "malformed name");
  if (!read_end (self))
    return false;
  if (self->depth >= DOOR_TEMPLATE_MAX_DEPTH)
    return fail (self, "nested too deeply");
  node = add_node (self, nodes, kind, name, strlen (name));
  if (node == NULL)
    return false;
  node->children = g_ptr_array_new_with_free_func (node_free);
  self->depth++;
  if (!compile_nodes (self, node->children, name))
    return false;
  self->depth--;
  if (!door_html_context_is_same_place (&before, self->html))
    return fail (self, "section that does not end where it began in the HTML");
  /* what only the section has, a page may lack */
  *self->html = before;
  return true;
}

static bool
compile_partial (Compiler *self, GPtrArray *nodes)
{
  g_autofree char *name = read_name (self);
  g_autoptr (GBytes) source = NULL;
  DoorHtmlContext html = { .state = DOOR_HTML_IN_TEXT };
  Compiler inner = *self;
  size_t size = 0;

  if (name == NULL || !read_end (self))
    return fail (self, "malformed name of a partial");
  if (self->html->state != DOOR_HTML_IN_TEXT)
    return fail (self, "partial outside of text");
  /* counted like a part, or partials that name each other many times would never end */
  if (self->depth >= DOOR_TEMPLATE_MAX_DEPTH || ++*self->n_nodes > MAX_NODES)
    return fail (self, "nested too deeply or too many parts");
  source = self->loader != NULL ? self->loader (name, self->user_data) : NULL;
  if (source == NULL || g_bytes_get_size (source) > DOOR_TEMPLATE_MAX_SOURCE)
    return fail (self, "no such partial");

  inner.name = name;
  inner.start = g_bytes_get_data (source, &size);
  inner.at = inner.start;
  inner.end = inner.start + size;
  inner.depth++;
  inner.html = &html;
  return compile_nodes (&inner, nodes, NULL) || fail (self, "partial that does not compile");
}

static bool
compile_comment (Compiler *self)
{
  const char *close = memmem (self->at, (size_t) (self->end - self->at), "}}", 2);

  if (close == NULL)
    return fail (self, "comment without end");
  self->at = close + 2;
  return true;
}

static bool
compile_end (Compiler *self, const char *section)
{
  g_autofree char *name = read_name (self);

  if (section == NULL || name == NULL || strcmp (name, section) != 0)
    return fail (self, "end of a section that is not open");
  return read_end (self);
}

/* Behind `{{`. */
static bool
compile_tag (Compiler *self, GPtrArray *nodes)
{
  if (accept (self, "!"))
    return compile_comment (self);
  if (accept (self, "#"))
    return compile_section (self, nodes, DOOR_TEMPLATE_SECTION);
  if (accept (self, "^"))
    return compile_section (self, nodes, DOOR_TEMPLATE_INVERTED);
  if (accept (self, ">"))
    return compile_partial (self, nodes);
  if (accept (self, "_("))
    return compile_message (self, nodes);
  if (accept (self, "{") || accept (self, "&"))
    return fail (self, "values are never written unescaped");
  return compile_variable (self, nodes);
}

/* Up to the end of the section of that name, or of the template. */
static bool
compile_nodes (Compiler *self, GPtrArray *nodes, const char *section)
{
  while (self->at < self->end)
    {
      const char *tag = memmem (self->at, (size_t) (self->end - self->at), "{{", 2);
      const char *literal = self->at;

      self->at = tag != NULL ? tag : self->end;
      if (!add_literal (self, nodes, literal, (size_t) (self->at - literal)))
        return false;
      if (tag == NULL)
        break;
      self->at += 2;
      if (accept (self, "/"))
        return compile_end (self, section);
      if (!compile_tag (self, nodes))
        return false;
    }
  if (section != NULL)
    return fail (self, "section without end");
  if (self->html->state != DOOR_HTML_IN_TEXT)
    return fail (self, "the text ends inside a tag");
  return true;
}

/**
 * door_template_compile:
 * @name: name of the template, for errors
 * @source: its text, UTF-8, at most %DOOR_TEMPLATE_MAX_SOURCE bytes
 * @loader: (nullable) (scope call): gives the source of a partial
 * @user_data: for @loader
 * @error: return location for an error
 *
 * Compiles a template and checks its HTML on the way: the compiler knows at every variable where in the
 * page it stands and refuses places where no escaping helps (tag and attribute names, attributes without
 * quotes, the scheme or host of an address), inline scripts and styles, event handlers, comments, images
 * without `alt` and `html` without `lang`. Sections must end where they began in the HTML. Pure apart
 * from @loader; any thread.
 *
 * Returns: (transfer full): the template, or %NULL with %DOOR_ERROR_INVALID_DATA and name, line and
 *   problem in the text
 */
DoorTemplate *
door_template_compile (const char *name, GBytes *source, DoorTemplateLoader loader, gpointer user_data,
                       GError **error)
{
  g_autoptr (DoorTemplate) self = g_new0 (DoorTemplate, 1);
  g_autoptr (GError) local = NULL;
  DoorHtmlContext html = { .state = DOOR_HTML_IN_TEXT };
  size_t n_nodes = 0, size = 0;
  const char *text = g_bytes_get_data (source, &size);
  Compiler compiler = {
    .name = name,
    .start = text,
    .at = text,
    .end = text + size,
    .n_nodes = &n_nodes,
    .html = &html,
    .loader = loader,
    .user_data = user_data,
    .error = &local,
  };

  self->name = g_strdup (name);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  if (size > DOOR_TEMPLATE_MAX_SOURCE || !g_utf8_validate_len (text, size, NULL))
    fail (&compiler, "too large or not UTF-8");
  else if (compile_nodes (&compiler, self->nodes, NULL))
    return g_steal_pointer (&self);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/**
 * door_template_free:
 * @self: (transfer full): a template
 *
 * Frees it.
 */
void
door_template_free (DoorTemplate *self)
{
  g_free (self->name);
  g_clear_pointer (&self->nodes, g_ptr_array_unref);
  g_free (self);
}

static void
add_messages (GPtrArray *nodes, GHashTable *messages)
{
  for (size_t i = 0; i < nodes->len; i++)
    {
      const DoorTemplateNode *node = g_ptr_array_index (nodes, i);

      if (node->kind == DOOR_TEMPLATE_MESSAGE)
        g_hash_table_add (messages, g_strdup (node->text));
      if (node->children != NULL)
        add_messages (node->children, messages);
    }
}

/**
 * door_template_add_messages:
 * @self: a template
 * @messages: (element-type utf8 utf8): a set that owns its keys
 *
 * Adds every text that needs a translation, those of partials too.
 */
void
door_template_add_messages (const DoorTemplate *self, GHashTable *messages)
{
  add_messages (self->nodes, messages);
}
