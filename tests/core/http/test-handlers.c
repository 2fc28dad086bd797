/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sign-in.h"

/* What a browser does: the page, then the style sheet the page names. */
static void
test_style (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) page = world_get (world, "/", NULL);
  g_autofree char *html = world_dup_body (page);
  const char *link = strstr (html, "href=\"/assets/style.css?v=") + strlen ("href=\"");
  g_autofree char *target = g_strndup (link, strcspn (link, "\""));
  g_autoptr (DoorResponse) style = world_get (world, target, NULL);
  g_autofree char *css = world_dup_body (style);

  assert_status (page, 200);
  assert_status (style, 200);
  g_assert_cmpstr (door_response_lookup_header (style, "Content-Type"), ==, "text/css; charset=utf-8");
  g_assert_nonnull (strstr (css, "font-family"));
  g_assert_cmpstr (door_response_lookup_header (style, "Cache-Control"), ==,
                   "public, max-age=31536000, immutable");
}

static void
test_style_of_another_version (void)
{
  static const char *const targets[] = { "/assets/style.css", "/assets/style.css?v=0",
                                         "/assets/style.css?v=0&v=0" };
  g_autoptr (World) world = world_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (DoorResponse) style = world_get (world, targets[i], NULL);

      assert_status (style, 200);
      g_assert_cmpstr (door_response_lookup_header (style, "Cache-Control"), ==, "no-cache");
    }
}

static void
test_no_asset (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorResponse) response = world_get (world, "/assets/page.js", NULL);

  assert_status (response, 404);
}

/* The page says which team it is for, in the words of the administrator. */
static void
test_team_title (void)
{
  static const char config[] = "[sign-in]\nAutoRedirect=false\n"
                               "[team/red]\nTitle=The <Red>\nTitle[de]=Die Roten\n[team/blue]\n";
  static const struct
  {
    const char *target, *line;
  } cases[] = {
    { "/mdm/sso?team=red&lang=en", ">Example · The &lt;Red&gt;</p>" },
    { "/mdm/sso?team=red&lang=de", ">Example · Die Roten</p>" },
    { "/mdm/sso?team=blue&lang=en", ">Example</p>" },
  };
  g_autoptr (World) world = world_new (config);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) page = world_get (world, cases[i].target, NULL);
      g_autofree char *html = world_dup_body (page);

      assert_status (page, 200);
      g_assert_nonnull (strstr (html, cases[i].line));
    }
}

/* The same page in the other languages. */
static void
test_language_links (void)
{
  static const struct
  {
    const char *target, *link;
  } cases[] = {
    { "/", "href=\"?lang=fr\">" },
    { "/mdm/sso?team=red&lang=en", "href=\"?team=red&amp;lang=de\">" },
    { "/mdm/sso?lang=en&team=red&user-identifier=a%22b",
      "href=\"?team=red&amp;user-identifier=a%22b&amp;lang=de\">" },
    { "/mdm/sso?team=nobody&lang=de", "href=\"?team=nobody&amp;lang=en\">" },
  };
  g_autoptr (World) world = world_new ("[sign-in]\nAutoRedirect=false\n[team/red]\n");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) page = world_get (world, cases[i].target, NULL);
      g_autofree char *html = world_dup_body (page);

      g_test_message ("%s", cases[i].target);
      g_assert_nonnull (strstr (html, cases[i].link));
    }
}

/* What cannot be read goes into no link; bytes that are not text least of all. */
static void
test_language_links_of_a_bad_query (void)
{
  static const char *const targets[] = { "/?a=\xff", "/?a=%ff", "/?a=%zz", "/?a=1&a=2" };
  g_autoptr (World) world = world_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autoptr (DoorResponse) page = world_get (world, targets[i], NULL);
      g_autofree char *html = world_dup_body (page);

      assert_status (page, 200);
      g_assert_null (strstr (html, "\xff"));
      g_assert_true (g_utf8_validate (html, -1, NULL));
      g_assert_cmpint (strstr (html, "hreflang") != NULL, ==, g_str_equal (targets[i], "/?a=1&a=2"));
    }
}

static void
add (void)
{
  g_test_add_func ("/http/handlers/style", test_style);
  g_test_add_func ("/http/handlers/style-of-another-version", test_style_of_another_version);
  g_test_add_func ("/http/handlers/no-asset", test_no_asset);
  g_test_add_func ("/http/handlers/team-title", test_team_title);
  g_test_add_func ("/http/handlers/language-links", test_language_links);
  g_test_add_func ("/http/handlers/language-links-of-a-bad-query", test_language_links_of_a_bad_query);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
