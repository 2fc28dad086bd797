/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Enrollment links, beside the server that may run. */
#include "door-clock.h"
#include "door-ctl-actor.h"
#include "door-ctl-admin.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-enrollment-link-json.h"
#include "door-enrollment-link.h"
#include "door-error.h"
#include "door-key-value.h"

static JsonObject *
build_object (gconstpointer row)
{
  return door_enrollment_link_json_build (row);
}

static bool
read_wish (const DoorCommandLine *line, DoorEnrollmentLinkWish *wish, GError **error)
{
  const char *team = door_command_line_get_value (line, "team"),
             *expires = door_command_line_get_value (line, "expires"),
             *uses = door_command_line_get_value (line, "uses");
  uint64_t lifetime_s = DOOR_ENROLLMENT_LINK_USUAL_S;
  guint64 max_uses = 0;

  if (expires != NULL && (!door_key_value_parse_number (DOOR_KEY_DURATION, expires, &lifetime_s) ||
                          lifetime_s < 1 || lifetime_s > DOOR_ENROLLMENT_LINK_MAX_S))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--expires takes a duration such as 8h or 14d, at most 365d");
  if (uses != NULL && !g_ascii_string_to_unsigned (uses, 10, 1, DOOR_ENROLLMENT_LINK_MAX_USES, &max_uses,
                                                   NULL)) /* said here */
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--uses takes a number from 1 to %" G_GINT64_FORMAT,
                           DOOR_ENROLLMENT_LINK_MAX_USES);
  wish->team = team != NULL ? team : "";
  wish->lifetime_s = (int64_t) lifetime_s;
  wish->max_uses = (int64_t) max_uses;
  return true;
}

/**
 * door_ctl_enroll_link_create:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl enroll-link create`: a link, shown this once. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_enroll_link_create (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (DoorPolicy) policy = NULL;
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autofree char *secret = NULL, *url = NULL, *by = door_ctl_actor_dup ();
  DoorEnrollmentLinkWish wish = { .created_by = by, .now_ms = door_clock_now_ms (clock) };
  JsonObject *object;

  if (!read_wish (context->line, &wish, error))
    return DOOR_CTL_USAGE;
  database = door_ctl_database_open (context->line, error);
  if (database == NULL)
    return DOOR_CTL_ERROR;
  policy = door_setup_make_policy (door_setup_get_config (database->setup));
  link = door_enrollment_link_new (&wish, policy, random, &secret, error);
  if (link == NULL)
    return door_ctl_status_of (*error);
  txn = door_ctl_database_begin_write (database, error);
  if (txn == NULL || !door_enrollment_link_store_add (txn, link, error) || !door_txn_commit (txn, error))
    return DOOR_CTL_ERROR;
  door_enrollment_link_log (link->id, link->team, "made", by);
  url = door_enrollment_link_dup_url (policy, secret);
  if (!context->json)
    g_print ("%s\n", url);
  object = door_enrollment_link_json_build (link);
  json_object_set_string_member (object, "url", url);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static GPtrArray *
list_page (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  return door_enrollment_link_store_list (txn, after != NULL ? after : "", limit, error);
}

static void
print_head (void)
{
  g_print ("%-38s %-16s %-12s %-22s %s\n", "LINK", "TEAM", "USES", "ENDS", "STATE");
}

/* What came first, of all that keeps devices from enrolling by it. */
static const char *
get_state (const DoorEnrollmentLink *link)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();

  if (link->revoked_at != 0)
    return "revoked";
  if (link->max_uses != 0 && link->uses >= link->max_uses)
    return "used up";
  return link->expires_at <= door_clock_now_ms (clock) ? "expired" : "open";
}

static void
print (gconstpointer row)
{
  const DoorEnrollmentLink *link = row;
  g_autofree char *ends = door_ctl_output_dup_time (link->expires_at);
  g_autofree char *uses = link->max_uses != 0 ? g_strdup_printf ("%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                                                                 link->uses, link->max_uses)
                                              : g_strdup_printf ("%" G_GINT64_FORMAT, link->uses);

  g_print ("%-38s %-16s %-12s %-22s %s\n", link->id, *link->team != '\0' ? link->team : "-", uses, ends,
           get_state (link));
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorEnrollmentLink *) row)->id;
}

/**
 * door_ctl_enroll_link_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl enroll-link list`: one page of links, without their secrets. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_enroll_link_list (DoorCtlContext *context, GError **error)
{
  static const DoorCtlList list = {
    .member = "enrollment_links",
    .none = "doorctl enroll-link create makes one",
    .list_page = list_page,
    .print_head = print_head,
    .print = print,
    .build_object = build_object,
    .get_name = get_name,
  };

  return door_ctl_list_run (context, &list, error);
}

/**
 * door_ctl_enroll_link_revoke:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl enroll-link revoke ID`: ends a link for good. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when it was revoked before, %DOOR_CTL_NOT_FOUND or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_enroll_link_revoke (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autofree char *by = door_ctl_actor_dup ();
  const char *id = context->words[0];
  JsonObject *object;
  bool changed = false;

  txn = database != NULL ? door_ctl_database_begin_write (database, error) : NULL;
  if (txn == NULL || !door_enrollment_link_store_lookup (txn, id, &link, error))
    return DOOR_CTL_ERROR;
  if (link == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "there is no enrollment link %s; doorctl enroll-link list shows them", id);
      return DOOR_CTL_NOT_FOUND;
    }
  if (!door_enrollment_link_store_revoke (txn, id, door_clock_now_ms (clock), &changed, error) ||
      !door_txn_commit (txn, error))
    return DOOR_CTL_ERROR;
  object = json_object_new ();
  json_object_set_string_member (object, "id", id);
  context->result = door_ctl_output_take_object (object);
  if (!changed)
    return door_ctl_nothing (context->json, "the link was revoked before");
  door_enrollment_link_log (id, link->team, "revoked", by);
  if (!context->json)
    g_print ("the link is revoked: nothing enrolls by it any more; devices that came by it stay\n");
  return DOOR_CTL_OK;
}
