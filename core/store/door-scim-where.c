/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Statements are put together here and in door-scim-query.c alone, from the fragments of these files. What a
 * sender wrote is only ever bound. A filter becomes a condition that holds exactly where
 * door_scim_filter_matches() does; where a part of it names few resources an index finds those first, and the
 * condition is asked of them alone. */
#include "door-scim-where.h"

#include <string.h>

#include "door-scim-key.h"

#define MS_US 1000

/* Of what a condition is asked: of a resource, or of an item of its attribute. */
typedef struct
{
  const char *id;             /* an expression: the resource */
  const char *item;           /* (nullable): the alias of the item */
  const DoorScimPath *parent; /* (nullable): the attribute that it is one of */
} Subject;

/**
 * door_scim_sql_init:
 * @self: a statement to be
 * @scope: (transfer none): where it looks
 */
void
door_scim_sql_init (DoorScimSql *self, const DoorScimScope *scope)
{
  *self = (DoorScimSql){ .scope = scope, .text = g_string_new (NULL) };
  g_variant_builder_init (&self->params, G_VARIANT_TYPE_VARDICT);
}

/**
 * door_scim_sql_clear:
 * @self: a statement
 */
void
door_scim_sql_clear (DoorScimSql *self)
{
  g_string_free (self->text, TRUE);
  g_variant_builder_clear (&self->params);
}

/**
 * door_scim_sql_put:
 * @self: a statement
 * @fragment: what is written behind it; a constant of the caller
 */
void
door_scim_sql_put (DoorScimSql *self, const char *fragment)
{
  g_string_append (self->text, fragment);
}

static void
put_value (DoorScimSql *self, GVariant *value)
{
  char name[16];

  g_snprintf (name, sizeof name, "p%u", self->n++);
  g_variant_builder_add (&self->params, "{sv}", name, value);
  g_string_append_printf (self->text, ":%s", name);
}

/**
 * door_scim_sql_put_text:
 * @self: a statement
 * @text: a value that is bound
 */
void
door_scim_sql_put_text (DoorScimSql *self, const char *text)
{
  put_value (self, g_variant_new_string (text));
}

/**
 * door_scim_sql_put_int:
 * @self: a statement
 * @value: a value that is bound
 */
void
door_scim_sql_put_int (DoorScimSql *self, int64_t value)
{
  put_value (self, g_variant_new_int64 (value));
}

/**
 * door_scim_sql_put_scope:
 * @self: a statement
 * @alias: of a table with the columns directory and kind
 */
void
door_scim_sql_put_scope (DoorScimSql *self, const char *alias)
{
  g_string_append_printf (self->text, "%s.directory = ", alias);
  door_scim_sql_put_text (self, self->scope->directory);
  g_string_append_printf (self->text, " AND %s.kind = ", alias);
  door_scim_sql_put_text (self, self->scope->type->name);
}

static const char *
get_operator (DoorScimOperator op)
{
  switch (op)
    {
    case DOOR_SCIM_GT:
      return " > ";
    case DOOR_SCIM_GE:
      return " >= ";
    case DOOR_SCIM_LT:
      return " < ";
    case DOOR_SCIM_LE:
      return " <= ";
    default:
      return " = ";
    }
}

/* The first bytes of a text as a number; %NULL where there is no such. */
static void
put_range (DoorScimSql *self, const char *rank, const char *prefix)
{
  g_autofree char *last = g_strnfill (8, '\xff');

  if (rank == NULL)
    return;
  memcpy (last, prefix, MIN (strlen (prefix), 8));
  g_string_append_printf (self->text, "%s BETWEEN ", rank);
  door_scim_sql_put_int (self, door_scim_key_get_rank (prefix));
  door_scim_sql_put (self, " AND ");
  door_scim_sql_put_int (self, door_scim_key_get_rank (last));
  door_scim_sql_put (self, " AND ");
}

static void
put_beginning (DoorScimSql *self, const char *value, const char *rank, const char *text)
{
  put_range (self, rank, text);
  g_string_append_printf (self->text, "substr(%s, 1, CAST(", value);
  door_scim_sql_put_int (self, g_utf8_strlen (text, -1));
  door_scim_sql_put (self, " AS INTEGER)) = ");
  door_scim_sql_put_text (self, text);
}

static void
put_ending (DoorScimSql *self, const char *value, const char *text)
{
  g_string_append_printf (self->text, "length(%s) >= ", value);
  door_scim_sql_put_int (self, g_utf8_strlen (text, -1));
  g_string_append_printf (self->text, " AND substr(%s, CAST(length(%s) - ", value, value);
  door_scim_sql_put_int (self, g_utf8_strlen (text, -1));
  door_scim_sql_put (self, " + 1 AS INTEGER)) = ");
  door_scim_sql_put_text (self, text);
}

static void
put_order (DoorScimSql *self, const char *value, const char *rank, DoorScimOperator op, const char *text)
{
  bool strict = op == DOOR_SCIM_GT || op == DOOR_SCIM_LT;

  if (rank != NULL)
    {
      g_string_append_printf (self->text, "(%s%s", rank,
                              strict               ? get_operator (op)
                              : op == DOOR_SCIM_GE ? " > "
                                                   : " < ");
      door_scim_sql_put_int (self, door_scim_key_get_rank (text));
      g_string_append_printf (self->text, " OR (%s = ", rank);
      door_scim_sql_put_int (self, door_scim_key_get_rank (text));
      door_scim_sql_put (self, " AND ");
    }
  g_string_append_printf (self->text, "%s%s", value, get_operator (op));
  door_scim_sql_put_text (self, text);
  door_scim_sql_put (self, rank != NULL ? "))" : "");
}

static void
put_comparison (DoorScimSql *self, const char *value, const char *rank, DoorScimOperator op, const char *text)
{
  if (*text == '\0' && (op == DOOR_SCIM_CO || op == DOOR_SCIM_SW || op == DOOR_SCIM_EW))
    door_scim_sql_put (self, "1 = 1");
  else if (op == DOOR_SCIM_CO)
    {
      g_string_append_printf (self->text, "replace(%s, ", value);
      door_scim_sql_put_text (self, text);
      g_string_append_printf (self->text, ", '') <> %s", value);
    }
  else if (op == DOOR_SCIM_SW)
    put_beginning (self, value, rank, text);
  else if (op == DOOR_SCIM_EW)
    put_ending (self, value, text);
  else if (op != DOOR_SCIM_EQ && op != DOOR_SCIM_NE)
    put_order (self, value, rank, op, text);
  else
    {
      if (rank != NULL)
        {
          g_string_append_printf (self->text, "%s = ", rank);
          door_scim_sql_put_int (self, door_scim_key_get_rank (text));
          door_scim_sql_put (self, " AND ");
        }
      g_string_append_printf (self->text, "%s = ", value);
      door_scim_sql_put_text (self, text);
    }
}

/* Times of the store are milliseconds, those of a filter microseconds. */
static void
put_time (DoorScimSql *self, const char *column, const DoorScimFilter *filter)
{
  g_string_append_printf (self->text, "%s * %d%s", column, MS_US, get_operator (filter->op));
  door_scim_sql_put_int (self, filter->time_us);
}

static bool
is_text_wanted (const DoorScimFilter *filter)
{
  return filter->kind == DOOR_SCIM_FILTER_COMPARE && filter->literal != DOOR_SCIM_LITERAL_NULL;
}

/* What every resource has and no sender writes: `id` and `meta`. */
static void
put_own (DoorScimSql *self, const DoorScimFilter *filter, const DoorScimAttribute *part)
{
  const char *name = part != NULL ? part->name : filter->path.attribute->name;
  g_autofree char *text = NULL;

  if (!is_text_wanted (filter))
    {
      door_scim_sql_put (self, "1 = 1");
      return;
    }
  text = door_scim_key_build_literal (filter, part != NULL ? part : filter->path.attribute);
  if (g_str_equal (name, "id"))
    put_comparison (self, "r.id", NULL, filter->op, text);
  else if (g_str_equal (name, "created"))
    put_time (self, "r.created_at", filter);
  else if (g_str_equal (name, "lastModified"))
    put_time (self, "r.updated_at", filter);
  else if (g_str_equal (name, "resourceType"))
    put_comparison (self, "r.kind", NULL, filter->op, text);
  else if (g_str_equal (name, "version"))
    put_comparison (self, "('W/\"' || CAST(r.version AS TEXT) || '\"')", NULL, filter->op, text);
  else
    self->problem = "meta.location";
}

/* The members of a group are rows, and so are the groups of a user. */
static bool
is_membership (const DoorScimPath *path)
{
  return !path->is_extension &&
         (g_str_equal (path->attribute->name, "members") || g_str_equal (path->attribute->name, "groups"));
}

static const char *
get_own_column (const DoorScimPath *path)
{
  return g_str_equal (path->attribute->name, "members") ? "group_id" : "member_id";
}

static const char *
get_other_column (const DoorScimPath *path)
{
  return g_str_equal (path->attribute->name, "members") ? "member_id" : "group_id";
}

static bool
is_own (const DoorScimPath *path)
{
  return !path->is_extension &&
         (g_str_equal (path->attribute->name, "id") || g_str_equal (path->attribute->name, "meta"));
}

/* One row of members or groups. */
static void
put_member (DoorScimSql *self, const DoorScimFilter *filter, const DoorScimAttribute *part, const char *alias)
{
  const char *name = part != NULL ? part->name : "value";
  bool members = g_str_equal (filter->path.attribute->name, "members");
  g_autofree char *column = NULL, *text = NULL;

  if (g_str_equal (name, "value"))
    column = g_strdup_printf ("%s.%s", alias, get_other_column (&filter->path));
  else if (g_str_equal (name, "type"))
    column = members ? g_strdup_printf ("%s.kind", alias) : g_strdup ("'direct'");
  else
    {
      self->problem = name;
      return;
    }
  text = is_text_wanted (filter) ? door_scim_key_build_literal (filter, part) : NULL;
  if (text == NULL)
    door_scim_sql_put (self, "1 = 1");
  else if (part->case_exact)
    put_comparison (self, column, NULL, filter->op, text);
  else
    {
      g_autofree char *folded = g_strdup_printf ("lower(%s)", column);

      put_comparison (self, folded, NULL, filter->op, text);
    }
}

static const DoorScimAttribute *
get_part (const DoorScimFilter *filter)
{
  const DoorScimPath *path = &filter->path;

  if (path->sub == NULL && filter->kind == DOOR_SCIM_FILTER_COMPARE &&
      filter->literal != DOOR_SCIM_LITERAL_NULL && path->attribute->type == DOOR_SCIM_COMPLEX)
    return door_scim_path_get_compared (path);
  return path->sub;
}

/* Whether a value is there, and where one is compared, is such. */
static void
put_exists (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  const DoorScimAttribute *part = get_part (filter);
  const DoorScimAttribute *compared = part != NULL ? part : filter->path.attribute;
  const DoorScimPath *place = subject->parent != NULL ? subject->parent : &filter->path;
  g_autofree char *path = door_scim_key_build_path (place, part), *text = NULL;
  g_autofree char *alias = g_strdup_printf ("v%u", self->n++);
  g_autofree char *value = g_strdup_printf ("%s.value", alias),
                  *rank = g_strdup_printf ("%s.value_rank", alias);

  g_string_append_printf (self->text, "EXISTS (SELECT 1 FROM directory_value %s WHERE %s.resource_id = %s",
                          alias, alias, subject->id);
  if (subject->item != NULL)
    g_string_append_printf (self->text, " AND %s.item = %s.item", alias, subject->item);
  g_string_append_printf (self->text, " AND %s.path = ", alias);
  door_scim_sql_put_text (self, path);
  if (is_text_wanted (filter))
    {
      door_scim_sql_put (self, " AND ");
      text = door_scim_key_build_literal (filter, compared);
      put_comparison (self, value, rank, filter->op, text);
    }
  door_scim_sql_put (self, ")");
}

static void
put_membership (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  g_autofree char *alias = g_strdup_printf ("m%u", self->n++);

  g_string_append_printf (self->text, "EXISTS (SELECT 1 FROM directory_member %s WHERE %s.%s = %s AND ",
                          alias, alias, get_own_column (&filter->path), subject->id);
  put_member (self, filter, get_part (filter), alias);
  door_scim_sql_put (self, ")");
}

static void
put_question (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  if (subject->parent != NULL && is_membership (subject->parent))
    put_member (self, filter, get_part (filter), subject->item);
  else if (subject->parent == NULL && is_membership (&filter->path))
    put_membership (self, filter, subject);
  else if (subject->parent == NULL && is_own (&filter->path))
    put_own (self, filter, get_part (filter));
  else
    put_exists (self, filter, subject);
}

static void put_condition (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject);

static void
put_items (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  const bool member = is_membership (&filter->path);
  g_autofree char *path = door_scim_key_build_path (&filter->path, NULL);
  g_autofree char *alias = g_strdup_printf ("i%u", self->n++);
  g_autofree char *id =
      g_strdup_printf ("%s.%s", alias, member ? get_own_column (&filter->path) : "resource_id");
  const Subject item = { id, alias, &filter->path };

  g_string_append_printf (self->text, "EXISTS (SELECT 1 FROM %s %s WHERE %s = %s AND ",
                          member ? "directory_member" : "directory_value", alias, id, subject->id);
  if (!member)
    {
      g_string_append_printf (self->text, "%s.path = ", alias);
      door_scim_sql_put_text (self, path);
      door_scim_sql_put (self, " AND ");
    }
  put_condition (self, g_ptr_array_index (filter->children, 0), &item);
  door_scim_sql_put (self, ")");
}

static void
put_joined (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject, const char *word)
{
  door_scim_sql_put (self, "(");
  for (guint i = 0; i < filter->children->len; i++)
    {
      door_scim_sql_put (self, i > 0 ? word : "");
      put_condition (self, g_ptr_array_index (filter->children, i), subject);
    }
  door_scim_sql_put (self, ")");
}

/* `ne` is true where none is equal, `eq null` where there is none. */
static void
put_turned (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  bool turned = filter->kind == DOOR_SCIM_FILTER_COMPARE &&
                (filter->literal == DOOR_SCIM_LITERAL_NULL) != (filter->op == DOOR_SCIM_NE);

  door_scim_sql_put (self, turned ? "NOT (" : "(");
  put_question (self, filter, subject);
  door_scim_sql_put (self, ")");
}

static void
put_condition (DoorScimSql *self, const DoorScimFilter *filter, const Subject *subject)
{
  switch (filter->kind)
    {
    case DOOR_SCIM_FILTER_AND:
      put_joined (self, filter, subject, " AND ");
      break;
    case DOOR_SCIM_FILTER_OR:
      put_joined (self, filter, subject, " OR ");
      break;
    case DOOR_SCIM_FILTER_NOT:
      door_scim_sql_put (self, "NOT (");
      put_condition (self, g_ptr_array_index (filter->children, 0), subject);
      door_scim_sql_put (self, ")");
      break;
    case DOOR_SCIM_FILTER_ITEM:
      put_items (self, filter, subject);
      break;
    case DOOR_SCIM_FILTER_COMPARE:
    case DOOR_SCIM_FILTER_PRESENT:
    default:
      put_turned (self, filter, subject);
      break;
    }
}

#define NOT_NARROW 99

/* How much an index leaves over of what a comparison asks for, about. */
static unsigned int
weigh_comparison (const DoorScimFilter *filter)
{
  const DoorScimAttribute *compared = get_part (filter) != NULL ? get_part (filter) : filter->path.attribute;
  bool equal = filter->op == DOOR_SCIM_EQ;

  if ((filter->literal != DOOR_SCIM_LITERAL_TEXT && filter->literal != DOOR_SCIM_LITERAL_NUMBER) ||
      compared->canonical_values != NULL)
    return NOT_NARROW;
  if (is_own (&filter->path))
    return equal && g_str_equal (compared->name, "id") ? 0 : NOT_NARROW;
  if (is_membership (&filter->path))
    return equal && g_str_equal (compared->name, "value") ? 3 : NOT_NARROW;
  if (equal)
    return compared->uniqueness != DOOR_SCIM_UNIQUE_NONE || g_str_equal (compared->name, "externalId") ? 1
                                                                                                       : 2;
  return filter->op == DOOR_SCIM_SW && filter->literal == DOOR_SCIM_LITERAL_TEXT && *filter->text != '\0'
             ? 4
             : NOT_NARROW;
}

static unsigned int
weigh (const DoorScimFilter *filter)
{
  bool all = filter->kind == DOOR_SCIM_FILTER_OR;
  unsigned int weight = all ? 0 : NOT_NARROW;

  if (filter->kind == DOOR_SCIM_FILTER_COMPARE)
    return weigh_comparison (filter);
  if (filter->kind == DOOR_SCIM_FILTER_NOT || filter->kind == DOOR_SCIM_FILTER_PRESENT)
    return NOT_NARROW;
  for (guint i = 0; i < filter->children->len; i++)
    {
      unsigned int child = weigh (g_ptr_array_index (filter->children, i));

      weight = all ? MAX (weight, child) : MIN (weight, child);
    }
  return weight;
}

static void
put_equal (DoorScimSql *self, const DoorScimFilter *filter, const DoorScimPath *parent)
{
  const DoorScimAttribute *part = get_part (filter);
  const DoorScimPath *place = parent != NULL ? parent : &filter->path;
  g_autofree char *path = door_scim_key_build_path (place, part);
  g_autofree char *text = door_scim_key_build_literal (filter, part != NULL ? part : filter->path.attribute);

  if (is_membership (place))
    {
      g_string_append_printf (self->text,
                              "SELECT s.%s FROM directory_member s WHERE s.%s = ", get_own_column (place),
                              get_other_column (place));
      door_scim_sql_put_text (self, text);
    }
  else if (parent == NULL && is_own (place))
    {
      door_scim_sql_put (self, "SELECT s.id FROM directory_resource s WHERE ");
      door_scim_sql_put_scope (self, "s");
      door_scim_sql_put (self, " AND s.id = ");
      door_scim_sql_put_text (self, text);
    }
  else
    {
      door_scim_sql_put (self, "SELECT s.resource_id FROM directory_value s WHERE ");
      door_scim_sql_put_scope (self, "s");
      door_scim_sql_put (self, " AND s.path = ");
      door_scim_sql_put_text (self, path);
      door_scim_sql_put (self, " AND ");
      put_comparison (self, "s.value", "s.value_rank", filter->op, text);
    }
}

/* The resources that a narrow filter can match, and some more. */
static void
put_candidates (DoorScimSql *self, const DoorScimFilter *filter, const DoorScimPath *parent)
{
  const DoorScimFilter *best = NULL;

  if (filter->kind == DOOR_SCIM_FILTER_COMPARE)
    put_equal (self, filter, parent);
  else if (filter->kind == DOOR_SCIM_FILTER_ITEM)
    put_candidates (self, g_ptr_array_index (filter->children, 0), &filter->path);
  else if (filter->kind == DOOR_SCIM_FILTER_OR)
    for (guint i = 0; i < filter->children->len; i++)
      {
        door_scim_sql_put (self, i > 0 ? " UNION ALL " : "");
        put_candidates (self, g_ptr_array_index (filter->children, i), parent);
      }
  else
    {
      for (guint i = 0; i < filter->children->len; i++)
        if (best == NULL || weigh (g_ptr_array_index (filter->children, i)) < weigh (best))
          best = g_ptr_array_index (filter->children, i);
      put_candidates (self, best, parent);
    }
}

/**
 * door_scim_sql_is_narrow:
 * @filter: a filter
 *
 * Returns: whether an index finds what it can match
 */
bool
door_scim_sql_is_narrow (const DoorScimFilter *filter)
{
  return weigh (filter) < NOT_NARROW;
}

/**
 * door_scim_sql_put_where:
 * @self: a statement, up to its FROM, with the table of resources as r
 * @filter: (nullable): a filter
 *
 * Writes the condition: of the scope, and the filter. @self has a problem afterwards where nothing is found
 * by what the filter names.
 */
void
door_scim_sql_put_where (DoorScimSql *self, const DoorScimFilter *filter)
{
  const Subject resource = { "r.id", NULL, NULL };

  door_scim_sql_put (self, " WHERE ");
  door_scim_sql_put_scope (self, "r");
  if (filter == NULL)
    return;
  if (door_scim_sql_is_narrow (filter))
    {
      door_scim_sql_put (self, " AND r.id IN (");
      put_candidates (self, filter, NULL);
      door_scim_sql_put (self, ")");
    }
  door_scim_sql_put (self, " AND ");
  put_condition (self, filter, &resource);
}
