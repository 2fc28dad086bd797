/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-error.h"

/**
 * DoorDeviceProof:
 * @body: the exact bytes of the request
 * @signature: (nullable): CMS of the Mdm-Signature header, decoded
 * @certificate: (nullable): identity certificate that a trusted proxy saw in the TLS handshake, DER
 * @bearer: (nullable): access token
 * @enroll_reference: (nullable): what the address of the request had behind it, of any content but bounded
 * @request_id: id of the HTTP request
 * @may_wait: whether this thread may wait for an identity provider
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * What a device offers to show who it is.
 */
typedef struct
{
  GBytes *body;
  GBytes *signature;
  GBytes *certificate;
  const char *bearer;
  const char *enroll_reference;
  const char *request_id;
  bool may_wait;
  GCancellable *cancellable;
} DoorDeviceProof;

/**
 * DoorDeviceAnswer:
 * @team: (nullable): team of the certificate, where a new sign-in must be for; %NULL before that is known
 * @body: (nullable): what goes with a 200
 * @is_json: whether that is JSON, else it is a property list
 * @must_wait: nothing was decided: the identity provider must be asked, in a thread that may wait for it
 *
 * What a device is answered.
 */
typedef struct
{
  char *team;
  GBytes *body;
  bool is_json;
  bool must_wait;
} DoorDeviceAnswer;

void door_device_answer_clear (DoorDeviceAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDeviceAnswer, door_device_answer_clear)

/**
 * DoorDeviceTake:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @out: (out): what the device is answered
 * @error: return location for an error
 *
 * Takes in what a device has sent; nothing of it is kept where it fails.
 *
 * Returns: false with an error
 */
typedef bool (*DoorDeviceTake) (const DoorContext *context, const DoorDeviceProof *proof,
                                DoorDeviceAnswer *out, GError **error);

bool door_device_answer_refuse (GError **error, DoorFault fault, const char *reason);
bool door_device_answer_give (const DoorContext *context, const DoorDeviceProof *proof, DoorDeviceTake take,
                              DoorDeviceAnswer *out, GError **error);
