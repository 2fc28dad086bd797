/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-peer-trust.h"

#include <string.h>

typedef struct
{
  DoorForwarded forwarded;
  const char *direct; /* NULL: our unix socket */
  const char *name, *value;
  const char *address, *scheme, *host; /* address NULL: refused */
} Case;

static const char *const proxies[] = { "10.0.0.0/8", "192.0.2.7", "2001:db8::/32", NULL };

static const Case cases[] = {
  /* not trusted: nothing is believed */
  { DOOR_FORWARDED_X, "198.51.100.1", "X-Forwarded-For", "9.9.9.9", "198.51.100.1", "http", "a.example" },
  { DOOR_FORWARDED_X, "192.0.2.8", "X-Forwarded-For", "nonsense", "192.0.2.8", "http", "a.example" },
  { DOOR_FORWARDED_X, "198.51.100.1", "X-Forwarded-Proto", "https", "198.51.100.1", "http", "a.example" },
  { DOOR_FORWARDED_X, "198.51.100.1", "X-Forwarded-Host", "evil.example", "198.51.100.1", "http",
    "a.example" },
  { DOOR_FORWARDED_RFC7239, "198.51.100.1", "Forwarded", "for=9.9.9.9;proto=https", "198.51.100.1", "http",
    "a.example" },
  /* trusted, but not configured */
  { DOOR_FORWARDED_NONE, NULL, "X-Forwarded-For", "9.9.9.9", "local", "http", "a.example" },
  { DOOR_FORWARDED_NONE, "10.1.1.1", "Forwarded", "for=9.9.9.9", "10.1.1.1", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "Forwarded", "for=9.9.9.9", "local", "http", "a.example" },
  /* X-Forwarded-For from the right */
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "203.0.113.5", "203.0.113.5", "http", "a.example" },
  { DOOR_FORWARDED_X, "10.1.1.1", "X-Forwarded-For", "203.0.113.5", "203.0.113.5", "http", "a.example" },
  { DOOR_FORWARDED_X, "::ffff:10.1.1.1", "X-Forwarded-For", "203.0.113.5", "203.0.113.5", "http",
    "a.example" },
  { DOOR_FORWARDED_X, "2001:db8::1", "X-Forwarded-For", "203.0.113.5", "203.0.113.5", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "9.9.9.9, 203.0.113.5", "203.0.113.5", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "9.9.9.9, 203.0.113.5,10.2.2.2", "203.0.113.5", "http",
    "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "x, 10.3.3.3, 10.2.2.2", "10.3.3.3", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "10.3.3.3", "10.3.3.3", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "203.0.113.5:4711", "203.0.113.5", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "2001:db9::5", "2001:db9::5", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "[2001:db9::5]:99", "2001:db9::5", "http", "a.example" },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "9.9.9.9, unknown", NULL, NULL, NULL },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "", NULL, NULL, NULL },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "203.0.113.5:x", NULL, NULL, NULL },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "203.0.113.256", NULL, NULL, NULL },
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-For", "[203.0.113.5]", NULL, NULL, NULL },
  /* without an address the rest of X-Forwarded says nothing */
  { DOOR_FORWARDED_X, NULL, "X-Forwarded-Proto", "https", "local", "http", "a.example" },
  /* RFC 7239 */
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5;proto=https;host=\"B.example:8443\"",
    "203.0.113.5", "https", "b.example:8443" },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "For=\"[2001:db9::5]:4711\" ; by=_x;HOST=\"b.example\"",
    "2001:db9::5", "http", "b.example" },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=9.9.9.9;host=evil.example, for=203.0.113.5;proto=https",
    "203.0.113.5", "https", "a.example" },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded",
    "for=9.9.9.9;host=evil.example, for=203.0.113.5;proto=https,for=10.1.1.1;proto=http", "203.0.113.5",
    "https", "a.example" },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=9.9.9.9, for=unknown", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=_hidden", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=9.9.9.9;for=203.0.113.5", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5;proto=http;proto=https", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5;host=a;host=b", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5;proto=ftp", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5;host=\"a b\"", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=\"203.0.113.5", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5,", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "for=203.0.113.5 x", NULL, NULL, NULL },
  { DOOR_FORWARDED_RFC7239, NULL, "Forwarded", "", NULL, NULL, NULL },
};

static void
check (const Case *c)
{
  const char *const pairs[] = { "Host", "A.example", c->name, c->value, NULL };
  DoorDirectPeer direct = { c->direct, c->direct == NULL, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (c->forwarded, proxies, NULL, NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_autoptr (GError) error = NULL;
  g_auto (DoorPeer) peer = { NULL };

  g_test_message ("%s %s from %s", c->name, c->value, c->direct == NULL ? "unix" : c->direct);
  if (c->address == NULL)
    {
      g_assert_false (door_peer_trust_resolve (trust, &direct, headers, &peer, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      return;
    }
  g_assert_true (door_peer_trust_resolve (trust, &direct, headers, &peer, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (peer.address, ==, c->address);
  g_assert_cmpstr (peer.scheme, ==, c->scheme);
  g_assert_cmpstr (peer.host, ==, c->host);
  g_assert_null (door_headers_lookup (peer.headers, c->name));
  g_assert_null (peer.certificate);
}

static void
test_table (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    check (&cases[i]);
}

static void
test_x_forwarded_whole (void)
{
  const char *const pairs[] = {
    "Host",  "inner:8080",       "X-Forwarded-For", "203.0.113.5", "X-Forwarded-Proto",
    "https", "X-Forwarded-Host", "Mdm.Example",     "Accept",      "x",
    NULL
  };
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, NULL, NULL, NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_auto (DoorPeer) peer = { NULL };

  g_assert_true (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
  g_assert_cmpstr (peer.address, ==, "203.0.113.5");
  g_assert_cmpstr (peer.scheme, ==, "https");
  g_assert_cmpstr (peer.host, ==, "mdm.example");
  g_assert_cmpuint (door_headers_get_count (peer.headers), ==, 2);
}

static void
test_stripped (void)
{
  static const char *const names[] = { "Forwarded",          "X-Forwarded-For",   "x-forwarded-host",
                                       "X-Forwarded-Port",   "X-Forwarded-Proto", "X-Forwarded-Prefix",
                                       "X-Forwarded-Server", "X-Real-IP",         "X-Request-Id",
                                       "Client-Cert",        "Client-Cert-Chain", "X-My-Cert" };
  DoorDirectPeer direct = { "198.51.100.1", false, "https" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, proxies, "X-My-Cert", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *const pairs[] = { "Host", "a.example", names[i], ":MAA=:", NULL };
      g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
      g_auto (DoorPeer) peer = { NULL };

      g_assert_true (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
      g_assert_null (door_headers_lookup (peer.headers, names[i]));
      g_assert_null (peer.certificate);
      g_assert_cmpstr (peer.scheme, ==, "https");
    }
}

static void
test_certificate (void)
{
  static const struct
  {
    const char *value;
    bool good;
  } values[] = {
    { ":MAMCAQA=:", true },
    { "-----BEGIN%20CERTIFICATE-----%0AMAMC%0AAQA%3D%0A-----END%20CERTIFICATE-----%0A", true },
    { "-----BEGIN CERTIFICATE----- MAMC AQA= -----END CERTIFICATE-----", true },
    { ":MAMCAQA:", false },
    { ":MQMCAQA=:", false },
    { "::", false },
    { ":", false },
    { "MAMCAQA=", false },
    { "-----BEGIN%20CERTIFICATE-----%0AMAMCAQA%3D%0A", false },
    { "-----BEGIN%20CERTIFICATE-----%0AMAMCAQA%3D%0A-----END%20CERTIFICATE-----%0Ax", false },
    { "-----BEGIN%20PRIVATE%20KEY-----%0AMAMCAQA%3D%0A-----END%20PRIVATE%20KEY-----%0A", false },
    { "-----BEGIN%20CERTIFICATE-----%00MAMCAQA%3D%0A-----END%20CERTIFICATE-----%0A", false },
    { "(null)", false },
  };
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, "Client-Cert", NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    {
      const char *const pairs[] = { "Host", "a", "Client-Cert", values[i].value, NULL };
      g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
      g_autoptr (GError) error = NULL;
      g_auto (DoorPeer) peer = { NULL };

      g_test_message ("%s", values[i].value);
      g_assert_cmpint (door_peer_trust_resolve (trust, &direct, headers, &peer, &error), ==, values[i].good);
      if (values[i].good)
        g_assert_cmpmem (g_bytes_get_data (peer.certificate, NULL), g_bytes_get_size (peer.certificate),
                         "\x30\x03\x02\x01\x00", 5);
      else
        g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_certificate_limit (void)
{
  g_autofree char *base64 = g_strnfill (24 * 1024, 'M');
  g_autofree char *value = g_strconcat (":", base64, ":", NULL);
  const char *const pairs[] = { "Host", "a", "Client-Cert", value, NULL };
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, "Client-Cert", NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_auto (DoorPeer) peer = { NULL };

  g_assert_false (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
}

/* an empty header is how a proxy says that there was no certificate */
static void
test_no_certificate (void)
{
  const char *const pairs[] = { "Host", "a", "Client-Cert", "", NULL };
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, "Client-Cert", NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_auto (DoorPeer) peer = { NULL };

  g_assert_true (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
  g_assert_null (peer.certificate);
}

static void
test_host (void)
{
  static const struct
  {
    const char *host;
    bool good;
  } hosts[] = {
    { "a.example", true },
    { "A-1_b.example:443", true },
    { "127.0.0.1:1", true },
    { "[::1]", true },
    { "[2001:DB8::1]:8443", true },
    { "", false },
    { "a b", false },
    { "a\"<>@", false },
    { "a@b", false },
    { "a/b", false },
    { "a:", false },
    { "a:123456", false },
    { "a:8x", false },
    { "[::1", false },
    { "[]", false },
    { "[::1]x", false },
    { "a,b", false },
    { "\xc3\xa4.example", false },
    { ":80", false },
    { "a%41", false },
  };
  DoorDirectPeer direct = { "198.51.100.1", false, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, NULL, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      const char *const pairs[] = { "Host", hosts[i].host, NULL };
      g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
      g_auto (DoorPeer) peer = { NULL };

      g_test_message ("%s", hosts[i].host);
      g_assert_cmpint (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL), ==, hosts[i].good);
    }
}

static void
test_no_host (void)
{
  DoorDirectPeer direct = { "198.51.100.1", false, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, NULL, NULL);
  g_autoptr (DoorHeaders) headers = door_headers_new (NULL, NULL);
  g_auto (DoorPeer) peer = { NULL };

  g_assert_false (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
}

static void
test_hops_bounded (void)
{
  g_autoptr (GString) list = g_string_new ("203.0.113.5");
  DoorDirectPeer direct = { NULL, true, "http" };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, proxies, NULL, NULL);
  g_autoptr (DoorHeaders) headers = NULL;
  g_auto (DoorPeer) peer = { NULL };

  for (size_t i = 0; i < 80; i++)
    g_string_append (list, ", 10.0.0.1");
  headers = door_headers_new ((const char *const[]){ "Host", "a", "X-Forwarded-For", list->str, NULL }, NULL);
  g_assert_false (door_peer_trust_resolve (trust, &direct, headers, &peer, NULL));
}

static void
test_bad_network (void)
{
  static const char *const bad[] = { "10.0.0.0/33", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (door_peer_trust_new (DOOR_FORWARDED_X, bad, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
test_origin (void)
{
  static const struct
  {
    const char *address, *origin;
  } origins[] = {
    { "192.0.2.1", "192.0.2.1" },
    { "::ffff:192.0.2.1", "192.0.2.1" },
    { "2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64" },
    { "2001:db8:1:2::1", "2001:0db8:0001:0002::/64" },
    { "10.1.2.3", NULL },
    { "::ffff:10.1.2.3", NULL },
  };
  static const char *const inside[] = { "10.0.0.0/8", NULL };
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, inside, NULL, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (origins); i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (origins[i].address);
      g_autofree char *origin = door_peer_trust_dup_origin (trust, address);

      g_assert_cmpstr (origin, ==, origins[i].origin);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/peer-trust/table", test_table);
  g_test_add_func ("/http/peer-trust/x-forwarded-whole", test_x_forwarded_whole);
  g_test_add_func ("/http/peer-trust/stripped", test_stripped);
  g_test_add_func ("/http/peer-trust/certificate", test_certificate);
  g_test_add_func ("/http/peer-trust/certificate-limit", test_certificate_limit);
  g_test_add_func ("/http/peer-trust/no-certificate", test_no_certificate);
  g_test_add_func ("/http/peer-trust/host", test_host);
  g_test_add_func ("/http/peer-trust/no-host", test_no_host);
  g_test_add_func ("/http/peer-trust/hops-bounded", test_hops_bounded);
  g_test_add_func ("/http/peer-trust/bad-network", test_bad_network);
  g_test_add_func ("/http/peer-trust/origin", test_origin);
  return g_test_run ();
}
