/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-peer-trust.h"

#include <string.h>

#include <gio/gio.h>

#include "door-client-cert.h"
#include "door-error.h"
#include "door-forwarded.h"

/* longest chain of proxies that is followed */
#define MAX_HOPS 16
#define MAX_HOST_BYTES 261

struct _DoorPeerTrust
{
  DoorForwarded forwarded;
  GPtrArray *proxies; /* GInetAddressMask */
  char *certificate_header;
};

/* what only a proxy may say; a request of ours never carries them on */
static const char *const proxy_headers[] = {
  "Forwarded",         "X-Forwarded-For",    "X-Forwarded-Host",   "X-Forwarded-Port",
  "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-IP",
  "X-Request-Id",      "Client-Cert",        "Client-Cert-Chain",
};

static gboolean
fail (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s", reason);
  return FALSE;
}

static void
trust_clear (gpointer box)
{
  DoorPeerTrust *self = box;

  g_clear_pointer (&self->proxies, g_ptr_array_unref);
  g_free (self->certificate_header);
}

/**
 * door_peer_trust_new:
 * @forwarded: the form of the proxy's headers
 * @proxies: (nullable) (array zero-terminated=1): networks of trusted proxies, "10.0.0.0/8"
 * @certificate_header: (nullable): name of the header in which a proxy passes the client's certificate, as
 *   nginx's escaped PEM or as RFC 9440 has it
 * @error: return location for an error
 *
 * Says who is believed about a client. Immutable, may be used by any thread.
 *
 * Returns: (transfer full): the rules, or %NULL with %DOOR_ERROR_CONFIG when a network is malformed
 */
DoorPeerTrust *
door_peer_trust_new (DoorForwarded forwarded, const char *const *proxies, const char *certificate_header,
                     GError **error)
{
  g_autoptr (DoorPeerTrust) self = g_atomic_rc_box_new0 (DoorPeerTrust);

  self->forwarded = forwarded;
  self->proxies = g_ptr_array_new_with_free_func (g_object_unref);
  self->certificate_header = g_strdup (certificate_header);
  for (size_t i = 0; proxies != NULL && proxies[i] != NULL; i++)
    {
      g_autoptr (GError) reason = NULL;
      GInetAddressMask *mask = g_inet_address_mask_new_from_string (proxies[i], &reason);

      if (mask == NULL)
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "TrustedProxies: %s",
                          reason->message);
          return NULL;
        }
      g_ptr_array_add (self->proxies, mask);
    }
  return g_steal_pointer (&self);
}

/**
 * door_peer_trust_ref:
 * @self: rules
 *
 * Returns: (transfer full): @self
 */
DoorPeerTrust *
door_peer_trust_ref (DoorPeerTrust *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_peer_trust_unref:
 * @self: (transfer full): rules
 */
void
door_peer_trust_unref (DoorPeerTrust *self)
{
  g_atomic_rc_box_release_full (self, trust_clear);
}

static bool
is_trusted (DoorPeerTrust *self, GInetAddress *address)
{
  for (guint i = 0; i < self->proxies->len; i++)
    if (g_inet_address_mask_matches (self->proxies->pdata[i], address))
      return true;
  return false;
}

/**
 * door_peer_trust_dup_origin:
 * @self: rules
 * @address: the other end of a connection
 *
 * Says by what name to count connections of one origin: an IPv4 address, or the network of an IPv6 address,
 * of which one client has more than can be counted.
 *
 * Returns: (transfer full) (nullable): the name, %NULL for a trusted proxy, which speaks for many
 */
char *
door_peer_trust_dup_origin (DoorPeerTrust *self, GInetAddress *address)
{
  g_autofree char *text = g_inet_address_to_string (address);
  g_autoptr (GInetAddress) plain = door_forwarded_parse_address (text);
  const guint8 *bytes;

  if (plain == NULL || is_trusted (self, plain))
    return NULL;
  bytes = g_inet_address_to_bytes (plain);
  if (g_inet_address_get_family (plain) == G_SOCKET_FAMILY_IPV4)
    return g_inet_address_to_string (plain);
  return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", bytes[0], bytes[1], bytes[2], bytes[3],
                          bytes[4], bytes[5], bytes[6], bytes[7]);
}

/* A host and its port as they may stand in Host (RFC 9110, 7.2): a name, an IPv4 or a bracketed IPv6
 * address. */
static bool
is_host (const char *host)
{
  size_t length = strlen (host), name;
  const char *port;

  if (length == 0 || length > MAX_HOST_BYTES)
    return false;
  if (host[0] == '[')
    {
      name = strspn (host + 1, "0123456789abcdefABCDEF:.") + 1;
      if (name == 1 || host[name++] != ']')
        return false;
    }
  else
    {
      name = strspn (host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");
      if (name == 0)
        return false;
    }
  if (host[name] == '\0')
    return true;
  port = host + name + 1;
  return host[name] == ':' && *port != '\0' && strlen (port) <= 5 &&
         port[strspn (port, "0123456789")] == '\0';
}

static bool
is_scheme (const char *scheme)
{
  return strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0;
}

/* Walks from the nearest hop outwards for as long as the one who named the next is trusted. */
static gboolean
follow (DoorPeerTrust *self, GPtrArray *hops, DoorForwardedHop *client, GError **error)
{
  const DoorForwardedHop *last = NULL;

  for (guint i = 0; i < hops->len && i < MAX_HOPS; i++)
    {
      const DoorForwardedHop *hop = hops->pdata[hops->len - 1 - i];

      if (hop->address == NULL)
        break;
      last = hop;
      if (!is_trusted (self, hop->address))
        break;
    }
  if (last == NULL)
    return fail (error, "the trusted proxy names no client address");
  client->address = g_object_ref (last->address);
  client->proto = g_strdup (last->proto);
  client->host = g_strdup (last->host);
  return TRUE;
}

static gboolean
read_forwarded (DoorPeerTrust *self, DoorHeaders *headers, DoorForwardedHop *client, GError **error)
{
  const char *text =
      door_headers_lookup (headers, self->forwarded == DOOR_FORWARDED_X ? "X-Forwarded-For" : "Forwarded");
  g_autoptr (GPtrArray) hops = NULL;

  if (self->forwarded == DOOR_FORWARDED_NONE || text == NULL)
    return TRUE;
  hops = self->forwarded == DOOR_FORWARDED_X ? door_forwarded_parse_x (text, error)
                                             : door_forwarded_parse (text, error);
  if (hops == NULL || !follow (self, hops, client, error))
    return FALSE;
  if (self->forwarded == DOOR_FORWARDED_X)
    {
      client->proto = g_strdup (door_headers_lookup (headers, "X-Forwarded-Proto"));
      client->host = g_strdup (door_headers_lookup (headers, "X-Forwarded-Host"));
    }
  if (client->proto != NULL && !is_scheme (client->proto))
    return fail (error, "the trusted proxy names an unknown protocol");
  return TRUE;
}

static gboolean
read_certificate (DoorPeerTrust *self, DoorHeaders *headers, GBytes **certificate, GError **error)
{
  const char *text =
      self->certificate_header == NULL ? NULL : door_headers_lookup (headers, self->certificate_header);

  if (text == NULL || *text == '\0')
    return TRUE;
  *certificate = door_client_cert_parse (text);
  return *certificate != NULL || fail (error, "the trusted proxy's client certificate cannot be read");
}

static DoorHeaders *
strip (DoorPeerTrust *self, DoorHeaders *headers)
{
  const char *names[G_N_ELEMENTS (proxy_headers) + 2];
  size_t n = 0;

  for (; n < G_N_ELEMENTS (proxy_headers); n++)
    names[n] = proxy_headers[n];
  if (self->certificate_header != NULL)
    names[n++] = self->certificate_header;
  names[n] = NULL;
  return door_headers_new_without (headers, names);
}

static gboolean
settle_host (const char *host, DoorPeer *peer, GError **error)
{
  if (host == NULL || !is_host (host))
    return fail (error, "the Host header is missing or malformed");
  peer->host = g_ascii_strdown (host, -1);
  return TRUE;
}

/**
 * door_peer_trust_resolve:
 * @self: rules
 * @direct: what the connection itself says
 * @headers: the request's headers
 * @peer: (out caller-allocates): whom we believe to have asked, to be cleared with door_peer_clear()
 * @error: return location for an error
 *
 * Reads the headers of a trusted proxy (X-Forwarded-*, RFC 7239, RFC 9440) and removes them from every
 * request, trusted or not. The client is the first address, from the nearest hop outwards, that is no
 * trusted proxy. A trusted proxy that sends something malformed is an error; from others it is ignored.
 * Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_peer_trust_resolve (DoorPeerTrust *self, const DoorDirectPeer *direct, DoorHeaders *headers,
                         DoorPeer *peer, GError **error)
{
  g_autoptr (GInetAddress) address =
      direct->address == NULL ? NULL : door_forwarded_parse_address (direct->address);
  g_auto (DoorForwardedHop) client = { NULL };
  g_auto (DoorPeer) result = { NULL };

  if (direct->is_proxy || (address != NULL && is_trusted (self, address)))
    {
      if (!read_forwarded (self, headers, &client, error) ||
          !read_certificate (self, headers, &result.certificate, error))
        return FALSE;
    }
  if (client.address == NULL && address != NULL)
    client.address = g_object_ref (address);
  result.address = client.address == NULL ? g_strdup ("local") : g_inet_address_to_string (client.address);
  result.scheme = g_strdup (client.proto != NULL ? client.proto : direct->scheme);
  if (!settle_host (client.host != NULL ? client.host : door_headers_lookup (headers, "Host"), &result,
                    error))
    return FALSE;
  result.headers = strip (self, headers);
  *peer = result;
  memset (&result, 0, sizeof result);
  return TRUE;
}

/**
 * door_peer_clear:
 * @peer: what door_peer_trust_resolve() filled in
 *
 * Frees what @peer holds, not @peer itself.
 */
void
door_peer_clear (DoorPeer *peer)
{
  g_clear_pointer (&peer->address, g_free);
  g_clear_pointer (&peer->scheme, g_free);
  g_clear_pointer (&peer->host, g_free);
  g_clear_pointer (&peer->certificate, g_bytes_unref);
  g_clear_pointer (&peer->headers, door_headers_unref);
}
