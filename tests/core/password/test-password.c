/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-password.h"

#include <string.h>

#include "door-error.h"

#define GOOD "correct horse"

static const uint8_t salt[DOOR_PASSWORD_SALT_BYTES] = { 1, 2, 3 };

static DoorSecret *
secret (const char *text)
{
  return door_secret_new (text, strlen (text));
}

static void
test_rules (void)
{
  g_autofree char *longest = g_strnfill (DOOR_PASSWORD_MAX_BYTES, 'x');
  g_autofree char *longer = g_strnfill (DOOR_PASSWORD_MAX_BYTES + 1, 'x');
  const struct
  {
    const char *text;
    size_t size;
    bool possible, good;
  } cases[] = {
    { "", 0, false, false },
    { "x", 1, true, false },
    { "elevenchars", 11, true, false },
    { "twelve chars", 12, true, true },
    { "            ", 12, true, true },
    { "äöüäöüäöüäö", 22, true, false }, /* eleven */
    { "äöüäöüäöüäöü", 24, true, true },
    { longest, DOOR_PASSWORD_MAX_BYTES, true, true },
    { longer, DOOR_PASSWORD_MAX_BYTES + 1, false, false },
    { "twelve chars\0", 13, false, false },
    { "correct\0horse battery", 21, false, false },
    { "latin-1 \xe4\xf6\xfc chars", 17, false, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorSecret) password = door_secret_new (cases[i].text, cases[i].size);
      g_autoptr (GError) error = NULL;

      g_test_message ("case %zu", i);
      g_assert_cmpint (door_password_is_possible (password), ==, cases[i].possible);
      g_assert_cmpint (door_password_check (password, &error), ==, cases[i].good);
      if (!cases[i].good)
        g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ADM_PASSWORDRULES);
    }
}

static void
test_hash (void)
{
  static const uint8_t other_salt[DOOR_PASSWORD_SALT_BYTES] = { 9 };
  g_autoptr (DoorSecret) good = secret (GOOD), bad = secret ("correct Horse"), cut = secret ("correct hors");
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = door_password_build_hash (good, salt, &error);
  g_autofree char *again = door_password_build_hash (good, other_salt, &error), *shorter = NULL;

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (hash, "$y$j9T$")); /* the cost of the stand-in */
  g_assert_null (strstr (hash, GOOD));
  g_assert_cmpstr (hash, !=, again);
  g_assert_true (door_password_verify (good, hash));
  g_assert_true (door_password_verify (good, again));
  g_assert_false (door_password_verify (bad, hash));
  g_assert_false (door_password_verify (cut, hash));
  shorter = g_strndup (hash, strlen (hash) - 1);
  g_assert_false (door_password_verify (good, shorter));
}

/* What this server did not make counts for nothing, however easy it is: not even what the library knows. */
static void
test_foreign (void)
{
  static const char *const hashes[] = {
    "", "*", "*0", "x", GOOD, "$y$", "$y$j9T$", "abJnggxhB/yWI", "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0"
  };
  g_autoptr (DoorSecret) good = secret (GOOD), star = secret ("*0");

  for (size_t i = 0; i < G_N_ELEMENTS (hashes); i++)
    {
      g_autoptr (DoorSecret) itself = secret (hashes[i]);

      g_assert_false (door_password_verify (good, hashes[i]));
      if (*hashes[i] != '\0')
        g_assert_false (door_password_verify (itself, hashes[i]));
    }
  g_assert_false (door_password_verify (good, NULL));
  g_assert_false (door_password_verify (star, NULL));
}

static int64_t
measure_us (const DoorSecret *password, const char *hash)
{
  int64_t best = G_MAXINT64;

  for (int i = 0; i < 3; i++)
    {
      int64_t begun = g_get_monotonic_time ();

      door_password_verify (password, hash);
      best = MIN (best, g_get_monotonic_time () - begun);
    }
  return best;
}

/* The stand-in costs what a hash costs: were it refused by the library, it would cost a thousandth. */
static void
test_nobody (void)
{
  g_autoptr (DoorSecret) good = secret (GOOD);
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = door_password_build_hash (good, salt, &error);
  int64_t somebody = measure_us (good, hash), nobody = measure_us (good, NULL), empty = measure_us (good, "");

  g_assert_no_error (error);
  g_test_message ("somebody %" G_GINT64_FORMAT " us, nobody %" G_GINT64_FORMAT " us", somebody, nobody);
  g_assert_cmpint (nobody, >, somebody / 10);
  g_assert_cmpint (empty, >, somebody / 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/password/rules", test_rules);
  g_test_add_func ("/password/hash", test_hash);
  g_test_add_func ("/password/foreign", test_foreign);
  g_test_add_func ("/password/nobody", test_nobody);
  return g_test_run ();
}
