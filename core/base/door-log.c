/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "door-text.h"

#define MAX_FIELDS 24
#define LINE_BYTES 512 /* most lines are shorter */

struct _DoorLogOutput
{
  bool journal;
  _Atomic unsigned int least; /* the least important level that is written; GLib's numbers grow downwards */
};

static const char *
level_name (GLogLevelFlags level)
{
  switch (level & G_LOG_LEVEL_MASK)
    {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL:
      return "critical";
    case G_LOG_LEVEL_WARNING:
      return "warning";
    case G_LOG_LEVEL_DEBUG:
      return "debug";
    default:
      return "info";
    }
}

/* syslog's numbers, as journald wants them */
static const char *
level_priority (GLogLevelFlags level)
{
  switch (level & G_LOG_LEVEL_MASK)
    {
    case G_LOG_LEVEL_ERROR:
    case G_LOG_LEVEL_CRITICAL:
      return "3";
    case G_LOG_LEVEL_WARNING:
      return "4";
    case G_LOG_LEVEL_DEBUG:
      return "7";
    default:
      return "6";
    }
}

/**
 * door_log_event:
 * @level: %G_LOG_LEVEL_INFO, %G_LOG_LEVEL_WARNING …
 * @event: what happened, a word such as "sign-in" or "linked"
 * @message: one line without a full stop; no secret, token, assertion or push magic
 * @...: pairs of field name ("DOORWARD_FAULT") and text (%NULL text: left out), then %NULL
 *
 * Logs a security event with its fields. Does not block beyond the write to standard error or the journal.
 */
void
door_log_event (GLogLevelFlags level, const char *event, const char *message, ...)
{
  GLogField fields[MAX_FIELDS] = {
    { "PRIORITY", level_priority (level), -1 },
    { "GLIB_DOMAIN", "doorward", -1 },
    { "MESSAGE", message, -1 },
    { "DOORWARD_EVENT", event, -1 },
  };
  gsize n = 4;
  const char *key;
  va_list args;

  va_start (args, message);
  while (n < MAX_FIELDS && (key = va_arg (args, const char *)) != NULL)
    {
      const char *value = va_arg (args, const char *);

      if (value != NULL)
        fields[n++] = (GLogField){ key, value, -1 };
    }
  va_end (args);
  g_log_structured_array (level, fields, n);
}

static bool
is_plain (unsigned char c)
{
  return c >= 0x20 && c != '"' && c != '\\';
}

/* Nearly all of what is logged is plain, so it is copied in runs. */
static void
append_valid (GString *out, const char *text, size_t size)
{
  const char *end = text + size;

  while (text < end)
    {
      const char *from = text;

      while (text < end && is_plain ((unsigned char) *text))
        text++;
      g_string_append_len (out, from, text - from);
      if (text == end)
        return;
      if ((unsigned char) *text < 0x20)
        g_string_append_printf (out, "\\u%04x", *text);
      else
        {
          g_string_append_c (out, '\\');
          g_string_append_c (out, *text);
        }
      text++;
    }
}

static void
append_json_string (GString *out, const char *text, gssize length)
{
  size_t size = length < 0 ? strlen (text) : (size_t) length;

  g_string_append_c (out, '"');
  if (g_utf8_validate_len (text, size, NULL))
    append_valid (out, text, size);
  else
    {
      g_autofree char *valid = g_utf8_make_valid (text, (gssize) size);

      append_valid (out, valid, strlen (valid));
    }
  g_string_append_c (out, '"');
}

static gboolean
is_shown (const char *key)
{
  return g_str_equal (key, "MESSAGE") || g_str_has_prefix (key, "DOORWARD_");
}

/* One JSON object a line on standard error, for runs outside the journal. */
static void
write_json (GLogLevelFlags level, const GLogField *fields, gsize n_fields)
{
  g_autoptr (GString) line = g_string_sized_new (LINE_BYTES);
  struct timespec now;
  struct tm parts;
  char at[32];

  /* a GDateTime and its format would be a third of what a line costs */
  clock_gettime (CLOCK_REALTIME, &now);
  gmtime_r (&now.tv_sec, &parts);
  strftime (at, sizeof at, "%Y-%m-%dT%H:%M:%S", &parts);
  g_string_append_printf (line, "{\"time\":\"%s.%03ldZ\",\"level\":\"%s\"", at, now.tv_nsec / 1000000,
                          level_name (level));
  for (gsize i = 0; i < n_fields; i++)
    {
      if (!is_shown (fields[i].key))
        continue;
      g_string_append (line, ",\"");
      g_string_append (line, fields[i].key);
      g_string_append (line, "\":");
      append_json_string (line, fields[i].value, fields[i].length);
    }
  g_string_append (line, "}\n");
  /* one write, so that lines of several threads do not mix */
  fwrite (line->str, 1, line->len, stderr);
}

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  DoorLogOutput *self = data;

  if ((unsigned int) (level & G_LOG_LEVEL_MASK) > atomic_load (&self->least))
    return G_LOG_WRITER_HANDLED;
  if (self->journal)
    return g_log_writer_journald (level, fields, n_fields, NULL);
  write_json (level, fields, n_fields);
  return G_LOG_WRITER_HANDLED;
}

/**
 * door_log_start:
 *
 * Sends what the process logs to the journal, if standard error leads there, and else as JSON lines to
 * standard error. To be called once, before there are threads.
 *
 * Returns: (transfer none): the output, which lives as long as the process; it writes "info" and above
 */
DoorLogOutput *
door_log_start (void)
{
  DoorLogOutput *self = g_new0 (DoorLogOutput, 1);

  self->journal = g_log_writer_is_journald (fileno (stderr));
  atomic_store (&self->least, G_LOG_LEVEL_INFO);
  g_log_set_writer_func (write_cb, self, g_free);
  return self;
}

static bool
is_event (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "DOORWARD_EVENT"))
      return true;
  return false;
}

static void
print_line (GString *line)
{
  g_autofree char *plain = NULL;

  for (gsize i = 0; i < line->len; i++)
    if ((unsigned char) line->str[i] < 0x20 || line->str[i] == 0x7f)
      line->str[i] = ' ';
  plain = door_text_dup_line (line->str, SIZE_MAX);
  fprintf (stderr, "%s\n", plain);
}

static void
append_field (GString *line, const GLogField *field)
{
  g_string_append_len (line, field->value,
                       field->length < 0 ? (gssize) strlen (field->value) : field->length);
}

/* For who looks at a terminal: a line among those that the program prints. */
static void
write_plain (const GLogField *fields, gsize n_fields)
{
  g_autoptr (GString) line = g_string_new ("log:");

  for (gsize i = 0; i < n_fields; i++)
    {
      bool message = g_str_equal (fields[i].key, "MESSAGE");

      if (!is_shown (fields[i].key) || g_str_equal (fields[i].key, "DOORWARD_EVENT"))
        continue;
      g_string_append_c (line, ' ');
      if (!message)
        {
          g_autofree char *name = g_ascii_strdown (fields[i].key + strlen ("DOORWARD_"), -1);

          g_string_append_printf (line, "%s=", name);
        }
      append_field (line, &fields[i]);
    }
  print_line (line);
}

/* As the program's own lines look. */
static void
write_own (const char *beginning, const GLogField *fields, gsize n_fields)
{
  g_autoptr (GString) line = g_string_new (beginning);

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      append_field (line, &fields[i]);
  print_line (line);
}

static GLogWriterOutput
write_beside_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (!is_event (fields, n_fields) && (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)) != 0)
    {
      write_own ((level & G_LOG_LEVEL_WARNING) != 0 ? "warning: " : "", fields, n_fields);
      return G_LOG_WRITER_HANDLED;
    }
  if (!is_event (fields, n_fields))
    return g_log_writer_default (level, fields, n_fields, NULL);
  if (g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;
  if (isatty (fileno (stderr)))
    write_plain (fields, n_fields);
  else
    write_json (level, fields, n_fields);
  return G_LOG_WRITER_HANDLED;
}

/**
 * door_log_start_beside:
 *
 * For a program beside the server, at a terminal: events go to the journal, where those of the server are,
 * and only where there is none to standard error: as a plain line at a terminal, else as a JSON line. What
 * else is logged is for who looks at the terminal: a warning or a message is one of the program's own lines.
 * To be called once, before there are threads.
 */
void
door_log_start_beside (void)
{
  g_log_set_writer_func (write_beside_cb, NULL, NULL);
}

/**
 * door_log_set_level:
 * @self: an output
 * @word: "error", "warning", "info" or "debug"
 *
 * Leaves out what is less important. Any thread.
 */
void
door_log_set_level (DoorLogOutput *self, const char *word)
{
  unsigned int least = G_LOG_LEVEL_INFO;

  if (g_str_equal (word, "error"))
    least = G_LOG_LEVEL_CRITICAL;
  else if (g_str_equal (word, "warning"))
    least = G_LOG_LEVEL_WARNING;
  else if (g_str_equal (word, "debug"))
    least = G_LOG_LEVEL_DEBUG;
  atomic_store (&self->least, least);
}
