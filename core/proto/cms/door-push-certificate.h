/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate.h"
#include "door-secret.h"

#define DOOR_PUSH_TOPIC_PREFIX "com.apple.mgmt."

/**
 * DoorPushCertificate:
 *
 * A certificate with which devices are pushed, with the chain above it and its private key. Immutable and
 * reference counted; may be used by any number of threads.
 */
typedef struct _DoorPushCertificate DoorPushCertificate;

bool door_push_certificate_check (GBytes *chain_pem, GError **error);
DoorPushCertificate *door_push_certificate_new (GBytes *chain_pem, DoorSecret *key_pem, GError **error);
DoorPushCertificate *door_push_certificate_ref (DoorPushCertificate *self);
void door_push_certificate_unref (DoorPushCertificate *self);
const char *door_push_certificate_get_topic (const DoorPushCertificate *self);
const DoorCertificate *door_push_certificate_get_leaf (const DoorPushCertificate *self);
int64_t door_push_certificate_get_not_after_ms (const DoorPushCertificate *self);
char *door_push_certificate_dup_chain_pem (const DoorPushCertificate *self);
const DoorSecret *door_push_certificate_get_key (const DoorPushCertificate *self);

DoorSecret *door_push_key_make (GError **error);
char *door_push_key_dup_request (const DoorSecret *key_pem, const char *common_name, GError **error);
char *door_push_key_dup_sha256 (const DoorSecret *key_pem, GError **error);
bool door_push_topic_is_valid (const char *topic);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushCertificate, door_push_certificate_unref)
