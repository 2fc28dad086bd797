/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <glib.h>

/* Five functions of libpq, put before libpq's own (libgda 5.2.10, PostgreSQL 15). They must be found
 * before them, so they live in the library that the program itself is linked with: a plugin is looked
 * at too late. Without PostgreSQL nobody calls them. */

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

typedef struct
{
  char *keyword;
  char *envvar;
  char *compiled;
  char *value; /* (nullable) */
  char *label;
  char *dispchar;
  int dispsize;
} PQconninfoOption;

char *PQresultErrorField (const PGresult *result, int field);
PGconn *PQconnectdb (const char *settings);
PGresult *PQexec (PGconn *connection, const char *sql);
PGresult *PQprepare (PGconn *connection, const char *name, const char *sql, int n_params,
                     const unsigned int *types);
PGresult *PQexecPrepared (PGconn *connection, const char *name, int n_params, const char *const *values,
                          const int *lengths, const int *formats, int result_format);

enum
{
  FIELD_SQLSTATE = 'C',  /* PG_DIAG_SQLSTATE */
  VERBOSITY_VERBOSE = 2, /* PQERRORS_VERBOSE */
  CONNECTION_OK = 0,
  STATUS_COPY_OUT = 3, /* PGRES_COPY_OUT */
  STATUS_COPY_IN = 4,
  STATUS_COPY_BOTH = 8,
};

/* How long an answer is waited for before anybody asks how long that may be. */
#define FIRST_LOOK_MS 1000
/* Without a setting; as long as the network may stay silent by door-postgresql-uri.c. */
#define DEFAULT_SILENCE_MS 15000
/* The server ends a statement by itself at the same time; its answer is the better one. */
#define GRACE_MS 2000
/* For "DEALLOCATE": libgda says it for each statement of a connection that is being closed, and there may be
 * nobody who listens. */
#define GOODBYE_MS 250

typedef struct
{
  char *(*result_error_field) (const PGresult *, int);
  PGconn *(*connectdb) (const char *);
  int (*set_error_verbosity) (PGconn *, int);
  int (*send_query) (PGconn *, const char *);
  int (*send_prepare) (PGconn *, const char *, const char *, int, const unsigned int *);
  int (*send_query_prepared) (PGconn *, const char *, int, const char *const *, const int *, const int *,
                              int);
  int (*set_nonblocking) (PGconn *, int);
  int (*flush) (PGconn *);
  int (*is_busy) (PGconn *);
  int (*consume_input) (PGconn *);
  int (*socket) (const PGconn *);
  int (*status) (const PGconn *);
  PGresult *(*get_result) (PGconn *);
  int (*result_status) (const PGresult *);
  void (*clear) (PGresult *);
  PQconninfoOption *(*conninfo) (PGconn *);
  void (*conninfo_free) (PQconninfoOption *);
} Libpq;

/* Filled once, constant afterwards. */
static Libpq libpq;

static void
find_functions (void)
{
  static const struct
  {
    const char *name;
    void *target;
  } table[] = {
    { "PQresultErrorField", &libpq.result_error_field },
    { "PQconnectdb", &libpq.connectdb },
    { "PQsetErrorVerbosity", &libpq.set_error_verbosity },
    { "PQsendQuery", &libpq.send_query },
    { "PQsendPrepare", &libpq.send_prepare },
    { "PQsendQueryPrepared", &libpq.send_query_prepared },
    { "PQsetnonblocking", &libpq.set_nonblocking },
    { "PQflush", &libpq.flush },
    { "PQisBusy", &libpq.is_busy },
    { "PQconsumeInput", &libpq.consume_input },
    { "PQsocket", &libpq.socket },
    { "PQstatus", &libpq.status },
    { "PQgetResult", &libpq.get_result },
    { "PQresultStatus", &libpq.result_status },
    { "PQclear", &libpq.clear },
    { "PQconninfo", &libpq.conninfo },
    { "PQconninfoFree", &libpq.conninfo_free },
  };
  /* The library that asked has loaded it; it is not loaded here. */
  void *library = dlopen ("libpq.so.5", RTLD_LAZY | RTLD_NOLOAD);

  for (size_t i = 0; library != NULL && i < G_N_ELEMENTS (table); i++)
    *(void **) table[i].target = dlsym (library, table[i].name);
  if (library != NULL)
    dlclose (library); /* gives back the reference, not the library */
}

static const Libpq *
get_libpq (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, find_functions);
  return &libpq;
}

/**
 * PQresultErrorField:
 * @result: a failed result
 * @field: which of its fields
 *
 * Answers 08006, connection failure, where the server could not send a code because it is gone: libgda's
 * provider reads the code without looking whether there is one, and the process would crash.
 *
 * Returns: (transfer none) (nullable): the field
 */
char *
PQresultErrorField (const PGresult *result, int field)
{
  static char connection_failure[] = "08006";
  const Libpq *real = get_libpq ();
  char *value = real->result_error_field != NULL ? real->result_error_field (result, field) : NULL;

  return value == NULL && field == FIELD_SQLSTATE ? connection_failure : value;
}

/**
 * PQconnectdb:
 * @settings: libpq's connection text
 *
 * Connects and asks for verbose messages: they begin with the SQLSTATE, which libgda does not hand on
 * otherwise. Blocks.
 *
 * Returns: (transfer full) (nullable): the connection
 */
PGconn *
PQconnectdb (const char *settings)
{
  const Libpq *real = get_libpq ();
  PGconn *connection = real->connectdb != NULL ? real->connectdb (settings) : NULL;

  if (connection != NULL)
    real->set_error_verbosity (connection, VERBOSITY_VERBOSE);
  return connection;
}

/* The setting tcp_user_timeout of the connection, which libpq itself obeys only while the other side's kernel
 * is silent: a proxy or a server that hangs acknowledges everything and answers nothing. */
static int64_t
read_silence_ms (PGconn *connection)
{
  PQconninfoOption *options = libpq.conninfo (connection);
  guint64 silence_ms = 0;

  for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
    if (strcmp (option->keyword, "tcp_user_timeout") == 0 && option->value != NULL &&
        !g_ascii_string_to_unsigned (option->value, 10, 0, G_MAXINT32, &silence_ms, NULL))
      silence_ms = 0;
  libpq.conninfo_free (options);
  return silence_ms != 0 ? (int64_t) silence_ms : DEFAULT_SILENCE_MS;
}

typedef struct
{
  PGconn *connection;
  int64_t began_ms;
  int64_t limit_ms; /* 0: not known yet */
} Patience;

/* False when the database has been silent for too long. */
static bool
wait_for_socket (Patience *self, short events)
{
  for (;;)
    {
      struct pollfd descriptor = { .fd = libpq.socket (self->connection), .events = events };
      int64_t passed_ms = g_get_monotonic_time () / 1000 - self->began_ms;
      int64_t left_ms;

      if (self->limit_ms == 0 && passed_ms >= FIRST_LOOK_MS)
        self->limit_ms = read_silence_ms (self->connection) + GRACE_MS;
      left_ms = (self->limit_ms != 0 ? self->limit_ms : FIRST_LOOK_MS) - passed_ms;
      if (left_ms <= 0)
        return false;
      /* what poll() itself complains about, libpq will meet and report */
      if (poll (&descriptor, 1, (int) left_ms) != 0)
        return true;
    }
}

static bool
await_answer (Patience *self)
{
  int pending;

  while ((pending = libpq.flush (self->connection)) == 1)
    if (!wait_for_socket (self, POLLIN | POLLOUT) || libpq.consume_input (self->connection) == 0)
      return false;
  while (pending == 0 && libpq.is_busy (self->connection) != 0)
    if (!wait_for_socket (self, POLLIN) || libpq.consume_input (self->connection) == 0)
      return false;
  return pending == 0;
}

/* The last result, as libpq's own functions give it; they would wait for ever. */
static PGresult *
collect (Patience *self)
{
  PGresult *last = NULL, *next;

  for (;;)
    {
      int status;

      /* Once the socket is shut down, libpq finds the connection closed and says so in a result. */
      if (!await_answer (self) && libpq.status (self->connection) == CONNECTION_OK)
        {
          g_warning ("the database has not answered for %" G_GINT64_FORMAT " ms: its connection is given up",
                     g_get_monotonic_time () / 1000 - self->began_ms);
          shutdown (libpq.socket (self->connection), SHUT_RDWR);
        }
      next = libpq.get_result (self->connection);
      if (next == NULL)
        return last;
      if (last != NULL)
        libpq.clear (last);
      last = next;
      status = libpq.result_status (last);
      if (status == STATUS_COPY_IN || status == STATUS_COPY_OUT || status == STATUS_COPY_BOTH ||
          libpq.status (self->connection) != CONNECTION_OK)
        return last;
    }
}

/* The connection stays so: to go back would clear the message of an error, which libgda reads. */
static Patience
begin (PGconn *connection, int64_t limit_ms)
{
  libpq.set_nonblocking (connection, 1);
  return (Patience){ connection, g_get_monotonic_time () / 1000, limit_ms };
}

/**
 * PQexec:
 * @connection: a connection
 * @sql: one statement
 *
 * As libpq's, but ends with a lost connection when the database does not answer. Blocks no longer than the
 * connection's tcp_user_timeout and two seconds more.
 *
 * Returns: (transfer full) (nullable): the result, %NULL when nothing could be sent
 */
PGresult *
PQexec (PGconn *connection, const char *sql)
{
  bool goodbye = g_str_has_prefix (sql, "DEALLOCATE");
  Patience patience;

  if (get_libpq ()->send_query == NULL || connection == NULL)
    return NULL;
  patience = begin (connection, goodbye ? GOODBYE_MS : 0);
  return libpq.send_query (connection, sql) != 0 ? collect (&patience) : NULL;
}

/**
 * PQprepare:
 * @connection: a connection
 * @name: name of the statement
 * @sql: its text
 * @n_params: how many types follow
 * @types: (nullable): types of the parameters
 *
 * As libpq's, with the end that PQexec() has. Blocks.
 *
 * Returns: (transfer full) (nullable): the result
 */
PGresult *
PQprepare (PGconn *connection, const char *name, const char *sql, int n_params, const unsigned int *types)
{
  Patience patience;

  if (get_libpq ()->send_prepare == NULL || connection == NULL)
    return NULL;
  patience = begin (connection, 0);
  return libpq.send_prepare (connection, name, sql, n_params, types) != 0 ? collect (&patience) : NULL;
}

/**
 * PQexecPrepared:
 * @connection: a connection
 * @name: name of the statement
 * @n_params: how many values there are
 * @values: (nullable): the values
 * @lengths: (nullable): their lengths
 * @formats: (nullable): their formats
 * @result_format: format of the result
 *
 * As libpq's, with the end that PQexec() has. Blocks.
 *
 * Returns: (transfer full) (nullable): the result
 */
PGresult *
PQexecPrepared (PGconn *connection, const char *name, int n_params, const char *const *values,
                const int *lengths, const int *formats, int result_format)
{
  Patience patience;
  int sent;

  if (get_libpq ()->send_query_prepared == NULL || connection == NULL)
    return NULL;
  patience = begin (connection, 0);
  sent = libpq.send_query_prepared (connection, name, n_params, values, lengths, formats, result_format);
  return sent != 0 ? collect (&patience) : NULL;
}
