/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-notify.h"

#include <string.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

#include "door-text.h"

#define MAX_STATUS_BYTES 500

/**
 * door_notify:
 * @state: "READY=1", "STOPPING=1" …
 *
 * Tells the service manager how far the server is (sd_notify(3)); without one, does nothing. Never blocks
 * for long: a datagram to a local socket.
 */
void
door_notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || *path == '\0')
    return;
  address = path[0] == '@'
                ? g_unix_socket_address_new_with_type (path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT)
                : g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  if (socket == NULL || g_socket_send_to (socket, address, state, strlen (state), NULL, &error) < 0)
    g_warning ("the service manager could not be told %s: %s", state, error->message);
}

/**
 * door_notify_status:
 * @state: "READY=1" …
 * @status: one line for people, shown by `systemctl status`
 *
 * As door_notify(), with words.
 */
void
door_notify_status (const char *state, const char *status)
{
  g_autofree char *line = door_text_dup_line (status, MAX_STATUS_BYTES);
  g_autofree char *both = g_strdup_printf ("%s\nSTATUS=%s", state, line);

  door_notify (both);
}

/**
 * door_notify_reloading:
 *
 * Tells the service manager that a reload begins; door_notify() with "READY=1" ends it.
 */
void
door_notify_reloading (void)
{
  g_autofree char *state =
      g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());

  door_notify (state);
}
