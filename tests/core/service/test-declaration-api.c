/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"

#define CONFIG                                                                                               \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"                                                   \
  "[team/red]\nTitle=Red\n[team/blue]\nTitle=Blue\n"
#define CODE "/api/v1/declarations/test.code"
#define PASSCODE                                                                                             \
  "{\"Identifier\":\"test.code\",\"Type\":\"com.apple.configuration.passcode.settings\","                    \
  "\"Payload\":{\"MinimumLength\":6}}"

typedef struct
{
  World *world;
  char *session;
} Stage;

static void
stage_free (Stage *self)
{
  g_free (self->session);
  world_free (self->world);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Stage, stage_free)

static Stage *
stage_new (const char *roles)
{
  Stage *self = g_new0 (Stage, 1);

  self->world = world_new (CONFIG);
  administrator_add (self->world, "root", "admin");
  self->session = g_strdup ("token-of-who");
  administrator_add (self->world, "who", roles);
  administrator_open_session (self->world, "who", self->session);
  return self;
}

/* What is answered, of which some text is part. */
static void
assert_answer (Stage *stage, const char *method, const char *target, const char *json, unsigned int status,
               const char *part)
{
  g_autoptr (DoorResponse) response = administrator_send (stage->world, method, target, stage->session, json);
  g_autofree char *body = world_dup_body (response);

  if (door_response_get_status (response) != status || strstr (body, part) == NULL)
    g_error ("%s %s: %u %s", method, target, door_response_get_status (response), body);
}

static void
test_life (void)
{
  g_autoptr (Stage) stage = stage_new ("admin");
  static const char eight[] =
      "{\"Identifier\":\"test.code\",\"Type\":\"com.apple.configuration.passcode.settings\","
      "\"Payload\":{\"MinimumLength\":8}}";

  assert_answer (stage, "GET", CODE "?team=red", NULL, 404, "DW-HTTP-NOTFOUND");
  assert_answer (stage, "PUT", CODE "?team=red", PASSCODE, 201, "\"payload\":{\"MinimumLength\":6}");
  assert_count (stage->world, 1, "declaration_set WHERE team = 'red' AND wave = 1 AND wave_open = 1");
  assert_answer (stage, "PUT", CODE "?team=red", PASSCODE, 200, "");
  assert_count (stage->world, 1, "declaration_set WHERE team = 'red' AND wave = 1");
  assert_answer (stage, "PUT", CODE "?team=red", eight, 200, "\"payload\":{\"MinimumLength\":8}");
  assert_count (stage->world, 1, "declaration_set WHERE team = 'red' AND wave = 2");
  assert_answer (stage, "GET", CODE "?team=red", NULL, 200, "\"payload\":{\"MinimumLength\":8}");
  assert_answer (stage, "GET", "/api/v1/declarations?team=red", NULL, 200, "\"identifier\":\"test.code\"");
  assert_answer (stage, "GET", "/api/v1/declarations?team=blue", NULL, 200, "\"declarations\":[]");
  assert_answer (stage, "GET", "/api/v1/declarations", NULL, 200, "\"declarations\":[]");
  assert_answer (stage, "GET", "/api/v1/declarations?team=green", NULL, 404, "DW-TEAM-UNKNOWN");
  assert_answer (stage, "PUT", CODE "?team=green", PASSCODE, 404, "DW-TEAM-UNKNOWN");
  assert_answer (stage, "DELETE", CODE "?team=blue", NULL, 404, "");
  assert_answer (stage, "DELETE", CODE "?team=red", NULL, 204, "");
  assert_count (stage->world, 0, "declaration");
  assert_count (stage->world, 1, "declaration_set WHERE team = 'red' AND wave = 3");
}

/* What doorctl refuses is refused here, with the reason. */
static void
test_refused (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
    const char *part;
  } cases[] = {
    { "{}", 400, "Identifier: 1 to 128" },
    { "[]", 400, "a declaration is an object" },
    { "{", 400, "DW-HTTP-BADREQUEST" },
    { "{\"Identifier\":\"test.code\",\"Type\":\"x\",\"Payload\":{}}", 400, "Type: " },
    { "{\"Identifier\":\"test.code\",\"Type\":\"com.apple.asset.data\"}", 400, "Payload: " },
    { "{\"Identifier\":\"other\",\"Type\":\"com.apple.asset.data\",\"Payload\":{}}", 400,
      "not the one of the address" },
    { "{\"Identifier\":\"test.code\",\"Type\":\"com.apple.activation.simple\",\"Payload\":"
      "{\"StandardConfigurations\":[\"none\"]}}",
      409, "no configuration of the Identifier none" },
  };
  g_autoptr (Stage) stage = stage_new ("admin");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_answer (stage, "PUT", CODE, cases[i].json, cases[i].status, cases[i].part);
  assert_count (stage->world, 0, "declaration");
  assert_count (stage->world, 0, "declaration_set");
}

/* A role in a team is good for the declarations of that team, and for those of no team one everywhere is
 * needed. Whether a team exists is not told to who may do nothing in it. */
static void
test_reach (void)
{
  static const struct
  {
    const char *roles;
    unsigned int reads, writes;
    unsigned int reads_none, writes_none;
  } cases[] = {
    { "maintainer", 200, 200, 200, 201 },    { "maintainer in red", 200, 200, 403, 403 },
    { "admin in blue", 403, 403, 403, 403 }, { "technician in red", 200, 403, 403, 403 },
    { "technician", 200, 403, 200, 403 },    { "observer", 403, 403, 403, 403 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Stage) stage = stage_new (cases[i].roles);

      g_test_message ("%s", cases[i].roles);
      administrator_add (stage->world, "first", "admin");
      administrator_open_session (stage->world, "first", "token-of-first");
      {
        g_autoptr (DoorResponse) made =
            administrator_send (stage->world, "PUT", CODE "?team=red", "token-of-first", PASSCODE);

        assert_status (made, 201);
      }
      assert_answer (stage, "GET", "/api/v1/declarations?team=red", NULL, cases[i].reads, "");
      assert_answer (stage, "GET", CODE "?team=red", NULL, cases[i].reads, "");
      assert_answer (stage, "PUT", CODE "?team=red", PASSCODE, cases[i].writes, "");
      assert_answer (stage, "GET", "/api/v1/declarations", NULL, cases[i].reads_none, "");
      assert_answer (stage, "PUT", CODE, PASSCODE, cases[i].writes_none, "");
      assert_answer (stage, "DELETE", CODE "?team=red", NULL, cases[i].writes == 200 ? 204 : 403, "");
      assert_count (stage->world, cases[i].writes == 200 ? 0 : 1, "declaration WHERE team = 'red'");
      if (cases[i].reads_none == 403)
        assert_answer (stage, "GET", "/api/v1/declarations?team=green", NULL, 403, "");
    }
}

#define KEPT                                                                                                 \
  "[{\"identifier\":\"test.code\",\"active\":false,\"valid\":\"invalid\",\"server_token\":\"t\","            \
  "\"reasons\":[],"                                                                                          \
  "\"reported_at\":null},{\"identifier\":\"test.gone\",\"active\":true,\"valid\":\"valid\",\"server_"        \
  "token\":\"t\","                                                                                           \
  "\"reasons\":[],\"reported_at\":null}]"

/* What a device says is for those who may look at declarations of the team in which it is enrolled, and is
 * about the declarations that this has now. */
static void
test_device (void)
{
  static const struct
  {
    const char *roles;
    unsigned int status;
  } cases[] = {
    { "admin", 200 },    { "technician in red", 200 }, { "maintainer in blue", 404 },
    { "observer", 403 }, { "observer in red", 403 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Stage) stage = stage_new (cases[i].roles);
      g_autoptr (DoorResponse) made = NULL, response = NULL;
      g_autofree char *body = NULL;

      administrator_add (stage->world, "first", "admin");
      administrator_open_session (stage->world, "first", "token-of-first");
      made = administrator_send (stage->world, "PUT", CODE "?team=red", "token-of-first", PASSCODE);
      assert_status (made, 201);
      world_write (stage->world,
                   "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, "
                   "seen_at) VALUES ('d1', 'a', 'user-enrollment', 'iPhone15,4', '18.2', '22C', 1, 1)");
      world_write (
          stage->world,
          "INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, push_magic, "
          "push_token, created_at, active_at, token_updated_at, ended_at, end_reason) VALUES ('e1', "
          "'d1', 'red', 'active', '', '', '', '', 1, 1, 1, 0, '')");
      world_write (stage->world, "INSERT INTO declaration_status (channel_id, enrollment_id, report, "
                                 "reported_at) VALUES ('e1', 'e1', '" KEPT "', 5)");
      g_test_message ("%s", cases[i].roles);
      response =
          administrator_send (stage->world, "GET", "/api/v1/devices/d1/declarations", stage->session, NULL);
      assert_status (response, cases[i].status);
      body = world_dup_body (response);
      g_assert_cmpint (strstr (body, "\"identifier\":\"test.code\",\"active\":false") != NULL, ==,
                       cases[i].status == 200);
      g_assert_null (strstr (body, "test.gone"));
    }
}

static void
add (void)
{
  g_test_add_func ("/declaration-api/life", test_life);
  g_test_add_func ("/declaration-api/refused", test_refused);
  g_test_add_func ("/declaration-api/reach", test_reach);
  g_test_add_func ("/declaration-api/device", test_device);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
