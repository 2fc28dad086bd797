/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>

#include "door-ctl-check.h"
#include "door-ctl-output.h"

#define DAY_MS (INT64_C (24) * 60 * 60 * 1000)
#define SOON_MS (30 * DAY_MS)

static void
note_end (DoorCtlFindings *found, const char *what, int64_t ends_ms, int64_t now_ms, const char *advice)
{
  g_autofree char *date = NULL;
  int64_t days = (ends_ms - now_ms) / DAY_MS;

  if (ends_ms - now_ms >= SOON_MS)
    return;
  date = door_ctl_output_dup_day (ends_ms);
  if (ends_ms <= now_ms)
    door_ctl_findings_note (found, "%s ended on %s; %s", what, date, advice);
  else
    door_ctl_findings_note (found, "%s ends on %s, in %" G_GINT64_FORMAT " day%s; %s", what, date, days,
                            days == 1 ? "" : "s", advice);
}

/**
 * door_ctl_get_file_end_ms:
 * @path: a file with a certificate and maybe its chain, PEM
 *
 * Blocks on the file system.
 *
 * Returns: when the first of them ends, milliseconds since 1970, UTC; 0 when it cannot be read
 */
int64_t
door_ctl_get_file_end_ms (const char *path)
{
  /* why it cannot be read is told elsewhere */
  g_autolist (GTlsCertificate) chain = g_tls_certificate_list_new_from_file (path, NULL);
  int64_t ends_ms = INT64_MAX;

  for (const GList *one = chain; one != NULL; one = one->next)
    {
      g_autoptr (GDateTime) end = g_tls_certificate_get_not_valid_after (one->data);

      if (end != NULL)
        ends_ms = MIN (ends_ms, g_date_time_to_unix (end) * 1000);
    }
  return chain != NULL ? ends_ms : 0;
}

static void
note_file (DoorCtlFindings *found, const char *key, const char *path, int64_t now_ms, const char *advice)
{
  g_autofree char *what = g_strdup_printf ("%s: %s", key, path);
  int64_t ends_ms = door_ctl_get_file_end_ms (path);

  if (ends_ms != 0)
    note_end (found, what, ends_ms, now_ms, advice);
}

/**
 * door_ctl_note_expiry:
 * @found: where to put what is worth knowing
 * @world: the configuration of this system
 * @site: the system
 *
 * Names the server's own certificates that end soon. Blocks on the file system.
 */
void
door_ctl_note_expiry (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site)
{
  DoorSettings *listen = door_config_get_settings (world->config, "listen");
  DoorSettings *apple = door_config_get_settings (world->config, "apple");
  DoorSettings *scep = door_config_get_settings (world->config, "scep");
  const char *tls = listen != NULL ? door_settings_get_string (listen, "TlsCertificate") : NULL;
  const char *signer = apple != NULL ? door_settings_get_string (apple, "SigningCertificate") : NULL;
  const char *push = apple != NULL ? door_settings_get_string (apple, "PushCertificate") : NULL;
  const char *named = scep != NULL ? door_settings_get_string (scep, "CaCertificate") : NULL;
  g_autofree char *own = g_build_filename (site->state_folder, "scep-ca.pem", NULL);

  if (tls != NULL)
    note_file (found, "[listen] TlsCertificate", tls, site->now_ms,
               "put a new one there, the server reads it by itself");
  if (signer != NULL)
    note_file (found, "[apple] SigningCertificate", signer, site->now_ms,
               "put a new one there and its key where SigningKey says, then run doorctl config reload");
  if (push != NULL)
    note_file (found, "[apple] PushCertificate", push, site->now_ms,
               "renew it at identity.apple.com/pushcert with the Apple ID that made it");
  note_file (found, "[scep] CaCertificate", named != NULL ? named : own, site->now_ms,
             "no certificate it issues is good for longer, and then all devices enroll again");
}

/**
 * door_ctl_note_provider:
 * @found: where to put what is worth knowing
 * @connection: an identity provider whose files have been read
 * @now_ms: milliseconds since 1970, UTC
 *
 * Says when keys and metadata of a provider that lie in files end soon: nobody but the administrator renews
 * them.
 */
void
door_ctl_note_provider (DoorCtlFindings *found, DoorConnection *connection, int64_t now_ms)
{
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL); /* it is fetched */
  g_autoptr (GPtrArray) keys = metadata != NULL ? door_saml_metadata_list_keys (metadata) : NULL;
  g_autofree char *key = NULL, *whole = NULL;
  int64_t until_ms = metadata != NULL ? door_saml_metadata_get_valid_until_ms (metadata) : 0, latest_ms = 0;

  if (keys == NULL)
    return;
  for (guint i = 0; i < keys->len; i++)
    latest_ms = MAX (latest_ms, ((const DoorSamlKeyInfo *) g_ptr_array_index (keys, i))->not_after_ms);
  key = g_strdup_printf ("[idp/%s] the last signing certificate", door_connection_get_name (connection));
  note_end (found, key, latest_ms, now_ms,
            "sign-ins go on until the provider signs with another one; have that here before");
  whole = g_strdup_printf ("[idp/%s] MetadataFile (validUntil)", door_connection_get_name (connection));
  if (until_ms != 0)
    note_end (found, whole, until_ms, now_ms, "nobody can sign in there afterwards; get the file anew");
}
