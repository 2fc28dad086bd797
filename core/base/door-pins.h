/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * DoorPins:
 * @pin: gives what is in force now and holds it
 * @unpin: lets go of what @pin gave; whoever does so last frees it
 * @owner: argument of @pin
 *
 * How work gets what may be replaced meanwhile, and keeps what it began with until it ends. Both functions
 * may be called by any thread and do not wait.
 */
typedef struct
{
  gpointer (*pin) (gpointer owner);
  void (*unpin) (gpointer pinned);
  gpointer owner;
} DoorPins;

DoorPins door_pins_constant (gpointer value);
