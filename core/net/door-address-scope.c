/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-address-scope.h"

#include <string.h>

typedef struct
{
  uint8_t bytes[16];
  unsigned int bits;
  DoorAddressScope scope;
} Range;

/* IANA, IPv4 Special-Purpose Address Registry (RFC 6890); what is in none of them is public. */
static const Range ipv4_ranges[] = {
  { { 0 }, 8, DOOR_ADDRESS_NEVER },
  { { 127 }, 8, DOOR_ADDRESS_LOOPBACK },
  { { 10 }, 8, DOOR_ADDRESS_PRIVATE },
  { { 100, 64 }, 10, DOOR_ADDRESS_PRIVATE },
  { { 169, 254 }, 16, DOOR_ADDRESS_PRIVATE },
  { { 172, 16 }, 12, DOOR_ADDRESS_PRIVATE },
  { { 192, 0, 0 }, 24, DOOR_ADDRESS_PRIVATE },
  { { 192, 0, 2 }, 24, DOOR_ADDRESS_PRIVATE },
  { { 192, 88, 99 }, 24, DOOR_ADDRESS_PRIVATE },
  { { 192, 168 }, 16, DOOR_ADDRESS_PRIVATE },
  { { 198, 18 }, 15, DOOR_ADDRESS_PRIVATE },
  { { 198, 51, 100 }, 24, DOOR_ADDRESS_PRIVATE },
  { { 203, 0, 113 }, 24, DOOR_ADDRESS_PRIVATE },
  { { 224 }, 4, DOOR_ADDRESS_NEVER },
  { { 255, 255, 255, 255 }, 32, DOOR_ADDRESS_NEVER },
  { { 240 }, 4, DOOR_ADDRESS_PRIVATE },
};

/* The same for IPv6, where only 2000::/3 is given out; the first that fits counts. */
static const Range ipv6_ranges[] = {
  { { 0 }, 128, DOOR_ADDRESS_NEVER },           { { [15] = 1 }, 128, DOOR_ADDRESS_LOOPBACK },
  { { 0xff }, 8, DOOR_ADDRESS_NEVER },          { { 0x20, 0x01, 0x0d, 0xb8 }, 32, DOOR_ADDRESS_PRIVATE },
  { { 0x20, 0x01 }, 23, DOOR_ADDRESS_PRIVATE }, { { 0x3f, 0xff }, 20, DOOR_ADDRESS_PRIVATE },
  { { 0x20 }, 3, DOOR_ADDRESS_PUBLIC },         { { 0 }, 0, DOOR_ADDRESS_PRIVATE },
};

/* Addresses that lead to an IPv4 address, and where that stands in them: IPv4-mapped (RFC 4291), NAT64
 * (RFC 6052), 6to4 (RFC 3056). */
static const struct
{
  Range range;
  size_t at;
} carriers[] = {
  { { { [10] = 0xff, [11] = 0xff }, 96, 0 }, 12 },
  { { { 0x00, 0x64, 0xff, 0x9b }, 96, 0 }, 12 },
  { { { 0x20, 0x02 }, 16, 0 }, 2 },
};

static bool
is_within (const uint8_t *bytes, const Range *range)
{
  size_t whole = range->bits / 8;
  unsigned int rest = range->bits % 8;

  if (memcmp (bytes, range->bytes, whole) != 0)
    return false;
  return rest == 0 || (bytes[whole] ^ range->bytes[whole]) >> (8 - rest) == 0;
}

static DoorAddressScope
find_ipv4 (const uint8_t *bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ipv4_ranges); i++)
    if (is_within (bytes, &ipv4_ranges[i]))
      return ipv4_ranges[i].scope;
  return DOOR_ADDRESS_PUBLIC;
}

static DoorAddressScope
find_ipv6 (const uint8_t *bytes)
{
  for (size_t i = 0; i < G_N_ELEMENTS (carriers); i++)
    if (is_within (bytes, &carriers[i].range))
      return find_ipv4 (bytes + carriers[i].at);
  for (size_t i = 0; i < G_N_ELEMENTS (ipv6_ranges); i++)
    if (is_within (bytes, &ipv6_ranges[i]))
      return ipv6_ranges[i].scope;
  return DOOR_ADDRESS_PRIVATE;
}

/**
 * door_address_scope_of:
 * @address: an address
 *
 * Tells how far an address reaches, by the registries of IANA. One that stands for an IPv4 address reaches
 * as far as that one. Pure; any thread.
 *
 * Returns: the scope
 */
DoorAddressScope
door_address_scope_of (GInetAddress *address)
{
  const uint8_t *bytes = g_inet_address_to_bytes (address);

  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? find_ipv4 (bytes) : find_ipv6 (bytes);
}
