/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sealed-store.h"

#include <string.h>

#include "door-row.h"

/* One row for each column that has something sealed in it; the same kind may lie in more than one. */
static const struct
{
  DoorSealedKind kind;
  const char *sql;
} columns[] = {
  { DOOR_SEALED_SP_KEY,
    "SELECT connection || '/' || key_use AS id, sealed_key AS sealed FROM sp_key LIMIT :limit" },
  { DOOR_SEALED_SIGNING_KEY, "SELECT kid AS id, sealed FROM signing_key LIMIT :limit" },
  { DOOR_SEALED_PUSH_KEY,
    "SELECT key_sha256 AS id, sealed_key AS sealed FROM push_certificate LIMIT :limit" },
  { DOOR_SEALED_PUSH_KEY, "SELECT key_sha256 AS id, sealed_key AS sealed FROM push_request LIMIT :limit" },
  { DOOR_SEALED_DEP_KEY, "SELECT name AS id, sealed_key AS sealed FROM dep_server LIMIT :limit" },
  { DOOR_SEALED_DEP_TOKEN,
    "SELECT name AS id, sealed_token AS sealed FROM dep_server WHERE sealed_token <> '' LIMIT :limit" },
  { DOOR_SEALED_UNLOCK_TOKEN,
    "SELECT id, sealed_unlock_token AS sealed FROM enrollment WHERE sealed_unlock_token <> '' LIMIT :limit" },
  { DOOR_SEALED_BOOTSTRAP_TOKEN, "SELECT id, sealed_bootstrap_token AS sealed FROM enrollment WHERE "
                                 "sealed_bootstrap_token <> '' LIMIT :limit" },
  { DOOR_SEALED_ADMIN_PASSWORD,
    "SELECT enrollment_id AS id, sealed_admin_password AS sealed FROM device_setup "
    "WHERE sealed_admin_password <> '' LIMIT :limit" },
  { DOOR_SEALED_COMMAND_MESSAGE,
    "SELECT uuid AS id, message AS sealed FROM command WHERE message LIKE '" DOOR_SEALED_COMMAND
    "%' LIMIT :limit" },
  { DOOR_SEALED_COMMAND_RESULT, "SELECT channel_id || '/' || uuid AS id, result AS sealed FROM command "
                                "WHERE result LIKE '" DOOR_SEALED_COMMAND "%' LIMIT :limit" },
  { DOOR_SEALED_DEVICE_REFRESH,
    "SELECT id, sealed_refresh AS sealed FROM oauth2_grant WHERE sealed_refresh <> '' LIMIT :limit" },
  { DOOR_SEALED_ADMIN_REFRESH, "SELECT liveness_id AS id, sealed_refresh AS sealed FROM admin_session WHERE "
                               "sealed_refresh <> '' LIMIT :limit" },
  { DOOR_SEALED_ADMIN_REFRESH, "SELECT liveness_id AS id, sealed_refresh AS sealed FROM admin_handover WHERE "
                               "sealed_refresh <> '' LIMIT :limit" },
};

/**
 * door_sealed_free:
 * @self: (transfer full): something sealed
 */
void
door_sealed_free (DoorSealed *self)
{
  g_free (self->id);
  g_free (self->text);
  g_free (self);
}

static gpointer
decode (DoorRow *row)
{
  DoorSealed *self = g_new0 (DoorSealed, 1);
  g_autofree char *text = door_row_dup_text (row, "sealed");

  self->id = door_row_dup_text (row, "id");
  self->text =
      g_strdup (g_str_has_prefix (text, DOOR_SEALED_COMMAND) ? text + strlen (DOOR_SEALED_COMMAND) : text);
  return self;
}

static bool
add_from (DoorTxn *txn, size_t column, int64_t limit, GPtrArray *list, GError **error)
{
  g_autoptr (GPtrArray) rows =
      door_txn_list (txn, columns[column].sql, door_params_new ("limit", "x", limit, NULL), decode,
                     (GDestroyNotify) door_sealed_free, error);

  if (rows == NULL)
    return false;
  for (guint i = 0; i < rows->len; i++)
    ((DoorSealed *) g_ptr_array_index (rows, i))->kind = columns[column].kind;
  g_ptr_array_extend_and_steal (list, g_steal_pointer (&rows));
  return true;
}

/**
 * door_sealed_store_list_samples:
 * @txn: a transaction
 * @error: return location for an error
 *
 * One of each column that has something sealed in it. Where there is nothing, every enrollment and every
 * command is looked at to see that, so this is for what is done once.
 *
 * Returns: (transfer full) (element-type DoorSealed): what was found, or %NULL with an error
 */
GPtrArray *
door_sealed_store_list_samples (DoorTxn *txn, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_sealed_free);

  for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
    if (!add_from (txn, i, 1, list, error))
      return NULL;
  return g_steal_pointer (&list);
}

/**
 * door_sealed_store_list_own:
 * @txn: a transaction
 * @error: return location for an error
 *
 * The keys that a server makes by itself where there are none: those towards identity providers and those
 * that sign tokens. As many as there are providers, not as devices or people.
 *
 * Returns: (transfer full) (element-type DoorSealed): all of them, or %NULL with an error
 */
GPtrArray *
door_sealed_store_list_own (DoorTxn *txn, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_sealed_free);

  for (size_t i = 0; i < G_N_ELEMENTS (columns); i++)
    if ((columns[i].kind == DOOR_SEALED_SP_KEY || columns[i].kind == DOOR_SEALED_SIGNING_KEY) &&
        !add_from (txn, i, G_MAXINT64, list, error))
      return NULL;
  return g_steal_pointer (&list);
}

/**
 * door_sealed_store_remove_own:
 * @txn: a writing transaction
 * @own: one of door_sealed_store_list_own()
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_sealed_store_remove_own (DoorTxn *txn, const DoorSealed *own, GError **error)
{
  return door_txn_change (txn,
                          own->kind == DOOR_SEALED_SP_KEY ? "DELETE FROM sp_key WHERE sealed_key = :sealed"
                                                          : "DELETE FROM signing_key WHERE sealed = :sealed",
                          door_params_new ("sealed", "s", own->text, NULL), NULL, error);
}
