/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-enrollment-id.h"

/**
 * DoorCheckinType:
 * @DOOR_CHECKIN_AUTHENTICATE: the device begins an enrollment
 * @DOOR_CHECKIN_TOKEN_UPDATE: it can be reached by push; the first one completes the enrollment
 * @DOOR_CHECKIN_CHECK_OUT: the profile was removed
 *
 * The check-in messages this version answers.
 */
typedef enum
{
  DOOR_CHECKIN_AUTHENTICATE,
  DOOR_CHECKIN_TOKEN_UPDATE,
  DOOR_CHECKIN_CHECK_OUT,
} DoorCheckinType;

/**
 * DoorCheckinDetail:
 * @DOOR_CHECKIN_PRODUCT_NAME: "iPhone12,1"
 * @DOOR_CHECKIN_OS_VERSION: "18.2.1"
 * @DOOR_CHECKIN_BUILD_VERSION: "22C161"
 * @DOOR_CHECKIN_DEVICE_NAME: what the owner calls the device
 * @DOOR_CHECKIN_MODEL: "MacBookPro15,1"
 * @DOOR_CHECKIN_MODEL_NAME: "MacBook Pro"
 * @DOOR_CHECKIN_SERIAL_NUMBER: never of a user enrollment
 * @DOOR_CHECKIN_N_DETAILS: their number
 *
 * What an Authenticate message may say about the device.
 */
typedef enum
{
  DOOR_CHECKIN_PRODUCT_NAME,
  DOOR_CHECKIN_OS_VERSION,
  DOOR_CHECKIN_BUILD_VERSION,
  DOOR_CHECKIN_DEVICE_NAME,
  DOOR_CHECKIN_MODEL,
  DOOR_CHECKIN_MODEL_NAME,
  DOOR_CHECKIN_SERIAL_NUMBER,
  DOOR_CHECKIN_N_DETAILS,
} DoorCheckinDetail;

#define DOOR_CHECKIN_MAX_TOKEN 512

typedef struct _DoorCheckinMessage DoorCheckinMessage;

DoorCheckinMessage *door_checkin_message_parse (GBytes *plist, GError **error);
void door_checkin_message_free (DoorCheckinMessage *self);
DoorCheckinType door_checkin_message_get_message_type (const DoorCheckinMessage *self);
const char *door_checkin_message_get_type_name (const DoorCheckinMessage *self);
DoorEnrollmentIdKind door_checkin_message_get_id_kind (const DoorCheckinMessage *self);
const char *door_checkin_message_get_id (const DoorCheckinMessage *self);
const char *door_checkin_message_get_topic (const DoorCheckinMessage *self);
GBytes *door_checkin_message_get_token (const DoorCheckinMessage *self);
const char *door_checkin_message_get_push_magic (const DoorCheckinMessage *self);
const char *door_checkin_message_get_detail (const DoorCheckinMessage *self, DoorCheckinDetail detail);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCheckinMessage, door_checkin_message_free)
