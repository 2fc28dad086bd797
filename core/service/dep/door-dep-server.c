/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-server.h"

#include <string.h>

#include "door-cms-key-pair.h"
#include "door-dep-answer.h"
#include "door-dep-client.h"
#include "door-dep-device-store.h"
#include "door-dep-profile.h"
#include "door-dep-run.h"
#include "door-error.h"
#include "door-lease.h"
#include "door-sealing.h"
#include "door-smime.h"

#define BATCH 500

static char *
seal (const DoorContext *context, DoorSealedPlace place, const DoorSecret *secret, GError **error)
{
  return door_sealing_seal (context->state_key, context->random, place, secret, error);
}

static DoorSecret *
open_key (const DoorContext *context, const DoorDepServer *server, GError **error)
{
  return door_sealing_open (context->state_key, (DoorSealedPlace){ DOOR_SEALED_DEP_KEY, server->name },
                            server->sealed_key, error);
}

static bool
lookup (const DoorContext *context, const char *name, DoorDepServer **out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL && door_dep_store_lookup_server (txn, name, out, error);
}

/**
 * door_dep_server_read:
 * @context: what every service needs
 * @name: its name here
 * @out: (out) (transfer full): the row
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND when there is no such server
 */
bool
door_dep_server_read (const DoorContext *context, const char *name, DoorDepServer **out, GError **error)
{
  g_autoptr (DoorDepServer) server = NULL;

  if (!lookup (context, name, &server, error))
    return false;
  if (server == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "there is no server %s; doorctl dep list shows them", name);
  *out = g_steal_pointer (&server);
  return true;
}

typedef struct
{
  const DoorDepServer *server;
  bool added; /* (out) */
} Add;

static gboolean
write_add (DoorTxn *txn, gpointer data, GError **error)
{
  Add *add = data;

  return door_dep_store_add_server (txn, add->server, &add->added, error);
}

static bool
make (const DoorContext *context, const char *name, bool *made, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autofree char *certificate = NULL, *sealed = NULL, *title = g_strdup_printf ("Doorward %.48s", name);
  g_autoptr (DoorSecret) key = NULL;
  DoorDepServer server = { .name = (char *) name, .phase = (char *) DOOR_DEP_PHASE_FETCH };
  Add add = { &server, false };

  if (!door_cms_key_pair_new (title, now_ms, &certificate, &key, error))
    return false;
  sealed = seal (context, (DoorSealedPlace){ DOOR_SEALED_DEP_KEY, name }, key, error);
  if (sealed == NULL)
    return false;
  server.certificate = certificate;
  server.sealed_key = sealed;
  server.created_at = now_ms;
  if (!door_writer_run (context->writer, write_add, &add, NULL, error))
    return false;
  *made = add.added;
  return true;
}

/**
 * door_dep_server_ensure:
 * @context: what every service needs
 * @name: its name here
 * @made: (out): whether it is new
 * @error: return location for an error
 *
 * Gets a server with the certificate that Apple encrypts its token for; the first time it is made. CPU-bound
 * then, and blocks for a commit.
 *
 * Returns: (transfer full): the row, or %NULL with %DOOR_FAULT_CFG_STATEKEY when its key does not open, or
 *   another error
 */
DoorDepServer *
door_dep_server_ensure (const DoorContext *context, const char *name, bool *made, GError **error)
{
  g_autoptr (DoorDepServer) server = NULL;
  g_autoptr (DoorSecret) key = NULL;

  *made = false;
  if (!lookup (context, name, &server, error))
    return NULL;
  if (server == NULL &&
      (!make (context, name, made, error) || !door_dep_server_read (context, name, &server, error)))
    return NULL;
  key = open_key (context, server, error); /* a certificate without it is good for nothing */
  return key != NULL ? g_steal_pointer (&server) : NULL;
}

static DoorSecret *
open_file (const DoorContext *context, const DoorDepServer *server, GBytes *file, GError **error)
{
  g_autoptr (DoorSecret) key = open_key (context, server, error);
  g_autoptr (GBytes) certificate = g_bytes_new (server->certificate, strlen (server->certificate));
  g_autoptr (DoorCmsSigner) recipient = key != NULL ? door_cms_signer_new (certificate, key, error) : NULL;
  g_autoptr (DoorSecret) text = recipient != NULL ? door_smime_open (file, recipient, error) : NULL;

  return text != NULL ? door_dep_token_take_message (text, error) : NULL;
}

typedef struct
{
  const DoorDepServer *server;
  bool changed; /* (out) */
} SetToken;

static gboolean
write_token (DoorTxn *txn, gpointer data, GError **error)
{
  SetToken *set = data;

  return door_dep_store_set_token (txn, set->server, &set->changed, error);
}

/**
 * door_dep_server_import_token:
 * @context: what every service needs
 * @name: its name here
 * @file: the server token as Apple gives it
 * @expires_at: (out): when it ends, milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Opens a server token and keeps it, sealed, in place of the one before. Apple is asked at the next round,
 * which is now. Blocks for a commit.
 *
 * Returns: false with an error, %DOOR_FAULT_DEP_TOKEN when it is none for this server
 */
bool
door_dep_server_import_token (const DoorContext *context, const char *name, GBytes *file, int64_t *expires_at,
                              GError **error)
{
  g_autoptr (DoorDepServer) server = NULL;
  g_autoptr (DoorSecret) json = NULL;
  g_autoptr (DoorDepToken) token = NULL;
  g_autofree char *sealed = NULL;
  DoorDepServer changed = { .name = (char *) name };
  SetToken set = { &changed, false };

  if (!door_dep_server_read (context, name, &server, error))
    return false;
  json = open_file (context, server, file, error);
  token = json != NULL ? door_dep_token_parse (json, error) : NULL;
  if (token == NULL)
    return false;
  if (token->expires_at_ms <= door_clock_now_ms (context->clock))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEP_EXPIRED, "the token has expired");
  sealed = seal (context, (DoorSealedPlace){ DOOR_SEALED_DEP_TOKEN, name }, json, error);
  if (sealed == NULL)
    return false;
  changed.sealed_token = sealed;
  changed.token_expires_at = token->expires_at_ms;
  if (!door_writer_run (context->writer, write_token, &set, NULL, error))
    return false;
  *expires_at = token->expires_at_ms;
  return set.changed ||
         door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "%s was removed meanwhile", name);
}

/**
 * door_dep_server_open_key:
 * @context: what every service needs
 * @server: a row
 * @error: return location for an error
 *
 * Opens the private key whose certificate Apple has of a server. Pure.
 *
 * Returns: (transfer full): the key, PKCS #8 in PEM, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSecret *
door_dep_server_open_key (const DoorContext *context, const DoorDepServer *server, GError **error)
{
  return open_key (context, server, error);
}

/**
 * door_dep_server_open_token:
 * @context: what every service needs
 * @server: a server that has one
 * @error: return location for an error
 *
 * Pure.
 *
 * Returns: (transfer full): its token, or %NULL with an error
 */
DoorDepToken *
door_dep_server_open_token (const DoorContext *context, const DoorDepServer *server, GError **error)
{
  const DoorSealedPlace place = { DOOR_SEALED_DEP_TOKEN, server->name };
  g_autoptr (DoorSecret) json = door_sealing_open (context->state_key, place, server->sealed_token, error);

  return json != NULL ? door_dep_token_parse (json, error) : NULL;
}

typedef struct
{
  const char *serial;
  const char *team;
  bool changed; /* (out) */
} Assign;

/* Whatever server it is of, Apple is asked at once. */
static gboolean
write_assign (DoorTxn *txn, gpointer data, GError **error)
{
  Assign *assign = data;
  g_autoptr (GPtrArray) rows = NULL;

  if (!door_dep_device_store_set_team (txn, assign->serial, assign->team, &assign->changed, error))
    return FALSE;
  rows = door_dep_store_list_devices_of_serial (txn, assign->serial, "", DOOR_DEP_MAX_SERVERS, error);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (!door_dep_store_set_due (txn, ((DoorDepDevice *) rows->pdata[i])->server, 0, NULL, error))
      return FALSE;
  return rows != NULL;
}

/**
 * door_dep_server_assign_team:
 * @context: what every service needs
 * @serial: serial number of a device
 * @team: name of a team
 * @error: return location for an error
 *
 * Gives a device a team before it enrolls, whatever the default is. Blocks for a commit.
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND when no server has such a device, or there is no such
 *   team
 */
bool
door_dep_server_assign_team (const DoorContext *context, const char *serial, const char *team, GError **error)
{
  Assign assign = { serial, team, false };

  if (door_policy_lookup_team (context->policy, team) == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_TEAM_UNKNOWN, "there is no [team/%s]",
                           team);
  return door_writer_run (context->writer, write_assign, &assign, NULL, error) &&
         (assign.changed || door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                                            "no server has a device %s now", serial));
}

static GPtrArray *
list_with_profile (const DoorContext *context, const char *name, const char *after, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL ? door_dep_device_store_list_with_profile (txn, name, after, BATCH, error) : NULL;
}

/* A device that is not this server's any more has no profile of ours either. */
static bool
check_taken (GBytes *answer, GError **error)
{
  g_auto (DoorDepStatuses) statuses = { NULL };
  const DoorDepStatus *first = NULL;
  guint n_kept = 0;

  if (!door_dep_answer_parse_statuses (answer, &statuses, error))
    return false;
  for (guint i = 0; i < statuses.list->len; i++)
    {
      const DoorDepStatus *status = g_ptr_array_index (statuses.list, i);

      if (g_str_equal (status->status, "SUCCESS") || g_str_equal (status->status, "NOT_ACCESSIBLE"))
        continue;
      first = n_kept++ == 0 ? status : first;
    }
  return first == NULL || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_ANSWER,
                                          "Apple did not take the profile off %u devices, of which the first "
                                          "is %s: %s",
                                          n_kept, first->serial, first->status);
}

/* A round that runs beside it would give the devices the profiles that are being taken off. */
static bool
take_lease (const DoorContext *context, const char *name, GError **error)
{
  g_autofree char *lease = door_dep_run_build_lease_name (name);
  bool taken = false;

  if (!door_lease_take (context, lease, DOOR_DEP_LEASE_S, &taken, error))
    return false;
  return taken || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_DEP_UNAVAILABLE,
                                  "%s is being asked for its devices now: try again when that has ended, in "
                                  "some minutes at most",
                                  name);
}

/* Takes our profiles off the devices, so that they are not sent to a server that does not know them. */
static bool
take_profiles (DoorDepClient *client, const char *name, GError **error)
{
  g_autofree char *after = g_strdup ("");

  for (;;)
    {
      g_autoptr (GPtrArray) devices = list_with_profile (client->context, name, after, error);
      g_autoptr (GPtrArray) serials = g_ptr_array_new ();
      g_autoptr (GBytes) body = NULL, answer = NULL;
      DoorDepQuestion question = { "DELETE", "/profile/devices", NULL };

      if (devices == NULL)
        return false;
      if (devices->len == 0)
        return true;
      if (!take_lease (client->context, name, error))
        return false;
      for (guint i = 0; i < devices->len; i++)
        g_ptr_array_add (serials, ((DoorDepDevice *) devices->pdata[i])->serial);
      question.body = body = door_dep_request_build_devices (NULL, serials);
      answer = door_dep_client_ask (client, &question, error);
      if (answer == NULL || !check_taken (answer, error))
        return false;
      g_free (after);
      after = g_strdup (((DoorDepDevice *) devices->pdata[devices->len - 1])->id);
    }
}

typedef struct
{
  const char *name;
  bool changed; /* (out) */
} Remove;

static gboolean
write_remove (DoorTxn *txn, gpointer data, GError **error)
{
  Remove *remove = data;

  return door_dep_store_remove_server (txn, remove->name, &remove->changed, error);
}

static bool
unassign (const DoorContext *context, const DoorDepServer *server, GCancellable *cancellable, GError **error)
{
  const DoorDepRules *rules = door_policy_lookup_dep_rules (context->policy, server->name);
  g_autoptr (DoorDepToken) token = door_dep_server_open_token (context, server, error);
  g_auto (DoorDepClient) client = {
    .context = context, .url = DOOR_DEP_SERVICE_URL, .token = token, .cancellable = cancellable
  };

  if (context->development && rules->server_url != NULL)
    client.url = rules->server_url;
  return token != NULL && take_profiles (&client, server->name, error);
}

static bool
remove_with_lease (const DoorContext *context, const DoorDepServer *server, bool keep_profiles,
                   GCancellable *cancellable, GError **error)
{
  Remove remove = { server->name, false };

  if (!keep_profiles && *server->sealed_token != '\0' && !unassign (context, server, cancellable, error))
    {
      g_prefix_error (error, "the devices still have our profiles (--keep-profiles leaves them): ");
      return false;
    }
  return door_writer_run (context->writer, write_remove, &remove, NULL, error);
}

/**
 * door_dep_server_remove:
 * @context: what every service needs
 * @name: its name here
 * @keep_profiles: leave what Apple gives its devices as it is
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Forgets a server, after its devices have lost our profiles. Blocks on the network and for a commit.
 *
 * Returns: false with an error, and the server is still there; %DOOR_ERROR_CONFLICT while somebody asks Apple
 *   for its devices
 */
bool
door_dep_server_remove (const DoorContext *context, const char *name, bool keep_profiles,
                        GCancellable *cancellable, GError **error)
{
  g_autofree char *lease = door_dep_run_build_lease_name (name);
  g_autoptr (DoorDepServer) server = NULL;
  bool good;

  if (!door_dep_server_read (context, name, &server, error) || !take_lease (context, name, error))
    return false;
  good = remove_with_lease (context, server, keep_profiles, cancellable, error);
  door_lease_release (context, lease);
  return good;
}
