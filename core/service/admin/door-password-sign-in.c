/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-password-sign-in.h"

#include "door-administrator.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-password.h"

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorPasswordStart *start;
  const DoorAdministrator *administrator; /* as it was when the password was compared */
  const char *before_hash;                /* (nullable) */
  const DoorSessionRow *row;
} Open;

/**
 * door_password_session_clear:
 * @self: what a sign-in gave
 */
void
door_password_session_clear (DoorPasswordSession *self)
{
  g_clear_pointer (&self->row, door_session_row_free);
  g_clear_pointer (&self->token, g_free);
}

static bool
find (const DoorContext *context, const DoorPasswordStart *start, DoorAdministrator **out, GError **error)
{
  g_autofree char *key = door_administrator_dup_email_key (start->email);
  g_autoptr (DoorTxn) txn = NULL;

  if (key == NULL)
    return true;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, start->cancellable, error);
  return txn != NULL && door_administrator_store_lookup_by_email (txn, key, out, error);
}

/* The answer is the same for all of them, and so is the work; the reason is for the log. */
static const char *
find_reason (const DoorContext *context, const DoorAdministrator *administrator, bool right)
{
  if (administrator == NULL)
    return "nobody has the address";
  if (!door_administrator_may_use_password (administrator, door_policy_get_admin_rules (context->policy)))
    return "the administrator is deactivated, has no password, or signs in through a provider";
  return right ? NULL : "the password is wrong";
}

static bool
compare (const DoorContext *context, const DoorSecret *password, const DoorPasswordTry *attempt,
         const DoorAdministrator *administrator, GError **error)
{
  const char *reason = "no password can be this";

  if (door_password_is_possible (password))
    {
      bool right;

      if (!door_password_gate_enter (context->password_gate, context->metrics, attempt->known, error))
        {
          door_password_gate_give_back (context->password_gate, attempt);
          return false;
        }
      right = door_password_verify (password, administrator != NULL ? administrator->password_hash : NULL);
      door_password_gate_leave (context->password_gate, attempt->known);
      reason = find_reason (context, administrator, right);
    }
  return reason == NULL || door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_ADM_PASSWORD,
                                           "%s: %s", administrator != NULL ? administrator->id : "-", reason);
}

/* The password may have been changed while it was compared. */
static gboolean
write_open (DoorTxn *txn, gpointer data, GError **error)
{
  const Open *work = data;
  g_autoptr (DoorAdministrator) now = NULL;

  if (!door_administrator_store_lookup (txn, work->administrator->id, &now, error))
    return FALSE;
  if (now == NULL ||
      !door_administrator_may_use_password (now, door_policy_get_admin_rules (work->context->policy)) ||
      !door_digest_equal (now->password_hash, work->administrator->password_hash))
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_ADM_PASSWORD,
                           "%s was changed at the same moment", work->administrator->id);
  now->signed_in_at = work->row->created_at;
  return door_administrator_store_update (txn, now, error) &&
         (work->before_hash == NULL ||
          door_session_store_end (txn, work->before_hash, "replaced", work->row->created_at, NULL, error)) &&
         door_session_store_add (txn, work->row, error);
}

/* No provider speaks for it, so it has the name of none. */
static DoorSessionRow *
make_row (const DoorContext *context, const DoorPasswordStart *start, const char *administrator_id,
          const char *token)
{
  DoorSessionRow *row = g_new0 (DoorSessionRow, 1);
  int64_t now_ms = door_clock_now_ms (context->clock);

  row->token_hash = door_digest_sha256_text (token);
  row->id = door_random_dup_uuid (context->random);
  row->administrator_id = g_strdup (administrator_id);
  row->connection = g_strdup ("");
  row->issuer = g_strdup ("");
  row->subject = g_strdup ("");
  row->session_index = g_strdup ("");
  row->created_at = now_ms;
  row->seen_at = now_ms;
  row->expires_at = now_ms + door_policy_get_admin_rules (context->policy)->session_lifetime_ms;
  row->user_agent_family = g_strdup (start->user_agent_family);
  row->end_reason = g_strdup ("");
  row->name_format = g_strdup ("");
  row->name_qualifier = g_strdup ("");
  row->sp_name_qualifier = g_strdup ("");
  return row;
}

static bool
open_session (const DoorContext *context, const DoorPasswordStart *start,
              const DoorAdministrator *administrator, DoorPasswordSession *out, GError **error)
{
  g_autofree char *before = start->before != NULL ? door_digest_sha256_text (start->before) : NULL;
  g_autofree char *token = door_random_dup_token (context->random);
  g_autoptr (DoorSessionRow) row = make_row (context, start, administrator->id, token);
  Open work = { context, start, administrator, before, row };

  if (!door_writer_run (context->writer, write_open, &work, start->cancellable, error))
    return false;
  out->row = g_steal_pointer (&row);
  out->token = g_steal_pointer (&token);
  return true;
}

static bool
settle (const DoorContext *context, const DoorPasswordStart *start, DoorPasswordSession *out, GError **error)
{
  DoorPasswordTry attempt = { start->email, start->address, door_clock_now_ms (context->clock), false };
  g_autoptr (DoorAdministrator) administrator = NULL;

  if (!door_password_gate_take (context->password_gate, &attempt))
    {
      door_metrics_add (context->metrics, DOOR_METRIC_LIMIT_PASSWORDS, 1);
      return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_ADM_TRIES,
                             "too many wrong passwords, the last from %.64s", start->address);
    }
  if (!find (context, start, &administrator, error) ||
      !compare (context, start->password, &attempt, administrator, error) ||
      !open_session (context, start, administrator, out, error))
    return false;
  door_password_gate_accept (context->password_gate, &attempt);
  return true;
}

/**
 * door_password_sign_in:
 * @context: what every service needs
 * @start: who signs in
 * @out: (out caller-allocates): the session; clear it
 * @error: return location for an error
 *
 * Signs an administrator in who has a password and no single sign-on. Whoever cannot, for whatever reason,
 * gets the same answer after the same work. Computes, so it belongs into %DOOR_POOL_CRYPTO; blocks for a read
 * and the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_PASSWORDSOFF, %DOOR_FAULT_ADM_TRIES, %DOOR_FAULT_ADM_PASSWORD,
 *   %DOOR_FAULT_HTTP_BUSY or another error
 */
bool
door_password_sign_in (const DoorContext *context, const DoorPasswordStart *start, DoorPasswordSession *out,
                       GError **error)
{
  DoorMetricSample login = { DOOR_METRIC_FAMILY_ADMIN_LOGINS, { "refused" }, 1 };
  bool done;

  if (!door_policy_get_admin_rules (context->policy)->passwords)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_ADM_PASSWORDSOFF,
                           "[admin] Passwords is false");
  done = settle (context, start, out, error);
  if (done)
    {
      login.labels[0] = "accepted";
      door_log_event (G_LOG_LEVEL_INFO, "admin-session", "administrator signed in with a password",
                      "DOORWARD_OUTCOME", "opened", "DOORWARD_ADMINISTRATOR", out->row->administrator_id,
                      "DOORWARD_SESSION", out->row->id, "DOORWARD_USER_AGENT", start->user_agent_family,
                      "DOORWARD_REQUEST", start->request_id, NULL);
    }
  door_metrics_count (context->metrics, &login);
  return done;
}

/**
 * door_password_sign_in_build_hash:
 * @context: what every service needs
 * @password: a new password, as it was read
 * @size: its size
 * @error: return location for an error
 *
 * Computes what is stored of a new password. Belongs into %DOOR_POOL_CRYPTO.
 *
 * Returns: (transfer full): the hash, or %NULL with %DOOR_FAULT_ADM_PASSWORDRULES, %DOOR_FAULT_HTTP_BUSY or
 *   another error
 */
char *
door_password_sign_in_build_hash (const DoorContext *context, const char *password, size_t size,
                                  GError **error)
{
  g_autoptr (DoorSecret) secret = door_secret_new (password, size);
  uint8_t salt[DOOR_PASSWORD_SALT_BYTES];
  char *hash;

  if (!door_password_check (secret, error) ||
      !door_password_gate_enter (context->password_gate, context->metrics, true, error))
    return NULL;
  door_random_fill (context->random, salt, sizeof salt);
  hash = door_password_build_hash (secret, salt, error);
  door_password_gate_leave (context->password_gate, true);
  return hash;
}
