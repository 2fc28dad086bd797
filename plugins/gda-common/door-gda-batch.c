/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-batch.h"

#include <string.h>

#include "door-error.h"

#define NAME "[a-z_][a-z0-9_]*"
#define NAMES NAME "(?:\\s*,\\s*" NAME ")*"
#define PARAMETERS ":" NAME "(?:\\s*,\\s*:" NAME ")*"

struct _DoorGdaBatch
{
  char *table;
  char **columns;    /* in lower case: so they are called where the statement does not quote them */
  char **parameters; /* of each column, without the colon */
  char *conflict;    /* "" or ON CONFLICT and what follows */
  char **keys;       /* (nullable): the columns that say which row is updated */
};

static void
batch_clear (DoorGdaBatch *self)
{
  g_free (self->table);
  g_strfreev (self->columns);
  g_strfreev (self->parameters);
  g_free (self->conflict);
  g_strfreev (self->keys);
}

static gboolean
refuse (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "SQL refused for many rows: %s", reason);
  return FALSE;
}

static GMatchInfo *
match (const char *pattern, const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, G_REGEX_CASELESS | G_REGEX_DOTALL, 0, NULL); /* constant */
  GMatchInfo *info = NULL;

  if (!g_regex_match (regex, text, 0, &info))
    g_clear_pointer (&info, g_match_info_unref);
  return info;
}

/* The names of a list, in lower case. */
static char **
split (const GMatchInfo *info, int group)
{
  g_autofree char *list = g_match_info_fetch (info, group), *lower = g_ascii_strdown (list, -1);
  char **names = g_strsplit (lower, ",", -1);

  for (char **name = names; *name != NULL; name++)
    g_strstrip (*name);
  return names;
}

/* Parameters keep their case. */
static char **
split_parameters (const GMatchInfo *info, int group)
{
  g_autofree char *list = g_match_info_fetch (info, group);
  char **names = g_strsplit (list, ",", -1);

  for (char **name = names; *name != NULL; name++)
    {
      g_strstrip (*name);
      memmove (*name, *name + 1, strlen (*name)); /* the colon */
    }
  return names;
}

static gboolean
find_keys (DoorGdaBatch *self, GError **error)
{
  g_autoptr (GMatchInfo) update = match ("\\bDO\\s+UPDATE\\b", self->conflict), keys = NULL;

  if (update == NULL)
    return TRUE;
  keys = match ("^ON\\s+CONFLICT\\s*\\(\\s*(" NAMES ")\\s*\\)", self->conflict);
  if (keys == NULL)
    return refuse (error, "DO UPDATE needs ON CONFLICT with the names of columns");
  self->keys = split (keys, 1);
  return TRUE;
}

/**
 * door_gda_batch_parse:
 * @sql: a statement
 * @error: return location for an error
 *
 * Finds the parts of `INSERT INTO t (a, b) VALUES (:a, :b)`, with `ON CONFLICT` or without. Each value is a
 * parameter, and there are no others. Pure.
 *
 * Returns: (transfer full): the parts, or %NULL with %DOOR_ERROR_FAILED
 */
DoorGdaBatch *
door_gda_batch_parse (const DoorGdaSql *sql, GError **error)
{
  static const char pattern[] =
      "^INSERT\\s+INTO\\s+(" NAME ")\\s*\\(\\s*(" NAMES ")\\s*\\)\\s*VALUES\\s*\\(\\s*"
      "(" PARAMETERS ")\\s*\\)\\s*((?:ON\\s+CONFLICT\\b[^:]*)?)$";
  g_autofree char *text = door_gda_sql_dup_text (sql);
  g_autoptr (GMatchInfo) info = match (pattern, text);
  g_autoptr (DoorGdaBatch) self = NULL;

  if (info == NULL)
    {
      refuse (error, "it is not INSERT INTO t (a, …) VALUES (:a, …) [ON CONFLICT …]");
      return NULL;
    }
  self = g_rc_box_new0 (DoorGdaBatch);
  self->table = g_match_info_fetch (info, 1);
  self->columns = split (info, 2);
  self->parameters = split_parameters (info, 3);
  self->conflict = g_match_info_fetch (info, 4);
  if (g_strv_length (self->columns) != g_strv_length (self->parameters))
    {
      refuse (error, "as many values are needed as there are columns");
      return NULL;
    }
  return find_keys (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * door_gda_batch_ref:
 * @self: a batch
 *
 * Not for more than one thread.
 *
 * Returns: (transfer full): @self
 */
DoorGdaBatch *
door_gda_batch_ref (DoorGdaBatch *self)
{
  return g_rc_box_acquire (self);
}

/**
 * door_gda_batch_unref:
 * @self: (transfer full): a batch
 */
void
door_gda_batch_unref (DoorGdaBatch *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) batch_clear);
}

/**
 * door_gda_batch_get_n_columns:
 * @self: a batch
 *
 * Returns: how many columns it writes
 */
size_t
door_gda_batch_get_n_columns (const DoorGdaBatch *self)
{
  return g_strv_length (self->columns);
}

/**
 * door_gda_batch_get_column:
 * @self: a batch
 * @i: less than door_gda_batch_get_n_columns()
 *
 * Returns: (transfer none): the name of the column, which is also that of the member in JSON
 */
const char *
door_gda_batch_get_column (const DoorGdaBatch *self, size_t i)
{
  return self->columns[i];
}

/**
 * door_gda_batch_get_parameter:
 * @self: a batch
 * @i: less than door_gda_batch_get_n_columns()
 *
 * Returns: (transfer none): the name of the parameter that the column gets its value from
 */
const char *
door_gda_batch_get_parameter (const DoorGdaBatch *self, size_t i)
{
  return self->parameters[i];
}

/**
 * door_gda_batch_updates:
 * @self: a batch
 *
 * Returns: whether a row that is there already is changed
 */
bool
door_gda_batch_updates (const DoorGdaBatch *self)
{
  return self->keys != NULL;
}

/**
 * door_gda_batch_is_key:
 * @self: a batch that updates
 * @i: less than door_gda_batch_get_n_columns()
 *
 * Returns: whether the column is one of those that say which row is changed
 */
bool
door_gda_batch_is_key (const DoorGdaBatch *self, size_t i)
{
  return g_strv_contains ((const char *const *) self->keys, self->columns[i]);
}

static void
append_named (GString *text, const char *fragment, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (fragment, "#", -1);
  g_autofree char *joined = g_strjoinv (name, parts);

  g_string_append (text, joined);
}

static const char *
find_fragment (const DoorGdaBatchDialect *dialect, char type)
{
  switch (type)
    {
    case 'x':
      return dialect->integer;
    case 'd':
      return dialect->number;
    case 'b':
      return dialect->boolean;
    default:
      return dialect->text;
    }
}

/**
 * door_gda_batch_render:
 * @self: a batch
 * @dialect: how the database reads rows out of JSON
 * @types: `s`, `x`, `d` or `b` for each column
 *
 * Writes the statement that inserts every row of the JSON array `:rows`. `WHERE true` is for SQLite, which
 * would take `ON` for a part of the FROM (sqlite.org/lang_upsert.html, "Parsing Ambiguity"). Pure.
 *
 * Returns: (transfer full): the text, with one parameter
 */
char *
door_gda_batch_render (const DoorGdaBatch *self, const DoorGdaBatchDialect *dialect, const char *types)
{
  g_autofree char *columns = g_strjoinv (", ", self->columns);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "INSERT INTO %s (%s) SELECT ", self->table, columns);
  for (size_t i = 0; self->columns[i] != NULL; i++)
    {
      g_string_append (text, i > 0 ? ", " : "");
      append_named (text, find_fragment (dialect, types[i]), self->columns[i]);
    }
  g_string_append (text, " FROM ");
  append_named (text, dialect->rows, self->table);
  g_string_append_printf (text, " WHERE true %s", self->conflict);
  return g_string_free (text, FALSE);
}
