/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-enrollment-link-store.h"
#include "door-session.h"

#define DOOR_ENROLLMENT_LINK_USUAL_S (14 * INT64_C (24 * 60 * 60))
#define DOOR_ENROLLMENT_LINK_MAX_S (365 * INT64_C (24 * 60 * 60))
#define DOOR_ENROLLMENT_LINK_MAX_USES INT64_C (1000000)

/**
 * DoorEnrollmentLinkWish:
 * @team: name of the team devices enroll into, "" for none
 * @lifetime_s: how long the link shall work; %DOOR_ENROLLMENT_LINK_MAX_S at most
 * @max_uses: how many devices may enroll by it, 0 for any number
 * @created_by: who makes it: id of an administrator, or somebody at this machine
 * @now_ms: milliseconds since 1970, UTC
 *
 * An enrollment link that somebody wants.
 */
typedef struct
{
  const char *team;
  int64_t lifetime_s;
  int64_t max_uses;
  const char *created_by;
  int64_t now_ms;
} DoorEnrollmentLinkWish;

DoorEnrollmentLink *door_enrollment_link_new (const DoorEnrollmentLinkWish *wish, const DoorPolicy *policy,
                                              DoorRandom *random, char **secret, GError **error);
char *door_enrollment_link_dup_url (const DoorPolicy *policy, const char *secret);
DoorEnrollmentLink *door_enrollment_link_issue (const DoorContext *context, const DoorSession *session,
                                                const DoorEnrollmentLinkWish *wish, char **url,
                                                GError **error);
DoorEnrollmentLink *door_enrollment_link_find (const DoorContext *context, const char *secret,
                                               GCancellable *cancellable, GError **error);
bool door_enrollment_link_use (DoorTxn *txn, const char *id, GError **error);
GPtrArray *door_enrollment_link_list (const DoorContext *context, const DoorSession *session,
                                      const char *after, int64_t limit, GError **error);
bool door_enrollment_link_revoke (const DoorContext *context, const DoorSession *session, const char *id,
                                  GError **error);
void door_enrollment_link_log (const char *id, const char *team, const char *outcome, const char *by);
