/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sign-ins whose answer this server fetches itself (SAML bindings 3.6, profiles 5). */
#include <string.h>

#include "administrator.h"
#include "door-connections.h"
#include "door-error.h"
#include "door-login.h"
#include "door-saml-keys.h"
#include "door-seal.h"
#include "saml-artifact.h"
#include "saml-encrypt.h"
#include "sign-in.h"

#define BINDING "ResponseBinding=artifact\n"
#define JIT BINDING "Use=enrollment;admin\n[admin]\nJit=true\n"
#define RESOLVER                                                                                             \
  "<md:ArtifactResolutionService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" index=\"7\""          \
  " Location=\"" ARTIFACT_URL "\"/>"
#define HANDLE "abcdefghijklmnopqrst"

/* What the provider does next; what is 0 is as usual. */
typedef struct
{
  char *response; /* base64 */
  const char *key;
  const char *in_response_to;
  const char *body; /* instead of everything */
  unsigned int status;
  bool is_away;
} Provider;

/* A fetch has no user data, so what it finds stands here; each test sets it. */
static Provider provider;
static unsigned int n_asked;

static char *
answer_question (const char *question)
{
  g_autofree char *id = fixture_cut (question, "<samlp:ArtifactResolve ", "\" Version=");
  g_autofree char *xml = NULL;
  gsize size;
  g_autofree guchar *data = NULL;

  if (provider.body != NULL)
    return g_strdup (provider.body);
  data = g_base64_decode (provider.response, &size);
  xml = g_strndup ((const char *) data, size);
  *strrchr (id, '"') = '\0';
  return fixture_artifact_answer (xml,
                                  provider.in_response_to != NULL ? provider.in_response_to
                                                                  : strstr (id, " ID=\"") + strlen (" ID=\""),
                                  provider.key);
}

static bool
fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable, GError **error)
{
  g_autofree char *question =
      g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));
  char *text;

  n_asked++;
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->url, ==, ARTIFACT_URL);
  g_assert_true (request->take_redirect);
  g_assert_false (request->allow_http);
  g_assert_false (request->allow_private);
  g_assert_cmpuint (request->timeout_s, <=, 10);
  g_assert_cmpuint (request->max_bytes, <=, 300 * 1024);
  g_assert_cmpstr (request->headers[0], ==, "SOAPAction");
  g_assert_nonnull (strstr (question, "<ds:SignatureValue>"));
  if (provider.is_away)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: no answer", request->url);
  text = answer_question (question);
  *answer = (DoorFetchAnswer){ .status = provider.status != 0 ? provider.status : 200,
                               .body = g_bytes_new_take (text, strlen (text)),
                               .max_age_s = -1 };
  return true;
}

static void
set_metadata (World *world, const char *more)
{
  DoorConnection *connection = door_connections_lookup (world->context.connections, "okta");
  g_autofree char *text = fixture_artifact_metadata (more);
  g_autoptr (GBytes) xml = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);

  g_assert_no_error (error);
  door_connection_set_metadata (connection, metadata);
}

/* A key as it is stored, without the time it takes to make one. */
static DoorStoredSpKey *
make_key (World *world)
{
  static const uint8_t nonce[DOOR_SEAL_NONCE_SIZE] = { 1 };
  g_autofree char *pem = fixture_read ("keys/rsa-other.key.pem");
  g_autoptr (DoorSecret) secret = door_secret_new (pem, strlen (pem));
  DoorStoredSpKey *key = g_new0 (DoorStoredSpKey, 1);
  g_autoptr (GError) error = NULL;

  key->connection = g_strdup ("okta");
  key->use = g_strdup (DOOR_SAML_USE_SIGNING);
  key->state = g_strdup ("current");
  key->sealed_key = door_seal (world->context.state_key, "sp_key/okta/signing", nonce, secret, &error);
  g_assert_no_error (error);
  key->certificate = fixture_read ("keys/rsa-other.crt.pem");
  key->created_at = WORLD_NOW_MS;
  return key;
}

static gboolean
write_key (DoorTxn *txn, gpointer data, GError **error)
{
  return door_sp_key_store_add (txn, data, NULL, error);
}

static World *
new_world (const char *config)
{
  World *world = world_new (config);
  g_autoptr (DoorStoredSpKey) key = make_key (world);
  g_autoptr (GError) error = NULL;

  door_writer_run (world->context.writer, write_key, key, NULL, &error);
  g_assert_no_error (error);
  world->context.fetch = fetch;
  set_metadata (world, RESOLVER);
  g_free (provider.response);
  provider = (Provider){ NULL };
  n_asked = 0;
  return world;
}

static void
prepare_answer (World *world, const Answer *answer)
{
  g_free (provider.response);
  provider.response = answer_build (world, answer);
}

/* What a browser brings by GET. */
static DoorResponse *
bring (World *world, const char *acs_path, const char *artifact, const char *relay_state, const char *cookie)
{
  g_autofree char *escaped = g_uri_escape_string (artifact, NULL, FALSE);
  g_autofree char *target =
      relay_state != NULL ? g_strdup_printf ("%s?SAMLart=%s&RelayState=%s", acs_path, escaped, relay_state)
                          : g_strdup_printf ("%s?SAMLart=%s", acs_path, escaped);

  return world_get (world, target, cookie);
}

static DoorResponse *
bring_for (World *world, const Pending *pending, const char *handle)
{
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, handle);

  return bring (world, OKTA_ACS, artifact, pending->relay_state, pending->cookie);
}

static DoorResponse *
post_form (World *world, const char *form, const char *cookie)
{
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));
  const Visit visit = { .method = "POST",
                        .target = OKTA_ACS,
                        .content_type = "application/x-www-form-urlencoded",
                        .cookie = cookie,
                        .body = body };

  return world_visit (world, &visit);
}

static void
test_get (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *received = NULL;

  g_assert_nonnull (
      strstr (pending->xml, "ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\""));
  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
  response = bring_for (world, pending, HANDLE);
  assert_status (response, 308);
  g_assert_cmpuint (n_asked, ==, 1);
  assert_count (world, 1, "sign_in_request WHERE resolutions = 1 AND spent_at <> 0");
  assert_count (world, 1, "replay WHERE assertion_id LIKE 'artifact %'");
  received = world_read (world, "SELECT received FROM attempt");
  g_assert_nonnull (strstr (received, "assertion id: _a1"));
}

static void
test_post (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, HANDLE);
  g_autofree char *escaped = g_uri_escape_string (artifact, NULL, FALSE);
  g_autofree char *form = g_strdup_printf ("SAMLart=%s&RelayState=%s", escaped, pending->relay_state);
  g_autofree char *both = g_strconcat (form, "&SAMLResponse=AAAA", NULL);
  g_autoptr (DoorResponse) refused = NULL, response = NULL, without = NULL;

  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
  refused = post_form (world, both, pending->cookie);
  assert_status (refused, 400);
  without = world_get (world, OKTA_ACS "?RelayState=x", pending->cookie);
  assert_status (without, 400);
  g_assert_cmpuint (n_asked, ==, 0);
  response = post_form (world, form, pending->cookie);
  assert_status (response, 308);
}

/* At the addresses that all connections share it is the request that tells whose artifact it is. */
static void
test_shared_address (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit visit = {
    .method = "POST", .target = "/api/v1/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  g_autoptr (DoorResponse) begun = world_visit (world, &visit), response = NULL, elsewhere = NULL;
  g_autofree char *text = world_dup_body (begun), *cookie = world_dup_cookie (begun);
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, HANDLE);
  g_auto (GStrv) parts = g_strsplit (text, "\"", -1);
  g_autoptr (Pending) pending = NULL;

  assert_status (begun, 200);
  pending = pending_from_url (parts[3], cookie);
  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id, .acs_path = SHARED_ACS });
  elsewhere = bring (world, OKTA_ACS, artifact, pending->relay_state, cookie);
  sign_in_assert_refused (world, elsewhere, 403, "DW-SAML-RECIPIENT");
  g_assert_cmpuint (n_asked, ==, 0);
  response = bring (world, SHARED_ACS, artifact, pending->relay_state, cookie);
  assert_status (response, 308);
}

/* The provider may still answer as it always could. */
static void
test_response_by_post (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autofree char *token = sign_in (world, "/mdm/sso", &(Answer){ 0 });

  g_assert_cmpuint (n_asked, ==, 0);
}

static void
test_administrator (void)
{
  g_autoptr (World) world = new_world (JIT);
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login?idp=okta", NULL);
  g_autoptr (DoorResponse) response = NULL, entered = NULL;

  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
  response = bring_for (world, pending, HANDLE);
  assert_status (response, 303);
  entered =
      administrator_enter (world, door_response_lookup_header (response, "Location"), pending->cookie, NULL);
  assert_status (entered, 303);
  assert_count (world, 1, "administrator");
}

/* Only the browser that asked can make this server ask anybody anything. */
static void
test_nothing_is_fetched_for_strangers (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) stranger = sign_in_begin (world, "/mdm/sso", NULL);
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, HANDLE);
  g_autoptr (DoorResponse) other = NULL, none = NULL, unsolicited = NULL, late = NULL;

  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
  other = bring (world, OKTA_ACS, artifact, pending->relay_state, stranger->cookie);
  sign_in_assert_refused (world, other, 400, "DW-FLOW-COOKIE");
  none = bring (world, OKTA_ACS, artifact, pending->relay_state, NULL);
  sign_in_assert_refused (world, none, 400, "DW-FLOW-COOKIE");
  unsolicited = bring (world, OKTA_ACS, artifact, NULL, pending->cookie);
  sign_in_assert_refused (world, unsolicited, 400, "DW-FLOW-UNKNOWN");
  world_advance (world, 31 * MINUTE_MS);
  late = bring (world, OKTA_ACS, artifact, pending->relay_state, pending->cookie);
  sign_in_assert_refused (world, late, 410, "DW-FLOW-LATE");
  g_assert_cmpuint (n_asked, ==, 0);
  assert_count (world, 2, "sign_in_request WHERE resolutions = 0");
}

/* Answers that nobody asked for never come as artifacts, not even where they are allowed. */
static void
test_unsolicited (void)
{
  g_autoptr (World) world = new_world (BINDING "AllowIdpInitiated=true\nUse=admin\n[admin]\nJit=true\n");
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, HANDLE);
  g_autoptr (DoorResponse) response = NULL;

  prepare_answer (world, &(Answer){ .in_response_to = "" });
  response = bring (world, OKTA_ACS, artifact, NULL, NULL);
  g_assert_cmpuint (door_response_get_status (response), >=, 400);
  g_assert_cmpuint (n_asked, ==, 0);
}

static void
test_artifacts_that_are_not_resolved (void)
{
  static const struct
  {
    const char *entity_id;
    unsigned int index;
    unsigned int status;
    const char *fault;
  } cases[] = { { "https://other.example.com", 7, 400, "DW-SAML-ARTIFACT" },
                { SAML_IDP, 8, 503, "DW-SAML-ARTINDEX" } };
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) garbage = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *artifact = fixture_artifact (cases[i].entity_id, cases[i].index, HANDLE);
      g_autoptr (DoorResponse) response =
          bring (world, OKTA_ACS, artifact, pending->relay_state, pending->cookie);

      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
    }
  garbage = bring (world, OKTA_ACS, "AAAA", pending->relay_state, pending->cookie);
  sign_in_assert_refused (world, garbage, 400, "DW-SAML-ARTIFACT");
  g_assert_cmpuint (n_asked, ==, 0);
  assert_count (world, 1, "sign_in_request WHERE resolutions = 0");
}

static void
test_off (void)
{
  g_autoptr (World) world = new_world (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = bring_for (world, pending, HANDLE);

  g_assert_null (strstr (pending->xml, "HTTP-Artifact"));
  sign_in_assert_refused (world, response, 400, "DW-SAML-ARTIFACT");
  g_assert_cmpuint (n_asked, ==, 0);
}

/* A provider that could not answer is not worth sending anybody to. */
static void
test_provider_without_service (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (DoorResponse) response = NULL;

  set_metadata (world, "");
  response = world_get (world, "/mdm/sso", NULL);
  assert_status (response, 503);
}

/* Once for an artifact, whatever became of it, and three times for a request. */
static void
test_tries (void)
{
  static const char *const handles[] = { "abcdefghijklmnopqrs1", "abcdefghijklmnopqrs2",
                                         "abcdefghijklmnopqrs3" };
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) last = NULL, again = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (handles); i++)
    {
      g_autoptr (DoorResponse) away = NULL;

      prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
      provider.is_away = true;
      away = bring_for (world, pending, handles[i]);
      sign_in_assert_refused (world, away, 503, "DW-SAML-ARTPROVIDER");
      provider.is_away = false;
      if (i == 0)
        {
          again = bring_for (world, pending, handles[i]);
          sign_in_assert_refused (world, again, 403, "DW-SAML-ARTUSED");
        }
    }
  g_assert_cmpuint (n_asked, ==, 3);
  last = bring_for (world, pending, HANDLE);
  sign_in_assert_refused (world, last, 403, "DW-SAML-ARTUSED");
  g_assert_cmpuint (n_asked, ==, 3);
  assert_count (world, 1, "sign_in_request WHERE resolutions = 3 AND spent_at = 0");
  assert_count (world, 1, "attempt WHERE detail LIKE '%3 tries%'");
  assert_count (world, 1, "attempt WHERE detail LIKE '%presented before%'");
}

static void
test_used_by_a_sign_in (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (Pending) second = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) first = NULL, again = NULL, elsewhere = NULL;

  prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
  first = bring_for (world, pending, HANDLE);
  assert_status (first, 308);
  again = bring_for (world, pending, HANDLE);
  sign_in_assert_refused (world, again, 400, "DW-FLOW-SPENT");
  elsewhere = bring_for (world, second, HANDLE);
  sign_in_assert_refused (world, elsewhere, 403, "DW-SAML-ARTUSED");
  g_assert_cmpuint (n_asked, ==, 1);
}

/* What a provider may answer, and what becomes of it. */
static void
test_answers (void)
{
  static const char fault[] = "<soap:Envelope xmlns:soap=\"" SOAP_NS "\"><soap:Body><soap:Fault><faultcode>"
                              "soap:Server</faultcode><faultstring>out of order</faultstring></soap:Fault>"
                              "</soap:Body></soap:Envelope>";
  static const struct
  {
    Provider provider;
    unsigned int status;
    const char *fault;
    const char *detail;
  } cases[] = {
    { { .status = 302 }, 503, "DW-SAML-ARTPROVIDER", "status 302" },
    { { .status = 404 }, 503, "DW-SAML-ARTPROVIDER", "status 404" },
    { { .status = 500 }, 403, "DW-SAML-ARTANSWER", "comes with an error" },
    { { .status = 500, .body = fault }, 403, "DW-SAML-ARTANSWER", "out of order" },
    { { .body = "<html/>" }, 403, "DW-SAML-ARTANSWER", "not a SOAP 1.1 envelope" },
    { { .in_response_to = "_other" }, 403, "DW-SAML-ARTANSWER", "not to our ArtifactResolve" },
    { { .key = "rsa-other" }, 403, "DW-SAML-ARTANSWER", "signature" },
    { { .key = "rsa" }, 308, NULL, NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = new_world (BINDING);
      g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
      g_autoptr (DoorResponse) response = NULL;
      g_autofree char *detail = NULL;

      provider = cases[i].provider;
      prepare_answer (world, &(Answer){ .in_response_to = pending->request_id });
      response = bring_for (world, pending, HANDLE);
      g_test_message ("case %zu", i);
      if (cases[i].fault == NULL)
        {
          assert_status (response, cases[i].status);
          continue;
        }
      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
      detail = world_read (world, "SELECT detail FROM attempt");
      g_assert_nonnull (strstr (detail, cases[i].detail));
      assert_count (world, 1, "attempt WHERE checks = 'request'");
      assert_count (world, 0, "access_token");
    }
}

/* The Response inside is judged like any other; the connection it came by proves nothing. */
static void
test_inner_response (void)
{
  static const struct
  {
    Answer answer;
    unsigned int status;
    const char *fault;
  } cases[] = {
    { { .in_response_to = "_other" }, 400, "DW-FLOW-UNKNOWN" },
    { { .in_response_to = "" }, 403, "DW-SAML-UNSOLICITED" },
    { { .key = "rsa-other" }, 403, "DW-SAML-SIGNATURE" },
    { { .issuer = "https://other.example.com" }, 403, "DW-SAML-ISSUER" },
    { { .audience = "https://other.example.com" }, 403, "DW-SAML-AUDIENCE" },
    { { .acs_path = "/saml/other/acs" }, 403, "DW-SAML-DESTINATION" },
    { { .at_ms = WORLD_NOW_MS - HOUR_MS }, 403, "DW-SAML-LATE" },
    { { .status = "AuthnFailed" }, 403, "DW-SAML-STATUS" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = new_world (BINDING);
      g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
      g_autoptr (DoorResponse) response = NULL;
      Answer answer = cases[i].answer;

      if (answer.in_response_to == NULL)
        answer.in_response_to = pending->request_id;
      provider.key = "rsa";
      prepare_answer (world, &answer);
      response = bring_for (world, pending, HANDLE);
      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
      assert_count (world, 0, "access_token");
    }
}

/* A thread that may not wait asks nobody, and has changed nothing when it says so. */
static void
test_waiting (void)
{
  g_autoptr (World) world = new_world (BINDING);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autofree char *artifact = fixture_artifact (SAML_IDP, 7, HANDLE);
  const DoorLoginAnswer answer = { .connection = "okta",
                                   .cookie = pending->cookie,
                                   .state = pending->relay_state,
                                   .saml_response = "",
                                   .artifact = artifact,
                                   .address = "192.0.2.1",
                                   .request_id = "request-1" };
  g_auto (DoorLoginOutcome) outcome = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (door_login_finish (&world->context, &answer, &outcome, &error));
  g_assert_true (outcome.must_wait);
  g_assert_cmpuint (n_asked, ==, 0);
  assert_count (world, 0, "attempt");
  assert_count (world, 1, "sign_in_request WHERE resolutions = 0");
}

static void
test_sp_metadata (void)
{
  g_autoptr (World) world = new_world (BINDING), off = new_world (NULL);
  g_autoptr (DoorResponse) with = world_get (world, "/saml/okta/metadata", NULL),
                           without = world_get (off, "/saml/okta/metadata", NULL);
  g_autofree char *xml = world_dup_body (with), *xml_off = world_dup_body (without);

  g_assert_nonnull (strstr (xml, "bindings:HTTP-Artifact\" Location=\"" SAML_ACS "\" index=\"1\"/>"));
  g_assert_nonnull (strstr (xml, "<md:KeyDescriptor use=\"signing\">"));
  g_assert_null (strstr (xml_off, "HTTP-Artifact"));
  g_assert_null (strstr (xml_off, "KeyDescriptor"));
}

static void
add (void)
{
  g_test_add_func ("/artifact/get", test_get);
  g_test_add_func ("/artifact/post", test_post);
  g_test_add_func ("/artifact/shared-address", test_shared_address);
  g_test_add_func ("/artifact/response-by-post", test_response_by_post);
  g_test_add_func ("/artifact/administrator", test_administrator);
  g_test_add_func ("/artifact/strangers", test_nothing_is_fetched_for_strangers);
  g_test_add_func ("/artifact/unsolicited", test_unsolicited);
  g_test_add_func ("/artifact/not-resolved", test_artifacts_that_are_not_resolved);
  g_test_add_func ("/artifact/off", test_off);
  g_test_add_func ("/artifact/provider-without-service", test_provider_without_service);
  g_test_add_func ("/artifact/tries", test_tries);
  g_test_add_func ("/artifact/used", test_used_by_a_sign_in);
  g_test_add_func ("/artifact/answers", test_answers);
  g_test_add_func ("/artifact/inner-response", test_inner_response);
  g_test_add_func ("/artifact/waiting", test_waiting);
  g_test_add_func ("/artifact/sp-metadata", test_sp_metadata);
}

int
main (int argc, char **argv)
{
  int status = world_run (argc, argv, add);

  g_clear_pointer (&provider.response, g_free);
  return status;
}
