/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-keys.h"

#include <string.h>

#include "door-error.h"
#include "door-sealing.h"

static char *
build_id (const char *connection, const char *use)
{
  return g_strconcat (connection, "/", use, NULL);
}

/**
 * door_saml_keys_make:
 * @source: whose key it is
 * @use: %DOOR_SAML_USE_SIGNING or %DOOR_SAML_USE_ENCRYPTION
 * @state: what it begins as, such as %DOOR_SP_KEY_CURRENT
 * @error: return location for an error
 *
 * Makes a key, to be stored. CPU-bound, up to a second or so; any thread, but not in a transaction.
 *
 * Returns: (transfer full): the row, or %NULL with an error
 */
DoorStoredSpKey *
door_saml_keys_make (const DoorSamlKeySource *source, const char *use, const char *state, GError **error)
{
  g_autoptr (DoorSamlSpKey) key = door_saml_sp_key_new (source->sp_entity_id, source->now_ms, error);
  g_autoptr (DoorSecret) secret = key != NULL ? door_saml_sp_key_dup_private_key (key, error) : NULL;
  g_autofree char *id = build_id (source->connection, use), *sealed = NULL;
  DoorStoredSpKey *stored;

  if (secret == NULL)
    return NULL;
  sealed = door_sealing_seal (source->state_key, source->random, (DoorSealedPlace){ DOOR_SEALED_SP_KEY, id },
                              secret, error);
  if (sealed == NULL)
    return NULL;
  stored = g_new0 (DoorStoredSpKey, 1);
  stored->connection = g_strdup (source->connection);
  stored->use = g_strdup (use);
  stored->state = g_strdup (state);
  stored->sealed_key = g_steal_pointer (&sealed);
  stored->certificate = door_saml_sp_key_dup_certificate_pem (key);
  stored->created_at = source->now_ms;
  return stored;
}

static DoorSamlSpKey *
open_key (const DoorSecret *state_key, const DoorStoredSpKey *stored, GError **error)
{
  g_autofree char *id = build_id (stored->connection, stored->use);
  const DoorSealedPlace place = { DOOR_SEALED_SP_KEY, id };
  g_autoptr (DoorSecret) secret = door_sealing_open (state_key, place, stored->sealed_key, error);
  g_autoptr (GBytes) certificate = g_bytes_new (stored->certificate, strlen (stored->certificate));

  return secret != NULL ? door_saml_sp_key_parse (secret, certificate, error) : NULL;
}

static GPtrArray *
read_rows (const DoorContext *context, const char *connection, const char *use, GCancellable *cancellable,
           GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, error);

  return txn != NULL ? door_sp_key_store_list (txn, connection, use, error) : NULL;
}

static gboolean
write_key (DoorTxn *txn, gpointer data, GError **error)
{
  return door_sp_key_store_add (txn, data, NULL, error);
}

/* Two instances may do that at once; both then use what is stored. */
static GPtrArray *
make_first (const DoorContext *context, const DoorConnection *connection, const char *use,
            GCancellable *cancellable, GError **error)
{
  const DoorSamlKeySource source = {
    .state_key = context->state_key,
    .random = context->random,
    .connection = door_connection_get_name (connection),
    .sp_entity_id = door_connection_get_sp_entity_id (connection),
    .now_ms = door_clock_now_ms (context->clock),
  };
  g_autoptr (DoorStoredSpKey) made = door_saml_keys_make (&source, use, DOOR_SP_KEY_CURRENT, error);

  if (made == NULL || !door_writer_run (context->writer, write_key, made, cancellable, error))
    return NULL;
  g_message ("idp/%s: a key for %s was made", source.connection, use);
  return read_rows (context, source.connection, use, cancellable, error);
}

/**
 * door_saml_keys_ensure:
 * @context: what every service needs
 * @connection: the identity provider
 * @use: %DOOR_SAML_USE_SIGNING or %DOOR_SAML_USE_ENCRYPTION
 * @with_previous: whether the key before the last change is among them, for decryption
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Reads our keys towards a provider; the first is made when there is none yet. Blocks for a read, and for a
 * commit where one is made, which is CPU-bound too.
 *
 * Returns: (transfer full) (element-type DoorSamlSpKey): the current key first, then the next, last the
 *   previous; or %NULL with an error
 */
GPtrArray *
door_saml_keys_ensure (const DoorContext *context, const DoorConnection *connection, const char *use,
                       bool with_previous, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) rows =
      read_rows (context, door_connection_get_name (connection), use, cancellable, error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_sp_key_unref);

  if (rows != NULL && rows->len == 0)
    {
      g_ptr_array_unref (rows);
      rows = make_first (context, connection, use, cancellable, error);
    }
  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredSpKey *row = g_ptr_array_index (rows, i);
      DoorSamlSpKey *key;

      if (!with_previous && g_str_equal (row->state, DOOR_SP_KEY_PREVIOUS))
        continue;
      key = open_key (context->state_key, row, error);
      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
    }
  return g_steal_pointer (&keys);
}

/**
 * door_saml_keys_prepare:
 * @txn: a writing transaction
 * @next: a new key, by door_saml_keys_make() with %DOOR_SP_KEY_NEXT
 * @error: return location for an error
 *
 * Begins a change of keys: the new one is published beside the current one, which goes on in use. What was
 * left of the change before is forgotten.
 *
 * Returns: false with an error, %DOOR_ERROR_CONFLICT when a change has begun already
 */
bool
door_saml_keys_prepare (DoorTxn *txn, const DoorStoredSpKey *next, GError **error)
{
  bool added = false;

  if (!door_sp_key_store_remove (txn, next->connection, next->use, DOOR_SP_KEY_PREVIOUS, error) ||
      !door_sp_key_store_add (txn, next, &added, error))
    return false;
  return added || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                                  "a change of the %s key has begun already; finish it first", next->use);
}

static const DoorStoredSpKey *
lookup_state (const GPtrArray *rows, const char *state)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((const DoorStoredSpKey *) g_ptr_array_index (rows, i))->state, state))
      return g_ptr_array_index (rows, i);
  return NULL;
}

/**
 * door_saml_keys_finish:
 * @txn: a writing transaction
 * @connection: name of the identity provider
 * @use: %DOOR_SAML_USE_SIGNING or %DOOR_SAML_USE_ENCRYPTION
 * @error: return location for an error
 *
 * Ends a change of keys: the next key becomes the current one. What was current is published no more, and
 * still decrypts until the next change.
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND when no change has begun
 */
bool
door_saml_keys_finish (DoorTxn *txn, const char *connection, const char *use, GError **error)
{
  g_autoptr (GPtrArray) rows = door_sp_key_store_list (txn, connection, use, error);
  const DoorStoredSpKey *current, *next;

  if (rows == NULL)
    return false;
  current = lookup_state (rows, DOOR_SP_KEY_CURRENT);
  next = lookup_state (rows, DOOR_SP_KEY_NEXT);
  if (next == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "no change of the %s key has begun",
                           use);
  return door_sp_key_store_remove (txn, connection, use, DOOR_SP_KEY_PREVIOUS, error) &&
         (current == NULL || door_sp_key_store_set_state (txn, current, DOOR_SP_KEY_PREVIOUS, NULL, error)) &&
         door_sp_key_store_set_state (txn, next, DOOR_SP_KEY_CURRENT, NULL, error);
}
