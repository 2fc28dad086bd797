/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-checkin-message.h"
#include "door-command-report.h"
#include "door-context.h"

/**
 * DoorDeviceProof:
 * @body: the exact bytes of the request
 * @signature: (nullable): CMS of the Mdm-Signature header, decoded
 * @certificate: (nullable): identity certificate that a trusted proxy saw in the TLS handshake, DER
 * @bearer: (nullable): access token
 * @request_id: id of the HTTP request
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
  const char *request_id;
  GCancellable *cancellable;
} DoorDeviceProof;

bool door_checkin_message_received (const DoorContext *context, const DoorDeviceProof *proof, char **team,
                                    GError **error);
bool door_checkin_report_received (const DoorContext *context, const DoorDeviceProof *proof, char **team,
                                   GError **error);
