/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-certificate.h"

#include <string.h>

#include "door-cms-signer-private.h"

#define MAX_TOPIC_LENGTH 128

struct _DoorPushCertificate
{
  DoorCmsSigner *signer;
  DoorSecret *key_pem;
  char *topic;
};

static void
push_certificate_clear (gpointer box)
{
  DoorPushCertificate *self = box;

  g_clear_pointer (&self->signer, door_cms_signer_free);
  g_clear_pointer (&self->key_pem, door_secret_unref);
  g_free (self->topic);
}

/**
 * door_push_certificate_ref:
 * @self: a certificate
 *
 * Returns: (transfer full): @self
 */
DoorPushCertificate *
door_push_certificate_ref (DoorPushCertificate *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_push_certificate_unref:
 * @self: (transfer full): a certificate
 *
 * The last one frees it; the key is wiped.
 */
void
door_push_certificate_unref (DoorPushCertificate *self)
{
  g_atomic_rc_box_release_full (self, push_certificate_clear);
}

/**
 * door_push_topic_is_valid:
 * @topic: a text
 *
 * Pure.
 *
 * Returns: whether it is the topic of an MDM server
 */
bool
door_push_topic_is_valid (const char *topic)
{
  if (!g_str_has_prefix (topic, DOOR_PUSH_TOPIC_PREFIX) || strlen (topic) > MAX_TOPIC_LENGTH ||
      topic[strlen (DOOR_PUSH_TOPIC_PREFIX)] == '\0')
    return false;
  for (const char *at = topic; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '.' && *at != '-')
      return false;
  return true;
}

/* The topic is the UID of the subject (Apple, MDM: push certificate). */
static char *
dup_topic (X509 *certificate, GError **error)
{
  X509_NAME *subject = X509_get_subject_name (certificate);
  int at = X509_NAME_get_index_by_NID (subject, NID_userId, -1);
  ASN1_STRING *value = at >= 0 ? X509_NAME_ENTRY_get_data (X509_NAME_get_entry (subject, at)) : NULL;
  g_autofree char *topic = value != NULL ? g_strndup ((const char *) ASN1_STRING_get0_data (value),
                                                      (gsize) ASN1_STRING_length (value))
                                         : NULL;

  if (topic != NULL && (size_t) ASN1_STRING_length (value) == strlen (topic) &&
      X509_NAME_get_index_by_NID (subject, NID_userId, at) < 0 && door_push_topic_is_valid (topic))
    return g_steal_pointer (&topic);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_CERTIFICATE,
                  "this is not a push certificate for MDM: the UID of its subject is not %s…",
                  DOOR_PUSH_TOPIC_PREFIX);
  return NULL;
}

/**
 * door_push_certificate_check:
 * @chain_pem: CERTIFICATE blocks, the push certificate first
 * @error: return location for an error
 *
 * Whether it is for pushes to managed devices, before its key is known. Pure.
 *
 * Returns: false with %DOOR_ERROR_CONFIG, %DOOR_FAULT_PUSH_CERTIFICATE
 */
bool
door_push_certificate_check (GBytes *chain_pem, GError **error)
{
  size_t size;
  const void *data = g_bytes_get_data (chain_pem, &size);
  g_autoptr (BIO) bio = size <= DOOR_CMS_MAX_PEM_BYTES ? BIO_new_mem_buf (data, (int) size) : NULL;
  g_autoptr (X509) certificate = bio != NULL ? PEM_read_bio_X509 (bio, NULL, NULL, NULL) : NULL;
  g_autofree char *topic = NULL;

  ERR_clear_error ();
  if (certificate == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_CERTIFICATE,
                           "the file has no certificate in it; what is imported is the file that "
                           "identity.apple.com/pushcert gave");
  topic = dup_topic (certificate, error);
  return topic != NULL;
}

static bool
verify_order (const GPtrArray *chain, GError **error)
{
  for (guint i = 0; i + 1 < chain->len; i++)
    if (!door_certificate_verify_issued_by (g_ptr_array_index (chain, i), g_ptr_array_index (chain, i + 1),
                                            NULL)) /* which one is what helps */
      return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_PUSH_CERTIFICATE,
                             "certificate %u of the file is not issued by the one after it; the push "
                             "certificate comes first, then those above it, and nothing else",
                             i + 1);
  return true;
}

/**
 * door_push_certificate_new:
 * @chain_pem: CERTIFICATE blocks, the push certificate first, then those above it, if any
 * @key_pem: its private key, unencrypted
 * @error: return location for an error
 *
 * Loads a push certificate. Its dates are not judged. Pure.
 *
 * Returns: (transfer full): the certificate, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorPushCertificate *
door_push_certificate_new (GBytes *chain_pem, DoorSecret *key_pem, GError **error)
{
  g_autoptr (DoorCmsSigner) signer = door_cms_signer_new (chain_pem, key_pem, error);
  g_autofree char *topic = NULL;
  DoorPushCertificate *self;

  if (signer == NULL || !verify_order (door_cms_signer_get_chain (signer), error))
    return NULL;
  topic = dup_topic (door_cms_signer_get_x509 (signer), error);
  if (topic == NULL)
    return NULL;
  self = g_atomic_rc_box_new0 (DoorPushCertificate);
  self->signer = g_steal_pointer (&signer);
  self->key_pem = door_secret_ref (key_pem);
  self->topic = g_steal_pointer (&topic);
  return self;
}

/**
 * door_push_certificate_get_topic:
 * @self: a certificate
 *
 * Returns: (transfer none): its topic
 */
const char *
door_push_certificate_get_topic (const DoorPushCertificate *self)
{
  return self->topic;
}

/**
 * door_push_certificate_get_leaf:
 * @self: a certificate
 *
 * Returns: (transfer none): the certificate itself
 */
const DoorCertificate *
door_push_certificate_get_leaf (const DoorPushCertificate *self)
{
  return g_ptr_array_index (door_cms_signer_get_chain (self->signer), 0);
}

/**
 * door_push_certificate_get_not_after_ms:
 * @self: a certificate
 *
 * Returns: when it ends, milliseconds since 1970, UTC
 */
int64_t
door_push_certificate_get_not_after_ms (const DoorPushCertificate *self)
{
  return door_certificate_get_not_after_ms (door_push_certificate_get_leaf (self));
}

/**
 * door_push_certificate_dup_chain_pem:
 * @self: a certificate
 *
 * Returns: (transfer full): it and those above it, PEM
 */
char *
door_push_certificate_dup_chain_pem (const DoorPushCertificate *self)
{
  const GPtrArray *chain = door_cms_signer_get_chain (self->signer);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < chain->len; i++)
    {
      g_autoptr (GBytes) pem = door_certificate_dup_pem (g_ptr_array_index (chain, i));

      g_string_append_len (text, g_bytes_get_data (pem, NULL), (gssize) g_bytes_get_size (pem));
    }
  return g_string_free (text, FALSE);
}

/**
 * door_push_certificate_get_key:
 * @self: a certificate
 *
 * Returns: (transfer none): its private key, PEM
 */
const DoorSecret *
door_push_certificate_get_key (const DoorPushCertificate *self)
{
  return self->key_pem;
}
