/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "door-metrics.h"

static void
test_add (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();

  for (size_t i = 0; i < DOOR_N_METRICS; i++)
    g_assert_cmpint (door_metrics_get (metrics, (DoorMetric) i), ==, 0);
  door_metrics_add (metrics, DOOR_METRIC_CONNECTIONS, 3);
  door_metrics_add (metrics, DOOR_METRIC_CONNECTIONS, -1);
  door_metrics_add (metrics, DOOR_METRIC_LIMIT_QUEUE, 1);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_CONNECTIONS), ==, 2);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_QUEUE), ==, 1);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_BODY), ==, 0);
  door_metrics_set (metrics, DOOR_METRIC_CONFIG_TIME, INT64_C (1) << 40);
  door_metrics_set (metrics, DOOR_METRIC_CONFIG_TIME, 7);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_CONFIG_TIME), ==, 7);
  door_metrics_set (NULL, DOOR_METRIC_CONFIG_TIME, 1);
  /* nobody counts */
  door_metrics_add (NULL, DOOR_METRIC_LIMIT_BODY, 1);
}

static void *
add_many (void *data)
{
  for (size_t i = 0; i < 100000; i++)
    door_metrics_add (data, DOOR_METRIC_LIMIT_BODY, 1);
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  pthread_t threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, add_many, metrics), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_BODY), ==, 400000);
}

/* every counter has a line of its own, and every family one head in front of its lines */
static void
test_print (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) lines = NULL;
  size_t n_values = 0;

  for (size_t i = 0; i < DOOR_N_METRICS; i++)
    door_metrics_add (metrics, (DoorMetric) i, 100 + (int64_t) i);
  door_metrics_print (metrics, out);
  g_assert_true (g_str_has_suffix (out->str, "\n"));
  lines = g_strsplit (out->str, "\n", -1);
  for (char **line = lines; **line != '\0'; line++)
    {
      char *name = g_strndup (*line, strcspn (*line, " "));
      g_autofree char *value = NULL;

      if (g_str_has_prefix (*line, "#"))
        {
          g_free (name);
          name = g_strdup (*line);
        }
      else
        value = g_strdup_printf (" %zu", 100 + n_values++);
      g_assert_true (value == NULL || g_str_has_suffix (*line, value));
      g_assert_true (g_hash_table_add (seen, name));
    }
  g_assert_cmpuint (n_values, ==, DOOR_N_METRICS);
  g_assert_nonnull (strstr (out->str, "# TYPE doorward_limit_hits_total counter\n"
                                      "doorward_limit_hits_total{limit=\"connections\"} 100\n"));
  g_assert_nonnull (strstr (out->str, "# TYPE doorward_connections gauge\ndoorward_connections 1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/metrics/add", test_add);
  g_test_add_func ("/base/metrics/threads", test_threads);
  g_test_add_func ("/base/metrics/print", test_print);
  return g_test_run ();
}
