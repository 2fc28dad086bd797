/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connection.h"

#include <pthread.h>
#include <string.h>

#include "door-access-cell.h"
#include "door-error.h"
#include "door-metadata-store.h"

#define CERTIFICATE_MAX_BYTES (64 * 1024)

/* The metadata in force, shared by the connections of one source through all generations of the
 * configuration: what is fetched or read for one of them is there for all. */
typedef struct
{
  pthread_mutex_t lock; /* guards everything below */
  DoorSamlMetadata *metadata;
  int64_t fetched_ms; /* 0: from files */
  DoorMetadataDue due;
  int64_t asked_ms;     /* by the wall clock; 0: nobody has asked */
  int64_t may_ask_at_s; /* by monotonic time */
} Cell;

struct _DoorConnection
{
  char *name;
  DoorSettings *settings;
  DoorIdp *idp;
  DoorIdpProfile *profile;
  DoorConnectionAddresses addresses;
  char **email_domains;
  char **use;
  char **relay_paths;
  bool allow_idp_initiated;
  int64_t refresh_s;
  int64_t max_stale_s;
  Cell *cell;
  DoorOidcCell *oidc_cell;
  DoorAccessCell *access_cell;
};

static Cell *
cell_new (void)
{
  Cell *cell = g_atomic_rc_box_new0 (Cell);

  pthread_mutex_init (&cell->lock, NULL);
  return cell;
}

static void
cell_clear (gpointer box)
{
  Cell *cell = box;

  g_clear_pointer (&cell->metadata, door_saml_metadata_unref);
  pthread_mutex_destroy (&cell->lock);
}

/**
 * door_connection_new:
 * @idp: an identity provider that is configured
 * @settings: its group of the configuration
 * @external_url: address of this server, without a slash at the end
 *
 * Joins an identity provider with what this server is towards it. No I/O.
 *
 * Returns: (transfer full): the connection, without metadata yet
 */
DoorConnection *
door_connection_new (DoorIdp *idp, DoorSettings *settings, const char *external_url)
{
  DoorConnection *self = g_new0 (DoorConnection, 1);
  DoorConnectionName name = { .external_url = external_url };

  self->name = g_strdup (door_settings_get_name (settings));
  self->settings = door_settings_ref (settings);
  self->idp = g_object_ref (idp);
  self->profile = door_idp_dup_profile (idp);
  name.name = self->name;
  name.protocol = door_idp_profile_get_protocol (self->profile);
  name.entity_id = door_idp_profile_get_sp_entity_id (self->profile);
  self->addresses = door_connection_addresses_build (&name);
  self->email_domains = door_settings_dup_list (settings, "EmailDomains");
  self->use = door_settings_dup_list (settings, "Use");
  self->relay_paths = door_settings_dup_list (settings, "RelayStatePaths");
  self->allow_idp_initiated = door_settings_get_boolean (settings, "AllowIdpInitiated");
  self->refresh_s = door_settings_get_duration_s (settings, "MetadataRefresh");
  self->max_stale_s = door_settings_get_duration_s (settings, "MetadataMaxStale");
  self->cell = cell_new ();
  self->oidc_cell = door_oidc_cell_new ();
  self->access_cell = door_access_cell_new ();
  return self;
}

/**
 * door_connection_free:
 * @self: (transfer full): a connection
 */
void
door_connection_free (DoorConnection *self)
{
  g_free (self->name);
  door_settings_unref (self->settings);
  g_object_unref (self->idp);
  door_idp_profile_unref (self->profile);
  door_connection_addresses_clear (&self->addresses);
  g_strfreev (self->email_domains);
  g_strfreev (self->use);
  g_strfreev (self->relay_paths);
  g_atomic_rc_box_release_full (self->cell, cell_clear);
  door_oidc_cell_unref (self->oidc_cell);
  door_access_cell_free (self->access_cell);
  g_free (self);
}

/**
 * door_connection_get_settings:
 * @self: a connection
 *
 * Returns: (transfer none): its group of the configuration
 */
const DoorSettings *
door_connection_get_settings (const DoorConnection *self)
{
  return self->settings;
}

/**
 * door_connection_get_name:
 * @self: a connection
 *
 * Returns: (transfer none): the NAME of `[idp/NAME]`
 */
const char *
door_connection_get_name (const DoorConnection *self)
{
  return self->name;
}

/**
 * door_connection_get_title:
 * @self: a connection
 * @language: (nullable): "de"
 *
 * Returns: (transfer none): what people read
 */
const char *
door_connection_get_title (const DoorConnection *self, const char *language)
{
  const char *title = door_settings_get_localised (self->settings, "DisplayName", language);

  return title != NULL ? title : door_idp_get_preset (self->idp)->title;
}

/**
 * door_connection_get_addresses:
 * @self: a connection
 *
 * Returns: (transfer none): what this server is towards this provider
 */
const DoorConnectionAddresses *
door_connection_get_addresses (const DoorConnection *self)
{
  return &self->addresses;
}

/**
 * door_connection_get_sp_entity_id:
 * @self: a connection
 *
 * Returns: (transfer none): our entity id towards this provider
 */
const char *
door_connection_get_sp_entity_id (const DoorConnection *self)
{
  return self->addresses.entity_id;
}

/**
 * door_connection_get_acs_url:
 * @self: a connection
 *
 * Returns: (transfer none): where this provider sends its answers
 */
const char *
door_connection_get_acs_url (const DoorConnection *self)
{
  return self->addresses.acs_url;
}

/**
 * door_connection_get_refresh_s:
 * @self: a connection
 *
 * Returns: seconds between two fetches of the metadata
 */
int64_t
door_connection_get_refresh_s (const DoorConnection *self)
{
  return self->refresh_s;
}

/**
 * door_connection_get_max_stale_s:
 * @self: a connection
 *
 * Returns: seconds for which fetched metadata is used
 */
int64_t
door_connection_get_max_stale_s (const DoorConnection *self)
{
  return self->max_stale_s;
}

/**
 * door_connection_get_source:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): where metadata that is kept in the database comes from: an address or
 *   %DOOR_METADATA_UPLOAD; %NULL when it lies in files
 */
const char *
door_connection_get_source (const DoorConnection *self)
{
  if (door_idp_profile_get_metadata_upload (self->profile))
    return DOOR_METADATA_UPLOAD;
  return door_idp_profile_get_metadata_url (self->profile);
}

/**
 * door_connection_get_access_cell:
 * @self: a connection
 *
 * Returns: (transfer none): what is remembered of the provider's own API
 */
DoorAccessCell *
door_connection_get_access_cell (const DoorConnection *self)
{
  return self->access_cell;
}

/**
 * door_connection_dup_secret:
 * @self: a connection
 * @key: a key of its group that is a secret
 * @error: return location for an error
 *
 * Blocks on the file system.
 *
 * Returns: (transfer full): the secret, or %NULL with an error
 */
DoorSecret *
door_connection_dup_secret (const DoorConnection *self, const char *key, GError **error)
{
  return door_settings_dup_secret (self->settings, key, error);
}

/**
 * door_connection_get_idp:
 * @self: a connection
 *
 * Returns: (transfer none): the provider's adapter
 */
DoorIdp *
door_connection_get_idp (const DoorConnection *self)
{
  return self->idp;
}

/**
 * door_connection_get_profile:
 * @self: a connection
 *
 * Returns: (transfer none): what the engine must know
 */
const DoorIdpProfile *
door_connection_get_profile (const DoorConnection *self)
{
  return self->profile;
}

/**
 * door_connection_speaks_oidc:
 * @self: a connection
 *
 * Returns: whether its protocol is OpenID Connect
 */
bool
door_connection_speaks_oidc (const DoorConnection *self)
{
  return door_idp_profile_get_protocol (self->profile) == DOOR_PROTOCOL_OIDC;
}

/**
 * door_connection_get_single_logout:
 * @self: a connection
 *
 * Returns: whether the provider hears of logouts, and may end sessions, in either protocol
 */
bool
door_connection_get_single_logout (const DoorConnection *self)
{
  return door_settings_get_boolean (self->settings, "SingleLogout");
}

/**
 * door_connection_may_be_private:
 * @self: a connection
 * @development: development mode
 *
 * Returns: whether what the provider publishes may be asked for at addresses that are not public
 */
bool
door_connection_may_be_private (const DoorConnection *self, bool development)
{
  return development || door_idp_profile_get_allow_private (self->profile);
}

/**
 * door_connection_get_oidc_cell:
 * @self: a connection
 *
 * Returns: (transfer none): what is known of a provider of OpenID Connect
 */
DoorOidcCell *
door_connection_get_oidc_cell (const DoorConnection *self)
{
  return self->oidc_cell;
}

/**
 * door_connection_dup_client_secret:
 * @self: a connection of OpenID Connect
 * @error: return location for an error
 *
 * Reads the secret that authenticates us at the provider; each time, so that a new one is used at once.
 * Blocks on a file.
 *
 * Returns: (transfer full): the secret, or %NULL with %DOOR_FAULT_OIDC_CLIENT
 */
DoorSecret *
door_connection_dup_client_secret (const DoorConnection *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  DoorSecret *secret = door_settings_dup_secret (self->settings, "ClientSecret", &local);

  if (secret == NULL)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_CLIENT, "%s", local->message);
  return secret;
}

static GBytes *
read_file (const char *path, size_t max_bytes, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;

  stream = g_file_read (file, NULL, &local);
  if (stream != NULL)
    bytes = g_input_stream_read_bytes (G_INPUT_STREAM (stream), max_bytes + 1, NULL, &local);
  if (bytes == NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA, "%s: %s", path, local->message);
      return NULL;
    }
  if (g_bytes_get_size (bytes) > max_bytes)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA, "%s: larger than %zu bytes", path,
                      max_bytes);
      return NULL;
    }
  return g_steal_pointer (&bytes);
}

static DoorSamlMetadata *
load_static (const DoorIdpProfile *profile, bool allow_http, GError **error)
{
  g_autoptr (GPtrArray) certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const char *const *files = door_idp_profile_get_certificate_files (profile);

  for (size_t i = 0; files[i] != NULL; i++)
    {
      GBytes *certificate = read_file (files[i], CERTIFICATE_MAX_BYTES, error);

      if (certificate == NULL)
        return NULL;
      g_ptr_array_add (certificates, certificate);
    }
  return door_saml_metadata_new_static (door_idp_profile_get_entity_id (profile),
                                        door_idp_profile_get_sso_url (profile), certificates, allow_http,
                                        error);
}

/**
 * door_connection_parse_metadata:
 * @self: a connection
 * @xml: metadata of its provider
 * @allow_http: development mode: plain http on loopback is tolerated
 * @error: return location for an error
 *
 * Reads metadata, signed by MetadataSigner= where that is set. Blocks on the file system for it.
 *
 * Returns: (transfer full): the metadata, or %NULL with %DOOR_FAULT_IDP_METADATA
 */
DoorSamlMetadata *
door_connection_parse_metadata (const DoorConnection *self, GBytes *xml, bool allow_http, GError **error)
{
  const char *path = door_idp_profile_get_metadata_signer (self->profile);
  const char *entity_id = door_idp_profile_get_entity_id (self->profile);
  g_autoptr (GBytes) file = path != NULL ? read_file (path, CERTIFICATE_MAX_BYTES, error) : NULL;
  g_autoptr (DoorSamlSigner) signer = file != NULL ? door_saml_signer_new (file, error) : NULL;

  if (path != NULL && signer == NULL)
    return NULL;
  return door_saml_metadata_parse_signed (xml, entity_id, allow_http, signer, error);
}

/**
 * door_connection_load:
 * @self: a connection
 * @allow_http: development mode: plain http on loopback is tolerated
 * @error: return location for an error
 *
 * Reads metadata that lies in files. Blocking. A connection whose metadata is kept in the database has
 * nothing to load.
 *
 * Returns: false with %DOOR_FAULT_IDP_METADATA
 */
bool
door_connection_load (DoorConnection *self, bool allow_http, GError **error)
{
  const char *file = door_idp_profile_get_metadata_file (self->profile);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GBytes) xml = NULL;

  if (door_connection_speaks_oidc (self) || door_connection_get_source (self) != NULL)
    return true;
  if (file == NULL)
    metadata = load_static (self->profile, allow_http, error);
  else if ((xml = read_file (file, DOOR_SAML_METADATA_MAX_BYTES, error)) != NULL)
    metadata = door_connection_parse_metadata (self, xml, allow_http, error);
  if (metadata == NULL)
    {
      g_prefix_error (error, "idp/%s: ", self->name);
      return false;
    }
  door_connection_set_metadata (self, metadata);
  return true;
}

static DoorSamlMetadata *
dup_in_force (DoorConnection *self, int64_t *fetched_ms, GError **error)
{
  DoorSamlMetadata *metadata = NULL;

  pthread_mutex_lock (&self->cell->lock);
  if (self->cell->metadata != NULL)
    metadata = door_saml_metadata_ref (self->cell->metadata);
  *fetched_ms = self->cell->fetched_ms;
  pthread_mutex_unlock (&self->cell->lock);
  if (metadata == NULL && door_idp_profile_get_metadata_upload (self->profile))
    door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_NOMETADATA,
                    "idp/%s: no metadata has been uploaded", self->name);
  else if (metadata == NULL)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA, "idp/%s: no metadata yet",
                    self->name);
  return metadata;
}

/**
 * door_connection_dup_metadata:
 * @self: a connection
 * @error: return location for an error
 *
 * Any thread.
 *
 * Returns: (transfer full): the metadata in force, or %NULL with %DOOR_FAULT_IDP_METADATA while there is
 * none, %DOOR_FAULT_IDP_NOMETADATA while nobody has uploaded any
 */
DoorSamlMetadata *
door_connection_dup_metadata (DoorConnection *self, GError **error)
{
  int64_t fetched_ms;

  return dup_in_force (self, &fetched_ms, error);
}

/**
 * door_connection_awaits_metadata:
 * @self: a connection
 *
 * Any thread.
 *
 * Returns: whether nobody can be sent there until somebody has uploaded its metadata
 */
bool
door_connection_awaits_metadata (DoorConnection *self)
{
  bool awaits;

  pthread_mutex_lock (&self->cell->lock);
  awaits = self->cell->metadata == NULL && door_idp_profile_get_metadata_upload (self->profile);
  pthread_mutex_unlock (&self->cell->lock);
  return awaits;
}

/* What cannot be asked for any more may have been taken back long ago. */
static bool
is_stale (const DoorConnection *self, int64_t fetched_ms, int64_t now_ms)
{
  return door_idp_profile_get_metadata_url (self->profile) != NULL && fetched_ms != 0 &&
         now_ms - fetched_ms >= self->max_stale_s * 1000;
}

/**
 * door_connection_dup_valid_metadata:
 * @self: a connection
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * The metadata to send somebody there by, or to believe an answer by: what its owner has let expire
 * (validUntil; SAML metadata 2.3.2) is not used, and neither is what could not be fetched again for too long.
 * Any thread.
 *
 * Returns: (transfer full): the metadata in force, or %NULL with %DOOR_FAULT_IDP_METADATA while there is none
 *   that is valid
 */
DoorSamlMetadata *
door_connection_dup_valid_metadata (DoorConnection *self, int64_t now_ms, GError **error)
{
  int64_t fetched_ms, until_ms;
  g_autoptr (DoorSamlMetadata) metadata = dup_in_force (self, &fetched_ms, error);

  if (metadata == NULL)
    return NULL;
  until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  if (until_ms != 0 && now_ms >= until_ms)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA,
                    "idp/%s: the metadata has expired (validUntil)", self->name);
  else if (is_stale (self, fetched_ms, now_ms))
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA,
                    "idp/%s: the metadata could not be read again for longer than MetadataMaxStale",
                    self->name);
  else
    return g_steal_pointer (&metadata);
  return NULL;
}

/**
 * door_connection_set_metadata:
 * @self: a connection
 * @metadata: (transfer none): the metadata from now on
 *
 * Any thread; answers being checked keep what they began with.
 */
void
door_connection_set_metadata (DoorConnection *self, DoorSamlMetadata *metadata)
{
  door_connection_set_fetched (self, metadata, 0);
}

/**
 * door_connection_set_fetched:
 * @self: a connection
 * @metadata: (transfer none): the metadata from now on
 * @fetched_ms: when it was fetched, milliseconds since 1970, UTC; 0: it lies in files
 *
 * The same for metadata from an address. Any thread.
 */
void
door_connection_set_fetched (DoorConnection *self, DoorSamlMetadata *metadata, int64_t fetched_ms)
{
  DoorSamlMetadata *old;

  door_saml_metadata_ref (metadata);
  pthread_mutex_lock (&self->cell->lock);
  old = self->cell->metadata;
  self->cell->metadata = metadata;
  self->cell->fetched_ms = fetched_ms;
  pthread_mutex_unlock (&self->cell->lock);
  g_clear_pointer (&old, door_saml_metadata_unref);
}

/**
 * door_connection_get_fetched_ms:
 * @self: a connection
 *
 * Any thread.
 *
 * Returns: when the metadata in force was fetched, by any instance, milliseconds since 1970, UTC; 0 when it
 *   lies in files or there is none
 */
int64_t
door_connection_get_fetched_ms (DoorConnection *self)
{
  int64_t fetched_ms;

  pthread_mutex_lock (&self->cell->lock);
  fetched_ms = self->cell->fetched_ms;
  pthread_mutex_unlock (&self->cell->lock);
  return fetched_ms;
}

/**
 * door_connection_get_due:
 * @self: a connection
 *
 * Returns: when the metadata is to be fetched again
 */
DoorMetadataDue
door_connection_get_due (DoorConnection *self)
{
  DoorMetadataDue due;

  pthread_mutex_lock (&self->cell->lock);
  due = self->cell->due;
  pthread_mutex_unlock (&self->cell->lock);
  return due;
}

/**
 * door_connection_set_due:
 * @self: a connection
 * @due: when the metadata is to be fetched again
 */
void
door_connection_set_due (DoorConnection *self, DoorMetadataDue due)
{
  pthread_mutex_lock (&self->cell->lock);
  self->cell->due = due;
  pthread_mutex_unlock (&self->cell->lock);
}

/**
 * door_connection_ask_refresh:
 * @self: a connection
 * @now_s: now, by monotonic time
 * @pause_s: how long nobody else is heard afterwards
 * @now_ms: now; milliseconds since 1970, UTC
 *
 * Asks for the metadata to be fetched now. Any thread.
 *
 * Returns: false when somebody has asked a moment ago
 */
bool
door_connection_ask_refresh (DoorConnection *self, int64_t now_s, int64_t pause_s, int64_t now_ms)
{
  bool heard;

  pthread_mutex_lock (&self->cell->lock);
  heard = self->cell->may_ask_at_s <= now_s;
  if (heard)
    {
      self->cell->may_ask_at_s = now_s + pause_s;
      self->cell->asked_ms = now_ms;
    }
  pthread_mutex_unlock (&self->cell->lock);
  return heard;
}

/**
 * door_connection_take_asked_ms:
 * @self: a connection
 *
 * Any thread.
 *
 * Returns: when somebody asked for the metadata to be fetched, 0 when nobody has since this was called
 */
int64_t
door_connection_take_asked_ms (DoorConnection *self)
{
  int64_t asked_ms;

  pthread_mutex_lock (&self->cell->lock);
  asked_ms = self->cell->asked_ms;
  self->cell->asked_ms = 0;
  pthread_mutex_unlock (&self->cell->lock);
  return asked_ms;
}

static bool
same_source (const DoorIdpProfile *a, const DoorIdpProfile *b)
{
  /* what was uploaded may have been replaced */
  if (door_idp_profile_get_metadata_upload (a) || door_idp_profile_get_metadata_upload (b))
    return false;
  return g_strcmp0 (door_idp_profile_get_issuers (a)[0], door_idp_profile_get_issuers (b)[0]) == 0 &&
         g_strcmp0 (door_idp_profile_get_discovery_url (a), door_idp_profile_get_discovery_url (b)) == 0 &&
         g_strcmp0 (door_idp_profile_get_metadata_url (a), door_idp_profile_get_metadata_url (b)) == 0 &&
         g_strcmp0 (door_idp_profile_get_metadata_file (a), door_idp_profile_get_metadata_file (b)) == 0 &&
         g_strcmp0 (door_idp_profile_get_metadata_signer (a), door_idp_profile_get_metadata_signer (b)) ==
             0 &&
         g_strcmp0 (door_idp_profile_get_entity_id (a), door_idp_profile_get_entity_id (b)) == 0 &&
         g_strcmp0 (door_idp_profile_get_sso_url (a), door_idp_profile_get_sso_url (b)) == 0 &&
         g_strv_equal (door_idp_profile_get_certificate_files (a),
                       door_idp_profile_get_certificate_files (b));
}

/**
 * door_connection_adopt:
 * @self: a connection nobody uses yet
 * @before: the connection of the same name in the configuration before
 *
 * Shares the metadata with @before if it is had from the same source.
 *
 * Returns: whether it is
 */
bool
door_connection_adopt (DoorConnection *self, const DoorConnection *before)
{
  if (!same_source (self->profile, before->profile))
    return false;
  g_atomic_rc_box_release_full (self->cell, cell_clear);
  self->cell = g_atomic_rc_box_acquire (before->cell);
  door_oidc_cell_unref (self->oidc_cell);
  self->oidc_cell = door_oidc_cell_ref (before->oidc_cell);
  return true;
}

/**
 * door_connection_has_use:
 * @self: a connection
 * @use: %DOOR_USE_ENROLLMENT, %DOOR_USE_ADMIN or another word of Use=
 *
 * Returns: whether people sign in here for that
 */
bool
door_connection_has_use (const DoorConnection *self, const char *use)
{
  return g_strv_contains ((const char *const *) self->use, use);
}

/**
 * door_connection_names_domain:
 * @self: a connection
 * @domain: domain of an account, in lower case
 *
 * Returns: whether EmailDomains names the domain
 */
bool
door_connection_names_domain (const DoorConnection *self, const char *domain)
{
  for (size_t i = 0; self->email_domains[i] != NULL; i++)
    if (g_ascii_strcasecmp (self->email_domains[i], domain) == 0)
      return true;
  return false;
}

/**
 * door_connection_names_none:
 * @self: a connection
 *
 * Returns: whether EmailDomains names no domain at all
 */
bool
door_connection_names_none (const DoorConnection *self)
{
  return self->email_domains[0] == NULL;
}

/**
 * door_connection_get_allow_idp_initiated:
 * @self: a connection
 *
 * Returns: whether an administrator may come with an answer that nobody asked for
 */
bool
door_connection_get_allow_idp_initiated (const DoorConnection *self)
{
  return self->allow_idp_initiated && door_connection_has_use (self, DOOR_USE_ADMIN);
}

/**
 * door_connection_allows_relay_path:
 * @self: a connection
 * @path: the RelayState of such an answer
 *
 * Returns: whether it may lead there
 */
bool
door_connection_allows_relay_path (const DoorConnection *self, const char *path)
{
  return g_strv_contains ((const char *const *) self->relay_paths, path);
}
