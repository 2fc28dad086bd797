/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-answer.h"

#include "door-error.h"

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
 * door_device_answer_count_refusal:
 * @context: what every service needs
 * @failure: why the device is refused
 *
 * Counts a refusal: what a device is told by a status is seen nowhere else.
 */
void
door_device_answer_count_refusal (const DoorContext *context, const GError *failure)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_CHECK_INS_REFUSED,
                                    { door_error_get_info (failure)->id },
                                    1 };

  door_metrics_count (context->metrics, &sample);
}
