/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sign-in.h"
#include "device.h"

static void
test_journey (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });
  g_autoptr (Device) device = device_enroll (world, token, "device.key");

  g_assert_cmpuint (device_say (world, device, "Idle", NULL), ==, 200);
  assert_count (world, 1, "enrollment WHERE state = 'active'");
}

static void
add (void)
{
  g_test_add_func ("/sign-in/journey", test_journey);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
