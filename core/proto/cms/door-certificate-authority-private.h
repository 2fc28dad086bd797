/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-certificate-authority.h"
#include "door-cms-signer.h"

const DoorCmsSigner *door_certificate_authority_get_signer (const DoorCertificateAuthority *self);
