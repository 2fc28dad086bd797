/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-rows.h"

#include <math.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "door-error.h"
#include "door-gda-value.h"

/* A piece ends behind the row with which it reaches one of these. On its way to the database it is copied
 * some four times. */
#define MAX_PIECE_BYTES (1024 * 1024)
#define MAX_PIECE_ROWS 10000
/* SQLite reads numbers with the digits of a long double, but what is smaller in two steps, and the last bit
 * may be lost. */
#define LEAST_EXACT 1e-290

struct _DoorGdaRows
{
  DoorGdaBatch *batch;
  GVariant *rows;
  size_t n_rows;
  size_t next;
  size_t n_columns;
  char *types;       /* a letter for each column */
  GVariant **values; /* of the row that is being looked at; NULL: missing, or SQL NULL */
  GString *text;
  JsonGenerator *generator;
  GHashTable *keys; /* (element-type utf8): of the rows of this piece, where rows are updated */
};

static void
clear_values (DoorGdaRows *self)
{
  for (size_t i = 0; i < self->n_columns; i++)
    g_clear_pointer (&self->values[i], g_variant_unref);
}

static void
take_entry (DoorGdaRows *self, GVariant *entry)
{
  g_autoptr (GVariant) key = g_variant_get_child_value (entry, 0);
  const char *name = g_variant_get_string (key, NULL);

  for (size_t i = 0; i < self->n_columns; i++)
    if (self->values[i] == NULL && strcmp (door_gda_batch_get_parameter (self->batch, i), name) == 0)
      {
        g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);

        self->values[i] = g_variant_get_variant (boxed);
      }
}

/* Takes a row apart in one go, because to look one value up takes apart all that stand before it. */
static void
find_values (DoorGdaRows *self, size_t row)
{
  g_autoptr (GVariant) values = g_variant_get_child_value (self->rows, row);
  size_t n = g_variant_n_children (values);

  clear_values (self);
  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (values, i);

      take_entry (self, entry);
    }
}

/* 0 for a type that does not travel as JSON. */
static char
get_letter (GVariant *value)
{
  const char *type = g_variant_get_type_string (value);

  if (*type == 'm')
    type++;
  return type[0] != '\0' && type[1] == '\0' && strchr ("sxdb", type[0]) != NULL ? type[0] : '\0';
}

static gboolean
check_row (DoorGdaRows *self, size_t row, GError **error)
{
  find_values (self, row);
  for (size_t i = 0; i < self->n_columns; i++)
    {
      const char *problem = NULL;
      char letter = self->values[i] != NULL ? get_letter (self->values[i]) : '\0';

      if (self->values[i] == NULL)
        problem = "missing";
      else if (letter == '\0')
        problem = "of a wrong type";
      else if (row > 0 && letter != self->types[i])
        problem = "of another type than in the first row";
      if (problem != NULL)
        {
          door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "row %zu: parameter :%s is %s", row,
                          door_gda_batch_get_parameter (self->batch, i), problem);
          return FALSE;
        }
      self->types[i] = letter;
    }
  return TRUE;
}

/**
 * door_gda_rows_new:
 * @batch: the statement
 * @rows: `aa{sv}`, with a value for each parameter in each
 * @error: return location for an error
 *
 * Checks all the rows, so that a wrong one is found before the first is sent. Pure.
 *
 * Returns: (transfer full): the rows, or %NULL with %DOOR_ERROR_FAILED
 */
DoorGdaRows *
door_gda_rows_new (DoorGdaBatch *batch, GVariant *rows, GError **error)
{
  g_autoptr (DoorGdaRows) self = g_new0 (DoorGdaRows, 1);

  self->batch = door_gda_batch_ref (batch);
  self->rows = g_variant_ref (rows);
  self->n_rows = g_variant_n_children (rows);
  self->n_columns = door_gda_batch_get_n_columns (batch);
  self->types = g_malloc0 (self->n_columns + 1);
  self->values = g_new0 (GVariant *, self->n_columns);
  self->text = g_string_new (NULL);
  self->generator = json_generator_new ();
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (size_t row = 0; row < self->n_rows; row++)
    if (!check_row (self, row, error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_gda_rows_free:
 * @self: (transfer full): rows
 */
void
door_gda_rows_free (DoorGdaRows *self)
{
  clear_values (self);
  g_free (self->values);
  g_free (self->types);
  g_hash_table_unref (self->keys);
  g_object_unref (self->generator);
  g_string_free (self->text, TRUE);
  g_variant_unref (self->rows);
  door_gda_batch_unref (self->batch);
  g_free (self);
}

/**
 * door_gda_rows_get_types:
 * @self: rows
 *
 * Returns: (transfer none): `s`, `x`, `d` or `b` for each column; without meaning when there are no rows
 */
const char *
door_gda_rows_get_types (const DoorGdaRows *self)
{
  return self->types;
}

/* Like find_values(), without the maybe around a value; NULL is SQL NULL. */
static void
read_row (DoorGdaRows *self, size_t row)
{
  find_values (self, row);
  for (size_t i = 0; i < self->n_columns; i++)
    {
      g_autoptr (GVariant) value = g_steal_pointer (&self->values[i]);

      self->values[i] = door_gda_value_unwrap (value);
    }
}

static bool
has_inexact (const DoorGdaRows *self)
{
  for (size_t i = 0; i < self->n_columns; i++)
    if (self->types[i] == 'd' && self->values[i] != NULL)
      {
        double number = g_variant_get_double (self->values[i]);

        if (!isfinite (number) || (fabs (number) < LEAST_EXACT && fpclassify (number) != FP_ZERO))
          return true;
      }
  return false;
}

/* NULL for a row whose key is not complete: such a row is never the same as another. */
static char *
dup_key (const DoorGdaRows *self)
{
  g_autoptr (GString) key = g_string_new (NULL);

  for (size_t i = 0; i < self->n_columns; i++)
    if (door_gda_batch_is_key (self->batch, i))
      {
        g_autofree char *text = NULL;

        if (self->values[i] == NULL)
          return NULL;
        text = g_variant_print (self->values[i], FALSE);
        g_string_append_printf (key, "%s,", text);
      }
  return g_string_free (g_steal_pointer (&key), FALSE);
}

/* One statement of PostgreSQL may not change a row twice; one of SQLite may. */
static bool
is_repeated (DoorGdaRows *self)
{
  char *key = door_gda_batch_updates (self->batch) ? dup_key (self) : NULL;

  return key != NULL && !g_hash_table_add (self->keys, key);
}

static void
set_member (JsonObject *row, const char *name, GVariant *value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      json_object_set_int_member (row, name, g_variant_get_boolean (value) ? 1 : 0);
      break;
    case G_VARIANT_CLASS_INT64:
      json_object_set_int_member (row, name, g_variant_get_int64 (value));
      break;
    case G_VARIANT_CLASS_DOUBLE:
      /* As text: json-glib 1.6 writes 1e22 as 1e+22.0, which is not JSON. */
      g_ascii_dtostr (number, sizeof number, g_variant_get_double (value));
      json_object_set_string_member (row, name, number);
      break;
    default:
      json_object_set_string_member (row, name, g_variant_get_string (value, NULL));
    }
}

/* SQL NULL is a member that is not there. */
static void
append_row (DoorGdaRows *self)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) row = json_object_new ();

  for (size_t i = 0; i < self->n_columns; i++)
    if (self->values[i] != NULL)
      set_member (row, door_gda_batch_get_column (self->batch, i), self->values[i]);
  json_node_set_object (node, row);
  g_string_append_c (self->text, self->text->len > 0 ? ',' : '[');
  json_generator_set_root (self->generator, node);
  json_generator_to_gstring (self->generator, self->text);
}

/**
 * door_gda_rows_next:
 * @self: rows
 * @json: (out) (transfer none) (nullable): a JSON array of the next rows, good until the next call
 * @alone: (out) (transfer full) (nullable): or the next row, when it holds a number that does not travel as
 * JSON
 *
 * Gives the next piece, in the order of the rows. In a piece for a statement that updates no two rows have
 * the same key. Pure.
 *
 * Returns: false when there are no more
 */
bool
door_gda_rows_next (DoorGdaRows *self, const char **json, GVariant **alone)
{
  size_t first = self->next;

  *json = NULL;
  *alone = NULL;
  g_string_truncate (self->text, 0);
  g_hash_table_remove_all (self->keys);
  while (self->next < self->n_rows && self->next - first < MAX_PIECE_ROWS &&
         self->text->len < MAX_PIECE_BYTES)
    {
      read_row (self, self->next);
      if (has_inexact (self))
        {
          if (self->next == first)
            *alone = g_variant_get_child_value (self->rows, self->next++);
          break;
        }
      if (is_repeated (self))
        break;
      append_row (self);
      self->next++;
    }
  if (self->next == first)
    return false;
  if (*alone != NULL)
    return true;
  /* json-glib 1.6 escapes the control characters but for the last. */
  g_string_replace (self->text, "\x1f", "\\u001f", 0);
  *json = g_string_append_c (self->text, ']')->str;
  return true;
}
