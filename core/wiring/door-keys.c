/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-push-certificates.h"
#include "door-secret-file.h"

#define STATE_KEY_BYTES 32
#define AUTHORITY_LIFETIME_S (INT64_C (20) * 365 * 24 * 60 * 60)

static bool
config_error (GError **error, const char *path, const char *reason)
{
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "%s: %s", path, reason);
  return false;
}

/* Made by the service manager, so this is somebody who starts the server by hand. */
static bool
write_error (GError **error, const char *path, const GError *failure)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (!g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT) &&
      !g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_ACCES))
    return config_error (error, path, failure->message);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PERMISSIONS,
                  "%s: %s; run: install -d -o %s -m 0700 %s, or name another folder with --state-dir", path,
                  failure->message, g_get_user_name (), folder);
  return false;
}

/* Durable before anything depends on it, and never readable by others. */
static bool
write_private (const char *path, const char *text, size_t size, GError **error)
{
  const DoorOwner owner = door_owner_find (path);
  g_autoptr (GError) local = NULL;
  bool done;

  if (!door_owner_enter (&owner))
    return config_error (error, path,
                         "cannot be written as the user who owns the folder; run this as that user");
  done = g_file_set_contents_full (
      path, text, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &local);
  door_owner_leave (&owner);
  return done || write_error (error, path, local);
}

/* NULL without error: there is no such file. What the server keeps in its folder is the folder's owner's,
 * also when root asks beside it. */
static DoorSecret *
read_private (const char *path, GError **error)
{
  const DoorOwner owner = door_owner_find (path);

  if (access (path, F_OK) != 0 && errno == ENOENT)
    return NULL;
  return door_secret_file_read_of (path, &owner, error);
}

/**
 * door_keys_load_state_key:
 * @database: group `[database]`
 * @state_folder: where the server keeps what is its own
 * @random: (nullable): randomness; without it none is made
 * @error: return location for an error
 *
 * Reads the key from which secrets of repeats are derived, and with which others are sealed; makes one at the
 * first start. Blocking.
 *
 * Returns: (transfer full): the key, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSecret *
door_keys_load_state_key (const DoorSettings *database, const char *state_folder, DoorRandom *random,
                          GError **error)
{
  g_autofree char *path = NULL, *text = NULL;
  uint8_t bytes[STATE_KEY_BYTES];
  GError *local = NULL;
  DoorSecret *key;
  size_t size;

  if (door_settings_is_set (database, "StateKey"))
    key = door_settings_dup_secret (database, "StateKey", &local);
  else
    {
      path = g_build_filename (state_folder, DOOR_STATE_KEY_FILE, NULL);
      key = read_private (path, &local);
    }
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (key != NULL)
    {
      door_secret_get_data (key, &size);
      if (size >= STATE_KEY_BYTES)
        return key;
      door_secret_unref (key);
      config_error (error, path != NULL ? path : "StateKey", "shorter than 32 bytes");
      return NULL;
    }
  if (random == NULL)
    {
      config_error (error, path, "there is no such key; the server makes it at its first start");
      return NULL;
    }
  door_random_fill (random, bytes, sizeof bytes);
  text = g_base64_encode (bytes, sizeof bytes);
  explicit_bzero (bytes, sizeof bytes);
  if (!write_private (path, text, strlen (text), error))
    return NULL;
  return door_secret_new (text, strlen (text));
}

static GBytes *
read_file (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *text;
  gsize size;

  if (!g_file_get_contents (path, &text, &size, &local))
    {
      config_error (error, path, local->message);
      return NULL;
    }
  return g_bytes_new_take (text, size);
}

static DoorCertificateAuthority *
make_authority (const char *organization, const char *certificate_path, const char *key_path, int64_t now_ms,
                GError **error)
{
  g_autoptr (DoorCertificateAuthority) authority =
      door_certificate_authority_generate (organization, now_ms, AUTHORITY_LIFETIME_S, error);
  g_autoptr (GBytes) certificate = NULL;
  g_autoptr (DoorSecret) key = NULL;
  size_t size;

  if (authority == NULL)
    return NULL;
  certificate = door_certificate_authority_dup_certificate_pem (authority);
  key = door_certificate_authority_dup_key_pem (authority);
  door_secret_get_data (key, &size);
  /* the certificate first: a key without it would look like an authority that lost its certificate */
  if (!write_private (certificate_path, g_bytes_get_data (certificate, NULL), g_bytes_get_size (certificate),
                      error) ||
      !write_private (key_path, door_secret_get_text (key), size, error))
    return NULL;
  return g_steal_pointer (&authority);
}

/**
 * door_keys_load_authority:
 * @scep: group `[scep]`
 * @organization: name in the certificate of a new authority
 * @state_folder: where the server keeps what is its own
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Reads the authority that issues identity certificates; makes one at the first start. Blocking.
 *
 * Returns: (transfer full): the authority, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorCertificateAuthority *
door_keys_load_authority (const DoorSettings *scep, const char *organization, const char *state_folder,
                          int64_t now_ms, GError **error)
{
  g_autofree char *certificate_path = g_strdup (door_settings_get_string (scep, "CaCertificate"));
  g_autofree char *key_path = NULL;
  g_autoptr (GBytes) certificate = NULL;
  g_autoptr (DoorSecret) key = NULL;
  GError *local = NULL;

  if (certificate_path != NULL)
    key = door_settings_dup_secret (scep, "CaKey", &local);
  else
    {
      certificate_path = g_build_filename (state_folder, "scep-ca.pem", NULL);
      key_path = g_build_filename (state_folder, "scep-ca.key", NULL);
      key = read_private (key_path, &local);
      if (key == NULL && local == NULL)
        return make_authority (organization, certificate_path, key_path, now_ms, error);
    }
  if (key == NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  certificate = read_file (certificate_path, error);
  return certificate != NULL ? door_certificate_authority_load (certificate, key, error) : NULL;
}

static DoorCmsSigner *
make_signer (GBytes *chain, DoorSecret *key, GError **error)
{
  DoorCmsSigner *signer = door_cms_signer_new (chain, key, error);

  if (signer == NULL)
    g_prefix_error (error, "[apple] SigningCertificate, SigningKey: ");
  return signer;
}

/**
 * door_keys_load_signer:
 * @apple: group `[apple]`
 * @authority: (nullable): signs in its place in development mode
 * @development: whether that is allowed
 * @error: return location for an error
 *
 * Reads the certificate and key that sign profiles. Blocking.
 *
 * Returns: (transfer full): the signer, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorCmsSigner *
door_keys_load_signer (const DoorSettings *apple, const DoorCertificateAuthority *authority, bool development,
                       GError **error)
{
  const char *path = door_settings_get_string (apple, "SigningCertificate");
  g_autoptr (GBytes) chain = NULL;
  g_autoptr (DoorSecret) key = NULL;

  if (path == NULL && !development)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                      "[apple] needs SigningCertificate and SigningKey, which sign enrollment profiles; the "
                      "certificate of the web server will do");
      return NULL;
    }
  if (path == NULL)
    {
      chain = door_certificate_authority_dup_certificate_pem (authority);
      key = door_certificate_authority_dup_key_pem (authority);
    }
  else
    {
      chain = read_file (path, error);
      if (chain == NULL)
        g_prefix_error (error, "[apple] SigningCertificate: ");
      key = chain != NULL ? door_settings_dup_secret (apple, "SigningKey", error) : NULL;
    }
  return key != NULL ? make_signer (chain, key, error) : NULL;
}

/**
 * door_keys_load_push_certificate:
 * @apple: group `[apple]`
 * @out: (out) (transfer full) (nullable): the push certificate that the configuration names; %NULL: none
 * @error: return location for an error
 *
 * Blocks on the file system.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_keys_load_push_certificate (const DoorSettings *apple, DoorPushCertificate **out, GError **error)
{
  const char *path = door_settings_get_string (apple, "PushCertificate");
  g_autoptr (GBytes) chain = NULL;
  g_autoptr (DoorSecret) key = NULL;
  DoorPushCertificate *certificate;

  if (path == NULL)
    {
      *out = NULL;
      return true;
    }
  chain = read_file (path, error);
  key = chain != NULL ? door_settings_dup_secret (apple, "PushKey", error) : NULL;
  certificate = key != NULL ? door_push_certificate_new (chain, key, error) : NULL;
  if (certificate == NULL)
    {
      g_prefix_error (error, "[apple] PushCertificate, PushKey: ");
      return false;
    }
  *out = certificate;
  return true;
}

/* What no certificate is for would stand in profiles of devices that could never be pushed. */
static bool
check_topic (const char *topic, const GPtrArray *certificates, GError **error)
{
  if (!door_push_topic_is_valid (topic))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "[apple] Topic must be the UID of the push certificate, com.apple.mgmt.…");
  if (certificates != NULL && certificates->len > 0 &&
      door_push_certificates_lookup (certificates, topic) == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_TOPIC,
                           "[apple] Topic is %s, and the push certificate is for %s; leave Topic out", topic,
                           door_push_certificate_get_topic (g_ptr_array_index (certificates, 0)));
  return true;
}

/**
 * door_keys_dup_topic:
 * @apple: group `[apple]`
 * @certificates: (nullable) (element-type DoorPushCertificate): push certificates, the one in use first
 * @state_key: (nullable): names a topic of its own in development mode
 * @development: whether that is allowed
 * @error: return location for an error
 *
 * Returns: (transfer full): the push topic, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_keys_dup_topic (const DoorSettings *apple, const GPtrArray *certificates, const DoorSecret *state_key,
                     bool development, GError **error)
{
  const char *topic = door_settings_get_string (apple, "Topic");
  g_autofree char *name = NULL;
  uint8_t digest[DOOR_SHA256_SIZE];
  const uint8_t *key;
  size_t size;

  if (topic != NULL)
    return check_topic (topic, certificates, error) ? g_strdup (topic) : NULL;
  if (certificates != NULL && certificates->len > 0)
    return g_strdup (door_push_certificate_get_topic (g_ptr_array_index (certificates, 0)));
  if (!development)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                      "[apple] there is no push certificate, whose topic stands in every profile; make one "
                      "with doorctl apns request and doorctl apns import, or set Topic until it is there");
      return NULL;
    }
  key = door_secret_get_data (state_key, &size);
  door_digest_hmac_sha256 (key, size, "development topic", "", digest);
  name = door_hex_encode (digest, sizeof digest / 2);
  return g_strconcat ("com.apple.mgmt.External.", name, NULL);
}

/**
 * door_keys_check_push:
 * @apple: group `[apple]`
 * @error: return location for an error
 *
 * Looks whether what the configuration says of topic and push certificate can be used, and fits together.
 * That there is neither may be right: certificates may be in the database. Blocks on the file system.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_keys_check_push (const DoorSettings *apple, GError **error)
{
  const char *topic = door_settings_get_string (apple, "Topic");
  g_autoptr (DoorPushCertificate) certificate = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  if (!door_keys_load_push_certificate (apple, &certificate, error))
    return false;
  if (certificate != NULL)
    g_ptr_array_add (list, certificate);
  return topic == NULL || check_topic (topic, list, error);
}

/**
 * door_keys_load_device_anchor:
 * @apple: group `[apple]`
 * @development: whether there may be one
 * @out: (out) (transfer full) (nullable): the certificate; %NULL when none is configured
 * @error: return location for an error
 *
 * Reads the authority of simulated devices. Whoever has its key can be any device, so outside development
 * mode the server does not start with one. Blocking.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_keys_load_device_anchor (const DoorSettings *apple, bool development, DoorCertificate **out,
                              GError **error)
{
  const char *path = door_settings_get_string (apple, "DeviceAnchor");
  g_autoptr (GBytes) pem = NULL;
  g_autoptr (GError) local = NULL;

  if (path == NULL)
    return true;
  if (!development)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "[apple] DeviceAnchor is for development mode (--dev) only: whoever has its key "
                           "could pass for any device; remove the key");
  pem = read_file (path, &local);
  *out = pem != NULL ? door_certificate_parse (pem, &local) : NULL;
  return *out != NULL || door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                                         "[apple] DeviceAnchor: %s", local->message);
}
