/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-administrator-store.h"
#include "door-error.h"
#include "door-session-store.h"
#include "door-session.h"
#include "world.h"

#define T(text) ((char *) (text))
#define ISSUER "https://idp.example.com/saml"

static gboolean
write_sessions (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorAdministrator ada = {
    T ("ada"), T ("ada@example.com"), T ("ada@example.com"), T ("Ada"), T ("active"), 1, 0, T (""), 1, 1, 0
  };
  static const struct
  {
    const char *hash;
    const char *connection;
    const char *issuer;
    const char *subject;
    const char *index;
  } rows[] = {
    { "h1", "okta", ISSUER, "ada", "_s1" },
    { "h2", "okta", ISSUER, "ada", "_s2" },
    { "h3", "okta", ISSUER, "bob", "_s1" },
    { "h4", "other", ISSUER, "ada", "_s1" },
    { "h5", "okta", "https://else.example.com", "ada", "_s1" },
  };
  bool added;

  if (!door_administrator_store_add (txn, &ada, &added, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const DoorSessionRow row = { T (rows[i].hash),
                                   T (rows[i].hash),
                                   T ("ada"),
                                   T (rows[i].connection),
                                   T (rows[i].issuer),
                                   T (rows[i].subject),
                                   T (rows[i].index),
                                   1,
                                   1,
                                   WORLD_NOW_MS,
                                   T ("Safari"),
                                   0,
                                   T (""),
                                   NULL,
                                   NULL,
                                   NULL };

      const DoorHandover handover = { .token_hash = T (rows[i].hash),
                                      .administrator_id = T ("ada"),
                                      .connection = T (rows[i].connection),
                                      .issuer = T (rows[i].issuer),
                                      .subject = T (rows[i].subject),
                                      .session_index = T (rows[i].index),
                                      .expires_at = WORLD_NOW_MS };

      if (!door_session_store_add (txn, &row, error) ||
          !door_session_store_add_handover (txn, &handover, error))
        return FALSE;
    }
  return TRUE;
}

/* A provider ends what it names: person, session and itself all have to be the ones of the session. */
static void
test_end_by_index (void)
{
  static const char *const one[] = { "_s1", NULL }, *const two[] = { "_s2", "_s1", "_none", NULL };
  static const struct
  {
    DoorSessionMatch match;
    const char *ended;
  } cases[] = {
    { { "okta", ISSUER, "ada", NULL }, "h1 h2" },
    { { "okta", ISSUER, "ada", one }, "h1" },
    { { "okta", ISSUER, NULL, one }, "h1 h3" },
    { { "okta", ISSUER, "ada", two }, "h1 h2" },
    { { "other", ISSUER, "ada", NULL }, "h4" },
    { { "okta", "https://else.example.com", "ada", one }, "h5" },
    { { "okta", ISSUER, "eve", NULL }, "" },
    { { "okta", "https://third.example.com", "ada", NULL }, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new (NULL);
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) ended = g_strsplit (cases[i].ended, " ", -1);

      door_writer_run (world->context.writer, write_sessions, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (door_session_end_by_index (&world->context, &cases[i].match, &error));
      g_assert_no_error (error);
      assert_count (world, g_strv_length (ended), "admin_session WHERE ended_at <> 0");
      assert_count (world, 5 - g_strv_length (ended), "admin_handover");
      for (char **hash = ended; *hash != NULL; hash++)
        {
          g_autofree char *where =
              g_strdup_printf ("admin_session WHERE token_hash = '%s' AND end_reason = 'provider'", *hash);

          assert_count (world, 1, where);
          g_free (where);
          where = g_strdup_printf ("admin_handover WHERE token_hash = '%s'", *hash);
          assert_count (world, 0, where);
        }
    }
}

/* What names nothing ends nothing, least of all everything. */
static void
test_end_nothing (void)
{
  static const char *const none[] = { NULL };
  static const DoorSessionMatch matches[] = {
    { "okta", ISSUER, NULL, NULL },
    { "okta", ISSUER, NULL, none },
    { "okta", ISSUER, "ada", none },
  };
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (GError) error = NULL;

  door_writer_run (world->context.writer, write_sessions, NULL, NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      g_autoptr (GError) refused = NULL;

      g_assert_false (door_session_end_by_index (&world->context, &matches[i], &refused));
      g_assert_error (refused, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
  assert_count (world, 5, "admin_session WHERE ended_at = 0");
  assert_count (world, 5, "admin_handover");
}

static void
add (void)
{
  g_test_add_func ("/session/end-by-index", test_end_by_index);
  g_test_add_func ("/session/end-nothing", test_end_nothing);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
