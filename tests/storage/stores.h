/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-error.h"
#include "door-schema.h"
#include "storage-fixture.h"

#define T(text) ((char *) (text))
#define must(call)                                                                                           \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    bool done_ = (call);                                                                                     \
    g_assert_no_error (error);                                                                               \
    g_assert_true (done_);                                                                                   \
  }                                                                                                          \
  G_STMT_END

/* The real tables, and one transaction for a whole test. */
static inline DoorTxn *
begin (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSchema) schema = door_schema_new (&error);
  DoorTxn *txn;

  g_assert_no_error (error);
  must (door_schema_migrate (fixture->storage, schema, 1, &error));
  txn = door_storage_begin (fixture->storage, DOOR_TXN_WRITE, NULL, &error);
  g_assert_no_error (error);
  return txn;
}

static inline void
assert_rows (DoorTxn *txn, const char *sql, const char *expected)
{
  g_autofree char *rows = fixture_read (txn, sql, NULL);

  g_assert_cmpstr (rows, ==, expected);
}
