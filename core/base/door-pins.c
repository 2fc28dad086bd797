/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-pins.h"

static gpointer
pin_constant (gpointer owner)
{
  return owner;
}

static void
unpin_nothing (gpointer pinned)
{
}

/**
 * door_pins_constant:
 * @value: what is always in force
 *
 * Returns: pins of something that is never replaced
 */
DoorPins
door_pins_constant (gpointer value)
{
  return (DoorPins){ pin_constant, unpin_nothing, value };
}
