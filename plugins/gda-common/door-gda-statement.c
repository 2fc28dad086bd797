/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-statement.h"

#include <pthread.h>
#include <string.h>

#include "door-error.h"
#include "door-gda-value.h"

/* The texts are constants of the program, apart from the bounded set a search assembles. */
#define MAX_STATEMENTS 512

typedef struct
{
  DoorGdaSql *sql;
  DoorGdaBatch *batch;   /* (nullable): the same for many rows, once that was asked for */
  GPtrArray *statements; /* (element-type DoorGdaStatement): one for each combination of types used */
} Entry;

struct _DoorGdaStatement
{
  DoorGdaStatementCache *cache;
  DoorGdaSqlKind kind;
  char *types; /* a letter for each parameter */
  GdaStatement *statement;
  GdaSet *set;     /* (nullable): no parameters */
  GArray *columns; /* (element-type GType): as asked for; 0: not known yet; G_TYPE_NONE ends */
  bool settled;    /* nothing more to learn about the columns */
};

struct _DoorGdaStatementCache
{
  GdaConnection *connection; /* not owned: the cache goes first */
  const DoorGdaBackend *backend;
  GdaSqlParser *parser;
  GHashTable *entries; /* (element-type utf8 Entry) */
  size_t n_statements;
};

static void
statement_free (DoorGdaStatement *self)
{
  g_clear_object (&self->set);
  g_clear_object (&self->statement);
  g_array_unref (self->columns);
  g_free (self->types);
  g_free (self);
}

static void
entry_free (Entry *entry)
{
  g_ptr_array_unref (entry->statements);
  g_clear_pointer (&entry->batch, door_gda_batch_unref);
  g_clear_pointer (&entry->sql, door_gda_sql_free);
  g_free (entry);
}

/**
 * door_gda_statement_cache_new:
 * @connection: an open connection that outlives the cache
 * @backend: what is particular about the database
 *
 * Returns: (transfer full): an empty cache
 */
DoorGdaStatementCache *
door_gda_statement_cache_new (GdaConnection *connection, const DoorGdaBackend *backend)
{
  DoorGdaStatementCache *self = g_new0 (DoorGdaStatementCache, 1);

  self->connection = connection;
  self->backend = backend;
  self->parser = gda_connection_create_parser (connection);
  if (self->parser == NULL)
    self->parser = gda_sql_parser_new ();
  /* The text reaches the database as it is; the other mode writes it anew, and not always right. */
  g_object_set (self->parser, "mode", GDA_SQL_PARSER_MODE_DELIMIT, NULL);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) entry_free);
  return self;
}

/**
 * door_gda_statement_cache_free:
 * @self: (transfer full): a cache
 *
 * Forgets all statements; may block, as the database is told. Free it before its connection.
 */
void
door_gda_statement_cache_free (DoorGdaStatementCache *self)
{
  g_hash_table_unref (self->entries);
  g_object_unref (self->parser);
  g_free (self);
}

/**
 * door_gda_prepare:
 * @connection: an open connection
 * @statement: a statement
 * @error: return location for an error of libgda's domains
 *
 * Lets the database prepare a statement. Blocks; any thread. The PostgreSQL provider names statements by
 * a counter that all its connections share and nothing protects, hence a lock that they share as well.
 *
 * Returns: %FALSE when the database refused
 */
gboolean
door_gda_prepare (GdaConnection *connection, GdaStatement *statement, GError **error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  gboolean success;

  pthread_mutex_lock (&lock);
  success = gda_connection_statement_prepare (connection, statement, error);
  pthread_mutex_unlock (&lock);
  return success;
}

static gboolean
prepare (DoorGdaStatement *self, const DoorGdaSql *sql, GError **error)
{
  g_autofree char *text = door_gda_sql_render (sql, self->types, self->cache->backend->numbers_as_text);
  const char *rest = NULL;
  g_autoptr (GdaStatement) statement = gda_sql_parser_parse_string (self->cache->parser, text, &rest, error);
  g_autoptr (GdaSet) set = NULL;

  if (statement == NULL)
    return FALSE;
  if (rest != NULL)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "SQL refused: more than one statement");
      return FALSE;
    }
  /* Without this libgda prepares when it first executes, and when that fails it writes the values into
   * the text and tries again. Here a value is bound or not used. */
  if (!gda_statement_get_parameters (statement, &set, error) ||
      !door_gda_prepare (self->cache->connection, statement, error))
    return FALSE;
  g_set_object (&self->statement, statement);
  g_set_object (&self->set, set);
  return TRUE;
}

static DoorGdaStatement *
statement_new (DoorGdaStatementCache *cache, const Entry *entry, const char *types, GError **error)
{
  DoorGdaStatement *self = g_new0 (DoorGdaStatement, 1);
  const GType end = G_TYPE_NONE;

  self->cache = cache;
  self->kind = door_gda_sql_get_kind (entry->sql);
  self->types = g_strdup (types);
  self->columns = g_array_new (FALSE, TRUE, sizeof (GType));
  g_array_append_val (self->columns, end);
  if (prepare (self, entry->sql, error))
    return self;
  statement_free (self);
  return NULL;
}

static Entry *
find_entry (DoorGdaStatementCache *self, const char *sql, GError **error)
{
  Entry *entry = g_hash_table_lookup (self->entries, sql);
  g_autoptr (DoorGdaSql) parsed = NULL;

  if (entry != NULL)
    return entry;
  parsed = door_gda_sql_parse (sql, error);
  if (parsed == NULL)
    return NULL;
  if (self->n_statements >= MAX_STATEMENTS || g_hash_table_size (self->entries) >= MAX_STATEMENTS)
    {
      g_hash_table_remove_all (self->entries);
      self->n_statements = 0;
    }
  entry = g_new0 (Entry, 1);
  entry->sql = g_steal_pointer (&parsed);
  entry->statements = g_ptr_array_new_with_free_func ((GDestroyNotify) statement_free);
  g_hash_table_insert (self->entries, g_strdup (sql), entry);
  return entry;
}

static DoorGdaStatement *
find_statement (DoorGdaStatementCache *self, Entry *entry, const char *types, GError **error)
{
  DoorGdaStatement *statement;

  for (guint i = 0; i < entry->statements->len; i++)
    {
      statement = g_ptr_array_index (entry->statements, i);
      if (g_str_equal (statement->types, types))
        return statement;
    }
  statement = statement_new (self, entry, types, error);
  if (statement != NULL)
    {
      g_ptr_array_add (entry->statements, statement);
      self->n_statements++;
    }
  return statement;
}

/* Name, value, name, value: the parameters taken apart once, because to look one up in a dictionary takes
 * apart all that stand before it. */
static GPtrArray *
take_apart (GVariant *params)
{
  size_t n = params != NULL ? g_variant_n_children (params) : 0;
  GPtrArray *pairs = g_ptr_array_new_full ((guint) (2 * n), (GDestroyNotify) g_variant_unref);

  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (params, i);
      g_autoptr (GVariant) boxed = g_variant_get_child_value (entry, 1);

      g_ptr_array_add (pairs, g_variant_get_child_value (entry, 0));
      g_ptr_array_add (pairs, g_variant_get_variant (boxed));
    }
  return pairs;
}

static GVariant *
find_value (const GPtrArray *pairs, const char *name)
{
  for (guint i = 0; i < pairs->len; i += 2)
    if (strcmp (g_variant_get_string (pairs->pdata[i], NULL), name) == 0)
      return g_variant_ref (pairs->pdata[i + 1]);
  return NULL;
}

static GPtrArray *
collect (const DoorGdaSql *sql, GVariant *params, char *types, GError **error)
{
  size_t n = door_gda_sql_get_n_names (sql);
  g_autoptr (GPtrArray) pairs = take_apart (params);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);

  for (size_t i = 0; i < n; i++)
    {
      const char *name = door_gda_sql_get_name (sql, i);
      GVariant *value = find_value (pairs, name);

      types[i] = door_gda_value_get_letter (value);
      if (types[i] == '\0')
        {
          door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "parameter :%s is %s", name,
                          value == NULL ? "missing" : "of a wrong type");
          g_clear_pointer (&value, g_variant_unref);
          return NULL;
        }
      g_ptr_array_add (values, value);
    }
  return g_steal_pointer (&values);
}

static gboolean
set_values (DoorGdaStatement *self, GPtrArray *values, GError **error)
{
  for (guint i = 0; i < values->len; i++)
    {
      char name[24];
      GdaHolder *holder;

      if (self->types[i] == 'n')
        continue;
      g_snprintf (name, sizeof name, "p%u", i);
      holder = self->set != NULL ? gda_set_get_holder (self->set, name) : NULL;
      if (holder == NULL)
        {
          door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "parameter %u was not found", i);
          return FALSE;
        }
      if (!gda_holder_take_value (
              holder, door_gda_value_new (values->pdata[i], self->cache->backend->numbers_as_text), error))
        return FALSE;
    }
  return TRUE;
}

/**
 * door_gda_statement_cache_parse:
 * @self: a cache
 * @sql: one statement with `:name` parameters
 * @error: return location for an error
 *
 * Checks a statement without asking the database.
 *
 * Returns: (transfer none): the statement's parts, good until the next call; or %NULL with
 *   %DOOR_ERROR_FAILED
 */
const DoorGdaSql *
door_gda_statement_cache_parse (DoorGdaStatementCache *self, const char *sql, GError **error)
{
  Entry *entry = find_entry (self, sql, error);

  return entry != NULL ? entry->sql : NULL;
}

/**
 * door_gda_statement_cache_parse_batch:
 * @self: a cache
 * @sql: one statement with `:name` parameters
 * @error: return location for an error
 *
 * Finds the parts of a statement that is to be run for many rows, without asking the database.
 *
 * Returns: (transfer full): the parts, or %NULL with %DOOR_ERROR_FAILED
 */
DoorGdaBatch *
door_gda_statement_cache_parse_batch (DoorGdaStatementCache *self, const char *sql, GError **error)
{
  Entry *entry = find_entry (self, sql, error);

  if (entry == NULL)
    return NULL;
  if (entry->batch == NULL)
    entry->batch = door_gda_batch_parse (entry->sql, error);
  return entry->batch != NULL ? door_gda_batch_ref (entry->batch) : NULL;
}

/**
 * door_gda_statement_cache_bind:
 * @self: a cache
 * @sql: one statement with `:name` parameters
 * @params: (nullable): `a{sv}` with a value for each name
 * @error: return location for an error, of libgda's domains when the database refused the statement
 *
 * Finds the statement for these types, or prepares it, and gives it the values. Blocks when it
 * prepares.
 *
 * Returns: (transfer none): the statement, good until the next call; or %NULL
 */
DoorGdaStatement *
door_gda_statement_cache_bind (DoorGdaStatementCache *self, const char *sql, GVariant *params, GError **error)
{
  Entry *entry = find_entry (self, sql, error);
  g_autoptr (GPtrArray) values = NULL;
  g_autofree char *types = NULL;
  DoorGdaStatement *statement;

  if (entry == NULL)
    return NULL;
  if (params != NULL && !g_variant_is_of_type (params, G_VARIANT_TYPE_VARDICT))
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "parameters are of type %s, not a{sv}",
                      g_variant_get_type_string (params));
      return NULL;
    }
  types = g_malloc0 (door_gda_sql_get_n_names (entry->sql) + 1);
  values = collect (entry->sql, params, types, error);
  if (values == NULL)
    return NULL;
  statement = find_statement (self, entry, types, error);
  return statement != NULL && set_values (statement, values, error) ? statement : NULL;
}

/**
 * door_gda_statement_get_kind:
 * @self: a statement
 *
 * Returns: what it does
 */
DoorGdaSqlKind
door_gda_statement_get_kind (const DoorGdaStatement *self)
{
  return self->kind;
}

/**
 * door_gda_statement_execute:
 * @self: a bound statement that returns no rows
 * @error: return location for an error of libgda's domains
 *
 * Runs the statement. Blocks.
 *
 * Returns: the affected rows as libgda counts them, which may be negative; with @error set on failure
 */
int
door_gda_statement_execute (DoorGdaStatement *self, GError **error)
{
  return gda_connection_statement_execute_non_select (self->cache->connection, self->statement, self->set,
                                                      NULL, error);
}

static gboolean
is_narrow (GType type)
{
  return type == G_TYPE_INT || type == G_TYPE_UINT || type == G_TYPE_CHAR || type == G_TYPE_UCHAR ||
         type == GDA_TYPE_SHORT || type == GDA_TYPE_USHORT || type == G_TYPE_UINT64;
}

/* SQLite's provider fixes the type of a column by its declaration or by the first value it meets, as a
 * 32-bit integer where it finds an integer; larger ones then cannot be read. So look at what it chose. */
static gboolean
learn_columns (DoorGdaStatement *self, GdaDataModel *model)
{
  gint n = gda_data_model_get_n_columns (model);
  gboolean again = FALSE;

  g_array_set_size (self->columns, (guint) n + 1);
  g_array_index (self->columns, GType, n) = G_TYPE_NONE;
  self->settled = true;
  for (gint i = 0; i < n; i++)
    {
      GType *known = &g_array_index (self->columns, GType, i);
      GType found = gda_column_get_g_type (gda_data_model_describe_column (model, i));

      if (*known == G_TYPE_NONE)
        *known = 0;
      if (*known != 0)
        continue;
      if (is_narrow (found))
        {
          *known = G_TYPE_INT64;
          again = TRUE;
        }
      else if (found != GDA_TYPE_NULL && found != G_TYPE_INVALID)
        *known = found;
      else
        self->settled = false; /* only NULL so far */
    }
  return again;
}

/* The types asked for count only when a prepared statement first runs. */
static gboolean
renew (DoorGdaStatement *self, GError **error)
{
  g_autoptr (GdaStatement) copy = gda_statement_copy (self->statement);

  if (!door_gda_prepare (self->cache->connection, copy, error))
    return FALSE;
  g_set_object (&self->statement, copy);
  return TRUE;
}

/**
 * door_gda_statement_select:
 * @self: a bound SELECT
 * @error: return location for an error of libgda's domains
 *
 * Runs the statement, a second time where that is needed to read integers of 64 bits. Blocks.
 *
 * Returns: (transfer full): the rows, or %NULL
 */
GdaDataModel *
door_gda_statement_select (DoorGdaStatement *self, GError **error)
{
  g_autoptr (GdaDataModel) model = gda_connection_statement_execute_select_full (
      self->cache->connection, self->statement, self->set, GDA_STATEMENT_MODEL_RANDOM_ACCESS,
      (GType *) (gpointer) self->columns->data, error);

  if (model == NULL || !self->cache->backend->dynamic_types || self->settled || !learn_columns (self, model))
    return g_steal_pointer (&model);
  g_clear_object (&model);
  if (!renew (self, error))
    return NULL;
  return gda_connection_statement_execute_select_full (self->cache->connection, self->statement, self->set,
                                                       GDA_STATEMENT_MODEL_RANDOM_ACCESS,
                                                       (GType *) (gpointer) self->columns->data, error);
}
