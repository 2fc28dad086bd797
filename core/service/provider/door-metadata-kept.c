/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metadata-kept.h"

#include <string.h>

#include "door-error.h"
#include "door-metadata-store.h"

/* The last two of one source, the newer one first. */
typedef struct
{
  DoorStoredMetadata *last;
  DoorStoredMetadata *before;
} Kept;

static void
kept_clear (Kept *self)
{
  g_clear_pointer (&self->last, door_stored_metadata_free);
  g_clear_pointer (&self->before, door_stored_metadata_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kept, kept_clear)

static void
drop_other_source (DoorStoredMetadata **row, const char *source)
{
  if (*row != NULL && !g_str_equal ((*row)->source, source))
    g_clear_pointer (row, door_stored_metadata_free);
}

static bool
read_kept (DoorTxn *txn, const DoorConnection *connection, Kept *out, GError **error)
{
  const char *name = door_connection_get_name (connection);
  const char *source = door_connection_get_source (connection);

  if (!door_metadata_store_lookup (txn, name, &out->last, error) ||
      !door_metadata_store_lookup_before (txn, name, &out->before, error))
    return false;
  drop_other_source (&out->last, source);
  drop_other_source (&out->before, source);
  return true;
}

static DoorSamlMetadata *
parse_row (const DoorContext *context, const DoorConnection *connection, const DoorStoredMetadata *row,
           GError **error)
{
  g_autoptr (GBytes) xml = g_bytes_new (row->xml, strlen (row->xml));

  return door_connection_parse_metadata (connection, xml, context->development, error);
}

/* A provider that changes its key may go on signing with the one before for a while, or take it out by
 * mistake: a key is accepted until it has been missing twice in what was fetched. What an administrator puts
 * in is meant as it is. */
static void
keep_keys (const DoorContext *context, DoorConnection *connection, DoorSamlMetadata *metadata,
           const DoorStoredMetadata *before)
{
  g_autoptr (DoorSamlMetadata) old = NULL;
  g_autoptr (GError) error = NULL;

  if (before == NULL || g_str_equal (before->source, DOOR_METADATA_UPLOAD))
    return;
  old = parse_row (context, connection, before, &error);
  if (old == NULL)
    g_info ("idp/%s: keys from before are not used: %s", door_connection_get_name (connection),
            error->message);
  else if (g_str_equal (door_saml_metadata_get_entity_id (old), door_saml_metadata_get_entity_id (metadata)))
    door_saml_metadata_keep_keys (metadata, old);
}

/**
 * door_metadata_kept_recall:
 * @context: what every service needs
 * @connection: a connection whose metadata is in the database
 * @fetched_ms: (inout): puts into force only what was stored at another time than this, and says when it was;
 *   0 at first
 * @error: return location for an error
 *
 * Puts the last good metadata into force, if it came from the same source. Blocking.
 *
 * Returns: false with an error; true also when there is nothing or nothing else
 */
bool
door_metadata_kept_recall (const DoorContext *context, DoorConnection *connection, int64_t *fetched_ms,
                           GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_auto (Kept) kept = { NULL };

  if (txn == NULL || !read_kept (txn, connection, &kept, error))
    return false;
  if (kept.last == NULL || kept.last->fetched_at == *fetched_ms)
    return true;
  metadata = parse_row (context, connection, kept.last, error);
  if (metadata == NULL)
    return false;
  keep_keys (context, connection, metadata, kept.before);
  door_connection_set_fetched (connection, metadata, kept.last->fetched_at);
  *fetched_ms = kept.last->fetched_at;
  return true;
}

/**
 * door_metadata_kept_look:
 * @context: what every service needs
 * @connection: a connection whose metadata is in the database
 * @error: return location for an error
 *
 * Puts into force what another instance or doorctl has stored meanwhile. Blocking.
 *
 * Returns: false with an error; true also when there is nothing new
 */
bool
door_metadata_kept_look (const DoorContext *context, DoorConnection *connection, GError **error)
{
  int64_t known_ms = door_connection_get_fetched_ms (connection), stored_ms = 0;
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);

  if (txn == NULL ||
      !door_metadata_store_get_time (txn, door_connection_get_name (connection), &stored_ms, error))
    return false;
  g_clear_pointer (&txn, door_txn_free);
  return stored_ms == known_ms || door_metadata_kept_recall (context, connection, &known_ms, error);
}

/* The keys of a provider are believed because of where they came from; another name there is another
 * provider. */
static bool
is_same_entity (const DoorSamlMetadata *fresh, const DoorStoredMetadata *last, const char *named,
                GError **error)
{
  const char *entity_id = door_saml_metadata_get_entity_id (fresh);

  if (named != NULL || last == NULL || g_str_equal (last->entity_id, entity_id))
    return true;
  return door_error_set (
      error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_METADATA,
      "the entity id changed from %s to %s; if that is right, name the new one in EntityId=", last->entity_id,
      entity_id);
}

typedef struct
{
  const DoorConnection *connection;
  const DoorSamlMetadata *fresh;
  DoorStoredMetadata row;
  Kept kept;
} Save;

static gboolean
write_metadata (DoorTxn *txn, gpointer data, GError **error)
{
  Save *save = data;
  const char *named = door_idp_profile_get_entity_id (door_connection_get_profile (save->connection));

  kept_clear (&save->kept);
  return read_kept (txn, save->connection, &save->kept, error) &&
         is_same_entity (save->fresh, save->kept.last, named, error) &&
         door_metadata_store_save (txn, &save->row, error);
}

static bool
save (const DoorContext *context, DoorConnection *connection, GBytes *xml, GCancellable *cancellable,
      GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_parse_metadata (connection, xml, context->development, error);
  g_autofree char *text = g_strndup (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml));
  Save work = { .connection = connection, .fresh = metadata };
  bool saved;

  if (metadata == NULL)
    return false;
  work.row = (DoorStoredMetadata){
    .connection = (char *) door_connection_get_name (connection),
    .source = (char *) door_connection_get_source (connection),
    .entity_id = (char *) door_saml_metadata_get_entity_id (metadata),
    .xml = text,
    .fetched_at = door_clock_now_ms (context->clock),
  };
  saved = door_writer_run (context->writer, write_metadata, &work, cancellable, error);
  if (saved)
    {
      keep_keys (context, connection, metadata, work.kept.last);
      door_connection_set_fetched (connection, metadata, work.row.fetched_at);
    }
  kept_clear (&work.kept);
  return saved;
}

/**
 * door_metadata_kept_save:
 * @context: what every service needs
 * @connection: a connection whose metadata is fetched from an address
 * @xml: what was fetched
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Puts metadata into force and keeps it for the next start. After a failure what was in force stays. Blocks
 * for the commit.
 *
 * Returns: false with an error, %DOOR_ERROR_CONFLICT when it is that of another entity
 */
bool
door_metadata_kept_save (const DoorContext *context, DoorConnection *connection, GBytes *xml,
                         GCancellable *cancellable, GError **error)
{
  return save (context, connection, xml, cancellable, error);
}

/* Nobody could sign in with it any more, and it would take the place of what is good. */
static bool
check_not_over (const DoorContext *context, DoorConnection *connection, GBytes *xml, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, context->development, error);
  int64_t until_ms = metadata != NULL ? door_saml_metadata_get_valid_until_ms (metadata) : 0;
  g_autofree char *until = until_ms != 0 ? door_clock_format_iso8601 (until_ms) : NULL;

  if (metadata == NULL || until_ms == 0 || until_ms > door_clock_now_ms (context->clock))
    return metadata != NULL;
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_METADATA,
                         "idp/%s: the metadata was valid until %s; ask the provider for its present metadata",
                         door_connection_get_name (connection), until);
}

/* The keys of the configuration that say what is known of a provider. */
static const char *
get_source_keys (const DoorConnection *connection)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);

  if (door_connection_speaks_oidc (connection))
    return "it speaks OpenID Connect, which has none";
  if (door_idp_profile_get_metadata_url (profile) != NULL)
    return "it is fetched from MetadataUrl=";
  return door_idp_profile_get_metadata_file (profile) != NULL
             ? "it is read from MetadataFile="
             : "EntityId=, SsoUrl= and Certificates= stand in its place";
}

/**
 * door_metadata_kept_upload:
 * @context: what every service needs
 * @connection: a connection with MetadataUpload=
 * @xml: the metadata
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Replaces all of the metadata by what an administrator has put in. Other instances take it within a minute.
 * Blocks for the commit.
 *
 * Returns: false with an error: %DOOR_ERROR_INVALID_DATA, %DOOR_ERROR_CONFLICT when it is that of another
 *   entity than before and EntityId= does not name it, %DOOR_ERROR_CONFIG when the connection has its
 *   metadata from somewhere else
 */
bool
door_metadata_kept_upload (const DoorContext *context, DoorConnection *connection, GBytes *xml,
                           GCancellable *cancellable, GError **error)
{
  if (!door_idp_profile_get_metadata_upload (door_connection_get_profile (connection)))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA,
                           "idp/%s: its metadata is not put in: %s; to put it in, set "
                           "MetadataUpload=true in place of that",
                           door_connection_get_name (connection), get_source_keys (connection));
  return check_not_over (context, connection, xml, error) &&
         save (context, connection, xml, cancellable, error);
}
