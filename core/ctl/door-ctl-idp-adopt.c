/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator-store.h"
#include "door-ctl-actor.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-log.h"
#include "door-person-store.h"

/* One that is only unusable may come back, and has its people then. */
static bool
is_there (const DoorConfig *config, const char *name)
{
  g_auto (GStrv) names = door_config_list_instances (config, "idp");

  return g_strv_contains ((const char *const *) names, name);
}

static bool
move (DoorCtlDatabase *database, const char *name, const char *former, bool *any, GError **error)
{
  g_autoptr (DoorTxn) txn = door_ctl_database_begin_write (database, error);
  bool administrators = false, people = false;

  if (txn == NULL || !door_administrator_store_move_identities (txn, former, name, &administrators, error) ||
      !door_person_store_move_identities (txn, former, name, &people, error) || !door_txn_commit (txn, error))
    return false;
  *any = administrators || people;
  return true;
}

static DoorCtlExit
report (DoorCtlContext *context, const char *name, const char *former)
{
  g_autofree char *by = door_ctl_actor_dup ();
  JsonObject *object = json_object_new ();

  door_log_event (G_LOG_LEVEL_MESSAGE, "connection", "people of a connection that is gone have another one",
                  "DOORWARD_IDP", name, "DOORWARD_FORMER", former, "DOORWARD_BY", by, "DOORWARD_OUTCOME",
                  "adopted", NULL);
  if (!context->json)
    g_print ("Whoever was known by %s belongs to %s from now on.\n", former, name);
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "former", former);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_idp_adopt:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp adopt NAME FORMER`: the people of a connection that is gone are those of another one. Blocks
 * on the file system and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_adopt (DoorCtlContext *context, GError **error)
{
  const char *name = context->words[0], *former = context->words[1];
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  const DoorConfig *config;
  bool any = false;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  config = door_setup_get_config (database->setup);
  if (!is_there (config, name))
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "there is no [idp/%s]", name);
  else if (is_there (config, former))
    door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                    "[idp/%s] is still there, and speaks for its people itself", former);
  else if (move (database, name, former, &any, error) && !any)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "nobody is known by %s", former);
  return any ? report (context, name, former) : door_ctl_status_of (*error);
}
