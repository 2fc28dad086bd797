/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-user-channel-store.h"

#include "door-row.h"

#define COLUMNS                                                                                              \
  "id, enrollment_id, user_key, short_name, long_name, topic, push_magic, push_token, not_on_console, "      \
  "awaiting_since, created_at, token_updated_at, seen_at, ended_at"

static gpointer
door_user_channel_decode (DoorRow *row)
{
  DoorUserChannel *self = g_new0 (DoorUserChannel, 1);

  self->id = door_row_dup_text (row, "id");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->user_key = door_row_dup_text (row, "user_key");
  self->short_name = door_row_dup_text (row, "short_name");
  self->long_name = door_row_dup_text (row, "long_name");
  self->topic = door_row_dup_text (row, "topic");
  self->push_magic = door_row_dup_text (row, "push_magic");
  self->push_token = door_row_dup_text (row, "push_token");
  self->not_on_console = door_row_get_int (row, "not_on_console") != 0;
  self->awaiting_since = door_row_get_int (row, "awaiting_since");
  self->created_at = door_row_get_int (row, "created_at");
  self->token_updated_at = door_row_get_int (row, "token_updated_at");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->ended_at = door_row_get_int (row, "ended_at");
  return self;
}

/**
 * door_user_channel_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_user_channel_free (DoorUserChannel *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->enrollment_id);
  g_free (self->user_key);
  g_free (self->short_name);
  g_free (self->long_name);
  g_free (self->topic);
  g_free (self->push_magic);
  g_free (self->push_token);
  g_free (self);
}

/**
 * door_user_channel_store_save:
 * @txn: a transaction
 * @channel: the channel, of which @ended_at is not looked at
 * @error: return location for an error
 *
 * Stores what a user's TokenUpdate says. A channel that is there already keeps its id and when it was made
 * and first waited, and one that had ended goes on.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_save (DoorTxn *txn, const DoorUserChannel *channel, GError **error)
{
  static const char sql[] =
      "INSERT INTO user_channel (" COLUMNS
      ") VALUES (:id, :enrollment_id, :user_key, :short_name, :long_name, :topic, :push_magic, :push_token, "
      ":not_on_console, :awaiting_since, :created_at, :token_updated_at, :seen_at, 0) "
      "ON CONFLICT (enrollment_id, user_key) DO UPDATE SET short_name = excluded.short_name, long_name = "
      "excluded.long_name, topic = excluded.topic, push_magic = excluded.push_magic, push_token = "
      "excluded.push_token, not_on_console = excluded.not_on_console, awaiting_since = CASE WHEN "
      "user_channel.awaiting_since > 0 THEN user_channel.awaiting_since ELSE excluded.awaiting_since END, "
      "token_updated_at = excluded.token_updated_at, seen_at = excluded.seen_at, ended_at = 0";

  return door_txn_change (
      txn, sql,
      door_params_new ("id", "s", channel->id, "enrollment_id", "s", channel->enrollment_id, "user_key", "s",
                       channel->user_key, "short_name", "s", channel->short_name, "long_name", "s",
                       channel->long_name, "topic", "s", channel->topic, "push_magic", "s",
                       channel->push_magic, "push_token", "s", channel->push_token, "not_on_console", "x",
                       (int64_t) channel->not_on_console, "awaiting_since", "x", channel->awaiting_since,
                       "created_at", "x", channel->created_at, "token_updated_at", "x",
                       channel->token_updated_at, "seen_at", "x", channel->seen_at, NULL),
      NULL, error);
}

/**
 * door_user_channel_store_lookup:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @user_key: one of its users
 * @out: (out) (transfer full) (nullable): the channel, %NULL when the user has none
 * @error: return location for an error
 *
 * Finds the channel of a user; one that has ended is found too.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_lookup (DoorTxn *txn, const char *enrollment_id, const char *user_key,
                                DoorUserChannel **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM user_channel WHERE enrollment_id = :enrollment_id AND "
                            "user_key = :user_key";

  return door_txn_lookup (
      txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, "user_key", "s", user_key, NULL),
      door_user_channel_decode, (gpointer *) out, error);
}

/**
 * door_user_channel_store_list:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @after: the last user key of the page before, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the channels of an enrollment by user key, those that have ended too.
 *
 * Returns: (transfer full) (element-type DoorUserChannel): a page, or %NULL with an error
 */
GPtrArray *
door_user_channel_store_list (DoorTxn *txn, const char *enrollment_id, const char *after, int64_t limit,
                              GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM user_channel WHERE enrollment_id = :enrollment_id AND "
                            "user_key > :after ORDER BY user_key LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("enrollment_id", "s", enrollment_id, "after", "s", after, "limit", "x", limit, NULL),
      door_user_channel_decode, (GDestroyNotify) door_user_channel_free, error);
}

/**
 * door_user_channel_store_touch:
 * @txn: a transaction
 * @id: a channel
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that something was heard on a channel.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_touch (DoorTxn *txn, const char *id, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE user_channel SET seen_at = :now WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", id, NULL), NULL, error);
}

/**
 * door_user_channel_store_end:
 * @txn: a transaction
 * @enrollment_id: an enrollment that ends
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends all channels of its users; what they were stays on record, their push values do not.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_end (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE user_channel SET ended_at = :now, push_magic = '', push_token = '' WHERE "
                            "enrollment_id = :enrollment_id AND ended_at = 0";

  return door_txn_change (
      txn, sql, door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, NULL), NULL, error);
}

/**
 * door_user_channel_store_has_room:
 * @txn: a transaction
 * @enrollment_id: an enrollment
 * @most: how many channels it may have
 * @room: (out): whether it has fewer
 * @error: return location for an error
 *
 * Tells whether an enrollment may have one more user. The channels are counted no further than to @most.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_has_room (DoorTxn *txn, const char *enrollment_id, int64_t most, bool *room,
                                  GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM user_channel WHERE enrollment_id = :enrollment_id "
                            "ORDER BY user_key LIMIT 1 OFFSET :most";
  g_autoptr (DoorUserChannel) last = NULL;

  if (!door_txn_lookup (txn, sql,
                        door_params_new ("enrollment_id", "s", enrollment_id, "most", "x", most - 1, NULL),
                        door_user_channel_decode, (gpointer *) &last, error))
    return false;
  *room = last == NULL;
  return true;
}

/**
 * door_user_channel_store_remove_old:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets channels that ended before a time.
 *
 * Returns: false with an error
 */
bool
door_user_channel_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                    GError **error)
{
  static const char sql[] = "DELETE FROM user_channel WHERE id IN (SELECT id FROM user_channel WHERE "
                            "ended_at > 0 AND ended_at < :before ORDER BY ended_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}
