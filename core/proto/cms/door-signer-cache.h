/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-authority.h"

typedef struct _DoorSignerCache DoorSignerCache;

DoorSignerCache *door_signer_cache_new (DoorCertificateAuthority *authority, size_t max_signers);
void door_signer_cache_free (DoorSignerCache *self);
DoorCertificate *door_signer_cache_verify_detached (DoorSignerCache *self, GBytes *cms, GBytes *content,
                                                    GError **error);
size_t door_signer_cache_get_size (DoorSignerCache *self);
uint64_t door_signer_cache_get_hits (DoorSignerCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSignerCache, door_signer_cache_free)
