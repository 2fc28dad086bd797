/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections over HTTP, and who calls: by the session of a browser, or by a token of it. */
#include <string.h>

#include <json-glib/json-glib.h>

#include "administrator.h"
#include "door-digest.h"
#include "door-error.h"

#define CONFIG "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n[admin]\nTokenLifetime=10min\n"

static char *
dup_file_cb (gpointer owner, const char *group)
{
  return g_str_equal (group, "idp/okta") ? g_strdup ("/etc/doorward/doorward.conf") : NULL;
}

static bool
check_cb (gpointer owner, const char *group, const char *content, GError **error)
{
  return strstr (content, "Nonsense") == NULL ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_UNKNOWNKEY, "there is no key Nonsense");
}

static void
changed_cb (gpointer owner)
{
}

static const DoorObjectHost host = { NULL, dup_file_cb, check_cb, changed_cb };

static World *
open_world (void)
{
  World *world = world_new (CONFIG);

  world->context.objects = &host;
  administrator_add (world, "root", "admin");
  administrator_add (world, "helper", "observer");
  return world;
}

static char *
open_session (World *world, const char *name)
{
  char *token = g_strdup_printf ("token-of-%s", name);

  administrator_open_session (world, name, token);
  return token;
}

static JsonObject *
read_object (DoorResponse *response)
{
  g_autofree char *body = world_dup_body (response);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (body, &error);

  g_assert_no_error (error);
  return json_node_dup_object (node);
}

static void
assert_member (DoorResponse *response, const char *name, const char *expected)
{
  g_autoptr (JsonObject) object = read_object (response);

  g_assert_cmpstr (json_object_get_string_member_with_default (object, name, NULL), ==, expected);
}

static DoorResponse *
by_token (World *world, const char *method, const char *target, const char *token, const char *type,
          GBytes *body)
{
  const Visit visit = {
    .method = method, .target = target, .bearer = token, .content_type = type, .body = body
  };

  return world_visit (world, &visit);
}

static char *
get_token (World *world, const char *session)
{
  g_autoptr (DoorResponse) response = administrator_send (world, "POST", "/api/v1/auth/token", session, "{}");
  g_autoptr (JsonObject) object = NULL;

  assert_status (response, 201);
  object = read_object (response);
  g_assert_cmpint (json_object_get_int_member (object, "expires_in"), ==, 600);
  return g_strdup (json_object_get_string_member (object, "access_token"));
}

/* Made without metadata, it has its addresses; then it gets metadata, twice, and goes. */
static void
test_life (void)
{
  g_autoptr (World) world = open_world ();
  g_autofree char *session = open_session (world, "root"), *token = get_token (world, session);
  g_autoptr (GBytes) xml = test_data_load ("saml/metadata", "okta.xml");
  g_autoptr (GBytes) junk = g_bytes_new_static ("<x/>", 4);
  g_autoptr (DoorResponse) made = administrator_send (world, "POST", "/api/v1/connections", session,
                                                      "{\"name\":\"corp\",\"display_name\":\"Corp\",\"use\":["
                                                      "\"admin\"],\"settings\":{\"WantSigned\":\"both\"}}");
  g_autoptr (DoorResponse) again =
      administrator_send (world, "POST", "/api/v1/connections", session, "{\"name\":\"corp\"}");
  g_autoptr (DoorResponse) bad =
      by_token (world, "PUT", "/api/v1/connections/corp/metadata", token, "application/xml", junk);
  g_autoptr (DoorResponse) none = administrator_get (world, "/api/v1/connections/corp/metadata", session);
  g_autoptr (DoorResponse) put = by_token (world, "PUT", "/api/v1/connections/corp/metadata", token,
                                           "application/samlmetadata+xml", xml);
  g_autoptr (DoorResponse) stored = administrator_get (world, "/api/v1/connections/corp/metadata", session);
  g_autoptr (DoorResponse) odd =
      by_token (world, "PUT", "/api/v1/connections/corp/metadata", token, "text/plain", xml);
  g_autoptr (DoorResponse) removed =
      by_token (world, "DELETE", "/api/v1/connections/corp", token, NULL, NULL);
  g_autoptr (DoorResponse) gone = administrator_get (world, "/api/v1/connections/corp", session);
  g_autoptr (DoorResponse) never =
      administrator_send (world, "POST", "/api/v1/connections", session, "{\"name\":\"corp\"}");

  assert_status (made, 201);
  g_assert_cmpstr (door_response_lookup_header (made, "Location"), ==, "/api/v1/connections/corp");
  assert_member (made, "entity_id", "https://mdm.example.com/saml/corp");
  assert_member (made, "acs_url", "https://mdm.example.com/saml/corp/acs");
  assert_member (made, "start_url", "https://mdm.example.com/saml/corp/start");
  assert_member (made, "sp_metadata_url", "https://mdm.example.com/saml/corp/metadata");
  assert_member (made, "metadata", "missing");
  assert_status (again, 409);
  assert_member (again, "code", "DW-CONN-EXISTS");
  assert_status (bad, 422);
  assert_status (none, 404);
  assert_status (put, 200);
  assert_member (put, "metadata", "present");
  assert_member (put, "acs_url", "https://mdm.example.com/saml/corp/acs");
  assert_status (stored, 200);
  g_assert_true (g_bytes_equal (door_response_get_body (stored), xml));
  assert_status (odd, 415);
  assert_status (removed, 204);
  assert_status (gone, 404);
  assert_status (never, 409);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
    const char *code;
  } cases[] = {
    { "{\"name\":\"okta\"}", 409, "DW-CONN-FILE" },
    { "{\"name\":\"a b\"}", 422, "DW-CONN-INVALID" },
    { "{}", 400, "DW-HTTP-BADREQUEST" },
    { "[]", 400, "DW-HTTP-BADREQUEST" },
    { "{\"name\":1}", 400, NULL },
    { "{\"name\":\"x\",\"colour\":\"red\"}", 400, "DW-HTTP-BADREQUEST" },
    { "{\"name\":\"x\",\"name\":\"y\"}", 400, "DW-HTTP-BADREQUEST" },
    { "{\"name\":\"x\",\"use\":[\"admin;enrollment\"]}", 400, "DW-HTTP-BADREQUEST" },
    { "{\"name\":\"x\",\"settings\":{\"Nonsense\":\"1\"}}", 422, "DW-CONN-INVALID" },
    { "{\"name\":\"x\",\"settings\":{\"A\":\"1\\nMetadataFile=/etc/passwd\"}}", 422, "DW-CONN-INVALID" },
    { "{\"name\":\"x\",\"settings\":{\"MetadataUrl\":\"https://a.example\"}}", 422, "DW-CONN-INVALID" },
    { "{\"name\":\"x\",\"metadata\":\"<x/>\"}", 422, "DW-CONN-INVALID" },
    { "{\"name\":\"x\",\"metadata\":\"<x/>\",\"metadata_url\":\"https://a.example\"}", 400,
      "DW-HTTP-BADREQUEST" },
  };
  g_autoptr (World) world = open_world ();
  g_autofree char *session = open_session (world, "root");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response =
          administrator_send (world, "POST", "/api/v1/connections", session, cases[i].json);

      g_test_message ("%s", cases[i].json);
      assert_status (response, cases[i].status);
      if (cases[i].code != NULL)
        assert_member (response, "code", cases[i].code);
    }
  assert_count (world, 0, "config_object");
}

static void
assert_token (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = by_token (world, "GET", "/api/v1/me", token, NULL, NULL);

  assert_status (response, status);
}

/* Whoever may not, may not at any of the addresses; nor does another site's page that the browser obeys. */
static void
test_forbidden (void)
{
  static const char *const requests[][2] = {
    { "GET", "/api/v1/connections" },         { "GET", "/api/v1/connections/okta" },
    { "POST", "/api/v1/connections" },        { "GET", "/api/v1/connections/okta/metadata" },
    { "DELETE", "/api/v1/connections/okta" }, { "PUT", "/api/v1/connections/okta/metadata" },
  };
  g_autoptr (World) world = open_world ();
  g_autofree char *helper = open_session (world, "helper"), *root = open_session (world, "root");
  g_autofree char *cookie = g_strconcat (DOOR_ADMIN_COOKIE "=", root, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      const char *method = requests[i][0], *target = requests[i][1];
      const Visit cross = { .method = method, .target = target, .header = { "Cookie", cookie } };
      const char *json = *method == 'P' ? "{\"name\":\"x\"}" : NULL;
      g_autoptr (DoorResponse) refused = administrator_send (world, method, target, helper, json);
      g_autoptr (DoorResponse) nobody = administrator_send (world, method, target, NULL, json);
      g_autoptr (DoorResponse) elsewhere = world_visit (world, &cross);

      g_test_message ("%s %s", method, target);
      assert_status (refused, 403);
      assert_status (nobody, 401);
      if (!g_str_equal (method, "GET"))
        assert_status (elsewhere, 403);
    }
}

/* It says who one is for as long as session and person are there, and no longer than it was made for. */
static void
test_token (void)
{
  g_autoptr (World) world = open_world ();
  g_autofree char *session = open_session (world, "root"), *token = get_token (world, session);
  g_autofree char *other = open_session (world, "helper"), *token_of_other = get_token (world, other);

  assert_token (world, token, 200);
  assert_token (world, "nonsense", 401);
  world_write (world, "UPDATE admin_session SET administrator_id = 'root' WHERE id = 'session-helper'");
  assert_token (world, token_of_other, 401); /* of somebody else */
  world_write (world, "UPDATE administrator SET state = 'deactivated' WHERE id = 'root'");
  assert_token (world, token, 401);
  world_write (world, "UPDATE administrator SET state = 'active' WHERE id = 'root'");
  assert_token (world, token, 200);
  world_write (world, "UPDATE admin_session SET ended_at = 1 WHERE id = 'session-root'");
  assert_token (world, token, 401);
  world_write (world, "UPDATE admin_session SET ended_at = 0 WHERE id = 'session-root'");
  world_advance (world, 10 * MINUTE_MS - 1000);
  assert_token (world, token, 200);
  world_advance (world, 1000);
  assert_token (world, token, 401);
}

/* A token is had by a browser that is signed in, on a page of this server; and none of a token. */
static void
test_who_gets_a_token (void)
{
  g_autoptr (World) world = open_world ();
  g_autofree char *session = open_session (world, "root"), *token = get_token (world, session);
  g_autoptr (DoorResponse) nobody = administrator_send (world, "POST", "/api/v1/auth/token", NULL, "{}");
  g_autofree char *cookie = g_strconcat (DOOR_ADMIN_COOKIE "=", session, NULL);
  const Visit cross = { .method = "POST", .target = "/api/v1/auth/token", .header = { "Cookie", cookie } };
  const Visit with_token = {
    .method = "POST", .target = "/api/v1/auth/token", .bearer = token, .header = { "Cookie", cookie }
  };
  g_autoptr (DoorResponse) elsewhere = world_visit (world, &cross), armed = world_visit (world, &with_token);
  g_autoptr (DoorResponse) by_itself = by_token (world, "POST", "/api/v1/auth/token", token, NULL, NULL);

  assert_status (nobody, 401);
  assert_status (elsewhere, 403);
  assert_status (armed, 403);
  assert_status (by_itself, 401);
}

/* The cookie that a browser sends along does not help a token that is none. */
static void
test_token_before_cookie (void)
{
  g_autoptr (World) world = open_world ();
  g_autofree char *session = open_session (world, "root");
  g_autofree char *cookie = g_strconcat (DOOR_ADMIN_COOKIE "=", session, NULL);
  const Visit visit = { .method = "DELETE",
                        .target = "/api/v1/connections/nobody",
                        .bearer = "nonsense",
                        .header = { "Cookie", cookie } };
  g_autoptr (DoorResponse) response = world_visit (world, &visit);

  assert_status (response, 401);
}

static void
test_start_for_administrators (void)
{
  g_autoptr (World) world = world_new ("[idp/desk]\nType=saml\nMetadataUpload=true\nUse=admin\n");
  g_autoptr (DoorResponse) response = world_get (world, "/saml/desk/start", NULL);

  assert_status (response, 303);
  g_assert_cmpstr (door_response_lookup_header (response, "Location"), ==, "/admin/login?idp=desk");
}

static void
add_tests (void)
{
  g_test_add_func ("/connection-api/life", test_life);
  g_test_add_func ("/connection-api/refused", test_refused);
  g_test_add_func ("/connection-api/forbidden", test_forbidden);
  g_test_add_func ("/connection-api/token", test_token);
  g_test_add_func ("/connection-api/who-gets-a-token", test_who_gets_a_token);
  g_test_add_func ("/connection-api/token-before-cookie", test_token_before_cookie);
  g_test_add_func ("/connection-api/start-for-administrators", test_start_for_administrators);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}
