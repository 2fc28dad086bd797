/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A test by a real sign-in: an address to open, and what came of it. */
#include "door-ctl-idp-interactive.h"

#include <signal.h>

#include <glib-unix.h>

#include "door-clock.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-paths.h"
#include "door-test-sign-in.h"

#define POLL_S 1

/* A wait for the result, which ends by it, by time or by a signal. */
typedef struct
{
  DoorCtlDatabase *database;
  DoorClock *clock;
  const DoorTestStart *start;
  GMainLoop *loop;
  guint signals[2];
  DoorTestRow *row; /* (nullable): the row with its result */
  bool interrupted;
  GError *error;
} Wait;

static void
wait_clear (Wait *self)
{
  for (size_t i = 0; i < G_N_ELEMENTS (self->signals); i++)
    g_clear_handle_id (&self->signals[i], g_source_remove);
  g_clear_pointer (&self->row, door_test_row_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_error (&self->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wait, wait_clear)

static gboolean
poll_cb (gpointer data)
{
  Wait *self = data;
  g_autoptr (DoorTxn) txn = door_storage_begin (self->database->storage, DOOR_TXN_SINGLE, NULL, &self->error);
  g_autoptr (DoorTestRow) row = NULL;

  if (txn != NULL && door_test_store_lookup (txn, self->start->row.token_hash, &row, &self->error))
    {
      bool waits = row != NULL && *row->result == '\0';

      if (waits && door_clock_now_ms (self->clock) < self->start->row.expires_at)
        return G_SOURCE_CONTINUE;
      if (row != NULL && !waits)
        self->row = g_steal_pointer (&row);
    }
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE; /* it is removed once the loop has ended */
}

static gboolean
signal_cb (gpointer data)
{
  Wait *self = data;

  self->interrupted = true;
  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

/* Before anything is stored, so that nothing of it stays when it is stopped. */
static void
heed_signals (Wait *self)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  self->signals[0] = g_unix_signal_add (SIGINT, signal_cb, self);
  self->signals[1] = g_unix_signal_add (SIGTERM, signal_cb, self);
}

static void
wait_for_result (Wait *self)
{
  guint source = g_timeout_add_seconds (POLL_S, poll_cb, self);

  g_main_loop_run (self->loop);
  g_source_remove (source);
}

static bool
write_row (DoorStorage *storage, const DoorTestRow *row, bool add, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);

  return txn != NULL &&
         (add ? door_test_store_add (txn, row, error)
              : door_test_store_remove (txn, row->token_hash, error)) &&
         door_txn_commit (txn, error);
}

static const char *
get_text (GVariantDict *result, const char *key)
{
  const char *text = "";

  g_variant_dict_lookup (result, key, "&s", &text);
  return text;
}

/* Names with one value each, or with several. */
static void
print_list (GVariantDict *result, const char *key)
{
  g_autoptr (GVariant) list = g_variant_dict_lookup_value (result, key, G_VARIANT_TYPE ("aa{sv}"));
  GVariantIter iter;
  GVariant *entry;

  if (list == NULL)
    return;
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "@a{sv}", &entry))
    {
      const char *name = "", *value = NULL;
      g_auto (GStrv) values = NULL;
      g_autofree char *joined = NULL;
      gboolean passed = FALSE;

      g_variant_lookup (entry, "name", "&s", &name);
      if (g_variant_lookup (entry, "passed", "b", &passed))
        value = passed ? "passed" : "failed";
      else if (g_variant_lookup (entry, "values", "^as", &values))
        value = joined = g_strjoinv ("; ", values);
      else
        g_variant_lookup (entry, "value", "&s", &value);
      g_print ("  %-28s %s\n", name, value != NULL ? value : "");
    }
}

static void
print_texts (GVariantDict *result, const char *key)
{
  g_auto (GStrv) texts = NULL;

  g_variant_dict_lookup (result, key, "^as", &texts);
  for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
    if (*texts[i] != '\0')
      g_print ("  %s\n", texts[i]);
}

static void
print_verdict (GVariantDict *result, const char *what, const char *allowed, const char *refused)
{
  gboolean may = FALSE;

  g_variant_dict_lookup (result, allowed, "b", &may);
  g_print ("  %-28s %s%s\n", what, may ? "allowed" : "refused: ", may ? "" : get_text (result, refused));
}

static void
print_mapped (GVariantDict *result)
{
  gboolean complete = TRUE;

  g_print ("\nWhat it leads to\n");
  print_list (result, "identity");
  g_variant_dict_lookup (result, "groups_complete", "b", &complete);
  g_print ("\nGroups%s\n", complete ? "" : " (not all of them were sent)");
  print_texts (result, "groups");
  g_print ("\n  %-28s %s\n", "local account on a Mac", get_text (result, "local_account"));
  print_verdict (result, "enroll a device", "may_enroll", "enrollment_refused");
  print_verdict (result, "administer", "may_administer", "administration_refused");
  g_print ("  %-28s %s\n", "roles", get_text (result, "admin_roles"));
}

static void
print_result (GVariantDict *result)
{
  g_print ("%s: the sign-in is %s. It was a test: nothing was enrolled, and nobody is signed in.\n",
           get_text (result, "code"), get_text (result, "outcome"));
  if (g_variant_dict_contains (result, "reason"))
    g_print ("\n%s: %s\nWhat to do: %s\n", get_text (result, "fault"), get_text (result, "reason"),
             get_text (result, "fix"));
  if (g_variant_dict_contains (result, "subject"))
    {
      g_print ("\nWhat the provider sent\n  %-28s %s\n  %-28s %s  %s\n", "issuer",
               get_text (result, "issuer"), "NameID / sub", get_text (result, "subject"),
               get_text (result, "subject_format"));
      print_list (result, "attributes");
    }
  if (g_variant_dict_contains (result, "received"))
    {
      g_print ("\nWhat was received (as it says; not all of it was verified)\n");
      print_texts (result, "received");
    }
  if (g_variant_dict_contains (result, "identity"))
    print_mapped (result);
  g_print ("\nChecks\n");
  print_list (result, "checks");
}

static DoorCtlExit
finish (DoorCtlContext *context, const DoorTestRow *row, GError **error)
{
  g_autoptr (GVariant) result = door_test_result_parse (row->result, error);
  GVariantDict dict;
  bool accepted;

  if (result == NULL)
    return DOOR_CTL_ERROR;
  g_variant_dict_init (&dict, result);
  accepted = g_str_equal (get_text (&dict, "outcome"), "accepted");
  if (!context->json)
    print_result (&dict);
  g_variant_dict_clear (&dict);
  context->result = json_gvariant_serialize (result);
  return accepted ? DOOR_CTL_OK : DOOR_CTL_PROBLEMS;
}

static DoorCtlExit
conclude (DoorCtlContext *context, Wait *wait, GError **error)
{
  if (wait->row != NULL)
    return finish (context, wait->row, error);
  if (wait->error != NULL)
    g_propagate_error (error, g_steal_pointer (&wait->error));
  else
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "%s",
                    wait->interrupted ? "stopped; the address is of no use any more"
                                      : "nobody has signed in within the time; the address is of no use any "
                                        "more");
  return DOOR_CTL_ERROR;
}

/* Whatever comes of it, nothing of it stays. */
static DoorCtlExit
run (DoorCtlContext *context, DoorCtlDatabase *database, const char *external_url, GError **error)
{
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_auto (DoorTestStart) start = { NULL };
  g_auto (Wait) wait = { .database = database, .clock = clock, .start = &start };
  g_autoptr (GError) local = NULL;

  door_test_start_init (&start, random, context->words[0], door_clock_now_ms (clock));
  heed_signals (&wait);
  if (!write_row (database->storage, &start.row, true, error))
    return DOOR_CTL_ERROR;
  g_printerr (
      "Open this in a browser within 15 minutes, and sign in; it works once:\n%s" DOOR_PATH_TEST ("%s") "\n",
      external_url, start.token);
  wait_for_result (&wait);
  if (!write_row (database->storage, &start.row, false, &local))
    g_warning ("the test stays for at most 15 minutes: %s", local->message);
  return conclude (context, &wait, error);
}

/**
 * door_ctl_idp_test_interactive:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp test NAME --interactive`: waits until somebody has signed in at the address it prints, and
 * shows what came of it. Blocks for the database and for the person, at most 15 minutes.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_PROBLEMS when the sign-in was refused, %DOOR_CTL_NOT_FOUND or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_test_interactive (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (GPtrArray) connections = database != NULL ? door_ctl_list_connections (database->setup) : NULL;
  g_autoptr (DoorPolicy) policy = NULL;

  if (connections == NULL)
    return DOOR_CTL_ERROR;
  if (door_ctl_find_connection (connections, context->words[0], error) == NULL)
    return DOOR_CTL_NOT_FOUND;
  g_clear_pointer (&database->txn, door_txn_free); /* nobody reads for a quarter of an hour */
  policy = door_setup_make_policy (door_setup_get_config (database->setup));
  return run (context, database, door_policy_get_external_url (policy), error);
}
