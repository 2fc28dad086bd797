/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-row.h"

#include <stdarg.h>

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

/**
 * door_row_dup_text:
 * @row: a row, `a{sv}`
 * @column: a text column
 *
 * Returns: (transfer full): its text, empty for none
 */
char *
door_row_dup_text (GVariant *row, const char *column)
{
  char *text = NULL;

  if (!g_variant_lookup (row, column, "s", &text))
    return g_strdup ("");
  return text;
}

/**
 * door_row_get_int:
 * @row: a row, `a{sv}`
 * @column: an integer column
 *
 * Returns: its value, 0 for none
 */
int64_t
door_row_get_int (GVariant *row, const char *column)
{
  gint64 value = 0;

  g_variant_lookup (row, column, "x", &value);
  return value;
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
  g_autoptr (GVariant) row = NULL;

  if (rows == NULL)
    return false;
  *out = NULL;
  if (g_variant_n_children (rows) > 0)
    {
      row = g_variant_get_child_value (rows, 0);
      *out = decode (row);
    }
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
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      g_ptr_array_add (list, decode (row));
    }
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
