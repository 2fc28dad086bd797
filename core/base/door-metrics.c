/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metrics.h"

#include <stdatomic.h>

#define LIMIT_NAME "doorward_limit_hits_total"
#define LIMIT_HELP "Times that a limit was reached, by limit."
#define QUEUED_NAME "doorward_requests_queued"
#define QUEUED_HELP "Requests that wait for a thread now, by pool."

struct _DoorMetrics
{
  atomic_int_fast64_t values[DOOR_N_METRICS];
};

/* one line of a family; the lines of a family stand together */
typedef struct
{
  const char *name;
  const char *type;
  const char *help;
  const char *label;
} Series;

static const Series series[DOOR_N_METRICS] = {
  [DOOR_METRIC_LIMIT_CONNECTIONS] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"connections\"" },
  [DOOR_METRIC_LIMIT_IDLE] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"idle\"" },
  [DOOR_METRIC_LIMIT_DESCRIPTORS] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"descriptors\"" },
  [DOOR_METRIC_LIMIT_HANDSHAKES] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"handshakes\"" },
  [DOOR_METRIC_LIMIT_HANDSHAKE_TIME] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"handshake_time\"" },
  [DOOR_METRIC_LIMIT_CLIENT_TIME] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"client_time\"" },
  [DOOR_METRIC_LIMIT_HEAD] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"head\"" },
  [DOOR_METRIC_LIMIT_BODY] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"body\"" },
  [DOOR_METRIC_LIMIT_LARGE_BODIES] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"large_bodies\"" },
  [DOOR_METRIC_LIMIT_QUEUE] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"queue\"" },
  [DOOR_METRIC_LIMIT_REQUEST_TIME] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"request_time\"" },
  [DOOR_METRIC_LIMIT_SIGN_INS] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"sign_ins\"" },
  [DOOR_METRIC_CONNECTIONS] = { "doorward_connections", "gauge", "Connections now.", NULL },
  [DOOR_METRIC_QUEUED_WORKER] = { QUEUED_NAME, "gauge", QUEUED_HELP, "pool=\"worker\"" },
  [DOOR_METRIC_QUEUED_CRYPTO] = { QUEUED_NAME, "gauge", QUEUED_HELP, "pool=\"crypto\"" },
  [DOOR_METRIC_CONFIG_RELOADED] = { "doorward_config_last_reload_successful", "gauge",
                                    "Whether the last start or reload of the configuration succeeded.",
                                    NULL },
  [DOOR_METRIC_CONFIG_TIME] = { "doorward_config_last_reload_success_timestamp_seconds", "gauge",
                                "When a start or reload of the configuration last succeeded.", NULL },
};

/**
 * door_metrics_new:
 *
 * Makes a set of counters, all of them 0. All functions may be called by several threads at once and never
 * block.
 *
 * Returns: (transfer full): the counters
 */
DoorMetrics *
door_metrics_new (void)
{
  return g_atomic_rc_box_new0 (DoorMetrics);
}

/**
 * door_metrics_ref:
 * @self: counters
 *
 * Returns: (transfer full): @self
 */
DoorMetrics *
door_metrics_ref (DoorMetrics *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_metrics_unref:
 * @self: (transfer full): counters
 */
void
door_metrics_unref (DoorMetrics *self)
{
  g_atomic_rc_box_release (self);
}

/**
 * door_metrics_add:
 * @self: (nullable): counters; %NULL: nobody counts
 * @metric: which one
 * @by: how much more it is, or less
 */
void
door_metrics_add (DoorMetrics *self, DoorMetric metric, int64_t by)
{
  if (self != NULL)
    atomic_fetch_add_explicit (&self->values[metric], by, memory_order_relaxed);
}

/**
 * door_metrics_set:
 * @self: (nullable): counters; %NULL: nobody counts
 * @metric: one that is no counter
 * @value: how much it is
 */
void
door_metrics_set (DoorMetrics *self, DoorMetric metric, int64_t value)
{
  if (self != NULL)
    atomic_store_explicit (&self->values[metric], value, memory_order_relaxed);
}

/**
 * door_metrics_get:
 * @self: counters
 * @metric: which one
 *
 * Returns: how much it is
 */
int64_t
door_metrics_get (const DoorMetrics *self, DoorMetric metric)
{
  return atomic_load_explicit (&self->values[metric], memory_order_relaxed);
}

/**
 * door_metrics_print_head:
 * @out: where to
 * @name: name of a family of metrics
 * @type: "counter", "gauge" or "histogram"
 * @help: what it is, one line without a backslash
 *
 * Appends what stands above the lines of a family in the text format of Prometheus, version 0.0.4.
 */
void
door_metrics_print_head (GString *out, const char *name, const char *type, const char *help)
{
  g_string_append_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/**
 * door_metrics_print:
 * @self: counters
 * @out: where to
 *
 * Appends all of them in the text format of Prometheus, version 0.0.4.
 */
void
door_metrics_print (const DoorMetrics *self, GString *out)
{
  const char *last = NULL;

  for (size_t i = 0; i < DOOR_N_METRICS; i++)
    {
      const Series *one = &series[i];

      if (g_strcmp0 (last, one->name) != 0)
        door_metrics_print_head (out, one->name, one->type, one->help);
      last = one->name;
      g_string_append (out, one->name);
      if (one->label != NULL)
        g_string_append_printf (out, "{%s}", one->label);
      g_string_append_printf (out, " %" G_GINT64_FORMAT "\n", door_metrics_get (self, (DoorMetric) i));
    }
}
