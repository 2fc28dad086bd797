/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-options.h"
#include "door-outbound.h"

/* Outside development mode pushes go to Apple and to nobody else, whom the system vouches for. */
static void
test_server (void)
{
  static const struct
  {
    const char *server; /* NULL: the default */
    const char *trust;  /* NULL: none */
    bool development;
    bool good;
  } cases[] = {
    { NULL, NULL, false, true },
    { "api.push.apple.com:2197", NULL, false, true },
    { "api.push.apple.com", NULL, false, false },
    { "apns.localhost:443", NULL, false, false },
    { "apns.localhost:443", NULL, true, true },
    { "[::1", NULL, true, false },
    { NULL, "/etc/ssl/certs/ca-certificates.crt", false, false },
    { NULL, "/nonexistent", true, false },
  };
  const DoorKey *tables[] = { door_options_lookup ("apple")->keys, NULL };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DoorSettingsSource source = { .group = "apple", .tables = tables };
      g_autoptr (DoorSettings) apple = NULL;
      g_autoptr (DoorApns) apns = NULL;
      g_autoptr (GError) error = NULL;

      source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      if (cases[i].server != NULL)
        g_hash_table_insert (source.values, g_strdup ("PushServer"), g_strdup (cases[i].server));
      if (cases[i].trust != NULL)
        g_hash_table_insert (source.values, g_strdup ("PushServerCa"), g_strdup (cases[i].trust));
      apple = door_settings_new (&source, &error);
      g_assert_no_error (error);
      apns = door_outbound_open_apns (apple, cases[i].development, &error);
      g_assert_cmpint (apns != NULL, ==, cases[i].good);
      if (!cases[i].good)
        g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wiring/outbound/server", test_server);
  return g_test_run ();
}
