/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-local-account.h"

#include <string.h>

/* Accounts that a Mac has of its own, or gives to guests. */
static const char *const reserved[] = { "admin",  "daemon", "guest", "nobody",   "root",
                                        "shared", "staff",  "wheel", "_unknown", NULL };

/* The address up to its sign, or the whole where it has none. */
static char *
dup_prefix (const char *address)
{
  const char *at = strrchr (address, '@');

  return at != NULL ? g_strndup (address, (size_t) (at - address)) : g_strdup (address);
}

/* The first character, whatever its number of bytes. */
static char *
dup_initial (const char *name)
{
  return *name != '\0' ? g_strndup (name, (size_t) (g_utf8_next_char (name) - name)) : g_strdup ("");
}

/* (transfer full) (nullable): what a word in braces stands for; NULL for none that is known */
static char *
dup_word (const char *word, const DoorLocalPerson *person)
{
  if (g_str_equal (word, "email-prefix"))
    return dup_prefix (person->email);
  if (g_str_equal (word, "user-name"))
    return dup_prefix (person->user_name);
  if (g_str_equal (word, "full-name"))
    return g_strdup (person->full_name);
  if (g_str_equal (word, "given-name"))
    return g_strdup (person->given_name);
  if (g_str_equal (word, "family-name"))
    return g_strdup (person->family_name);
  if (g_str_equal (word, "given-initial"))
    return dup_initial (person->given_name);
  if (g_str_equal (word, "family-initial"))
    return dup_initial (person->family_name);
  return NULL;
}

/* The pattern with its words replaced; NULL with the word that is not known, or with "{" for a brace alone.
 */
static char *
expand (const char *pattern, const DoorLocalPerson *person, char **problem)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *at = pattern;

  while (*at != '\0')
    {
      const char *end = *at == '{' ? strchr (at, '}') : NULL;
      g_autofree char *word = end != NULL ? g_strndup (at + 1, (size_t) (end - at - 1)) : NULL;
      g_autofree char *value = word != NULL ? dup_word (word, person) : NULL;

      if ((*at == '{' || *at == '}') && value == NULL)
        {
          *problem = g_strdup (word != NULL ? word : "{");
          return NULL;
        }
      if (value == NULL)
        g_string_append_c (text, *at++);
      else
        {
          g_string_append (text, value);
          at = end + 1;
        }
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * door_local_account_dup_problem:
 * @pattern: "{given-initial}{family-name}"
 *
 * Checks that a pattern has no other words in braces than email-prefix, user-name, full-name, given-name,
 * family-name, given-initial and family-initial. Pure.
 *
 * Returns: (transfer full) (nullable): the first word that is none of them, or "{" for a brace alone
 */
char *
door_local_account_dup_problem (const char *pattern)
{
  const DoorLocalPerson nobody = { "", "", "", "", "" };
  char *problem = NULL;
  g_autofree char *text = expand (pattern, &nobody, &problem);

  return problem;
}

static bool
is_taken (const char *name, const char *taken)
{
  return g_strv_contains (reserved, name) || g_strcmp0 (name, taken) == 0;
}

/* Letters, digits, dot, minus and underscore are what every tool of a Mac takes, with a letter first. */
static char *
clean (const char *text)
{
  g_autofree char *ascii = g_str_to_ascii (text, "C");
  g_autofree char *lower = g_ascii_strdown (ascii, -1);
  g_autoptr (GString) name = g_string_new (NULL);

  for (const char *at = lower; *at != '\0' && name->len < DOOR_LOCAL_ACCOUNT_MAX; at++)
    if (g_ascii_isalpha (*at) || (name->len > 0 && (g_ascii_isdigit (*at) || strchr (".-_", *at) != NULL)))
      g_string_append_c (name, *at);
  while (name->len > 0 && strchr (".-_", name->str[name->len - 1]) != NULL)
    g_string_truncate (name, name->len - 1);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

/**
 * door_local_account_is_name:
 * @name: a short name that somebody has chosen
 *
 * Says whether it is one as door_local_account_dup_name() makes them, but for those of the system. Pure.
 *
 * Returns: whether it is
 */
bool
door_local_account_is_name (const char *name)
{
  g_autofree char *same = clean (name);

  return *name != '\0' && g_str_equal (same, name);
}

/**
 * door_local_account_dup_name:
 * @pattern: of [enrollment] LocalAccountName
 * @person: who it is for
 * @taken: (nullable): a name that the device has already
 *
 * Makes the short name of a local account: small ASCII letters, digits, ".", "-" and "_", at most
 * %DOOR_LOCAL_ACCOUNT_MAX, with a letter first and none of the three last. A name that is taken or one of the
 * system's is followed by a number from 2 on. Pure; a pattern that was not checked gives nothing.
 *
 * Returns: (transfer full) (nullable): the name, %NULL where nothing is left of it
 */
char *
door_local_account_dup_name (const char *pattern, const DoorLocalPerson *person, const char *taken)
{
  g_autofree char *problem = NULL;
  g_autofree char *text = expand (pattern, person, &problem);
  g_autofree char *name = text != NULL ? clean (text) : NULL;

  if (name == NULL || *name == '\0')
    return NULL;
  for (int number = 2; is_taken (name, taken); number++)
    {
      g_autofree char *stem = clean (text);
      char *next = g_strdup_printf ("%.*s%d", DOOR_LOCAL_ACCOUNT_MAX - 4, stem, number);

      g_free (name);
      name = next;
    }
  return g_steal_pointer (&name);
}

/**
 * door_local_account_dup_full_name:
 * @pattern: of [enrollment] LocalAccountFullName
 * @person: who it is for
 *
 * Makes the full name of a local account. Where the pattern gives nothing, or an address, it is made of first
 * and last name. Pure.
 *
 * Returns: (transfer full) (nullable): the name, %NULL where there is none
 */
char *
door_local_account_dup_full_name (const char *pattern, const DoorLocalPerson *person)
{
  g_autofree char *problem = NULL;
  g_autofree char *text = expand (pattern, person, &problem);

  if (text != NULL)
    g_strstrip (text);
  if (text == NULL || *text == '\0' || strchr (text, '@') != NULL)
    {
      g_free (text);
      text = g_strstrip (g_strdup_printf ("%s %s", person->given_name, person->family_name));
    }
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}
