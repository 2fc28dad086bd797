/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-row.h"

#include <stdarg.h>
#include <string.h>

typedef struct
{
  GVariant *name;
  GVariant *value;
} Cell;

struct _DoorRow
{
  Cell *cells;
  size_t n;
  size_t next; /* columns are asked for in the order of the statement, nearly always */
};

/**
 * door_params_new:
 * @name: first parameter name
 * @...: its type, "s" or "x", and its value (a %NULL text is bound as the empty text); more such triples;
 *   then %NULL
 *
 * Returns: (transfer floating): parameters of a statement, `a{sv}`
 */
GVariant *
door_params_new (const char *name, ...)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  va_list args;

  va_start (args, name);
  for (; name != NULL; name = va_arg (args, const char *))
    {
      const char *type = va_arg (args, const char *);

      if (*type == 'x')
        g_variant_builder_add (&builder, "{sv}", name, g_variant_new_int64 (va_arg (args, int64_t)));
      else
        {
          const char *text = va_arg (args, const char *);
          g_variant_builder_add (&builder, "{sv}", name, g_variant_new_string (text != NULL ? text : ""));
        }
    }
  va_end (args);
  return g_variant_builder_end (&builder);
}

/* The variant is taken apart once: to look a column up in it takes apart all that stand before. */
static DoorRow
row_open (GVariant *dictionary)
{
  DoorRow self = { .n = g_variant_n_children (dictionary) };

  self.cells = g_new (Cell, self.n);
  for (size_t i = 0; i < self.n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (dictionary, i);
      g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);

      self.cells[i] = (Cell){ g_variant_get_child_value (entry, 0), g_variant_get_variant (boxed) };
    }
  return self;
}

static void
row_close (DoorRow *self)
{
  for (size_t i = 0; i < self->n; i++)
    {
      g_variant_unref (self->cells[i].name);
      g_variant_unref (self->cells[i].value);
    }
  g_free (self->cells);
}

/* NULL for SQL NULL, and for a column of another type. */
static GVariant *
find (DoorRow *self, const char *column, const GVariantType *type)
{
  for (size_t i = 0; i < self->n; i++)
    {
      size_t at = (self->next + i) % self->n;

      if (strcmp (g_variant_get_string (self->cells[at].name, NULL), column) == 0)
        {
          self->next = at + 1;
          return g_variant_is_of_type (self->cells[at].value, type) ? self->cells[at].value : NULL;
        }
    }
  return NULL;
}

static gpointer
decode_child (GVariant *rows, size_t i, DoorRowFunc decode)
{
  g_autoptr (GVariant) dictionary = g_variant_get_child_value (rows, i);
  DoorRow row = row_open (dictionary);
  gpointer value = decode (&row);

  row_close (&row);
  return value;
}

/**
 * door_row_dup_text:
 * @self: a row
 * @column: a text column
 *
 * Returns: (transfer full): its text, empty for none
 */
char *
door_row_dup_text (DoorRow *self, const char *column)
{
  GVariant *value = find (self, column, G_VARIANT_TYPE_STRING);

  return value != NULL ? g_variant_dup_string (value, NULL) : g_strdup ("");
}

/**
 * door_row_get_int:
 * @self: a row
 * @column: an integer column
 *
 * Returns: its value, 0 for none
 */
int64_t
door_row_get_int (DoorRow *self, const char *column)
{
  GVariant *value = find (self, column, G_VARIANT_TYPE_INT64);

  return value != NULL ? g_variant_get_int64 (value) : 0;
}

/**
 * door_txn_lookup:
 * @txn: a transaction
 * @sql: a query that gives at most one row
 * @params: (transfer floating): its parameters
 * @decode: makes a value of the row
 * @out: (out) (transfer full) (nullable): the value, %NULL when there is no row; written on success
 * @error: return location for an error
 *
 * "No such row" and "could not look" are never the same answer.
 *
 * Returns: false with an error
 */
bool
door_txn_lookup (DoorTxn *txn, const char *sql, GVariant *params, DoorRowFunc decode, gpointer *out,
                 GError **error)
{
  g_autoptr (GVariant) rows = door_txn_query (txn, sql, params, error);

  if (rows == NULL)
    return false;
  *out = g_variant_n_children (rows) > 0 ? decode_child (rows, 0, decode) : NULL;
  return true;
}

/**
 * door_txn_list:
 * @txn: a transaction
 * @sql: a query with a limit
 * @params: (transfer floating): its parameters
 * @decode: makes a value of each row
 * @free_func: frees one
 * @error: return location for an error
 *
 * Returns: (transfer full): the values, or %NULL with an error
 */
GPtrArray *
door_txn_list (DoorTxn *txn, const char *sql, GVariant *params, DoorRowFunc decode, GDestroyNotify free_func,
               GError **error)
{
  g_autoptr (GVariant) rows = door_txn_query (txn, sql, params, error);
  GPtrArray *list;

  if (rows == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func (free_func);
  for (size_t i = 0; i < g_variant_n_children (rows); i++)
    g_ptr_array_add (list, decode_child (rows, i, decode));
  return list;
}

/**
 * door_txn_change:
 * @txn: a writing transaction
 * @sql: a statement
 * @params: (transfer floating): its parameters
 * @changed: (out) (optional): whether any row was touched; written on success
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_txn_change (DoorTxn *txn, const char *sql, GVariant *params, bool *changed, GError **error)
{
  int64_t rows = door_txn_execute (txn, sql, params, error);

  if (rows < 0)
    return false;
  if (changed != NULL)
    *changed = rows > 0;
  return true;
}
