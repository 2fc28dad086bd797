/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-metrics.h"
#include "door-readiness.h"
#include "door-route-times.h"

/**
 * DoorManagement:
 * @metrics: what is counted
 * @times: how long requests take
 * @readiness: tells whether the server can do its work
 * @contexts: give the #DoorContext in force
 *
 * What the handlers of the management listener get.
 */
typedef struct
{
  DoorMetrics *metrics;
  const DoorRouteTimes *times;
  DoorReadiness *readiness;
  DoorPins contexts;
} DoorManagement;

extern const DoorRoute door_management_routes[];
extern const size_t door_n_management_routes;
