/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <glib/gstdio.h>

#include "door-error.h"
#include "sign-in.h"

#define SP "https://mdm.example.com/saml/double"
#define TOKEN "https://token.example.com/"
#define GROUPS "https://api.example.com/groups"
#define GOOD_TOKEN "{\"access_token\":\"t1\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
#define ADMINS "{\"groups\":[\"admins\"]}"

/* What the provider's servers say, in order. A fetch has no user data, so it stands here. */
typedef struct
{
  const char *url;
  unsigned int status;
  const char *body;
  int64_t retry_after_s;
} Reply;

static const Reply *replies;
static int n_asked;

static bool
fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable, GError **error)
{
  const Reply *reply = &replies[n_asked++];

  g_test_message ("%s %s", request->method, request->url);
  g_assert_cmpstr (request->url, ==, reply->url);
  g_assert_cmpuint (request->timeout_s, <=, 8);
  g_assert_false (request->allow_private);
  if (g_str_equal (request->url, TOKEN))
    {
      g_autofree char *form =
          g_strndup (g_bytes_get_data (request->body, NULL), g_bytes_get_size (request->body));

      g_assert_cmpstr (form, ==,
                       "grant_type=client_credentials&client_id=client%201&client_secret=s3cret%26&"
                       "scope=groups.read%20all");
    }
  else
    g_assert_cmpstr (request->headers[3], ==, "Bearer t1");
  if (reply->status == 0)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "not there");
  *answer = (DoorFetchAnswer){ .status = reply->status,
                               .body = g_bytes_new (reply->body, strlen (reply->body)),
                               .retry_after_s = reply->retry_after_s };
  return true;
}

typedef struct
{
  char *folder;
  char *secret;
  World *world;
} Fixture;

/* @rules: of [enrollment] */
static void
set_up (Fixture *self, gconstpointer rules)
{
  g_autofree char *config = NULL, *certificate = NULL;

  self->folder = g_dir_make_tmp ("door-group-fetch-XXXXXX", NULL);
  self->secret = g_build_filename (self->folder, "secret", NULL);
  g_assert_true (g_file_set_contents (self->secret, "s3cret&", -1, NULL));
  g_assert_cmpint (g_chmod (self->secret, 0600), ==, 0);
  certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  config =
      g_strdup_printf ("[idp/double]\nType=double\nEntityId=https://idp.example.com/saml\nSsoUrl=https://"
                       "idp.example.com/sso\nSignRequests=false\nCertificates=%s\nApiSecret=file:%s\n"
                       "Department=fetch-groups\nUse=enrollment;admin\n[enrollment]\nIdps=double\n%s\n",
                       certificate, self->secret, (const char *) rules);
  self->world = world_new (config);
  self->world->context.fetch = fetch;
  n_asked = 0;
}

static void
tear_down (Fixture *self, gconstpointer rules)
{
  world_free (self->world);
  g_unlink (self->secret);
  g_rmdir (self->folder);
  g_free (self->secret);
  g_free (self->folder);
}

static DoorResponse *
answer (Fixture *self, const char *id)
{
  g_autoptr (Pending) pending = sign_in_begin (self->world, "/mdm/sso", NULL);

  return sign_in_answer (self->world, pending,
                         &(Answer){ .assertion_id = id, .acs_path = "/saml/double/acs", .audience = SP });
}

static void
assert_refused (Fixture *self, const char *id, unsigned int status, const char *fault)
{
  g_autoptr (DoorResponse) response = answer (self, id);

  sign_in_assert_refused (self->world, response, status, fault);
}

static void
assert_accepted (Fixture *self, const char *id)
{
  g_autoptr (DoorResponse) response = answer (self, id);
  g_autofree char *token = sign_in_dup_token (response);

  g_assert_nonnull (token);
}

/* The groups are asked for, the token is kept until its end, and one sign-in is one record. */
static void
test_accepted (Fixture *self, gconstpointer rules)
{
  static const Reply good[] = { { TOKEN, 200, GOOD_TOKEN, 0 },
                                { GROUPS, 200, ADMINS, 0 },
                                { GROUPS, 200, ADMINS, 0 },
                                { TOKEN, 200, GOOD_TOKEN, 0 },
                                { GROUPS, 200, ADMINS, 0 } };

  replies = good;
  assert_accepted (self, "_a1");
  g_assert_cmpint (n_asked, ==, 2);
  assert_count (self->world, 1, "attempt");
  assert_count (self->world, 1, "person WHERE group_names LIKE '%admins%'");
  assert_accepted (self, "_a2");
  g_assert_cmpint (n_asked, ==, 3);
  world_advance (self->world, HOUR_MS - MINUTE_MS);
  assert_accepted (self, "_a3");
  g_assert_cmpint (n_asked, ==, 5);
}

static void
test_other_groups (Fixture *self, gconstpointer rules)
{
  static const Reply other[] = { { TOKEN, 200, GOOD_TOKEN, 0 },
                                 { GROUPS, 200, "{\"groups\":[\"guests\"]}", 0 } };

  replies = other;
  assert_refused (self, "_a1", 403, "DW-ID-GROUP");
}

/* Whatever goes wrong, nobody gets in, and it is not for their groups. */
static void
test_failures (Fixture *self, gconstpointer rules)
{
  static const Reply rows[][3] = {
    { { TOKEN, 0, NULL, 0 } },
    { { TOKEN, 401, "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: no\"}", 0 } },
    { { TOKEN, 200, "<html>", 0 } },
    { { TOKEN, 200, "{\"access_token\":\"\"}", 0 } },
    { { TOKEN, 200, "{\"access_token\":\"a\\nb\"}", 0 } },
    { { TOKEN, 200, "{\"access_token\":5}", 0 } },
    { { TOKEN, 200, GOOD_TOKEN, 0 }, { GROUPS, 0, NULL, 0 } },
    { { GROUPS, 403, "{\"error\":{\"message\":\"Insufficient privileges\"}}", 0 } },
    { { GROUPS, 404, "", 0 } },
    { { GROUPS, 500, "", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"]", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"groups\":[]}", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"next\":\"https://evil.example.com/\"}", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"next\":\"http://api.example.com/\"}", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"next\":\"https://api.example.com:8443/\"}", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"next\":\"https://x@api.example.com/\"}", 0 } },
    { { GROUPS, 200, "{\"groups\":[\"admins\"],\"next\":\"https://api.example.com.evil.example/\"}", 0 } },
    { { GROUPS, 401, "", 0 } },
    { { TOKEN, 200, GOOD_TOKEN, 0 }, { GROUPS, 403, "", 0 } }, /* the token was forgotten */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *id = g_strdup_printf ("_f%zu", i);

      replies = rows[i];
      n_asked = 0;
      assert_refused (self, id, 503, "DW-IDP-GROUPS");
      g_assert_cmpint (n_asked, ==, rows[i][1].url != NULL ? 2 : 1);
    }
  assert_count (self->world, 0, "person");
}

/* A provider that has enough is left alone for as long as it says. */
static void
test_throttled (Fixture *self, gconstpointer rules)
{
  static const Reply busy[] = { { TOKEN, 200, GOOD_TOKEN, 0 },
                                { GROUPS, 429, "", 30 },
                                { GROUPS, 200, ADMINS, 0 } };

  replies = busy;
  assert_refused (self, "_a1", 503, "DW-IDP-GROUPS");
  world_advance (self->world, 29 * 1000);
  assert_refused (self, "_a2", 503, "DW-IDP-GROUPS");
  g_assert_cmpint (n_asked, ==, 2);
  world_advance (self->world, 1000);
  assert_accepted (self, "_a3");
}

/* What the answer itself said of groups is not forgotten over what is fetched. */
static void
test_denied (Fixture *self, gconstpointer rules)
{
  static const Reply good[] = { { TOKEN, 200, GOOD_TOKEN, 0 }, { GROUPS, 200, ADMINS, 0 } };

  replies = good;
  assert_refused (self, "_a1", 403, "DW-ID-GROUP");
  g_assert_cmpint (n_asked, ==, 2);
}

/* Where groups do not matter nobody is asked; nor for somebody who is refused anyway. */
static void
test_not_asked (Fixture *self, gconstpointer rules)
{
  if (strstr (rules, "AllowedDomains") != NULL)
    assert_refused (self, "_a1", 403, "DW-ID-DOMAIN");
  else
    assert_accepted (self, "_a1");
  g_assert_cmpint (n_asked, ==, 0);
}

/* Roles by groups: a crypto worker leaves the waiting to another, and what cannot be had gives no role. */
static void
test_administrator (Fixture *self, gconstpointer rules)
{
  static const Reply row[] = { { TOKEN, 200, GOOD_TOKEN, 0 }, { GROUPS, 200, ADMINS, 0 } };
  static const Reply broken[] = { { GROUPS, 500, "", 0 } };
  const Answer first = { .assertion_id = "_a1", .acs_path = "/saml/double/acs", .audience = SP };
  const Answer second = { .assertion_id = "_a2",
                          .acs_path = "/saml/double/acs",
                          .audience = SP,
                          .subject = "eve",
                          .mail = "eve@example.com" };
  g_autoptr (Pending) pending = sign_in_begin (self->world, "/admin/login", NULL);
  g_autoptr (Pending) other = sign_in_begin (self->world, "/admin/login", NULL);
  g_autoptr (DoorResponse) accepted = NULL, refused = NULL;

  replies = row;
  accepted = sign_in_answer (self->world, pending, &first);
  assert_status (accepted, 303);
  g_assert_cmpint (n_asked, ==, 2);
  assert_count (self->world, 1, "administrator_role WHERE team = '' AND role = 'admin'");
  replies = broken;
  n_asked = 0;
  refused = sign_in_answer (self->world, other, &second);
  sign_in_assert_refused (self->world, refused, 403, "DW-ID-GROUP");
  g_assert_cmpint (n_asked, ==, 1);
  assert_count (self->world, 1, "administrator_role");
}

#define ADD(name, rules, func) g_test_add ("/group-fetch/" name, Fixture, rules, set_up, func, tear_down)

static void
add (void)
{
  ADD ("accepted", "AllowedGroups=admins", test_accepted);
  ADD ("other-groups", "AllowedGroups=admins", test_other_groups);
  ADD ("failures", "AllowedGroups=admins", test_failures);
  ADD ("throttled", "AllowedGroups=admins", test_throttled);
  ADD ("denied", "DeniedGroups=staff", test_denied);
  ADD ("administrator", "[admin]\nJit=true\nAdminGroups=admins", test_administrator);
  ADD ("no-rules", "", test_not_asked);
  ADD ("refused-anyway", "AllowedGroups=admins\nAllowedDomains=other.example", test_not_asked);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
