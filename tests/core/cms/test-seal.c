/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-seal.h"

#include <string.h>

#include "door-error.h"

#define PLACE "sp_key/okta/signing"

static const uint8_t nonce[DOOR_SEAL_NONCE_SIZE] = { 1, 2, 3 };

static DoorSecret *
key (const char *text)
{
  return door_secret_new (text, strlen (text));
}

static void
assert_closed (const char *state_key, const char *place, const char *sealed)
{
  g_autoptr (DoorSecret) other = key (state_key);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_seal_open (other, place, sealed, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_STATEKEY);
}

static void
test_seal (void)
{
  g_autoptr (DoorSecret) state = key ("state key of this server"), secret = key ("private"), opened = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *sealed = door_seal (state, PLACE, nonce, secret, &error);
  gsize length;
  g_autofree guchar *bytes = NULL;

  g_assert_no_error (error);
  opened = door_seal_open (state, PLACE, sealed, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_secret_get_text (opened), ==, "private");
  bytes = g_base64_decode (sealed, &length);
  g_assert_cmpuint (length, ==, DOOR_SEAL_NONCE_SIZE + strlen ("private") + 16);
  g_assert_null (g_strstr_len ((const char *) bytes, (gssize) length, "private"));
  assert_closed ("state key of another", PLACE, sealed);
  assert_closed ("state key of this server", "sp_key/okta/encryption", sealed);
}

/* The largest command there can be; what is larger is refused, and not opened. */
static void
test_large (void)
{
  g_autoptr (DoorSecret) state = key ("state key of this server"), opened = NULL;
  g_autofree char *text = g_strnfill (DOOR_SEAL_MAX_BYTES + 1, 'a'), *sealed = NULL, *larger = NULL;
  g_autoptr (DoorSecret) fits = door_secret_new (text, DOOR_SEAL_MAX_BYTES),
                         wide = door_secret_new (text, DOOR_SEAL_MAX_BYTES + 1);
  g_autoptr (GError) error = NULL;

  sealed = door_seal (state, PLACE, nonce, fits, &error);
  g_assert_no_error (error);
  opened = door_seal_open (state, PLACE, sealed, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (door_secret_get_text (opened)), ==, DOOR_SEAL_MAX_BYTES);
  larger = door_seal (state, PLACE, nonce, wide, &error);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
  g_assert_null (larger);
}

static void
test_changed (void)
{
  g_autoptr (DoorSecret) state = key ("state key of this server"), secret = key ("private");
  g_autofree char *sealed = door_seal (state, PLACE, nonce, secret, NULL);
  gsize length;
  g_autofree guchar *bytes = g_base64_decode (sealed, &length);

  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *changed = NULL, *shorter = g_base64_encode (bytes, i);

      bytes[i] ^= 1;
      changed = g_base64_encode (bytes, length);
      bytes[i] ^= 1;
      assert_closed ("state key of this server", PLACE, changed);
      assert_closed ("state key of this server", PLACE, shorter);
    }
  assert_closed ("state key of this server", PLACE, "not base64");
  assert_closed ("state key of this server", PLACE, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cms/seal/open", test_seal);
  g_test_add_func ("/cms/seal/large", test_large);
  g_test_add_func ("/cms/seal/changed", test_changed);
  return g_test_run ();
}
