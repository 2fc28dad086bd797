/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connection-object.h"

#include <string.h>

#include "door-administrator-store.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-keys-text.h"
#include "door-log.h"
#include "door-metadata-store.h"
#include "door-name.h"
#include "door-object-store.h"
#include "door-person-store.h"
#include "door-protocol.h"
#include "door-saml-metadata.h"

#define GROUP "idp/"
#define FETCH_TIMEOUT_S 10

/* What says where metadata comes from. It goes as a whole when other metadata comes. */
static const char *const source_keys[] = { "MetadataUrl", "MetadataFile", "MetadataUpload",
                                           "EntityId",    "SsoUrl",       "Certificates",
                                           NULL };

/* One write: the object, and the metadata that belongs to it. */
typedef struct
{
  DoorStoredObject *object;
  const DoorStoredMetadata *metadata; /* NULL: there is none afterwards */
  bool is_new;
  bool done; /* (out) */
} Change;

/* Metadata that was judged, and the line of the configuration that names its source. */
typedef struct
{
  DoorStoredMetadata row; /* no xml: there is none */
  char *line;
} Known;

static void
known_clear (Known *self)
{
  g_clear_pointer (&self->row.connection, g_free);
  g_clear_pointer (&self->row.source, g_free);
  g_clear_pointer (&self->row.entity_id, g_free);
  g_clear_pointer (&self->row.xml, g_free);
  g_clear_pointer (&self->line, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Known, known_clear)

/**
 * door_connection_info_free:
 * @self: (transfer full) (nullable): what the outside is told
 */
void
door_connection_info_free (DoorConnectionInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->name);
  g_free (self->type);
  g_free (self->title);
  g_free (self->file);
  door_connection_addresses_clear (&self->addresses);
  g_free (self->metadata_source);
  g_free (self->idp_entity_id);
  g_free (self);
}

static char *
dup_group (const char *name)
{
  return g_strconcat (GROUP, name, NULL);
}

/* As the keys say it, whether they are in force or not. */
static DoorProtocol
read_protocol (const char *content)
{
  g_autofree char *word = door_keys_text_dup (content, "Protocol");
  g_autofree char *client_id = door_keys_text_dup (content, "ClientId");

  return door_protocol_choose (word, client_id != NULL);
}

static DoorConnectionInfo *
make_info (const DoorContext *context, DoorConnectionName *name)
{
  DoorConnectionInfo *info = g_new0 (DoorConnectionInfo, 1);

  name->external_url = door_policy_get_external_url (context->policy);
  info->name = g_strdup (name->name);
  info->addresses = door_connection_addresses_build (name);
  return info;
}

static DoorConnectionInfo *
info_of_object (const DoorContext *context, const DoorStoredObject *object,
                const DoorStoredMetadata *metadata)
{
  g_autofree char *sp_entity_id = door_keys_text_dup (object->content, "SpEntityId");
  DoorConnectionName name = { .name = object->name + strlen (GROUP),
                              .protocol = read_protocol (object->content),
                              .entity_id = sp_entity_id };
  DoorConnectionInfo *info = make_info (context, &name);

  info->id = g_strdup (object->id);
  info->type = door_keys_text_dup (object->content, "Type");
  info->title = door_keys_text_dup (object->content, "DisplayName");
  info->created_at = object->created_at;
  info->updated_at = object->updated_at;
  if (metadata != NULL)
    {
      info->metadata_source = g_strdup (metadata->source);
      info->idp_entity_id = g_strdup (metadata->entity_id);
    }
  return info;
}

static DoorConnectionInfo *
info_of_file (const DoorContext *context, DoorConnection *connection, char *file)
{
  const char *source = door_connection_get_source (connection);
  DoorConnectionName name = {
    .name = door_connection_get_name (connection),
    .protocol = door_idp_profile_get_protocol (door_connection_get_profile (connection)),
    .entity_id = door_connection_get_sp_entity_id (connection),
  };
  DoorConnectionInfo *info = make_info (context, &name);
  /* that there is none yet is told by the missing source */
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL);

  info->id = g_strdup ("");
  info->file = file;
  info->title = g_strdup (door_connection_get_title (connection, NULL));
  if (metadata != NULL)
    {
      info->metadata_source = g_strdup (source != NULL ? source : file);
      info->idp_entity_id = g_strdup (door_saml_metadata_get_entity_id (metadata));
    }
  return info;
}

/* Of the words of a key; a list in a file is written the same way. */
static char **
dup_uses (const char *content)
{
  g_autofree char *text = door_keys_text_dup (content, "Use");
  char **uses = g_strsplit (text != NULL ? text : DOOR_USE_ENROLLMENT, ";", -1);

  for (char **use = uses; *use != NULL; use++)
    g_strstrip (*use);
  return uses;
}

static bool
is_shared (const char *content)
{
  g_autofree char *text = door_keys_text_dup (content, "SharedEntityId");

  return g_strcmp0 (text, "true") == 0;
}

static bool
refuse_twin (const char *name, const char *entity_id, GError **error)
{
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY,
                         "the connection %s is of the same provider, %.200s", name, entity_id);
}

/* Against those in force; what other instances have made meanwhile is seen in the write. */
static bool
check_twin (const DoorContext *context, const char *name, const char *content, const char *entity_id,
            GError **error)
{
  g_auto (GStrv) uses = dup_uses (content);
  const DoorConnectionTwin twin = { name, entity_id, (const char *const *) uses, is_shared (content) };
  DoorConnection *other =
      entity_id != NULL ? door_connections_lookup_twin (context->connections, &twin) : NULL;

  return other == NULL || refuse_twin (door_connection_get_name (other), entity_id, error);
}

static bool
check_twin_in_write (DoorTxn *txn, const Change *change, const char *name, GError **error)
{
  g_autoptr (DoorStoredObject) other = NULL;
  g_auto (GStrv) uses = NULL, others = NULL;

  if (change->metadata == NULL)
    return true;
  if (!door_object_store_lookup_entity (txn, change->metadata->entity_id, name, &other, error))
    return false;
  if (other == NULL)
    return true;
  uses = dup_uses (change->object->content);
  others = dup_uses (other->content);
  for (char **use = uses; *use != NULL; use++)
    if (!is_shared (change->object->content) || g_strv_contains ((const char *const *) others, *use))
      return refuse_twin (other->name + strlen (GROUP), change->metadata->entity_id, error);
  return true;
}

/* One that stood in a file leaves nothing here but the people who came by it: theirs is the name, until
 * `doorctl idp adopt` gives them another. */
static bool
add_object (DoorTxn *txn, Change *change, const char *connection, GError **error)
{
  int64_t n_administrators = 0, n_people = 0;

  if (!door_administrator_store_count_identities (txn, connection, &n_administrators, error) ||
      !door_person_store_count_identities (txn, connection, &n_people, error))
    return false;
  return n_administrators + n_people > 0 || door_object_store_add (txn, change->object, &change->done, error);
}

static gboolean
write_change (DoorTxn *txn, gpointer data, GError **error)
{
  Change *change = data;
  const char *connection = change->object->name + strlen (GROUP);

  change->done = false;
  if (!check_twin_in_write (txn, change, connection, error))
    return FALSE;
  if (change->is_new ? !add_object (txn, change, connection, error)
                     : !door_object_store_change (txn, change->object, &change->done, error))
    return FALSE;
  if (!change->done)
    return TRUE;
  if (!door_metadata_store_remove (txn, connection, error) ||
      (change->metadata != NULL && !door_metadata_store_save (txn, change->metadata, error)))
    return FALSE;
  return door_object_store_bump (txn, error);
}

static bool
run_change (const DoorContext *context, Change *change, GCancellable *cancellable, GError **error)
{
  if (!door_writer_run (context->writer, write_change, change, cancellable, error))
    return false;
  if (!change->done)
    return door_error_set (error, DOOR_ERROR_CONFLICT,
                           change->is_new ? DOOR_FAULT_CONN_EXISTS : DOOR_FAULT_CONN_INVALID,
                           change->is_new ? "there is, or was, a connection of this name"
                                          : "the connection has changed meanwhile, try again");
  context->objects->changed (context->objects->owner);
  return true;
}

/* What the network and the provider say is no fault of ours: the caller is told. */
static GBytes *
fetch_xml (const DoorContext *context, const char *url, GCancellable *cancellable, GError **error)
{
  const DoorFetchRequest request = {
    .url = url,
    .max_bytes = DOOR_SAML_METADATA_MAX_BYTES,
    .timeout_s = FETCH_TIMEOUT_S,
    .allow_http = context->development,
    .allow_private = context->development,
  };
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) local = NULL;

  if (!context->fetch (&request, &answer, cancellable, &local))
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID, "metadata_url: %s",
                    local->message);
  else if (answer.status != 200)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID, "metadata_url: answered %u",
                    answer.status);
  else
    return g_steal_pointer (&answer.body);
  return NULL;
}

/* Where the metadata comes from, as the one line that it is. */
static char *
build_source_line (const char *url, GError **error)
{
  g_autoptr (GString) line = g_string_new (NULL);

  if (!door_keys_text_add (line, url != NULL ? "MetadataUrl" : "MetadataUpload", url != NULL ? url : "true"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                      "metadata_url is one line without control characters");
      return NULL;
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* Nobody could sign in with it, and who gave it would not know. */
static bool
check_not_over (const DoorSamlMetadata *metadata, int64_t now_ms, GError **error)
{
  int64_t until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  g_autofree char *until = until_ms != 0 ? door_clock_format_iso8601 (until_ms) : NULL;

  return until_ms == 0 || until_ms > now_ms ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                         "metadata: it was valid until %s; ask the provider for its present metadata", until);
}

static bool
judge_metadata (const DoorContext *context, const DoorConnectionWish *wish, const char *content, Known *known,
                GError **error)
{
  const DoorConnectionMetadata *given = &wish->metadata;
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) local = NULL;
  int64_t now_ms = door_clock_now_ms (context->clock);

  if (read_protocol (content) == DOOR_PROTOCOL_OIDC) /* which has no metadata */
    {
      known->line = g_strdup ("");
      return (given->xml == NULL && given->url == NULL) ||
             door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                             "metadata: OpenID Connect has none, Issuer= is enough");
    }
  known->line = build_source_line (given->url, error);
  if (known->line == NULL || (given->xml == NULL && given->url == NULL))
    return known->line != NULL;
  xml = given->xml != NULL ? g_bytes_ref (given->xml)
                           : fetch_xml (context, given->url, wish->cancellable, error);
  if (xml == NULL)
    return false;
  metadata = door_saml_metadata_parse (xml, NULL, context->development, &local);
  if (metadata == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID, "metadata: %s",
                           local->message);
  if (!check_not_over (metadata, now_ms, error))
    return false;
  known->row.connection = g_strdup (wish->name);
  known->row.source = g_strdup (given->url != NULL ? given->url : DOOR_METADATA_UPLOAD);
  known->row.entity_id = g_strdup (door_saml_metadata_get_entity_id (metadata));
  known->row.xml = g_strndup (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml));
  known->row.fetched_at = now_ms;
  return true;
}

/* Two sources of truth for one name would be one too many. */
static bool
check_no_file (const DoorContext *context, const char *group, GError **error)
{
  g_autofree char *file = context->objects->dup_file (context->objects->owner, group);

  return file == NULL || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_FILE,
                                         "[%s] stands in %s and is changed there", group, file);
}

static bool
check_content (const DoorContext *context, const char *group, const char *content, GError **error)
{
  g_autoptr (GError) local = NULL;

  return context->objects->check (context->objects->owner, group, content, &local) ||
         door_error_set (error, local->code == DOOR_ERROR_CONFIG ? DOOR_ERROR_INVALID_DATA : local->code,
                         local->code == DOOR_ERROR_CONFIG ? DOOR_FAULT_CONN_INVALID
                                                          : door_error_get_fault (local),
                         "%s", local->message);
}

static bool
check_changeable (const DoorContext *context, GError **error)
{
  return context->objects != NULL || door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_INTERNAL,
                                                     "this program keeps no connections in the database");
}

static bool
check_name (const char *name, GError **error)
{
  return door_name_is_valid (name) || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                                                      "name: it may have 1 to 32 of a-z, 0-9 and -");
}

/* The keys as lines. Whatever comes of them is judged as a file would be; this only keeps one text from
 * becoming several lines. */
static char *
build_content (const char *const *keys, GError **error)
{
  g_autoptr (GString) content = g_string_new (NULL);

  for (size_t i = 0; keys[i] != NULL; i += 2)
    {
      if (g_strv_contains (source_keys, keys[i]))
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                          "%s: metadata is given beside the keys, not in them", keys[i]);
          return NULL;
        }
      if (!door_keys_text_add (content, keys[i], keys[i + 1]))
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                          "%s: a key and its text are one line without control characters", keys[i]);
          return NULL;
        }
    }
  return g_string_free (g_steal_pointer (&content), FALSE);
}

static void
log_change (const DoorContext *context, const DoorConnectionWish *wish, const char *what, const Known *known)
{
  g_autofree char *message = g_strdup_printf (
      "connection %s %s%s%s", wish->name, what, known != NULL && known->row.xml != NULL ? ", provider " : "",
      known != NULL && known->row.xml != NULL ? known->row.entity_id : "");

  door_log_event (G_LOG_LEVEL_MESSAGE, "connection", message, "DOORWARD_IDP", wish->name, "DOORWARD_BY",
                  wish->actor, "DOORWARD_OUTCOME", what, NULL);
}

static bool
lookup_object (const DoorContext *context, const char *name, DoorStoredObject **out,
               DoorStoredMetadata **metadata, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  g_autoptr (DoorStoredObject) object = NULL;
  g_autofree char *group = dup_group (name);

  if (txn == NULL || !door_object_store_lookup (txn, group, &object, error) ||
      (metadata != NULL && !door_metadata_store_lookup (txn, name, metadata, error)))
    return false;
  if (object != NULL && object->removed_at == 0)
    *out = g_steal_pointer (&object);
  return true;
}

static bool
find_object (const DoorContext *context, const char *name, DoorStoredObject **out, GError **error)
{
  g_autofree char *group = dup_group (name);

  if (!check_changeable (context, error) || !check_no_file (context, group, error) ||
      !lookup_object (context, name, out, NULL, error))
    return false;
  return *out != NULL || door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                                         "there is no connection %.64s", name);
}

/**
 * door_connection_object_create:
 * @context: what every service needs
 * @wish: the connection
 * @error: return location for an error
 *
 * Makes a connection, with metadata or without: its addresses are there at once and stay. Blocks for the
 * commit, and for the network when the metadata is to be fetched.
 *
 * Returns: (transfer full): the connection, or %NULL with %DOOR_FAULT_CONN_EXISTS, %DOOR_FAULT_CONN_FILE,
 *   %DOOR_FAULT_CONN_INVALID or another error
 */
DoorConnectionInfo *
door_connection_object_create (const DoorContext *context, const DoorConnectionWish *wish, GError **error)
{
  g_autofree char *group = dup_group (wish->name), *keys = NULL, *content = NULL, *id = NULL;
  g_auto (Known) known = { { NULL } };
  int64_t now_ms = door_clock_now_ms (context->clock);
  DoorStoredObject object = { .version = 1, .created_at = now_ms, .updated_at = now_ms };
  Change change = { .object = &object, .is_new = true };

  if (!check_changeable (context, error) || !check_name (wish->name, error) ||
      !check_no_file (context, group, error))
    return NULL;
  keys = build_content (wish->keys, error);
  if (keys == NULL || !judge_metadata (context, wish, keys, &known, error))
    return NULL;
  content = g_strconcat (keys, known.line, NULL);
  if (!check_content (context, group, content, error) ||
      !check_twin (context, wish->name, content, known.row.entity_id, error))
    return NULL;
  id = door_random_dup_uuid (context->random);
  object.name = group;
  object.id = id;
  object.content = content;
  change.metadata = known.row.xml != NULL ? &known.row : NULL;
  if (!run_change (context, &change, wish->cancellable, error))
    return NULL;
  log_change (context, wish, "created", &known);
  return info_of_object (context, &object, change.metadata);
}

/**
 * door_connection_object_set_metadata:
 * @context: what every service needs
 * @wish: name and metadata; its keys are not looked at
 * @error: return location for an error
 *
 * Replaces the metadata of a connection: of what was known of the provider before, nothing is left. It may be
 * another provider, since whoever asks has said so. Blocks as door_connection_object_create().
 *
 * Returns: (transfer full): the connection, or %NULL with an error
 */
DoorConnectionInfo *
door_connection_object_set_metadata (const DoorContext *context, const DoorConnectionWish *wish,
                                     GError **error)
{
  g_autoptr (DoorStoredObject) object = NULL;
  g_autofree char *kept = NULL;
  g_auto (Known) known = { { NULL } };
  Change change = { NULL };

  if (!find_object (context, wish->name, &object, error) ||
      !judge_metadata (context, wish, object->content, &known, error))
    return NULL;
  kept = door_keys_text_dup_without (object->content, source_keys);
  g_free (object->content);
  object->content = g_strconcat (kept, known.line, NULL);
  object->updated_at = door_clock_now_ms (context->clock);
  if (!check_content (context, object->name, object->content, error) ||
      !check_twin (context, wish->name, object->content, known.row.entity_id, error))
    return NULL;
  change.object = object;
  change.metadata = known.row.xml != NULL ? &known.row : NULL;
  if (!run_change (context, &change, wish->cancellable, error))
    return NULL;
  log_change (context, wish, "given metadata", &known);
  return info_of_object (context, object, change.metadata);
}

/**
 * door_connection_object_remove:
 * @context: what every service needs
 * @wish: the name; nothing else is looked at
 * @error: return location for an error
 *
 * Takes a connection away. Its name is never given again. Blocks for the commit.
 *
 * Returns: false with an error
 */
bool
door_connection_object_remove (const DoorContext *context, const DoorConnectionWish *wish, GError **error)
{
  g_autoptr (DoorStoredObject) object = NULL;
  Change change = { NULL };

  if (!find_object (context, wish->name, &object, error))
    return false;
  object->removed_at = object->updated_at = door_clock_now_ms (context->clock);
  g_free (object->content);
  object->content = g_strdup ("");
  change.object = object;
  if (!run_change (context, &change, wish->cancellable, error))
    return false;
  log_change (context, wish, "removed", NULL);
  return true;
}

/* One that stands in a file is in force, or it is none. */
static DoorConnectionInfo *
lookup_file (const DoorContext *context, const char *name, GError **error)
{
  g_autofree char *group = dup_group (name);
  DoorConnection *connection = door_connections_lookup (context->connections, name);
  char *file = connection != NULL ? context->objects->dup_file (context->objects->owner, group) : NULL;

  if (file != NULL)
    return info_of_file (context, connection, file);
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN, "there is no connection %.64s", name);
  return NULL;
}

/**
 * door_connection_object_lookup:
 * @context: what every service needs
 * @name: a name
 * @error: return location for an error
 *
 * Finds a connection, of the database or of a file. Blocks for the database.
 *
 * Returns: (transfer full): the connection, or %NULL with %DOOR_ERROR_NOT_FOUND or another error
 */
DoorConnectionInfo *
door_connection_object_lookup (const DoorContext *context, const char *name, GError **error)
{
  g_autoptr (DoorStoredObject) object = NULL;
  g_autoptr (DoorStoredMetadata) metadata = NULL;

  if (!check_changeable (context, error) || !lookup_object (context, name, &object, &metadata, error))
    return NULL;
  return object != NULL ? info_of_object (context, object, metadata) : lookup_file (context, name, error);
}

/**
 * door_connection_object_dup_metadata:
 * @context: what every service needs
 * @name: a name
 * @error: return location for an error
 *
 * Blocks for the database.
 *
 * Returns: (transfer full): the metadata of a connection as it was uploaded or fetched last, or %NULL with
 *   %DOOR_ERROR_NOT_FOUND or another error
 */
char *
door_connection_object_dup_metadata (const DoorContext *context, const char *name, GError **error)
{
  g_autoptr (DoorConnectionInfo) info = door_connection_object_lookup (context, name, error);
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorStoredMetadata) metadata = NULL;

  if (info == NULL)
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  if (txn == NULL || !door_metadata_store_lookup (txn, name, &metadata, error))
    return NULL;
  if (metadata != NULL)
    return g_steal_pointer (&metadata->xml);
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                  "no metadata of this connection is kept in the database");
  return NULL;
}

static int
compare_infos (gconstpointer a, gconstpointer b)
{
  const DoorConnectionInfo *x = *(const DoorConnectionInfo *const *) a;
  const DoorConnectionInfo *y = *(const DoorConnectionInfo *const *) b;

  return strcmp (x->name, y->name);
}

static bool
add_objects (const DoorContext *context, const char *after, unsigned int limit, GPtrArray *infos,
             GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  g_autofree char *group = dup_group (after);
  g_autoptr (GPtrArray) rows = NULL;

  rows = txn != NULL ? door_object_store_list (txn, group, limit, error) : NULL;
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorStoredObject *object = g_ptr_array_index (rows, i);
      g_autoptr (DoorStoredMetadata) metadata = NULL;

      if (!g_str_has_prefix (object->name, GROUP))
        continue;
      if (!door_metadata_store_lookup (txn, object->name + strlen (GROUP), &metadata, error))
        return false;
      g_ptr_array_add (infos, info_of_object (context, object, metadata));
    }
  return rows != NULL;
}

static void
add_files (const DoorContext *context, const char *after, GPtrArray *infos)
{
  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);
      const char *name = door_connection_get_name (connection);
      g_autofree char *group = dup_group (name);
      char *file = NULL;

      if (strcmp (name, after) > 0)
        file = context->objects->dup_file (context->objects->owner, group);
      if (file != NULL)
        g_ptr_array_add (infos, info_of_file (context, connection, file));
    }
}

/**
 * door_connection_object_list:
 * @context: what every service needs
 * @after: list those behind this name, "" from the beginning
 * @limit: most of them
 * @error: return location for an error
 *
 * Lists connections of the database and of files, by name. Blocks for the database.
 *
 * Returns: (transfer full) (element-type DoorConnectionInfo): the connections, or %NULL with an error
 */
GPtrArray *
door_connection_object_list (const DoorContext *context, const char *after, unsigned int limit,
                             GError **error)
{
  g_autoptr (GPtrArray) infos = g_ptr_array_new_with_free_func ((GDestroyNotify) door_connection_info_free);

  if (!check_changeable (context, error) || !add_objects (context, after, limit, infos, error))
    return NULL;
  add_files (context, after, infos);
  g_ptr_array_sort (infos, compare_infos);
  if (infos->len > limit)
    g_ptr_array_set_size (infos, (gint) limit);
  return g_steal_pointer (&infos);
}
