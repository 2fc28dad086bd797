/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-connection.h"

#include <libgda/libgda.h>

#include "door-error.h"
#include "door-gda-rows.h"
#include "door-gda-statement.h"
#include "door-gda-value.h"

struct _DoorGdaConnection
{
  const DoorGdaBackend *backend;
  GdaConnection *connection;
  GdaSqlParser *parser;
  GHashTable *own; /* (element-type utf8 GdaStatement): the backend's own statements */
  DoorGdaStatementCache *cache;
  DoorTxnMode mode; /* of the transaction that runs */
  bool begun;       /* the database was told of it */
  bool asked;       /* it has had a query */
  bool failed;      /* a statement failed since the last savepoint that was gone back to */
  bool lost;        /* of no use any more */
};

static DoorGdaFailure
find_failure (const DoorGdaConnection *self, const GError *from)
{
  /* libgda's own complaints about what it was given: the database never saw it. */
  if (from == NULL || from->domain == GDA_HOLDER_ERROR || from->domain == GDA_SET_ERROR ||
      from->domain == GDA_SQL_PARSER_ERROR || from->domain == GDA_STATEMENT_ERROR)
    return DOOR_GDA_FAILURE_STATEMENT;
  return self->backend->classify (from->message);
}

/* Takes what libgda reported and makes it ours, once and in one place. */
static void
take_failure (DoorGdaConnection *self, GError *from, GError **error)
{
  DoorGdaFailure failure;
  g_autofree char *line = NULL;

  self->failed = true;
  if (from != NULL && from->domain == DOOR_ERROR)
    {
      g_propagate_error (error, from);
      return;
    }
  failure = find_failure (self, from);
  if (failure == DOOR_GDA_FAILURE_LOST)
    self->lost = true;

  /* Details below the first line repeat the values of a row. */
  line = g_strdup (from != NULL ? from->message : "the provider gave no reason");
  g_strdelimit (line, "\n", '\0');
  if (failure == DOOR_GDA_FAILURE_STATEMENT)
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "database: %s", line);
  else
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "database: %s", line);
  g_clear_error (&from);
}

static void
set_lost (GError **error)
{
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                  "database: the connection was lost earlier in this transaction");
}

/* libgda gives all connections the same provider object, whose table of data handlers grows with each
 * connection that opens, shrinks with each that closes, is read by each statement, and has no lock. So each
 * connection has a provider of its own. */
static GdaConnection *
make_connection (const char *provider, const char *where, const char *who, GError **error)
{
  GdaServerProvider *shared = gda_config_get_provider (provider, error);
  g_autoptr (GObject) own = shared != NULL ? g_object_new (G_OBJECT_TYPE (shared), NULL) : NULL;

  if (own == NULL)
    return NULL;
  return g_object_new (GDA_TYPE_CONNECTION, "provider", own, "cnc-string", where, "auth-string", who, NULL);
}

/**
 * door_gda_connection_new:
 * @backend: what is particular about the database; outlives the connection
 * @where: libgda's connection string
 * @who: (nullable): libgda's authentication string
 * @error: return location for an error
 *
 * Connects. Blocks.
 *
 * Returns: (transfer full): the connection, or %NULL with %DOOR_ERROR_UNAVAILABLE
 */
DoorGdaConnection *
door_gda_connection_new (const DoorGdaBackend *backend, const char *where, const char *who, GError **error)
{
  g_autoptr (GError) from = NULL;
  GdaConnection *connection = make_connection (backend->provider, where, who, &from);
  DoorGdaConnection *self;

  if (connection == NULL || !gda_connection_open (connection, &from))
    {
      g_clear_object (&connection);
      if (from != NULL)
        g_strdelimit (from->message, "\n", ' ');
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                      "cannot open the database: %s",
                      from != NULL ? from->message : "the provider gave no reason");
      return NULL;
    }
  self = g_new0 (DoorGdaConnection, 1);
  self->backend = backend;
  self->connection = connection;
  self->cache = door_gda_statement_cache_new (connection, backend);
  self->parser = gda_sql_parser_new ();
  g_object_set (self->parser, "mode", GDA_SQL_PARSER_MODE_DELIMIT, NULL);
  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return self;
}

/**
 * door_gda_connection_free:
 * @self: (transfer full): a connection
 *
 * Disconnects; a transaction that runs is rolled back by the database. May block.
 */
void
door_gda_connection_free (DoorGdaConnection *self)
{
  /* Prepared statements say goodbye through the connection. */
  g_clear_pointer (&self->cache, door_gda_statement_cache_free);
  g_clear_pointer (&self->own, g_hash_table_unref);
  g_object_unref (self->parser);
  gda_connection_close_no_warning (self->connection);
  g_object_unref (self->connection);
  g_free (self);
}

static char *
dup_first_value (GObject *answer)
{
  const GValue *value;

  if (!GDA_IS_DATA_MODEL (answer) || gda_data_model_get_n_rows (GDA_DATA_MODEL (answer)) < 1)
    return NULL;
  value = gda_data_model_get_value_at (GDA_DATA_MODEL (answer), 0, 0, NULL); /* NULL is an answer too */
  return value != NULL && !gda_value_is_null (value) ? gda_value_stringify (value) : NULL;
}

static GdaStatement *
find_own (DoorGdaConnection *self, const char *sql, GError **error)
{
  GdaStatement *known = g_hash_table_lookup (self->own, sql);
  g_autoptr (GdaStatement) statement = NULL;

  if (known != NULL)
    return known;
  statement = gda_sql_parser_parse_string (self->parser, sql, NULL, error);
  if (statement == NULL || !door_gda_prepare (self->connection, statement, error))
    return NULL;
  g_hash_table_insert (self->own, g_strdup (sql), g_object_ref (statement));
  return statement;
}

/**
 * door_gda_connection_run:
 * @self: a connection
 * @sql: one statement of a backend's own: `PRAGMA`, `SET`, `BEGIN`, `COMMIT`
 * @result: (out) (optional) (nullable) (transfer full): the first value of the first row, as text
 * @error: return location for an error
 *
 * Runs a constant statement without parameters, outside the rules for everybody else's. Blocks.
 *
 * Returns: %FALSE with %DOOR_ERROR_UNAVAILABLE or %DOOR_ERROR_FAILED
 */
gboolean
door_gda_connection_run (DoorGdaConnection *self, const char *sql, char **result, GError **error)
{
  GError *from = NULL;
  GdaStatement *statement = find_own (self, sql, &from);
  g_autoptr (GObject) answer = NULL;

  if (statement != NULL)
    answer = gda_connection_statement_execute (self->connection, statement, NULL,
                                               GDA_STATEMENT_MODEL_RANDOM_ACCESS, NULL, &from);
  if (answer == NULL)
    {
      take_failure (self, from, error);
      return FALSE;
    }
  if (result != NULL)
    *result = dup_first_value (answer);
  return TRUE;
}

/**
 * door_gda_connection_begin:
 * @self: a connection on which no transaction runs
 * @mode: what the transaction may do
 * @error: return location for an error
 *
 * Begins a transaction. Blocks. A failure is never the caller's fault.
 *
 * Returns: %FALSE with %DOOR_ERROR_UNAVAILABLE
 */
gboolean
door_gda_connection_begin (DoorGdaConnection *self, DoorTxnMode mode, GError **error)
{
  g_autoptr (GError) from = NULL;

  self->mode = mode;
  self->asked = false;
  self->failed = false;
  self->begun = mode != DOOR_TXN_SINGLE || !self->backend->single_is_bare;
  if (!self->begun ||
      door_gda_connection_run (
          self, self->backend->begin[mode == DOOR_TXN_WRITE ? DOOR_TXN_WRITE : DOOR_TXN_READ], NULL, &from))
    return TRUE;
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE, "cannot begin a transaction: %s",
                  from->message);
  return FALSE;
}

/**
 * door_gda_connection_end:
 * @self: a connection on which a transaction runs
 * @commit: keep the changes
 * @error: return location for an error
 *
 * Ends the transaction. Blocks until the changes are durable. Afterwards the connection is either ready
 * for the next transaction or lost.
 *
 * Returns: %FALSE when a commit was asked for and may not be relied on: %DOOR_ERROR_UNAVAILABLE, or
 *   %DOOR_ERROR_FAILED when a statement of the transaction had failed
 */
gboolean
door_gda_connection_end (DoorGdaConnection *self, gboolean commit, GError **error)
{
  GError *from = NULL;

  if (self->lost)
    {
      if (commit)
        set_lost (error);
      return !commit;
    }
  /* PostgreSQL answers COMMIT of a transaction that failed with success, having rolled it back. */
  if (commit && self->failed)
    door_error_set (&from, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL,
                    "not committed: a statement of the transaction had failed");
  else if (commit && (!self->begun || door_gda_connection_run (self, "COMMIT", NULL, &from)))
    return TRUE;

  /* A refused COMMIT can leave the transaction open. SQLite may also have ended it by itself, and then
   * has nothing to roll back: whatever state that is, the next user gets a new connection. */
  if (self->begun && !self->lost && !door_gda_connection_run (self, "ROLLBACK", NULL, NULL))
    self->lost = true;
  if (from != NULL)
    g_propagate_error (error, from);
  return !commit;
}

static gboolean
check_allowed (DoorGdaConnection *self, DoorGdaSqlKind kind, bool want_rows, GError **error)
{
  const char *reason = NULL;

  if (self->failed && kind != DOOR_GDA_SQL_ROLLBACK_TO)
    reason = "an earlier statement of the transaction failed; only ROLLBACK TO is possible";
  else if ((kind == DOOR_GDA_SQL_SELECT) != want_rows)
    reason = want_rows ? "a query must be a SELECT" : "a SELECT must be a query";
  else if (self->mode != DOOR_TXN_WRITE && (kind == DOOR_GDA_SQL_CHANGE || kind == DOOR_GDA_SQL_DEFINE))
    reason = "a transaction that reads may not write";
  else if (self->mode == DOOR_TXN_SINGLE && (kind != DOOR_GDA_SQL_SELECT || self->asked))
    reason = "a transaction for a single query has no more";
  if (reason == NULL)
    return TRUE;
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "SQL refused: %s", reason);
  return FALSE;
}

static DoorGdaStatement *
bind (DoorGdaConnection *self, const char *sql, GVariant *params, bool want_rows, GError **error)
{
  const DoorGdaSql *parsed;
  DoorGdaStatement *statement = NULL;
  GError *from = NULL;

  if (self->lost)
    {
      set_lost (error);
      return NULL;
    }
  parsed = door_gda_statement_cache_parse (self->cache, sql, &from);
  if (parsed != NULL && check_allowed (self, door_gda_sql_get_kind (parsed), want_rows, &from))
    statement = door_gda_statement_cache_bind (self->cache, sql, params, &from);
  if (statement == NULL)
    take_failure (self, from, error);
  return statement;
}

/**
 * door_gda_connection_execute:
 * @self: a connection on which a transaction runs
 * @sql: see door_txn_execute()
 * @params: (nullable): see door_txn_execute()
 * @error: return location for an error
 *
 * Runs a statement without rows. Blocks.
 *
 * Returns: see door_txn_execute()
 */
int64_t
door_gda_connection_execute (DoorGdaConnection *self, const char *sql, GVariant *params, GError **error)
{
  DoorGdaStatement *statement = bind (self, sql, params, false, error);
  GError *from = NULL;
  int n_rows;

  if (statement == NULL)
    return -1;
  n_rows = door_gda_statement_execute (statement, &from);
  if (from != NULL || n_rows == -1)
    {
      take_failure (self, from, error);
      return -1;
    }
  if (door_gda_statement_get_kind (statement) == DOOR_GDA_SQL_ROLLBACK_TO)
    self->failed = false;
  /* For the others the number is left over from an earlier statement. */
  return door_gda_statement_get_kind (statement) == DOOR_GDA_SQL_CHANGE ? MAX (n_rows, 0) : 0;
}

/* What is wrong with statement or rows is found before the database is asked, and counts as a failed
 * statement. */
static DoorGdaRows *
check_batch (DoorGdaConnection *self, const char *sql, GVariant *rows, char **text, GError **error)
{
  g_autoptr (DoorGdaBatch) batch = NULL;
  DoorGdaRows *checked = NULL;
  GError *from = NULL;

  if (self->lost)
    {
      set_lost (error);
      return NULL;
    }
  batch = door_gda_statement_cache_parse_batch (self->cache, sql, &from);
  if (batch != NULL && check_allowed (self, DOOR_GDA_SQL_CHANGE, false, &from))
    checked = door_gda_rows_new (batch, rows, &from);
  if (checked == NULL)
    take_failure (self, from, error);
  else
    *text = door_gda_batch_render (batch, &self->backend->batch, door_gda_rows_get_types (checked));
  return checked;
}

/**
 * door_gda_connection_execute_batch:
 * @self: a connection on which a transaction runs
 * @sql: see door_txn_execute_batch()
 * @rows: see door_txn_execute_batch()
 * @error: return location for an error
 *
 * Runs a statement for many rows, one round trip a piece. Blocks.
 *
 * Returns: see door_txn_execute_batch()
 */
int64_t
door_gda_connection_execute_batch (DoorGdaConnection *self, const char *sql, GVariant *rows, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (DoorGdaRows) pieces = check_batch (self, sql, rows, &text, error);
  g_autoptr (GVariant) alone = NULL;
  const char *json = NULL;
  int64_t n_rows = 0;

  if (pieces == NULL)
    return -1;
  while (door_gda_rows_next (pieces, &json, &alone))
    {
      g_autoptr (GVariant) params = g_steal_pointer (&alone);
      int64_t n;

      if (params == NULL)
        params = g_variant_ref_sink (g_variant_new_parsed ("{'rows': <%s>}", json));
      n = door_gda_connection_execute (self, json != NULL ? text : sql, params, error);
      if (n < 0)
        return -1;
      n_rows += n;
    }
  return n_rows;
}

static gboolean
read_row (GdaDataModel *model, gint row, GVariantBuilder *rows, GError **error)
{
  gint n = gda_data_model_get_n_columns (model);

  g_variant_builder_open (rows, G_VARIANT_TYPE_VARDICT);
  for (gint i = 0; i < n; i++)
    {
      GError *from = NULL;
      const char *name = gda_data_model_get_column_name (model, i);
      const GValue *value = gda_data_model_get_value_at (model, i, row, NULL); /* its reasons say nothing */
      GVariant *cell = value != NULL ? door_gda_value_to_variant (value, &from) : NULL;

      if (value == NULL)
        door_error_set (&from, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a value cannot be read");
      if (from != NULL)
        {
          g_propagate_prefixed_error (error, from, "column %s: ", name);
          return FALSE;
        }
      if (cell != NULL)
        g_variant_builder_add_value (
            rows, g_variant_new_dict_entry (g_variant_new_string (name), g_variant_new_variant (cell)));
    }
  g_variant_builder_close (rows);
  return TRUE;
}

/* SQLite's provider ends the rows early when a later one cannot be read, and tells nobody who does not
 * ask. */
static gboolean
check_complete (GdaDataModel *model, gint n_rows, GError **error)
{
  GError **exceptions = gda_data_model_get_exceptions (model);

  if (exceptions != NULL && exceptions[0] != NULL)
    {
      g_propagate_error (error, g_error_copy (exceptions[0]));
      return FALSE;
    }
  if (n_rows >= 0)
    return TRUE;
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                  "database: rows could not be read");
  return FALSE;
}

static GVariant *
read_rows (GdaDataModel *model, GError **error)
{
  gint n_rows = gda_data_model_get_n_rows (model);
  GVariantBuilder rows;

  if (!check_complete (model, n_rows, error))
    return NULL;
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (gint row = 0; row < n_rows; row++)
    if (!read_row (model, row, &rows, error))
      {
        g_variant_builder_clear (&rows);
        return NULL;
      }
  return g_variant_ref_sink (g_variant_builder_end (&rows));
}

/**
 * door_gda_connection_query:
 * @self: a connection on which a transaction runs
 * @sql: see door_txn_query()
 * @params: (nullable): see door_txn_query()
 * @error: return location for an error
 *
 * Reads rows. Blocks.
 *
 * Returns: (transfer full): see door_txn_query()
 */
GVariant *
door_gda_connection_query (DoorGdaConnection *self, const char *sql, GVariant *params, GError **error)
{
  DoorGdaStatement *statement = bind (self, sql, params, true, error);
  g_autoptr (GdaDataModel) model = NULL;
  GVariant *rows = NULL;
  GError *from = NULL;

  if (statement == NULL)
    return NULL;
  self->asked = true;
  model = door_gda_statement_select (statement, &from);
  if (model != NULL)
    rows = read_rows (model, &from);
  if (rows == NULL)
    take_failure (self, from, error);
  return rows;
}

/**
 * door_gda_connection_get_mode:
 * @self: a connection
 *
 * Returns: the mode of its transaction
 */
DoorTxnMode
door_gda_connection_get_mode (const DoorGdaConnection *self)
{
  return self->mode;
}

/**
 * door_gda_connection_is_lost:
 * @self: a connection
 *
 * Returns: true when it must be freed instead of used again
 */
bool
door_gda_connection_is_lost (const DoorGdaConnection *self)
{
  return self->lost;
}
