/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-connections.h"
#include "door-error.h"
#include "sign-in.h"

#define UNTIL_MS (WORLD_NOW_MS + HOUR_MS) /* 2027-01-15T13:00:00Z */

static DoorConnection *
connection (World *world)
{
  return door_connections_lookup (world->context.connections, "okta");
}

/* Puts the okta sample into force, once more with a time after which its owner does not stand by it. */
static void
put_expiring_metadata (World *world)
{
  g_autoptr (GBytes) sample = test_data_load ("saml/metadata", "okta.xml");
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (sample, NULL), g_bytes_get_size (sample));
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_string_replace (text, "<md:EntityDescriptor ",
                                      "<md:EntityDescriptor validUntil=\"2027-01-15T13:00:00Z\" ", 1),
                    ==, 1);
  xml = g_bytes_new (text->str, text->len);
  metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_assert_no_error (error);
  door_connection_set_metadata (connection (world), metadata);
}

static void
test_valid_until (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorSamlMetadata) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  put_expiring_metadata (world);
  before = door_connection_dup_valid_metadata (connection (world), UNTIL_MS - 1, &error);
  g_assert_no_error (error);
  g_assert_nonnull (before);
  after = door_connection_dup_valid_metadata (connection (world), UNTIL_MS, &error);
  g_assert_null (after);
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA);
}

/* Nobody is sent where expired metadata says, and nothing is believed by its keys. */
static void
test_sign_in_after_expiry (void)
{
  g_autoptr (World) world = world_new ("[sign-in]\nRequestLifetime=2h\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) answered = NULL, begun = NULL;

  put_expiring_metadata (world);
  begun = world_get (world, "/mdm/sso", NULL);
  assert_status (begun, 303);
  world_advance (world, HOUR_MS);
  g_clear_pointer (&begun, door_response_free);
  begun = world_get (world, "/mdm/sso", NULL);
  assert_status (begun, 503);
  answered = sign_in_answer (world, pending, &(Answer){ 0 });
  sign_in_assert_refused (world, answered, 503, "DW-IDP-METADATA");
}

static void
add (void)
{
  g_test_add_func ("/service/connection/valid-until", test_valid_until);
  g_test_add_func ("/service/connection/sign-in-after-expiry", test_sign_in_after_expiry);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
