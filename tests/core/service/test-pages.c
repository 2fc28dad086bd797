/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "world.h"

/* What a browser loads that nobody sent here: the address of the server and all its pages refer to. */

static const char *
get_header (const DoorResponse *response, const char *name)
{
  for (size_t i = 0; i < door_response_get_n_headers (response); i++)
    {
      if (g_ascii_strcasecmp (door_response_get_header_name (response, i), name) == 0)
        return door_response_get_header_value (response, i);
    }
  return NULL;
}

/* The address of the style sheet as the pages write it. */
static char *
dup_style_link (World *world)
{
  g_autoptr (DoorResponse) response = world_get (world, "/", NULL);
  g_autofree char *page = world_dup_body (response);
  const char *begin = strstr (page, "/assets/style.css?v=");

  assert_status (response, 200);
  g_assert_nonnull (begin);
  return g_strndup (begin, strcspn (begin, "\""));
}

static void
test_style (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *link = dup_style_link (world), *body = NULL;
  g_autoptr (DoorResponse) response = world_get (world, link, NULL);

  assert_status (response, 200);
  g_assert_cmpstr (get_header (response, "Content-Type"), ==, "text/css; charset=utf-8");
  g_assert_cmpstr (get_header (response, "Cache-Control"), ==, "public, max-age=31536000, immutable");
  body = world_dup_body (response);
  g_assert_nonnull (strstr (body, "font-family"));
}

/* The style sheet of another version is not kept as if it were the one asked for. */
static void
test_style_version (void)
{
  static const char *const targets[] = { "/assets/style.css", "/assets/style.css?v=0000000000000000" };
  g_autoptr (World) world = world_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (DoorResponse) response = world_get (world, targets[i], NULL);

      assert_status (response, 200);
      g_assert_cmpstr (get_header (response, "Cache-Control"), ==, "no-cache");
    }
}

static void
test_no_file (void)
{
  static const char *const targets[] = { "/assets/other.css", "/assets/style.css.gz" };
  g_autoptr (World) world = world_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (DoorResponse) response = world_get (world, targets[i], NULL);

      g_assert_cmpuint (door_response_get_status (response), >=, 400);
      g_assert_cmpuint (door_response_get_status (response), <, 500);
    }
}

/* A page leads to itself in the other languages, with all that was asked; not so the page of an error. */
static void
test_languages (void)
{
  g_autoptr (World) world = world_new ("EmailDomains=example.com\n[sign-in]\nAutoRedirect=false\n");
  g_autoptr (DoorResponse) page =
      world_get (world, "/mdm/sso?lang=de&user-identifier=ada%40example.com", NULL);
  g_autoptr (DoorResponse) wrong = world_get (world, "/mdm/sso?team=none", NULL);
  g_autofree char *text = world_dup_body (page), *error = world_dup_body (wrong);

  assert_status (page, 200);
  if (strstr (text, "href=\"/mdm/sso?user-identifier=ada%40example.com&amp;lang=fr\"") == NULL)
    g_error ("no link to French in %s", text);
  g_assert_null (strstr (text, "lang=de\""));
  assert_status (wrong, 404);
  g_assert_null (strstr (error, "lang=fr\""));
}

static void
add (void)
{
  g_test_add_func ("/pages/style", test_style);
  g_test_add_func ("/pages/style-version", test_style_version);
  g_test_add_func ("/pages/no-file", test_no_file);
  g_test_add_func ("/pages/languages", test_languages);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
