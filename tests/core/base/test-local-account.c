/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>

#include "door-local-account.h"

static const DoorLocalPerson anna = { "achao@corp.example.com", "Anna.Chao+mac@example.com", "Anna Chao",
                                      "Anna", "Chao" };
static const DoorLocalPerson jose = { "", "José.Ñandú@example.com", "José Ñandú", "José", "Ñandú" };
static const DoorLocalPerson nobody = { "", "", "", "", "" };

static void
test_names (void)
{
  static const struct
  {
    const char *pattern;
    const DoorLocalPerson *person;
    const char *taken, *expected;
  } cases[] = {
    { "{email-prefix}", &anna, NULL, "anna.chaomac" },
    { "{user-name}", &anna, NULL, "achao" },
    { "{given-initial}{family-name}", &anna, NULL, "achao" },
    { "{given-name}.{family-name}", &anna, NULL, "anna.chao" },
    { "{family-name}{given-initial}", &jose, NULL, "nanduj" },
    { "x-{full-name}", &anna, NULL, "x-annachao" },
    { "1st{given-name}", &anna, NULL, "stanna" },
    { "{given-name}-{user-name}", &jose, NULL, "jose" },
    { "{given-name}", &nobody, NULL, NULL },
    { "123", &anna, NULL, NULL },
    { "{given-name}", &anna, "anna", "anna2" },
    { "{given-name}", &anna, "other", "anna" },
    { "root", &anna, NULL, "root2" },
    { "{given-name", &anna, NULL, NULL },
    { "{shoe-size}", &anna, NULL, NULL },
    { "a{given-name}bcdefghijklmnopqrstuvwxyz0123456789", &anna, NULL, "aannabcdefghijklmnopqrstuvwxyz0" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = door_local_account_dup_name (cases[i].pattern, cases[i].person, cases[i].taken);

      g_assert_cmpstr (name, ==, cases[i].expected);
      g_assert_true (name == NULL || strlen (name) <= DOOR_LOCAL_ACCOUNT_MAX);
    }
}

/* Where the name is cut, room is left for its number. */
static void
test_long_and_taken (void)
{
  const char *pattern = "abcdefghijklmnopqrstuvwxyzabcdefghijkl";
  g_autofree char *first = door_local_account_dup_name (pattern, &anna, NULL);
  g_autofree char *second = door_local_account_dup_name (pattern, &anna, first);

  g_assert_cmpstr (first, ==, "abcdefghijklmnopqrstuvwxyzabcde");
  g_assert_cmpstr (second, ==, "abcdefghijklmnopqrstuvwxyza2");
}

static void
test_full_names (void)
{
  static const struct
  {
    const char *pattern;
    DoorLocalPerson person;
    const char *expected;
  } cases[] = {
    { "{full-name}", { "", "", "Anna Chao", "", "" }, "Anna Chao" },
    { "{family-name}, {given-name}", { "", "", "", "Anna", "Chao" }, "Chao, Anna" },
    { "{full-name}", { "", "", "anna@example.com", "Anna", "Chao" }, "Anna Chao" },
    { "{full-name}", { "", "", "", "Anna", "" }, "Anna" },
    { "{full-name}", { "", "", "", "", "" }, NULL },
    { "{oops}", { "", "", "", "", "Chao" }, "Chao" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = door_local_account_dup_full_name (cases[i].pattern, &cases[i].person);

      g_assert_cmpstr (name, ==, cases[i].expected);
    }
}

static void
test_patterns (void)
{
  static const char *const cases[][2] = { { "{email-prefix}", NULL },
                                          { "none", NULL },
                                          { "a{given-initial}b", NULL },
                                          { "{name}", "name" },
                                          { "{given-name", "{" },
                                          { "given-name}", "{" },
                                          { "{}", "" } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *problem = door_local_account_dup_problem (cases[i][0]);

      g_assert_cmpstr (problem, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local-account/names", test_names);
  g_test_add_func ("/local-account/long-and-taken", test_long_and_taken);
  g_test_add_func ("/local-account/full-names", test_full_names);
  g_test_add_func ("/local-account/patterns", test_patterns);
  return g_test_run ();
}
