/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-setup-assistant.h"

#include <string.h>

#include "door-account-configuration.h"
#include "door-association-store.h"
#include "door-command-queue.h"
#include "door-command-store.h"
#include "door-command.h"
#include "door-device-setup-store.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-local-account.h"
#include "door-log.h"
#include "door-model-family.h"
#include "door-pbkdf2.h"
#include "door-person-store.h"
#include "door-push.h"
#include "door-sealing.h"
#include "door-token.h"

#define SOURCE "setup"
#define ROUND_ROWS 100
/* After something failed. */
#define RETRY_MS (60 * INT64_C (1000))
/* Apple allows 20,000 to 40,000. */
#define ITERATIONS 40000
#define SALT_BYTES 32
#define ENTROPY_BYTES 128
/* Letters and digits that are not taken for one another: a help desk reads the password out. */
#define PASSWORD_LENGTH 24
static const char password_letters[] = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/* What is known of a device that waits. */
typedef struct
{
  DoorDeviceSetup *setup;
  DoorEnrollment *enrollment;
  DoorDevice *device;
  DoorPerson *person; /* (nullable): nobody had to sign in */
  const DoorTeam *team;
} Waiting;

static void
waiting_clear (Waiting *self)
{
  door_device_setup_free (self->setup);
  door_enrollment_free (self->enrollment);
  door_device_free (self->device);
  door_person_free (self->person);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Waiting, waiting_clear)

static bool
read_person (DoorTxn *txn, const char *device_id, DoorPerson **out, GError **error)
{
  g_autoptr (DoorAssociation) owner = NULL;

  return door_association_store_lookup_open (txn, device_id, &owner, error) &&
         (owner == NULL || door_person_store_lookup (txn, owner->person_id, out, error));
}

/* Team stays NULL where there is nothing to do. */
static bool
read_waiting (DoorTxn *txn, const DoorContext *context, const char *enrollment_id, Waiting *out,
              GError **error)
{
  if (!door_device_setup_store_lookup (txn, enrollment_id, &out->setup, error) ||
      !door_device_store_lookup_enrollment (txn, enrollment_id, &out->enrollment, error))
    return false;
  if (out->setup == NULL || out->setup->prepared_at != 0 || out->enrollment == NULL ||
      out->enrollment->ended_at != 0)
    return true;
  if (!door_device_store_lookup (txn, out->enrollment->device_id, &out->device, error) ||
      !read_person (txn, out->enrollment->device_id, &out->person, error))
    return false;
  out->team = door_policy_lookup_team (context->policy, out->enrollment->team);
  if (out->team == NULL) /* removed meanwhile: the device is let go by what holds for all */
    out->team = door_policy_lookup_team (context->policy, "");
  return true;
}

/**
 * door_setup_assistant_open_password:
 * @state_key: what it was sealed with
 * @enrollment_id: whose it is
 * @sealed: the password of the managed administrator, sealed
 * @error: return location for an error
 *
 * Returns: (transfer full): the password, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSecret *
door_setup_assistant_open_password (const DoorSecret *state_key, const char *enrollment_id,
                                    const char *sealed, GError **error)
{
  return door_sealing_open (state_key, (DoorSealedPlace){ DOOR_SEALED_ADMIN_PASSWORD, enrollment_id }, sealed,
                            error);
}

/* Each letter as likely as the others: what is too large for that is drawn again. */
static DoorSecret *
make_password (const DoorContext *context)
{
  const unsigned int n_letters = sizeof password_letters - 1;
  GString *text = g_string_sized_new (PASSWORD_LENGTH + 1);
  uint8_t byte;

  while (text->len < PASSWORD_LENGTH)
    {
      door_random_fill (context->random, &byte, 1);
      if (byte < 256 / n_letters * n_letters)
        g_string_append_c (text, password_letters[byte % n_letters]);
    }
  return door_secret_new_take (text);
}

static GBytes *
hash_password (const DoorContext *context, const DoorSecret *password, GError **error)
{
  uint8_t salt[SALT_BYTES], entropy[ENTROPY_BYTES];
  const DoorPbkdf2 params = { salt, sizeof salt, ITERATIONS, entropy, sizeof entropy };
  g_autoptr (GBytes) salt_bytes = NULL, entropy_bytes = NULL;

  door_random_fill (context->random, salt, sizeof salt);
  if (!door_pbkdf2_sha512 (password, &params, error))
    return NULL;
  salt_bytes = g_bytes_new (salt, sizeof salt);
  entropy_bytes = g_bytes_new (entropy, sizeof entropy);
  return door_account_configuration_build_hash (salt_bytes, ITERATIONS, entropy_bytes, error);
}

/* What is made before the write, since it costs time and chance. All else is decided in the write, by what is
 * there then: the device may have left meanwhile, or have another owner. */
typedef struct
{
  const DoorContext *context;
  const char *enrollment_id;
  GBytes *admin_hash;    /* (nullable): of the managed administrator's password */
  char *sealed_password; /* (nullable): the same password */
  int64_t now_ms;
  bool is_written; /* (out) */
} Preparation;

static void
preparation_clear (Preparation *self)
{
  g_clear_pointer (&self->admin_hash, g_bytes_unref);
  g_free (self->sealed_password);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Preparation, preparation_clear)

static bool
prepare_admin (Preparation *self, GError **error)
{
  const DoorContext *context = self->context;
  const DoorSealedPlace place = { DOOR_SEALED_ADMIN_PASSWORD, self->enrollment_id };
  g_autoptr (DoorSecret) password = make_password (context);

  self->admin_hash = hash_password (context, password, error);
  if (self->admin_hash != NULL)
    self->sealed_password = door_sealing_seal (context->state_key, context->random, place, password, error);
  return self->sealed_password != NULL;
}

/* What a device is told to do. */
typedef struct
{
  char *account_name;
  char *full_name;
  char *uuid;
  GBytes *message; /* (nullable): AccountConfiguration */
} Orders;

static void
orders_clear (Orders *self)
{
  g_free (self->account_name);
  g_free (self->full_name);
  g_free (self->uuid);
  g_clear_pointer (&self->message, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Orders, orders_clear)

/* Only where a person had to sign in is anything known that could be a name. */
static void
choose_names (const Waiting *waiting, Orders *out)
{
  const DoorSetupRules *rules = &waiting->team->setup;
  const DoorPerson *person = waiting->person;

  if (person != NULL && rules->account_name != NULL)
    {
      const DoorLocalPerson named = { person->user_name, person->email, person->full_name, person->given_name,
                                      person->family_name };

      out->account_name = door_local_account_dup_name (rules->account_name, &named, rules->admin_name);
      out->full_name = rules->account_full_name != NULL
                           ? door_local_account_dup_full_name (rules->account_full_name, &named)
                           : NULL;
    }
  if (out->account_name != NULL && out->full_name == NULL)
    out->full_name = g_strdup (out->account_name);
}

static bool
build_message (const Preparation *self, const DoorAccountConfiguration *accounts, Orders *out, GError **error)
{
  g_autoptr (GVariant) parameters = door_account_configuration_build (accounts);
  g_autoptr (GVariant) command = door_command_new ("AccountConfiguration", parameters);

  out->uuid = door_token_derive_uuid (self->context, "account-configuration", self->enrollment_id);
  out->message = door_command_build (out->uuid, command, error);
  return out->message != NULL;
}

/* Accounts are made on Macs alone (Apple, AccountConfiguration). */
static bool
give_orders (const Preparation *self, const Waiting *waiting, Orders *out, GError **error)
{
  const DoorSetupRules *rules = &waiting->team->setup;
  DoorAccountConfiguration accounts;

  if (!door_model_family_is_mac (waiting->device->product))
    return true;
  choose_names (waiting, out);
  accounts = (DoorAccountConfiguration){
    .primary = rules->primary,
    .user_name = out->account_name,
    .full_name = out->full_name,
    .lock = rules->lock_account,
    .admin_name = rules->admin_name,
    .admin_full_name = rules->admin_full_name,
    .admin_hash = self->admin_hash,
    .admin_hidden = rules->hide_admin,
  };
  return door_account_configuration_is_empty (&accounts) || build_message (self, &accounts, out, error);
}

/* Lets a device go: the last command that it waits for. One that waits all the same says so at its next
 * TokenUpdate, and is let go again by another command. */
static bool
release (DoorTxn *txn, const DoorContext *context, const DoorDeviceSetup *setup, const char *outcome,
         int64_t now_ms, GError **error)
{
  g_autofree char *purpose = g_strdup_printf ("device-configured/%" G_GINT64_FORMAT, setup->releases);
  g_autofree char *uuid = door_token_derive_uuid (context, purpose, setup->enrollment_id);
  g_autoptr (GVariant) command = door_command_new ("DeviceConfigured", NULL);
  g_autoptr (GBytes) message = door_command_build (uuid, command, error);
  DoorDeviceSetup finished = *setup;
  bool changed = false;
  const DoorNewCommand row = {
    .channel_id = setup->enrollment_id,
    .enrollment_id = setup->enrollment_id,
    .uuid = uuid,
    .request_type = "DeviceConfigured",
    .message = message,
    .source = SOURCE,
    .now_ms = now_ms,
  };

  finished.finished_at = now_ms;
  finished.outcome = (char *) outcome;
  finished.releases = setup->releases + 1;
  if (message == NULL || !door_device_setup_store_set_finished (txn, &finished, &changed, error))
    return false;
  return !changed || door_command_queue_add (txn, &row, error);
}

/**
 * door_setup_assistant_look:
 * @txn: a transaction of the writer
 * @context: what every service needs
 * @enrollment_id: a device that waits in Setup Assistant
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Lets the device go as soon as it has answered all that it was told to do, with whatever status.
 *
 * Returns: false with an error
 */
bool
door_setup_assistant_look (DoorTxn *txn, const DoorContext *context, const char *enrollment_id,
                           int64_t now_ms, GError **error)
{
  g_autoptr (DoorDeviceSetup) setup = NULL;
  g_autoptr (DoorStoredCommand) open = NULL;

  if (!door_device_setup_store_lookup (txn, enrollment_id, &setup, error))
    return false;
  if (setup == NULL || setup->prepared_at == 0 || setup->finished_at != 0)
    return true;
  if (!door_command_store_lookup_next (txn, enrollment_id, &open, error))
    return false;
  return open != NULL || release (txn, context, setup, "done", now_ms, error);
}

static bool
note_prepared (DoorTxn *txn, const Preparation *self, const Waiting *waiting, const Orders *orders,
               bool *changed, GError **error)
{
  DoorDeviceSetup prepared = *waiting->setup;

  prepared.prepared_at = self->now_ms;
  prepared.due_at = waiting->setup->begun_at + waiting->team->setup.release_after_ms;
  prepared.account_name = orders->account_name != NULL ? orders->account_name : (char *) "";
  prepared.admin_name = self->sealed_password != NULL ? waiting->team->setup.admin_name : (char *) "";
  prepared.sealed_admin_password = self->sealed_password != NULL ? self->sealed_password : (char *) "";
  return door_device_setup_store_set_prepared (txn, &prepared, changed, error);
}

static gboolean
write_preparation (DoorTxn *txn, gpointer data, GError **error)
{
  Preparation *self = data;
  g_auto (Waiting) waiting = { NULL };
  g_auto (Orders) orders = { NULL };
  DoorNewCommand row;

  self->is_written = false;
  if (!read_waiting (txn, self->context, self->enrollment_id, &waiting, error))
    return FALSE;
  if (waiting.team == NULL) /* it has left meanwhile, or another instance was faster */
    return TRUE;
  if (!give_orders (self, &waiting, &orders, error) ||
      !note_prepared (txn, self, &waiting, &orders, &self->is_written, error))
    return FALSE;
  if (!self->is_written) /* by another instance at the same moment */
    return TRUE;
  row = (DoorNewCommand){
    .channel_id = self->enrollment_id,
    .enrollment_id = self->enrollment_id,
    .uuid = orders.uuid,
    .request_type = "AccountConfiguration",
    .message = orders.message,
    .source = SOURCE,
    .now_ms = self->now_ms,
  };
  return (orders.message == NULL || door_command_queue_add (txn, &row, error)) &&
         door_setup_assistant_look (txn, self->context, self->enrollment_id, self->now_ms, error);
}

/* Whether, as things are now, there is anything to do, and a password to make for it. */
static bool
look_ahead (const DoorContext *context, const char *enrollment_id, Waiting *out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);

  return txn != NULL && read_waiting (txn, context, enrollment_id, out, error);
}

/**
 * door_setup_assistant_prepare:
 * @context: what every service needs
 * @enrollment_id: a device that waits in Setup Assistant
 * @error: return location for an error
 *
 * Queues what the device must do before it is let go: on a Mac, AccountConfiguration with the name of the
 * person who signed in and a managed administrator, whose password is kept, sealed, by the same write. Does
 * nothing where that was done. Blocks for the commit.
 *
 * Returns: false with an error
 */
bool
door_setup_assistant_prepare (const DoorContext *context, const char *enrollment_id, GError **error)
{
  g_auto (Waiting) waiting = { NULL };
  g_auto (Preparation) preparation = {
    .context = context,
    .enrollment_id = enrollment_id,
    .now_ms = door_clock_now_ms (context->clock),
  };

  if (!look_ahead (context, enrollment_id, &waiting, error))
    return false;
  if (waiting.team == NULL)
    return true;
  if (waiting.team->setup.admin_name != NULL && door_model_family_is_mac (waiting.device->product) &&
      !prepare_admin (&preparation, error))
    return false;
  if (!door_writer_run (context->writer, write_preparation, &preparation, NULL, error))
    return false;
  if (!preparation.is_written)
    return true;
  door_push_wake (context);
  door_log_event (G_LOG_LEVEL_INFO, "setup", "the device is being prepared", "DOORWARD_DEVICE",
                  waiting.device->apple_id, NULL);
  return true;
}

typedef struct
{
  const DoorContext *context;
  const char *enrollment_id;
  int64_t now_ms;
} Overdue;

static gboolean
write_overdue (DoorTxn *txn, gpointer data, GError **error)
{
  const Overdue *self = data;
  g_autoptr (DoorDeviceSetup) setup = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_device_setup_store_lookup (txn, self->enrollment_id, &setup, error) ||
      !door_device_store_lookup_enrollment (txn, self->enrollment_id, &enrollment, error))
    return FALSE;
  if (enrollment == NULL || enrollment->ended_at != 0)
    return door_device_setup_store_end (txn, self->enrollment_id, self->now_ms, error);
  if (setup == NULL || setup->finished_at != 0 || setup->prepared_at == 0 || setup->due_at > self->now_ms)
    return true;
  return release (txn, self->context, setup, setup->releases > 0 ? "again" : "time", self->now_ms, error);
}

static bool
take_due (const DoorContext *context, const DoorDeviceSetup *setup, int64_t now_ms, GError **error)
{
  Overdue overdue = { context, setup->enrollment_id, now_ms };

  /* nothing that was prepared is due at once, so what was before has waited long enough */
  return (setup->prepared_at != 0 || door_setup_assistant_prepare (context, setup->enrollment_id, error)) &&
         door_writer_run (context->writer, write_overdue, &overdue, NULL, error);
}

static gboolean
write_postponed (DoorTxn *txn, gpointer data, GError **error)
{
  const Overdue *self = data;

  return door_device_setup_store_postpone (txn, self->enrollment_id, self->now_ms + RETRY_MS, error);
}

/* What is wrong with one device is told, and others are looked at before it. */
static bool
look_at (const DoorContext *context, const DoorDeviceSetup *setup, int64_t now_ms, GError **error)
{
  Overdue overdue = { context, setup->enrollment_id, now_ms };
  g_autoptr (GError) from = NULL;

  if (take_due (context, setup, now_ms, &from))
    return true;
  if (g_error_matches (from, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE))
    {
      g_propagate_error (error, g_steal_pointer (&from));
      return false;
    }
  g_warning ("enrollment %s, which waits in Setup Assistant: %s", setup->enrollment_id, from->message);
  return door_writer_run (context->writer, write_postponed, &overdue, NULL, error);
}

/**
 * door_setup_assistant_round:
 * @context: what every service needs
 * @error: return location for an error
 *
 * Looks at the devices that are due: those that nobody has prepared, since a server stopped in between, and
 * those that have waited for `ReleaseAfter`. What is wrong with one of them is logged and keeps no other
 * waiting. One read where there is none. Blocks for its commits.
 *
 * Returns: false with an error, where it holds for all of them: the database cannot be asked
 */
bool
door_setup_assistant_round (const DoorContext *context, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  g_autoptr (GPtrArray) due =
      txn != NULL ? door_device_setup_store_list_due (txn, now_ms, ROUND_ROWS, error) : NULL;

  if (due == NULL)
    return false;
  g_clear_pointer (&txn, door_txn_free);
  for (guint i = 0; i < due->len; i++)
    if (!look_at (context, g_ptr_array_index (due, i), now_ms, error))
      return false;
  if (due->len > 0)
    door_push_wake (context);
  return true;
}
