/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/**
 * DOOR_DEVICE_USER:
 *
 * Kind of a device of which only a user's part is managed (user enrollment); the other is managed as a whole.
 */
#define DOOR_DEVICE_USER "user-enrollment"
#define DOOR_DEVICE_WHOLE "device"

/**
 * DOOR_END_CHECK_OUT:
 *
 * Why an enrollment, and the association that it made, has ended: the device said CheckOut; it enrolled anew;
 * an administrator ended it.
 */
#define DOOR_END_CHECK_OUT "check-out"
#define DOOR_END_REPLACED "replaced"
#define DOOR_END_ADMINISTRATOR "administrator"

/**
 * DoorDevice:
 *
 * A device; @kind is %DOOR_DEVICE_USER and @apple_id its EnrollmentID, or %DOOR_DEVICE_WHOLE and its UDID.
 * @serial, @name (what its owner calls it), @model and @model_name are empty where it does not say.
 */
typedef struct
{
  char *id;
  char *apple_id;
  char *kind;
  char *product;
  char *os_version;
  char *build_version;
  char *serial;
  char *name;
  char *model;
  char *model_name;
  int64_t created_at;
  int64_t seen_at;
} DoorDevice;

void door_device_free (DoorDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDevice, door_device_free)

/**
 * DoorEnrollment:
 *
 * One management relation with a device; @state is "pending", "active" or "ended", @push_token hexadecimal.
 * @way is how it came ("account", "oauth2", "ade", "link"), @mode %DOOR_MODE_USER, %DOOR_MODE_DEVICE or
 * empty, @token_hash the access token or ticket it was made with. @managed_account is the Managed Apple
 * Account of its profile,
 * @enroll_reference what stands behind ServerURL there, empty for nothing.
 */
typedef struct
{
  char *id;
  char *device_id;
  char *team;
  char *state;
  char *certificate_sha256;
  char *topic;
  char *push_magic;
  char *push_token;
  int64_t created_at;
  int64_t active_at;
  int64_t token_updated_at;
  int64_t ended_at;
  char *end_reason;
  char *way;
  char *mode;
  char *token_hash;
  char *managed_account;
  char *enroll_reference;
} DoorEnrollment;

void door_enrollment_free (DoorEnrollment *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEnrollment, door_enrollment_free)

/**
 * DoorDeviceOverview:
 *
 * A device with its open enrollment and its present owner; @state is "ended" when it has no open enrollment.
 */
typedef struct
{
  char *id;
  char *apple_id;
  char *product;
  char *os_version;
  int64_t seen_at;
  char *team;
  char *state;
  char *person_id;
  char *email;
  char *full_name;
} DoorDeviceOverview;

void door_device_overview_free (DoorDeviceOverview *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeviceOverview, door_device_overview_free)

bool door_device_store_add (DoorTxn *txn, const DoorDevice *device, GError **error);
bool door_device_store_lookup (DoorTxn *txn, const char *id, DoorDevice **out, GError **error);
bool door_device_store_lookup_by_apple_id (DoorTxn *txn, const char *apple_id, DoorDevice **out,
                                           GError **error);
GPtrArray *door_device_store_list_by_serial (DoorTxn *txn, const char *serial, int64_t limit, GError **error);
bool door_device_store_update (DoorTxn *txn, const DoorDevice *device, GError **error);
bool door_device_store_touch (DoorTxn *txn, const char *id, int64_t now_ms, GError **error);
GPtrArray *door_device_store_list_overview (DoorTxn *txn, const char *after, int64_t limit, GError **error);
GPtrArray *door_device_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after,
                                            int64_t limit, GError **error);
bool door_device_store_add_enrollment (DoorTxn *txn, const DoorEnrollment *enrollment, GError **error);
bool door_device_store_lookup_enrollment (DoorTxn *txn, const char *id, DoorEnrollment **out, GError **error);
bool door_device_store_lookup_open_enrollment (DoorTxn *txn, const char *device_id, DoorEnrollment **out,
                                               GError **error);
GPtrArray *door_device_store_list_enrollments (DoorTxn *txn, const char *device_id, int64_t limit,
                                               GError **error);
bool door_device_store_update_enrollment (DoorTxn *txn, const DoorEnrollment *enrollment, GError **error);
bool door_device_store_set_certificate (DoorTxn *txn, const char *id, const char *before_sha256,
                                        const char *certificate_sha256, bool *changed, GError **error);
bool door_device_store_end_enrollment (DoorTxn *txn, const char *id, const char *reason, int64_t now_ms,
                                       bool *changed, GError **error);
