/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-password-gate.h"

#include <pthread.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-rate-limit.h"

/* Wrong passwords in a minute. */
#define PER_ADDRESS 10
/* From addresses that are strange to the account, all together: some thousands a day, of 2^60 and more. */
#define PER_ACCOUNT 5
/* Half of the threads for what computes, at least: the others go on with certificates and assertions. */
#define MAX_RUNNING 4
/* Of them for who has not been here before: whoever has many addresses must not keep everybody else out. */
#define MAX_STRANGERS 2
/* Beyond this many the table starts afresh: memory stays bounded. */
#define MAX_KNOWN 4096

struct _DoorPasswordGate
{
  DoorRateLimit *by_address;
  DoorRateLimit *by_account;
  DoorRateLimit *by_known;
  pthread_mutex_t lock; /* guards what follows */
  unsigned int running;
  unsigned int strangers; /* of those */
  GHashTable *known;      /* accounts with an address from which somebody had the right password */
};

/* What a try is counted by. */
typedef struct
{
  char *address;
  char *account;
  char *both;
} Keys;

static void
keys_clear (Keys *self)
{
  g_free (self->address);
  g_free (self->account);
  g_free (self->both);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

/* Of an account the digest only: what anybody types has any length. */
static void
keys_fill (Keys *self, const DoorPasswordTry *attempt)
{
  g_autofree char *lower = g_ascii_strdown (attempt->account, -1);

  self->account = door_digest_sha256_text (lower);
  self->address = door_rate_limit_dup_key ("password", attempt->address);
  self->both = g_strconcat (self->account, " ", self->address, NULL);
}

/**
 * door_password_gate_new:
 *
 * Returns: (transfer full): a gate before everything that computes with passwords
 */
DoorPasswordGate *
door_password_gate_new (void)
{
  DoorPasswordGate *self = g_new0 (DoorPasswordGate, 1);

  self->by_address = door_rate_limit_new (PER_ADDRESS);
  self->by_account = door_rate_limit_new (PER_ACCOUNT);
  self->by_known = door_rate_limit_new (PER_ADDRESS);
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_password_gate_free:
 * @self: (transfer full): a gate
 */
void
door_password_gate_free (DoorPasswordGate *self)
{
  door_rate_limit_free (self->by_address);
  door_rate_limit_free (self->by_account);
  door_rate_limit_free (self->by_known);
  g_hash_table_unref (self->known);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * door_password_gate_take:
 * @self: a gate
 * @attempt: who tries; says afterwards whether somebody has signed in to this account from this address
 *
 * Counts a try before it is looked at. Where somebody has signed in to an account from, only tries from there
 * count for it: so strangers who guess do not lock the person out. Whether there is such an account makes no
 * difference. Any thread.
 *
 * Returns: whether it may go on
 */
bool
door_password_gate_take (DoorPasswordGate *self, DoorPasswordTry *attempt)
{
  g_auto (Keys) keys = { NULL };

  keys_fill (&keys, attempt);
  pthread_mutex_lock (&self->lock);
  attempt->known = g_hash_table_contains (self->known, keys.both);
  pthread_mutex_unlock (&self->lock);
  if (attempt->known)
    return door_rate_limit_take (self->by_known, keys.both, attempt->now_ms);
  return door_rate_limit_take (self->by_address, keys.address, attempt->now_ms) &&
         door_rate_limit_take (self->by_account, keys.account, attempt->now_ms);
}

static void
give_back (DoorPasswordGate *self, const DoorPasswordTry *attempt, const Keys *keys)
{
  if (attempt->known)
    door_rate_limit_give_back (self->by_known, keys->both);
  else
    {
      door_rate_limit_give_back (self->by_address, keys->address);
      door_rate_limit_give_back (self->by_account, keys->account);
    }
}

/**
 * door_password_gate_give_back:
 * @self: a gate
 * @attempt: what door_password_gate_take() has counted, whose password was not looked at
 *
 * Takes back what was counted: nobody learned anything. Any thread.
 */
void
door_password_gate_give_back (DoorPasswordGate *self, const DoorPasswordTry *attempt)
{
  g_auto (Keys) keys = { NULL };

  keys_fill (&keys, attempt);
  give_back (self, attempt, &keys);
}

/**
 * door_password_gate_accept:
 * @self: a gate
 * @attempt: what door_password_gate_take() has counted, whose password was right
 *
 * Takes back what was counted, and remembers the address. Any thread.
 */
void
door_password_gate_accept (DoorPasswordGate *self, const DoorPasswordTry *attempt)
{
  g_auto (Keys) keys = { NULL };

  keys_fill (&keys, attempt);
  give_back (self, attempt, &keys);
  pthread_mutex_lock (&self->lock);
  if (g_hash_table_size (self->known) >= MAX_KNOWN)
    g_hash_table_remove_all (self->known);
  g_hash_table_add (self->known, g_steal_pointer (&keys.both));
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_password_gate_enter:
 * @self: a gate
 * @metrics: (nullable): counts
 * @known: whether it is for somebody who has been here before, or is signed in
 * @error: return location for an error
 *
 * Before each hash of a password. Who does not come in is told so at once: to wait would take the threads
 * that do the rest. Strangers have some of the places only. Any thread; door_password_gate_leave() comes
 * after it.
 *
 * Returns: false with %DOOR_FAULT_HTTP_BUSY
 */
bool
door_password_gate_enter (DoorPasswordGate *self, DoorMetrics *metrics, bool known, GError **error)
{
  bool free;

  pthread_mutex_lock (&self->lock);
  free = self->running < MAX_RUNNING && (known || self->strangers < MAX_STRANGERS);
  if (free)
    {
      self->running++;
      self->strangers += known ? 0 : 1;
    }
  pthread_mutex_unlock (&self->lock);
  if (!free)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY,
                           "too many passwords are computed already");
  door_metrics_add (metrics, DOOR_METRIC_PASSWORDS, 1);
  return true;
}

/**
 * door_password_gate_leave:
 * @self: a gate
 * @known: what door_password_gate_enter() was told
 *
 * After each hash of a password. Any thread.
 */
void
door_password_gate_leave (DoorPasswordGate *self, bool known)
{
  pthread_mutex_lock (&self->lock);
  self->running--;
  self->strangers -= known ? 0 : 1;
  pthread_mutex_unlock (&self->lock);
}
