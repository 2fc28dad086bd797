/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorStoredPushCertificate:
 *
 * A push certificate: @chain is PEM, @sealed_key the private key, @key_sha256 says which one that is.
 */
typedef struct
{
  char *topic;
  char *chain;
  char *sealed_key;
  char *key_sha256;
  int64_t not_after;
  int64_t imported_at;
} DoorStoredPushCertificate;

void door_stored_push_certificate_free (DoorStoredPushCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredPushCertificate, door_stored_push_certificate_free)

/**
 * DoorPushTopicUse:
 *
 * How many enrollments that have not ended say @topic.
 */
typedef struct
{
  char *topic;
  int64_t n_enrollments;
} DoorPushTopicUse;

void door_push_topic_use_free (DoorPushTopicUse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushTopicUse, door_push_topic_use_free)

bool door_push_certificate_store_put (DoorTxn *txn, const DoorStoredPushCertificate *certificate,
                                      GError **error);
GPtrArray *door_push_certificate_store_list (DoorTxn *txn, GError **error);
bool door_push_certificate_store_remove (DoorTxn *txn, const char *topic, bool *changed, GError **error);
GPtrArray *door_push_certificate_store_list_uses (DoorTxn *txn, GError **error);

bool door_push_request_store_add (DoorTxn *txn, const char *key_sha256, const char *sealed_key,
                                  int64_t now_ms, GError **error);
bool door_push_request_store_lookup (DoorTxn *txn, const char *key_sha256, char **sealed_key, GError **error);
bool door_push_request_store_remove (DoorTxn *txn, const char *key_sha256, GError **error);
