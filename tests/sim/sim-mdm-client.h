/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-journey.h"

#define SIM_MDM_CHECK_IN_TYPE "application/x-apple-aspen-mdm-checkin"
#define SIM_MDM_COMMAND_TYPE "application/x-apple-aspen-mdm"

/* One message of the MDM client, and what is wrong with it. */
typedef struct
{
  const char *content_type;
  GBytes *body;
  GBytes *signed_bytes; /* (nullable) what the signature is made over; the body itself when not set */
  bool without_bearer;
} SimMdmMessage;

SimReply *sim_mdm_client_send (SimJourney *journey, const SimMdmMessage *message, const char *name,
                               GError **error);
