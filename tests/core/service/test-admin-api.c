/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"
#include "door-digest.h"

#define CONFIG                                                                                               \
  "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n"                                                   \
  "[team/red]\nTitle=Red\n[team/blue]\nTitle=Blue\n"

/* What may be asked, and how. */
static const struct
{
  const char *action, *method, *target, *json;
  unsigned int granted;
} requests[] = {
  { "pages", "GET", "/admin", NULL, 200 },
  { "read devices", "GET", "/api/v1/devices", NULL, 200 },
  { "read people", "GET", "/api/v1/people", NULL, 200 },
  { "read sign-ins", "GET", "/api/v1/sign-ins", NULL, 200 },
  { "read acceptances", "GET", "/api/v1/eula-acceptances", NULL, 200 },
  { "read administrators", "GET", "/api/v1/administrators", NULL, 200 },
  { "write administrators", "PATCH", "/api/v1/administrators/other",
    "{\"roles\":[{\"role\":\"observer\",\"team\":null}]}", 204 },
  { "end sessions", "DELETE", "/api/v1/administrators/other/sessions", NULL, 204 },
  { "read connections", "GET", "/api/v1/connections", NULL, 200 },
  { "write connections", "DELETE", "/api/v1/connections/nobody", NULL, 404 },
  { "read commands", "GET", "/api/v1/devices/nobody/commands", NULL, 404 },
  { "ask devices", "POST", "/api/v1/devices/nobody/commands", "{\"request_type\":\"SecurityInfo\"}", 404 },
  { "command devices", "POST", "/api/v1/devices/nobody/commands", "{\"request_type\":\"DeviceLock\"}", 404 },
  { "own tokens", "DELETE", "/api/v1/tokens/nobody", NULL, 404 },
  { "enrollment links", "GET", "/api/v1/enrollment-links", NULL, 200 },
  { "read declarations", "GET", "/api/v1/declarations?team=red", NULL, 200 },
  { "write declarations", "DELETE", "/api/v1/declarations/nothing?team=red", NULL, 404 },
};

static char *
no_file_cb (gpointer owner, const char *group)
{
  return NULL;
}

static const DoorObjectHost no_objects = { .dup_file = no_file_cb };

/* A session for an administrator that is in the database. */
static char *
open_session (World *world, const char *name)
{
  char *token = g_strdup_printf ("token-of-%s", name);

  administrator_open_session (world, name, token);
  return token;
}

/* The cells of a line of a table, without the spaces around them; %NULL for another line. */
static char **
split_row (const char *line)
{
  char **cells = *line == '|' ? g_strsplit (line + 1, "|", -1) : NULL;

  for (size_t i = 0; cells != NULL && cells[i] != NULL; i++)
    g_strstrip (cells[i]);
  return cells;
}

/* The cell of docs/roles.md: "yes", "no" or "everywhere"; for API-only "as the role". */
static char *
read_cell (const char *action, const char *column)
{
  g_autofree char *path = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "..", "docs", "roles.md", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  size_t at = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) cells = split_row (*line);

      if (cells == NULL)
        continue;
      if (at == 0 && g_str_equal (cells[0], "action"))
        for (size_t i = 1; cells[i] != NULL; i++)
          at = g_str_equal (cells[i], column) ? i : at;
      else if (at != 0 && g_str_equal (cells[0], action))
        return g_strdup (cells[at]);
    }
  g_error ("docs/roles.md has no cell %s, %s", action, column);
}

static bool
is_granted (const char *action, const char *role, bool in_team, bool api_only)
{
  g_autofree char *cell = read_cell (action, role), *api = read_cell (action, "API-only");

  if (api_only && g_str_equal (api, "no"))
    return false;
  return g_str_equal (cell, "yes") || (g_str_equal (cell, "everywhere") && !in_team);
}

/* Each cell of the table in docs/roles.md, asked for over HTTP. */
static void
test_table (void)
{
  static const char *const roles[] = { "admin",    "maintainer", "observer_plus",
                                       "observer", "technician", "helpdesk" };
  g_autoptr (World) world = world_new (CONFIG);

  world->context.objects = &no_objects;
  administrator_add (world, "root", "admin");
  administrator_add (world, "other", "observer");
  g_assert_cmpuint (G_N_ELEMENTS (requests), ==, DOOR_N_ACTIONS);
  for (size_t i = 0; i < G_N_ELEMENTS (roles) * 4; i++)
    {
      const char *role = roles[i / 4];
      bool in_team = (i & 1) != 0, api_only = (i & 2) != 0;
      g_autofree char *name = g_strdup_printf ("who%zu", i), *session = NULL;
      g_autofree char *grant = g_strconcat (role, in_team ? " in red" : "", NULL);

      administrator_add (world, name, grant);
      if (api_only)
        {
          g_autofree char *sql =
              g_strdup_printf ("UPDATE administrator SET api_only = 1 WHERE id = '%s'", name);

          world_write (world, sql);
        }
      session = open_session (world, name);
      for (size_t j = 0; j < G_N_ELEMENTS (requests); j++)
        {
          g_autoptr (DoorResponse) response =
              administrator_send (world, requests[j].method, requests[j].target, session, requests[j].json);
          bool granted = is_granted (requests[j].action, role, in_team, api_only);

          g_test_message ("%s: %s%s", grant, requests[j].action, api_only ? ", API-only" : "");
          assert_status (response, granted ? requests[j].granted : 403);
          g_assert_cmpstr (door_action_to_word ((DoorAction) j), ==, requests[j].action);
          g_assert_cmpint (
              door_permission_allows (door_role_from_word (role), (DoorAction) j, api_only, in_team), ==,
              granted);
        }
    }
}

/* Nobody without a session learns anything, and no other site changes anything. */
static void
test_strangers (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL, *cookie = NULL;

  world->context.objects = &no_objects;
  administrator_add (world, "root", "admin");
  administrator_add (world, "other", "observer");
  session = open_session (world, "root");
  cookie = g_strdup_printf (DOOR_ADMIN_COOKIE "=%s", session);
  for (size_t i = 1; i < G_N_ELEMENTS (requests); i++)
    {
      g_autoptr (DoorResponse) nobody =
          administrator_send (world, requests[i].method, requests[i].target, NULL, requests[i].json);
      g_autoptr (GBytes) body =
          requests[i].json != NULL ? g_bytes_new_static (requests[i].json, strlen (requests[i].json)) : NULL;
      const Visit visit = { .method = requests[i].method,
                            .target = requests[i].target,
                            .content_type = "application/json",
                            .header = { "Cookie", cookie },
                            .body = body };
      g_autoptr (DoorResponse) foreign = world_visit (world, &visit);

      assert_status (nobody, 401);
      g_assert_cmpstr (door_response_lookup_header (nobody, "Content-Type"), ==, "application/problem+json");
      assert_status (foreign, g_str_equal (requests[i].method, "GET") ? requests[i].granted : 403);
    }
  assert_count (world, 1, "administrator_role WHERE administrator_id = 'other' AND role = 'observer'");
}

static void
test_edit (void)
{
  static const struct
  {
    const char *json;
    unsigned int status;
    const char *roles;
  } cases[] = {
    { "{\"roles\":[{\"role\":\"maintainer\",\"team\":\"red\"},{\"role\":\"admin\",\"team\":\"blue\"}]}", 204,
      "[{'t': <'blue'>, 'r': <'admin'>}, {'t': <'red'>, 'r': <'maintainer'>}]" },
    { "{\"roles\":[{\"role\":\"technician\"}]}", 204, "[{'t': <''>, 'r': <'technician'>}]" },
    { "{\"roles\":[{\"role\":\"owner\"}]}", 400, NULL },
    { "{\"roles\":[{\"role\":\"none\"}]}", 400, NULL },
    { "{\"roles\":[{\"role\":\"admin\",\"team\":\"green\"}]}", 400, NULL },
    { "{\"roles\":[{\"role\":\"admin\"},{\"role\":\"admin\",\"team\":\"red\"}]}", 400, NULL },
    { "{\"roles\":[{\"role\":\"admin\",\"team\":\"red\"},{\"role\":\"observer\",\"team\":\"red\"}]}", 400,
      NULL },
    { "{\"roles\":[]}", 400, NULL },
    { "{\"roles\":{}}", 400, NULL },
    { "{\"role\":\"admin\"}", 400, NULL },
    { "{\"state\":\"gone\"}", 400, NULL },
    { "{\"sso_enabled\":1}", 400, NULL },
    { "[]", 400, NULL },
    { "{\"email\":\"x@example.com\"}", 400, NULL },
  };
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL, *last = g_strdup ("[{'t': <''>, 'r': <'observer'>}]");

  administrator_add (world, "root", "admin");
  administrator_add (world, "other", "observer");
  session = open_session (world, "root");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response =
          administrator_send (world, "PATCH", "/api/v1/administrators/other", session, cases[i].json);
      g_autofree char *roles = world_read (world, "SELECT team AS t, role AS r FROM administrator_role WHERE "
                                                  "administrator_id = 'other' ORDER BY team");

      g_test_message ("%s", cases[i].json);
      assert_status (response, cases[i].status);
      if (cases[i].roles != NULL)
        {
          g_free (last);
          last = g_strdup (cases[i].roles);
        }
      g_assert_cmpstr (roles, ==, last);
    }
  {
    g_autoptr (DoorResponse) nobody =
        administrator_send (world, "PATCH", "/api/v1/administrators/nobody", session, "{}");

    assert_status (nobody, 404);
  }
}

/* Each change that takes or gives a right ends sessions; the last administrator stays. */
static void
test_consequences (void)
{
  static const char *const changes[] = { "{\"roles\":[{\"role\":\"maintainer\"}]}", "{\"sso_enabled\":false}",
                                         "{\"state\":\"deactivated\"}" };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (World) world = world_new (CONFIG);
      g_autofree char *root = NULL, *other = NULL;
      g_autoptr (DoorResponse) changed = NULL, after = NULL, last = NULL, itself = NULL;

      administrator_add (world, "root", "admin");
      administrator_add (world, "other", "admin");
      root = open_session (world, "root");
      other = open_session (world, "other");
      changed = administrator_send (world, "PATCH", "/api/v1/administrators/other", root, changes[i]);
      assert_status (changed, 204);
      after = administrator_get (world, "/api/v1/me", other);
      assert_status (after, 401);
      last = administrator_send (world, "PATCH", "/api/v1/administrators/root", root, changes[i]);
      assert_status (last, 409);
      itself = administrator_get (world, "/api/v1/me", root);
      assert_status (itself, 200);
      assert_count (world, 1, "administrator WHERE id = 'root' AND state = 'active' AND sso_enabled = 1");
    }
}

/* A device of a person in a team. */
static void
add_device (World *world, const char *name, const char *team)
{
  static const char *const statements[] = {
    "INSERT INTO person VALUES ('p-%s', 'active', '%s', '', '', '', '', '', '', '', 1, 1, 1)",
    "INSERT INTO device (id, apple_id, kind, product, os_version, build_version, created_at, seen_at) VALUES "
    "('d-%s', 'a-%s', 'user-enrollment', '', '', '', 1, 1)",
    "INSERT INTO association VALUES ('s-%s', 'p-%s', 'd-%s', 'sign-in', 1, 0, '')",
  };
  g_autofree char *enrollment =
      g_strdup_printf ("INSERT INTO enrollment (id, device_id, team, state, certificate_sha256, topic, "
                       "push_magic, push_token, created_at, active_at, token_updated_at, ended_at, "
                       "end_reason) VALUES ('e-%s', 'd-%s', '%s', 'active', '', '', '', '', 1, 1, 1, 0, '')",
                       name, name, team);
  g_autofree char *attempt = g_strdup_printf (
      "INSERT INTO attempt (code, at, request_id, connection, team, fault, detail, checks, person_id) VALUES "
      "('c-%s', 5, '', 'okta', '%s', '', '', '', '')",
      name, team);

  for (size_t i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_auto (GStrv) parts = g_strsplit (statements[i], "%s", -1);
      g_autofree char *sql = g_strjoinv (name, parts);

      world_write (world, sql);
    }
  world_write (world, enrollment);
  world_write (world, attempt);
}

/* In a team one sees what is of the team, and page by page. */
static void
test_teams (void)
{
  static const struct
  {
    const char *roles, *target, *names;
  } cases[] = {
    { "observer_plus", "/api/v1/devices", "d-1 d-2 d-3" },
    { "observer_plus in red", "/api/v1/devices", "d-1 d-3" },
    { "observer_plus in red, observer_plus in blue", "/api/v1/devices", "d-1 d-2 d-3" },
    { "observer_plus in green", "/api/v1/devices", "" },
    { "observer_plus", "/api/v1/people", "p-1 p-2 p-3 p-4" },
    { "observer_plus in red", "/api/v1/people", "p-1 p-3" },
    { "observer_plus", "/api/v1/sign-ins", "c-1 c-2 c-3 c-4" },
    { "observer_plus in red", "/api/v1/sign-ins", "c-1 c-3" },
    { "observer in red, helpdesk in blue", "/api/v1/sign-ins", "c-2" }, /* an observer sees none */
    { "observer in red, helpdesk in blue", "/api/v1/devices", "d-1 d-2 d-3" },
  };
  g_autoptr (World) world = world_new (CONFIG);

  add_device (world, "1", "red");
  add_device (world, "2", "blue");
  add_device (world, "3", "red");
  add_device (world, "4", "");
  world_write (world, "DELETE FROM enrollment WHERE id = 'e-4'");
  world_write (world, "DELETE FROM association WHERE id = 's-4'");
  world_write (world, "DELETE FROM device WHERE id = 'd-4'");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("who%zu", i), *session = NULL, *after = NULL;
      g_autoptr (GString) names = g_string_new (NULL);

      administrator_add (world, name, cases[i].roles);
      session = open_session (world, name);
      do
        {
          g_autofree char *target = g_strdup_printf (
              "%s?limit=1%s%s", cases[i].target, after != NULL ? "&after=" : "", after != NULL ? after : "");
          g_autoptr (DoorResponse) response = administrator_get (world, target, session);
          g_autofree char *body = world_dup_body (response);
          char *next = strstr (body, "\"next\":\"");

          assert_status (response, 200);
          g_clear_pointer (&after, g_free);
          if (next != NULL)
            {
              after = g_strndup (next + 8, strcspn (next + 8, "\""));
              g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "", after);
            }
        }
      while (after != NULL);
      g_test_message ("%s %s", cases[i].roles, cases[i].target);
      g_assert_cmpstr (names->str, ==, cases[i].names);
    }
}

static void
test_limits (void)
{
  static const char *const wrong[] = { "limit=0", "limit=501", "limit=x", "limit=-1", "limit=1&limit=2" };
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL;

  administrator_add (world, "root", "admin");
  session = open_session (world, "root");
  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *target = g_strconcat ("/api/v1/people?", wrong[i], NULL);
      g_autoptr (DoorResponse) response = administrator_get (world, target, session);

      assert_status (response, 400);
    }
  {
    g_autoptr (DoorResponse) after = administrator_get (world, "/api/v1/sign-ins?after=none", session);

    assert_status (after, 400);
  }
}

static void
add (void)
{
  g_test_add_func ("/admin-api/table", test_table);
  g_test_add_func ("/admin-api/strangers", test_strangers);
  g_test_add_func ("/admin-api/edit", test_edit);
  g_test_add_func ("/admin-api/consequences", test_consequences);
  g_test_add_func ("/admin-api/teams", test_teams);
  g_test_add_func ("/admin-api/limits", test_limits);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
