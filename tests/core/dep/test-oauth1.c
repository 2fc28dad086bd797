/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-oauth1.h"

/* RFC 5849, 1.2: the last request of the example, without the version that it does not send. */
static void
test_rfc_example (void)
{
  const DoorOauth1Request request = {
    .method = "GET",
    .url = "http://photos.example.net/photos?file=vacation.jpg&size=original",
    .realm = "Photos",
    .consumer_key = "dpf43f3p2l4k3l03",
    .consumer_secret = "kd94hf93k423kf44",
    .token = "nnch734d00sl2jdk",
    .token_secret = "pfkkdhi9sl3r4s00",
    .nonce = "chapoH",
    .timestamp_s = 137131202,
  };
  g_autofree char *header = door_oauth1_build_authorization (&request);

  g_assert_cmpstr (header, ==,
                   "OAuth realm=\"Photos\", oauth_consumer_key=\"dpf43f3p2l4k3l03\", "
                   "oauth_token=\"nnch734d00sl2jdk\", oauth_signature_method=\"HMAC-SHA1\", "
                   "oauth_timestamp=\"137131202\", oauth_nonce=\"chapoH\", "
                   "oauth_signature=\"MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D\"");
}

/* RFC 5849, 3.4.1.2: the same resource, whatever its address looks like. */
static void
test_addresses (void)
{
  static const char *const urls[] = { "https://mdm.example.com/session",
                                      "https://MDM.example.com:443/session",
                                      "HTTPS://mdm.Example.com/session" };
  g_autofree char *first = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      const DoorOauth1Request request = { .method = "GET",
                                          .url = urls[i],
                                          .realm = "ADM",
                                          .consumer_key = "k",
                                          .consumer_secret = "s & %",
                                          .token = "t",
                                          .token_secret = "u",
                                          .nonce = "n",
                                          .timestamp_s = 1,
                                          .version = TRUE };
      g_autofree char *header = door_oauth1_build_authorization (&request);

      if (first == NULL)
        first = g_steal_pointer (&header);
      else
        g_assert_cmpstr (header, ==, first);
    }
  g_assert_nonnull (strstr (first, "oauth_version=\"1.0\""));
  g_assert_null (strstr (first, "s%20"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/oauth1/rfc-example", test_rfc_example);
  g_test_add_func ("/oauth1/addresses", test_addresses);
  return g_test_run ();
}
