/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-csr.h"
#include "door-gnutls.h"

DoorCsr *door_csr_parse_data (const uint8_t *der, size_t size, GError **error);
gnutls_pubkey_t door_csr_get_public_key (const DoorCsr *self);
