/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

#include "door-control.h"
#include "door-ctl.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-text.h"

/* the server has said by then that it takes long */
#define TIMEOUT_S (DOOR_CONTROL_PATIENCE_S + 15)
#define MAX_ANSWER_BYTES (1024 * 1024)
#define DEVELOPMENT_HINT                                                                                     \
  "a server in development mode has this socket only where RUNTIME_DIRECTORY=FOLDER is in its environment "  \
  "and in that of doorctl; without it send the server a SIGHUP: kill -HUP PID"
#define MAX_LINE_BYTES 1100 /* a line of the server with its kind before it */

/* The lines behind the first, which says what came of it. */
typedef struct
{
  GPtrArray *changes;
  GPtrArray *warnings;
  GPtrArray *errors;
} Answer;

static bool
set_connect_error (GError **error, const char *path, bool development, const GError *local)
{
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_NONE,
                           "only root and the server's user may ask for a reload; run it as root");
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
      g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "no server answers at %s; %s",
                           path, development ? DEVELOPMENT_HINT : "look at: systemctl status doorward");
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: %s", path, local->message);
}

static GSocket *
open_socket (const char *path, bool development, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) local = NULL;
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &local);

  if (socket != NULL)
    {
      g_socket_set_timeout (socket, TIMEOUT_S);
      if (g_socket_connect (socket, address, NULL, &local))
        return g_steal_pointer (&socket);
    }
  set_connect_error (error, path, development, local);
  return NULL;
}

/* Up to the end, which the server makes, maybe before it has read the request. */
static bool
read_answer (GSocket *socket, GString *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  char bytes[4096];
  gssize n;

  /* the answer tells */
  g_socket_send (socket, DOOR_CONTROL_RELOAD, strlen (DOOR_CONTROL_RELOAD), NULL, NULL);
  do
    {
      n = g_socket_receive (socket, bytes, sizeof bytes, NULL, &local);
      if (n > 0)
        g_string_append_len (text, bytes, n);
    }
  while (n > 0 && text->len < MAX_ANSWER_BYTES);
  if (n == 0 || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return true;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static char *
ask (const char *path, bool development, GError **error)
{
  g_autoptr (GSocket) socket = open_socket (path, development, error);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) local = NULL;
  bool ended = socket != NULL && read_answer (socket, text, &local);

  if (socket == NULL)
    return NULL;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE,
                    "the server has not answered within %d s; look at: journalctl -u doorward", TIMEOUT_S);
  else if (text->len == 0)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_NONE,
                    "the server ended the connection without an answer: it hears root and its own user only, "
                    "or has crashed; run this as root, and look at: journalctl -u doorward");
  else if (!ended || text->str[text->len - 1] != '\n')
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE,
                    "the answer of the server is not complete; look at: journalctl -u doorward");
  else
    return g_string_free (g_steal_pointer (&text), FALSE);
  return NULL;
}

static void
answer_clear (Answer *self)
{
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->errors, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/* Root reads on a terminal what a process without rights says. */
static void
add_line (GPtrArray *lines, const char *text)
{
  g_ptr_array_add (lines, door_text_dup_line (text, MAX_LINE_BYTES));
}

static void
sort_lines (Answer *self, char *const *lines)
{
  self->changes = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->errors = g_ptr_array_new_with_free_func (g_free);
  for (; *lines != NULL && **lines != '\0'; lines++)
    if (g_str_has_prefix (*lines, DOOR_CONTROL_WARNING))
      add_line (self->warnings, *lines + strlen (DOOR_CONTROL_WARNING));
    else if (g_str_has_prefix (*lines, DOOR_CONTROL_ERROR))
      add_line (self->errors, *lines + strlen (DOOR_CONTROL_ERROR));
    else
      add_line (self->changes, *lines);
}

static JsonArray *
to_array (const GPtrArray *lines)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < lines->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (lines, i));
  return array;
}

static void
show (DoorCtlContext *context, const Answer *answer)
{
  JsonObject *object;

  if (context->json)
    {
      object = json_object_new ();
      json_object_set_boolean_member (object, "changed", answer->changes->len > 0);
      json_object_set_array_member (object, "changes", to_array (answer->changes));
      json_object_set_array_member (object, "warnings", to_array (answer->warnings));
      context->result = door_ctl_output_take_object (object);
      return;
    }
  for (guint i = 0; i < answer->changes->len; i++)
    g_print ("%s\n", (const char *) g_ptr_array_index (answer->changes, i));
  if (answer->changes->len == 0)
    g_print ("nothing has changed\n");
  for (guint i = 0; i < answer->warnings->len; i++)
    g_printerr ("warning: %s\n", (const char *) g_ptr_array_index (answer->warnings, i));
}

static bool
set_refused_error (GError **error, GPtrArray *lines)
{
  g_autofree char *all = NULL;

  g_ptr_array_add (lines, NULL);
  all = g_strjoinv ("\n  ", (char **) lines->pdata);
  return door_error_set (
      error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE,
      "reload refused, the configuration before stays in force; doorctl explain ID tells what "
      "to do:\n  %s",
      all);
}

/**
 * door_ctl_config_reload:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config reload`. Blocks until the server has answered.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when nothing has changed, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_config_reload (DoorCtlContext *context, GError **error)
{
  bool development = door_command_line_has (context->line, "dev");
  g_autofree char *path = door_control_dup_path (), *text = ask (path, development, error);
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;
  g_auto (Answer) answer = { NULL };

  if (lines == NULL)
    return DOOR_CTL_ERROR;
  sort_lines (&answer, lines + 1);
  if (g_str_has_prefix (text, DOOR_CONTROL_CHANGED) || g_str_has_prefix (text, DOOR_CONTROL_UNCHANGED))
    {
      show (context, &answer);
      return answer.changes->len > 0 ? DOOR_CTL_OK : DOOR_CTL_NOTHING;
    }
  if (g_str_has_prefix (text, DOOR_CONTROL_REFUSED))
    set_refused_error (error, answer.errors);
  else if (g_str_has_prefix (text, DOOR_CONTROL_LATE))
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE,
                    "the reload goes on for more than %d s; look at what came of it: journalctl -u doorward",
                    DOOR_CONTROL_PATIENCE_S);
  else if (g_str_has_prefix (text, DOOR_CONTROL_BUSY))
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE,
                    "the server has too much to do at once; try again");
  else
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_NONE,
                    "the server is of another version than doorctl; run: systemctl restart doorward");
  return DOOR_CTL_ERROR;
}
