/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-rate-limit.h"

#include <pthread.h>
#include <string.h>

#include <gio/gio.h>

#define MINUTE_MS 60000
/* What all together may do, in times of what one may: whoever has many addresses must not fill the disk. */
#define ALL_KEYS 200
/* Beyond this many addresses the table starts afresh: memory stays bounded under a flood from many. */
#define MAX_KEYS 65536
/* What one household or one rented server has of IPv6 addresses (RFC 6177). */
#define NETWORK_BYTES 8

typedef struct
{
  double tokens;
  int64_t at_ms;
} Bucket;

struct _DoorRateLimit
{
  pthread_mutex_t lock; /* guards what follows */
  int64_t per_minute;   /* 0: no limit */
  Bucket all;
  GHashTable *buckets;
};

/**
 * door_rate_limit_new:
 * @per_minute: how often a key may be taken in a minute, and at once; 0 for no limit. All keys together may
 * be taken 200 times as often
 *
 * Returns: (transfer full): a token bucket for each key
 */
DoorRateLimit *
door_rate_limit_new (int64_t per_minute)
{
  DoorRateLimit *self = g_new0 (DoorRateLimit, 1);

  self->per_minute = per_minute;
  self->all.tokens = (double) per_minute * ALL_KEYS;
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_rate_limit_free:
 * @self: (transfer full): a limit
 */
void
door_rate_limit_free (DoorRateLimit *self)
{
  g_hash_table_unref (self->buckets);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * door_rate_limit_set:
 * @self: a limit
 * @per_minute: how often a key may be taken in a minute from now on; 0 for no limit
 *
 * Any thread.
 */
void
door_rate_limit_set (DoorRateLimit *self, int64_t per_minute)
{
  pthread_mutex_lock (&self->lock);
  self->per_minute = per_minute;
  pthread_mutex_unlock (&self->lock);
}

static Bucket *
ensure_bucket (DoorRateLimit *self, const char *key, int64_t now_ms)
{
  Bucket *bucket = g_hash_table_lookup (self->buckets, key);

  if (bucket != NULL)
    return bucket;
  if (g_hash_table_size (self->buckets) >= MAX_KEYS)
    g_hash_table_remove_all (self->buckets);
  bucket = g_new0 (Bucket, 1);
  bucket->tokens = (double) self->per_minute;
  bucket->at_ms = now_ms;
  g_hash_table_insert (self->buckets, g_strdup (key), bucket);
  return bucket;
}

static void
refill (Bucket *bucket, double per_minute, int64_t now_ms)
{
  if (now_ms > bucket->at_ms)
    bucket->tokens += (double) (now_ms - bucket->at_ms) * per_minute / MINUTE_MS;
  bucket->tokens = MIN (bucket->tokens, per_minute);
  bucket->at_ms = now_ms;
}

/**
 * door_rate_limit_dup_key:
 * @purpose: what is counted
 * @address: address of a client, or any other text
 *
 * Addresses of one IPv6 network of 64 bits share a key: whoever has one has them all.
 *
 * Returns: (transfer full): a key for door_rate_limit_take()
 */
char *
door_rate_limit_dup_key (const char *purpose, const char *address)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  g_autoptr (GInetAddress) network = NULL;
  g_autofree char *text = NULL;
  uint8_t bytes[16] = { 0 };

  if (parsed == NULL || g_inet_address_get_family (parsed) != G_SOCKET_FAMILY_IPV6)
    return g_strdup_printf ("%s %s", purpose, address);
  memcpy (bytes, g_inet_address_to_bytes (parsed), NETWORK_BYTES);
  network = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (network);
  return g_strdup_printf ("%s %s", purpose, text);
}

/**
 * door_rate_limit_take:
 * @self: a limit
 * @key: what is counted, such as a client's address
 * @now_ms: milliseconds since 1970, UTC
 *
 * Any thread.
 *
 * Returns: whether this once more is within the limit
 */
bool
door_rate_limit_take (DoorRateLimit *self, const char *key, int64_t now_ms)
{
  Bucket *bucket;
  bool allowed;

  pthread_mutex_lock (&self->lock);
  if (self->per_minute == 0)
    {
      pthread_mutex_unlock (&self->lock);
      return true;
    }
  refill (&self->all, (double) self->per_minute * ALL_KEYS, now_ms);
  bucket = self->all.tokens >= 1 ? ensure_bucket (self, key, now_ms) : NULL;
  if (bucket != NULL)
    refill (bucket, (double) self->per_minute, now_ms);
  allowed = bucket != NULL && bucket->tokens >= 1;
  if (allowed)
    {
      bucket->tokens -= 1;
      self->all.tokens -= 1;
    }
  pthread_mutex_unlock (&self->lock);
  return allowed;
}

/**
 * door_rate_limit_give_back:
 * @self: a limit
 * @key: what door_rate_limit_take() has counted
 *
 * Takes back what was counted, where it turns out to be what nobody limits. Any thread.
 */
void
door_rate_limit_give_back (DoorRateLimit *self, const char *key)
{
  Bucket *bucket;

  pthread_mutex_lock (&self->lock);
  bucket = g_hash_table_lookup (self->buckets, key);
  if (bucket != NULL)
    bucket->tokens = MIN (bucket->tokens + 1, (double) self->per_minute);
  self->all.tokens = MIN (self->all.tokens + 1, (double) self->per_minute * ALL_KEYS);
  pthread_mutex_unlock (&self->lock);
}
