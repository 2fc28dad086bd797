/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-error.h"

/* As much as door_dep_profile_check() takes; policy does not see the parsers of device assignment. */
#define MAX_PROFILE_BYTES (256 * 1024)
#define DEFAULT_INTERVAL_MS (15 * 60 * INT64_C (1000))

/* Families as Apple writes them, and the keys that are for them. */
static const struct
{
  const char *family;
  const char *key;
} keys[] = {
  { "Mac", "DefaultTeamMac" },   { "iPhone", "DefaultTeamIPhone" }, { "iPad", "DefaultTeamIPad" },
  { "iPod", "DefaultTeamIPod" }, { "Vision", "DefaultTeamVision" },
};

/**
 * door_dep_rules_new:
 * @name: name of the server
 * @settings: (nullable): its group, %NULL when there is none
 *
 * Returns: (transfer full): its rules
 */
DoorDepRules *
door_dep_rules_new (const char *name, const DoorSettings *settings)
{
  DoorDepRules *self = g_new0 (DoorDepRules, 1);

  self->name = g_strdup (name);
  self->usable = true;
  self->sync_interval_ms = DEFAULT_INTERVAL_MS;
  if (settings == NULL)
    return self;
  self->settings = door_settings_ref ((DoorSettings *) settings);
  self->sync_interval_ms = door_settings_get_duration_s (settings, "SyncInterval") * 1000;
  self->profile_path = g_strdup (door_settings_get_string (settings, "Profile"));
  self->server_url = g_strdup (door_settings_get_string (settings, "Server"));
  self->service_discovery = door_settings_get_boolean (settings, "ServiceDiscovery");
  return self;
}

/**
 * door_dep_rules_free:
 * @self: (transfer full): rules
 */
void
door_dep_rules_free (DoorDepRules *self)
{
  g_free (self->name);
  g_free (self->profile_path);
  g_free (self->server_url);
  g_clear_pointer (&self->settings, door_settings_unref);
  g_free (self);
}

static GBytes *
read_profile (int fd, const char *path, GError **error)
{
  size_t size = 0, room = MAX_PROFILE_BYTES + 1;
  g_autofree char *buffer = g_malloc (room);
  struct stat st;
  ssize_t n = 0;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_PROFILE, "%s is not a regular file", path);
      return NULL;
    }
  while (size < room && ((n = read (fd, buffer + size, room - size)) > 0 || (n < 0 && errno == EINTR)))
    size += n > 0 ? (size_t) n : 0;
  if (n >= 0 && size < room)
    return g_bytes_new (buffer, size);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_PROFILE, "%s %s", path,
                  n < 0 ? "cannot be read" : "is larger than 256 KiB");
  return NULL;
}

/**
 * door_dep_rules_read_profile:
 * @path: what `Profile` of an `[ade/NAME]` names; a symbolic link is followed
 * @error: return location for an error
 *
 * Reads what an administrator wants in profiles, from a regular file of at most 256 KiB; a larger one is
 * refused without being read to its end. door_dep_profile_check() judges what it says. Blocks on the file
 * system.
 *
 * Returns: (transfer full): the file, or %NULL with %DOOR_ERROR_CONFIG and %DOOR_FAULT_DEP_PROFILE
 */
GBytes *
door_dep_rules_read_profile (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  int code = errno;
  GBytes *profile;

  if (fd < 0)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_PROFILE, "%s cannot be opened: %s", path,
                      g_strerror (code));
      return NULL;
    }
  profile = read_profile (fd, path, error);
  (void) close (fd);
  return profile;
}

/**
 * door_dep_rules_choose_team:
 * @self: rules
 * @family: device family as Apple writes it: "Mac"
 *
 * Returns: (transfer none): the team that devices of the family get if nobody says otherwise, "" for none
 */
const char *
door_dep_rules_choose_team (const DoorDepRules *self, const char *family)
{
  const char *team = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (keys) && self->settings != NULL; i++)
    if (strcmp (keys[i].family, family) == 0)
      team = door_settings_get_string (self->settings, keys[i].key);
  if (team == NULL && self->settings != NULL)
    team = door_settings_get_string (self->settings, "DefaultTeam");
  return team != NULL ? team : "";
}
