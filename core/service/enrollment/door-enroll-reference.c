/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enroll-reference.h"

#include "door-certificate-store.h"
#include "door-digest.h"
#include "door-token.h"

#define PURPOSE "enroll-reference"

/**
 * door_enroll_reference_choose:
 * @context: what every service needs
 * @token: an access token or a ticket whose profile is asked for
 *
 * Tells what stands behind ServerURL in the profile of a sign-in. EnrollReference decides at the first fetch;
 * a repeat gets what the first had. It is a value of its own for each enrollment, and says nothing of the
 * person. Never blocks; any thread.
 *
 * Returns: (transfer full): a UUID, empty for nothing
 */
char *
door_enroll_reference_choose (const DoorContext *context, const DoorAccessToken *token)
{
  const DoorTeam *team = door_policy_lookup_team (context->policy, token->team);

  if (token->fetched_at != 0)
    return g_strdup (token->enroll_reference);
  return team != NULL && team->enroll_reference ? door_token_derive_uuid (context, PURPOSE, token->hash)
                                                : g_strdup ("");
}

/* The sign-in whose profile led to the certificate. An access token that was renewed since is another one. */
static bool
find_source (DoorTxn *txn, const DoorEnrollReferenceProof *proof, char **hash, char **reference,
             GError **error)
{
  g_autoptr (DoorScepChallenge) challenge = NULL;
  g_autoptr (DoorAccessToken) source = NULL;

  if (!door_certificate_store_lookup_challenge_of (txn, proof->certificate_sha256, &challenge, error))
    return false;
  *hash = g_strdup (challenge != NULL ? challenge->token_hash : proof->token->hash);
  if (!g_str_equal (*hash, proof->token->hash) && !door_token_store_lookup (txn, *hash, &source, error))
    return false;
  if (g_str_equal (*hash, proof->token->hash))
    *reference = g_strdup (proof->token->enroll_reference);
  else
    *reference = g_strdup (source != NULL ? source->enroll_reference : "");
  return true;
}

/**
 * door_enroll_reference_find:
 * @txn: a transaction
 * @proof: a new enrollment
 * @out: (out) (transfer full): the reference, empty for none; written on success
 * @error: return location for an error
 *
 * Finds what stands behind ServerURL in the profile that a device has: what was kept when it was fetched,
 * even if a proxy has taken it out of the address; or what the device sends, if that is what its sign-in
 * gives. That is all that it proves.
 *
 * Returns: false with a database error
 */
bool
door_enroll_reference_find (DoorTxn *txn, const DoorEnrollReferenceProof *proof, char **out, GError **error)
{
  g_autofree char *hash = NULL, *kept = NULL, *derived = NULL;

  if (!find_source (txn, proof, &hash, &kept, error))
    return false;
  derived = door_token_derive_uuid (proof->context, PURPOSE, hash);
  if (*kept == '\0' && proof->offered != NULL && door_digest_equal (derived, proof->offered))
    *out = g_steal_pointer (&derived);
  else
    *out = g_steal_pointer (&kept);
  return true;
}

/**
 * door_enroll_reference_judge:
 * @expected: the reference of an enrollment that a certificate has named, empty for none
 * @offered: (nullable): the one in the address of its request
 *
 * Compares the two. Who the device is this never decides: the certificate does. Pure; takes the same time for
 * every value.
 *
 * Returns: (transfer none) (nullable): a word for the log, %NULL when there is none and none is expected
 */
const char *
door_enroll_reference_judge (const char *expected, const char *offered)
{
  if (offered == NULL || *offered == '\0')
    return *expected != '\0' ? DOOR_ENROLL_REFERENCE_MISSING : NULL;
  return door_digest_equal (expected, offered) ? DOOR_ENROLL_REFERENCE_MATCHED : DOOR_ENROLL_REFERENCE_OTHER;
}
