/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-signer-cache.h"

#include <pthread.h>

#include "door-cms-split.h"
#include "door-cms.h"
#include "door-signed-data.h"

/* A certificate the authority has issued: what follows from its bytes alone, and so never changes. */
typedef struct
{
  X509 *x509;
  DoorCertificate *certificate;
} Signer;

struct _DoorSignerCache
{
  DoorCertificateAuthority *authority;
  size_t max_signers;
  pthread_mutex_t lock; /* guards everything below; pthread, so that TSan sees it */
  GHashTable *by_bytes; /* (element-type GBytes Signer): by the certificate's exact bytes */
  GPtrArray *list;      /* the same, for a choice of who is forgotten */
  uint32_t choice;
  uint64_t hits;
};

static void
signer_clear (gpointer box)
{
  Signer *self = box;

  X509_free (self->x509);
  door_certificate_unref (self->certificate);
}

static void
signer_unref (gpointer box)
{
  g_atomic_rc_box_release_full (box, signer_clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Signer, signer_unref)

/**
 * door_signer_cache_new:
 * @authority: who must have issued a signer's certificate
 * @max_signers: most certificates remembered, at least 1
 *
 * Makes a cache of certificates that sign messages of devices. It remembers a certificate only after a
 * signature of its key has been verified and the authority was found to have issued it, and only what
 * follows from the certificate's bytes. Whether it is within its time, on record, pinned or revoked is not
 * among that, and the caller's to judge each time.
 *
 * Returns: (transfer full): an empty cache
 */
DoorSignerCache *
door_signer_cache_new (DoorCertificateAuthority *authority, size_t max_signers)
{
  DoorSignerCache *self = g_new0 (DoorSignerCache, 1);

  self->authority = door_certificate_authority_ref (authority);
  self->max_signers = max_signers;
  pthread_mutex_init (&self->lock, NULL);
  self->by_bytes = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  self->list = g_ptr_array_new_with_free_func (signer_unref);
  return self;
}

/**
 * door_signer_cache_free:
 * @self: (transfer full): a cache nobody uses any more
 */
void
door_signer_cache_free (DoorSignerCache *self)
{
  g_hash_table_unref (self->by_bytes);
  g_ptr_array_unref (self->list);
  pthread_mutex_destroy (&self->lock);
  door_certificate_authority_unref (self->authority);
  g_free (self);
}

/* Anyone, because devices come around in turns: of more than there is room for, the one that spoke longest
 * ago is the very one that speaks next. Nothing depends on the numbers being hard to guess. */
static guint
choose (DoorSignerCache *self)
{
  self->choice = self->choice * 1664525 + 1013904223;
  return (guint) (((uint64_t) self->choice * self->list->len) >> 32);
}

/* The lock is held. Two threads may have met the same stranger. Takes the reference. */
static void
insert (DoorSignerCache *self, Signer *signer)
{
  GBytes *der = door_certificate_get_der (signer->certificate);

  if (g_hash_table_contains (self->by_bytes, der))
    {
      signer_unref (signer);
      return;
    }
  if (self->list->len >= self->max_signers)
    {
      guint i = choose (self);
      Signer *former = self->list->pdata[i];

      g_hash_table_remove (self->by_bytes, door_certificate_get_der (former->certificate));
      g_ptr_array_remove_index_fast (self->list, i);
    }
  g_hash_table_insert (self->by_bytes, der, signer);
  g_ptr_array_add (self->list, signer);
}

static Signer *
lookup (DoorSignerCache *self, GBytes *der)
{
  Signer *signer;

  pthread_mutex_lock (&self->lock);
  signer = g_hash_table_lookup (self->by_bytes, der);
  if (signer != NULL)
    {
      g_atomic_rc_box_acquire (signer);
      self->hits++;
    }
  pthread_mutex_unlock (&self->lock);
  return signer;
}

static void
remember (DoorSignerCache *self, const DoorSignedData *message)
{
  Signer *signer = g_atomic_rc_box_new0 (Signer);

  X509_up_ref (message->certificate);
  signer->x509 = message->certificate;
  signer->certificate = door_certificate_ref (message->signer);
  pthread_mutex_lock (&self->lock);
  insert (self, signer);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_signer_cache_verify_detached:
 * @self: a cache
 * @cms: a detached SignedData as door_cms_verify_detached() takes it
 * @content: the exact bytes of the body
 * @error: return location for an error
 *
 * Verifies the signature, and that the authority issued the signer's certificate. Accepts what
 * door_cms_verify_detached() and door_certificate_authority_issued() accept, and nothing else; of a
 * certificate that it remembers only the signature costs a public key operation. Any thread; never blocks
 * beyond the lock.
 *
 * Returns: (transfer full): the signer's certificate, or %NULL with %DOOR_ERROR_INVALID_DATA or
 *   %DOOR_ERROR_NOT_AUTHENTICATED, whose fault is %DOOR_FAULT_DEV_UNKNOWN when the authority did not issue it
 */
DoorCertificate *
door_signer_cache_verify_detached (DoorSignerCache *self, GBytes *cms, GBytes *content, GError **error)
{
  g_autoptr (GBytes) der = NULL;
  g_autoptr (GBytes) rest =
      g_bytes_get_size (cms) <= DOOR_CMS_MAX_DETACHED_BYTES ? door_cms_split (cms, &der) : NULL;
  g_autoptr (Signer) known = rest != NULL ? lookup (self, der) : NULL;
  g_autoptr (DoorSignedData) message = NULL;

  if (known != NULL)
    message = door_signed_data_parse_of (rest, known->x509, known->certificate, DOOR_FAULT_DEV_BADSIG, error);
  else
    message = door_signed_data_parse (cms, DOOR_CMS_MAX_DETACHED_BYTES, DOOR_FAULT_DEV_BADSIG, error);
  if (message == NULL || !door_signed_data_verify_detached (message, content, error))
    return NULL;
  if (known == NULL)
    {
      if (!door_certificate_authority_issued (self->authority, message->signer, error))
        return NULL;
      remember (self, message);
    }
  return door_certificate_ref (message->signer);
}

/**
 * door_signer_cache_get_size:
 * @self: a cache
 *
 * Returns: how many certificates it remembers
 */
size_t
door_signer_cache_get_size (DoorSignerCache *self)
{
  size_t size;

  pthread_mutex_lock (&self->lock);
  size = self->list->len;
  pthread_mutex_unlock (&self->lock);
  return size;
}

/**
 * door_signer_cache_get_hits:
 * @self: a cache
 *
 * Returns: how often it was asked for a certificate it remembers
 */
uint64_t
door_signer_cache_get_hits (DoorSignerCache *self)
{
  uint64_t hits;

  pthread_mutex_lock (&self->lock);
  hits = self->hits;
  pthread_mutex_unlock (&self->lock);
  return hits;
}
