/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp-profile.h"

#include <string.h>

#include "door-error.h"
#include "door-host.h"
#include "door-protocol.h"

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
  DoorProtocol protocol;
  char **issuers; /* the first may be missing until the provider's own keys are read */
  char *discovery_url;
  char **tenants;
  char *client_id;
  char *scope;
  bool use_userinfo;
  char *client_auth;
  bool asserts_to_endpoint;
  int64_t liveness_s;
  GHashTable *offline_params;
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

/* A client that has no secret must not keep one either: whoever set it believes that it counts. */
static bool
check_client (DoorIdpProfile *self, const DoorSettings *settings, GError **error)
{
  bool has_secret = door_settings_is_set (settings, "ClientSecret");

  if (!door_settings_is_set (settings, "ClientId"))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                           "OpenID Connect needs ClientId");
  if (has_secret == door_idp_profile_needs_client_secret (self))
    return true;
  if (!has_secret)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                           "OpenID Connect needs ClientSecret");
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                         "ClientAuth=%s uses no ClientSecret: remove it", self->client_auth);
}

/* auto is as good as nothing. */
static void
read_client_auth (DoorIdpProfile *self, const DoorSettings *settings)
{
  const char *word = door_settings_get_string (settings, "ClientAuth");
  const char *audience = door_settings_get_string (settings, "ClientAudience");

  self->client_auth = g_strcmp0 (word, "auto") != 0 ? g_strdup (word) : NULL;
  self->asserts_to_endpoint = g_strcmp0 (audience, "token-endpoint") == 0;
}

static bool
read_oidc (DoorIdpProfile *self, const DoorSettings *settings, GError **error)
{
  g_auto (GStrv) scopes = door_settings_dup_list (settings, "Scopes");
  const char *issuer = door_settings_get_string (settings, "Issuer");
  const char *url = door_settings_get_string (settings, "DiscoveryUrl");

  read_client_auth (self, settings);
  if (!check_client (self, settings, error))
    return false;
  if (!g_strv_contains ((const char *const *) scopes, "openid"))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "Scopes must have openid among them");
  self->client_id = g_strdup (door_settings_get_string (settings, "ClientId"));
  self->scope = g_strjoinv (" ", scopes);
  self->use_userinfo = door_settings_get_boolean (settings, "UserInfo");
  self->liveness_s = door_settings_get_duration_s (settings, "LivenessCheck");
  return (issuer == NULL || door_idp_profile_set_issuer (self, issuer, error)) &&
         (url == NULL || door_idp_profile_set_discovery_url (self, url, error));
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
  self->offline_params = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->protocol = door_protocol_read (settings);
  self->issuers = g_new0 (char *, 1);
  self->tenants = g_new0 (char *, 1);
  if (self->protocol == DOOR_PROTOCOL_OIDC && !read_oidc (self, settings, error))
    return NULL;
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
  g_strfreev (self->issuers);
  g_free (self->discovery_url);
  g_strfreev (self->tenants);
  g_free (self->client_id);
  g_free (self->scope);
  g_free (self->client_auth);
  g_clear_pointer (&self->offline_params, g_hash_table_unref);
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
 * door_idp_profile_set_offline_param:
 * @self: a profile that only its provider has seen yet
 * @name: name of a query parameter; never one the protocol owns
 * @value: its value
 *
 * Adds a parameter that the provider needs beside the scope `offline_access`, or instead of it, to give a
 * refresh token. It is sent only where one is wanted (LivenessCheck=).
 */
void
door_idp_profile_set_offline_param (DoorIdpProfile *self, const char *name, const char *value)
{
  g_hash_table_insert (self->offline_params, g_strdup (name), g_strdup (value));
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

/* An issuer or a place that speaks for one. */
static bool
is_https (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* why it is none does not matter */

  return uri != NULL && strcmp (g_uri_get_scheme (uri), "https") == 0 && g_uri_get_host (uri) != NULL &&
         *g_uri_get_host (uri) != '\0' && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL &&
         g_uri_get_fragment (uri) == NULL;
}

/* A place for the tenant is no character that an address may have. */
static char *
fill_tenant (const char *issuer)
{
  GString *filled = g_string_new (issuer);

  g_string_replace (filled, "{tenantid}", "tenant", 1);
  return g_string_free (filled, FALSE);
}

/**
 * door_idp_profile_set_issuer:
 * @self: a profile that only its provider has seen yet
 * @issuer: the issuer, exactly as the provider writes it; `{tenantid}` stands for the tenant of the person
 * where a provider has one issuer for each, and then door_idp_profile_set_tenants() says which are allowed
 * @error: return location for an error
 *
 * Sets the issuer of ID tokens (OpenID Connect Core 2), when it follows from the provider's own keys.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG when it is no https address, or when the administrator
 * named another one too
 */
bool
door_idp_profile_set_issuer (DoorIdpProfile *self, const char *issuer, GError **error)
{
  g_autofree char *filled = fill_tenant (issuer);

  if (self->issuers[0] != NULL && strcmp (self->issuers[0], issuer) != 0)
    return door_error_set (
        error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
        "Issuer is not the one that follows from the provider's own keys, %s; remove Issuer "
        "or those keys",
        issuer);
  if (!is_https (filled))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "%s: an issuer must be an https:// address without ? and #", issuer);
  if (self->issuers[0] == NULL)
    door_idp_profile_add_issuer_spelling (self, issuer);
  return true;
}

/**
 * door_idp_profile_add_issuer_spelling:
 * @self: a profile that only its provider has seen yet, with an issuer
 * @issuer: how the provider writes the same issuer in some tokens
 *
 * Allows the issuer to be written in another way too. A person is known by the first one whichever came.
 */
void
door_idp_profile_add_issuer_spelling (DoorIdpProfile *self, const char *issuer)
{
  size_t n = g_strv_length (self->issuers);

  self->issuers = g_renew (char *, self->issuers, n + 2);
  self->issuers[n] = g_strdup (issuer);
  self->issuers[n + 1] = NULL;
}

/**
 * door_idp_profile_set_discovery_url:
 * @self: a profile that only its provider has seen yet
 * @url: address of the discovery document
 * @error: return location for an error
 *
 * Sets where the discovery document is, when it is not below the issuer as the standard has it.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG when it is no https address
 */
bool
door_idp_profile_set_discovery_url (DoorIdpProfile *self, const char *url, GError **error)
{
  if (!is_https (url))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "%s: must be an https:// address without ? and #", url);
  g_free (self->discovery_url);
  self->discovery_url = g_strdup (url);
  return true;
}

/**
 * door_idp_profile_set_tenants:
 * @self: a profile that only its provider has seen yet
 * @tenants: (array zero-terminated=1): tenants whose issuer is believed
 *
 * Says which tenants may stand for `{tenantid}` in the issuer. Without any, nobody can sign in there.
 */
void
door_idp_profile_set_tenants (DoorIdpProfile *self, const char *const *tenants)
{
  g_strfreev (self->tenants);
  self->tenants = g_strdupv ((char **) tenants);
}

/**
 * door_idp_profile_get_protocol:
 * @self: a profile
 *
 * Gets Protocol=, or what follows from the other keys.
 *
 * Returns: how the provider is spoken with
 */
DoorProtocol
door_idp_profile_get_protocol (const DoorIdpProfile *self)
{
  return self->protocol;
}

/**
 * door_idp_profile_get_issuers:
 * @self: a profile
 *
 * Gets Issuer=, or what door_idp_profile_set_issuer() made, then the other ways to write it.
 *
 * Returns: (transfer none) (array zero-terminated=1): the issuer in all its spellings; none for SAML
 */
const char *const *
door_idp_profile_get_issuers (const DoorIdpProfile *self)
{
  return (const char *const *) self->issuers;
}

/**
 * door_idp_profile_get_discovery_url:
 * @self: a profile
 *
 * Gets DiscoveryUrl=, or what door_idp_profile_set_discovery_url() made.
 *
 * Returns: (transfer none) (nullable): where the discovery document is, %NULL for below the issuer
 */
const char *
door_idp_profile_get_discovery_url (const DoorIdpProfile *self)
{
  return self->discovery_url;
}

/**
 * door_idp_profile_get_tenants:
 * @self: a profile
 *
 * Gets what door_idp_profile_set_tenants() made.
 *
 * Returns: (transfer none) (array zero-terminated=1): tenants whose issuer is believed
 */
const char *const *
door_idp_profile_get_tenants (const DoorIdpProfile *self)
{
  return (const char *const *) self->tenants;
}

/**
 * door_idp_profile_get_client_id:
 * @self: a profile
 *
 * Gets ClientId=.
 *
 * Returns: (transfer none) (nullable): who we are at the provider; %NULL for SAML
 */
const char *
door_idp_profile_get_client_id (const DoorIdpProfile *self)
{
  return self->client_id;
}

/**
 * door_idp_profile_get_scope:
 * @self: a profile
 *
 * Gets Scopes= as it is sent.
 *
 * Returns: (transfer none) (nullable): words with a space between them; %NULL for SAML
 */
const char *
door_idp_profile_get_scope (const DoorIdpProfile *self)
{
  return self->scope;
}

/**
 * door_idp_profile_get_use_userinfo:
 * @self: a profile
 *
 * Gets UserInfo=.
 *
 * Returns: whether the userinfo endpoint is asked for more claims
 */
bool
door_idp_profile_get_use_userinfo (const DoorIdpProfile *self)
{
  return self->use_userinfo;
}

/**
 * door_idp_profile_get_client_auth:
 * @self: a profile
 *
 * Gets ClientAuth=.
 *
 * Returns: (transfer none) (nullable): how we prove to the provider that it is us, %NULL: with the secret, in
 *   the way the provider wants it
 */
const char *
door_idp_profile_get_client_auth (const DoorIdpProfile *self)
{
  return self->client_auth;
}

/**
 * door_idp_profile_needs_client_secret:
 * @self: a profile
 *
 * Tells a client with a secret from one with a key, or with nothing.
 *
 * Returns: whether ClientSecret= is used
 */
bool
door_idp_profile_needs_client_secret (const DoorIdpProfile *self)
{
  return door_protocol_uses_secret (self->client_auth);
}

/**
 * door_idp_profile_get_asserts_to_endpoint:
 * @self: a profile
 *
 * Gets ClientAudience=.
 *
 * Returns: whether what our key signs is made out to the token endpoint instead of the issuer
 */
bool
door_idp_profile_get_asserts_to_endpoint (const DoorIdpProfile *self)
{
  return self->asserts_to_endpoint;
}

/**
 * door_idp_profile_get_liveness_s:
 * @self: a profile
 *
 * Gets LivenessCheck=.
 *
 * Returns: seconds between two questions whether a session is still good; 0: never
 */
int64_t
door_idp_profile_get_liveness_s (const DoorIdpProfile *self)
{
  return self->liveness_s;
}

/**
 * door_idp_profile_get_offline_params:
 * @self: a profile
 *
 * Gets what door_idp_profile_set_offline_param() added.
 *
 * Returns: (transfer none) (element-type utf8 utf8): query parameters sent where a refresh token is wanted
 */
GHashTable *
door_idp_profile_get_offline_params (const DoorIdpProfile *self)
{
  return self->offline_params;
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
