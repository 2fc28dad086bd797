/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-checkin-message.h"
#include "door-command-report.h"
#include "door-machine-info.h"

/* The three messages a device sends, over the same bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (bytes, NULL);
  g_autoptr (DoorCommandReport) report = door_command_report_parse (bytes, NULL);
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse (bytes, NULL);

  if (message != NULL)
    g_assert_nonnull (door_checkin_message_get_id (message));
  if (report != NULL)
    g_assert_nonnull (door_command_report_get_id (report));
  if (info != NULL)
    g_assert_nonnull (door_machine_info_get_product (info));
  return 0;
}
