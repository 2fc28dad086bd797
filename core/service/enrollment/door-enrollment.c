/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment.h"

#include "door-error.h"
#include "door-machine-info.h"
#include "door-model-family.h"
#include "door-oauth2-bearer.h"
#include "door-profile-issue.h"
#include "door-purpose.h"
#include "door-sign-in-path.h"
#include "door-token.h"

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

/* Devices before iOS 17 do not name their family in service discovery, so it is judged again here; and
 * whoever is to be managed as a whole does not get away with less by coming to the other address. */
static bool
check_family (const DoorTeam *team, const DoorMachineInfo *info, bool whole_device, GError **error)
{
  const char *product = door_machine_info_get_product (info);
  bool must_be_whole = door_team_manages_whole (team, door_model_family_from_product (product));

  if (!door_team_allows_product (team, product))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY, "%s not in ModelFamilies",
                           product);
  if (must_be_whole != whole_device)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_FAMILY,
                           must_be_whole
                               ? "%s is in AccountDeviceFamilies and came for a user enrollment"
                               : "%s is not in AccountDeviceFamilies and came to be managed as a whole",
                           product);
  return true;
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
  if (!door_team_has_way (team, DOOR_WAY_ACCOUNT))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DISC_OFF, "Flows lists no account");
      return false;
    }
  content = door_cms_open_signed (request->body, &signer, error);
  if (content == NULL)
    return false;
  info = door_machine_info_parse (content, error);
  return info != NULL && check_family (team, info, request->whole_device, error);
}

static const char *
get_mode (const DoorEnrollmentRequest *request)
{
  return request->whole_device ? DOOR_MODE_DEVICE : DOOR_MODE_USER;
}

static bool
read_token (const DoorContext *context, const DoorEnrollmentRequest *request, DoorAccessToken **out,
            GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, request->cancellable, error);
  g_autoptr (DoorAccessToken) token = NULL;

  if (txn == NULL ||
      !door_token_check (txn, request->bearer, door_clock_now_ms (context->clock), &token, error) ||
      !door_profile_check_unspent (txn, token, error))
    return false;
  if (!g_str_equal (token->kind, DOOR_TOKEN_ACCOUNT))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                           "a ticket is no access token");
  if (!g_str_equal (token->team, request->team))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                           "access token of another team");
  if (token->fetched_at != 0 && !g_str_equal (token->mode, get_mode (request)))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID,
                           "access token of a profile of the other mode");
  *out = g_steal_pointer (&token);
  return true;
}

/* A token that is not on record may be one of the provider that devices of the team are sent to. */
static bool
find_token (const DoorContext *context, const DoorEnrollmentRequest *request, DoorAccessToken **out,
            GError **error)
{
  const DoorBearerVisit visit = {
    .team = request->team,
    .bearer = request->bearer,
    .address = request->address,
    .request_id = request->request_id,
    .must_wait = request->must_wait,
    .cancellable = request->cancellable,
  };
  g_autoptr (GError) local = NULL;
  bool admitted = false;

  if (read_token (context, request, out, &local))
    return true;
  if (door_error_get_fault (local) == DOOR_FAULT_TOKEN_INVALID &&
      !door_oauth2_bearer_admit (context, &visit, &admitted, error))
    return false;
  if (admitted)
    return read_token (context, request, out, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/**
 * door_enrollment_answer:
 * @context: what every service needs
 * @request: the device's visit
 * @error: return location for an error
 *
 * Answers a device at the enrollment address (Apple, account-driven enrollment): what it says of itself is
 * checked first; without a token it must sign in, with one it gets its profile, the same each time. Blocks
 * for the commit of the challenge, and on the network where the token is of an identity provider.
 *
 * Returns: (transfer full): the signed profile, or %NULL; %DOOR_FAULT_DEV_BEARER and
 *   %DOOR_FAULT_TOKEN_INVALID ask for a sign-in
 */
GBytes *
door_enrollment_answer (const DoorContext *context, const DoorEnrollmentRequest *request, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  DoorProfileWish wish;

  if (!check_machine (context, request, error))
    return NULL;
  if (request->bearer == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_BEARER, "no access token yet");
      return NULL;
    }
  if (!find_token (context, request, &token, error))
    return NULL;
  wish = (DoorProfileWish){ token, get_mode (request), request->language, request->request_id,
                            request->cancellable };
  return door_profile_issue (context, &wish, error);
}
