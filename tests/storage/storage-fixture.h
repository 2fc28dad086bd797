/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "storage-backend.h"

/* An open storage with one table. */
typedef struct
{
  char *place;
  DoorStorage *storage;
} Fixture;

typedef void (*FixtureTest) (Fixture *fixture);

void fixture_add (const char *path, FixtureTest test);
DoorStorage *fixture_open_another (const Fixture *fixture, const char *pool_size);
void fixture_write (Fixture *fixture, const char *sql, const char *params);
int64_t fixture_count (DoorStorage *storage);
char *fixture_read (DoorTxn *txn, const char *sql, const char *params);

#define assert_fault(from, expected_code, expected_fault)                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_error (from, DOOR_ERROR, expected_code);                                                        \
    g_assert_cmpint (door_error_get_fault (from), ==, expected_fault);                                       \
  }                                                                                                          \
  G_STMT_END
