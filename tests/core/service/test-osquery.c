/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>

#include "sign-in.h"

#define RED "the-secret-of-team-red"
#define NONE "the-secret-of-no-team-at-all"
#define URL "https://devices.example.com/mdm/apple/mdm"

/* A device that is managed as a whole, and whose. */
static const char *const rows[] = {
  "INSERT INTO person (id, state, user_name, email, full_name, given_name, family_name, department, "
  "managed_account, group_names, created_at, updated_at, signed_in_at) VALUES ('p1', 'active', 'ada', "
  "'ada@example.com', 'Ada', '', '', '', '', '', 1, 1, 1)",
  "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, serial, created_at, seen_at) "
  "VALUES ('d1', 'U-1', 'device', 'Mac15,3', '15', '24', 'C02', 1, 1)",
  "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, push_token, "
  "created_at, "
  "active_at, token_updated_at, ended_at, end_reason) VALUES ('e1', 'd1', 'red', 'active', '', '', '', '', "
  "1, 1, 1, "
  "0, '')",
  "INSERT INTO association (id, person_id, device_id, source, from_at, to_at, end_reason) VALUES ('a1', "
  "'p1', 'd1', "
  "'sign-in', 1, 0, '')",
};

static char *secret_files[2];

static World *
begin (void)
{
  g_autofree char *config =
      g_strdup_printf ("OsquerySecret=file:%s\n[team/red]\nOsquerySecret=file:%s\n[team/blue]\nTitle=Blue\n"
                       "[listen]\nSignInsPerMinute=20\n",
                       secret_files[0], secret_files[1]);
  g_autofree char *with_group = g_strconcat ("Use=enrollment\n[enrollment]\n", config, NULL);
  World *world = world_new (with_group);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    world_write (world, rows[i]);
  return world;
}

static char *
post (World *world, const char *path, const char *json)
{
  g_autofree char *target = g_strconcat ("/api/osquery", path, NULL);
  g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
  const Visit visit = {
    .method = "POST", .target = target, .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) response = world_visit (world, &visit);

  assert_status (response, 200);
  g_assert_cmpstr (door_response_lookup_header (response, "Cache-Control"), ==, "no-store");
  return world_dup_body (response);
}

static char *
enroll (World *world, const char *secret, const char *name)
{
  g_autofree char *json =
      g_strdup_printf ("{\"enroll_secret\":\"%s\",\"host_identifier\":\"%s\"}", secret, name);
  g_autofree char *answer = post (world, "/enroll", json);
  g_auto (GStrv) parts = g_strsplit (answer, "\"", -1);

  if (strstr (answer, "\"node_invalid\":true") != NULL)
    return NULL;
  g_assert_cmpstr (parts[1], ==, "node_key");
  return g_strdup (parts[3]);
}

static char *
ask (World *world, const char *path, const char *key)
{
  g_autofree char *json = g_strdup_printf ("{\"node_key\":\"%s\"}", key);

  return post (world, path, json);
}

/* A machine that is not enrolled may know the address all the same: then it has "-" before it. */
static void
report (World *world, const char *key, const char *uuid, const char *serial, const char *url)
{
  g_autofree char *json = g_strdup_printf (
      "{\"node_key\":\"%s\",\"queries\":{\"doorward_system\":[{\"uuid\":\"%s\",\"hardware_serial\":\"%s\","
      "\"hostname\":\"ada.local\"}],\"doorward_mdm\":[{\"enrolled\":\"%s\",\"server_url\":\"%s\"}]}}",
      key, uuid, serial, *url != '-' ? "true" : "false", *url == '-' ? url + 1 : url);
  g_autofree char *answer = post (world, "/distributed/write", json);

  g_assert_cmpstr (answer, ==, "{\"node_invalid\":false}");
}

static void
report_unknown (World *world, const char *key)
{
  g_autofree char *json = g_strdup_printf ("{\"node_key\":\"%s\",\"queries\":{}}", key);
  g_autofree char *answer = post (world, "/distributed/write", json);

  g_assert_cmpstr (answer, ==, "{\"node_invalid\":true}");
}

static void
test_life (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *key = enroll (world, RED, "h1"), *config = ask (world, "/config", key);
  g_autofree char *first = ask (world, "/distributed/read", key), *second = NULL, *later = NULL;

  g_assert_cmpstr (config, ==, "{\"node_invalid\":false,\"schedule\":{}}");
  g_assert_nonnull (strstr (first, "hardware_serial"));
  report (world, key, "U-1", "C02", URL "?enroll_reference=x");
  assert_count (world, 1,
                "osquery_node WHERE device_id = 'd1' AND confirmed_at = 1800014400000 AND team = 'red'");
  second = ask (world, "/distributed/read", key);
  g_assert_cmpstr (second, ==, "{\"node_invalid\":false,\"queries\":{}}");
  world_advance (world, HOUR_MS);
  later = ask (world, "/distributed/read", key);
  g_assert_nonnull (strstr (later, "hardware_serial"));
  assert_count (world, 1, "osquery_node WHERE seen_at = 1800018000000");
}

/* Each of these says something else than the device that is enrolled. */
static void
test_not_confirmed (void)
{
  static const struct
  {
    const char *secret, *uuid, *serial, *url, *reason;
  } cases[] = {
    { RED, "U-2", "C02", URL, "no device has this UUID" },
    { RED, "U-1", "C03", URL, "the device has another serial number" },
    { NONE, "U-1", "C02", URL, "the device is not enrolled in the team of the agent" },
    { RED, "U-1", "C02", "https://other.example.com/mdm/apple/mdm", "the machine does not say" },
    { RED, "U-1", "C02", URL "x", "the machine does not say" },
    { RED, "U-1", "C02", "-" URL, "the machine does not say" },
    { RED, "U-1", "C02", "", "the machine does not say" },
  };
  g_autoptr (World) world = begin ();
  g_autofree char *before = world_read (world, "SELECT * FROM association"), *after = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *key = enroll (world, cases[i].secret, "h1"), *drop = world_dup_log (), *log = NULL;

      report (world, key, cases[i].uuid, cases[i].serial, cases[i].url);
      log = world_dup_log ();
      g_assert_nonnull (strstr (log, cases[i].reason));
      assert_count (world, 0, "osquery_node WHERE device_id <> '' OR confirmed_at <> 0");
    }
  after = world_read (world, "SELECT * FROM association");
  g_assert_cmpstr (after, ==, before);
}

/* An agent that is right today and wrong tomorrow confirms nothing any more. */
static void
test_unconfirmed (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *key = enroll (world, RED, "h1");

  report (world, key, "U-1", "C02", URL);
  assert_count (world, 1, "osquery_node WHERE device_id = 'd1'");
  report (world, key, "U-1", "C02", ""); /* which nobody has asked for */
  assert_count (world, 1, "osquery_node WHERE device_id = 'd1'");
  world_advance (world, HOUR_MS);
  report (world, key, "U-1", "C02", "");
  assert_count (world, 0, "osquery_node WHERE device_id = 'd1'");
}

static void
write_secrets (const char *text)
{
  g_assert_true (g_file_set_contents_full (secret_files[1], text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* Who came by a secret that is no more comes again, or stays away. */
static void
test_replaced_secret (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *old = enroll (world, RED, "h1");
  g_autofree char *next = enroll (world, "the-next-secret-of-team-red", "h2"), *before = NULL;
  g_autofree char *put_out = NULL, *stays = NULL;

  g_assert_true (g_file_get_contents (secret_files[1], &before, NULL, NULL));
  write_secrets ("the-next-secret-of-team-red\n");
  put_out = ask (world, "/distributed/read", old);
  stays = ask (world, "/distributed/read", next);
  report_unknown (world, old);
  write_secrets (before);
  g_assert_cmpstr (put_out, ==, "{\"node_invalid\":true}");
  g_assert_nonnull (strstr (stays, "\"node_invalid\":false"));
}

static void
test_secrets (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *wrong = enroll (world, "not-the-secret-of-anybody", "h1");
  g_autofree char *empty_line = enroll (world, "short", "h1");
  g_autofree char *second_line = enroll (world, "the-next-secret-of-team-red", "h2");

  g_assert_null (wrong);
  g_assert_null (empty_line);
  g_assert_nonnull (second_line);
  assert_count (world, 1, "osquery_node");
  assert_count (world, 1, "osquery_node WHERE team = 'red'");
}

static void
test_keys (void)
{
  g_autoptr (World) world = begin ();
  g_autofree char *old = enroll (world, RED, "h1"), *new = enroll (world, RED, "h1");
  g_autofree char *other_team = enroll (world, NONE, "h1");
  static const char *const paths[] = { "/config", "/distributed/read", "/distributed/write" };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *unknown = ask (world, paths[i], "no-such-key"), *gone = ask (world, paths[i], old);
      g_autofree char *good = ask (world, paths[i], new), *other = ask (world, paths[i], other_team);

      g_assert_cmpstr (unknown, ==, "{\"node_invalid\":true}");
      g_assert_cmpstr (gone, ==, "{\"node_invalid\":true}");
      g_assert_nonnull (strstr (good, "\"node_invalid\":false"));
      g_assert_nonnull (strstr (other, "\"node_invalid\":false"));
    }
  assert_count (world, 2, "osquery_node");
}

/* Guessing is counted before anything is looked at. */
static void
test_rate (void)
{
  g_autoptr (World) world = begin ();
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit visit = { .method = "POST", .target = "/api/osquery/enroll", .body = body };
  unsigned int last = 0;

  for (int i = 0; i < 21; i++)
    {
      g_autoptr (DoorResponse) response = world_visit (world, &visit);

      last = door_response_get_status (response);
      g_assert_cmpuint (last, ==, i < 20 ? 400 : 429);
    }
  for (int i = 0; i < 20; i++) /* who signs in has lost nothing by it */
    g_assert_true (door_rate_limit_take (world->context.sign_in_limit, "somebody", WORLD_NOW_MS));
}

static void
write_secret (size_t index, const char *text)
{
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("osquery-XXXXXX", &secret_files[index], &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (
      g_file_set_contents_full (secret_files[index], text, -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
add_tests (void)
{
  write_secret (0, NONE "\n");
  write_secret (1, RED "\nthe-next-secret-of-team-red\n\nshort\n");
  g_test_add_func ("/osquery/life", test_life);
  g_test_add_func ("/osquery/not-confirmed", test_not_confirmed);
  g_test_add_func ("/osquery/unconfirmed", test_unconfirmed);
  g_test_add_func ("/osquery/secrets", test_secrets);
  g_test_add_func ("/osquery/replaced-secret", test_replaced_secret);
  g_test_add_func ("/osquery/keys", test_keys);
  g_test_add_func ("/osquery/rate", test_rate);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  for (size_t i = 0; i < G_N_ELEMENTS (secret_files); i++)
    {
      if (secret_files[i] != NULL)
        g_unlink (secret_files[i]);
      g_free (secret_files[i]);
    }
  return result;
}
