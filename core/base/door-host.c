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
