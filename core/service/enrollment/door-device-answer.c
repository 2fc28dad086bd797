/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-answer.h"

#include "door-oauth2-bearer.h"

/**
 * door_device_answer_clear:
 * @self: an answer
 *
 * Frees what it holds.
 */
void
door_device_answer_clear (DoorDeviceAnswer *self)
{
  g_clear_pointer (&self->team, g_free);
  g_clear_pointer (&self->body, g_bytes_unref);
}

/**
 * door_device_answer_refuse:
 * @error: return location for the error
 * @fault: what is wrong, as the device's owner may know it
 * @reason: what is wrong, for the log
 *
 * Sets %DOOR_ERROR_NOT_ALLOWED.
 *
 * Returns: false
 */
bool
door_device_answer_refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, fault, "%s", reason);
}

/* What a device is told by a status is seen nowhere else. */
static void
count_refusal (const DoorContext *context, const GError *failure)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_CHECK_INS_REFUSED,
                                    { door_error_get_info (failure)->id },
                                    1 };

  door_metrics_count (context->metrics, &sample);
}

/**
 * door_device_answer_give:
 * @context: what every service needs
 * @proof: the body and what shows who sent it
 * @take: what the body means
 * @out: (out): what the device is answered; also after an error
 * @error: return location for an error
 *
 * Takes in what a device has sent, and once more where its token was one of the identity provider, which has
 * said now whose it is. Counts a refusal. Blocks as @take does, and for the provider where @proof says that
 * this thread may.
 *
 * Returns: false with an error; %DOOR_FAULT_DEV_BEARER asks for a new sign-in
 */
bool
door_device_answer_give (const DoorContext *context, const DoorDeviceProof *proof, DoorDeviceTake take,
                         DoorDeviceAnswer *out, GError **error)
{
  g_autoptr (GError) failure = NULL;

  *out = (DoorDeviceAnswer){ NULL };
  if (take (context, proof, out, &failure))
    return true;
  if (door_oauth2_bearer_admit_of_device (context, proof, out, &failure))
    {
      door_device_answer_clear (out);
      g_clear_error (&failure);
      if (take (context, proof, out, &failure))
        return true;
    }
  if (!out->must_wait)
    count_refusal (context, failure);
  g_propagate_error (error, g_steal_pointer (&failure));
  return false;
}
