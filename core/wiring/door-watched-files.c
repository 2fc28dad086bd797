/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-connection.h"
#include "door-daemon-private.h"
#include "door-listen.h"

/* A certificate and its key are written one after the other. */
#define SETTLE_MS 500

static void
add_path (GStrvBuilder *paths, const char *path)
{
  if (path != NULL)
    g_strv_builder_add (paths, path);
}

/* A credential is copied when the service starts and does not change. */
static const char *
path_of_reference (const char *reference)
{
  return reference != NULL && g_str_has_prefix (reference, "file:") ? reference + strlen ("file:") : NULL;
}

static char **
list_paths (const DoorGeneration *generation)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();
  const DoorConfig *config = generation->config;
  const GPtrArray *connections = generation->context.connections;

  if (door_listen_is_direct (door_config_get_settings (config, "listen")))
    {
      add_path (paths, door_config_lookup_text (config, "listen", "TlsCertificate"));
      add_path (paths, path_of_reference (door_config_lookup_text (config, "listen", "TlsKey")));
    }
  for (guint i = 0; i < connections->len; i++)
    {
      const DoorIdpProfile *profile = door_connection_get_profile (g_ptr_array_index (connections, i));
      const char *const *certificates = door_idp_profile_get_certificate_files (profile);

      add_path (paths, door_idp_profile_get_metadata_file (profile));
      for (size_t j = 0; certificates[j] != NULL; j++)
        add_path (paths, certificates[j]);
    }
  return g_strv_builder_end (paths);
}

static void
read_certificate (DoorDaemon *self, const DoorConfig *config)
{
  const DoorSettings *started = door_config_get_settings (door_setup_get_config (self->setup), "listen");
  const DoorSettings *listen = door_config_get_settings (config, "listen");
  g_autoptr (GTlsCertificate) fresh = NULL;
  g_autoptr (GError) error = NULL;

  if (!door_listen_is_direct (started) || !door_listen_is_direct (listen))
    return;
  fresh = door_listen_load_certificate (listen, &error);
  if (fresh == NULL)
    {
      g_warning ("%s; the certificate before stays in force", error->message);
      return;
    }
  if (self->certificate != NULL && g_tls_certificate_is_same (fresh, self->certificate))
    return;
  door_http_engine_set_certificate (self->engine, fresh);
  g_set_object (&self->certificate, fresh);
  g_message ("TLS certificate read from %s", door_settings_get_string (listen, "TlsCertificate"));
}

static void
read_metadata (DoorDaemon *self, const GPtrArray *connections)
{
  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);
      g_autoptr (GError) error = NULL;

      if (door_connection_get_source (connection) != NULL)
        continue;
      if (door_connection_load (connection, self->development, &error))
        g_message ("idp/%s: metadata read from its files", door_connection_get_name (connection));
      else
        g_warning ("%s; what was read before stays in force", error->message);
    }
}

/* in the thread of the chores */
static void
read_files (gpointer data)
{
  DoorDaemon *self = data;
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);

  read_certificate (self, generation->config);
  read_metadata (self, generation->context.connections);
}

static void
changed_cb (gpointer data)
{
  DoorDaemon *self = data;

  if (!door_job_pool_push (self->chores, read_files, self))
    g_warning ("too much to do at once: changed files are not read, reload to read them");
}

/**
 * door_daemon_watch:
 * @self: a daemon
 *
 * Watches the files that the configuration in force names, so that a new certificate or new metadata needs no
 * reload. What is wrong is logged, and what was read before stays. Main loop only.
 */
void
door_daemon_watch (DoorDaemon *self)
{
  g_autoptr (DoorGeneration) generation = door_generations_pin (self->generations);
  g_auto (GStrv) paths = list_paths (generation);

  if (self->watch == NULL)
    self->watch = door_watch_new (SETTLE_MS, changed_cb, self);
  door_watch_set_files (self->watch, (const char *const *) paths);
}
