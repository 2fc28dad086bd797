/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-profile-issue.h"

#include "door-certificate-store.h"
#include "door-digest.h"
#include "door-enroll-reference.h"
#include "door-enrollment-profile.h"
#include "door-error.h"
#include "door-log.h"
#include "door-paths.h"
#include "door-purpose.h"
#include "door-token.h"

#define CHALLENGE_PURPOSE "scep-challenge"

/**
 * door_profile_check_unspent:
 * @txn: a transaction
 * @token: an access token or a ticket
 * @error: return location for an error
 *
 * A token is good for one enrollment: as soon as that is active, or over, nothing can be lost any more that a
 * device would have to fetch again.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or a database error
 */
bool
door_profile_check_unspent (DoorTxn *txn, const DoorAccessToken *token, GError **error)
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

typedef struct
{
  const DoorScepChallenge *challenge; /* NULL: none is handed out yet */
  const DoorAccessToken *fetched;
} Fetch;

static gboolean
write_fetch (DoorTxn *txn, gpointer data, GError **error)
{
  const Fetch *fetch = data;

  return door_token_store_set_fetched (txn, fetch->fetched, error) &&
         (fetch->challenge == NULL || door_certificate_store_add_challenge (txn, fetch->challenge, error));
}

/* The first fetch starts the time of the challenge (%NULL when none is handed out yet), which is that of a
 * ticket from then on; repeats find it there and change nothing. */
static bool
save_fetch (const DoorContext *context, const DoorProfileWish *wish, const char *challenge, GError **error)
{
  DoorAccessToken fetched = *wish->token;
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autofree char *hash = challenge != NULL ? door_digest_sha256_text (challenge) : NULL;
  DoorScepChallenge row = {
    .hash = hash,
    .token_hash = fetched.hash,
    .created_at = now_ms,
    .expires_at = now_ms + door_policy_get_challenge_lifetime_ms (context->policy),
    .key_hash = (char *) "",
    .certificate_sha256 = (char *) "",
  };

  const Fetch fetch = { challenge != NULL ? &row : NULL, &fetched };

  fetched.mode = (char *) wish->mode;
  fetched.fetched_at = now_ms;
  if (!g_str_equal (fetched.kind, DOOR_TOKEN_ACCOUNT))
    fetched.expires_at = row.expires_at;
  return door_writer_run (context->writer, write_fetch, (gpointer) &fetch, wish->cancellable, error);
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

/* What this server can do that not every one can (Apple, MDM payload, ServerCapabilities). */
static const char *const user_capabilities[] = { "com.apple.mdm.token", NULL };
static const char *const whole_capabilities[] = { "com.apple.mdm.per-user-connections",
                                                  "com.apple.mdm.bootstraptoken", "com.apple.mdm.token",
                                                  NULL };

/* What a profile is like. */
typedef struct
{
  DoorEnrollmentProfileMode mode;
  int64_t access_rights;
  const char *const *capabilities;
} Kind;

/* A device that came by Apple Business Manager is the company's; one that followed a link is a person's. */
static const Kind *
get_kind (const char *way, const char *mode)
{
  static const Kind user = { DOOR_ENROLLMENT_PROFILE_USER, 0, user_capabilities };
  static const Kind account_device = { DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE, DOOR_ACCESS_RIGHTS_ALL,
                                       whole_capabilities };
  static const Kind company = { DOOR_ENROLLMENT_PROFILE_DEVICE, DOOR_ACCESS_RIGHTS_ALL, whole_capabilities };
  static const Kind personal = { DOOR_ENROLLMENT_PROFILE_DEVICE, DOOR_ACCESS_RIGHTS_PERSONAL,
                                 whole_capabilities };

  if (g_str_equal (mode, DOOR_MODE_USER))
    return &user;
  if (g_str_equal (mode, DOOR_MODE_DEVICE))
    return &account_device;
  return g_str_equal (way, DOOR_WAY_ADE) ? &company : &personal;
}

/**
 * door_profile_get_access_rights:
 * @enrollment: an enrollment
 *
 * Pure.
 *
 * Returns: the bits of what its profile lets this server do; 0 in a user enrollment
 */
int64_t
door_profile_get_access_rights (const DoorEnrollment *enrollment)
{
  return get_kind (enrollment->way, enrollment->mode)->access_rights;
}

typedef GBytes *(*BuildProfile) (const DoorEnrollmentProfileParams *params, GError **error);

static GBytes *
build_profile (const DoorContext *context, const DoorProfileWish *wish, const char *challenge,
               BuildProfile build, GError **error)
{
  const DoorAccessToken *token = wish->token;
  const Kind *kind = get_kind (token->kind, wish->mode);
  const char *mdm_url = door_policy_get_mdm_url (context->policy);
  const char *organization = door_policy_get_organization (context->policy, wish->language);
  g_autofree char *server_url = g_strconcat (mdm_url, DOOR_PATH_MDM, NULL);
  g_autofree char *scep_url = g_strconcat (mdm_url, DOOR_PATH_SCEP, NULL);
  g_autofree char *service_url = g_strconcat (mdm_url, DOOR_PATH_OTA, NULL);
  g_autofree char *profile_uuid = door_token_derive_uuid (context, "profile", token->hash);
  g_autofree char *mdm_uuid = door_token_derive_uuid (context, "profile-mdm", token->hash);
  g_autofree char *scep_uuid = door_token_derive_uuid (context, "profile-scep", token->hash);
  DoorCertificate *ca = door_certificate_authority_get_certificate (context->authority);
  g_autofree char *certificate_name = door_token_derive_uuid (context, "certificate-name", token->hash);
  g_autofree char *identifier = dup_identifier (mdm_url);
  DoorEnrollmentProfileParams params = {
    .mode = kind->mode,
    .access_rights = kind->access_rights,
    .server_capabilities = kind->capabilities,
    .identifier = identifier,
    .organization = organization,
    .display_name = organization,
    .server_url = server_url,
    .enroll_reference = *token->enroll_reference != '\0' ? token->enroll_reference : NULL,
    .scep_url = scep_url,
    .service_url = service_url,
    .challenge = challenge,
    .certificate_name = certificate_name,
    .topic = context->topic,
    .managed_apple_id = kind->mode != DOOR_ENROLLMENT_PROFILE_DEVICE ? token->managed_account : NULL,
    .ca_certificate = door_certificate_get_der (ca),
    .profile_uuid = profile_uuid,
    .scep_uuid = scep_uuid,
    .mdm_uuid = mdm_uuid,
  };

  return build (&params, error);
}

static GBytes *
make (const DoorContext *context, const DoorProfileWish *wish, const char *challenge, BuildProfile build_it,
      GError **error)
{
  g_autoptr (GBytes) plist = build_profile (context, wish, challenge, build_it, error);

  return plist != NULL
             ? door_cms_sign (context->profile_signer, plist, door_clock_now_ms (context->clock), error)
             : NULL;
}

/**
 * door_profile_dup_challenge:
 * @context: what every service needs
 * @token_hash: hash of an access token or a ticket
 *
 * Returns: (transfer full): the challenge in its profile
 */
char *
door_profile_dup_challenge (const DoorContext *context, const char *token_hash)
{
  return door_token_derive (context, CHALLENGE_PURPOSE, token_hash);
}

/**
 * door_profile_make_identity:
 * @context: what every service needs
 * @wish: what the identity comes from
 * @error: return location for an error
 *
 * Makes the profile that brings a device an identity at the Profile Service; its challenge is
 * door_profile_dup_challenge(). Any thread.
 *
 * Returns: (transfer full): the signed profile, or %NULL with an error
 */
GBytes *
door_profile_make_identity (const DoorContext *context, const DoorProfileWish *wish, GError **error)
{
  g_autofree char *challenge = door_profile_dup_challenge (context, wish->token->hash);

  return make (context, wish, challenge, door_enrollment_profile_build_identity, error);
}

/**
 * door_profile_issue_service:
 * @context: what every service needs
 * @wish: whose
 * @ticket: the ticket itself, which the device repeats
 * @error: return location for an error
 *
 * Makes the way to the Profile Service: what a person installs with Ota=true. Blocks for a commit.
 *
 * Returns: (transfer full): the signed payload, or %NULL with an error
 */
GBytes *
door_profile_issue_service (const DoorContext *context, const DoorProfileWish *wish, const char *ticket,
                            GError **error)
{
  g_autofree char *reference = door_enroll_reference_choose (context, wish->token);
  DoorAccessToken token = *wish->token;
  DoorProfileWish own = *wish;
  g_autoptr (GBytes) payload = NULL;

  token.enroll_reference = reference;
  own.token = &token;
  payload = make (context, &own, ticket, door_enrollment_profile_build_service, error);
  return payload != NULL && save_fetch (context, &own, NULL, error) ? g_steal_pointer (&payload) : NULL;
}

/**
 * door_profile_build_again:
 * @context: what every service needs
 * @enrollment: an enrollment that goes on
 * @challenge: for its next certificate
 * @error: return location for an error
 *
 * Makes the enrollment profile of a device that has it already. All by which the device tells that it is the
 * same, and all that it does not let change, is as it was (Apple, MDM payload). Any thread.
 *
 * Returns: (transfer full): the signed profile, or %NULL with an error
 */
GBytes *
door_profile_build_again (const DoorContext *context, const DoorEnrollment *enrollment, const char *challenge,
                          GError **error)
{
  const DoorAccessToken token = {
    .hash = enrollment->token_hash,
    .kind = enrollment->way,
    .mode = enrollment->mode,
    .team = enrollment->team,
    .managed_account = enrollment->managed_account,
    .enroll_reference = enrollment->enroll_reference,
  };
  const DoorProfileWish wish = { .token = &token, .mode = enrollment->mode };

  return make (context, &wish, challenge, door_enrollment_profile_build, error);
}

/**
 * door_profile_issue:
 * @context: what every service needs
 * @wish: whose profile
 * @error: return location for an error
 *
 * Makes the enrollment profile of an access token or a ticket that was found good: the same identifiers,
 * challenge and addresses each time. Blocks for the commit of the challenge.
 *
 * Returns: (transfer full): the signed profile, or %NULL with an error
 */
GBytes *
door_profile_issue (const DoorContext *context, const DoorProfileWish *wish, GError **error)
{
  g_autofree char *reference = door_enroll_reference_choose (context, wish->token);
  g_autofree char *challenge = door_profile_dup_challenge (context, wish->token->hash);
  DoorAccessToken token = *wish->token;
  DoorProfileWish own = *wish;
  g_autoptr (GBytes) profile = NULL;

  token.enroll_reference = reference;
  own.token = &token;
  profile = make (context, &own, challenge, door_enrollment_profile_build, error);
  if (profile == NULL || !save_fetch (context, &own, challenge, error))
    return NULL;
  door_log_event (G_LOG_LEVEL_INFO, "profile", "enrollment profile handed out", "DOORWARD_REQUEST",
                  wish->request_id, "DOORWARD_PERSON", token.person_id, "DOORWARD_TEAM", token.team, NULL);
  return g_steal_pointer (&profile);
}
