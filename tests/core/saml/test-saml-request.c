/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>

#include <gio/gio.h>

#include "door-saml-request.h"

#define HEAD                                                                                                 \
  "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""                                 \
  " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_q1\" Version=\"2.0\""                         \
  " IssueInstant=\"2026-01-01T12:01:00Z\" Destination=\"https://idp.example.com/sso\""                       \
  " AssertionConsumerServiceURL=\"" SAML_ACS "\""                                                            \
  " ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\""

static DoorSamlRequest
usual (void)
{
  return (DoorSamlRequest){ .id = "_q1",
                            .issued_at_ms = SAML_NOW_MS,
                            .destination = "https://idp.example.com/sso",
                            .acs_url = SAML_ACS,
                            .issuer = SAML_SP };
}

static char *
build (const DoorSamlRequest *request)
{
  g_autoptr (GError) error = NULL;
  char *url = door_saml_request_build_redirect_url (request, &error);

  g_assert_no_error (error);
  return url;
}

static char *
inflate_message (const char *url)
{
  const char *start = strstr (url, "SAMLRequest=");
  g_autofree char *escaped = NULL, *text = NULL;
  g_autofree guchar *data = NULL;
  g_autoptr (GZlibDecompressor) raw = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW);
  g_autoptr (GError) error = NULL;
  char out[4096];
  gsize size = 0, read = 0, written = 0;

  g_assert_nonnull (start);
  start += strlen ("SAMLRequest=");
  escaped = g_strndup (start, strcspn (start, "&"));
  text = g_uri_unescape_string (escaped, NULL);
  data = g_base64_decode (text, &size);
  g_converter_convert (G_CONVERTER (raw), data, size, out, sizeof out, G_CONVERTER_INPUT_AT_END, &read,
                       &written, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read, ==, size);
  return g_strndup (out, written);
}

static void
test_plain (void)
{
  DoorSamlRequest request = usual ();
  g_autofree char *url = build (&request), *xml = inflate_message (url);

  g_assert_true (g_str_has_prefix (url, "https://idp.example.com/sso?SAMLRequest="));
  g_assert_null (strstr (url, "RelayState"));
  g_assert_null (strpbrk (strstr (url, "SAMLRequest=") + strlen ("SAMLRequest="), "+/=&"));
  g_assert_cmpstr (xml, ==, HEAD "><saml:Issuer>" SAML_SP "</saml:Issuer></samlp:AuthnRequest>");
}

static void
test_options (void)
{
  DoorSamlRequest request = usual ();
  g_autofree char *url = NULL, *xml = NULL;

  request.force_authn = true;
  request.name_id_format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
  url = build (&request);
  xml = inflate_message (url);
  g_assert_cmpstr (xml, ==,
                   HEAD
                   " ForceAuthn=\"true\"><saml:Issuer>" SAML_SP "</saml:Issuer><samlp:NameIDPolicy"
                   " Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\" AllowCreate=\"true\"/>"
                   "</samlp:AuthnRequest>");
}

static void
test_escaping (void)
{
  DoorSamlRequest request = usual ();
  g_autofree char *url = NULL, *xml = NULL;

  request.issuer = "a<b>&\"'";
  request.acs_url = "https://mdm.example.com/?a=\"><b&c='";
  url = build (&request);
  xml = inflate_message (url);
  g_assert_nonnull (strstr (xml, "<saml:Issuer>a&lt;b&gt;&amp;&quot;&apos;</saml:Issuer>"));
  g_assert_nonnull (strstr (
      xml, "AssertionConsumerServiceURL=\"https://mdm.example.com/?a=&quot;&gt;&lt;b&amp;c=&apos;\""));
}

static void
assert_query (const char *destination, const char *prefix)
{
  DoorSamlRequest request = usual ();
  g_autofree char *url = NULL;

  request.destination = destination;
  url = build (&request);
  g_assert_true (g_str_has_prefix (url, prefix));
}

static void
test_query_is_kept (void)
{
  assert_query ("https://idp.example.com/idp?idpid=C0", "https://idp.example.com/idp?idpid=C0&SAMLRequest=");
  assert_query ("https://idp.example.com/idp?", "https://idp.example.com/idp?SAMLRequest=");
  assert_query ("https://idp.example.com/idp?a=b&", "https://idp.example.com/idp?a=b&SAMLRequest=");
}

static void
test_relay_state (void)
{
  g_autofree char *longest = g_strnfill (80, 'r'), *more = g_strnfill (81, 'r');
  DoorSamlRequest request = usual ();
  g_autofree char *url = NULL, *suffix = g_strdup_printf ("&RelayState=%s", longest), *strange = NULL;
  g_autoptr (GError) error = NULL;

  request.relay_state = longest;
  url = build (&request);
  g_assert_true (g_str_has_suffix (url, suffix));
  request.relay_state = "a&b=c d\r\n%";
  strange = build (&request);
  g_assert_true (g_str_has_suffix (strange, "&RelayState=a%26b%3Dc%20d%0D%0A%25"));
  request.relay_state = more;
  g_assert_null (door_saml_request_build_redirect_url (&request, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "RelayState"));
}

static void
test_extra_params (void)
{
  g_autoptr (GHashTable) params = g_hash_table_new (g_str_hash, g_str_equal);
  DoorSamlRequest request = usual ();
  g_autofree char *url = NULL;

  g_hash_table_insert (params, (char *) "login_hint", (char *) "ada@example.com");
  g_hash_table_insert (params, (char *) "a b", (char *) "1&2");
  request.extra_params = params;
  request.relay_state = "r";
  url = build (&request);
  g_assert_true (g_str_has_suffix (url, "&RelayState=r&a%20b=1%262&login_hint=ada%40example.com"));
}

static void
assert_refused (const DoorSamlRequest *request, const char *reason)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_saml_request_build_redirect_url (request, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_VALUE);
  if (strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

static void
test_reserved_params (void)
{
  static const char *const names[] = { "SAMLRequest",  "RelayState",   "SigAlg",  "Signature",
                                       "SAMLResponse", "SAMLEncoding", "SAMLart", "" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GHashTable) params = g_hash_table_new (g_str_hash, g_str_equal);
      DoorSamlRequest request = usual ();

      g_hash_table_insert (params, (char *) names[i], (char *) "x");
      request.extra_params = params;
      assert_refused (&request, "further parameter");
    }
}

static void
test_reserved_in_destination (void)
{
  static const char *const bad[] = { "https://i.example/?RelayState=x", "https://i.example/?a=b&SigAlg=x",
                                     "https://i.example/?SAML%52equest=x", "https://i.example/?Signature",
                                     "https://i.example/?a%zz=b" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      DoorSamlRequest request = usual ();

      request.destination = bad[i];
      assert_refused (&request, "destination's query");
    }
}

static void
test_refusals (void)
{
  static const char *const ids[] = { NULL, "", "1q", "a:b", "a b", "a\"b" };
  DoorSamlRequest request = usual ();

  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      request.id = ids[i];
      assert_refused (&request, "NCName");
    }
  request = usual ();
  request.destination = "https://i.example/#x";
  assert_refused (&request, "fragment");
  request = usual ();
  request.destination = NULL;
  assert_refused (&request, "has no address");
  request = usual ();
  request.issuer = "a\x01";
  assert_refused (&request, "cannot carry");
  request = usual ();
  request.acs_url = "https://a.example/\nb";
  assert_refused (&request, "cannot carry");
  request = usual ();
  request.destination = "https://a.example/\r";
  assert_refused (&request, "cannot carry");
  request = usual ();
  request.name_id_format = "\xff";
  assert_refused (&request, "cannot carry");
}

static void
add_tests (void)
{
  g_test_add_func ("/saml/request/plain", test_plain);
  g_test_add_func ("/saml/request/options", test_options);
  g_test_add_func ("/saml/request/escaping", test_escaping);
  g_test_add_func ("/saml/request/query-is-kept", test_query_is_kept);
  g_test_add_func ("/saml/request/relay-state", test_relay_state);
  g_test_add_func ("/saml/request/extra-params", test_extra_params);
  g_test_add_func ("/saml/request/reserved-params", test_reserved_params);
  g_test_add_func ("/saml/request/reserved-in-destination", test_reserved_in_destination);
  g_test_add_func ("/saml/request/refusals", test_refusals);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
