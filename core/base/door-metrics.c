/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define LIMIT_NAME "doorward_limit_hits_total"
#define LIMIT_HELP "Times that a limit was reached, by limit."
#define QUEUED_NAME "doorward_requests_queued"
#define QUEUED_HELP "Requests that wait for a thread now, by pool."
#define ENDED_NAME "doorward_enrollments_ended_total"
#define ENDED_HELP "Enrollments that ended, by reason."
#define CHECK_INS_NAME "doorward_check_ins_total"
#define CHECK_INS_HELP "Check-in messages that were accepted, by message type."
#define REPORTS_NAME "doorward_command_reports_total"
#define REPORTS_HELP "Reports of devices that were accepted, by status."

#define PUSHES_NAME "doorward_pushes"
#define PUSHES_HELP "Pushes that devices have not answered, by state."

struct _DoorMetrics
{
  atomic_int_fast64_t values[DOOR_N_METRICS];
  pthread_mutex_t lock;                        /* guards what follows; pthread, so that TSan sees it */
  GHashTable *samples[DOOR_N_METRIC_FAMILIES]; /* labels as they are printed → int64_t */
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
  [DOOR_METRIC_LIMIT_AGENTS] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"agents\"" },
  [DOOR_METRIC_LIMIT_PASSWORDS] = { LIMIT_NAME, "counter", LIMIT_HELP, "limit=\"passwords\"" },
  [DOOR_METRIC_PASSWORDS] = { "doorward_password_checks_total", "counter", "Passwords that were computed.",
                              NULL },
  [DOOR_METRIC_CONNECTIONS] = { "doorward_connections", "gauge", "Connections now.", NULL },
  [DOOR_METRIC_QUEUED_WORKER] = { QUEUED_NAME, "gauge", QUEUED_HELP, "pool=\"worker\"" },
  [DOOR_METRIC_QUEUED_CRYPTO] = { QUEUED_NAME, "gauge", QUEUED_HELP, "pool=\"crypto\"" },
  [DOOR_METRIC_QUEUED_WAITING] = { QUEUED_NAME, "gauge", QUEUED_HELP, "pool=\"waiting\"" },
  [DOOR_METRIC_ENROLLMENTS_BEGUN] = { "doorward_enrollments_begun_total", "counter",
                                      "Enrollments that began: first Authenticate.", NULL },
  [DOOR_METRIC_ENROLLMENTS_ACTIVE] = { "doorward_enrollments_activated_total", "counter",
                                       "Enrollments that became active: first TokenUpdate.", NULL },
  [DOOR_METRIC_ENROLLMENTS_CHECKED_OUT] = { ENDED_NAME, "counter", ENDED_HELP, "reason=\"check-out\"" },
  [DOOR_METRIC_ENROLLMENTS_REPLACED] = { ENDED_NAME, "counter", ENDED_HELP, "reason=\"replaced\"" },
  [DOOR_METRIC_RENEWALS_ASKED] = { "doorward_identity_renewals_asked_total", "counter",
                                   "Times that a device was asked to renew its identity certificate.", NULL },
  [DOOR_METRIC_CHECK_IN_AUTHENTICATE] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                          "message=\"Authenticate\"" },
  [DOOR_METRIC_CHECK_IN_TOKEN_UPDATE] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                          "message=\"TokenUpdate\"" },
  [DOOR_METRIC_CHECK_IN_CHECK_OUT] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP, "message=\"CheckOut\"" },
  [DOOR_METRIC_CHECK_IN_USER_AUTHENTICATE] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                               "message=\"UserAuthenticate\"" },
  [DOOR_METRIC_CHECK_IN_SET_BOOTSTRAP_TOKEN] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                                 "message=\"SetBootstrapToken\"" },
  [DOOR_METRIC_CHECK_IN_GET_BOOTSTRAP_TOKEN] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                                 "message=\"GetBootstrapToken\"" },
  [DOOR_METRIC_CHECK_IN_GET_TOKEN] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP, "message=\"GetToken\"" },
  [DOOR_METRIC_CHECK_IN_DECLARATIVE_MANAGEMENT] = { CHECK_INS_NAME, "counter", CHECK_INS_HELP,
                                                    "message=\"DeclarativeManagement\"" },
  [DOOR_METRIC_REPORT_IDLE] = { REPORTS_NAME, "counter", REPORTS_HELP, "status=\"Idle\"" },
  [DOOR_METRIC_REPORT_ACKNOWLEDGED] = { REPORTS_NAME, "counter", REPORTS_HELP, "status=\"Acknowledged\"" },
  [DOOR_METRIC_REPORT_ERROR] = { REPORTS_NAME, "counter", REPORTS_HELP, "status=\"Error\"" },
  [DOOR_METRIC_REPORT_FORMAT_ERROR] = { REPORTS_NAME, "counter", REPORTS_HELP,
                                        "status=\"CommandFormatError\"" },
  [DOOR_METRIC_REPORT_NOT_NOW] = { REPORTS_NAME, "counter", REPORTS_HELP, "status=\"NotNow\"" },
  [DOOR_METRIC_PUSHES_SENT] = { "doorward_pushes_sent_total", "counter", "Pushes that APNs took.", NULL },
  [DOOR_METRIC_PUSHES_WAITING] = { PUSHES_NAME, "gauge", PUSHES_HELP, "state=\"waiting\"" },
  [DOOR_METRIC_PUSHES_STOPPED] = { PUSHES_NAME, "gauge", PUSHES_HELP, "state=\"stopped\"" },
  [DOOR_METRIC_PUSHES_UNANSWERED] = { PUSHES_NAME, "gauge", PUSHES_HELP, "state=\"unanswered\"" },
  [DOOR_METRIC_PUSH_OLDEST] = { "doorward_push_oldest_seconds", "gauge",
                                "How long the oldest push waits to be sent.", NULL },
  [DOOR_METRIC_CONFIG_RELOADED] = { "doorward_config_last_reload_successful", "gauge",
                                    "Whether the last start or reload of the configuration succeeded.",
                                    NULL },
  [DOOR_METRIC_CONFIG_TIME] = { "doorward_config_last_reload_success_timestamp_seconds", "gauge",
                                "When a start or reload of the configuration last succeeded.", NULL },
  /* by the name that every dashboard knows */
  [DOOR_METRIC_START_TIME] = { "process_start_time_seconds", "gauge",
                               "When the process began, in seconds since 1970.", NULL },
};

typedef struct
{
  const char *name;
  const char *type;
  const char *help;
  const char *labels[DOOR_METRIC_LABELS];
} Family;

static const Family families[DOOR_N_METRIC_FAMILIES] = {
  [DOOR_METRIC_FAMILY_SIGN_INS] = { "doorward_sign_ins_total",
                                    "counter",
                                    "Sign-ins that ended, by provider, outcome and fault.",
                                    { "idp", "outcome", "fault" } },
  [DOOR_METRIC_FAMILY_CHECK_INS_REFUSED] = { "doorward_check_ins_refused_total",
                                             "counter",
                                             "Check-in messages and reports that were refused, by fault.",
                                             { "fault" } },
  [DOOR_METRIC_FAMILY_SCEP] = { "doorward_scep_requests_total",
                                "counter",
                                "Certificate requests that were answered, by outcome and fault.",
                                { "outcome", "fault" } },
  [DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY] = { "doorward_certificate_expiry_timestamp_seconds",
                                              "gauge",
                                              "When a certificate ends, in seconds since 1970.",
                                              { "certificate", "idp", "key" } },
  [DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL] = { "doorward_metadata_valid_until_timestamp_seconds",
                                                "gauge",
                                                "When the metadata of a provider ends (validUntil).",
                                                { "idp" } },
  [DOOR_METRIC_FAMILY_METADATA_REFRESHED] = { "doorward_metadata_last_refresh_timestamp_seconds",
                                              "gauge",
                                              "When the metadata of a provider was fetched last.",
                                              { "idp" } },
  [DOOR_METRIC_FAMILY_METADATA_AGE] = { "doorward_idp_metadata_age_seconds",
                                        "gauge",
                                        "Seconds since the metadata of a provider was fetched or put in.",
                                        { "idp" } },
  [DOOR_METRIC_FAMILY_ADMIN_LOGINS] = { "doorward_admin_logins_total",
                                        "counter",
                                        "Sign-ins of administrators that ended, by result.",
                                        { "result" } },
  [DOOR_METRIC_FAMILY_LIVENESS] = { "doorward_session_checks_total",
                                    "counter",
                                    "Questions to a provider whether a session is still good, by provider "
                                    "and "
                                    "outcome: alive, gone, failed.",
                                    { "idp", "outcome" } },
  [DOOR_METRIC_FAMILY_DEP_SYNCS] = { "doorward_dep_syncs_total",
                                     "counter",
                                     "Rounds with a server of Apple Business Manager, by server, outcome "
                                     "(done, failed) and fault.",
                                     { "server", "outcome", "fault" } },
  [DOOR_METRIC_FAMILY_DEP_TOKEN_EXPIRY] = { "doorward_dep_token_expiry_timestamp_seconds",
                                            "gauge",
                                            "When the token of a server of Apple Business Manager ends.",
                                            { "server" } },
  [DOOR_METRIC_FAMILY_PUSHES_REFUSED] = { "doorward_pushes_refused_total",
                                          "counter",
                                          "Pushes that APNs did not take, by reason.",
                                          { "reason" } },
};

/**
 * door_metrics_new:
 *
 * Makes a set of counters, all of them 0. All functions may be called by several threads at once and never
 * wait for more than another one of them.
 *
 * Returns: (transfer full): the counters
 */
DoorMetrics *
door_metrics_new (void)
{
  DoorMetrics *self = g_atomic_rc_box_new0 (DoorMetrics);

  pthread_mutex_init (&self->lock, NULL);
  for (size_t i = 0; i < DOOR_N_METRIC_FAMILIES; i++)
    self->samples[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
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

static void
metrics_clear (gpointer box)
{
  DoorMetrics *self = box;

  for (size_t i = 0; i < DOOR_N_METRIC_FAMILIES; i++)
    g_hash_table_unref (self->samples[i]);
  pthread_mutex_destroy (&self->lock);
}

/**
 * door_metrics_unref:
 * @self: (transfer full): counters
 */
void
door_metrics_unref (DoorMetrics *self)
{
  g_atomic_rc_box_release_full (self, metrics_clear);
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

/* What stands between the braces; the values need no escape, being names of ours. */
static char *
dup_labels (const DoorMetricSample *sample)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < DOOR_METRIC_LABELS; i++)
    if (sample->labels[i] != NULL && *sample->labels[i] != '\0')
      g_string_append_printf (text, "%s%s=\"%s\"", text->len > 0 ? "," : "",
                              families[sample->family].labels[i], sample->labels[i]);
  return g_string_free (text, FALSE);
}

/* With the lock held. Takes @labels. */
static int64_t *
ensure_sample (DoorMetrics *self, DoorMetricFamily family, char *labels)
{
  int64_t *value = g_hash_table_lookup (self->samples[family], labels);

  if (value == NULL)
    g_hash_table_insert (self->samples[family], labels, value = g_new0 (int64_t, 1));
  else
    g_free (labels);
  return value;
}

/**
 * door_metrics_count:
 * @self: (nullable): counters; %NULL: nobody counts
 * @sample: which one, and how much more it is; 0 makes it known before anything has happened
 */
void
door_metrics_count (DoorMetrics *self, const DoorMetricSample *sample)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  *ensure_sample (self, sample->family, dup_labels (sample)) += sample->value;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_metrics_note:
 * @self: (nullable): counters; %NULL: nobody counts
 * @sample: which one, and how much it is from now on
 */
void
door_metrics_note (DoorMetrics *self, const DoorMetricSample *sample)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  *ensure_sample (self, sample->family, dup_labels (sample)) = sample->value;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_metrics_lookup:
 * @self: counters
 * @sample: which one; its value does not matter
 *
 * Returns: how much it is; -1 when there is no such sample
 */
int64_t
door_metrics_lookup (DoorMetrics *self, const DoorMetricSample *sample)
{
  g_autofree char *labels = dup_labels (sample);
  const int64_t *value;
  int64_t found;

  pthread_mutex_lock (&self->lock);
  value = g_hash_table_lookup (self->samples[sample->family], labels);
  found = value != NULL ? *value : -1;
  pthread_mutex_unlock (&self->lock);
  return found;
}

/**
 * door_metrics_merge:
 * @self: counters that nobody else uses yet
 * @from: other counters
 *
 * Adds all of @from, for one look at both.
 */
void
door_metrics_merge (DoorMetrics *self, DoorMetrics *from)
{
  for (size_t i = 0; i < DOOR_N_METRICS; i++)
    door_metrics_add (self, (DoorMetric) i, door_metrics_get (from, (DoorMetric) i));
  pthread_mutex_lock (&from->lock);
  for (size_t i = 0; i < DOOR_N_METRIC_FAMILIES; i++)
    {
      GHashTableIter iter;
      gpointer labels, value;

      g_hash_table_iter_init (&iter, from->samples[i]);
      while (g_hash_table_iter_next (&iter, &labels, &value))
        *ensure_sample (self, (DoorMetricFamily) i, g_strdup (labels)) += *(const int64_t *) value;
    }
  pthread_mutex_unlock (&from->lock);
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

static int
compare_labels (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
print_family (DoorMetrics *self, DoorMetricFamily which, GString *out)
{
  const Family *family = &families[which];
  g_autoptr (GList) all = NULL;

  pthread_mutex_lock (&self->lock);
  all = g_list_sort (g_hash_table_get_keys (self->samples[which]), compare_labels);
  if (all != NULL)
    door_metrics_print_head (out, family->name, family->type, family->help);
  for (const GList *one = all; one != NULL; one = one->next)
    g_string_append_printf (out, "%s{%s} %" G_GINT64_FORMAT "\n", family->name, (const char *) one->data,
                            *(const int64_t *) g_hash_table_lookup (self->samples[which], one->data));
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_metrics_print:
 * @self: counters
 * @out: where to
 *
 * Appends all of them in the text format of Prometheus, version 0.0.4.
 */
void
door_metrics_print (DoorMetrics *self, GString *out)
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
  for (size_t i = 0; i < DOOR_N_METRIC_FAMILIES; i++)
    print_family (self, (DoorMetricFamily) i, out);
}
