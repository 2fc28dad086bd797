/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DoorCmsSigner:
 *
 * A private key with its certificate and the chain above it, ready to sign. Immutable; may be used by any
 * number of threads.
 */
typedef struct _DoorCmsSigner DoorCmsSigner;

DoorCmsSigner *door_cms_signer_new (GBytes *certificate_chain_pem, DoorSecret *key_pem, GError **error);
void door_cms_signer_free (DoorCmsSigner *self);
GPtrArray *door_cms_signer_get_chain (const DoorCmsSigner *self);
GBytes *door_cms_sign (const DoorCmsSigner *signer, GBytes *content, int64_t now_ms, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCmsSigner, door_cms_signer_free)
