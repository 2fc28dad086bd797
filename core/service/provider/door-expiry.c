/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-expiry.h"

#include "door-connection.h"
#include "door-log.h"
#include "door-push-certificate.h"

#define DAY_MS (INT64_C (24) * 60 * 60 * 1000)
#define SOON_MS (30 * DAY_MS)

/* When what an identity provider signs with and says about itself comes to its end; 0: it does not say. */
typedef struct
{
  int64_t earliest_key_ms;
  int64_t latest_key_ms;
  int64_t valid_until_ms;
} Ends;

static void
put (DoorMetrics *into, const char *certificate, const char *idp, const char *key, int64_t ends_ms)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY,
                                    { certificate, idp, key },
                                    ends_ms / 1000 };

  door_metrics_note (into, &sample);
}

static void
put_for (DoorMetrics *into, DoorMetricFamily family, const char *idp, int64_t value)
{
  const DoorMetricSample sample = { family, { idp }, value };

  door_metrics_note (into, &sample);
}

/* A profile is trusted as long as all of the chain is. */
static int64_t
get_profile_signer_end_ms (const DoorContext *context)
{
  const GPtrArray *chain = door_cms_signer_get_chain (context->profile_signer);
  int64_t ends_ms = INT64_MAX;

  for (guint i = 0; i < chain->len; i++)
    ends_ms = MIN (ends_ms, door_certificate_get_not_after_ms (g_ptr_array_index (chain, i)));
  return ends_ms;
}

static int64_t
get_authority_end_ms (const DoorContext *context)
{
  return door_certificate_get_not_after_ms (door_certificate_authority_get_certificate (context->authority));
}

/* Any of its keys may sign. A provider adds the next one before the one in use ends, so what matters is that
 * the latest is far away; the earliest tells when a change is near. */
static bool
find_ends (DoorConnection *connection, Ends *out)
{
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_metadata (connection, NULL); /* none: no dates */
  g_autoptr (GPtrArray) keys = metadata != NULL ? door_saml_metadata_list_keys (metadata) : NULL;

  if (keys == NULL || keys->len == 0)
    return false;
  *out = (Ends){ .earliest_key_ms = INT64_MAX,
                 .valid_until_ms = door_saml_metadata_get_valid_until_ms (metadata) };
  for (guint i = 0; i < keys->len; i++)
    {
      const DoorSamlKeyInfo *key = g_ptr_array_index (keys, i);

      out->earliest_key_ms = MIN (out->earliest_key_ms, key->not_after_ms);
      out->latest_key_ms = MAX (out->latest_key_ms, key->not_after_ms);
    }
  return true;
}

static void
collect_provider (const DoorContext *context, DoorConnection *connection, DoorMetrics *into)
{
  const char *name = door_connection_get_name (connection);
  int64_t fetched_ms = door_connection_get_fetched_ms (connection);
  Ends ends;

  if (!find_ends (connection, &ends))
    return;
  put (into, "idp-signing", name, "earliest", ends.earliest_key_ms);
  put (into, "idp-signing", name, "latest", ends.latest_key_ms);
  if (ends.valid_until_ms != 0)
    put_for (into, DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL, name, ends.valid_until_ms / 1000);
  if (fetched_ms == 0)
    return;
  put_for (into, DOOR_METRIC_FAMILY_METADATA_REFRESHED, name, fetched_ms / 1000);
  put_for (into, DOOR_METRIC_FAMILY_METADATA_AGE, name,
           MAX (door_clock_now_ms (context->clock) - fetched_ms, 0) / 1000);
}

/**
 * door_expiry_collect:
 * @context: what every service needs
 * @into: where to
 *
 * Says when what the server signs and believes by comes to its end. The database is not asked. Any thread.
 */
void
door_expiry_collect (const DoorContext *context, DoorMetrics *into)
{
  put (into, "scep-authority", NULL, NULL, get_authority_end_ms (context));
  put (into, "profile-signing", NULL, NULL, get_profile_signer_end_ms (context));
  for (guint i = 0; context->push_certificates != NULL && i < context->push_certificates->len; i++)
    put (into, "push", NULL,
         door_push_certificate_get_topic (g_ptr_array_index (context->push_certificates, i)),
         door_push_certificate_get_not_after_ms (g_ptr_array_index (context->push_certificates, i)));
  for (guint i = 0; i < context->connections->len; i++)
    collect_provider (context, g_ptr_array_index (context->connections, i), into);
}

static void
warn_of (const DoorContext *context, const char *idp, const char *what, int64_t ends_ms)
{
  int64_t left_ms = ends_ms - door_clock_now_ms (context->clock);
  g_autofree char *date = NULL, *message = NULL;

  if (left_ms >= SOON_MS)
    return;
  date = door_clock_format_iso8601 (ends_ms);
  message = g_strdup_printf ("%s%s%s %s on %s; run doorctl doctor", *idp != '\0' ? "idp/" : "", idp, what,
                             left_ms > 0 ? "ends" : "ended", date);
  door_log_event (G_LOG_LEVEL_WARNING, "expiry", message, "DOORWARD_IDP", idp, NULL);
}

/**
 * door_expiry_warn:
 * @context: what every service needs
 *
 * Writes into the log what ends within thirty days, or has ended. The database is not asked. Any thread.
 */
void
door_expiry_warn (const DoorContext *context)
{
  warn_of (context, "", "the SCEP authority", get_authority_end_ms (context));
  warn_of (context, "", "the certificate that signs profiles", get_profile_signer_end_ms (context));
  for (guint i = 0; context->push_certificates != NULL && i < context->push_certificates->len; i++)
    warn_of (context, "", "the push certificate",
             door_push_certificate_get_not_after_ms (g_ptr_array_index (context->push_certificates, i)));
  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);
      const char *name = door_connection_get_name (connection);
      Ends ends;

      if (!find_ends (connection, &ends))
        continue;
      warn_of (context, name, ": the last signing certificate", ends.latest_key_ms);
      if (ends.valid_until_ms != 0)
        warn_of (context, name, ": the metadata (validUntil)", ends.valid_until_ms);
    }
}

/**
 * door_expiry_warn_of_dep_token:
 * @context: what every service needs
 * @server: a server of Apple Business Manager, as it was before this round
 * @now_ms: milliseconds since 1970, UTC
 *
 * Writes into the log that its token ends within thirty days, or has ended: once on each day. Any thread.
 */
void
door_expiry_warn_of_dep_token (const DoorContext *context, const DoorDepServer *server, int64_t now_ms)
{
  g_autofree char *what = g_strdup_printf ("dep/%s: the server token", server->name);

  if (server->synced_at / DAY_MS != now_ms / DAY_MS)
    warn_of (context, "", what, server->token_expires_at);
}
