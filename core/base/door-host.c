/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-host.h"

#include <arpa/inet.h>
#include <string.h>

#include <glib.h>

/**
 * door_host_is_this_machine:
 * @host: host of an address: a name, or an IP address without brackets and port
 *
 * What leaves for such a host never reaches a network, so plain HTTP gives nothing away: a loopback address,
 * localhost, or a name below it (RFC 6761, 6.3). Asks no resolver. Pure; any thread.
 *
 * Returns: whether @host is this machine
 */
bool
door_host_is_this_machine (const char *host)
{
  static const char domain[] = ".localhost";
  size_t length = strlen (host);
  struct in_addr v4;
  struct in6_addr v6;

  if (inet_pton (AF_INET, host, &v4) == 1)
    return ntohl (v4.s_addr) >> 24 == IN_LOOPBACKNET;
  if (inet_pton (AF_INET6, host, &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK (&v6);
  if (length >= sizeof domain)
    return g_ascii_strcasecmp (host + length - strlen (domain), domain) == 0;
  return g_ascii_strcasecmp (host, domain + 1) == 0;
}

/**
 * door_host_split_endpoint:
 * @endpoint: ADDRESS:PORT, where an IPv6 address stands in brackets
 * @host: (out) (transfer full): the address, without brackets; whether it is one is not looked at
 * @port: (out): the port
 *
 * Takes the address of a listener apart. Pure; any thread.
 *
 * Returns: whether @endpoint has this form
 */
bool
door_host_split_endpoint (const char *endpoint, char **host, uint16_t *port)
{
  const char *colon = strrchr (endpoint, ':');
  size_t length = colon != NULL ? (size_t) (colon - endpoint) : 0;
  bool brackets = length >= 2 && endpoint[0] == '[' && endpoint[length - 1] == ']';
  guint64 number;

  /* what has colons has brackets, or nobody knew where the port begins */
  if (length == 0 || brackets != (memchr (endpoint, ':', length) != NULL) ||
      !g_ascii_string_to_unsigned (colon + 1, 10, 0, UINT16_MAX, &number, NULL))
    return false;
  *host = g_strndup (endpoint + brackets, length - 2 * brackets);
  *port = (uint16_t) number;
  return true;
}

/**
 * door_host_of_endpoint_is_this_machine:
 * @endpoint: ADDRESS:PORT, where an IPv6 address stands in brackets
 *
 * The same for the address of a listener. Pure; any thread.
 *
 * Returns: whether only this machine reaches it
 */
bool
door_host_of_endpoint_is_this_machine (const char *endpoint)
{
  g_autofree char *host = NULL;
  uint16_t port;

  return door_host_split_endpoint (endpoint, &host, &port) && door_host_is_this_machine (host);
}
