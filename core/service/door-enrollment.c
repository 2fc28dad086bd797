/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment.h"

#include "door-certificate-store.h"
#include "door-device-store.h"
#include "door-digest.h"
#include "door-enrollment-profile.h"
#include "door-error.h"
#include "door-log.h"
#include "door-machine-info.h"
#include "door-paths.h"
#include "door-sign-in-path.h"
#include "door-token.h"

#define CHALLENGE_PURPOSE "scep-challenge"

/**
 * door_enrollment_dup_sign_in_url:
 * @context: what every service needs
 * @team: name of the team, "" for none
 *
 * Returns: (transfer full): the address of the sign-in, for the challenge of a 401
 */
char *
door_enrollment_dup_sign_in_url (const DoorContext *context, const char *team)
{
  const DoorSignInPath path = { .team = team };
  g_autofree char *text = door_sign_in_path_build (&path);

  return g_strconcat (door_policy_get_mdm_url (context->policy), text, NULL);
}

/* Devices before iOS 17 do not name their family in service discovery, so it is judged again here. */
static bool
check_family (const DoorTeam *team, const DoorMachineInfo *info, GError **error)
{
  if (door_policy_product_allowed (team, door_machine_info_get_product (info)))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY, "%s not in ModelFamilies",
                  door_machine_info_get_product (info));
  return false;
}

static bool
check_machine (const DoorContext *context, const DoorEnrollmentRequest *request, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, request->team);
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (DoorMachineInfo) info = NULL;
  g_autoptr (GBytes) content = NULL;

  if (team == NULL)
    {
      door_policy_refuse_team (request->team, error);
      return false;
    }
  if (!team->account_flow)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no account");
      return false;
    }
  content = door_cms_open_signed (request->body, &signer, error);
  if (content == NULL)
    return false;
  info = door_machine_info_parse (content, error);
  return info != NULL && check_family (team, info, error);
}

/* A token is good for one enrollment: as soon as that is active, or over, nothing can be lost any more that a
 * device would have to fetch again. */
static bool
check_unspent (DoorTxn *txn, const DoorAccessToken *token, GError **error)
{
  g_autoptr (DoorIssuedCertificate) certificate = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (*token->certificate_sha256 == '\0')
    return true;
  if (!door_certificate_store_lookup (txn, token->certificate_sha256, &certificate, error) ||
      (certificate != NULL &&
       !door_device_store_lookup_enrollment (txn, certificate->enrollment_id, &enrollment, error)))
    return false;
  if (enrollment != NULL && enrollment->active_at == 0 && enrollment->ended_at == 0)
    return true;
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                         "access token used up by an enrollment");
}

static bool
read_token (const DoorContext *context, const DoorEnrollmentRequest *request, DoorAccessToken **out,
            GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, request->cancellable, error);
  g_autoptr (DoorAccessToken) token = NULL;

  if (txn == NULL ||
      !door_token_check (txn, request->bearer, door_clock_now_ms (context->clock), &token, error) ||
      !check_unspent (txn, token, error))
    return false;
  if (!g_str_equal (token->team, request->team))
    {
      door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                      "access token of another team");
      return false;
    }
  *out = g_steal_pointer (&token);
  return true;
}

static gboolean
write_challenge (DoorTxn *txn, gpointer data, GError **error)
{
  return door_certificate_store_add_challenge (txn, data, error);
}

/* The first fetch starts the time of the challenge; repeats find it there and change nothing. */
static bool
save_challenge (const DoorContext *context, const DoorAccessToken *token, const char *challenge,
                GCancellable *cancellable, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autofree char *hash = door_digest_sha256_text (challenge);
  DoorScepChallenge row = {
    .hash = hash,
    .token_hash = token->hash,
    .created_at = now_ms,
    .expires_at = now_ms + door_policy_get_challenge_lifetime_ms (context->policy),
    .key_hash = (char *) "",
    .certificate_sha256 = (char *) "",
  };

  return door_writer_run (context->writer, write_challenge, &row, cancellable, error);
}

/* "https://mdm.example.com:8443" is "com.example.mdm.enrollment": constant for this server. */
static char *
dup_identifier (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  g_auto (GStrv) labels = g_strsplit (uri != NULL ? g_uri_get_host (uri) : "doorward", ".", -1);
  GString *identifier = g_string_new (NULL);

  for (size_t i = g_strv_length (labels); i > 0; i--)
    g_string_append_printf (identifier, "%s.", labels[i - 1]);
  g_string_append (identifier, "enrollment");
  return g_string_free (identifier, FALSE);
}

static GBytes *
build_profile (const DoorContext *context, const DoorAccessToken *token, const char *challenge,
               const char *language, GError **error)
{
  const char *mdm_url = door_policy_get_mdm_url (context->policy);
  const char *organization = door_policy_get_organization (context->policy, language);
  g_autofree char *server_url = g_strconcat (mdm_url, DOOR_PATH_MDM, NULL);
  g_autofree char *scep_url = g_strconcat (mdm_url, DOOR_PATH_SCEP, NULL);
  g_autofree char *profile_uuid = door_token_derive_uuid (context, "profile", token->hash);
  g_autofree char *mdm_uuid = door_token_derive_uuid (context, "profile-mdm", token->hash);
  g_autofree char *scep_uuid = door_token_derive_uuid (context, "profile-scep", token->hash);
  DoorCertificate *ca = door_certificate_authority_get_certificate (context->authority);
  g_autofree char *certificate_name = door_token_derive_uuid (context, "certificate-name", token->hash);
  g_autofree char *identifier = dup_identifier (mdm_url);
  DoorEnrollmentProfileParams params = {
    .identifier = identifier,
    .organization = organization,
    .display_name = organization,
    .server_url = server_url,
    .scep_url = scep_url,
    .challenge = challenge,
    .certificate_name = certificate_name,
    .topic = context->topic,
    .managed_apple_id = token->managed_account,
    .ca_certificate = door_certificate_get_der (ca),
    .profile_uuid = profile_uuid,
    .scep_uuid = scep_uuid,
    .mdm_uuid = mdm_uuid,
  };

  return door_enrollment_profile_build (&params, error);
}

/**
 * door_enrollment_answer:
 * @context: what every service needs
 * @request: the device's visit
 * @error: return location for an error
 *
 * Answers a device at the enrollment address (Apple, account-driven enrollment): what it says of itself is
 * checked first; without a token it must sign in, with one it gets its profile, the same each time. Blocks
 * for the commit of the challenge.
 *
 * Returns: (transfer full): the signed profile, or %NULL; %DOOR_FAULT_DEV_BEARER and
 *   %DOOR_FAULT_TOKEN_INVALID ask for a sign-in
 */
GBytes *
door_enrollment_answer (const DoorContext *context, const DoorEnrollmentRequest *request, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  g_autofree char *challenge = NULL;
  g_autoptr (GBytes) plist = NULL;
  g_autoptr (GBytes) profile = NULL;

  if (!check_machine (context, request, error))
    return NULL;
  if (request->bearer == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_BEARER, "no access token yet");
      return NULL;
    }
  if (!read_token (context, request, &token, error))
    return NULL;
  challenge = door_token_derive (context, CHALLENGE_PURPOSE, token->hash);
  plist = build_profile (context, token, challenge, request->language, error);
  profile = plist != NULL
                ? door_cms_sign (context->profile_signer, plist, door_clock_now_ms (context->clock), error)
                : NULL;
  if (profile == NULL || !save_challenge (context, token, challenge, request->cancellable, error))
    return NULL;
  door_log_event (G_LOG_LEVEL_INFO, "profile", "enrollment profile handed out", "DOORWARD_REQUEST",
                  request->request_id, "DOORWARD_PERSON", token->person_id, "DOORWARD_TEAM", token->team,
                  NULL);
  return g_steal_pointer (&profile);
}
