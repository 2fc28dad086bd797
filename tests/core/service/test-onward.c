/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-onward.h"
#include "door-purpose.h"
#include "door-token-store.h"
#include "sign-in.h"

#define SCHEME "apple-remotemanagement-user-login://authentication-results?access-token="
#define PROFILE "https://devices.example.com/mdm/apple/profile/"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };

static void
add_ticket (World *world, const char *ticket, const char *kind, const char *eula)
{
  g_autofree char *hash = door_digest_sha256_text (ticket);
  const DoorAccessToken token = {
    .hash = hash,
    .kind = (char *) kind,
    .mode = (char *) "",
    .person_id = (char *) "",
    .team = (char *) "",
    .managed_account = (char *) "",
    .serial = (char *) "",
    .udid = (char *) "",
    .product = (char *) "",
    .eula = (char *) eula,
    .created_at = WORLD_NOW_MS,
    .expires_at = WORLD_NOW_MS + MINUTE_MS,
    .certificate_sha256 = (char *) "",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (world->context.storage, DOOR_TXN_WRITE, NULL, &error);

  g_assert_no_error (error);
  door_token_store_add (txn, &token, &error);
  g_assert_no_error (error);
  door_txn_commit (txn, &error);
  g_assert_no_error (error);
}

static void
assert_onward (World *world, const char *ticket, unsigned int status, const char *location)
{
  g_auto (DoorOnward) onward = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_onward_find (&world->context, ticket, NULL, &onward, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (onward.status, ==, status);
  g_assert_cmpstr (onward.location, ==, location);
}

static void
assert_no_way (World *world, const char *ticket)
{
  g_auto (DoorOnward) onward = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (door_onward_find (&world->context, ticket, NULL, &onward, &error));
  assert_fault (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_TOKEN_TICKET);
  g_assert_null (onward.location);
}

/* Only an access token ever goes to the device's own scheme. */
static void
test_kinds (void)
{
  static const struct
  {
    const char *kind, *location;
    unsigned int status;
  } cases[] = {
    { DOOR_TOKEN_ACCOUNT, SCHEME "t-account", 308 },
    { DOOR_TOKEN_ADE, PROFILE "t-ade", 303 },
    { DOOR_TOKEN_LINK, "https://devices.example.com/mdm/apple/install/t-link", 303 },
  };
  g_autoptr (World) world = world_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *ticket = g_strconcat ("t-", cases[i].kind, NULL);

      add_ticket (world, ticket, cases[i].kind, "");
      assert_onward (world, ticket, cases[i].status, cases[i].location);
    }
}

static void
test_terms (void)
{
  g_autoptr (World) world = world_new (NULL);

  add_ticket (world, "a", DOOR_TOKEN_ACCOUNT, "terms 1");
  add_ticket (world, "b", DOOR_TOKEN_ADE, "terms 1");
  assert_onward (world, "a", 303, "/mdm/eula/a");
  assert_onward (world, "b", 303, "/mdm/eula/b");
  world_write (world, "UPDATE access_token SET agreed_at = 5");
  assert_onward (world, "a", 308, SCHEME "a");
  assert_onward (world, "b", 303, PROFILE "b");
}

static void
test_over (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *long_one = g_strnfill (257, 'a');

  add_ticket (world, "a", DOOR_TOKEN_ADE, "");
  assert_no_way (world, "b");
  assert_no_way (world, "");
  assert_no_way (world, long_one);
  world_advance (world, MINUTE_MS - 1);
  assert_onward (world, "a", 303, PROFILE "a");
  world_advance (world, 1);
  assert_no_way (world, "a");
  world_advance (world, -MINUTE_MS);
  world_write (world, "UPDATE access_token SET revoked_at = 5");
  assert_no_way (world, "a");
  world_write (world, "UPDATE access_token SET revoked_at = 0, person_id = 'nobody'");
  assert_no_way (world, "a");
}

/* As if the browser had come as a device that is set up. */
static char *
sign_in_as (World *world, const char *way, const Answer *answer)
{
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autofree char *sql = g_strdup_printf (
      "UPDATE flow SET way = '%s', serial = 'C02TEST', udid = 'U1', product = 'Mac15,3'", way);
  g_autoptr (DoorResponse) response = NULL;
  const char *location;

  world_write (world, sql);
  response = sign_in_answer (world, pending, answer);
  assert_status (response, 303);
  location = door_response_lookup_header (response, "Location");
  g_assert_true (g_str_has_prefix (location, PROFILE));
  return g_strdup (location + strlen (PROFILE));
}

/* The way of the flow decides what a sign-in gives, and how long that lives. */
static void
test_sign_in (void)
{
  g_autoptr (World) world =
      world_new ("[sign-in]\nProfileLinkLifetime=7min\n[enrollment]\nFlows=ade;link;account\n");
  g_autofree char *ticket = sign_in_as (world, DOOR_WAY_ADE, &ada), *token = NULL;

  assert_count (
      world, 1,
      "access_token WHERE kind = 'ade' AND serial = 'C02TEST' AND udid = 'U1' AND product = 'Mac15,3' "
      "AND expires_at - created_at = 420000");
  token = sign_in (world, "/mdm/sso", &ada_again);
  assert_count (world, 1, "access_token WHERE kind = 'account' AND serial = '' AND revoked_at = 0");
  assert_count (world, 1, "access_token WHERE kind = 'ade' AND revoked_at = 0");
}

static void
test_newer (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = sign_in_as (world, DOOR_WAY_ADE, &ada), *second = NULL;

  second = sign_in_as (world, DOOR_WAY_ADE, &ada_again);
  assert_no_way (world, first);
  assert_count (world, 1, "access_token WHERE revoked_at = 1800014400000");
  g_assert_cmpstr (first, !=, second);
}

/* What another device was given stays, and so does what an enrollment was begun with. */
static void
test_newer_elsewhere (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = sign_in_as (world, DOOR_WAY_ADE, &ada), *second = NULL, *third = NULL;
  static const Answer again = { .assertion_id = "_ada3" };

  world_write (world, "UPDATE access_token SET serial = 'other', udid = ''");
  second = sign_in_as (world, DOOR_WAY_ADE, &ada_again);
  assert_count (world, 0, "access_token WHERE revoked_at > 0");
  world_write (world, "UPDATE access_token SET certificate_sha256 = 'c' WHERE serial = 'C02TEST'");
  third = sign_in_as (world, DOOR_WAY_ADE, &again);
  assert_count (world, 0, "access_token WHERE revoked_at > 0");
}

static void
test_way_closed (void)
{
  g_autoptr (World) world = world_new ("[enrollment]\nFlows=account;link\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL;

  world_write (world, "UPDATE flow SET way = 'ade'");
  response = sign_in_answer (world, pending, &ada);
  sign_in_assert_refused (world, response, 403, "DW-DISC-OFF");
  assert_count (world, 0, "access_token");
}

/* Managed as a whole, a device needs nobody's Managed Apple Account; the domain of the person still counts.
 */
static void
test_no_account (void)
{
  static const Answer nobody = { .assertion_id = "_n1", .subject = "u-17", .mail = "" };
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (World) strict = world_new ("[enrollment]\nAllowedDomains=example.com\n");
  g_autofree char *ticket = sign_in_as (world, DOOR_WAY_ADE, &nobody);
  g_autoptr (Pending) pending = sign_in_begin (strict, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL;

  g_assert_cmpuint (strlen (ticket), >, 20);
  world_write (strict, "UPDATE flow SET way = 'ade'");
  response = sign_in_answer (strict, pending, &nobody);
  sign_in_assert_refused (strict, response, 403, "DW-ID-DOMAIN");
}

static void
add_tests (void)
{
  g_test_add_func ("/onward/kinds", test_kinds);
  g_test_add_func ("/onward/terms", test_terms);
  g_test_add_func ("/onward/over", test_over);
  g_test_add_func ("/onward/sign-in", test_sign_in);
  g_test_add_func ("/onward/newer", test_newer);
  g_test_add_func ("/onward/newer-elsewhere", test_newer_elsewhere);
  g_test_add_func ("/onward/way-closed", test_way_closed);
  g_test_add_func ("/onward/no-account", test_no_account);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}
