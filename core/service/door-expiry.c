/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-expiry.h"

#include "door-connection.h"

static void
put (DoorMetrics *into, const char *certificate, const char *idp, const char *key, int64_t ends_ms)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY,
                                    { certificate, idp, key },
                                    ends_ms / 1000 };

  door_metrics_note (into, &sample);
}

/* A profile is trusted as long as all of the chain is. */
static void
collect_profile_signer (const DoorContext *context, DoorMetrics *into)
{
  const GPtrArray *chain = door_cms_signer_get_chain (context->profile_signer);
  int64_t ends_ms = INT64_MAX;

  for (guint i = 0; i < chain->len; i++)
    ends_ms = MIN (ends_ms, door_certificate_get_not_after_ms (g_ptr_array_index (chain, i)));
  put (into, "profile-signing", NULL, NULL, ends_ms);
}

/* Any of its keys may sign. A provider adds the next one before the one in use ends, so what matters is that
 * the latest is far away; the earliest tells when a change is near. */
static void
collect_provider (DoorConnection *connection, DoorMetrics *into)
{
  const char *name = door_connection_get_name (connection);
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_metadata (connection, NULL); /* none: no dates */
  g_autoptr (GPtrArray) keys = metadata != NULL ? door_saml_metadata_list_keys (metadata) : NULL;
  int64_t earliest_ms = INT64_MAX, latest_ms = 0, valid_until_ms, fetched_ms;

  if (keys == NULL || keys->len == 0)
    return;
  for (guint i = 0; i < keys->len; i++)
    {
      const DoorSamlKeyInfo *key = g_ptr_array_index (keys, i);

      earliest_ms = MIN (earliest_ms, key->not_after_ms);
      latest_ms = MAX (latest_ms, key->not_after_ms);
    }
  put (into, "idp-signing", name, "earliest", earliest_ms);
  put (into, "idp-signing", name, "latest", latest_ms);
  valid_until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  if (valid_until_ms != 0)
    door_metrics_note (into, &(DoorMetricSample){
                                 DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL, { name }, valid_until_ms / 1000 });
  fetched_ms = door_connection_get_fetched_ms (connection);
  if (fetched_ms != 0)
    door_metrics_note (
        into, &(DoorMetricSample){ DOOR_METRIC_FAMILY_METADATA_REFRESHED, { name }, fetched_ms / 1000 });
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
  const DoorCertificate *authority = door_certificate_authority_get_certificate (context->authority);

  put (into, "scep-authority", NULL, NULL, door_certificate_get_not_after_ms (authority));
  collect_profile_signer (context, into);
  for (guint i = 0; i < context->connections->len; i++)
    collect_provider (g_ptr_array_index (context->connections, i), into);
}
