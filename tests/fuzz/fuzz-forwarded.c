/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-headers.h"
#include "door-peer-trust.h"
#include "door-request.h"

static void
resolve (DoorForwarded form, const char *name, const char *value)
{
  const char *const pairs[] = { "Host", "a.example", name, value, NULL };
  const char *const proxies[] = { "10.0.0.0/8", NULL };
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (form, proxies, "Client-Cert", NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_auto (DoorPeer) peer = { NULL };

  if (headers == NULL || !door_peer_trust_resolve (trust, &direct, headers, &peer, NULL))
    return;
  g_assert_true (strcmp (peer.scheme, "http") == 0 || strcmp (peer.scheme, "https") == 0);
  g_assert_true (strcmp (peer.address, "local") == 0 || g_hostname_is_ip_address (peer.address));
  g_assert_null (door_headers_lookup (peer.headers, name));
}

/* everything that stands between a proxy's header, or a request line, and a handler */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  DoorRequestParts parts = { .method = "GET", .target = text };
  g_autoptr (DoorRequest) request = door_request_new (&parts, NULL);

  if (request != NULL)
    {
      g_assert_true (g_utf8_validate (door_request_get_path (request), -1, NULL));
      g_assert_null (strstr (door_request_get_path (request), "/../"));
    }
  resolve (DOOR_FORWARDED_X, "X-Forwarded-For", text);
  resolve (DOOR_FORWARDED_RFC7239, "Forwarded", text);
  resolve (DOOR_FORWARDED_NONE, "Client-Cert", text);
  return 0;
}
