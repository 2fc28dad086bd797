/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-filter.h"

#include <string.h>

#include "door-error.h"
#include "door-json.h"
#include "door-scim-text.h"

typedef struct
{
  const DoorScimResourceType *type;
  DoorScimDialect dialect;
  const DoorScimAttribute *parent; /* within brackets: of which attribute */
  const char *at;
  unsigned int depth;
  unsigned int n_terms;
  GError **error;
} Parser;

static const char *const operators[] = {
  [DOOR_SCIM_EQ] = "eq", [DOOR_SCIM_NE] = "ne", [DOOR_SCIM_CO] = "co",
  [DOOR_SCIM_SW] = "sw", [DOOR_SCIM_EW] = "ew", [DOOR_SCIM_GT] = "gt",
  [DOOR_SCIM_GE] = "ge", [DOOR_SCIM_LT] = "lt", [DOOR_SCIM_LE] = "le",
};

static DoorScimFilter *parse_or (Parser *self);

static void *
fail (Parser *self, const char *reason)
{
  door_error_set (self->error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_FILTER, "filter: %s at \"%.40s\"",
                  reason, self->at);
  return NULL;
}

static void
skip_spaces (Parser *self)
{
  self->at += strspn (self->at, " ");
}

/* A word that stands alone, without case; what follows it is skipped to the next. */
static bool
take_word (Parser *self, const char *word)
{
  size_t length = strlen (word);

  if (g_ascii_strncasecmp (self->at, word, length) != 0 ||
      (self->at[length] != ' ' && self->at[length] != '('))
    return false;
  self->at += length;
  skip_spaces (self);
  return true;
}

static bool
take_char (Parser *self, char c)
{
  skip_spaces (self);
  if (*self->at != c)
    return false;
  self->at++;
  return true;
}

static DoorScimFilter *
new_node (DoorScimFilterKind kind, DoorScimFilter *child)
{
  DoorScimFilter *self = g_new0 (DoorScimFilter, 1);

  self->kind = kind;
  if (child != NULL)
    {
      self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) door_scim_filter_free);
      g_ptr_array_add (self->children, child);
    }
  return self;
}

/**
 * door_scim_filter_free:
 * @self: (transfer full) (nullable): a filter
 */
void
door_scim_filter_free (DoorScimFilter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self->text);
  g_free (self);
}

/* The value ends where its JSON does: a text at its quote, all else at a space or bracket. */
static size_t
measure_literal (const char *at)
{
  size_t length = 1;

  if (*at != '"')
    return strcspn (at, " )]");
  while (at[length] != '\0' && at[length] != '"')
    length += at[length] == '\\' && at[length + 1] != '\0' ? 2 : 1;
  return at[length] == '"' ? length + 1 : 0;
}

/* `userName eq anna`: up to the next space or bracket. */
static bool
take_plain_word (Parser *self, DoorScimFilter *filter)
{
  size_t length = strcspn (self->at, " )]\"");

  if (length == 0 || self->at[length] == '"' || !g_utf8_validate (self->at, (gssize) length, NULL))
    return false;
  filter->literal = DOOR_SCIM_LITERAL_TEXT;
  filter->text = g_strndup (self->at, length);
  self->at += length;
  return true;
}

static bool
take_literal (Parser *self, DoorScimFilter *filter)
{
  size_t length = measure_literal (self->at);
  g_autoptr (GBytes) bytes = g_bytes_new (self->at, length);
  g_autoptr (JsonNode) node =
      length > 0 ? door_json_parse (bytes, 1, NULL) : NULL; /* where is told, and what it may be */

  if (node == NULL && (self->dialect & DOOR_SCIM_WORD_VALUES) != 0 && take_plain_word (self, filter))
    return true;
  if (node == NULL)
    return fail (self, "a text in double quotes, a number, true, false or null is expected") != NULL;
  if (JSON_NODE_HOLDS_NULL (node))
    filter->literal = DOOR_SCIM_LITERAL_NULL;
  else if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      filter->literal = DOOR_SCIM_LITERAL_TEXT;
      filter->text = json_node_dup_string (node);
    }
  else if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    {
      filter->literal = DOOR_SCIM_LITERAL_BOOLEAN;
      filter->boolean = json_node_get_boolean (node);
    }
  else if (JSON_NODE_HOLDS_VALUE (node))
    {
      filter->literal = DOOR_SCIM_LITERAL_NUMBER;
      filter->number = json_node_get_double (node);
    }
  else
    return fail (self, "neither list nor object can be compared") != NULL;
  self->at += length;
  return true;
}

/* "True" of a sender that writes booleans so. */
static void
take_text_boolean (DoorScimFilter *filter)
{
  bool yes = filter->text != NULL && g_ascii_strcasecmp (filter->text, "true") == 0;

  if (filter->literal != DOOR_SCIM_LITERAL_TEXT || (!yes && g_ascii_strcasecmp (filter->text, "false") != 0))
    return;
  filter->literal = DOOR_SCIM_LITERAL_BOOLEAN;
  filter->boolean = yes;
}

static bool
is_order (DoorScimOperator op)
{
  return op >= DOOR_SCIM_GT;
}

static bool
is_equality (DoorScimOperator op)
{
  return op == DOOR_SCIM_EQ || op == DOOR_SCIM_NE;
}

/* "If an operation is not supported for the type, invalidFilter" (RFC 7644 section 3.4.2.2, table 3). */
static bool
fits (DoorScimFilter *filter, DoorScimDataType type)
{
  if (filter->literal == DOOR_SCIM_LITERAL_NULL)
    return is_equality (filter->op);
  switch (type)
    {
    case DOOR_SCIM_BOOLEAN:
      return filter->literal == DOOR_SCIM_LITERAL_BOOLEAN && is_equality (filter->op);
    case DOOR_SCIM_INTEGER:
    case DOOR_SCIM_DECIMAL:
      return filter->literal == DOOR_SCIM_LITERAL_NUMBER &&
             (is_equality (filter->op) || is_order (filter->op));
    case DOOR_SCIM_DATE_TIME:
      return filter->literal == DOOR_SCIM_LITERAL_TEXT &&
             (is_equality (filter->op) || is_order (filter->op)) &&
             door_scim_text_parse_time (filter->text, &filter->time_us);
    case DOOR_SCIM_BINARY:
      return filter->literal == DOOR_SCIM_LITERAL_TEXT && is_equality (filter->op);
    default:
      return filter->literal == DOOR_SCIM_LITERAL_TEXT;
    }
}

static bool
take_operator (Parser *self, DoorScimOperator *op)
{
  for (size_t i = 0; i < G_N_ELEMENTS (operators); i++)
    if (take_word (self, operators[i]))
      {
        *op = (DoorScimOperator) i;
        return true;
      }
  return fail (self, "eq, ne, co, sw, ew, gt, ge, lt, le or pr is expected") != NULL;
}

/* `pr` may be the last word there is. */
static bool
take_present (Parser *self)
{
  if (g_ascii_strncasecmp (self->at, "pr", 2) != 0 || strchr (" )]", self->at[2]) == NULL)
    return false;
  self->at += 2;
  return true;
}

static bool
take_comparison (Parser *self, DoorScimFilter *filter)
{
  const DoorScimAttribute *compared = door_scim_path_get_compared (&filter->path);

  if (take_present (self))
    {
      filter->kind = DOOR_SCIM_FILTER_PRESENT;
      return true;
    }
  if (!take_operator (self, &filter->op) || !take_literal (self, filter))
    return false;
  if (compared == NULL)
    return fail (self, "a complex attribute is compared by one of its parts, before this") != NULL;
  if (compared->type == DOOR_SCIM_BOOLEAN && (self->dialect & DOOR_SCIM_TEXT_BOOLEANS) != 0)
    take_text_boolean (filter);
  return fits (filter, compared->type) ||
         fail (self, "operator and value do not fit the attribute, before this") != NULL;
}

static bool
take_path (Parser *self, DoorScimPath *path)
{
  size_t length = strcspn (self->at, " []()\"");
  g_autoptr (GError) local = NULL;
  bool found = self->parent != NULL
                   ? door_scim_path_resolve_part (self->parent, self->at, length, path, &local)
                   : door_scim_path_resolve (self->type, self->at, length, path, &local);

  if (!found)
    return fail (self, local->message) != NULL;
  if (path->attribute == NULL)
    return fail (self, "a schema has no value to compare") != NULL;
  self->at += length;
  return true;
}

/* `emails[type eq "work"].value eq "x"`: one item is of that type and has that value. */
static DoorScimFilter *
join_part (Parser *self, const DoorScimFilter *items, DoorScimFilter *child)
{
  g_autoptr (DoorScimFilter) joined = new_node (DOOR_SCIM_FILTER_AND, child);
  DoorScimFilter *part = new_node (DOOR_SCIM_FILTER_COMPARE, NULL);
  bool good;

  g_ptr_array_add (joined->children, part);
  self->at++;
  self->parent = items->path.attribute;
  good =
      take_path (self, &part->path) && (*self->at == ' ' || fail (self, "an operator is expected") != NULL);
  self->parent = NULL;
  if (!good)
    return NULL;
  skip_spaces (self);
  return take_comparison (self, part) ? g_steal_pointer (&joined) : NULL;
}

static bool
take_items (Parser *self, DoorScimFilter *filter)
{
  DoorScimFilter *child;

  if (filter->path.sub != NULL || filter->path.attribute->type != DOOR_SCIM_COMPLEX)
    return fail (self, "brackets are for items of a complex attribute") != NULL;
  self->at++;
  skip_spaces (self);
  self->parent = filter->path.attribute;
  child = parse_or (self);
  self->parent = NULL;
  if (child == NULL)
    return false;
  if (!take_char (self, ']'))
    {
      door_scim_filter_free (child);
      return fail (self, "] is expected") != NULL;
    }
  if (*self->at == '.' && (self->dialect & DOOR_SCIM_ITEM_PARTS) != 0)
    child = join_part (self, filter, child);
  if (child == NULL)
    return false;
  filter->kind = DOOR_SCIM_FILTER_ITEM;
  filter->children = g_ptr_array_new_with_free_func ((GDestroyNotify) door_scim_filter_free);
  g_ptr_array_add (filter->children, child);
  return true;
}

static DoorScimFilter *
parse_attribute (Parser *self)
{
  g_autoptr (DoorScimFilter) filter = new_node (DOOR_SCIM_FILTER_COMPARE, NULL);

  if (++self->n_terms > DOOR_SCIM_MAX_FILTER_TERMS)
    return fail (self, "too many comparisons");
  if (!take_path (self, &filter->path))
    return NULL;
  if (*self->at == '[' && self->parent == NULL)
    return take_items (self, filter) ? g_steal_pointer (&filter) : NULL;
  if (*self->at != ' ')
    return fail (self, "an operator is expected");
  skip_spaces (self);
  return take_comparison (self, filter) ? g_steal_pointer (&filter) : NULL;
}

static DoorScimFilter *
parse_parentheses (Parser *self)
{
  g_autoptr (DoorScimFilter) filter = NULL;

  self->at++;
  skip_spaces (self);
  if (++self->depth > DOOR_SCIM_MAX_FILTER_DEPTH)
    return fail (self, "too deep");
  filter = parse_or (self);
  self->depth--;
  if (filter != NULL && !take_char (self, ')'))
    return fail (self, ") is expected");
  return g_steal_pointer (&filter);
}

static DoorScimFilter *
parse_term (Parser *self)
{
  const char *from = self->at;
  DoorScimFilter *filter;

  if (take_word (self, "not"))
    {
      if (*self->at != '(')
        {
          self->at = from;
          return fail (self, "not is followed by parentheses");
        }
      filter = parse_parentheses (self);
      return filter != NULL ? new_node (DOOR_SCIM_FILTER_NOT, filter) : NULL;
    }
  return *self->at == '(' ? parse_parentheses (self) : parse_attribute (self);
}

/* One or more of the next level, joined by one word; one alone stays itself. */
static DoorScimFilter *
parse_joined (Parser *self, const char *word, DoorScimFilterKind kind, DoorScimFilter *(*next) (Parser *) )
{
  g_autoptr (DoorScimFilter) filter = next (self);

  while (filter != NULL)
    {
      const char *end = self->at;
      DoorScimFilter *more;

      skip_spaces (self);
      if (self->at == end || !take_word (self, word))
        {
          self->at = end;
          return g_steal_pointer (&filter);
        }
      more = next (self);
      if (more == NULL)
        return NULL;
      if (filter->kind != kind || filter->children == NULL)
        filter = new_node (kind, g_steal_pointer (&filter));
      g_ptr_array_add (filter->children, more);
    }
  return NULL;
}

static DoorScimFilter *
parse_and (Parser *self)
{
  return parse_joined (self, "and", DOOR_SCIM_FILTER_AND, parse_term);
}

static DoorScimFilter *
parse_or (Parser *self)
{
  return parse_joined (self, "or", DOOR_SCIM_FILTER_OR, parse_and);
}

static DoorScimFilter *
parse_all (Parser *self, const char *text)
{
  g_autoptr (DoorScimFilter) filter = NULL;

  if (strlen (text) > DOOR_SCIM_MAX_FILTER_BYTES)
    {
      self->at = "";
      return fail (self, "longer than 8 KiB");
    }
  skip_spaces (self);
  filter = parse_or (self);
  if (filter == NULL)
    return NULL;
  skip_spaces (self);
  return *self->at == '\0' ? g_steal_pointer (&filter) : fail (self, "the filter should end");
}

/**
 * door_scim_filter_parse:
 * @type: the kind of resource that is looked for
 * @dialect: what is taken beside the RFC
 * @text: a filter
 * @error: return location for an error
 *
 * Parses a filter (RFC 7644 section 3.4.2.2) of at most %DOOR_SCIM_MAX_FILTER_BYTES, in which at most
 * %DOOR_SCIM_MAX_FILTER_TERMS comparisons stand, at most %DOOR_SCIM_MAX_FILTER_DEPTH deep. What names no
 * attribute, or compares one by what it cannot be, is refused: an empty answer would say that there is no
 * such resource. Pure; never blocks.
 *
 * Returns: (transfer full): the filter, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_FILTER
 */
DoorScimFilter *
door_scim_filter_parse (const DoorScimResourceType *type, DoorScimDialect dialect, const char *text,
                        GError **error)
{
  Parser parser = { .type = type, .dialect = dialect, .at = text, .error = error };

  return parse_all (&parser, text);
}

/**
 * door_scim_filter_parse_items:
 * @parent: a complex attribute
 * @dialect: what is taken beside the RFC
 * @text: what stands in the brackets of a value path (RFC 7644 section 3.5.2)
 * @length: its bytes
 * @error: return location for an error
 *
 * The same within brackets: its paths are parts of @parent, and it is matched with an item. Pure; never
 * blocks.
 *
 * Returns: (transfer full): the filter, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_FILTER
 */
DoorScimFilter *
door_scim_filter_parse_items (const DoorScimAttribute *parent, DoorScimDialect dialect, const char *text,
                              size_t length, GError **error)
{
  g_autofree char *copy = g_strndup (text, length);
  Parser parser = { .parent = parent, .dialect = dialect, .at = copy, .error = error };

  return parse_all (&parser, copy);
}
