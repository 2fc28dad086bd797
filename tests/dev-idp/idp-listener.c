/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-listener.h"

#include <string.h>

#define PORT_TRIES 20

static bool
parse (const char *text, GInetAddress **address, uint16_t *port, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, (size_t) (colon - text)) : NULL;
  g_autoptr (GInetAddress) parsed = NULL;
  uint64_t number = 0;

  if (host == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 0, UINT16_MAX, &number, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--listen %s: want ADDRESS:PORT", text);
      return false;
    }
  if (host[0] == '[' && g_str_has_suffix (host, "]"))
    {
      memmove (host, host + 1, strlen (host));
      host[strlen (host) - 1] = '\0';
    }
  parsed = g_inet_address_new_from_string (g_str_equal (host, "localhost") ? "127.0.0.1" : host);
  if (parsed == NULL || !g_inet_address_get_is_loopback (parsed))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--listen %s: not a loopback address, and this program protects nothing", text);
      return false;
    }
  *address = g_steal_pointer (&parsed);
  *port = (uint16_t) number;
  return true;
}

static GSocket *
open_socket (GInetAddress *address, uint16_t port, GError **error)
{
  g_autoptr (GSocketAddress) where = g_inet_socket_address_new (address, port);
  g_autoptr (GSocket) socket =
      g_socket_new (g_inet_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL || !g_socket_bind (socket, where, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static uint16_t
get_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return address != NULL ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)) : 0;
}

/* GLib resolves idp.localhost to ::1, other resolvers to 127.0.0.1, so both families answer on one port. When
 * the system chose the port it may be taken in the other family: try another one then. */
static bool
open_pair (GInetAddress *address, uint16_t port, GSocket *sockets[2], GError **error)
{
  g_autoptr (GInetAddress) other = g_inet_address_new_loopback (
      g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? G_SOCKET_FAMILY_IPV6
                                                                  : G_SOCKET_FAMILY_IPV4);

  for (int i = 0; i < PORT_TRIES; i++)
    {
      g_autoptr (GError) other_error = NULL;
      g_autoptr (GSocket) first = open_socket (address, port, error);
      g_autoptr (GSocket) second = NULL;

      if (first == NULL)
        return false;
      second = open_socket (other, get_port (first), &other_error);
      if (second == NULL && g_error_matches (other_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE) && port == 0)
        continue;
      if (second == NULL)
        g_warning ("listening in one address family only: %s", other_error->message);
      sockets[0] = g_steal_pointer (&first);
      sockets[1] = g_steal_pointer (&second);
      return true;
    }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                       "no port is free in both address families");
  return false;
}

static bool
add (SoupServer *soup, const char *text, uint16_t *port, GError **error)
{
  g_autoptr (GInetAddress) address = NULL;
  GSocket *sockets[2] = { NULL, NULL };
  bool added = true;

  if (!parse (text, &address, port, error) || !open_pair (address, *port, sockets, error))
    return false;
  *port = get_port (sockets[0]);
  for (size_t i = 0; i < G_N_ELEMENTS (sockets); i++)
    {
      if (added && sockets[i] != NULL)
        added = soup_server_listen_socket (soup, sockets[i], SOUP_SERVER_LISTEN_HTTPS, error);
      g_clear_object (&sockets[i]);
    }
  return added;
}

/**
 * idp_listener_add_all:
 * @soup: a server with a TLS certificate
 * @addresses: (array zero-terminated=1): loopback addresses with port; port 0 lets the system choose
 * @first_port: (out): the port of the first address
 * @error: return location for an error
 *
 * Listens on each port in both address families, for HTTPS. Anything but loopback is refused. Blocks briefly.
 *
 * Returns: whether it worked, else @error is %G_OPTION_ERROR_BAD_VALUE or a GIO error
 */
bool
idp_listener_add_all (SoupServer *soup, const char *const *addresses, uint16_t *first_port, GError **error)
{
  for (size_t i = 0; addresses[i] != NULL; i++)
    {
      uint16_t port = 0;

      if (!add (soup, addresses[i], &port, error))
        return false;
      if (i == 0)
        *first_port = port;
    }
  return true;
}
