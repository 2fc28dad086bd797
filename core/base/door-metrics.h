/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

/**
 * DoorMetric:
 * @DOOR_METRIC_LIMIT_CONNECTIONS: a connection was refused: as many as may be were there, and none was idle
 * @DOOR_METRIC_LIMIT_IDLE: an idle connection was ended to make room for another
 * @DOOR_METRIC_LIMIT_DESCRIPTORS: no file descriptor or memory was left for a connection
 * @DOOR_METRIC_LIMIT_HANDSHAKES: a TLS handshake was dropped for a newer one
 * @DOOR_METRIC_LIMIT_HANDSHAKE_TIME: a TLS handshake took too long
 * @DOOR_METRIC_LIMIT_CLIENT_TIME: a client took too long to send a request or to take its answer
 * @DOOR_METRIC_LIMIT_HEAD: a head was too large
 * @DOOR_METRIC_LIMIT_BODY: a body was too large
 * @DOOR_METRIC_LIMIT_LARGE_BODIES: too many large bodies were on their way at once
 * @DOOR_METRIC_LIMIT_QUEUE: a request was sent away because the queue was full
 * @DOOR_METRIC_LIMIT_REQUEST_TIME: a request took too long
 * @DOOR_METRIC_LIMIT_SIGN_INS: an address started too many sign-ins
 * @DOOR_METRIC_CONNECTIONS: connections now
 * @DOOR_METRIC_QUEUED_WORKER: requests that wait for a worker now
 * @DOOR_METRIC_QUEUED_CRYPTO: requests that wait for a crypto worker now
 * @DOOR_METRIC_CONFIG_RELOADED: whether the last start or reload of the configuration succeeded
 * @DOOR_METRIC_CONFIG_TIME: when one last succeeded, seconds since 1970
 * @DOOR_N_METRICS: how many there are
 *
 * What is counted.
 */
typedef enum
{
  DOOR_METRIC_LIMIT_CONNECTIONS,
  DOOR_METRIC_LIMIT_IDLE,
  DOOR_METRIC_LIMIT_DESCRIPTORS,
  DOOR_METRIC_LIMIT_HANDSHAKES,
  DOOR_METRIC_LIMIT_HANDSHAKE_TIME,
  DOOR_METRIC_LIMIT_CLIENT_TIME,
  DOOR_METRIC_LIMIT_HEAD,
  DOOR_METRIC_LIMIT_BODY,
  DOOR_METRIC_LIMIT_LARGE_BODIES,
  DOOR_METRIC_LIMIT_QUEUE,
  DOOR_METRIC_LIMIT_REQUEST_TIME,
  DOOR_METRIC_LIMIT_SIGN_INS,
  DOOR_METRIC_CONNECTIONS,
  DOOR_METRIC_QUEUED_WORKER,
  DOOR_METRIC_QUEUED_CRYPTO,
  DOOR_METRIC_CONFIG_RELOADED,
  DOOR_METRIC_CONFIG_TIME,
  DOOR_N_METRICS,
} DoorMetric;

typedef struct _DoorMetrics DoorMetrics;

DoorMetrics *door_metrics_new (void);
DoorMetrics *door_metrics_ref (DoorMetrics *self);
void door_metrics_unref (DoorMetrics *self);
void door_metrics_add (DoorMetrics *self, DoorMetric metric, int64_t by);
void door_metrics_set (DoorMetrics *self, DoorMetric metric, int64_t value);
int64_t door_metrics_get (const DoorMetrics *self, DoorMetric metric);
void door_metrics_print (const DoorMetrics *self, GString *out);
void door_metrics_print_head (GString *out, const char *name, const char *type, const char *help);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMetrics, door_metrics_unref)
