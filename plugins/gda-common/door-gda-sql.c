/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-sql.h"

#include <string.h>

#include "door-error.h"

/* The text is cut at its parameters: pieces[0] :names[order[0]] pieces[1] :names[order[1]] … */
struct _DoorGdaSql
{
  DoorGdaSqlKind kind;
  GPtrArray *names;  /* (element-type utf8): each once, in order of first use */
  GPtrArray *pieces; /* (element-type utf8): one more than there are uses */
  GArray *order;     /* (element-type size_t): index into names, one for each use */
};

typedef struct
{
  DoorGdaSql *sql;
  const char *at;
  GString *piece;
  size_t n_words;
  char first[16]; /* the first two words, upper case, cut to what is compared */
  char second[16];
} Scan;

static gboolean
refuse (const Scan *scan, GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "SQL refused near \"%.20s\": %s", scan->at,
                  reason);
  return FALSE;
}

static gboolean
is_word_start (char c)
{
  return g_ascii_isalpha (c) || c == '_';
}

static gboolean
is_word (char c)
{
  return g_ascii_isalnum (c) || c == '_';
}

static size_t
word_length (const char *at)
{
  size_t length = 0;

  while (is_word (at[length]))
    length++;
  return length;
}

static gboolean
scan_word (Scan *scan, GError **error)
{
  size_t length = word_length (scan->at);

  if (length == strlen ("RETURNING") && g_ascii_strncasecmp (scan->at, "RETURNING", length) == 0)
    return refuse (scan, error, "RETURNING does not work on every backend");
  if (scan->n_words < 2)
    {
      char *copy = scan->n_words == 0 ? scan->first : scan->second;

      for (size_t i = 0; i < MIN (length, sizeof scan->first - 1); i++)
        copy[i] = g_ascii_toupper (scan->at[i]);
    }
  scan->n_words++;
  g_string_append_len (scan->piece, scan->at, (gssize) length);
  scan->at += length;
  return TRUE;
}

static gboolean
scan_quoted (Scan *scan, GError **error)
{
  const char quote = *scan->at;
  const char *end = scan->at;

  do
    {
      end = strchr (end + 1, quote);
      if (end == NULL)
        return refuse (scan, error, "a quote is not closed");
      end++;
    }
  while (*end == quote);

  /* The provider's scanner takes a backslash for an escape, SQL does not: they would disagree about
   * where the literal ends. */
  if (memchr (scan->at, '\\', (size_t) (end - scan->at)) != NULL)
    return refuse (scan, error, "a backslash in quotes");
  g_string_append_len (scan->piece, scan->at, end - scan->at);
  scan->at = end;
  return TRUE;
}

static void
scan_parameter (Scan *scan)
{
  size_t length = word_length (scan->at + 1);
  g_autofree char *name = g_strndup (scan->at + 1, length);
  guint index = 0;

  if (!g_ptr_array_find_with_equal_func (scan->sql->names, name, g_str_equal, &index))
    {
      index = scan->sql->names->len;
      g_ptr_array_add (scan->sql->names, g_steal_pointer (&name));
    }
  g_ptr_array_add (scan->sql->pieces, g_string_free (scan->piece, FALSE));
  scan->piece = g_string_new (NULL);
  g_array_append_vals (scan->sql->order, &(size_t){ index }, 1);
  scan->at += 1 + length;
}

static gboolean
scan_comment (Scan *scan, GError **error)
{
  const char *end;

  if (scan->at[0] == '-')
    {
      end = strchr (scan->at, '\n');
      end = end != NULL ? end : scan->at + strlen (scan->at);
    }
  else
    {
      end = strstr (scan->at + 2, "*/");
      if (end == NULL)
        return refuse (scan, error, "a comment is not closed");
      end += 2;
    }
  g_string_append_c (scan->piece, ' ');
  scan->at = end;
  return TRUE;
}

static gboolean
scan_one (Scan *scan, GError **error)
{
  const char *at = scan->at;

  if (is_word_start (*at))
    return scan_word (scan, error);
  if (*at == '\'' || *at == '"')
    return scan_quoted (scan, error);
  if ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))
    return scan_comment (scan, error);
  if (*at == ';')
    return refuse (scan, error, "more than one statement");
  if (at[0] == ':' && at[1] == ':')
    {
      g_string_append (scan->piece, "::");
      scan->at += 2;
      return TRUE;
    }
  if (*at == ':' && is_word_start (at[1]))
    {
      scan_parameter (scan);
      return TRUE;
    }
  /* Other marks for parameters, dollar quotes, and bytes that only belong in a literal. */
  if (strchr ("#?$@:!&\\`", *at) != NULL || (*at & 0x80) != 0)
    return refuse (scan, error, "a character that has no place here");
  g_string_append_c (scan->piece, *at);
  scan->at++;
  /* A number's letters (1e5) are not a word. */
  if (g_ascii_isdigit (*at))
    while (is_word (*scan->at))
      g_string_append_c (scan->piece, *scan->at++);
  return TRUE;
}

static gboolean
find_kind (Scan *scan, GError **error)
{
  static const struct
  {
    const char *first;
    const char *second; /* NULL: any */
    DoorGdaSqlKind kind;
  } table[] = {
    { "SELECT", NULL, DOOR_GDA_SQL_SELECT },     { "INSERT", NULL, DOOR_GDA_SQL_CHANGE },
    { "UPDATE", NULL, DOOR_GDA_SQL_CHANGE },     { "DELETE", NULL, DOOR_GDA_SQL_CHANGE },
    { "CREATE", NULL, DOOR_GDA_SQL_DEFINE },     { "ALTER", NULL, DOOR_GDA_SQL_DEFINE },
    { "DROP", NULL, DOOR_GDA_SQL_DEFINE },       { "SAVEPOINT", NULL, DOOR_GDA_SQL_SAVEPOINT },
    { "RELEASE", NULL, DOOR_GDA_SQL_SAVEPOINT }, { "ROLLBACK", "TO", DOOR_GDA_SQL_ROLLBACK_TO },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (scan->first, table[i].first) == 0 &&
        (table[i].second == NULL || strcmp (scan->second, table[i].second) == 0))
      {
        scan->sql->kind = table[i].kind;
        return TRUE;
      }
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL,
                  "SQL refused: a statement may not begin with \"%s\"", scan->first);
  return FALSE;
}

/**
 * door_gda_sql_parse:
 * @text: one statement with `:name` parameters
 * @error: return location for an error
 *
 * Cuts a statement at its parameters and checks the rules that make one text fit every backend: one
 * statement, no `RETURNING`, no leading `WITH`, nothing that begins or ends a transaction, no backslash
 * in quotes, no other marks for parameters. A semicolon at the very end is dropped, and so are comments.
 * Pure.
 *
 * Returns: (transfer full): the statement, or %NULL with %DOOR_ERROR_FAILED
 */
DoorGdaSql *
door_gda_sql_parse (const char *text, GError **error)
{
  g_autoptr (DoorGdaSql) self = g_new0 (DoorGdaSql, 1);
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  size_t length = strlen (trimmed);
  Scan scan = { .sql = self, .at = trimmed };
  gboolean valid = TRUE;

  if (length > 0 && trimmed[length - 1] == ';')
    trimmed[length - 1] = '\0';
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->pieces = g_ptr_array_new_with_free_func (g_free);
  self->order = g_array_new (FALSE, FALSE, sizeof (size_t));
  scan.piece = g_string_new (NULL);
  while (valid && *scan.at != '\0')
    valid = scan_one (&scan, error);
  g_ptr_array_add (self->pieces, g_string_free (scan.piece, FALSE));
  if (!valid || !find_kind (&scan, error))
    return NULL;

  /* SQLite's provider looks at the first bytes to see whether there will be rows. */
  g_strchug (g_ptr_array_index (self->pieces, 0));
  return g_steal_pointer (&self);
}

/**
 * door_gda_sql_free:
 * @self: (transfer full): a statement
 */
void
door_gda_sql_free (DoorGdaSql *self)
{
  g_ptr_array_unref (self->names);
  g_ptr_array_unref (self->pieces);
  g_array_unref (self->order);
  g_free (self);
}

/**
 * door_gda_sql_get_kind:
 * @self: a statement
 *
 * Returns: what it does
 */
DoorGdaSqlKind
door_gda_sql_get_kind (const DoorGdaSql *self)
{
  return self->kind;
}

/**
 * door_gda_sql_get_n_names:
 * @self: a statement
 *
 * Returns: how many different parameters it has
 */
size_t
door_gda_sql_get_n_names (const DoorGdaSql *self)
{
  return self->names->len;
}

/**
 * door_gda_sql_get_name:
 * @self: a statement
 * @i: less than door_gda_sql_get_n_names()
 *
 * Returns: (transfer none): the name of parameter @i, without the colon
 */
const char *
door_gda_sql_get_name (const DoorGdaSql *self, size_t i)
{
  return g_ptr_array_index (self->names, i);
}

/**
 * door_gda_sql_dup_text:
 * @self: a statement
 *
 * Returns: (transfer full): its text, without comments and a semicolon at the end
 */
char *
door_gda_sql_dup_text (const DoorGdaSql *self)
{
  GString *text = g_string_new (g_ptr_array_index (self->pieces, 0));

  for (guint i = 0; i < self->order->len; i++)
    g_string_append_printf (text, ":%s%s",
                            door_gda_sql_get_name (self, g_array_index (self->order, size_t, i)),
                            (const char *) g_ptr_array_index (self->pieces, i + 1));
  return g_strchomp (g_string_free (text, FALSE));
}

static void
append_parameter (GString *text, char type, size_t number, bool numbers_as_text)
{
  const char *cast = !numbers_as_text ? NULL
                     : type == 'x'    ? "BIGINT"
                     : type == 'd'    ? "DOUBLE PRECISION"
                                      : NULL;
  const char *name = type == 'y'                      ? "binary"
                     : type == 's' || numbers_as_text ? "string"
                     : type == 'd'                    ? "gdouble"
                                                      : "gint64";

  /* The blank after the type ends it: the parser would read on over operators such as ||. */
  if (type == 'n')
    g_string_append (text, " NULL ");
  else if (cast != NULL)
    g_string_append_printf (text, " CAST(##p%zu::%s AS %s) ", number, name, cast);
  else
    g_string_append_printf (text, " ##p%zu::%s ", number, name);
}

/**
 * door_gda_sql_render:
 * @self: a statement
 * @types: one letter for each parameter: `s` text, `x` integer, `b` 0 or 1, `d` floating point, `y` bytes,
 *   `n` NULL
 * @numbers_as_text: numbers are bound as text, and the database is told what they are
 *
 * Writes the statement as libgda's parser wants it in its DELIMIT mode. Parameter @i is called `p` and
 * its number. NULL is written as the word, because libgda 5.2 leaks a copy of the statement each time
 * NULL is bound. Pure.
 *
 * Returns: (transfer full): the text
 */
char *
door_gda_sql_render (const DoorGdaSql *self, const char *types, bool numbers_as_text)
{
  GString *text = g_string_new (g_ptr_array_index (self->pieces, 0));

  for (guint i = 0; i < self->order->len; i++)
    {
      size_t name = g_array_index (self->order, size_t, i);
      append_parameter (text, types[name], name, numbers_as_text);
      g_string_append (text, g_ptr_array_index (self->pieces, i + 1));
    }
  return g_string_free (text, FALSE);
}
