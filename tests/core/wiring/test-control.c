/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who asks for a reload, and when he is answered; tests/integration/test-control.py has the whole server. */
#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "door-control.h"

#define LONG_S 60

typedef struct
{
  char *folder;
  char *path;
  unsigned int n_asked;
  unsigned int number; /* given to who asks */
  DoorControl *control;
  GString *heard;
} Place;

static unsigned int
asked_cb (gpointer data)
{
  Place *place = data;

  place->n_asked++;
  return place->number;
}

static void
set_up (Place *place, unsigned int patience_s)
{
  g_autoptr (GError) error = NULL;

  place->folder = g_dir_make_tmp ("door-control-XXXXXX", &error);
  g_assert_no_error (error);
  place->path = g_build_filename (place->folder, "control.sock", NULL);
  place->number = 1;
  place->heard = g_string_new (NULL);
  place->control = door_control_new (place->path, patience_s, asked_cb, place, &error);
  g_assert_no_error (error);
}

static void
tear_down (Place *place)
{
  door_control_free (place->control);
  g_assert_cmpint (g_rmdir (place->folder), ==, 0); /* the socket is gone */
  g_string_free (place->heard, TRUE);
  g_free (place->path);
  g_free (place->folder);
}

static GSocket *
ask (Place *place, const char *request)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (place->path);
  g_autoptr (GError) error = NULL;
  GSocket *client =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_connect (client, address, NULL, &error);
  g_assert_no_error (error);
  g_socket_send (client, request, strlen (request), NULL, &error);
  g_assert_no_error (error);
  return client;
}

/* Up to the end of the connection. */
static const char *
hear (Place *place, GSocket *client)
{
  g_autoptr (GError) error = NULL;
  char bytes[256];
  gssize n;

  g_string_truncate (place->heard, 0);
  g_socket_set_blocking (client, FALSE);
  do
    {
      g_clear_error (&error);
      n = g_socket_receive (client, bytes, sizeof bytes, NULL, &error);
      if (n > 0)
        g_string_append_len (place->heard, bytes, n);
      else if (n < 0)
        {
          g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
          g_main_context_iteration (NULL, TRUE); /* the test ends by the limit of meson if nothing comes */
        }
    }
  while (n != 0);
  return place->heard->str;
}

static void
test_answers (void)
{
  Place place = { NULL };
  g_autoptr (GSocket) first = NULL, second = NULL, later = NULL;

  set_up (&place, LONG_S);
  first = ask (&place, DOOR_CONTROL_RELOAD);
  second = ask (&place, DOOR_CONTROL_RELOAD);
  while (place.n_asked < 2)
    g_main_context_iteration (NULL, TRUE);
  place.number = 2;
  later = ask (&place, DOOR_CONTROL_RELOAD);
  while (place.n_asked < 3)
    g_main_context_iteration (NULL, TRUE);
  door_control_answer (place.control, 1, DOOR_CONTROL_UNCHANGED);
  g_assert_cmpstr (hear (&place, first), ==, DOOR_CONTROL_UNCHANGED);
  g_assert_cmpstr (hear (&place, second), ==, DOOR_CONTROL_UNCHANGED);
  door_control_answer (place.control, 2, DOOR_CONTROL_CHANGED "~ x\n");
  g_assert_cmpstr (hear (&place, later), ==, DOOR_CONTROL_CHANGED "~ x\n");
  tear_down (&place);
}

static void
test_refusals (void)
{
  Place place = { NULL };
  g_autoptr (GSocket) busy = NULL, unknown = NULL;

  set_up (&place, LONG_S);
  unknown = ask (&place, "stop\n");
  g_assert_cmpstr (hear (&place, unknown), ==, DOOR_CONTROL_UNKNOWN);
  g_assert_cmpuint (place.n_asked, ==, 0);
  place.number = 0;
  busy = ask (&place, DOOR_CONTROL_RELOAD);
  g_assert_cmpstr (hear (&place, busy), ==, DOOR_CONTROL_BUSY);
  tear_down (&place);
}

/* Not a connection that ends without a word, which looks like one that is not allowed. */
static void
test_late (void)
{
  Place place = { NULL };
  g_autoptr (GSocket) client = NULL;

  set_up (&place, 1);
  client = ask (&place, DOOR_CONTROL_RELOAD);
  g_assert_cmpstr (hear (&place, client), ==, DOOR_CONTROL_LATE);
  g_assert_cmpuint (place.n_asked, ==, 1);
  door_control_answer (place.control, 1, DOOR_CONTROL_CHANGED); /* nobody waits any more */
  tear_down (&place);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wiring/control/answers", test_answers);
  g_test_add_func ("/wiring/control/refusals", test_refusals);
  g_test_add_func ("/wiring/control/late", test_late);
  return g_test_run ();
}
