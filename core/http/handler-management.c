/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <sys/resource.h>

#include "door-error.h"
#include "door-expiry.h"
#include "door-handlers.h"
#include "door-limits.h"
#include "door-version.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define TEXT_TYPE "text/plain; charset=utf-8"

/* What an operator asks; nothing of it names a person or a device. Who asks whether the process lives does
 * not stand behind those who ask for the database. */
const DoorRoute door_management_routes[] = {
  { DOOR_METHOD_GET, "/healthz", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_health, "health" },
  { DOOR_METHOD_GET, "/readyz", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_CRYPTO, door_handle_ready, "ready" },
  { DOOR_METHOD_GET, "/metrics", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_CRYPTO, door_handle_metrics, "metrics" },
};

const size_t door_n_management_routes = G_N_ELEMENTS (door_management_routes);

/**
 * door_handle_ready:
 * @context: a #DoorManagement
 * @request: GET
 * @error: return location for an error
 *
 * Says whether the server can do its work, part by part.
 *
 * Returns: (transfer full): 200, or 503 when a part is missing without which nothing works
 */
DoorResponse *
door_handle_ready (gpointer context, DoorRequest *request, GError **error)
{
  const DoorManagement *management = context;
  g_autoptr (GPtrArray) parts = door_readiness_list (management->readiness);
  g_autoptr (GString) text = g_string_new (NULL);
  bool ready = true;

  for (guint i = 0; i < parts->len; i++)
    {
      const DoorReadinessPart *part = g_ptr_array_index (parts, i);

      ready = ready && (part->problem == NULL || !part->is_needed);
      g_string_append_printf (text, "%s: %s\n", part->name, part->problem == NULL ? "ok" : part->problem);
    }
  g_string_prepend (text, ready ? "ready\n" : "not ready\n");
  return door_response_new_text (ready ? 200 : 503, TEXT_TYPE, text->str);
}

static void
print_value (GString *out, const char *name, const char *type, const char *help, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  door_metrics_print_head (out, name, type, help);
  g_string_append_printf (out, "%s %s\n", name, g_ascii_formatd (text, sizeof text, "%.17g", value));
}

static void
print_parts (GString *out, const GPtrArray *parts)
{
  door_metrics_print_head (out, "doorward_ready", "gauge",
                           "Whether a part the server depends on can be used.");
  for (guint i = 0; i < parts->len; i++)
    {
      const DoorReadinessPart *part = g_ptr_array_index (parts, i);

      g_string_append_printf (out, "doorward_ready{part=\"%s\"} %d\n", part->name, part->problem == NULL);
    }
}

/* The folder itself is open while it is read. */
static unsigned int
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL); /* without it there is no number */
  unsigned int n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;
  return n > 0 ? n - 1 : 0;
}

static double
read_resident_bytes (void)
{
  g_autofree char *text = NULL;
  const char *field;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL)) /* without it there is no number */
    return 0;
  field = strstr (text, "\nVmRSS:");
  return field == NULL ? 0 : (double) g_ascii_strtoull (field + strlen ("\nVmRSS:"), NULL, 10) * 1024;
}

static double
to_seconds (const struct timeval *time)
{
  return (double) time->tv_sec + (double) time->tv_usec / G_USEC_PER_SEC;
}

/* by the names that every Prometheus dashboard knows */
static void
print_process (GString *out)
{
  struct rlimit descriptors = { 0 };
  struct rusage usage = { 0 };

  getrlimit (RLIMIT_NOFILE, &descriptors);
  getrusage (RUSAGE_SELF, &usage);
  print_value (out, "process_open_fds", "gauge", "Open file descriptors.", count_descriptors ());
  print_value (out, "process_max_fds", "gauge", "Most file descriptors.", (double) descriptors.rlim_cur);
  print_value (out, "process_resident_memory_bytes", "gauge", "Resident memory.", read_resident_bytes ());
  print_value (out, "process_cpu_seconds_total", "counter", "Time of processors used.",
               to_seconds (&usage.ru_utime) + to_seconds (&usage.ru_stime));
}

/* What has been counted, and what comes to its end when: of the configuration in force only, so the latter is
 * looked up each time. */
static void
print_metrics (GString *out, const DoorManagement *management)
{
  g_autoptr (DoorMetrics) all = door_metrics_new ();
  gpointer pinned = management->contexts.pin (management->contexts.owner);

  door_metrics_merge (all, management->metrics);
  door_expiry_collect (pinned, all);
  management->contexts.unpin (pinned);
  door_metrics_print (all, out);
}

/**
 * door_handle_metrics:
 * @context: a #DoorManagement
 * @request: GET
 * @error: return location for an error
 *
 * Everything that is counted, in the text format of Prometheus. Of the database only its schema's number is
 * asked, so the cost does not grow with what is stored.
 *
 * Returns: (transfer full): 200
 */
DoorResponse *
door_handle_metrics (gpointer context, DoorRequest *request, GError **error)
{
  const DoorManagement *management = context;
  g_autoptr (GPtrArray) parts = door_readiness_list (management->readiness);
  g_autoptr (GString) text = g_string_new (NULL);

  door_metrics_print_head (text, "doorward_build_info", "gauge", "Version of the program.");
  g_string_append (text, "doorward_build_info{version=\"" DOOR_VERSION "\"} 1\n");
  print_metrics (text, management);
  door_route_times_print (management->times, text);
  print_parts (text, parts);
  print_process (text);
  return door_response_new_text (200, METRICS_TYPE, text->str);
}
