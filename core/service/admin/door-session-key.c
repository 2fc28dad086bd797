/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-session-key.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-sealing.h"
#include "door-session-token.h"
#include "door-signing-key-store.h"

#define DAY_MS (24 * 60 * 60 * INT64_C (1000))
/* How long a key signs. */
#define SIGNS_MS (30 * DAY_MS)
/* How long before its first signature a key is published: whoever keeps our keys has it in time. */
#define AHEAD_MS (2 * DAY_MS)
/* How long a token lives at most, and a little for clocks: so long a key is believed that signs no more. */
#define BEHIND_MS (DOOR_SESSION_TOKEN_MAX_S * INT64_C (1000) + 60 * 60 * INT64_C (1000))

/* A key that is about to be kept, if it is still wanted then. */
typedef struct
{
  DoorStoredSigningKey row;
  int64_t now_ms;
} Addition;

static const DoorStoredSigningKey *
find_signing (const GPtrArray *rows, int64_t now_ms)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredSigningKey *row = g_ptr_array_index (rows, i);

      if (row->signs_from <= now_ms)
        return row;
    }
  return NULL;
}

/* The newest first: so the row before is the one that takes over. */
static bool
is_over (const GPtrArray *rows, guint i, int64_t now_ms)
{
  const DoorStoredSigningKey *next = i > 0 ? g_ptr_array_index (rows, i - 1) : NULL;

  return next != NULL && next->signs_from + BEHIND_MS < now_ms;
}

/* When the next key begins to sign; 0: none is wanted yet. */
static int64_t
choose_start (const GPtrArray *rows, int64_t now_ms)
{
  const DoorStoredSigningKey *newest = rows->len > 0 ? g_ptr_array_index (rows, 0) : NULL;

  if (newest == NULL || find_signing (rows, now_ms) == NULL)
    return now_ms;
  return newest->signs_from + SIGNS_MS - AHEAD_MS <= now_ms ? now_ms + AHEAD_MS : 0;
}

static gboolean
write_addition (DoorTxn *txn, gpointer data, GError **error)
{
  Addition *addition = data;
  g_autoptr (GPtrArray) rows = door_signing_key_store_list (txn, error);

  if (rows == NULL)
    return FALSE;
  addition->row.signs_from = choose_start (rows, addition->now_ms);
  if (addition->row.signs_from == 0)
    return TRUE;
  for (guint i = 0; i < rows->len; i++)
    if (is_over (rows, i, addition->now_ms) &&
        !door_signing_key_store_remove (txn, ((DoorStoredSigningKey *) g_ptr_array_index (rows, i))->kid,
                                        error))
      return FALSE;
  return door_signing_key_store_add (txn, &addition->row, error);
}

static char *
seal_key (const DoorContext *context, const char *kid, const uint8_t *secret_key, GError **error)
{
  g_autoptr (DoorSecret) secret = door_secret_new (secret_key, DOOR_ED25519_KEY_BYTES);

  return door_sealing_seal (context->state_key, context->random,
                            (DoorSealedPlace){ DOOR_SEALED_SIGNING_KEY, kid }, secret, error);
}

static bool
add_key (const DoorContext *context, int64_t now_ms, GError **error)
{
  g_autofree char *kid = door_random_dup_uuid (context->random), *sealed = NULL, *public_text = NULL;
  uint8_t secret_key[DOOR_ED25519_KEY_BYTES], public_key[DOOR_ED25519_KEY_BYTES];
  Addition addition = { .now_ms = now_ms };

  if (!door_ed25519_generate (secret_key, public_key, error))
    return false;
  sealed = seal_key (context, kid, secret_key, error);
  explicit_bzero (secret_key, sizeof secret_key);
  if (sealed == NULL)
    return false;
  public_text = g_base64_encode (public_key, sizeof public_key);
  addition.row =
      (DoorStoredSigningKey){ .kid = kid, .public_key = public_text, .sealed = sealed, .created_at = now_ms };
  return door_writer_run (context->writer, write_addition, &addition, NULL, error);
}

static GPtrArray *
list_rows (const DoorContext *context, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL ? door_signing_key_store_list (txn, error) : NULL;
}

static bool
refuse (const DoorStoredSigningKey *row, GError **error)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "signing key %s cannot be read",
                         row->kid);
}

static DoorOwnKey *
open_public (const DoorStoredSigningKey *row, GError **error)
{
  g_autoptr (DoorOwnKey) key = g_new0 (DoorOwnKey, 1);
  g_autoptr (GBytes) public_key =
      door_base64_decode_strict (row->public_key, strlen (row->public_key), DOOR_ED25519_KEY_BYTES);

  key->kid = g_strdup (row->kid);
  if (public_key == NULL || g_bytes_get_size (public_key) != DOOR_ED25519_KEY_BYTES)
    {
      refuse (row, error);
      return NULL;
    }
  memcpy (key->public_key, g_bytes_get_data (public_key, NULL), DOOR_ED25519_KEY_BYTES);
  return g_steal_pointer (&key);
}

static DoorOwnKey *
open_secret (const DoorContext *context, const DoorStoredSigningKey *row, GError **error)
{
  g_autoptr (DoorOwnKey) key = open_public (row, error);
  const DoorSealedPlace place = { DOOR_SEALED_SIGNING_KEY, row->kid };
  g_autoptr (DoorSecret) secret =
      key != NULL ? door_sealing_open (context->state_key, place, row->sealed, error) : NULL;
  size_t size = 0;
  const uint8_t *data = secret != NULL ? door_secret_get_data (secret, &size) : NULL;

  if (data == NULL)
    return NULL;
  if (size != DOOR_ED25519_KEY_BYTES)
    {
      refuse (row, error);
      return NULL;
    }
  memcpy (key->secret_key, data, DOOR_ED25519_KEY_BYTES);
  return g_steal_pointer (&key);
}

/**
 * door_session_key_list:
 * @context: what every service needs
 * @error: return location for an error
 *
 * The keys whose signatures are believed, the next one included. Their secret halves stay sealed. Blocks for
 * the database.
 *
 * Returns: (transfer full) (element-type DoorOwnKey): the keys, or %NULL with an error
 */
GPtrArray *
door_session_key_list (const DoorContext *context, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GPtrArray) rows = list_rows (context, error);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_own_key_free);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      DoorOwnKey *key;

      if (is_over (rows, i, now_ms))
        continue;
      key = open_public (g_ptr_array_index (rows, i), error);
      if (key == NULL)
        return NULL;
      g_ptr_array_add (keys, key);
    }
  return rows != NULL ? g_steal_pointer (&keys) : NULL;
}

/**
 * door_session_key_ensure:
 * @context: what every service needs
 * @error: return location for an error
 *
 * The key that signs now. Makes the first one, and the next one in time: a key signs for 30 days, is
 * published two days before and believed for as long as a token lives after. Blocks for the database.
 *
 * Returns: (transfer full): the key, or %NULL with an error
 */
DoorOwnKey *
door_session_key_ensure (const DoorContext *context, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (GPtrArray) rows = list_rows (context, error);
  const DoorStoredSigningKey *row;

  if (rows == NULL)
    return NULL;
  if (choose_start (rows, now_ms) != 0)
    {
      if (!add_key (context, now_ms, error))
        return NULL;
      g_clear_pointer (&rows, g_ptr_array_unref);
      rows = list_rows (context, error);
    }
  row = rows != NULL ? find_signing (rows, now_ms) : NULL;
  if (row != NULL)
    return open_secret (context, row, error);
  if (rows != NULL)
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "there is no signing key");
  return NULL;
}
