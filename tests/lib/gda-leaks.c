/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In front of libgda's functions in builds with the address sanitizer: libgda 5.2.10 never gives back 16
 * bytes for each statement it prepares, something small for each connection, and the result of each statement
 * that PostgreSQL refused. Leaks can be told apart by their stacks too, but only when each allocation of each
 * test pays for a stack that reaches through libraries without frame pointers: that takes five times as long.
 * It is preloaded into whatever a test starts, so it is a library without a sanitizer, and for other programs
 * it does nothing. */
#include <dlfcn.h>

#include <libgda/libgda.h>

extern void __lsan_disable (void) __attribute__ ((weak));
extern void __lsan_enable (void) __attribute__ ((weak));

/* It stands behind a plugin, so it is in no scope of the program. */
#define REAL(function)                                                                                       \
  *(void **) (&real) = dlsym (dlopen ("libgda-5.0.so.4", RTLD_LAZY | RTLD_NOLOAD), function)

static void
forgive (void)
{
  if (__lsan_disable != NULL)
    __lsan_disable ();
}

static void
count_again (void)
{
  if (__lsan_enable != NULL)
    __lsan_enable ();
}

gboolean
gda_connection_open (GdaConnection *connection, GError **error)
{
  gboolean (*real) (GdaConnection *, GError **);
  gboolean opened;

  REAL ("gda_connection_open");
  forgive ();
  opened = real (connection, error);
  count_again ();
  return opened;
}

gboolean
gda_connection_statement_prepare (GdaConnection *connection, GdaStatement *statement, GError **error)
{
  gboolean (*real) (GdaConnection *, GdaStatement *, GError **);
  gboolean prepared;

  REAL ("gda_connection_statement_prepare");
  forgive ();
  prepared = real (connection, statement, error);
  count_again ();
  return prepared;
}

GObject *
gda_connection_statement_execute (GdaConnection *connection, GdaStatement *statement, GdaSet *params,
                                  GdaStatementModelUsage usage, GdaSet **last_inserted_row, GError **error)
{
  GObject *(*real) (GdaConnection *, GdaStatement *, GdaSet *, GdaStatementModelUsage, GdaSet **, GError **);
  GObject *result;

  REAL ("gda_connection_statement_execute");
  forgive ();
  result = real (connection, statement, params, usage, last_inserted_row, error);
  count_again ();
  return result;
}

gint
gda_connection_statement_execute_non_select (GdaConnection *connection, GdaStatement *statement,
                                             GdaSet *params, GdaSet **last_inserted_row, GError **error)
{
  gint (*real) (GdaConnection *, GdaStatement *, GdaSet *, GdaSet **, GError **);
  gint rows;

  REAL ("gda_connection_statement_execute_non_select");
  forgive ();
  rows = real (connection, statement, params, last_inserted_row, error);
  count_again ();
  return rows;
}

GdaDataModel *
gda_connection_statement_execute_select_full (GdaConnection *connection, GdaStatement *statement,
                                              GdaSet *params, GdaStatementModelUsage usage, GType *types,
                                              GError **error)
{
  GdaDataModel *(*real) (GdaConnection *, GdaStatement *, GdaSet *, GdaStatementModelUsage, GType *,
                         GError **);
  GdaDataModel *model;

  REAL ("gda_connection_statement_execute_select_full");
  forgive ();
  model = real (connection, statement, params, usage, types, error);
  count_again ();
  return model;
}

void
gda_init (void)
{
  void (*real) (void);

  REAL ("gda_init");
  forgive ();
  real ();
  count_again ();
}

GdaServerProvider *
gda_config_get_provider (const gchar *name, GError **error)
{
  GdaServerProvider *(*real) (const gchar *, GError **);
  GdaServerProvider *provider;

  REAL ("gda_config_get_provider");
  forgive ();
  provider = real (name, error);
  count_again ();
  return provider;
}
