/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-certificates.h"

#include <string.h>

#include "door-clock.h"
#include "door-error.h"
#include "door-object-store.h"
#include "door-sealing.h"

/* It opens wherever that key is kept, as a request and as a certificate. */
static DoorSealedPlace
find_place (const char *key_sha256)
{
  return (DoorSealedPlace){ DOOR_SEALED_PUSH_KEY, key_sha256 };
}

static char *
seal_key (const DoorPushKeeper *keeper, const DoorSecret *key_pem, const char *key_sha256, GError **error)
{
  return door_sealing_seal (keeper->state_key, keeper->random, find_place (key_sha256), key_pem, error);
}

static DoorSecret *
open_key (const DoorSecret *state_key, const char *key_sha256, const char *sealed, GError **error)
{
  return door_sealing_open (state_key, find_place (key_sha256), sealed, error);
}

/**
 * door_push_certificates_lookup:
 * @certificates: (nullable) (element-type DoorPushCertificate): certificates
 * @topic: a topic
 *
 * Returns: (transfer none) (nullable): the certificate of that topic
 */
DoorPushCertificate *
door_push_certificates_lookup (const GPtrArray *certificates, const char *topic)
{
  for (guint i = 0; certificates != NULL && i < certificates->len; i++)
    if (strcmp (door_push_certificate_get_topic (g_ptr_array_index (certificates, i)), topic) == 0)
      return g_ptr_array_index (certificates, i);
  return NULL;
}

static DoorPushCertificate *
open_row (const DoorStoredPushCertificate *row, const DoorSecret *state_key, GError **error)
{
  g_autoptr (DoorSecret) key = open_key (state_key, row->key_sha256, row->sealed_key, error);
  g_autoptr (GBytes) chain = g_bytes_new (row->chain, strlen (row->chain));

  return key != NULL ? door_push_certificate_new (chain, key, error) : NULL;
}

/**
 * door_push_certificates_read:
 * @txn: a transaction
 * @state_key: what keys were sealed with
 * @configured: (nullable): the one that the configuration names; it is used in place of one of the same topic
 * @error: return location for an error
 *
 * Reads the push certificates. One that cannot be opened is told in the log and left out: nothing but pushes
 * depends on it. Blocks for the database.
 *
 * Returns: (transfer full) (element-type DoorPushCertificate): @configured, then those of the database, the
 *   one imported last first; or %NULL with an error
 */
GPtrArray *
door_push_certificates_read (DoorTxn *txn, const DoorSecret *state_key, DoorPushCertificate *configured,
                             GError **error)
{
  g_autoptr (GPtrArray) rows = door_push_certificate_store_list (txn, error);
  GPtrArray *list;

  if (rows == NULL)
    return NULL;
  list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_push_certificate_unref);
  if (configured != NULL)
    g_ptr_array_add (list, door_push_certificate_ref (configured));
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredPushCertificate *row = g_ptr_array_index (rows, i);
      g_autoptr (GError) local = NULL;
      DoorPushCertificate *certificate;

      if (door_push_certificates_lookup (list, row->topic) != NULL)
        continue;
      certificate = open_row (row, state_key, &local);
      if (certificate != NULL)
        g_ptr_array_add (list, certificate);
      else
        g_warning ("the push certificate of %s cannot be used: %s", row->topic, local->message);
    }
  return list;
}

/**
 * door_push_request_clear:
 * @self: a request
 */
void
door_push_request_clear (DoorPushRequest *self)
{
  g_free (self->pem);
  g_free (self->key_sha256);
  g_free (self->sealed_key);
}

/**
 * door_push_certificates_request:
 * @keeper: what it takes to keep a key
 * @common_name: what the request is called
 * @out: (out): the request, for door_push_request_store_add(); door_push_request_clear() frees it
 * @error: return location for an error
 *
 * Makes a key for a push certificate, to be kept until the certificate comes. CPU-bound, up to a second: not
 * in a transaction.
 *
 * Returns: false with an error
 */
bool
door_push_certificates_request (const DoorPushKeeper *keeper, const char *common_name, DoorPushRequest *out,
                                GError **error)
{
  g_autoptr (DoorSecret) key = door_push_key_make (error);

  out->key_sha256 = key != NULL ? door_push_key_dup_sha256 (key, error) : NULL;
  out->pem = out->key_sha256 != NULL ? door_push_key_dup_request (key, common_name, error) : NULL;
  out->sealed_key = out->pem != NULL ? seal_key (keeper, key, out->key_sha256, error) : NULL;
  return out->sealed_key != NULL;
}

static DoorSecret *
find_key (DoorTxn *txn, const DoorPushKeeper *keeper, const DoorPushImport *import, GError **error)
{
  g_autoptr (DoorCertificate) leaf = NULL;
  g_autofree char *sealed = NULL;
  const char *sha256;

  leaf = door_push_certificate_check (import->chain_pem, error)
             ? door_certificate_parse (import->chain_pem, error)
             : NULL;
  if (leaf == NULL)
    return NULL;
  if (import->key_pem != NULL)
    return door_secret_ref (import->key_pem);
  sha256 = door_certificate_get_public_key_sha256 (leaf);
  if (!door_push_request_store_lookup (txn, sha256, &sealed, error))
    return NULL;
  if (sealed != NULL)
    return open_key (keeper->state_key, sha256, sealed, error);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_KEY,
                  "the key of this certificate was not made here by doorctl apns request");
  return NULL;
}

static bool
is_of_leaf (GBytes *chain_pem, const char *key_sha256)
{
  g_autoptr (DoorCertificate) leaf = door_certificate_parse (chain_pem, NULL);

  return leaf != NULL && g_str_equal (door_certificate_get_public_key_sha256 (leaf), key_sha256);
}

/* The words of who signs with it are for keys of the configuration. */
static DoorPushCertificate *
join (const DoorPushImport *import, DoorSecret *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  DoorPushCertificate *certificate = door_push_certificate_new (import->chain_pem, key, &local);
  g_autofree char *sha256 = NULL;

  if (certificate != NULL)
    return certificate;
  if (door_error_get_fault (local) != DOOR_FAULT_CFG_VALUE)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  sha256 = door_push_key_dup_sha256 (key, NULL);
  if (sha256 != NULL && is_of_leaf (import->chain_pem, sha256))
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_CERTIFICATE, "%s", local->message);
  else
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_KEY,
                    "certificate and key do not go together: %s", local->message);
  return NULL;
}

static bool
check_dates (const DoorPushCertificate *certificate, int64_t now_ms, GError **error)
{
  const DoorCertificate *leaf = door_push_certificate_get_leaf (certificate);
  g_autofree char *end = NULL;

  if (door_certificate_is_valid_at (leaf, now_ms))
    return true;
  end = door_clock_format_iso8601 (door_certificate_get_not_after_ms (leaf));
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_CERTIFICATE,
                         "the certificate is not valid now; it ends on %s", end);
}

/* Devices take pushes of the topic they enrolled with and no other: a new certificate in place of a renewed
 * one is the usual mistake, and is found out when it is too late. */
static bool
check_topic (DoorTxn *txn, const DoorPushImport *import, const char *topic, GError **error)
{
  g_autoptr (GPtrArray) uses = NULL;

  if (import->topic != NULL && strcmp (import->topic, topic) != 0)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_PUSH_TOPIC,
                           "the topic of the certificate is %s, and Topic= in [apple] says %s", topic,
                           import->topic);
  uses = door_push_certificate_store_list_uses (txn, error);
  if (uses == NULL)
    return false;
  for (guint i = 0; i < uses->len && !import->new_topic; i++)
    {
      const DoorPushTopicUse *use = g_ptr_array_index (uses, i);

      if (strcmp (use->topic, topic) != 0)
        return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_PUSH_TOPIC,
                               "%" G_GINT64_FORMAT " devices are enrolled with the topic %s, and this "
                               "certificate is for %s: it is a new one and no renewal. Those devices could "
                               "not be reached any more and would have to enroll again. Renew the former "
                               "one with the Apple ID that made it, or, where there was none yet (Topic= or "
                               "development mode), say --new-topic and have them enroll again",
                               use->n_enrollments, use->topic, topic);
    }
  return true;
}

static bool
store (DoorTxn *txn, const DoorPushKeeper *keeper, DoorPushCertificate *certificate, GError **error)
{
  g_autofree char *chain = door_push_certificate_dup_chain_pem (certificate);
  const char *sha256 = door_certificate_get_public_key_sha256 (door_push_certificate_get_leaf (certificate));
  g_autofree char *sealed = seal_key (keeper, door_push_certificate_get_key (certificate), sha256, error);
  const DoorStoredPushCertificate row = {
    .topic = (char *) door_push_certificate_get_topic (certificate),
    .chain = chain,
    .sealed_key = sealed,
    .key_sha256 = (char *) sha256,
    .not_after = door_push_certificate_get_not_after_ms (certificate),
    .imported_at = keeper->now_ms,
  };

  return sealed != NULL && door_push_certificate_store_put (txn, &row, error) &&
         door_push_request_store_remove (txn, sha256, error) && door_object_store_bump (txn, error);
}

/**
 * door_push_certificates_import:
 * @txn: a writing transaction
 * @keeper: what it takes to keep a key
 * @import: the certificate
 * @error: return location for an error
 *
 * Takes a push certificate in, a new one or a renewal. Running servers use it within seconds.
 *
 * Returns: (transfer full): the certificate, or %NULL with %DOOR_ERROR_CONFIG for one that cannot be used and
 *   %DOOR_ERROR_CONFLICT for one with another topic
 */
DoorPushCertificate *
door_push_certificates_import (DoorTxn *txn, const DoorPushKeeper *keeper, const DoorPushImport *import,
                               GError **error)
{
  g_autoptr (DoorSecret) key = find_key (txn, keeper, import, error);
  g_autoptr (DoorPushCertificate) certificate = key != NULL ? join (import, key, error) : NULL;

  if (certificate == NULL || !check_dates (certificate, keeper->now_ms, error) ||
      !check_topic (txn, import, door_push_certificate_get_topic (certificate), error) ||
      !store (txn, keeper, certificate, error))
    return NULL;
  return g_steal_pointer (&certificate);
}
