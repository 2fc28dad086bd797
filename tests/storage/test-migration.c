/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "door-error.h"
#include "door-schema.h"
#include "door-text.h"
#include "storage-fixture.h"
#include "test-migrations.h"

#define NOW INT64_C (1795316863000)

static DoorSchema *
load (const char *folder)
{
  g_autoptr (GError) error = NULL;
  DoorSchema *schema = door_schema_new_from_resource (test_migrations_get_resource (), folder, &error);

  g_assert_no_error (error);
  return schema;
}

static char *
read_all (DoorStorage *storage, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);

  g_assert_no_error (error);
  return fixture_read (txn, sql, NULL);
}

static void
assert_versions (DoorStorage *storage, const char *expected)
{
  g_autofree char *rows = read_all (
      storage, "SELECT version, applied_at FROM schema_migration WHERE version > 0 ORDER BY version");

  g_assert_cmpstr (rows, ==, expected);
}

static void
test_forward (Fixture *fixture)
{
  g_autoptr (DoorSchema) first = load ("/test/first"), second = load ("/test/second");
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL;

  g_assert_cmpint (door_schema_get_version (second), ==, 2);
  g_assert_true (door_schema_migrate (fixture->storage, first, NOW, &error));
  g_assert_no_error (error);
  assert_versions (fixture->storage, "[{'version': <int64 1>, 'applied_at': <int64 1795316863000>}]");
  g_assert_true (door_schema_migrate (fixture->storage, second, NOW + 5, &error));
  g_assert_true (door_schema_migrate (fixture->storage, second, NOW + 9, &error));
  assert_versions (fixture->storage, "[{'version': <int64 1>, 'applied_at': <int64 1795316863000>}, "
                                     "{'version': <int64 2>, 'applied_at': <int64 1795316863005>}]");
  rows = read_all (fixture->storage, "SELECT number, note FROM step ORDER BY number");
  g_assert_cmpstr (rows, ==,
                   "[{'number': <int64 1>, 'note': <'a; b'>}, {'number': <int64 2>, 'note': <'once'>}]");
}

static void
assert_schema_fault (Fixture *fixture, const DoorSchema *schema, DoorFault fault, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (door_schema_check (fixture->storage, schema, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, fault);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_check (Fixture *fixture)
{
  g_autoptr (DoorSchema) first = load ("/test/first"), second = load ("/test/second");
  g_autoptr (GError) error = NULL;

  assert_schema_fault (fixture, first, DOOR_FAULT_DB_EMPTY, "no schema yet");
  g_assert_true (door_schema_migrate (fixture->storage, first, NOW, &error));
  g_assert_true (door_schema_check (fixture->storage, first, &error));
  assert_schema_fault (fixture, second, DOOR_FAULT_DB_SCHEMA, "has schema 1, this program needs 2");
  g_assert_true (door_schema_migrate (fixture->storage, second, NOW, &error));
  g_assert_true (door_schema_check (fixture->storage, second, &error));
  assert_schema_fault (fixture, first, DOOR_FAULT_DB_SCHEMA, "has schema 2, this program knows 1");
  g_assert_false (door_schema_migrate (fixture->storage, first, NOW, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_SCHEMA);
}

static void
test_broken (Fixture *fixture)
{
  g_autoptr (DoorSchema) broken = load ("/test/broken");
  g_autoptr (GError) error = NULL;
  g_autofree char *rows = NULL;

  g_assert_false (door_schema_migrate (fixture->storage, broken, NOW, &error));
  assert_fault (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL);
  g_assert_nonnull (strstr (error->message, "0002-broken.sql, statement 2"));
  assert_versions (fixture->storage, "[{'version': <int64 1>, 'applied_at': <int64 1795316863000>}]");
  rows = read_all (fixture->storage, "SELECT number FROM step");
  g_assert_cmpstr (rows, ==, "[{'number': <int64 1>}]");
}

static void
test_names (Fixture *fixture)
{
  static const char *const bad[] = { "/test/gap", "/test/stray", "/test/nowhere" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_schema_new_from_resource (test_migrations_get_resource (), bad[i], &error));
      g_assert_nonnull (error);
    }
}

/* An instance that starts: its own connections to the same database. */
static void *
migrate (void *data)
{
  g_autoptr (DoorSchema) schema = load ("/test/second");
  g_autoptr (GError) error = NULL;

  door_schema_migrate (data, schema, NOW, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_together (Fixture *fixture)
{
  DoorStorage *storages[4];
  pthread_t threads[G_N_ELEMENTS (storages)];
  g_autofree char *rows = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (storages); i++)
    storages[i] = fixture_open_another (fixture, "2");
  for (size_t i = 0; i < G_N_ELEMENTS (storages); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, migrate, storages[i]), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (storages); i++)
    {
      pthread_join (threads[i], NULL);
      g_object_unref (storages[i]);
    }
  rows = read_all (fixture->storage, "SELECT number FROM step ORDER BY number");
  g_assert_cmpstr (rows, ==, "[{'number': <int64 1>}, {'number': <int64 2>}]");
}

/* The real tables as a program of before knew them. */
static void
migrate_until (Fixture *fixture, const DoorSchema *newest, guint last)
{
  static const char folder[] = "/org/doorward/schema";
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = g_resources_enumerate_children (folder, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  g_autofree char *version = g_strdup_printf ("INSERT INTO schema_migration VALUES (0, 0), (%u, 1)", last);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, (guint) door_schema_get_version (newest));
  qsort (names, g_strv_length (names), sizeof (char *), door_text_compare_items);
  for (guint i = 0; i < last; i++)
    {
      g_autofree char *path = g_strconcat (folder, "/", names[i], NULL);
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
      g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
      g_autoptr (GPtrArray) statements = door_schema_split (text);

      for (guint j = 0; j < statements->len; j++)
        fixture_write (fixture, g_ptr_array_index (statements, j), NULL);
    }
  fixture_write (
      fixture,
      "CREATE TABLE schema_migration (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)",
      NULL);
  fixture_write (fixture,
                 "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, "
                 "seen_at) VALUES ('d1', 'U', 'device', '', '', '', 1, 1)",
                 NULL);
  fixture_write (fixture, version, NULL);
}

/* Profiles of before had nothing behind ServerURL, and must not get anything there. */
static void
test_enroll_reference (Fixture *fixture)
{
  g_autoptr (DoorSchema) newest = door_schema_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *tokens = NULL, *enrollments = NULL;

  migrate_until (fixture, newest, 31);
  fixture_write (
      fixture,
      "INSERT INTO access_token (hash, kind, mode, person_id, team, managed_account, serial, udid, "
      "product, eula, agreed_at, created_at, expires_at, fetched_at, certificate_sha256, revoked_at, link, "
      "parent_hash) VALUES ('h1', 'link', '', 'p1', '', '', '', '', '', '', 0, 1, 9, 2, '', 0, '', '')",
      NULL);
  fixture_write (
      fixture,
      "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, "
      "push_token, created_at, active_at, token_updated_at, ended_at, end_reason, way, mode, token_hash, "
      "managed_account) VALUES ('e1', 'd1', '', 'active', 'c1', 't', 'm', '00', 1, 2, 2, 0, '', 'link', "
      "'', 'h1', '')",
      NULL);
  g_assert_true (door_schema_migrate (fixture->storage, newest, NOW, &error));
  g_assert_no_error (error);
  tokens = read_all (fixture->storage, "SELECT hash, fetched_at, enroll_reference FROM access_token");
  g_assert_cmpstr (tokens, ==, "[{'hash': <'h1'>, 'fetched_at': <int64 2>, 'enroll_reference': <''>}]");
  enrollments = read_all (fixture->storage, "SELECT id, state, enroll_reference FROM enrollment");
  g_assert_cmpstr (enrollments, ==, "[{'id': <'e1'>, 'state': <'active'>, 'enroll_reference': <''>}]");
}

/* A device of each kind that the migrations after 27 tell apart: one that waits in Setup Assistant, one that
 * was let go, one that has left; and whose Managed Apple Account is known by its token, or by its person
 * alone. */
static const char *const rows_of_27[] = {
  "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, seen_at) VALUES "
  "('d2', 'V', 'device', '', '', '', 1, 1), ('d3', 'W', 'user-enrollment', '', '', '', 1, 1), "
  "('d4', 'X', 'user-enrollment', '', '', '', 1, 1)",
  "INSERT INTO person (id, state, user_name, email, full_name, given_name, family_name, department, "
  "managed_account, group_names, created_at, updated_at, signed_in_at) VALUES "
  "('p1', 'active', 'ada', 'ada@example.com', 'Ada', '', '', '', 'ada@person.example', '', 1, 1, 1)",
  "INSERT INTO certificate (sha256, serial, key_hash, person_id, team, enrollment_id, der, not_before, "
  "not_after, issued_at, revoked_at) VALUES ('c4', '4', 'k', 'p1', '', 'e4', '', 1, 9, 1, 0)",
  "INSERT INTO access_token (hash, kind, mode, person_id, team, managed_account, serial, udid, product, "
  "eula, agreed_at, created_at, expires_at, fetched_at, certificate_sha256, revoked_at, link) VALUES "
  "('h3', 'account', 'BYOD', 'p1', '', 'ada@token.example', '', '', '', '', 0, 1, 9, 2, 'c3', 0, '')",
  "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, push_token, "
  "created_at, active_at, token_updated_at, ended_at, end_reason, way, mode, token_hash, awaiting_since, "
  "released_at) VALUES ('e1', 'd1', '', 'active', 'c1', 't', 'm', '00', 1, 2, 2, 0, '', 'ade', '', '', 5, "
  "0), "
  "('e2', 'd2', '', 'active', 'c2', 't', 'm', '00', 1, 2, 2, 0, '', 'ade', '', '', 5, 6), "
  "('e0', 'd2', '', 'ended', 'c0', 't', 'm', '00', 1, 2, 2, 3, 'replaced', 'ade', '', '', 5, 0), "
  "('e3', 'd3', '', 'active', 'c3', 't', 'm', '00', 1, 2, 2, 0, '', 'account', 'BYOD', 'h3', 0, 0), "
  "('e4', 'd4', '', 'active', 'c4', 't', 'm', '00', 1, 2, 2, 0, '', 'account', 'BYOD', 'gone', 0, 0)",
  "INSERT INTO declaration_status (channel_id, enrollment_id, report, reported_at) VALUES ('e1', 'e1', "
  "'{}', 3)",
  "INSERT INTO oauth2_grant (id, code_hash, redirect_uri, client_state, code_challenge, person_id, team, "
  "managed_account, chain_hash, token_hash, before_hash, salt, access_hash, enrollment_id, created_at, "
  "exchanged_at, rotated_at, ended_at, end_reason) VALUES ('g1', 'x', '', '', '', 'p1', '', '', 'y', 'z', "
  "'', "
  "'', '', 'e3', 1, 2, 0, 0, '')",
};

/* What is stored by an earlier version goes on meaning what it meant. */
static void
test_rows_of_27 (Fixture *fixture)
{
  static const char *const cases[][2] = {
    { "SELECT enrollment_id, begun_at, due_at, finished_at FROM device_setup",
      "[{'enrollment_id': <'e1'>, 'begun_at': <int64 5>, 'due_at': <int64 5>, 'finished_at': <int64 0>}]" },
    { "SELECT id, managed_account FROM enrollment WHERE managed_account <> '' ORDER BY id",
      "[{'id': <'e3'>, 'managed_account': <'ada@token.example'>}, {'id': <'e4'>, 'managed_account': "
      "<'ada@person.example'>}]" },
    { "SELECT sha256, renewal_due FROM certificate", "[{'sha256': <'c4'>, 'renewal_due': <int64 0>}]" },
    { "SELECT count(*) AS n FROM declaration_status", "[{'n': <int64 0>}]" },
    { "SELECT hash, parent_hash, connection FROM access_token",
      "[{'hash': <'h3'>, 'parent_hash': <''>, 'connection': <''>}]" },
    { "SELECT id, connection, sealed_refresh, verified_at FROM oauth2_grant",
      "[{'id': <'g1'>, 'connection': <''>, 'sealed_refresh': <''>, 'verified_at': <int64 0>}]" },
  };
  g_autoptr (DoorSchema) newest = door_schema_new (NULL);
  g_autoptr (GError) error = NULL;

  migrate_until (fixture, newest, 27);
  for (size_t i = 0; i < G_N_ELEMENTS (rows_of_27); i++)
    fixture_write (fixture, rows_of_27[i], NULL);
  g_assert_true (door_schema_migrate (fixture->storage, newest, NOW, &error));
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found = read_all (fixture->storage, cases[i][0]);

      g_assert_cmpstr (found, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/migration/forward", test_forward);
  fixture_add ("/migration/check", test_check);
  fixture_add ("/migration/broken", test_broken);
  fixture_add ("/migration/names", test_names);
  fixture_add ("/migration/together", test_together);
  fixture_add ("/migration/enroll-reference", test_enroll_reference);
  fixture_add ("/migration/rows-of-27", test_rows_of_27);
  return g_test_run ();
}
