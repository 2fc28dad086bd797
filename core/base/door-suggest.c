/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-suggest.h"

#include <stdbool.h>
#include <string.h>

#define MAX_WORD 48
#define MIN_BEGINNING 5

struct _DoorSuggest
{
  char *word;
  char *best;
  unsigned int most;          /* how far a candidate may be */
  unsigned int best_distance; /* exclusive: a candidate must be nearer */
};

/* Insertions, deletions, replacements and swaps of neighbours, letter case ignored. */
static unsigned int
edit_distance (const char *a, const char *b)
{
  unsigned int rows[3][MAX_WORD + 1];
  size_t a_length = strlen (a), b_length = strlen (b);

  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = (unsigned int) j;
  for (size_t i = 1; i <= a_length; i++)
    {
      unsigned int *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];

      row[0] = (unsigned int) i;
      for (size_t j = 1; j <= b_length; j++)
        {
          char x = g_ascii_tolower (a[i - 1]), y = g_ascii_tolower (b[j - 1]);

          row[j] = MIN (MIN (row[j - 1], above[j]) + 1, above[j - 1] + (x != y));
          if (i > 1 && j > 1 && x == g_ascii_tolower (b[j - 2]) && y == g_ascii_tolower (a[i - 2]))
            row[j] = MIN (row[j], two_above[j - 2] + 1);
        }
    }
  return rows[a_length % 3][b_length];
}

/**
 * door_suggest_new:
 * @word: what somebody wrote
 *
 * Looks among candidates for what may have been meant. Never blocks.
 *
 * Returns: (transfer full): the search
 */
DoorSuggest *
door_suggest_new (const char *word)
{
  DoorSuggest *self = g_new0 (DoorSuggest, 1);

  self->word = g_strdup (word);
  self->most = (unsigned int) CLAMP (strlen (word) / 3, 1, 3);
  self->best_distance = self->most + 1;
  return self;
}

/**
 * door_suggest_free:
 * @self: (transfer full): a search
 */
void
door_suggest_free (DoorSuggest *self)
{
  g_free (self->word);
  g_free (self->best);
  g_free (self);
}

/* So somebody shortens a word. */
static bool
is_beginning (const char *word, const char *candidate)
{
  return strlen (word) >= MIN_BEGINNING && g_ascii_strncasecmp (word, candidate, strlen (word)) == 0;
}

/**
 * door_suggest_add:
 * @self: a search
 * @candidate: a word that would have been right
 *
 * Considers a candidate, one of which the word is but the beginning too. Words of more than 48 bytes are
 * never alike.
 */
void
door_suggest_add (DoorSuggest *self, const char *candidate)
{
  unsigned int distance;

  if (strlen (self->word) > MAX_WORD || strlen (candidate) > MAX_WORD)
    return;
  distance = edit_distance (self->word, candidate);
  if (is_beginning (self->word, candidate))
    distance = MIN (distance, self->most);
  if (distance >= self->best_distance)
    return;
  self->best_distance = distance;
  g_free (self->best);
  self->best = g_strdup (candidate);
}

/**
 * door_suggest_get_best:
 * @self: a search
 *
 * Returns: (transfer none) (nullable): the nearest candidate, if one is near enough
 */
const char *
door_suggest_get_best (const DoorSuggest *self)
{
  return self->best;
}
