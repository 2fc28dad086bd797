/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * DoorEnrollmentProfileParams:
 * @identifier: reverse-DNS name of the profile, "com.example.doorward"; the payloads' names are made from
 *   it. Installing a profile of the same name replaces the old one
 * @organization: shown as the sender; also the organization in the certificate request
 * @display_name: name of the profile, in the person's language
 * @description: (nullable): a sentence about it, in the person's language
 * @server_url: where the device checks in and asks for commands: constant, https, without query
 * @scep_url: https address of the SCEP service
 * @challenge: the challenge password of this enrollment, a secret
 * @certificate_name: common name of the identity certificate; nothing personal
 * @topic: push topic, "com.apple.mgmt.…"
 * @managed_apple_id: the Managed Apple Account of the person who signed in
 * @ca_certificate: DER certificate of the CA that issues the identity certificate; the profile has its
 * fingerprint
 * @server_capabilities: (nullable) (array zero-terminated=1): optional abilities of the server, such as
 *   "com.apple.mdm.bootstraptoken"; %NULL for none, which the profile says too
 * @profile_uuid: UUID of the profile
 * @scep_uuid: UUID of its SCEP payload
 * @mdm_uuid: UUID of its MDM payload
 *
 * What an enrollment profile is made of; all strings are UTF-8.
 */
typedef struct
{
  const char *identifier;
  const char *organization;
  const char *display_name;
  const char *description;
  const char *server_url;
  const char *scep_url;
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

GBytes *door_enrollment_profile_build (const DoorEnrollmentProfileParams *params, GError **error);
