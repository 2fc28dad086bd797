/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-enrollment-id.h"

/**
 * DoorCheckinType:
 * @DOOR_CHECKIN_AUTHENTICATE: the device begins an enrollment
 * @DOOR_CHECKIN_TOKEN_UPDATE: it can be reached by push; the first one completes the enrollment
 * @DOOR_CHECKIN_CHECK_OUT: the profile was removed
 * @DOOR_CHECKIN_USER_AUTHENTICATE: a user of a network account signs in to a Mac
 * @DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN: the device escrows its bootstrap token
 * @DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN: it wants it back
 * @DOOR_CHECKIN_GET_TOKEN: it wants a token for a service
 * @DOOR_CHECKIN_DECLARATIVE_MANAGEMENT: it asks for declarations, or reports about them
 *
 * The check-in messages this version answers.
 */
typedef enum
{
  DOOR_CHECKIN_AUTHENTICATE,
  DOOR_CHECKIN_TOKEN_UPDATE,
  DOOR_CHECKIN_CHECK_OUT,
  DOOR_CHECKIN_USER_AUTHENTICATE,
  DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN,
  DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN,
  DOOR_CHECKIN_GET_TOKEN,
  DOOR_CHECKIN_DECLARATIVE_MANAGEMENT,
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

/**
 * DoorCheckinEndpoint:
 * @DOOR_CHECKIN_ENDPOINT_TOKENS: what the whole set of declarations is known by
 * @DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS: which declarations there are
 * @DOOR_CHECKIN_ENDPOINT_STATUS: a report
 * @DOOR_CHECKIN_ENDPOINT_DECLARATION: one declaration
 *
 * What a DeclarativeManagement message is about.
 */
typedef enum
{
  DOOR_CHECKIN_ENDPOINT_TOKENS,
  DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS,
  DOOR_CHECKIN_ENDPOINT_STATUS,
  DOOR_CHECKIN_ENDPOINT_DECLARATION,
} DoorCheckinEndpoint;

#define DOOR_CHECKIN_MAX_TOKEN 512
#define DOOR_CHECKIN_MAX_SECRET (16 * 1024)
#define DOOR_CHECKIN_MAX_STATUS (256 * 1024)

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
const char *door_checkin_message_get_user_key (const DoorCheckinMessage *self);
const char *door_checkin_message_get_short_name (const DoorCheckinMessage *self);
const char *door_checkin_message_get_long_name (const DoorCheckinMessage *self);
GBytes *door_checkin_message_get_secret (const DoorCheckinMessage *self);
bool door_checkin_message_is_awaiting (const DoorCheckinMessage *self);
bool door_checkin_message_is_not_on_console (const DoorCheckinMessage *self);
bool door_checkin_message_has_digest (const DoorCheckinMessage *self);
const char *door_checkin_message_get_service_type (const DoorCheckinMessage *self);
DoorCheckinEndpoint door_checkin_message_get_endpoint (const DoorCheckinMessage *self);
const char *door_checkin_message_get_declaration_type (const DoorCheckinMessage *self);
const char *door_checkin_message_get_declaration_id (const DoorCheckinMessage *self);
JsonNode *door_checkin_message_get_status (const DoorCheckinMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCheckinMessage, door_checkin_message_free)
