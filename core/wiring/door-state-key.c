/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-state-key.h"

#include <unistd.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-keys.h"
#include "door-sealing.h"
#include "door-state-key-store.h"

/* What a database says of the key it is sealed with. */
typedef struct
{
  char *mark;         /* NULL: none yet */
  GPtrArray *samples; /* (element-type DoorSealed): only without a mark */
} Seals;

static void
seals_clear (Seals *self)
{
  g_clear_pointer (&self->mark, g_free);
  g_clear_pointer (&self->samples, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seals, seals_clear)

static bool
refuse (GError **error, const char *what)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_STATEKEY, "%s", what);
}

static bool
read_seals (DoorTxn *txn, Seals *seals, GError **error)
{
  if (!door_state_key_store_lookup (txn, &seals->mark, error))
    return false;
  if (seals->mark == NULL)
    seals->samples = door_sealed_store_list_samples (txn, error);
  return seals->mark != NULL || seals->samples != NULL;
}

static bool
begin_and_read (DoorStorage *storage, Seals *seals, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, error);

  return txn != NULL && read_seals (txn, seals, error);
}

static bool
is_used (const Seals *seals)
{
  return seals->mark != NULL || seals->samples->len > 0;
}

static char *
dup_mark (const DoorSecret *key)
{
  uint8_t digest[DOOR_SHA256_SIZE];
  size_t size;
  const uint8_t *data = door_secret_get_data (key, &size);

  door_digest_hmac_sha256 (data, size, "mark of the state key", "", digest);
  return door_hex_encode (digest, sizeof digest);
}

static bool
check_mark (const DoorSecret *key, const char *mark, GError **error)
{
  g_autofree char *own = dup_mark (key);

  return door_digest_equal (own, mark) ||
         refuse (error, "the state key is not the one with which the secrets in this database are sealed");
}

static bool
opens (const DoorSecret *key, const DoorSealed *sealed, GError **error)
{
  g_autoptr (DoorSecret) secret =
      door_sealing_open (key, (DoorSealedPlace){ sealed->kind, sealed->id }, sealed->text, error);

  return secret != NULL;
}

/* A database that is older than marks: one of each kind must open. */
static bool
check_samples (const DoorSecret *key, const GPtrArray *samples, GError **error)
{
  for (guint i = 0; i < samples->len; i++)
    if (!opens (key, g_ptr_array_index (samples, i), error))
      return false;
  return true;
}

static bool
check (const DoorSecret *key, const Seals *seals, GError **error)
{
  return seals->mark != NULL ? check_mark (key, seals->mark, error)
                             : check_samples (key, seals->samples, error);
}

/* A key of our own beside what another has sealed would only hide that the other is gone. */
static bool
check_there (const DoorStateKeyPlace *place, const Seals *seals, GError **error)
{
  g_autofree char *path = g_build_filename (place->state_folder, DOOR_STATE_KEY_FILE, NULL);

  if (!is_used (seals) || door_settings_is_set (place->database, "StateKey") || access (path, F_OK) == 0)
    return true;
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_STATEKEY,
                         "%s is not there, and secrets in this database are sealed with it", path);
}

/* What stands in the place of the key is no key: the same next step as for one that is gone. */
static void
name_fault (const Seals *seals, GError **error, GError *local)
{
  if (is_used (seals) && door_error_get_fault (local) == DOOR_FAULT_CFG_SECRET)
    refuse (error, local->message);
  else
    g_propagate_error (error, g_error_copy (local));
}

static DoorSecret *
load (const DoorStateKeyPlace *place, DoorRandom *random, Seals *seals, GError **error)
{
  g_autoptr (DoorSecret) key = NULL;
  g_autoptr (GError) local = NULL;

  if (!begin_and_read (place->storage, seals, error) || !check_there (place, seals, error))
    return NULL;
  key = door_keys_load_state_key (place->database, place->state_folder, random, &local);
  if (key == NULL)
    name_fault (seals, error, local);
  return key != NULL && check (key, seals, error) ? g_steal_pointer (&key) : NULL;
}

/**
 * door_state_key_open:
 * @place: where it is
 * @error: return location for an error
 *
 * Reads the key with which secrets are sealed in the database, and sees that it is that one. None is made.
 * Blocking.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_CONFIG, %DOOR_FAULT_CFG_STATEKEY: another, or
 * gone
 */
DoorSecret *
door_state_key_open (const DoorStateKeyPlace *place, GError **error)
{
  g_auto (Seals) seals = { NULL };

  return load (place, NULL, &seals, error);
}

static bool
write_mark (DoorStorage *storage, const char *mark, int64_t now_ms, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);

  return txn != NULL && door_state_key_store_add (txn, mark, now_ms, error) && door_txn_commit (txn, error);
}

/**
 * door_state_key_ensure:
 * @place: where it is
 * @random: randomness
 * @now_ms: the time
 * @error: return location for an error
 *
 * The same at the start of a server: a database in which nothing is sealed gets a key, and is marked with it;
 * so is one that is older than marks, once one of each kind of what is sealed has opened. Of instances that
 * begin together on one database the first marks it, and the others are refused unless they have the same
 * key. Blocking.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_CONFIG, %DOOR_FAULT_CFG_STATEKEY: another, or
 * gone
 */
DoorSecret *
door_state_key_ensure (const DoorStateKeyPlace *place, DoorRandom *random, int64_t now_ms, GError **error)
{
  g_auto (Seals) seals = { NULL }, after = { NULL };
  g_autoptr (DoorSecret) key = load (place, random, &seals, error);
  g_autofree char *mark = NULL;

  if (key == NULL || seals.mark != NULL)
    return g_steal_pointer (&key);
  mark = dup_mark (key);
  if (!write_mark (place->storage, mark, now_ms, error) || !begin_and_read (place->storage, &after, error) ||
      !check (key, &after, error))
    return NULL;
  return g_steal_pointer (&key);
}

/**
 * door_state_key_check:
 * @storage: the database
 * @key: the key that door_state_key_ensure() gave
 * @error: return location for an error
 *
 * Sees that the database still belongs to the key. One row is read. Blocking.
 *
 * Returns: false with %DOOR_FAULT_CFG_STATEKEY when it was replaced meanwhile, or another error
 */
bool
door_state_key_check (DoorStorage *storage, const DoorSecret *key, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, error);
  g_autofree char *mark = NULL, *own = dup_mark (key);

  if (txn == NULL || !door_state_key_store_lookup (txn, &mark, error))
    return false;
  return (mark != NULL && door_digest_equal (own, mark)) ||
         refuse (error, "the state key of the database was replaced, and this server has the former one");
}

/**
 * door_state_key_loss_clear:
 * @self: what came of a replacement
 */
void
door_state_key_loss_clear (DoorStateKeyLoss *self)
{
  g_clear_pointer (&self->lost, g_ptr_array_unref);
}

/* What a server makes by itself would only be in its way. */
static bool
remove_own (DoorTxn *txn, const DoorSecret *key, bool *removed, GError **error)
{
  g_autoptr (GPtrArray) own = door_sealed_store_list_own (txn, error);

  for (guint i = 0; own != NULL && i < own->len; i++)
    {
      const DoorSealed *sealed = g_ptr_array_index (own, i);

      if (opens (key, sealed, NULL))
        continue;
      if (!door_sealed_store_remove_own (txn, sealed, error))
        return false;
      *removed = true;
    }
  return own != NULL;
}

static GPtrArray *
list_lost (DoorTxn *txn, const DoorSecret *key, GError **error)
{
  g_autoptr (GPtrArray) samples = door_sealed_store_list_samples (txn, error);

  for (guint i = samples != NULL ? samples->len : 0; i-- > 0;)
    if (opens (key, g_ptr_array_index (samples, i), NULL))
      g_ptr_array_remove_index (samples, i);
  return g_steal_pointer (&samples);
}

/**
 * door_state_key_list_lost:
 * @place: where it is
 * @key: the key of the database
 * @error: return location for an error
 *
 * What an earlier key has sealed and nobody has given up. Looks at every enrollment where little is sealed,
 * so it is for who asks what is wrong. Blocking.
 *
 * Returns: (transfer full) (element-type DoorSealed): one of each kind, or %NULL with an error
 */
GPtrArray *
door_state_key_list_lost (const DoorStateKeyPlace *place, const DoorSecret *key, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (place->storage, DOOR_TXN_READ, NULL, error);

  return txn != NULL ? list_lost (txn, key, error) : NULL;
}

static bool
adopt (DoorStorage *storage, const DoorSecret *key, int64_t now_ms, DoorStateKeyLoss *loss, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_WRITE, NULL, error);
  g_autofree char *mark = dup_mark (key), *before = NULL;

  if (txn == NULL || !door_state_key_store_lookup (txn, &before, error))
    return false;
  loss->is_changed = before == NULL || !door_digest_equal (mark, before);
  loss->lost = list_lost (txn, key, error);
  return loss->lost != NULL && remove_own (txn, key, &loss->is_changed, error) &&
         door_state_key_store_replace (txn, mark, now_ms, error) && door_txn_commit (txn, error);
}

/**
 * door_state_key_replace:
 * @place: where it is
 * @random: randomness
 * @now_ms: the time
 * @loss: (out): what came of it; door_state_key_loss_clear() frees it
 * @error: return location for an error
 *
 * For a key that is lost for good: the database belongs to the one that is there now, or, where there is
 * none, to a new one. Keys that do not open and that a server makes by itself are removed; what else does not
 * open stays, and is told. No server may run on the database, for it would go on with the former key.
 * Blocking.
 *
 * Returns: false with an error
 */
bool
door_state_key_replace (const DoorStateKeyPlace *place, DoorRandom *random, int64_t now_ms,
                        DoorStateKeyLoss *loss, GError **error)
{
  g_autoptr (DoorSecret) key = door_keys_load_state_key (place->database, place->state_folder, random, error);

  return key != NULL && adopt (place->storage, key, now_ms, loss, error);
}
