/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-cms-signer-private.h"

/* A symmetric cipher for content, from a closed table. */
typedef struct _DoorCmsCipher DoorCmsCipher;

typedef struct _DoorCmsEnvelope DoorCmsEnvelope;

DoorCmsEnvelope *door_cms_envelope_parse (const uint8_t *data, size_t size, GError **error);
void door_cms_envelope_free (DoorCmsEnvelope *self);
const DoorCmsCipher *door_cms_envelope_get_cipher (const DoorCmsEnvelope *self);
bool door_cms_cipher_is_weak (const DoorCmsCipher *cipher);
DoorSecret *door_cms_envelope_open (const DoorCmsEnvelope *self, const DoorCmsSigner *recipient,
                                    GError **error);
GBytes *door_cms_envelope_seal (GBytes *content, X509 *recipient, const DoorCmsCipher *cipher,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCmsEnvelope, door_cms_envelope_free)
