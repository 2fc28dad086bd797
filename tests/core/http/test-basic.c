/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-basic.h"

#include <string.h>

#include "door-error.h"

static void
test_taken (void)
{
  static const struct
  {
    const char *header, *user, *password;
    size_t size;
  } cases[] = {
    { "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame", 11 }, /* RFC 7617, 2 */
    { "basic  dGVzdDoxMjPCow==", "test", "123\xc2\xa3", 5 },                /* RFC 7617, 2.1 */
    { "BASIC YTpiOmM=", "a", "b:c", 3 },
    { "Basic Og==", "", "", 0 },
    { "Basic YToAYg==", "a", "\0b", 2 },
    { "Basic YTr/", "a", "\xff", 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *user = NULL;
      g_autoptr (DoorSecret) password = NULL;
      g_autoptr (GError) error = NULL;
      const uint8_t *data;
      size_t size;

      g_assert_true (door_basic_parse (cases[i].header, &user, &password, &error));
      g_assert_no_error (error);
      data = door_secret_get_data (password, &size);
      g_assert_cmpstr (user, ==, cases[i].user);
      g_assert_cmpmem (data, size, cases[i].password, cases[i].size);
    }
}

static void
test_refused (void)
{
  static const char *const wrong[] = {
    "",
    "Basic",
    "Basic ",
    "Basic YWRh",
    "Basic YWRhO",
    "Basic YTpi\tYw==",
    "Basic YT pi",
    "Basic _-8=",
    "Basic /zo=",
    "Basic YQA6Yg==",
    "Basic =",
    "Bearer YTpi",
  };
  g_autofree char *bytes = g_strnfill (4097, ':'), *huge = NULL, *longest = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (wrong) + 1; i++)
    {
      g_autofree char *user = NULL;
      g_autoptr (DoorSecret) password = NULL;
      g_autoptr (GError) error = NULL;

      if (i == G_N_ELEMENTS (wrong))
        {
          longest = g_base64_encode ((const guchar *) bytes, 4097);
          huge = g_strconcat ("Basic ", longest, NULL);
        }
      g_test_message ("case %zu", i);
      g_assert_false (door_basic_parse (huge != NULL ? huge : wrong[i], &user, &password, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_null (user);
      g_assert_null (password);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/basic/taken", test_taken);
  g_test_add_func ("/http/basic/refused", test_refused);
  return g_test_run ();
}
