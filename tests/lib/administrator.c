/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "administrator.h"

#include <string.h>

#include "door-digest.h"

/* A request of a browser with a session, from a page of the server itself. */
static DoorResponse *
visit (World *world, const char *method, const char *target, const char *cookies, const char *json)
{
  g_autoptr (GBytes) body = json != NULL ? g_bytes_new (json, strlen (json)) : NULL;
  const char *pairs[] = { cookies != NULL ? "Cookie" : "X-None",
                          cookies != NULL ? cookies : "",
                          "Sec-Fetch-Site",
                          "same-origin",
                          "Content-Type",
                          json != NULL ? "application/json" : "application/x-www-form-urlencoded",
                          NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, &error);
  DoorRequestParts parts = { .method = method, .target = target, .headers = headers, .id = "request-1" };
  g_autoptr (DoorRequest) request = door_request_new (&parts, &error);
  g_auto (DoorMatch) match = { NULL };

  g_assert_no_error (error);
  door_router_match (world->router, method, door_request_get_path (request), &match);
  g_assert_nonnull (match.route);
  g_assert_cmpuint (body != NULL ? g_bytes_get_size (body) : 0, <=, match.route->limit_bytes);
  door_request_complete (request, (const char *const *) match.params, body);
  return door_router_run (world->router, match.route, request);
}

static char *
dup_header (const char *session)
{
  return session != NULL ? g_strdup_printf (DOOR_ADMIN_COOKIE "=%s", session) : NULL;
}

DoorResponse *
administrator_visit (World *world, const char *method, const char *target, const char *session)
{
  g_autofree char *cookies = dup_header (session);

  return visit (world, method, target, cookies, NULL);
}

DoorResponse *
administrator_get (World *world, const char *target, const char *session)
{
  return administrator_visit (world, "GET", target, session);
}

DoorResponse *
administrator_send (World *world, const char *method, const char *target, const char *session,
                    const char *json)
{
  g_autofree char *cookies = dup_header (session);

  return visit (world, method, target, cookies, json);
}

/* The last hop, with the cookies a browser has by then. */
DoorResponse *
administrator_enter (World *world, const char *target, const char *flow_cookie, const char *session)
{
  g_autofree char *cookies =
      g_strdup_printf ("%s%s%s%s%s", flow_cookie != NULL ? DOOR_FLOW_COOKIE "=" : "",
                       flow_cookie != NULL ? flow_cookie : "", session != NULL ? "; " : "",
                       session != NULL ? DOOR_ADMIN_COOKIE "=" : "", session != NULL ? session : "");

  return visit (world, "GET", target, *cookies != '\0' ? cookies : NULL, NULL);
}

/* (nullable): value of the session's cookie in an answer */
char *
administrator_dup_cookie (const DoorResponse *response)
{
  static const char start[] = DOOR_ADMIN_COOKIE "=";
  const char *header = door_response_lookup_header (response, "Set-Cookie");

  if (header == NULL || !g_str_has_prefix (header, start))
    return NULL;
  header += strlen (start);
  return g_strndup (header, strcspn (header, ";"));
}

/* From the sign-in page to the session. */
char *
administrator_sign_in (World *world, const Answer *answer)
{
  g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, answer), entered = NULL;
  char *session;

  assert_status (accepted, 303);
  entered =
      administrator_enter (world, door_response_lookup_header (accepted, "Location"), pending->cookie, NULL);
  assert_status (entered, 303);
  session = administrator_dup_cookie (entered);
  g_assert_nonnull (session);
  return session;
}

/* An administrator NAME@example.com; @roles as "admin" or "observer in red, maintainer in blue". */
void
administrator_add (World *world, const char *name, const char *roles)
{
  g_autofree char *row = g_strdup_printf (
      "INSERT INTO administrator (id, email, email_key, full_name, state, sso_enabled, api_only, "
      "password_hash, created_at, updated_at, signed_in_at) VALUES ('%s', '%s@example.com', "
      "'%s@example.com', '', 'active', 1, 0, '', 1, 1, 0)",
      name, name, name);
  g_auto (GStrv) items = g_strsplit (roles, ", ", -1);

  world_write (world, row);
  for (char **item = items; *item != NULL; item++)
    {
      g_auto (GStrv) parts = g_strsplit (*item, " in ", 2);
      g_autofree char *sql = g_strdup_printf (
          "INSERT INTO administrator_role (administrator_id, team, role) VALUES ('%s', '%s', '%s')", name,
          parts[1] != NULL ? parts[1] : "", parts[0]);

      world_write (world, sql);
    }
}

/* A session that began just now, without a sign-in. */
void
administrator_open_session (World *world, const char *name, const char *token)
{
  g_autofree char *hash = door_digest_sha256_text (token);
  g_autofree char *sql = g_strdup_printf (
      "INSERT INTO admin_session (token_hash, id, administrator_id, connection, issuer, subject, "
      "session_index, created_at, seen_at, expires_at, user_agent_family, ended_at, end_reason) VALUES "
      "('%s', 'session-%s', '%s', 'okta', 'i', 's', '', %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
      ", %" G_GINT64_FORMAT ", 'other', 0, '')",
      hash, name, name, WORLD_NOW_MS, WORLD_NOW_MS, WORLD_NOW_MS + HOUR_MS);

  world_write (world, sql);
}

/* Signs in up to the answer of the assertion consumer service. */
DoorResponse *
administrator_answer (World *world, const char *target, const Answer *answer)
{
  g_autoptr (Pending) pending = sign_in_begin (world, target, NULL);

  return sign_in_answer (world, pending, answer);
}

void
administrator_assert_refused (World *world, const Answer *answer, unsigned int status, const char *fault,
                              const char *word)
{
  int64_t sessions = world_count (world, "admin_session"), handovers = world_count (world, "admin_handover");
  g_autoptr (DoorResponse) response = administrator_answer (world, "/admin/login", answer);

  sign_in_assert_refused (world, response, status, fault);
  g_assert_cmpstr (door_response_lookup_header (response, "Doorward-Sign-In-Status"), ==, word);
  assert_count (world, sessions, "admin_session");
  assert_count (world, handovers, "admin_handover");
}
