/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fault.h"

/* marks a text for translation without translating it */
#define N_(text) text

/* The catalogue by subject; an entry stands in one of them and is empty in the others. */
extern const DoorFaultInfo door_fault_devices[DOOR_N_FAULTS];
extern const DoorFaultInfo door_fault_directory[DOOR_N_FAULTS];
extern const DoorFaultInfo door_fault_sign_in[DOOR_N_FAULTS];
extern const DoorFaultInfo door_fault_providers[DOOR_N_FAULTS];
extern const DoorFaultInfo door_fault_server[DOOR_N_FAULTS];
