/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-route-times.h"

#include <stdatomic.h>
#include <string.h>

#include "door-metrics.h"

#define NAME "doorward_http_request_duration_seconds"
#define N_CLASSES 6 /* of status codes, by their first digit */
#define NO_ROUTE "none"

/* upper ends of the buckets in microseconds; the last bucket has none */
static const int64_t ends_us[] = { 1000, 5000, 25000, 100000, 500000, 2500000, 10000000 };
#define N_BUCKETS (G_N_ELEMENTS (ends_us) + 1)

typedef struct
{
  atomic_int_fast64_t buckets[N_BUCKETS];
  atomic_int_fast64_t sum_us;
} Histogram;

/* routes of one name, such as the old and the new address of the same thing */
typedef struct
{
  const char *name;
  Histogram classes[N_CLASSES];
} Series;

struct _DoorRouteTimes
{
  GHashTable *series; /* name → Series; not changed once it is made */
  GPtrArray *in_order;
};

static void
add_series (DoorRouteTimes *self, const char *name)
{
  Series *one;

  if (g_hash_table_contains (self->series, name))
    return;
  one = g_new0 (Series, 1);
  one->name = name;
  g_hash_table_insert (self->series, (gpointer) name, one);
  g_ptr_array_add (self->in_order, one);
}

/**
 * door_route_times_new:
 * @router: the routes; must outlive the result
 * @n_routes: how many it has
 *
 * Makes a record of how long requests take, by the name of their route and the class of their status.
 *
 * Returns: (transfer full): the record, empty
 */
DoorRouteTimes *
door_route_times_new (DoorRouter *router, size_t n_routes)
{
  DoorRouteTimes *self = g_new0 (DoorRouteTimes, 1);

  self->series = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->in_order = g_ptr_array_new ();
  add_series (self, NO_ROUTE);
  for (size_t i = 0; i < n_routes; i++)
    add_series (self, door_router_get_route (router, i)->name);
  return self;
}

/**
 * door_route_times_free:
 * @self: (transfer full): a record
 */
void
door_route_times_free (DoorRouteTimes *self)
{
  g_ptr_array_unref (self->in_order);
  g_hash_table_unref (self->series);
  g_free (self);
}

/**
 * door_route_times_add:
 * @self: (nullable): a record; %NULL: nobody keeps one
 * @route: (nullable): route of the request, %NULL when there is none
 * @status: status of its answer
 * @us: how long it took, in microseconds
 *
 * May be called by several threads at once; never blocks.
 */
void
door_route_times_add (DoorRouteTimes *self, const DoorRoute *route, unsigned int status, int64_t us)
{
  const char *name = route == NULL ? NO_ROUTE : route->name;
  Series *one = self == NULL ? NULL : g_hash_table_lookup (self->series, name);
  Histogram *histogram;
  size_t bucket = 0;

  if (one == NULL || status / 100 >= N_CLASSES)
    return;
  histogram = &one->classes[status / 100];
  while (bucket < G_N_ELEMENTS (ends_us) && us > ends_us[bucket])
    bucket++;
  atomic_fetch_add_explicit (&histogram->buckets[bucket], 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&histogram->sum_us, us, memory_order_relaxed);
}

/* the same in every locale */
static const char *
to_seconds (int64_t us, char text[G_ASCII_DTOSTR_BUF_SIZE])
{
  return g_ascii_formatd (text, G_ASCII_DTOSTR_BUF_SIZE, "%.6g", (double) us / G_USEC_PER_SEC);
}

static void
print_histogram (const Histogram *histogram, const char *labels, GString *out)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  int64_t counts[N_BUCKETS], total = 0, below = 0;

  for (size_t i = 0; i < N_BUCKETS; i++)
    {
      counts[i] = atomic_load_explicit (&histogram->buckets[i], memory_order_relaxed);
      total += counts[i];
    }
  if (total == 0)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS (ends_us); i++)
    {
      below += counts[i];
      g_string_append_printf (out, NAME "_bucket{%s,le=\"%s\"} %" G_GINT64_FORMAT "\n", labels,
                              to_seconds (ends_us[i], text), below);
    }
  g_string_append_printf (out, NAME "_bucket{%s,le=\"+Inf\"} %" G_GINT64_FORMAT "\n", labels, total);
  g_string_append_printf (out, NAME "_sum{%s} %s\n", labels,
                          to_seconds (atomic_load_explicit (&histogram->sum_us, memory_order_relaxed), text));
  g_string_append_printf (out, NAME "_count{%s} %" G_GINT64_FORMAT "\n", labels, total);
}

/**
 * door_route_times_print:
 * @self: a record
 * @out: where to
 *
 * Appends it in the text format of Prometheus, version 0.0.4. What has not happened is left out.
 */
void
door_route_times_print (const DoorRouteTimes *self, GString *out)
{
  door_metrics_print_head (out, NAME, "histogram",
                           "Time from the head of a request to its answer, by route and class of status.");
  for (guint i = 0; i < self->in_order->len; i++)
    {
      const Series *one = g_ptr_array_index (self->in_order, i);

      for (size_t class = 1; class < N_CLASSES; class ++)
        {
          g_autofree char *labels = g_strdup_printf ("route=\"%s\",code=\"%zuxx\"", one->name, class);

          print_histogram (&one->classes[class], labels, out);
        }
    }
}
