/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp-profile.h"

#include <string.h>

#include "door-error.h"
#include "door-host.h"

struct _DoorIdpProfile
{
  char *metadata_url;
  char *metadata_file;
  char *metadata_signer;
  bool metadata_upload;
  bool allow_private;
  char *entity_id;
  char *sso_url;
  char **certificate_files;
  char *name_id_format;
  char *sp_entity_id;
  DoorSignedPart signed_part;
  bool allow_sha1;
  bool force_authn;
  GHashTable *request_params;
};

static const struct
{
  const char *word;
  const char *format;
} name_id_formats[] = {
  { "email", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" },
  { "persistent", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" },
  { "transient", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" },
  { "unspecified", "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" },
};

static const char *
name_id_format_from_word (const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS (name_id_formats); i++)
    if (g_strcmp0 (word, name_id_formats[i].word) == 0)
      return name_id_formats[i].format;
  return NULL; /* none: no NameIDPolicy is sent */
}

static DoorSignedPart
signed_part_from_word (const char *word)
{
  if (g_strcmp0 (word, "assertion") == 0)
    return DOOR_SIGNED_ASSERTION;
  if (g_strcmp0 (word, "response") == 0)
    return DOOR_SIGNED_RESPONSE;
  if (g_strcmp0 (word, "both") == 0)
    return DOOR_SIGNED_BOTH;
  return DOOR_SIGNED_EITHER;
}

/**
 * door_idp_profile_new:
 * @settings: the provider's group, with the keys every provider has
 * @error: return location for an error
 *
 * Reads what the engine must know from the keys that are common to all providers. A provider then adds
 * what it derives from its own keys; it can tighten, never loosen. No I/O.
 *
 * Returns: (transfer full): the profile, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorIdpProfile *
door_idp_profile_new (const DoorSettings *settings, GError **error)
{
  g_autoptr (DoorIdpProfile) self = g_atomic_rc_box_new0 (DoorIdpProfile);

  self->metadata_url = g_strdup (door_settings_get_string (settings, "MetadataUrl"));
  self->metadata_file = g_strdup (door_settings_get_string (settings, "MetadataFile"));
  self->metadata_signer = g_strdup (door_settings_get_string (settings, "MetadataSigner"));
  self->metadata_upload = door_settings_get_boolean (settings, "MetadataUpload");
  self->allow_private = door_settings_get_boolean (settings, "AllowPrivateAddress");
  self->entity_id = g_strdup (door_settings_get_string (settings, "EntityId"));
  self->sso_url = g_strdup (door_settings_get_string (settings, "SsoUrl"));
  self->certificate_files = door_settings_dup_list (settings, "Certificates");
  self->sp_entity_id = g_strdup (door_settings_get_string (settings, "SpEntityId"));
  self->name_id_format =
      g_strdup (name_id_format_from_word (door_settings_get_string (settings, "NameIdFormat")));
  self->signed_part = signed_part_from_word (door_settings_get_string (settings, "WantSigned"));
  self->allow_sha1 = door_settings_get_boolean (settings, "AllowSha1");
  self->force_authn = door_settings_get_boolean (settings, "ForceAuthn");
  self->request_params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (self->sso_url != NULL && (self->entity_id == NULL || self->certificate_files[0] == NULL))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                      "SsoUrl needs EntityId and Certificates beside it");
      return NULL;
    }
  return g_steal_pointer (&self);
}

G_DEFINE_BOXED_TYPE (DoorIdpProfile, door_idp_profile, door_idp_profile_ref, door_idp_profile_unref)

/**
 * door_idp_profile_ref:
 * @self: a profile
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorIdpProfile *
door_idp_profile_ref (DoorIdpProfile *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
profile_clear (gpointer box)
{
  DoorIdpProfile *self = box;

  g_free (self->metadata_url);
  g_free (self->metadata_file);
  g_free (self->metadata_signer);
  g_free (self->entity_id);
  g_free (self->sso_url);
  g_strfreev (self->certificate_files);
  g_free (self->name_id_format);
  g_free (self->sp_entity_id);
  g_clear_pointer (&self->request_params, g_hash_table_unref);
}

/**
 * door_idp_profile_unref:
 * @self: (transfer full): a profile
 *
 * Drops a reference. Any thread.
 */
void
door_idp_profile_unref (DoorIdpProfile *self)
{
  g_atomic_rc_box_release_full (self, profile_clear);
}

/* Whoever can change the metadata on its way can sign in as anybody. */
static bool
is_safe_base (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* why it is none does not matter */
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if (host == NULL || *host == '\0' || g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return false;
  if (strcmp (g_uri_get_scheme (uri), "http") == 0)
    return door_host_is_this_machine (host);
  return strcmp (g_uri_get_scheme (uri), "https") == 0;
}

/**
 * door_idp_profile_set_metadata_url:
 * @self: a profile that only its provider has seen yet
 * @base: address of the provider, with or without a slash at its end
 * @path: where the metadata is below it, without a slash at its beginning; values in it checked or escaped
 * @error: return location for an error
 *
 * Sets the address of the metadata that follows from the provider's own keys. It must be https; http only on
 * this machine, as for MetadataUrl=.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG when the base is no such address, or when the administrator
 *   named another source too
 */
bool
door_idp_profile_set_metadata_url (DoorIdpProfile *self, const char *base, const char *path, GError **error)
{
  if (self->metadata_url != NULL || self->metadata_file != NULL || self->metadata_upload ||
      self->sso_url != NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the metadata address follows from the provider's own keys; remove MetadataUrl, "
                      "MetadataFile, MetadataUpload and SsoUrl, or those keys");
      return false;
    }
  if (!is_safe_base (base))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "%s: must be an https:// address without ? and #", base);
      return false;
    }
  self->metadata_url = g_strconcat (base, g_str_has_suffix (base, "/") ? "" : "/", path, NULL);
  return true;
}

/**
 * door_idp_profile_set_request_param:
 * @self: a profile that only its provider has seen yet
 * @name: name of a query parameter sent with the request; never one the protocol owns
 * @value: its value; `{user-identifier}` stands for the account typed on the device, and leaves the
 *   parameter out when there is none
 *
 * Adds a parameter to the address that begins a sign-in.
 */
void
door_idp_profile_set_request_param (DoorIdpProfile *self, const char *name, const char *value)
{
  g_hash_table_insert (self->request_params, g_strdup (name), g_strdup (value));
}

/**
 * door_idp_profile_require_signed:
 * @self: a profile that only its provider has seen yet
 * @part: what must be signed as well
 *
 * Demands more than before; a demand is never taken back.
 */
void
door_idp_profile_require_signed (DoorIdpProfile *self, DoorSignedPart part)
{
  if (self->signed_part == DOOR_SIGNED_EITHER)
    self->signed_part = part;
  else if (part != DOOR_SIGNED_EITHER && part != self->signed_part)
    self->signed_part = DOOR_SIGNED_BOTH;
}

/**
 * door_idp_profile_get_metadata_url:
 * @self: a profile
 *
 * Gets MetadataUrl=, or what door_idp_profile_set_metadata_url() made.
 *
 * Returns: (transfer none) (nullable): where the metadata is fetched
 */
const char *
door_idp_profile_get_metadata_url (const DoorIdpProfile *self)
{
  return self->metadata_url;
}

/**
 * door_idp_profile_get_metadata_file:
 * @self: a profile
 *
 * Gets MetadataFile=.
 *
 * Returns: (transfer none) (nullable): the file that holds the metadata
 */
const char *
door_idp_profile_get_metadata_file (const DoorIdpProfile *self)
{
  return self->metadata_file;
}

/**
 * door_idp_profile_get_entity_id:
 * @self: a profile
 *
 * Gets EntityId=.
 *
 * Returns: (transfer none) (nullable): the provider's entity id, when the administrator named it
 */
const char *
door_idp_profile_get_entity_id (const DoorIdpProfile *self)
{
  return self->entity_id;
}

/**
 * door_idp_profile_get_sso_url:
 * @self: a profile
 *
 * Gets SsoUrl=.
 *
 * Returns: (transfer none) (nullable): the sign-in address, when there is no metadata
 */
const char *
door_idp_profile_get_sso_url (const DoorIdpProfile *self)
{
  return self->sso_url;
}

/**
 * door_idp_profile_get_certificate_files:
 * @self: a profile
 *
 * Gets Certificates=.
 *
 * Returns: (transfer none) (array zero-terminated=1): signing certificates, when there is no metadata
 */
const char *const *
door_idp_profile_get_certificate_files (const DoorIdpProfile *self)
{
  return (const char *const *) self->certificate_files;
}

/**
 * door_idp_profile_get_name_id_format:
 * @self: a profile
 *
 * Gets the form of the NameID that is asked for (SAML core 3.4.1.1).
 *
 * Returns: (transfer none) (nullable): URI for NameIDPolicy
 */
const char *
door_idp_profile_get_name_id_format (const DoorIdpProfile *self)
{
  return self->name_id_format;
}

/**
 * door_idp_profile_get_sp_entity_id:
 * @self: a profile
 *
 * Gets SpEntityId=.
 *
 * Returns: (transfer none) (nullable): our entity id towards this provider, %NULL for the usual one
 */
const char *
door_idp_profile_get_sp_entity_id (const DoorIdpProfile *self)
{
  return self->sp_entity_id;
}

/**
 * door_idp_profile_get_signed_part:
 * @self: a profile
 *
 * Gets what WantSigned= and the provider demand together.
 *
 * Returns: what must be signed
 */
DoorSignedPart
door_idp_profile_get_signed_part (const DoorIdpProfile *self)
{
  return self->signed_part;
}

/**
 * door_idp_profile_get_allow_sha1:
 * @self: a profile
 *
 * Gets AllowSha1=.
 *
 * Returns: whether the administrator allows SHA-1 signatures
 */
bool
door_idp_profile_get_allow_sha1 (const DoorIdpProfile *self)
{
  return self->allow_sha1;
}

/**
 * door_idp_profile_get_force_authn:
 * @self: a profile
 *
 * Gets ForceAuthn=.
 *
 * Returns: whether the provider is asked to authenticate again each time
 */
bool
door_idp_profile_get_force_authn (const DoorIdpProfile *self)
{
  return self->force_authn;
}

/**
 * door_idp_profile_get_request_params:
 * @self: a profile
 *
 * Gets what door_idp_profile_set_request_param() added.
 *
 * Returns: (transfer none) (element-type utf8 utf8): query parameters sent with the request
 */
GHashTable *
door_idp_profile_get_request_params (const DoorIdpProfile *self)
{
  return self->request_params;
}

/**
 * door_idp_profile_get_metadata_signer:
 * @self: a profile
 *
 * Gets MetadataSigner=.
 *
 * Returns: (transfer none) (nullable): the file with the key that must have signed the metadata
 */
const char *
door_idp_profile_get_metadata_signer (const DoorIdpProfile *self)
{
  return self->metadata_signer;
}

/**
 * door_idp_profile_get_metadata_upload:
 * @self: a profile
 *
 * Gets MetadataUpload=.
 *
 * Returns: whether the metadata is put into the database by an administrator
 */
bool
door_idp_profile_get_metadata_upload (const DoorIdpProfile *self)
{
  return self->metadata_upload;
}

/**
 * door_idp_profile_get_allow_private:
 * @self: a profile
 *
 * Gets AllowPrivateAddress=.
 *
 * Returns: whether the provider may be asked at an address that is not public
 */
bool
door_idp_profile_get_allow_private (const DoorIdpProfile *self)
{
  return self->allow_private;
}
