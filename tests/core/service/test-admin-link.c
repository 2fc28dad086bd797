/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom an identity is joined with, and what a connection vouches for. */
#include "administrator.h"

#define JIT "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n[admin]\nJit=true\n"

/* Who may be joined with an account that exists, by the address alone (CVE-2024-37019). */
static void
test_link (void)
{
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *second =
      g_strdup_printf ("[idp/two]\nType=saml\nEntityId=two\nSsoUrl=https://two.example/sso\n"
                       "Certificates=%s\nUse=admin\n",
                       certificate);
  static const struct
  {
    const char *domains; /* of the provider that answers */
    bool two;            /* there is another one */
    const char *change;  /* of the account */
    const char *fault;   /* (nullable): it is joined */
  } cases[] = {
    { "", false, NULL, NULL },
    { "EmailDomains=example.com\n", true, NULL, NULL },
    { "", true, NULL, "DW-ADM-LINK" },
    { "EmailDomains=else.example\n", true, NULL, "DW-ID-DOMAIN" },
    { "", false, "UPDATE administrator SET password_hash = '$y$x'", "DW-ADM-LINK" },
    { "", false, "UPDATE administrator SET sso_enabled = 0", "DW-ADM-DISABLED" },
    { "", false, "UPDATE administrator SET state = 'deactivated'", "DW-ADM-DISABLED" },
    { "", false, "INSERT INTO administrator_identity VALUES ('two', 'x', 'ada', 'two', 1)", "DW-ADM-LINK" },
    { "", false,
      "INSERT INTO administrator_identity VALUES ('https://idp.example.com/saml', 'x', 'ada', "
      "'okta', 1)",
      "DW-ADM-LINK" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *config = g_strdup_printf ("%sUse=admin\n[admin]\nJit=true\n%s", cases[i].domains,
                                                 cases[i].two ? second : "");
      g_autoptr (World) world = world_new (config);

      g_test_message ("case %zu", i);
      administrator_add (world, "ada", "admin");
      if (cases[i].change != NULL)
        world_write (world, cases[i].change);
      if (cases[i].fault != NULL)
        {
          g_autoptr (DoorResponse) response =
              administrator_answer (world, "/admin/login?idp=okta", &(Answer){ 0 });

          sign_in_assert_refused (world, response, 403, cases[i].fault);
          assert_count (world, 0, "admin_handover");
          assert_count (world, 0, "administrator_identity WHERE subject LIKE '%ada%'");
        }
      else
        {
          g_autoptr (DoorResponse) response =
              administrator_answer (world, "/admin/login?idp=okta", &(Answer){ 0 });

          assert_status (response, 303);
          assert_count (world, 1, "administrator_identity WHERE administrator_id = 'ada'");
        }
      assert_count (world, 1, "administrator");
    }
}

/* Once joined, issuer and subject count: another person with the address does not get in. */
static void
test_identity (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autofree char *first = administrator_sign_in (world, &(Answer){ .subject = "ada" });
  g_autofree char *moved = administrator_sign_in (
      world, &(Answer){ .subject = "ada", .mail = "new@example.com", .assertion_id = "_a2" });

  assert_count (world, 1, "administrator WHERE email = 'ada@example.com'");
  administrator_assert_refused (world, &(Answer){ .subject = "eve", .assertion_id = "_a3" }, 403,
                                "DW-ADM-LINK", "error");
}

/* What a provider has vouched for ends when it is gone, or nothing for administrators any more. */
static void
test_provider_gone (void)
{
  static const char *const names[] = { "gone", "two" };
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *config = g_strdup_printf (JIT "[idp/two]\nType=saml\nEntityId=two\nUse=enrollment\n"
                                                 "SsoUrl=https://two.example/sso\nCertificates=%s\n",
                                             certificate);

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *session_sql = g_strdup_printf ("UPDATE admin_session SET connection = '%s'", names[i]);
      g_autofree char *handover_sql =
          g_strdup_printf ("UPDATE admin_handover SET connection = '%s'", names[i]);
      g_autoptr (World) world = world_new (config);
      g_autofree char *session = administrator_sign_in (world, &(Answer){ 0 });
      g_autoptr (DoorResponse) before = administrator_get (world, "/api/v1/me", session), after = NULL;
      g_autoptr (Pending) pending = sign_in_begin (world, "/admin/login", NULL);
      g_autoptr (DoorResponse) accepted = sign_in_answer (world, pending, &(Answer){ .assertion_id = "_a2" });
      g_autoptr (DoorResponse) entered = NULL;

      assert_status (before, 200);
      assert_status (accepted, 303);
      world_write (world, session_sql);
      world_write (world, handover_sql);
      after = administrator_get (world, "/api/v1/me", session);
      assert_status (after, 401);
      entered = administrator_enter (world, door_response_lookup_header (accepted, "Location"),
                                     pending->cookie, NULL);
      assert_status (entered, 400);
      assert_count (world, 1, "admin_session");
    }
}

/* What a provider calls itself is no proof that it is the one by which somebody came before. */
static void
test_entity_of_another (void)
{
  static const struct
  {
    const char *certificate; /* of the connection by which ada came first */
    const char *connection;
    const char *fault; /* (nullable) */
  } cases[] = {
    { "rsa-other.crt.pem", "two", "DW-ADM-LINK" },
    { "rsa.crt.pem", "two", NULL },
    { "rsa.crt.pem", "gone", "DW-ADM-LINK" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *certificate = test_data_path ("saml/keys", cases[i].certificate);
      g_autofree char *config =
          g_strdup_printf (JIT "[idp/two]\nType=saml\nEntityId=https://idp.example.com/saml\n"
                               "SsoUrl=https://two.example/sso\nCertificates=%s\nUse=enrollment\n",
                           certificate);
      g_autofree char *change =
          g_strdup_printf ("UPDATE administrator_identity SET connection = '%s'", cases[i].connection);
      g_autoptr (World) world = world_new (config);
      g_autofree char *first = administrator_sign_in (world, &(Answer){ .subject = "ada" });
      const Answer again = { .subject = "ada", .assertion_id = "_a2" };

      g_test_message ("case %zu", i);
      assert_count (world, 1, "administrator_identity WHERE issuer = 'https://idp.example.com/saml'");
      world_write (world, change);
      if (cases[i].fault != NULL)
        administrator_assert_refused (world, &again, 403, cases[i].fault, "error");
      else
        {
          g_autofree char *session = administrator_sign_in (world, &again);
        }
      assert_count (world, cases[i].fault != NULL ? 1 : 2, "admin_session");
    }
}

static void
add (void)
{
  g_test_add_func ("/admin/link", test_link);
  g_test_add_func ("/admin/identity", test_identity);
  g_test_add_func ("/admin/provider-gone", test_provider_gone);
  g_test_add_func ("/admin/entity-of-another", test_entity_of_another);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
