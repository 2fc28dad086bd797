/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sign-in.h"

/* What came of a request of ours is kept, refused or not; of what nobody asked for, nothing is. */
static void
test_received (void)
{
  static const struct
  {
    Answer answer;
    bool with_cookie;
    const char *where;
  } cases[] = {
    { { .audience = "https://other.example" },
      true,
      "fault = 'DW-SAML-AUDIENCE' AND checks = 'request structure status signature issuer destination' AND "
      "received LIKE '%audience: https://other.example%'" },
    { { .key = "rsa-other" }, true, "fault = 'DW-SAML-SIGNATURE' AND received LIKE '%assertion: signed%'" },
    { { .mail = "ada@other.example" },
      true,
      "fault = 'DW-ID-DOMAIN' AND checks LIKE 'request structure % session' AND "
      "received LIKE '%attribute mail: …@other.example, 17 characters%'" },
    { { 0 }, false, "fault = 'DW-FLOW-COOKIE' AND checks = '' AND received = ''" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = world_new ("[enrollment]\nAllowedDomains=example.com\n");
      g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
      g_autofree char *where = g_strconcat ("attempt WHERE ", cases[i].where, NULL);
      g_autoptr (DoorResponse) response = NULL;

      if (!cases[i].with_cookie)
        g_clear_pointer (&pending->cookie, g_free);
      response = sign_in_answer (world, pending, &cases[i].answer);
      assert_count (world, 1, where);
      assert_count (world, 1, "attempt");
      assert_count (world, 0, "attempt WHERE received LIKE '%ada@%'");
    }
}

static void
add (void)
{
  g_test_add_func ("/sign-in/received", test_received);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
