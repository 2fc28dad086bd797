/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handshakes.h"

#define SECOND G_USEC_PER_SEC

typedef struct
{
  bool begun;
  bool dropped;
} Client;

static bool
begin (gpointer client)
{
  ((Client *) client)->begun = true;
  return true;
}

static bool
begin_not (gpointer client)
{
  return false;
}

static void
drop (gpointer client)
{
  g_assert_false (((Client *) client)->dropped);
  ((Client *) client)->dropped = true;
}

static const DoorHandshakeHooks hooks = { begin, drop };

static const DoorHandshakeLimits limits = {
  .max = 6, .max_per_peer = 3, .max_running = 4, .timeout_us = SECOND
};

static void
test_peer_cap (void)
{
  DoorHandshakes *account = door_handshakes_new (&limits, &hooks);
  Client other = { 0 }, many[5] = { { 0 } };

  door_handshakes_add (account, &other, "192.0.2.1");
  for (size_t i = 0; i < G_N_ELEMENTS (many); i++)
    door_handshakes_add (account, &many[i], "192.0.2.2");
  g_assert_false (other.dropped);
  for (size_t i = 0; i < G_N_ELEMENTS (many); i++)
    g_assert_true (many[i].dropped == (i < 2));
  door_handshakes_free (account);
}

/* a proxy speaks for many */
static void
test_no_peer_cap (void)
{
  DoorHandshakes *account = door_handshakes_new (&limits, &hooks);
  Client many[6] = { { 0 } };

  for (size_t i = 0; i < G_N_ELEMENTS (many); i++)
    {
      door_handshakes_add (account, &many[i], NULL);
      door_handshakes_set_ready (account, &many[i], 0);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (many); i++)
    {
      g_assert_false (many[i].dropped);
      g_assert_true (many[i].begun == (i < 4));
    }
  door_handshakes_free (account);
}

static void
test_total_cap (void)
{
  static const char *const peers[] = { "a", "a", "a", "b", "b", "b", "c", "d" };
  DoorHandshakes *account = door_handshakes_new (&limits, &hooks);
  Client clients[G_N_ELEMENTS (peers)] = { { 0 } };

  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++)
    door_handshakes_add (account, &clients[i], peers[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++)
    g_assert_true (clients[i].dropped == (i < 2));
  door_handshakes_free (account);
}

/* one address holds half of the threads at most, and none for long when another waits */
static void
test_running (void)
{
  static const char *const peers[] = { "a", "a", "a", "b", "b", "c" };
  DoorHandshakes *account = door_handshakes_new (&limits, &hooks);
  Client clients[G_N_ELEMENTS (peers)] = { { 0 } };

  for (size_t i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      door_handshakes_add (account, &clients[i], peers[i]);
      door_handshakes_set_ready (account, &clients[i], (int64_t) i);
    }
  g_assert_true (clients[1].begun && clients[4].begun);
  g_assert_false (clients[2].begun || clients[5].begun);
  door_handshakes_run (account, SECOND / 4);
  g_assert_false (clients[0].dropped || clients[2].begun || clients[5].begun);
  door_handshakes_run (account, SECOND);
  g_assert_true (clients[0].dropped && clients[2].begun);
  g_assert_true (clients[1].dropped && clients[5].begun);
  g_assert_false (clients[3].dropped || clients[4].dropped);
  door_handshakes_free (account);
}

/* what has ended makes room at once; nobody waits for a client that said nothing */
static void
test_turns (void)
{
  DoorHandshakes *account = door_handshakes_new (&limits, &hooks);
  Client silent = { 0 }, clients[5] = { { 0 } };

  door_handshakes_add (account, &silent, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      door_handshakes_add (account, &clients[i], NULL);
      door_handshakes_set_ready (account, &clients[i], 0);
    }
  g_assert_false (clients[4].begun);
  door_handshakes_remove (account, &clients[1], 1);
  g_assert_true (clients[4].begun);
  door_handshakes_remove (account, &clients[1], 1);
  door_handshakes_run (account, 9 * SECOND);
  g_assert_false (silent.begun);
  for (size_t i = 0; i < G_N_ELEMENTS (clients); i++)
    g_assert_false (clients[i].dropped);
  door_handshakes_free (account);
}

static void
test_cannot_begin (void)
{
  static const DoorHandshakeHooks broken = { begin_not, drop };
  DoorHandshakes *account = door_handshakes_new (&limits, &broken);
  Client client = { 0 };

  door_handshakes_add (account, &client, "a");
  door_handshakes_set_ready (account, &client, 0);
  door_handshakes_set_ready (account, &client, 0);
  g_assert_false (client.dropped);
  door_handshakes_free (account);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/handshakes/peer-cap", test_peer_cap);
  g_test_add_func ("/http/handshakes/no-peer-cap", test_no_peer_cap);
  g_test_add_func ("/http/handshakes/total-cap", test_total_cap);
  g_test_add_func ("/http/handshakes/running", test_running);
  g_test_add_func ("/http/handshakes/turns", test_turns);
  g_test_add_func ("/http/handshakes/cannot-begin", test_cannot_begin);
  return g_test_run ();
}
