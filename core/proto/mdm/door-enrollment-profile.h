/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

/* What a server may do on a device (Apple, MDM payload, AccessRights). A company's device allows all of it; a
 * device that a person owns can be neither locked nor have its passcode taken (4) nor be erased (8). */
#define DOOR_ACCESS_RIGHTS_ALL 8191
#define DOOR_ACCESS_RIGHTS_PERSONAL (DOOR_ACCESS_RIGHTS_ALL & ~(4 | 8))

/**
 * DoorEnrollmentProfileMode:
 * @DOOR_ENROLLMENT_PROFILE_USER: account-driven, a work account beside a personal one ("BYOD")
 * @DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE: account-driven, the whole device ("ADDE")
 * @DOOR_ENROLLMENT_PROFILE_DEVICE: the whole device, without a Managed Apple Account
 *
 * What the profile puts under management.
 */
typedef enum
{
  DOOR_ENROLLMENT_PROFILE_USER,
  DOOR_ENROLLMENT_PROFILE_ACCOUNT_DEVICE,
  DOOR_ENROLLMENT_PROFILE_DEVICE
} DoorEnrollmentProfileMode;

/**
 * DoorEnrollmentProfileParams:
 * @mode: what is managed
 * @access_rights: bits of what the server may do; 0 with %DOOR_ENROLLMENT_PROFILE_USER, and only there
 * @identifier: reverse-DNS name of the profile, "com.example.doorward"; the payloads' names are made from
 *   it. Installing a profile of the same name replaces the old one
 * @organization: shown as the sender; also the organization in the certificate request
 * @display_name: name of the profile, in the person's language
 * @description: (nullable): a sentence about it, in the person's language
 * @server_url: where the device checks in and asks for commands: constant, https, without query
 * @enroll_reference: (nullable): UUID that stands behind it as the parameter "enroll_reference"; %NULL for
 *   none. A device takes no profile in which that is another than in the one that it has
 * @scep_url: https address of the SCEP service
 * @service_url: (nullable): that of the Profile Service, which only door_enrollment_profile_build_service()
 * needs
 * @challenge: the challenge password of this enrollment, a secret
 * @certificate_name: common name of the identity certificate; nothing personal
 * @topic: push topic, "com.apple.mgmt.…"
 * @managed_apple_id: (nullable): the Managed Apple Account of the person who signed in; %NULL with
 *   %DOOR_ENROLLMENT_PROFILE_DEVICE, and only there
 * @ca_certificate: DER certificate of the CA that issues the identity certificate; the profile has its
 * fingerprint
 * @server_capabilities: (nullable) (array zero-terminated=1): optional abilities of the server, such as
 *   "com.apple.mdm.bootstraptoken"; %NULL for none, which the profile says too. A user enrollment has neither
 *   user channels nor bootstrap tokens
 * @profile_uuid: UUID of the profile
 * @scep_uuid: UUID of its SCEP payload
 * @mdm_uuid: UUID of its MDM payload
 *
 * What an enrollment profile is made of; all strings are UTF-8.
 */
typedef struct
{
  DoorEnrollmentProfileMode mode;
  int64_t access_rights;
  const char *identifier;
  const char *organization;
  const char *display_name;
  const char *description;
  const char *server_url;
  const char *enroll_reference;
  const char *scep_url;
  const char *service_url;
  const char *challenge;
  const char *certificate_name;
  const char *topic;
  const char *managed_apple_id;
  GBytes *ca_certificate;
  const char *const *server_capabilities;
  const char *profile_uuid;
  const char *scep_uuid;
  const char *mdm_uuid;
} DoorEnrollmentProfileParams;

GBytes *door_enrollment_profile_build_identity (const DoorEnrollmentProfileParams *params, GError **error);
GBytes *door_enrollment_profile_build_service (const DoorEnrollmentProfileParams *params, GError **error);
GBytes *door_enrollment_profile_build (const DoorEnrollmentProfileParams *params, GError **error);
