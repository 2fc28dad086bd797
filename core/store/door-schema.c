/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-schema.h"

#include <string.h>

#include "door-error.h"
#include "door-schema-resource.h"
#include "door-text.h"

/* "0001-initial.sql": four digits and a dash */
#define NUMBER_LENGTH 4

typedef struct
{
  char *name;
  GPtrArray *statements; /* (element-type utf8) */
} Migration;

struct _DoorSchema
{
  GPtrArray *migrations; /* (element-type Migration): number i + 1 at index i */
};

static void
migration_free (Migration *self)
{
  g_free (self->name);
  g_ptr_array_unref (self->statements);
  g_free (self);
}

static void
end_statement (GPtrArray *statements, GString *text)
{
  g_autofree char *statement = g_strstrip (g_strdup (text->str));

  if (*statement != '\0')
    g_ptr_array_add (statements, g_steal_pointer (&statement));
  g_string_truncate (text, 0);
}

/**
 * door_schema_split:
 * @text: a migration
 *
 * Splits a migration into its statements. A statement ends with a `;` that is the last thing on its line;
 * lines that begin with `--` are comments. So a literal may hold a `;` unless a line of it ends with one,
 * and two statements never share a line: the storage would refuse them. Pure.
 *
 * Returns: (transfer full) (element-type utf8): the statements, without their semicolons
 */
GPtrArray *
door_schema_split (const char *text)
{
  g_autoptr (GPtrArray) statements = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) statement = g_string_new (NULL);

  for (size_t i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strchomp (lines[i]);
      size_t length = strlen (line);
      bool last = length > 0 && line[length - 1] == ';';

      if (g_str_has_prefix (line + strspn (line, " \t"), "--"))
        continue;
      g_string_append_len (statement, line, (gssize) (last ? length - 1 : length));
      g_string_append_c (statement, '\n');
      if (last)
        end_statement (statements, statement);
    }
  end_statement (statements, statement);
  return g_steal_pointer (&statements);
}

static gboolean
check_name (const char *name, guint number, GError **error)
{
  g_autofree char *prefix = g_strdup_printf ("%0*u-", NUMBER_LENGTH, number);

  if (g_str_has_prefix (name, prefix) && g_str_has_suffix (name, ".sql"))
    return TRUE;
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL,
                  "migration %s: the name should begin with %s and end with .sql", name, prefix);
  return FALSE;
}

static Migration *
load (GResource *resource, const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_strconcat (folder, "/", name, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (resource, path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autofree char *text = NULL;
  Migration *migration;

  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  migration = g_new0 (Migration, 1);
  migration->name = g_strdup (name);
  migration->statements = door_schema_split (text);
  return migration;
}

/**
 * door_schema_new_from_resource:
 * @resource: compiled in; holds the migrations
 * @folder: the folder inside it, without a slash at the end
 * @error: return location for an error
 *
 * Reads the migrations, files named `0001-what-it-does.sql` and so on without a gap. They go forward only
 * and are never edited once released.
 *
 * Returns: (transfer full): the schema this program knows, or %NULL with an error that is our bug
 */
DoorSchema *
door_schema_new_from_resource (GResource *resource, const char *folder, GError **error)
{
  g_auto (GStrv) names =
      g_resource_enumerate_children (resource, folder, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (DoorSchema) self = NULL;

  if (names == NULL)
    return NULL;
  qsort (names, g_strv_length (names), sizeof (char *), door_text_compare_items);
  self = g_new0 (DoorSchema, 1);
  self->migrations = g_ptr_array_new_with_free_func ((GDestroyNotify) migration_free);
  for (guint i = 0; names[i] != NULL; i++)
    {
      Migration *migration;

      if (!check_name (names[i], i + 1, error))
        return NULL;
      migration = load (resource, folder, names[i], error);
      if (migration == NULL)
        return NULL;
      g_ptr_array_add (self->migrations, migration);
    }
  return g_steal_pointer (&self);
}

/**
 * door_schema_new:
 * @error: return location for an error
 *
 * Reads the migrations that are part of this program, core/store/schema.
 *
 * Returns: (transfer full): the schema this program knows, or %NULL with an error that is our bug
 */
DoorSchema *
door_schema_new (GError **error)
{
  return door_schema_new_from_resource (door_schema_get_resource (), "/org/doorward/schema", error);
}

/**
 * door_schema_free:
 * @self: (transfer full): a schema
 */
void
door_schema_free (DoorSchema *self)
{
  g_ptr_array_unref (self->migrations);
  g_free (self);
}

/**
 * door_schema_get_version:
 * @self: a schema
 *
 * Returns: the number of its last migration
 */
int64_t
door_schema_get_version (const DoorSchema *self)
{
  return self->migrations->len;
}

/* Row 0 is no migration but what instances that start at the same time take turns at. */
static gboolean
create_table (DoorStorage *storage, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);

  return txn != NULL &&
         door_txn_execute (txn,
                           "CREATE TABLE IF NOT EXISTS schema_migration "
                           "(version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)",
                           NULL, error) >= 0 &&
         door_txn_execute (txn,
                           "INSERT INTO schema_migration (version, applied_at) VALUES (0, 0) "
                           "ON CONFLICT (version) DO NOTHING",
                           NULL, error) >= 0 &&
         door_txn_commit (txn, error);
}

/* PostgreSQL lets one of two that create the same table fail, once the other has done it. */
static gboolean
ensure_table (DoorStorage *storage, GError **error)
{
  return create_table (storage, NULL) || create_table (storage, error);
}

static gboolean
read_version (DoorTxn *txn, int64_t *version, GError **error)
{
  g_autoptr (GVariant) rows =
      door_txn_query (txn, "SELECT MAX(version) AS version FROM schema_migration", NULL, error);
  g_autoptr (GVariant) row = NULL;

  if (rows == NULL)
    return FALSE;
  row = g_variant_get_child_value (rows, 0);
  *version = 0;
  g_variant_lookup (row, "version", "x", version);
  return TRUE;
}

static gboolean
set_too_new (int64_t version, const DoorSchema *schema, GError **error)
{
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_SCHEMA,
                  "the database has schema %" G_GINT64_FORMAT ", this program knows %" G_GINT64_FORMAT
                  ": a newer version has used it",
                  version, door_schema_get_version (schema));
  return FALSE;
}

static gboolean
apply (DoorTxn *txn, const Migration *migration, int64_t version, int64_t now_ms, GError **error)
{
  GVariantDict row;

  for (guint i = 0; i < migration->statements->len; i++)
    if (door_txn_execute (txn, g_ptr_array_index (migration->statements, i), NULL, error) < 0)
      {
        g_prefix_error (error, "migration %s, statement %u: ", migration->name, i + 1);
        return FALSE;
      }
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "version", "x", version);
  g_variant_dict_insert (&row, "applied_at", "x", now_ms);
  return door_txn_execute (
             txn, "INSERT INTO schema_migration (version, applied_at) VALUES (:version, :applied_at)",
             g_variant_dict_end (&row), error) >= 0;
}

/* One migration in one transaction. The row that is written first is a lock that both backends have: the
 * second instance waits, and then sees the version the first one left. */
static gboolean
migrate_once (DoorStorage *storage, const DoorSchema *schema, int64_t now_ms, bool *more, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);
  int64_t version = 0;

  if (txn == NULL || door_txn_execute (txn, DOOR_SCHEMA_TOUCH, NULL, error) < 0 ||
      !read_version (txn, &version, error))
    return FALSE;
  if (version > door_schema_get_version (schema))
    return set_too_new (version, schema, error);
  *more = version < door_schema_get_version (schema);
  if (!*more)
    return TRUE;
  return apply (txn, g_ptr_array_index (schema->migrations, version), version + 1, now_ms, error) &&
         door_txn_commit (txn, error);
}

/**
 * door_schema_migrate:
 * @storage: an open storage
 * @schema: what this program knows
 * @now_ms: the time to record
 * @error: return location for an error
 *
 * Brings the database to the last version, each step in a transaction of its own. Blocks. Several
 * instances may do this at the same time; each step is done once.
 *
 * Returns: %FALSE with %DOOR_FAULT_DB_SCHEMA when the database is newer than @schema, or with the error of
 *   the step that failed, which has left no trace
 */
gboolean
door_schema_migrate (DoorStorage *storage, const DoorSchema *schema, int64_t now_ms, GError **error)
{
  bool more = true;

  if (!ensure_table (storage, error))
    return FALSE;
  while (more)
    if (!migrate_once (storage, schema, now_ms, &more, error))
      return FALSE;
  return TRUE;
}

/* Where the table is missing, or nothing but the row at which instances take turns is in it. */
static gboolean
set_empty (GError **error)
{
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_EMPTY,
                         "the database has no schema yet, the server makes it when it starts");
}

/**
 * door_schema_check:
 * @storage: an open storage
 * @schema: what this program knows
 * @error: return location for an error
 *
 * Checks without changing anything that the database has exactly this schema. Blocks.
 *
 * Returns: %FALSE with %DOOR_FAULT_DB_SCHEMA when the database is older or newer, %DOOR_FAULT_DB_EMPTY when
 * it has none yet
 */
gboolean
door_schema_check (DoorStorage *storage, const DoorSchema *schema, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, error);
  g_autoptr (GError) from = NULL;
  int64_t version = 0;

  if (txn == NULL)
    return FALSE;
  if (!read_version (txn, &version, &from))
    {
      if (g_error_matches (from, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE))
        g_propagate_error (error, g_steal_pointer (&from));
      else
        set_empty (error);
      return FALSE;
    }
  if (version == 0)
    return set_empty (error);
  if (version > door_schema_get_version (schema))
    return set_too_new (version, schema, error);
  if (version == door_schema_get_version (schema))
    return TRUE;
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_SCHEMA,
                  "the database has schema %" G_GINT64_FORMAT ", this program needs %" G_GINT64_FORMAT
                  ": the server brings it up to date when it starts",
                  version, door_schema_get_version (schema));
  return FALSE;
}
