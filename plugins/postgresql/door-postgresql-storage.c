/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-postgresql-storage.h"

#include <string.h>

#include "door-error.h"
#include "door-postgresql-uri.h"

struct _DoorPostgresqlStorage
{
  DoorGdaStorage parent_instance;

  DoorPostgresqlUri *uri;
  DoorSecret *password; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (DoorPostgresqlStorage, door_postgresql_storage, DOOR_TYPE_GDA_STORAGE)

/* The SQLSTATE at the start of a message, before or after the severity: "23505: …", "FATAL:  57P01: …".
 * It is there because the core tells libpq to be verbose. NULL when the server said nothing. */
static const char *
find_sqlstate (const char *message)
{
  for (const char *at = message; at != NULL && *at != '\0' && *at != '\n';)
    {
      size_t length;

      at += strspn (at, " \t");
      length = strspn (at, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
      /* "ERROR" and "FATAL" are five capitals too, but every code has a digit. */
      if (length == 5 && at[5] == ':' && strcspn (at, "0123456789") < length)
        return at;
      at = strstr (at, ": ");
      at = at != NULL ? at + 2 : NULL;
    }
  return NULL;
}

static DoorGdaFailure
classify (const char *message)
{
  /* PostgreSQL documentation, appendix A. By the first characters of the code. */
  static const struct
  {
    const char *prefix;
    DoorGdaFailure failure;
  } table[] = {
    { "08", DOOR_GDA_FAILURE_LOST },    /* connection exceptions */
    { "57P", DOOR_GDA_FAILURE_LOST },   /* shutdown, crash, starting up */
    { "25P03", DOOR_GDA_FAILURE_LOST }, /* idle in transaction for too long */
    { "25006",
      DOOR_GDA_FAILURE_LOST },       /* read-only: a standby now; the address may lead to the new primary */
    { "58", DOOR_GDA_FAILURE_LOST }, /* the server's system fails */
    { "XX", DOOR_GDA_FAILURE_LOST }, /* the server itself fails */
    { "53", DOOR_GDA_FAILURE_BUSY }, /* disk full, memory, connections */
    { "40", DOOR_GDA_FAILURE_BUSY }, /* deadlock, serialization */
    { "55P03", DOOR_GDA_FAILURE_BUSY }, /* lock timeout */
    { "57014", DOOR_GDA_FAILURE_BUSY }, /* statement timeout */
  };
  const char *state = find_sqlstate (message);

  /* Without one it was libpq that spoke: the server is gone. */
  if (state == NULL)
    return DOOR_GDA_FAILURE_LOST;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (strncmp (state, table[i].prefix, strlen (table[i].prefix)) == 0)
      return table[i].failure;
  return DOOR_GDA_FAILURE_STATEMENT;
}

static const DoorGdaBackend backend = {
  .provider = "PostgreSQL",
  .numbers_as_text = true,
  .begin = { [DOOR_TXN_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
             [DOOR_TXN_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" },
  /* By the types of the table: text and booleans become what the column is, as in a statement for one row. */
  .batch = { .rows = "json_populate_recordset(CAST(NULL AS #), CAST(:rows AS json)) AS r",
             .text = "r.#",
             .integer = "CAST(r.# AS BIGINT)",
             .number = "CAST(r.# AS DOUBLE PRECISION)",
             .boolean = "r.#" },
  .classify = classify,
};

static gboolean
configure (DoorGdaStorage *storage, DoorSettings *settings, GError **error)
{
  DoorPostgresqlStorage *self = DOOR_POSTGRESQL_STORAGE (storage);
  const char *text = door_settings_get_string (settings, "Uri");

  g_clear_pointer (&self->uri, door_postgresql_uri_free);
  g_clear_pointer (&self->password, door_secret_unref);
  self->uri = door_postgresql_uri_parse (text != NULL ? text : "", error);
  if (self->uri == NULL)
    return FALSE;
  if (!door_settings_is_set (settings, "Password"))
    return TRUE;
  self->password = door_settings_dup_secret (settings, "Password", error);
  return self->password != NULL;
}

static char *
dup_where (DoorGdaStorage *storage)
{
  return door_postgresql_uri_dup_where (DOOR_POSTGRESQL_STORAGE (storage)->uri);
}

static char *
dup_who (DoorGdaStorage *storage)
{
  DoorPostgresqlStorage *self = DOOR_POSTGRESQL_STORAGE (storage);

  return door_postgresql_uri_dup_who (self->uri,
                                      self->password != NULL ? door_secret_get_text (self->password) : NULL);
}

static const char *const setup[] = {
  "SET standard_conforming_strings = on",
  "SET client_min_messages = warning",
  "SET statement_timeout = '15s'",
  "SET lock_timeout = '5s'",
  "SET idle_in_transaction_session_timeout = '60s'",
  /* Only ever more durable than the administrator asked for: an answer that left is kept. */
  "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  NULL,
};

static void
door_postgresql_storage_finalize (GObject *object)
{
  DoorPostgresqlStorage *self = DOOR_POSTGRESQL_STORAGE (object);

  g_clear_pointer (&self->uri, door_postgresql_uri_free);
  g_clear_pointer (&self->password, door_secret_unref);
  G_OBJECT_CLASS (door_postgresql_storage_parent_class)->finalize (object);
}

static void
door_postgresql_storage_class_init (DoorPostgresqlStorageClass *klass)
{
  DoorGdaStorageClass *storage = DOOR_GDA_STORAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = door_postgresql_storage_finalize;
  storage->backend = &backend;
  storage->setup = setup;
  storage->max_writers = 4;
  storage->configure = configure;
  storage->dup_where = dup_where;
  storage->dup_who = dup_who;
}

static void
door_postgresql_storage_init (DoorPostgresqlStorage *self)
{
}

/**
 * door_postgresql_storage_get_keys:
 *
 * Returns: (transfer none) (array): the keys of `[database]` that belong to this storage
 */
const DoorKey *
door_postgresql_storage_get_keys (void)
{
  static const DoorKey keys[] = {
    { "Uri", DOOR_KEY_STRING, DOOR_KEY_FLAG_REQUIRED | DOOR_KEY_FLAG_RESTART, NULL, NULL,
      "Where the database is: postgresql://user@host/database, without a password." },
    { "Password", DOOR_KEY_SECRET, DOOR_KEY_FLAG_RESTART, NULL, NULL,
      "The password of the database user; not needed with peer authentication on a socket." },
    { NULL },
  };

  return keys;
}
