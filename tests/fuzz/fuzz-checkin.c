/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-checkin-message.h"
#include "door-command-report.h"
#include "door-machine-info.h"

/* A user channel belongs to an enrollment, and some messages have none. */
static void
check_channel (const DoorCheckinMessage *message)
{
  DoorCheckinType type = door_checkin_message_get_message_type (message);
  const char *user_key = door_checkin_message_get_user_key (message);

  g_assert_true (user_key == NULL || *user_key != '\0');
  if (type == DOOR_CHECKIN_AUTHENTICATE || type == DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN ||
      type == DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN)
    g_assert_null (user_key);
  if (door_checkin_message_get_endpoint (message) == DOOR_CHECKIN_ENDPOINT_DECLARATION)
    g_assert_cmpuint (strlen (door_checkin_message_get_declaration_id (message)), >, 0);
}

/* The messages a device sends, over the same bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (bytes, NULL);
  g_autoptr (DoorCommandReport) report = door_command_report_parse (bytes, NULL);
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse (bytes, NULL);
  g_autoptr (DoorMachineInfo) device = door_machine_info_parse_device (bytes, NULL);
  g_autoptr (DoorMachineInfo) service = door_machine_info_parse_service (bytes, NULL);

  if (message != NULL)
    {
      g_assert_nonnull (door_checkin_message_get_id (message));
      check_channel (message);
    }
  if (report != NULL)
    g_assert_nonnull (door_command_report_get_id (report));
  if (info != NULL)
    g_assert_nonnull (door_machine_info_get_product (info));
  /* what was signed for a Profile Service is for nothing else */
  g_assert_true ((device != NULL) ==
                 (service != NULL && door_machine_info_get (service, DOOR_MACHINE_CHALLENGE) == NULL));
  if (device != NULL)
    g_assert_nonnull (door_machine_info_get (device, DOOR_MACHINE_SERIAL));
  if (service != NULL)
    g_assert_nonnull (door_machine_info_get (service, DOOR_MACHINE_UDID));
  return 0;
}
