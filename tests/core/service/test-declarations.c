/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-declarations.h"
#include "door-error.h"
#include "mac.h"

#define ENDPOINT(name) "<key>Endpoint</key><string>" name "</string>"
#define PASSCODE                                                                                             \
  "{\"Identifier\":\"com.example.code\",\"Type\":\"com.apple.configuration.passcode.settings\","             \
  "\"Payload\":{\"MinimumLength\":%d}}"
#define ACTIVATION                                                                                           \
  "{\"Identifier\":\"com.example.act\",\"Type\":\"com.apple.activation.simple\","                            \
  "\"Payload\":{\"StandardConfigurations\":[\"%s\"]}}"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };

static DoorDeclaration *
parse (const char *text)
{
  g_autoptr (GBytes) json = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  DoorDeclaration *declaration = door_declaration_parse (json, &error);

  g_assert_no_error (error);
  return declaration;
}

typedef struct
{
  DoorDeclarationChange change;
  const DoorDeclaration *declaration; /* NULL: remove */
  const char *identifier;
  bool changed;
} Write;

static gboolean
write_declaration (DoorTxn *txn, gpointer data, GError **error)
{
  Write *write = data;

  return write->declaration != NULL
             ? door_declarations_save (txn, &write->change, write->declaration, &write->changed, error)
             : door_declarations_remove (txn, &write->change, write->identifier, error);
}

static bool
save (World *world, const char *team, const char *text, GError **error)
{
  g_autoptr (DoorDeclaration) declaration = parse (text);
  Write write = { { team, door_clock_now_ms (world->context.clock) }, declaration, NULL, false };

  return door_writer_run (world->context.writer, write_declaration, &write, NULL, error);
}

static void
must_save (World *world, const char *team, const char *text)
{
  g_autoptr (GError) error = NULL;
  bool done = save (world, team, text, &error);

  g_assert_no_error (error);
  g_assert_true (done);
}

static bool
remove_declaration (World *world, const char *team, const char *identifier, GError **error)
{
  Write write = { { team, door_clock_now_ms (world->context.clock) }, NULL, identifier, false };

  return door_writer_run (world->context.writer, write_declaration, &write, NULL, error);
}

static char *
passcode (int length)
{
  return g_strdup_printf (PASSCODE, length);
}

static char *
dup_answer (World *world, const Device *mac, const char *keys)
{
  g_autoptr (DoorResponse) response = mac_send (world, mac, "DeclarativeManagement", keys, NULL);

  assert_status (response, 200);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "application/json");
  return world_dup_body (response);
}

static void
test_answers (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *six = passcode (6), *act = g_strdup_printf (ACTIVATION, "com.example.code");
  g_autofree char *none = dup_answer (world, mac, ENDPOINT ("tokens")), *tokens = NULL, *items = NULL;
  g_autofree char *one = NULL, *token = NULL, *again = NULL, *empty = NULL;

  g_assert_nonnull (strstr (none, "\"DeclarationsToken\""));
  must_save (world, "", six);
  must_save (world, "", act);
  tokens = dup_answer (world, mac, ENDPOINT ("tokens"));
  g_assert_nonnull (strstr (tokens, "\"Timestamp\":\"2027-01-15T12:00:00Z\""));
  g_assert_cmpstr (tokens, !=, none);
  items = dup_answer (world, mac, ENDPOINT ("declaration-items"));
  g_assert_nonnull (strstr (items, "\"Activations\":[{\"Identifier\":\"com.example.act\""));
  g_assert_nonnull (strstr (items, "\"Configurations\":[{\"Identifier\":\"com.example.code\""));
  g_assert_nonnull (strstr (items, "\"Assets\":[]"));
  g_assert_nonnull (strstr (items, "\"Management\":[]"));
  token = g_strndup (strstr (tokens, "Token\":\"") + 8, 43);
  g_assert_nonnull (strstr (items, token));
  one = dup_answer (world, mac,
                    ENDPOINT ("declaration/com.apple.configuration.passcode.settings/com.example.code"));
  g_assert_nonnull (strstr (one, "\"Payload\":{\"MinimumLength\":6}"));
  g_assert_nonnull (strstr (one, "\"ServerToken\":\""));
  g_assert_true (remove_declaration (world, "", "com.example.act", NULL));
  g_assert_true (remove_declaration (world, "", "com.example.code", NULL));
  again = dup_answer (world, mac, ENDPOINT ("tokens"));
  empty = g_strndup (strstr (none, "Token\":\"") + 8, 43);
  g_assert_nonnull (strstr (again, empty));
}

/* What the team does not have, by identifier or by type, does not exist. */
static void
test_unknown (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\n");
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *six = passcode (6);

  must_save (world, "red", six);
  g_assert_cmpuint (
      mac_say (world, mac, "DeclarativeManagement",
               ENDPOINT ("declaration/com.apple.configuration.passcode.settings/com.example.code"), NULL),
      ==, 404);
  must_save (world, "", six);
  g_assert_cmpuint (mac_say (world, mac, "DeclarativeManagement",
                             ENDPOINT ("declaration/com.apple.configuration.other/com.example.code"), NULL),
                    ==, 404);
  g_assert_cmpuint (mac_say (world, mac, "DeclarativeManagement", ENDPOINT ("else"), NULL), ==, 400);
}

#define REPORT(kind, entry)                                                                                  \
  "{\"StatusItems\":{\"device\":{\"name\":\"Anna\"},\"management\":{\"declarations\":{\"" kind "\":[" entry  \
  "]}}}}"
#define SAID(identifier, valid)                                                                              \
  "{\"identifier\":\"" identifier "\",\"active\":true,\"valid\":\"" valid "\",\"server-token\":\"t\"}"

static unsigned int
report (World *world, const Device *mac, const char *user, const char *json)
{
  g_autofree char *data = g_base64_encode ((const guchar *) json, strlen (json));
  g_autofree char *keys =
      g_strdup_printf ("%s" ENDPOINT ("status") "<key>Data</key><data>%s</data>", user, data);

  return mac_say (world, mac, "DeclarativeManagement", keys, NULL);
}

/* What each channel says of the team's declarations is kept, nothing else of it, and nothing is in the log.
 */
static void
test_status (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autofree char *drop = world_dup_log (), *log = NULL, *six = passcode (6);

  must_save (world, "", six);
  g_assert_cmpuint (report (world, mac, "", REPORT ("configurations", SAID ("com.example.code", "valid"))),
                    ==, 200);
  assert_count (world, 1, "declaration_status WHERE report LIKE '[{\"identifier\":\"com.example.code\"%'");
  assert_count (world, 0, "declaration_status WHERE report LIKE '%Anna%'");
  g_assert_cmpuint (report (world, mac, "", "{\"StatusItems\":{\"device\":{\"name\":\"Ben\"}}}"), ==, 200);
  assert_count (world, 1, "declaration_status WHERE report LIKE '%\"valid\":\"valid\"%'");
  g_assert_cmpuint (report (world, mac, "", REPORT ("assets", SAID ("com.example.none", "valid"))), ==, 200);
  assert_count (world, 0, "declaration_status WHERE report LIKE '%example.none%'");
  g_assert_cmpuint (report (world, mac, "", "Anna"), ==, 400);
  log = world_dup_log ();
  g_assert_null (strstr (log, "Anna"));
  g_assert_null (strstr (log, "Ben"));
  g_assert_cmpuint (report (world, mac, MAC_USER, "{}"), ==, 403);
  world_write (world, "UPDATE enrollment SET way = 'ade'");
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_USER MAC_PUSH, NULL), ==, 200);
  g_assert_cmpuint (report (world, mac, MAC_USER, "{}"), ==, 200);
  assert_count (world, 2, "declaration_status");
  g_assert_cmpuint (mac_say (world, mac, "CheckOut", "", NULL), ==, 200);
  assert_count (world, 0, "declaration_status");
  g_assert_cmpuint (report (world, mac, "", "{}"), ==, 403);
  g_assert_cmpuint (mac_say (world, mac, "DeclarativeManagement", ENDPOINT ("tokens"), NULL), ==, 403);
}

static void
run_waves (World *world)
{
  bool more = true;

  while (more)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (door_declarations_run (&world->context, &more, &error));
      g_assert_no_error (error);
    }
}

#define TOLD "command WHERE request_type = 'DeclarativeManagement'"

static void
test_wave (void)
{
  g_autoptr (World) world = world_new ("[team/red]\nTitle=Red\n");
  g_autoptr (Device) mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  g_autoptr (Device) second = mac_enroll (world, &bob, "scepclient.key", "00008112-00FFFFFFFFFFFFFF");
  g_autofree char *six = passcode (6), *eight = passcode (8);

  run_waves (world);
  assert_count (world, 0, TOLD);
  must_save (world, "red", six);
  run_waves (world);
  assert_count (world, 0, TOLD);
  must_save (world, "", six);
  run_waves (world);
  assert_count (world, 2, TOLD);
  assert_count (world, 0, "declaration_set WHERE wave_open = 1");
  must_save (world, "", six); /* the same */
  run_waves (world);
  assert_count (world, 2, TOLD);
  must_save (world, "", eight); /* they have not come yet */
  run_waves (world);
  assert_count (world, 2, TOLD);
  world_write (world, "UPDATE command SET state = 'acknowledged', done_at = 5");
  must_save (world, "", six);
  g_assert_cmpuint (mac_say (world, second, "CheckOut", "", NULL), ==, 200);
  run_waves (world);
  assert_count (world, 3, TOLD);
}

/* A device that comes later is told when its enrollment is complete. */
static void
test_newcomer (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *six = passcode (6);
  g_autoptr (Device) mac = NULL;

  must_save (world, "", six);
  run_waves (world);
  mac = mac_enroll (world, &ada, "device.key", MAC_ID);
  assert_count (world, 1, TOLD);
  g_assert_cmpuint (mac_say (world, mac, "TokenUpdate", MAC_PUSH, NULL), ==, 200);
  assert_count (world, 1, TOLD);
}

static void
test_references (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *six = passcode (6), *act = g_strdup_printf (ACTIVATION, "com.example.code");
  g_autofree char *self = g_strdup_printf (ACTIVATION, "com.example.act");
  static const char other_type[] =
      "{\"Identifier\":\"com.example.code\",\"Type\":\"com.apple.configuration.other\",\"Payload\":{}}";
  g_autoptr (GError) early = NULL, wrong = NULL, needed = NULL, gone = NULL, type = NULL;

  g_assert_false (save (world, "", act, &early));
  g_assert_error (early, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  must_save (world, "", six);
  must_save (world, "", act);
  g_assert_false (save (world, "", self, &wrong));
  g_assert_error (wrong, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  g_assert_false (save (world, "", other_type, &type));
  g_assert_error (type, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  g_assert_false (remove_declaration (world, "", "com.example.code", &needed));
  g_assert_error (needed, DOOR_ERROR, DOOR_ERROR_CONFLICT);
  g_assert_false (remove_declaration (world, "", "com.example.none", &gone));
  g_assert_error (gone, DOOR_ERROR, DOOR_ERROR_NOT_FOUND);
  g_assert_true (remove_declaration (world, "", "com.example.act", NULL));
  g_assert_true (remove_declaration (world, "", "com.example.code", NULL));
  assert_count (world, 0, "declaration");
}

static void
add_tests (void)
{
  g_test_add_func ("/declarations/answers", test_answers);
  g_test_add_func ("/declarations/unknown", test_unknown);
  g_test_add_func ("/declarations/status", test_status);
  g_test_add_func ("/declarations/wave", test_wave);
  g_test_add_func ("/declarations/newcomer", test_newcomer);
  g_test_add_func ("/declarations/references", test_references);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}
