/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-report.h"

#include "door-command-queue.h"
#include "door-command-store.h"
#include "door-device-answer.h"
#include "door-device-proof.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-setup-assistant.h"
#include "door-standing.h"
#include "door-user-channel-store.h"

/* A poll is noted at most this often: it must not cost a write each time. */
#define SEEN_STEP_MS (60 * INT64_C (1000))

typedef struct
{
  const DoorContext *context;
  const DoorCommandReport *report;
  const DoorDeviceProof *proof;
  const char *certificate_sha256;
  int64_t now_ms;
  GBytes *command; /* (out): what it is answered */
} Poll;

static DoorSpeaker
get_speaker (const Poll *poll, const DoorKnownDevice *known)
{
  return (DoorSpeaker){
    .known = known,
    .id_kind = door_command_report_get_id_kind (poll->report),
    .apple_id = door_command_report_get_id (poll->report),
    .bearer = poll->proof->bearer,
    .now_ms = poll->now_ms,
    .policy = poll->context->policy,
  };
}

/* What a channel is told apart by, and whether it has anything to do. */
typedef struct
{
  char *id; /* NULL: a user who was never said to be there */
  bool is_user;
  bool has_work;
  int64_t seen_at;
} Channel;

static void
channel_clear (Channel *self)
{
  g_free (self->id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Channel, channel_clear)

/* The statement that says who a device is says whether it has something to do, too. What comes into the queue
 * after it wishes a push; one that waits in Setup Assistant may have to be let go. */
static void
get_device_channel (const DoorKnownDevice *known, Channel *out)
{
  out->id = g_strdup (known->enrollment_id);
  out->has_work = known->open_command != 0 || known->push_wished_at != 0 || known->awaiting;
  out->seen_at = known->seen_at;
}

static bool
find_user_channel (DoorTxn *txn, const Poll *poll, const DoorKnownDevice *known, Channel *out, GError **error)
{
  g_autoptr (DoorUserChannel) row = NULL;

  out->is_user = true;
  if (!door_user_channel_store_lookup (txn, known->enrollment_id,
                                       door_command_report_get_user_key (poll->report), &row, error))
    return false;
  if (row == NULL || row->ended_at != 0)
    return true;
  out->id = g_strdup (row->id);
  out->seen_at = row->seen_at;
  return door_command_store_has_work (txn, row->id, &out->has_work, error);
}

static bool
is_user (const Poll *poll)
{
  return door_command_report_get_user_key (poll->report) != NULL;
}

static bool
find_channel (DoorTxn *txn, const Poll *poll, const DoorKnownDevice *known, Channel *out, GError **error)
{
  if (is_user (poll))
    return find_user_channel (txn, poll, known, out, error);
  get_device_channel (known, out);
  return true;
}

/* Whether there is anything to answer or to keep. */
static bool
concerns_queue (const Poll *poll, const Channel *channel)
{
  return channel->id != NULL &&
         (channel->has_work || door_command_report_get_status (poll->report) != DOOR_COMMAND_IDLE);
}

static bool
serve_queue (DoorTxn *txn, Poll *poll, const DoorKnownDevice *known, GError **error)
{
  g_auto (Channel) channel = { NULL };
  DoorChannelReport report = {
    .enrollment_id = known->enrollment_id,
    .report = poll->report,
    .body = poll->proof->body,
    .state_key = poll->context->state_key,
    .random = poll->context->random,
    .now_ms = poll->now_ms,
  };

  if (!find_channel (txn, poll, known, &channel, error) ||
      (channel.is_user && channel.id != NULL &&
       !door_user_channel_store_touch (txn, channel.id, poll->now_ms, error)))
    return false;
  if (!concerns_queue (poll, &channel))
    return true;
  report.channel_id = channel.id;
  return door_command_queue_take_report (txn, &report, error) &&
         (channel.is_user || !known->awaiting ||
          door_setup_assistant_look (txn, poll->context, known->enrollment_id, poll->now_ms, error)) &&
         door_command_queue_next (txn, &report, &poll->command, error);
}

static gboolean
write_poll (DoorTxn *txn, gpointer data, GError **error)
{
  Poll *poll = data;
  g_autoptr (DoorKnownDevice) known = NULL;
  DoorSpeaker speaker;

  g_clear_pointer (&poll->command, g_bytes_unref); /* this may be another try */
  if (!door_device_proof_identify (txn, poll->certificate_sha256, &known, error))
    return FALSE;
  if (*known->enrollment_id == '\0')
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_UNKNOWN, "poll before Authenticate");
  speaker = get_speaker (poll, known);
  return door_standing_confirm (txn, &speaker, error) &&
         door_device_store_touch (txn, known->device_id, poll->now_ms, error) &&
         serve_queue (txn, poll, known, error);
}

static bool
identify_poll (const DoorContext *context, const Poll *poll, DoorKnownDevice **known, GError **error)
{
  g_autoptr (DoorTxn) txn =
      door_storage_begin (context->storage, DOOR_TXN_SINGLE, poll->proof->cancellable, error);

  return txn != NULL && door_device_proof_identify (txn, poll->certificate_sha256, known, error);
}

static bool
check_sign_in (const DoorContext *context, const Poll *poll, const DoorSpeaker *speaker, GError **error)
{
  g_autoptr (DoorTxn) txn =
      door_storage_begin (context->storage, DOOR_TXN_READ, poll->proof->cancellable, error);

  return txn != NULL && (speaker->known->active_at == 0 ? door_standing_check_pending (txn, speaker, error)
                                                        : door_standing_check_bearer (txn, speaker, error));
}

/* A second read for the few who are users of a device. */
static bool
look_at_channel (const DoorContext *context, const Poll *poll, const DoorKnownDevice *known, Channel *out,
                 GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;

  if (!is_user (poll))
    {
      get_device_channel (known, out);
      return true;
    }
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, poll->proof->cancellable, error);
  return txn != NULL && find_user_channel (txn, poll, known, out, error);
}

/* Reads only; says whether the poll changes anything that must be written. */
static bool
judge_poll (const DoorContext *context, const Poll *poll, bool *must_write, char **team, GError **error)
{
  g_autoptr (DoorKnownDevice) known = NULL;
  g_auto (Channel) channel = { NULL };
  DoorSpeaker speaker;

  if (!identify_poll (context, poll, &known, error))
    return false;
  *team = g_strdup (known->team);
  if (*known->enrollment_id == '\0')
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_UNKNOWN, "poll before Authenticate");
  speaker = get_speaker (poll, known);
  if (!door_standing_check_pinned (&speaker, error))
    return false;
  if ((known->active_at == 0 || door_standing_needs_bearer (&speaker)) &&
      !check_sign_in (context, poll, &speaker, error))
    return false;
  if (!look_at_channel (context, poll, known, &channel, error))
    return false;
  *must_write =
      concerns_queue (poll, &channel) || !g_str_equal (known->pinned_sha256, known->certificate_sha256) ||
      (channel.id != NULL && ABS (poll->now_ms - channel.seen_at) >= SEEN_STEP_MS); /* clocks are set back */
  return true;
}

static void
count (const DoorContext *context, const DoorCommandReport *report)
{
  static const DoorMetric metrics[] = {
    [DOOR_COMMAND_IDLE] = DOOR_METRIC_REPORT_IDLE,
    [DOOR_COMMAND_ACKNOWLEDGED] = DOOR_METRIC_REPORT_ACKNOWLEDGED,
    [DOOR_COMMAND_ERROR] = DOOR_METRIC_REPORT_ERROR,
    [DOOR_COMMAND_FORMAT_ERROR] = DOOR_METRIC_REPORT_FORMAT_ERROR,
    [DOOR_COMMAND_NOT_NOW] = DOOR_METRIC_REPORT_NOT_NOW,
  };

  door_metrics_add (context->metrics, metrics[door_command_report_get_status (report)], 1);
}

static bool
take_report (const DoorContext *context, const DoorDeviceProof *proof, DoorDeviceAnswer *out, GError **error)
{
  g_autoptr (DoorCertificate) certificate = door_device_proof_verify (context, proof, error);
  g_autoptr (DoorCommandReport) report = NULL;
  bool must_write = false;
  Poll poll;

  if (certificate == NULL)
    return false;
  report = door_command_report_parse (proof->body, error);
  if (report == NULL)
    return false;
  poll = (Poll){
    .context = context,
    .report = report,
    .proof = proof,
    .certificate_sha256 = door_certificate_get_sha256 (certificate),
    .now_ms = door_clock_now_ms (context->clock),
  };
  if (!judge_poll (context, &poll, &must_write, &out->team, error))
    return false;
  if (must_write && !door_writer_run (context->writer, write_poll, &poll, proof->cancellable, error))
    {
      g_clear_pointer (&poll.command, g_bytes_unref); /* what was not stored is not said */
      return false;
    }
  out->body = poll.command;
  count (context, report);
  return true;
}

/**
 * door_report_received:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @out: (out): what the device is answered; also after an error
 * @error: return location for an error
 *
 * Takes in a device's report at the command address, such as Idle, and answers with the next command of its
 * queue; an empty answer ends the exchange (Apple, "Handling MDM commands"). Writes only what changed; then
 * blocks for the commit, so that no answer says what a crash could undo.
 *
 * Returns: false with an error; %DOOR_FAULT_DEV_BEARER asks for a new sign-in
 */
bool
door_report_received (const DoorContext *context, const DoorDeviceProof *proof, DoorDeviceAnswer *out,
                      GError **error)
{
  return door_device_answer_give (context, proof, take_report, out, error);
}
