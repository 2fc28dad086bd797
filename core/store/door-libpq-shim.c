/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <stddef.h>

/* Two functions of libpq, put before libpq's own (libgda 5.2.10, PostgreSQL 15). They must be found
 * before them, so they live in the library that the program itself is linked with: a plugin is looked
 * at too late. Without PostgreSQL nobody calls them. */

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

char *PQresultErrorField (const PGresult *result, int field);
PGconn *PQconnectdb (const char *settings);

enum
{
  FIELD_SQLSTATE = 'C',  /* PG_DIAG_SQLSTATE */
  VERBOSITY_VERBOSE = 2, /* PQERRORS_VERBOSE */
};

/* The library that asked has loaded it; it is not loaded here. */
static void *
find_real (const char *name)
{
  void *library = dlopen ("libpq.so.5", RTLD_LAZY | RTLD_NOLOAD);
  void *symbol = library != NULL ? dlsym (library, name) : NULL;

  if (library != NULL)
    dlclose (library); /* gives back the reference, not the library */
  return symbol;
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
  char *(*real) (const PGresult *, int) = NULL;
  char *value;

  *(void **) (&real) = find_real ("PQresultErrorField");
  value = real != NULL ? real (result, field) : NULL;
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
  PGconn *(*real) (const char *) = NULL;
  int (*set_verbosity) (PGconn *, int) = NULL;
  PGconn *connection;

  *(void **) (&real) = find_real ("PQconnectdb");
  *(void **) (&set_verbosity) = find_real ("PQsetErrorVerbosity");
  connection = real != NULL ? real (settings) : NULL;
  if (connection != NULL && set_verbosity != NULL)
    set_verbosity (connection, VERBOSITY_VERBOSE);
  return connection;
}
