/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this server is towards its identity providers: metadata and keys. */
#include <string.h>

#include "door-connections.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-error.h"
#include "door-log.h"
#include "door-oidc-client.h"
#include "door-saml-keys.h"
#include "door-saml-options.h"
#include "door-saml-sp.h"
#include "door-saml.h"

static DoorCtlService *
open_service (const DoorCommandLine *line, GError **error)
{
  g_autoptr (DoorCtlService) service = door_ctl_service_open (line, error);

  return service != NULL && door_ctl_service_load_state_key (service, error) ? g_steal_pointer (&service)
                                                                             : NULL;
}

static DoorConnection *
refuse_connection (const char *name, const char *with, GError **error)
{
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                  "there is no usable [idp/%s] with %s; doorctl config check tells why, doorctl idp list "
                  "shows the others",
                  name, with);
  return NULL;
}

static DoorConnection *
find_saml_connection (const DoorCtlService *service, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (service->context.connections, name);

  return connection != NULL && !door_connection_speaks_oidc (connection)
             ? connection
             : refuse_connection (name, "SAML", error);
}

/* One whose provider knows us by a key. */
static DoorConnection *
find_keyed_connection (const DoorCtlService *service, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (service->context.connections, name);

  return connection != NULL &&
                 (!door_connection_speaks_oidc (connection) || door_oidc_client_uses_key (connection))
             ? connection
             : refuse_connection (name, "SAML, or with ClientAuth=private_key_jwt", error);
}

static DoorCtlExit
run_metadata (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  DoorConnection *connection = find_saml_connection (service, context->words[0], error);
  bool sign = door_command_line_has (context->line, "signed");
  g_autofree char *xml = NULL;
  JsonObject *object;

  if (connection != NULL)
    xml = door_saml_sp_describe (&service->context, connection, sign, NULL, error);
  if (xml == NULL)
    return connection == NULL ? DOOR_CTL_NOT_FOUND : DOOR_CTL_ERROR;
  if (!context->json)
    g_print ("%s\n", xml);
  object = json_object_new ();
  json_object_set_string_member (object, "name", context->words[0]);
  json_object_set_string_member (object, "metadata", xml);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_idp_sp_metadata:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp sp-metadata NAME`: what to import at the provider. Blocks on the file system and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_sp_metadata (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = NULL;
  DoorCtlExit status = DOOR_CTL_ERROR;

  /* first, because libgda reads its own files by libxml2, which SAML then keeps from reading any */
  service = open_service (context->line, error);
  if (service == NULL || !door_saml_init (error))
    {
      g_clear_pointer (&service, door_ctl_service_free);
      return DOOR_CTL_ERROR;
    }
  status = run_metadata (context, service, error);
  g_clear_pointer (&service, door_ctl_service_free);
  door_saml_shutdown ();
  return status;
}

/* A change of keys; new ones are made outside of the writer. */
typedef struct
{
  const char *connection;
  const char *const *uses;
  bool finish;
  GPtrArray *next; /* of DoorStoredSpKey */
} Change;

/* The first is the one that there always is. */
static const char *const saml_uses[] = { DOOR_SAML_USE_SIGNING, DOOR_SAML_USE_ENCRYPTION, NULL };
static const char *const oidc_uses[] = { DOOR_OIDC_USE_CLIENT, NULL };

/* All or nothing. A key for encryption may have come into use after the change began. */
static gboolean
write_change (DoorTxn *txn, gpointer data, GError **error)
{
  const Change *change = data;

  for (guint i = 0; i < change->next->len; i++)
    if (!door_saml_keys_prepare (txn, g_ptr_array_index (change->next, i), error))
      return FALSE;
  for (size_t i = 0; change->finish && change->uses[i] != NULL; i++)
    {
      g_autoptr (GError) local = NULL;

      if (door_saml_keys_finish (txn, change->connection, change->uses[i], &local) ||
          (i > 0 && g_error_matches (local, DOOR_ERROR, DOOR_ERROR_NOT_FOUND)))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/* There must be a key that goes on in use beside the new one. */
static bool
make_next (const DoorCtlService *service, const DoorConnection *connection, const char *use, GPtrArray *list,
           GError **error)
{
  const DoorSamlKeySource source = {
    .state_key = service->context.state_key,
    .random = service->context.random,
    .connection = door_connection_get_name (connection),
    .sp_entity_id = door_connection_get_sp_entity_id (connection),
    .now_ms = door_clock_now_ms (service->context.clock),
  };
  g_autoptr (GPtrArray) keys = door_saml_keys_ensure (&service->context, connection, use, false, NULL, error);
  DoorStoredSpKey *next = keys != NULL ? door_saml_keys_make (&source, use, DOOR_SP_KEY_NEXT, error) : NULL;

  if (next == NULL)
    return false;
  g_ptr_array_add (list, next);
  return true;
}

static bool
change_keys (const DoorCtlService *service, const DoorConnection *connection, bool finish, GError **error)
{
  const DoorSamlOptions options = door_saml_options_read (connection);
  g_autoptr (GPtrArray) next = g_ptr_array_new_with_free_func ((GDestroyNotify) door_stored_sp_key_free);
  bool oidc = door_connection_speaks_oidc (connection);
  Change change = { door_connection_get_name (connection), oidc ? oidc_uses : saml_uses, finish, next };

  for (size_t i = 0; !finish && change.uses[i] != NULL; i++)
    if ((i == 0 || options.encryption) && !make_next (service, connection, change.uses[i], next, error))
      return false;
  return door_writer_run (service->context.writer, write_change, &change, NULL, error);
}

static const char *
tell_change (const DoorConnection *connection, bool finish)
{
  if (door_connection_speaks_oidc (connection))
    return finish ? "The new key is in use. The former one is published no more."
                  : "A new key is published beside the one in use. When the provider has read "
                    "/oidc/NAME/jwks.json again, or was given what stands there, run this command with "
                    "--finish.";
  return finish ? "The new key is in use. The former one is published no more; it still decrypts until the "
                  "next change."
                : "A new key is published beside the one in use. Give the provider the metadata of this "
                  "connection again (doorctl idp sp-metadata), and when it has it, run this command with "
                  "--finish.";
}

static DoorCtlExit
run_rotate (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  DoorConnection *connection = find_keyed_connection (service, context->words[0], error);
  bool finish = door_command_line_has (context->line, "finish");
  JsonObject *object;

  if (connection == NULL)
    return DOOR_CTL_NOT_FOUND;
  if (!change_keys (service, connection, finish, error))
    return DOOR_CTL_ERROR;
  door_log_event (G_LOG_LEVEL_MESSAGE, "sp-key",
                  finish ? "the new key towards a provider is in use"
                         : "a key towards a provider is about to change",
                  "DOORWARD_OUTCOME", finish ? "finished" : "begun", "DOORWARD_IDP", context->words[0],
                  "DOORWARD_BY", service->actor, NULL);
  if (!context->json)
    g_print ("%s\n", tell_change (connection, finish));
  object = json_object_new ();
  json_object_set_string_member (object, "name", context->words[0]);
  json_object_set_string_member (object, "state", finish ? "finished" : "begun");
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_idp_rotate_key:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp rotate-key NAME`: begins a change of our keys towards a provider, and with --finish ends it.
 * Blocks on the file system and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_rotate_key (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = open_service (context->line, error);

  return service != NULL ? run_rotate (context, service, error) : DOOR_CTL_ERROR;
}
