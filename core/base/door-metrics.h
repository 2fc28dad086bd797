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
 * @DOOR_METRIC_LIMIT_AGENTS: too many agents of osquery wanted to be known at an address
 * @DOOR_METRIC_LIMIT_PASSWORDS: too many wrong passwords came from an address or for an account
 * @DOOR_METRIC_PASSWORDS: a password was computed
 * @DOOR_METRIC_CONNECTIONS: connections now
 * @DOOR_METRIC_QUEUED_WORKER: requests that wait for a worker now
 * @DOOR_METRIC_QUEUED_CRYPTO: requests that wait for a crypto worker now
 * @DOOR_METRIC_QUEUED_WAITING: requests that wait for a worker that asks other servers now
 * @DOOR_METRIC_ENROLLMENTS_BEGUN: a device began an enrollment (first Authenticate)
 * @DOOR_METRIC_ENROLLMENTS_ACTIVE: an enrollment became active (first TokenUpdate)
 * @DOOR_METRIC_ENROLLMENTS_CHECKED_OUT: an enrollment ended because the device said so
 * @DOOR_METRIC_ENROLLMENTS_REPLACED: an enrollment ended because the same device enrolled again
 * @DOOR_METRIC_RENEWALS_ASKED: a device was asked to renew its identity certificate
 * @DOOR_METRIC_CHECK_IN_AUTHENTICATE: an Authenticate was accepted
 * @DOOR_METRIC_CHECK_IN_TOKEN_UPDATE: a TokenUpdate was accepted
 * @DOOR_METRIC_CHECK_IN_CHECK_OUT: a CheckOut was accepted
 * @DOOR_METRIC_CHECK_IN_USER_AUTHENTICATE: a UserAuthenticate was accepted
 * @DOOR_METRIC_CHECK_IN_SET_BOOTSTRAP_TOKEN: a SetBootstrapToken was accepted
 * @DOOR_METRIC_CHECK_IN_GET_BOOTSTRAP_TOKEN: a GetBootstrapToken was answered
 * @DOOR_METRIC_CHECK_IN_GET_TOKEN: a GetToken was answered
 * @DOOR_METRIC_CHECK_IN_DECLARATIVE_MANAGEMENT: a DeclarativeManagement was answered
 * @DOOR_METRIC_REPORT_IDLE: a report was accepted: the device asks for a command
 * @DOOR_METRIC_REPORT_ACKNOWLEDGED: the same: a command was carried out
 * @DOOR_METRIC_REPORT_ERROR: the same: a command failed
 * @DOOR_METRIC_REPORT_FORMAT_ERROR: the same: the device could not read a command
 * @DOOR_METRIC_REPORT_NOT_NOW: the same: the device cannot carry a command out at the moment
 * @DOOR_METRIC_PUSHES_SENT: APNs took a push
 * @DOOR_METRIC_PUSHES_WAITING: pushes to be sent, now or later
 * @DOOR_METRIC_PUSHES_STOPPED: pushes whose devices have to give a new token first
 * @DOOR_METRIC_PUSHES_UNANSWERED: pushes that were sent and not answered by a poll yet
 * @DOOR_METRIC_PUSH_OLDEST: how long the oldest push waits to be sent, seconds
 * @DOOR_METRIC_CONFIG_RELOADED: whether the last start or reload of the configuration succeeded
 * @DOOR_METRIC_CONFIG_TIME: when one last succeeded, seconds since 1970
 * @DOOR_METRIC_START_TIME: when the process began to serve, seconds since 1970
 * @DOOR_N_METRICS: how many there are
 *
 * What is counted, one number each. What has to do with the database is counted when it is committed.
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
  DOOR_METRIC_LIMIT_AGENTS,
  DOOR_METRIC_LIMIT_PASSWORDS,
  DOOR_METRIC_PASSWORDS,
  DOOR_METRIC_CONNECTIONS,
  DOOR_METRIC_QUEUED_WORKER,
  DOOR_METRIC_QUEUED_CRYPTO,
  DOOR_METRIC_QUEUED_WAITING,
  DOOR_METRIC_ENROLLMENTS_BEGUN,
  DOOR_METRIC_ENROLLMENTS_ACTIVE,
  DOOR_METRIC_ENROLLMENTS_CHECKED_OUT,
  DOOR_METRIC_ENROLLMENTS_REPLACED,
  DOOR_METRIC_RENEWALS_ASKED,
  DOOR_METRIC_CHECK_IN_AUTHENTICATE,
  DOOR_METRIC_CHECK_IN_TOKEN_UPDATE,
  DOOR_METRIC_CHECK_IN_CHECK_OUT,
  DOOR_METRIC_CHECK_IN_USER_AUTHENTICATE,
  DOOR_METRIC_CHECK_IN_SET_BOOTSTRAP_TOKEN,
  DOOR_METRIC_CHECK_IN_GET_BOOTSTRAP_TOKEN,
  DOOR_METRIC_CHECK_IN_GET_TOKEN,
  DOOR_METRIC_CHECK_IN_DECLARATIVE_MANAGEMENT,
  DOOR_METRIC_REPORT_IDLE,
  DOOR_METRIC_REPORT_ACKNOWLEDGED,
  DOOR_METRIC_REPORT_ERROR,
  DOOR_METRIC_REPORT_FORMAT_ERROR,
  DOOR_METRIC_REPORT_NOT_NOW,
  DOOR_METRIC_PUSHES_SENT,
  DOOR_METRIC_PUSHES_WAITING,
  DOOR_METRIC_PUSHES_STOPPED,
  DOOR_METRIC_PUSHES_UNANSWERED,
  DOOR_METRIC_PUSH_OLDEST,
  DOOR_METRIC_CONFIG_RELOADED,
  DOOR_METRIC_CONFIG_TIME,
  DOOR_METRIC_START_TIME,
  DOOR_N_METRICS,
} DoorMetric;

#define DOOR_METRIC_LABELS 3

/**
 * DoorMetricFamily:
 * @DOOR_METRIC_FAMILY_SIGN_INS: sign-ins that ended; provider, outcome, fault
 * @DOOR_METRIC_FAMILY_CHECK_INS_REFUSED: messages of devices that were refused; fault
 * @DOOR_METRIC_FAMILY_SCEP: certificate requests that were answered; outcome, fault
 * @DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY: end of a certificate; certificate, provider, key
 * @DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL: end of the metadata of a provider; provider
 * @DOOR_METRIC_FAMILY_METADATA_REFRESHED: when the metadata of a provider was fetched last; provider
 * @DOOR_METRIC_FAMILY_METADATA_AGE: how old the metadata of a provider is; provider
 * @DOOR_METRIC_FAMILY_ADMIN_LOGINS: sign-ins of administrators that ended; result
 * @DOOR_METRIC_FAMILY_LIVENESS: questions to a provider whether a session is still good; provider, outcome
 * @DOOR_METRIC_FAMILY_DEP_SYNCS: rounds with a server of Apple Business Manager; server, outcome, fault
 * @DOOR_METRIC_FAMILY_DEP_TOKEN_EXPIRY: end of its token; server
 * @DOOR_METRIC_FAMILY_PUSHES_REFUSED: pushes that APNs did not take; reason
 * @DOOR_N_METRIC_FAMILIES: how many there are
 *
 * What there is a number of for each value of a few labels. The labels are names of the configuration and of
 * the catalogue of faults only: whoever sends something cannot make more of them.
 */
typedef enum
{
  DOOR_METRIC_FAMILY_SIGN_INS,
  DOOR_METRIC_FAMILY_CHECK_INS_REFUSED,
  DOOR_METRIC_FAMILY_SCEP,
  DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY,
  DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL,
  DOOR_METRIC_FAMILY_METADATA_REFRESHED,
  DOOR_METRIC_FAMILY_METADATA_AGE,
  DOOR_METRIC_FAMILY_ADMIN_LOGINS,
  DOOR_METRIC_FAMILY_LIVENESS,
  DOOR_METRIC_FAMILY_DEP_SYNCS,
  DOOR_METRIC_FAMILY_DEP_TOKEN_EXPIRY,
  DOOR_METRIC_FAMILY_PUSHES_REFUSED,
  DOOR_N_METRIC_FAMILIES,
} DoorMetricFamily;

/**
 * DoorMetricSample:
 * @family: what it is a number of
 * @labels: (nullable): values in the order of the family's labels, made of letters, digits, . and -; %NULL or
 *   empty: without that label
 * @value: the number
 *
 * One number of a family.
 */
typedef struct
{
  DoorMetricFamily family;
  const char *labels[DOOR_METRIC_LABELS];
  int64_t value;
} DoorMetricSample;

typedef struct _DoorMetrics DoorMetrics;

DoorMetrics *door_metrics_new (void);
DoorMetrics *door_metrics_ref (DoorMetrics *self);
void door_metrics_unref (DoorMetrics *self);
void door_metrics_add (DoorMetrics *self, DoorMetric metric, int64_t by);
void door_metrics_set (DoorMetrics *self, DoorMetric metric, int64_t value);
int64_t door_metrics_get (const DoorMetrics *self, DoorMetric metric);
void door_metrics_count (DoorMetrics *self, const DoorMetricSample *sample);
void door_metrics_note (DoorMetrics *self, const DoorMetricSample *sample);
int64_t door_metrics_lookup (DoorMetrics *self, const DoorMetricSample *sample);
void door_metrics_merge (DoorMetrics *self, DoorMetrics *from);
void door_metrics_print (DoorMetrics *self, GString *out);
void door_metrics_print_head (GString *out, const char *name, const char *type, const char *help);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMetrics, door_metrics_unref)
