/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DoorCsr:
 *
 * A certificate signing request (PKCS #10, RFC 2986) whose signature by its own key has been verified.
 * Immutable; may be used by any number of threads.
 */
typedef struct _DoorCsr DoorCsr;

#define DOOR_CSR_MAX_BYTES (16 * 1024)

DoorCsr *door_csr_parse (GBytes *der, GError **error);
void door_csr_free (DoorCsr *self);
const char *door_csr_get_public_key_sha256 (const DoorCsr *self);
const char *door_csr_get_challenge (const DoorCsr *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCsr, door_csr_free)
