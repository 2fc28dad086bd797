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

static void
test_samples (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new (), all = door_metrics_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  DoorMetricSample accepted = { DOOR_METRIC_FAMILY_SIGN_INS, { "work", "accepted" }, 0 };
  DoorMetricSample refused = { DOOR_METRIC_FAMILY_SIGN_INS, { NULL, "refused", "DW-IDP-UNKNOWN" }, 2 };
  DoorMetricSample ends = { DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY, { "tls" }, 7 };

  g_assert_cmpint (door_metrics_lookup (metrics, &accepted), ==, -1);
  door_metrics_count (metrics, &accepted);
  g_assert_cmpint (door_metrics_lookup (metrics, &accepted), ==, 0);
  accepted.value = 1;
  door_metrics_count (metrics, &accepted);
  door_metrics_count (metrics, &accepted);
  door_metrics_count (metrics, &refused);
  door_metrics_note (metrics, &ends);
  door_metrics_note (metrics, &ends);
  door_metrics_add (metrics, DOOR_METRIC_REPORT_IDLE, 4);
  door_metrics_count (NULL, &accepted);
  door_metrics_note (NULL, &ends);
  door_metrics_merge (all, metrics);
  g_assert_cmpint (door_metrics_lookup (all, &accepted), ==, 2);
  g_assert_cmpint (door_metrics_get (all, DOOR_METRIC_REPORT_IDLE), ==, 4);
  door_metrics_print (all, out);
  g_assert_nonnull (strstr (out->str,
                            "# TYPE doorward_sign_ins_total counter\n"
                            "doorward_sign_ins_total{idp=\"work\",outcome=\"accepted\"} 2\n"
                            "doorward_sign_ins_total{outcome=\"refused\",fault=\"DW-IDP-UNKNOWN\"} 2\n"));
  g_assert_nonnull (
      strstr (out->str, "gauge\ndoorward_certificate_expiry_timestamp_seconds{certificate=\"tls\"} 7\n"));
  g_assert_null (strstr (out->str, "doorward_scep_requests_total")); /* nothing to tell yet */
}

static void *
count_many (void *data)
{
  static const char *const names[] = { "one", "two", "three" };

  for (size_t i = 0; i < 30000; i++)
    {
      const DoorMetricSample sample = { DOOR_METRIC_FAMILY_SIGN_INS, { names[i % 3], "accepted" }, 1 };

      door_metrics_count (data, &sample);
    }
  return NULL;
}

static void
test_sample_threads (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_SIGN_INS, { "two", "accepted" }, 0 };
  pthread_t threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, count_many, metrics), ==, 0);
  for (size_t i = 0; i < 100; i++)
    {
      g_autoptr (DoorMetrics) all = door_metrics_new ();
      g_autoptr (GString) out = g_string_new (NULL);

      door_metrics_merge (all, metrics);
      door_metrics_print (metrics, out);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpint (door_metrics_lookup (metrics, &sample), ==, 40000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/metrics/add", test_add);
  g_test_add_func ("/base/metrics/threads", test_threads);
  g_test_add_func ("/base/metrics/print", test_print);
  g_test_add_func ("/base/metrics/samples", test_samples);
  g_test_add_func ("/base/metrics/sample-threads", test_sample_threads);
  return g_test_run ();
}
