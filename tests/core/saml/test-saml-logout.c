/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Single Logout: what we send and what we believe (SAML profiles 4.4). */
#include <string.h>

#include <gio/gio.h>

#include "door-saml-logout.h"
#include "saml-encrypt.h"

#define SLO "https://mdm.example.com/saml/okta/slo"
#define IDP_KEY "rsa"
#define BUILT_AT "2026-01-01T12:01:00Z"

/* The provider's words, by our own writer: its tests look at them from outside. */
static DoorSamlLogoutMessage
request_of_idp (const DoorSamlSpKey *key)
{
  static const DoorSubject subject = { .value = "ada@example.com" };

  return (DoorSamlLogoutMessage){ .id = "_l1",
                                  .issued_at_ms = SAML_NOW_MS,
                                  .destination = SLO,
                                  .issuer = SAML_IDP,
                                  .relay_state = "a b+c",
                                  .signing_key = key,
                                  .subject = &subject,
                                  .session_index = "_s1" };
}

static DoorSamlLogoutExpectation
expectation (const DoorSamlMetadata *metadata)
{
  return (DoorSamlLogoutExpectation){
    .metadata = metadata, .location = SLO, .now_ms = SAML_NOW_MS, .clock_skew_s = 60
  };
}

static DoorSamlLogout *
verify_query (const char *query, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (IDP_KEY);
  const DoorSamlLogoutExpectation expect = expectation (metadata);

  return door_saml_logout_verify_query (query, &expect, error);
}

static char *
build_query (const DoorSamlLogoutMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_saml_logout_build_redirect_url (message, &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (url, message->destination));
  return g_strdup (strchr (url, '?') + 1);
}

static void
assert_refused (const char *query, DoorFault fault, const char *reason)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = verify_query (query, &error);

  g_assert_null (logout);
  g_assert_nonnull (error);
  g_assert_cmpstr (door_error_get_info (error)->id, ==, door_fault_get_info (fault)->id);
  if (strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

static void
test_request (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
  const DoorSamlLogoutMessage message = request_of_idp (key);
  g_autofree char *query = build_query (&message);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = verify_query (query, &error);

  g_assert_no_error (error);
  g_assert_true (door_saml_logout_is_request (logout));
  g_assert_cmpstr (door_saml_logout_get_id (logout), ==, "_l1");
  g_assert_cmpstr (door_saml_logout_get_name_id (logout), ==, "ada@example.com");
  g_assert_cmpstr (door_saml_logout_get_session_indexes (logout)[0], ==, "_s1");
  g_assert_null (door_saml_logout_get_session_indexes (logout)[1]);
  g_assert_cmpstr (door_saml_logout_get_relay_state (logout), ==, "a b+c");
  g_assert_null (door_saml_logout_get_in_response_to (logout));
}

static void
test_response (void)
{
  for (int success = 0; success < 2; success++)
    {
      g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
      DoorSamlLogoutMessage message = request_of_idp (key);
      g_autofree char *query = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlLogout) logout = NULL;

      message.subject = NULL;
      message.session_index = NULL;
      message.in_response_to = "_ours";
      message.success = success;
      query = build_query (&message);
      g_assert_true (g_str_has_prefix (query, "SAMLResponse="));
      logout = verify_query (query, &error);
      g_assert_no_error (error);
      g_assert_false (door_saml_logout_is_request (logout));
      g_assert_cmpint (door_saml_logout_is_success (logout), ==, success);
      g_assert_cmpstr (door_saml_logout_get_in_response_to (logout), ==, "_ours");
      g_assert_null (door_saml_logout_get_name_id (logout));
    }
}

/* Each parameter once, under its own name, and signed as it stands (B2). */
static void
test_queries (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY), other = fixture_sp_key ("rsa-other");
  DoorSamlLogoutMessage message = request_of_idp (key), foreign = request_of_idp (other);
  g_autofree char *good = build_query (&message), *by_other = build_query (&foreign);
  const struct
  {
    const char *find;
    const char *replace;
    DoorFault fault;
    const char *reason;
  } changes[] = {
    { "RelayState=a", "RelayState=b", DOOR_FAULT_SAML_SIGNATURE, "none of 1 keys" },
    { "RelayState=a%20b", "RelayState=a+b", DOOR_FAULT_SAML_SIGNATURE, "none of 1 keys" },
    { "rsa-sha256", "rsa-sha512", DOOR_FAULT_SAML_SIGNATURE, "none of 1 keys" },
    { "xmldsig-more%23rsa-sha256", "xmldsig-more%23hmac-sha256", DOOR_FAULT_SAML_ALGORITHM, "not allowed" },
    { "2001%2F04%2Fxmldsig-more%23rsa-sha256", "2000%2F09%2Fxmldsig%23rsa-sha1", DOOR_FAULT_SAML_ALGORITHM,
      "not allowed" },
    { "&Signature=", "&Signature=AA&Signature=", DOOR_FAULT_SAML_FORM, "twice" },
    { "&RelayState=", "&RelayState=x&RelayState=", DOOR_FAULT_SAML_FORM, "twice" },
    { "SAMLRequest=", "SAMLRequest=x&SAMLRequest=", DOOR_FAULT_SAML_FORM, "twice" },
    { "SAMLRequest=", "SAMLResponse=x&SAMLRequest=", DOOR_FAULT_SAML_FORM, "exactly one" },
    { "SAMLRequest=", "SAML%52equest=", DOOR_FAULT_SAML_FORM, "another way" },
    { "SAMLRequest=", "SAMLResponse=", DOOR_FAULT_SAML_SIGNATURE, "none of 1 keys" },
    { "&Signature=", "&Sig=", DOOR_FAULT_SAML_UNSIGNED, "not signed" },
    { "&SigAlg=", "&Alg=", DOOR_FAULT_SAML_UNSIGNED, "not signed" },
    { "&Signature=", "&SAMLEncoding=urn:x&Signature=", DOOR_FAULT_SAML_FORM, "encoding" },
    { "&Signature=", "&Signature=%21", DOOR_FAULT_SAML_FORM, "base64" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *query = fixture_replace (good, changes[i].find, changes[i].replace);
      assert_refused (query, changes[i].fault, changes[i].reason);
    }
  assert_refused (by_other, DOOR_FAULT_SAML_SIGNATURE, "none of 1 keys");
  assert_refused ("", DOOR_FAULT_SAML_FORM, "exactly one");
}

static void
test_order_and_strangers (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
  DoorSamlLogoutMessage message = request_of_idp (key);
  g_autofree char *good = build_query (&message);
  char *relay = strstr (good, "&RelayState="), *rest = strstr (good, "&SigAlg=");
  g_autofree char *query = g_strdup_printf ("utm=1&%s&%.*s&%.*s", rest + 1, (int) (rest - relay - 1),
                                            relay + 1, (int) (relay - good), good);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = verify_query (query, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_logout_get_id (logout), ==, "_l1");
}

static char *
deflate_text (const char *text, size_t size)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 9);
  g_autofree guchar *out = g_malloc (size + 1024);
  gsize read = 0, written = 0;
  g_autofree char *base64 = NULL;

  g_assert_cmpint (g_converter_convert (G_CONVERTER (compressor), text, size, out, size + 1024,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  base64 = g_base64_encode (out, written);
  return g_uri_escape_string (base64, NULL, FALSE);
}

/* It is refused for its size, before anything of it is verified. */
static void
test_bombs (void)
{
  g_autofree char *zeros = g_strnfill (8 * 1024 * 1024, 'a'), *small = g_strnfill (10000, 'a');
  g_autofree char *bomb = deflate_text (zeros, strlen (zeros)), *ratio = deflate_text (small, strlen (small));
  g_autofree char *whole = deflate_text ("<a/>", 4);
  const char *messages[] = { bomb, ratio, "AAAA", "%3D%3D%3D", "" };

  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *query = g_strdup_printf ("SAMLRequest=%s&SigAlg=x&Signature=AAAA", messages[i]);
      assert_refused (query, DOOR_FAULT_SAML_FORM, "too large");
    }
  zeros[70 * 1024] = '\0';
  assert_refused (zeros, DOOR_FAULT_SAML_FORM, "too long");
}

static void
test_semantics (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
  const DoorSubject nobody = { .value = " " };
  DoorSamlLogoutMessage messages[] = { request_of_idp (key), request_of_idp (key), request_of_idp (key),
                                       request_of_idp (key), request_of_idp (key) };
  const struct
  {
    DoorFault fault;
    const char *reason;
  } expected[] = { { DOOR_FAULT_SAML_ISSUER, "the Issuer is" },
                   { DOOR_FAULT_SAML_DESTINATION, "not our address" },
                   { DOOR_FAULT_SAML_LATE, "too old" },
                   { DOOR_FAULT_SAML_EARLY, "future" },
                   { DOOR_FAULT_SAML_NAMEID, "no NameID" } };

  messages[0].issuer = "https://other.example.com/";
  messages[1].destination = SLO "/";
  messages[2].issued_at_ms = SAML_NOW_MS - 360 * 1000;
  messages[3].issued_at_ms = SAML_NOW_MS + 61 * 1000;
  messages[4].subject = &nobody;
  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *query = build_query (&messages[i]);
      assert_refused (query, expected[i].fault, expected[i].reason);
    }
}

/* Providers that call themselves something else in logout messages must be named for it. */
static void
test_issuer_variant (void)
{
  static const char *const variants[] = { "https://login.example.com/tenant/", NULL };
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (IDP_KEY);
  DoorSamlLogoutExpectation expect = expectation (metadata);
  DoorSamlLogoutMessage message = request_of_idp (key);
  g_autofree char *query = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = NULL;

  message.issuer = variants[0];
  query = build_query (&message);
  expect.issuers = variants;
  logout = door_saml_logout_verify_query (query, &expect, &error);
  g_assert_no_error (error);
  assert_refused (query, DOOR_FAULT_SAML_ISSUER, variants[0]);
}

#define REQUEST(attributes, content)                                                                         \
  "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""                                \
  " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r1\" Version=\"2.0\" "                        \
  "IssueInstant=\"" BUILT_AT "\" Destination=\"" SLO "\"" attributes "><saml:Issuer>" SAML_IDP               \
  "</saml:Issuer>@R@" content "</samlp:LogoutRequest>"
#define NAME "<saml:NameID>ada@example.com</saml:NameID>"

typedef struct
{
  const char *name;
  const char *xml;
  const char *key; /* NULL: not signed */
  const char *field;
  Edit after;
  DoorFault fault; /* 0: accepted */
  const char *reason;
} FormCase;

static const FormCase form_cases[] = {
  { "good", REQUEST ("", NAME), IDP_KEY, "SAMLRequest" },
  { "alive", REQUEST (" NotOnOrAfter=\"2026-01-01T12:05:00Z\"", NAME), IDP_KEY, "SAMLRequest" },
  { "skew", REQUEST (" NotOnOrAfter=\"2026-01-01T12:00:30Z\"", NAME), IDP_KEY, "SAMLRequest" },
  { "late",
    REQUEST (" NotOnOrAfter=\"2026-01-01T12:00:00Z\"", NAME),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_LATE,
    "too old" },
  { "no-time",
    REQUEST (" NotOnOrAfter=\"soon\"", NAME),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_CONDITIONS,
    "not a time" },
  { "unsigned", REQUEST ("", NAME), NULL, "SAMLRequest", { NULL }, DOOR_FAULT_SAML_UNSIGNED, "not signed" },
  { "another-key",
    REQUEST ("", NAME),
    "rsa-other",
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_SIGNATURE,
    "none of 1 keys" },
  { "changed",
    REQUEST ("", NAME),
    IDP_KEY,
    "SAMLRequest",
    { "ada@example.com", "eve@example.com" },
    DOOR_FAULT_SAML_SIGNATURE,
    "digest" },
  { "another-field",
    REQUEST ("", NAME),
    IDP_KEY,
    "SAMLResponse",
    { NULL },
    DOOR_FAULT_SAML_STRUCTURE,
    "the root is not" },
  { "encrypted",
    REQUEST ("", "<saml:EncryptedID/>" NAME),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_ENCRYPTED,
    "encrypted" },
  { "two-names",
    REQUEST ("", NAME NAME),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_STRUCTURE,
    "more than one NameID" },
  { "nobody", REQUEST ("", ""), IDP_KEY, "SAMLRequest", { NULL }, DOOR_FAULT_SAML_NAMEID, "no NameID" },
  { "markup",
    REQUEST ("", "<saml:NameID>ada<b/></saml:NameID>"),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_NAMEID,
    "no NameID" },
  { "empty-index",
    REQUEST ("", NAME "<samlp:SessionIndex/>"),
    IDP_KEY,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_STRUCTURE,
    "SessionIndex" },
  { "same-id",
    REQUEST ("", NAME "<samlp:Extensions><x ID=\"_r1\"/></samlp:Extensions>"),
    NULL,
    "SAMLRequest",
    { NULL },
    DOOR_FAULT_SAML_STRUCTURE,
    "twice" },
};

static void
test_form (gconstpointer data)
{
  const FormCase *test = data;
  const Signer signer = { .key = test->key };
  g_autofree char *xml = fixture_sign (test->xml, test->key != NULL ? "R" : "", &signer);
  g_autofree char *sent = test->after.find != NULL
                              ? fixture_replace (xml, test->after.find, test->after.replace)
                              : g_strdup (xml);
  g_autofree char *value = g_base64_encode ((const guchar *) sent, strlen (sent));
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (IDP_KEY);
  const DoorSamlLogoutExpectation expect = expectation (metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = door_saml_logout_verify_form (test->field, value, &expect, &error);

  if (test->fault == DOOR_FAULT_NONE)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (door_saml_logout_get_name_id (logout), ==, "ada@example.com");
      return;
    }
  g_assert_null (logout);
  g_assert_cmpstr (door_error_get_info (error)->id, ==, door_fault_get_info (test->fault)->id);
  if (strstr (error->message, test->reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", test->reason, error->message);
}

/* A signature that stands inside of a query's message as well would be a second opinion. */
static void
test_signature_inside_of_query (void)
{
  g_autofree char *xml = fixture_sign (REQUEST ("", NAME), "R", &(Signer){ NULL });
  g_autofree char *message = deflate_text (xml, strlen (xml));
  g_autofree char *octets = g_strdup_printf (
      "SAMLRequest=%s&SigAlg=http%%3A%%2F%%2Fwww.w3.org%%2F2001%%2F04%%2Fxmldsig-more%%23rsa-"
      "sha256",
      message);
  g_autofree char *base64 = fixture_sign_octets (IDP_KEY, octets);
  g_autofree char *escaped = g_uri_escape_string (base64, NULL, FALSE);
  g_autofree char *query = g_strdup_printf ("%s&Signature=%s", octets, escaped);

  assert_refused (query, DOOR_FAULT_SAML_STRUCTURE, "a signature stands where none may");
}

static void
test_our_form (void)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key (IDP_KEY);
  DoorSamlLogoutMessage message = request_of_idp (key);
  const DoorSubject subject = {
    .value = "a<b", .format = "urn:f", .name_qualifier = "n", .sp_name_qualifier = "s"
  };
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (IDP_KEY);
  const DoorSamlLogoutExpectation expect = expectation (metadata);
  g_auto (DoorSamlForm) form = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = NULL;

  message.subject = &subject;
  g_assert_true (door_saml_logout_build_form (&message, &form, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (form.action, ==, SLO);
  g_assert_cmpstr (form.relay_state, ==, "a b+c");
  logout = door_saml_logout_verify_form (form.field, form.message, &expect, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_logout_get_name_id (logout), ==, "a<b");
}

/* Made by openssl and the xmlsec1 program (tests/data/saml/make-logout.sh). */
static void
test_vectors (void)
{
  g_autofree char *query = fixture_read ("logout/query.txt"), *xml = fixture_read ("logout/form.xml");
  g_autofree char *value = g_base64_encode ((const guchar *) xml, strlen (xml));
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (IDP_KEY);
  const DoorSamlLogoutExpectation expect = expectation (metadata);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) by_query = verify_query (query, &error), by_form = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_logout_get_session_indexes (by_query)[0], ==, "_s1");
  g_assert_cmpstr (door_saml_logout_get_relay_state (by_query), ==, "back");
  by_form = door_saml_logout_verify_form ("SAMLRequest", value, &expect, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_logout_get_name_id (by_form), ==, "ada@example.com");
}

#define EC_QUERY                                                                                             \
  "SAMLRequest=%s&SigAlg=http%%3A%%2F%%2Fwww.w3.org%%2F2001%%2F04%%2Fxmldsig-more%%23ecdsa-sha256"

static char *
build_ec_query (const char *key, const char *octets, size_t half, size_t tail)
{
  g_autofree char *base64 = fixture_sign_octets (key, octets), *escaped = NULL;
  g_autofree guchar *signature = NULL;
  gsize size = 0;

  signature = g_base64_decode (base64, &size);
  if (half > 0)
    {
      g_autofree guchar *numbers = fixture_ecdsa_numbers (signature, size, half);

      numbers = g_realloc (numbers, 2 * half + tail);
      memset (numbers + 2 * half, 0, tail);
      g_free (base64);
      base64 = g_base64_encode (numbers, 2 * half + tail);
    }
  escaped = g_uri_escape_string (base64, NULL, FALSE);
  return g_strdup_printf ("%s&Signature=%s", octets, escaped);
}

/* DER, or the two numbers one after the other, each as long as the field of the curve. */
static void
test_ecdsa (void)
{
  static const struct
  {
    const char *trust;
    const char *key;
    size_t half; /* 0: DER */
    size_t tail; /* bytes behind the numbers */
    const char *find;
    const char *replace;
    DoorFault fault;
  } cases[] = {
    { "ec-p256", "ec-p256", 0, 0, "", "", DOOR_FAULT_NONE },
    { "ec-p256", "ec-p256", 32, 0, "", "", DOOR_FAULT_NONE },
    { "ec-p384", "ec-p384", 0, 0, "", "", DOOR_FAULT_NONE },
    { "ec-p384", "ec-p384", 48, 0, "", "", DOOR_FAULT_NONE },
    { "ec-p521", "ec-p521", 66, 0, "", "", DOOR_FAULT_NONE },
    { "ec-p384", "ec-p384", 48, 1, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p384", "ec-p384", 50, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p384", "ec-p256", 0, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p384", "ec-p256", 32, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "rsa", "ec-p256", 0, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p256", "rsa", 0, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "rsa", "rsa", 0, 0, "", "", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p256", "ec-p256", 0, 0, "ecdsa-sha256", "rsa-sha256", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p256", "ec-p256", 0, 0, "ecdsa-sha256", "ecdsa-sha384", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p256", "ec-p256", 0, 0, "ecdsa-sha256", "ecdsa-sha1", DOOR_FAULT_SAML_ALGORITHM },
    { "ec-p256", "ec-p256", 0, 0, "&SigAlg", "&RelayState=x&SigAlg", DOOR_FAULT_SAML_SIGNATURE },
    { "ec-p256", "ec-p256", 32, 0, "&SigAlg", "&RelayState=x&SigAlg", DOOR_FAULT_SAML_SIGNATURE },
  };
  g_autofree char *message = deflate_text (REQUEST ("", NAME), strlen (REQUEST ("", NAME)));
  g_autofree char *octets = g_strdup_printf (EC_QUERY, message);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (cases[i].trust);
      DoorSamlLogoutExpectation expect = expectation (metadata);
      g_autofree char *query = build_ec_query (cases[i].key, octets, cases[i].half, cases[i].tail);
      g_autofree char *sent = *cases[i].find != '\0'
                                  ? fixture_replace (query, cases[i].find, cases[i].replace)
                                  : g_strdup (query);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlLogout) logout = NULL;

      g_test_message ("case %zu", i);
      expect.allow_sha1 = false;
      logout = door_saml_logout_verify_query (sent, &expect, &error);
      if (cases[i].fault == DOOR_FAULT_NONE)
        g_assert_no_error (error);
      else
        g_assert_cmpstr (door_error_get_info (error)->id, ==, door_fault_get_info (cases[i].fault)->id);
      g_assert_cmpint (logout != NULL, ==, cases[i].fault == DOOR_FAULT_NONE);
    }
}

/* AD FS signs escapes in small letters, and on the way here they become capital ones. */
static void
test_small_letters (void)
{
  g_autofree char *message = deflate_text (REQUEST ("", NAME), strlen (REQUEST ("", NAME)));
  g_autofree char *octets =
      g_strdup_printf ("SAMLRequest=%s&RelayState=%%2Fa&SigAlg=http%%3A%%2F%%2Fwww.w3.org"
                       "%%2F2001%%2F04%%2Fxmldsig-more%%23rsa-sha256",
                       message);
  g_autoptr (GRegex) escapes = g_regex_new ("%[0-9A-F]{2}", 0, 0, NULL);
  g_autofree char *small = g_regex_replace (escapes, octets, -1, 0, "\\L\\0\\E", 0, NULL);
  g_autofree char *base64 = fixture_sign_octets (IDP_KEY, small);
  g_autofree char *escaped = g_uri_escape_string (base64, NULL, FALSE);
  g_autofree char *query = g_strdup_printf ("%s&Signature=%s", octets, escaped);
  g_autofree char *changed = fixture_replace (query, "RelayState=%2Fa", "RelayState=%2Fb");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlLogout) logout = verify_query (query, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_saml_logout_get_relay_state (logout), ==, "/a");
  g_assert_cmpstr (octets, !=, small);
  assert_refused (changed, DOOR_FAULT_SAML_SIGNATURE, "the query is signed by none");
}

static void
add (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (form_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/saml/logout/form/%s", form_cases[i].name);
      g_test_add_data_func (path, &form_cases[i], test_form);
    }
  g_test_add_func ("/saml/logout/request", test_request);
  g_test_add_func ("/saml/logout/response", test_response);
  g_test_add_func ("/saml/logout/queries", test_queries);
  g_test_add_func ("/saml/logout/order-and-strangers", test_order_and_strangers);
  g_test_add_func ("/saml/logout/bombs", test_bombs);
  g_test_add_func ("/saml/logout/semantics", test_semantics);
  g_test_add_func ("/saml/logout/issuer-variant", test_issuer_variant);
  g_test_add_func ("/saml/logout/signature-inside-of-query", test_signature_inside_of_query);
  g_test_add_func ("/saml/logout/small-letters", test_small_letters);
  g_test_add_func ("/saml/logout/ecdsa", test_ecdsa);
  g_test_add_func ("/saml/logout/our-form", test_our_form);
  g_test_add_func ("/saml/logout/vectors", test_vectors);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add);
}
