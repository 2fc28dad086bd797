/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-profile.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "door-error.h"
#include "door-https-url.h"
#include "door-paths.h"
#include "door-plist.h"

#define MAX_TEXT 256
#define MAX_X520_NAME 64
#define MAX_CERTIFICATE 16384
#define SHA1_SIZE 20

static bool
is_text (const char *text)
{
  if (text == NULL || text[0] == '\0' || strlen (text) > MAX_TEXT || !g_utf8_validate (text, -1, NULL))
    return false;
  for (const char *at = text; *at != '\0'; at++)
    if ((unsigned char) *at < 0x20 || *at == 0x7f)
      return false;
  return true;
}

static bool
is_reverse_dns (const char *text)
{
  return is_text (text) &&
         strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == strlen (text);
}

/* Bootstrap tokens and channels of other accounts are of the whole device. */
static bool
is_capability (DoorEnrollmentProfileMode mode, const char *name)
{
  static const char *const names[] = { "com.apple.mdm.token", "com.apple.mdm.per-user-connections",
                                       "com.apple.mdm.bootstraptoken", NULL };
  static const char *const user_names[] = { "com.apple.mdm.token", NULL };

  return g_strv_contains (mode == DOOR_ENROLLMENT_PROFILE_USER ? user_names : names, name);
}

static bool
are_capabilities (DoorEnrollmentProfileMode mode, const char *const *names)
{
  for (size_t i = 0; names != NULL && names[i] != NULL; i++)
    if (!is_capability (mode, names[i]) || g_strv_contains (names + i + 1, names[i]))
      return false;
  return true;
}

/* A device refuses the profile of a user enrollment that asks for rights, one that asks for none, and rights
 * without the one they need: to install and remove profiles (2) is to see them (1), and the same
 * for apps' profiles (128, 64). */
static bool
are_access_rights (DoorEnrollmentProfileMode mode, int64_t rights)
{
  if (mode == DOOR_ENROLLMENT_PROFILE_USER)
    return rights == 0;
  return rights > 0 && (rights & ~DOOR_ACCESS_RIGHTS_ALL) == 0 && ((rights & 2) == 0 || (rights & 1) != 0) &&
         ((rights & 128) == 0 || (rights & 64) != 0);
}

static bool
are_distinct_uuids (const DoorEnrollmentProfileParams *params)
{
  const char *uuids[] = { params->profile_uuid, params->scep_uuid, params->mdm_uuid };

  for (size_t i = 0; i < G_N_ELEMENTS (uuids); i++)
    {
      if (uuids[i] == NULL || !g_uuid_string_is_valid (uuids[i]))
        return false;
      for (size_t j = 0; j < i; j++)
        if (g_ascii_strcasecmp (uuids[i], uuids[j]) == 0)
          return false;
    }
  return true;
}

/* A DER SEQUENCE that fills the bytes; whether it is a certificate its maker knows. */
static bool
is_der_sequence (GBytes *der)
{
  size_t size = 0;
  const uint8_t *data = der != NULL ? g_bytes_get_data (der, &size) : NULL;

  return size > 4 && size <= MAX_CERTIFICATE && data[0] == 0x30 && data[1] == 0x82 &&
         ((size_t) data[2] << 8 | data[3]) + 4 == size;
}

/* The account in an address would tell it to every proxy on the way. */
static bool
is_impersonal (const char *url, const char *account)
{
  g_autofree char *folded_url = g_ascii_strdown (url, -1), *folded_account = NULL, *escaped = NULL;
  g_autofree char *folded_escaped = NULL;

  if (account == NULL)
    return true;
  folded_account = g_ascii_strdown (account, -1);
  escaped = g_uri_escape_string (folded_account, NULL, FALSE);
  folded_escaped = g_ascii_strdown (escaped, -1);
  return strstr (folded_url, folded_account) == NULL && strstr (folded_url, folded_escaped) == NULL;
}

static bool
is_account (const char *account)
{
  const char *at = is_text (account) ? strrchr (account, '@') : NULL;

  return at != NULL && at != account && at[1] != '\0';
}

static bool
is_account_of (DoorEnrollmentProfileMode mode, const char *account)
{
  return mode == DOOR_ENROLLMENT_PROFILE_DEVICE ? account == NULL : is_account (account);
}

static gboolean
refuse (DoorError code, DoorFault fault, const char *what, GError **error)
{
  door_error_set (error, code, fault, "enrollment profile: %s cannot be used", what);
  return FALSE;
}

/* What every profile of ours has. */
static gboolean
check_frame (const DoorEnrollmentProfileParams *params, GError **error)
{
  const DoorError config = DOOR_ERROR_CONFIG;
  const DoorFault value = DOOR_FAULT_CFG_VALUE;

  if (!is_reverse_dns (params->identifier))
    return refuse (config, value, "the identifier", error);
  if (!is_text (params->organization) || !is_text (params->display_name) ||
      (params->description != NULL && !is_text (params->description)) ||
      !is_text (params->certificate_name) || g_utf8_strlen (params->certificate_name, -1) > MAX_X520_NAME)
    return refuse (config, value, "a name or description", error);
  if (!door_https_url_is_valid (params->scep_url, DOOR_HTTPS_URL_NO_QUERY) ||
      !is_impersonal (params->scep_url, params->managed_apple_id))
    return refuse (config, value, "the SCEP address", error);
  if (!is_der_sequence (params->ca_certificate))
    return refuse (config, value, "the CA certificate", error);
  if (!is_text (params->challenge))
    return refuse (DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the challenge", error);
  if (!are_distinct_uuids (params))
    return refuse (DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a UUID", error);
  return TRUE;
}

static gboolean
check_management (const DoorEnrollmentProfileParams *params, GError **error)
{
  const DoorError config = DOOR_ERROR_CONFIG;
  const DoorFault value = DOOR_FAULT_CFG_VALUE;

  if (!is_account_of (params->mode, params->managed_apple_id))
    return refuse (DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ID_NOACCOUNT, "the Managed Apple Account", error);
  if (!is_reverse_dns (params->topic) || !g_str_has_prefix (params->topic, "com.apple.mgmt."))
    return refuse (config, value, "the push topic", error);
  if (!door_https_url_is_valid (params->server_url, DOOR_HTTPS_URL_NO_QUERY) ||
      !is_impersonal (params->server_url, params->managed_apple_id))
    return refuse (config, value, "the server address", error);
  if (params->enroll_reference != NULL && !g_uuid_string_is_valid (params->enroll_reference))
    return refuse (DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the enrollment reference", error);
  if (!are_capabilities (params->mode, params->server_capabilities))
    return refuse (config, value, "a server capability", error);
  if (!are_access_rights (params->mode, params->access_rights))
    return refuse (DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the access rights", error);
  return TRUE;
}

static void
add_string (GVariantBuilder *dict, const char *key, const char *text)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_string (text));
}

static void
add_number (GVariantBuilder *dict, const char *key, int64_t number)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_int64 (number));
}

static void
add_boolean (GVariantBuilder *dict, const char *key, bool value)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_boolean (value));
}

static void
add_bytes (GVariantBuilder *dict, const char *key, const void *data, size_t size)
{
  g_variant_builder_add (dict, "{sv}", key, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1));
}

/* What every payload must have; suffix NULL is the profile itself. */
static void
add_payload_keys (GVariantBuilder *dict, const DoorEnrollmentProfileParams *params, const char *type,
                  const char *suffix, const char *uuid)
{
  g_autofree char *identifier =
      suffix != NULL ? g_strdup_printf ("%s.%s", params->identifier, suffix) : g_strdup (params->identifier);

  add_string (dict, "PayloadType", type);
  add_number (dict, "PayloadVersion", 1);
  add_string (dict, "PayloadIdentifier", identifier);
  add_string (dict, "PayloadUUID", uuid);
  add_string (dict, "PayloadOrganization", params->organization);
}

/* Apple's SecSCEPValidateCACertMessage() tells the digest from the size and knows MD5 and SHA-1 only: a
 * SHA-256 fingerprint makes the enrollment fail. It guards against a mix-up, not against an attacker;
 * that is TLS. */
static void
add_fingerprint (GVariantBuilder *dict, GBytes *certificate)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  uint8_t digest[SHA1_SIZE];
  size_t size = 0, digest_size = sizeof digest;
  const uint8_t *data = g_bytes_get_data (certificate, &size);

  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, digest, &digest_size);
  add_bytes (dict, "CAFingerprint", digest, digest_size);
}

/* [[["O", organization]], [["CN", name]]]: a list of relative names, each a list of pairs. X.520 ends a
 * name at 64 characters; an organization longer than that is left out rather than cut. */
static GVariant *
build_subject (const DoorEnrollmentProfileParams *params)
{
  const char *pairs[][2] = { { "O", params->organization }, { "CN", params->certificate_name } };
  g_auto (GVariantBuilder) subject = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aaas"));

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      GVariant *pair = NULL;

      if (g_utf8_strlen (pairs[i][1], -1) > MAX_X520_NAME)
        continue;
      pair = g_variant_new_strv (pairs[i], 2);
      g_variant_builder_add_value (&subject, g_variant_new_array (NULL, &pair, 1));
    }
  return g_variant_builder_end (&subject);
}

static GVariant *
build_scep_payload (const DoorEnrollmentProfileParams *params)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (GVariantBuilder) content = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  add_string (&content, "URL", params->scep_url);
  g_variant_builder_add (&content, "{sv}", "Subject", build_subject (params));
  add_string (&content, "Challenge", params->challenge);
  add_string (&content, "Key Type", "RSA");
  add_number (&content, "Keysize", 2048);
  add_number (&content, "Key Usage", 5); /* sign and encrypt: the renewal needs both */
  add_fingerprint (&content, params->ca_certificate);
  add_number (&content, "Retries", 3);
  add_number (&content, "RetryDelay", 10);
  add_boolean (&content, "KeyIsExtractable", false);

  add_payload_keys (&dict, params, "com.apple.security.scep", "scep", params->scep_uuid);
  g_variant_builder_add (&dict, "{sv}", "PayloadContent", g_variant_builder_end (&content));
  return g_variant_builder_end (&dict);
}

static GVariant *
build_mdm_payload (const DoorEnrollmentProfileParams *params)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autofree char *server_url =
      params->enroll_reference != NULL
          ? g_strconcat (params->server_url, "?" DOOR_PARAMETER_ENROLL_REFERENCE "=",
                         params->enroll_reference, NULL)
          : g_strdup (params->server_url);

  add_payload_keys (&dict, params, "com.apple.mdm", "mdm", params->mdm_uuid);
  if (params->mode != DOOR_ENROLLMENT_PROFILE_DEVICE)
    {
      add_string (&dict, "EnrollmentMode", params->mode == DOOR_ENROLLMENT_PROFILE_USER ? "BYOD" : "ADDE");
      add_string (&dict, "AssignedManagedAppleID", params->managed_apple_id);
    }
  if (params->access_rights != 0)
    add_number (&dict, "AccessRights", params->access_rights);
  add_string (&dict, "IdentityCertificateUUID", params->scep_uuid);
  add_string (&dict, "Topic", params->topic);
  add_string (&dict, "ServerURL", server_url);
  add_boolean (&dict, "SignMessage", true);
  add_boolean (&dict, "CheckOutWhenRemoved", true);
  g_variant_builder_add (
      &dict, "{sv}", "ServerCapabilities",
      g_variant_new_strv (params->server_capabilities, params->server_capabilities != NULL ? -1 : 0));
  return g_variant_builder_end (&dict);
}

/* The payloads are floating and get consumed. */
static GBytes *
build (const DoorEnrollmentProfileParams *params, GVariant *const *payloads, size_t count, GError **error)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) profile = NULL;

  add_payload_keys (&dict, params, "Configuration", NULL, params->profile_uuid);
  add_string (&dict, "PayloadScope", params->mode == DOOR_ENROLLMENT_PROFILE_USER ? "User" : "System");
  add_string (&dict, "PayloadDisplayName", params->display_name);
  if (params->description != NULL)
    add_string (&dict, "PayloadDescription", params->description);
  g_variant_builder_add (&dict, "{sv}", "PayloadContent", g_variant_new_array (NULL, payloads, count));
  profile = g_variant_ref_sink (g_variant_builder_end (&dict));
  return door_plist_build (profile, error);
}

/**
 * door_enrollment_profile_build_identity:
 * @params: what it is made of; what belongs to the management alone is not looked at
 * @error: return location for an error
 *
 * Writes a profile that only gives the device an identity (Apple, TopLevel and SCEP payloads): the second
 * phase of an over-the-air enrollment. It still has to be signed. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): an XML property list, or %NULL with an error as of
 *   door_enrollment_profile_build()
 */
GBytes *
door_enrollment_profile_build_identity (const DoorEnrollmentProfileParams *params, GError **error)
{
  GVariant *scep = NULL;

  if (!check_frame (params, error))
    return NULL;
  scep = build_scep_payload (params);
  return build (params, &scep, 1, error);
}

/* What a device says of itself at the Profile Service. */
static const char *const attributes[] = { "UDID", "VERSION", "PRODUCT", "SERIAL", "IMEI", "MEID", NULL };

/**
 * door_enrollment_profile_build_service:
 * @params: what it is made of: identifier, names, @profile_uuid, @challenge and @service_url
 * @error: return location for an error
 *
 * Writes what sends a device to the Profile Service: the first phase of an over-the-air enrollment (Apple,
 * "Over-the-Air Profile Delivery and Configuration"). It still has to be signed. Pure; never blocks; any
 * thread.
 *
 * Returns: (transfer full): an XML property list, or %NULL with an error as of
 *   door_enrollment_profile_build()
 */
GBytes *
door_enrollment_profile_build_service (const DoorEnrollmentProfileParams *params, GError **error)
{
  g_auto (GVariantBuilder) dict = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_auto (GVariantBuilder) content = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) payload = NULL;

  if (!check_frame (params, error))
    return NULL;
  if (!door_https_url_is_valid (params->service_url, DOOR_HTTPS_URL_NO_QUERY))
    {
      refuse (DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "the address of the Profile Service", error);
      return NULL;
    }
  add_string (&content, "URL", params->service_url);
  add_string (&content, "Challenge", params->challenge);
  g_variant_builder_add (&content, "{sv}", "DeviceAttributes", g_variant_new_strv (attributes, -1));
  add_payload_keys (&dict, params, "Profile Service", "service", params->profile_uuid);
  add_string (&dict, "PayloadDisplayName", params->display_name);
  g_variant_builder_add (&dict, "{sv}", "PayloadContent", g_variant_builder_end (&content));
  payload = g_variant_ref_sink (g_variant_builder_end (&dict));
  return door_plist_build (payload, error);
}

/**
 * door_enrollment_profile_build:
 * @params: what it is made of
 * @error: return location for an error
 *
 * Writes an enrollment profile (Apple, TopLevel, MDM and SCEP payloads): signed messages, CheckOut on
 * removal, an RSA-2048 key by SCEP with its own challenge and the fingerprint of the CA. Account-driven ones
 * name their mode and the Managed Apple Account; the user enrollment is of user scope and has no
 * AccessRights, with which the device would refuse it, all others are of the whole system and have them. The
 * CA certificate itself is not installed: on a personal device it would be trusted for web sites too. The
 * same parameters always give the same bytes, so a device that lost the answer gets the same profile again;
 * with another @scep_uuid and
 * @challenge it renews the identity of an enrollment, as the device keeps the enrollment when a profile of
 * the same identifier, topic, address, mode and account replaces its own. It still has to be signed. Pure;
 * never blocks; any thread.
 *
 * Returns: (transfer full): an XML property list, or %NULL with %DOOR_ERROR_INVALID_DATA when the
 *   account, %DOOR_ERROR_CONFIG when a configured value, and %DOOR_ERROR_FAILED when the challenge, the
 * access rights or a UUID cannot be used
 */
GBytes *
door_enrollment_profile_build (const DoorEnrollmentProfileParams *params, GError **error)
{
  GVariant *payloads[2];

  if (!check_management (params, error) || !check_frame (params, error))
    return NULL;
  payloads[0] = build_scep_payload (params);
  payloads[1] = build_mdm_payload (params);
  return build (params, payloads, G_N_ELEMENTS (payloads), error);
}
