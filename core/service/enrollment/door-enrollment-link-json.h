/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-enrollment-link-store.h"
#include "door-json.h"

JsonObject *door_enrollment_link_json_build (const DoorEnrollmentLink *link);
