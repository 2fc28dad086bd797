/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-update-catalog.h"
#include "test-data.h"

static void
test_newest (void)
{
  static const struct
  {
    const char *device;
    const char *version; /* NULL: none */
    const char *build;
  } cases[] = {
    { "iPhone15,4", "26.1", "23B85" }, { "iPad7,5", "17.10", "21X100" }, { "J413AP", "26.1", "25B78" },
    { "J137AP", "15.7.2", "24G325" },  { "J516CAP", NULL, NULL },        { "", NULL, NULL },
  };
  g_autoptr (GBytes) json = test_data_load ("mdm", "updates/list.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorUpdateCatalog) catalog = door_update_catalog_parse (json, &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const DoorUpdateRelease *release = door_update_catalog_lookup (catalog, cases[i].device);

      g_assert_cmpstr (release != NULL ? release->version : NULL, ==, cases[i].version);
      g_assert_cmpstr (release != NULL ? release->build : NULL, ==, cases[i].build);
    }
}

static void
test_refused (void)
{
  static const char *const bad[] = {
    "",
    "[]",
    "{}",
    "<html>busy</html>",
    "{\"PublicAssetSets\":[]}",
    "{\"PublicAssetSets\":{\"iOS\":{}}}",
    "{\"PublicAssetSets\":{\"iOS\":[1]}}",
    "{\"PublicAssetSets\":{\"iOS\":[{}]}}",
    "{\"PublicAssetSets\":{\"iOS\":[{\"ProductVersion\":17}]}}",
    "{\"PublicAssetSets\":{\"iOS\":[{\"ProductVersion\":\"17\",\"Build\":1}]}}",
    "{\"PublicAssetSets\":{\"iOS\":[{\"ProductVersion\":\"17\",\"SupportedDevices\":\"a\"}]}}",
    "{\"PublicAssetSets\":{\"iOS\":[{\"ProductVersion\":\"17\",\"SupportedDevices\":[1]}]}}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) json = g_bytes_new (bad[i], strlen (bad[i]));
      g_autoptr (GError) error = NULL;

      g_assert_null (door_update_catalog_parse (json, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_too_large (void)
{
  static const char start[] = "{\"PublicAssetSets\":{}}";
  size_t size = DOOR_UPDATE_CATALOG_MAX_BYTES + 1;
  char *text = g_malloc (size);
  g_autoptr (GBytes) json = NULL, fits = NULL;
  g_autoptr (DoorUpdateCatalog) catalog = NULL;
  g_autoptr (GError) error = NULL;

  memset (text, ' ', size);
  memcpy (text, start, strlen (start));
  json = g_bytes_new_take (text, size);
  fits = g_bytes_new_from_bytes (json, 0, size - 1);
  catalog = door_update_catalog_parse (fits, &error);
  g_assert_no_error (error);
  g_assert_nonnull (catalog);
  g_assert_null (door_update_catalog_parse (json, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

/* What a device is told to install is made of what a version is made of. */
static void
test_odd_names (void)
{
  static const char json[] =
      "{\"PublicAssetSets\":{\"x\":["
      "{\"ProductVersion\":\"17.\\n1\",\"Build\":\"1\",\"SupportedDevices\":[\"a\"]},"
      "{\"ProductVersion\":\"111111111111.11111\",\"Build\":\"1\",\"SupportedDevices\":[\"a\"]},"
      "{\"ProductVersion\":\"17\",\"Build\":\"a b\",\"SupportedDevices\":[\"a\"]},"
      "{\"ProductVersion\":\"17\",\"SupportedDevices\":[\"a\"]},"
      "{\"ProductVersion\":\"17\",\"Build\":\"1\",\"SupportedDevices\":[\"b c\",\"\"]},"
      "{\"ProductVersion\":\"17\",\"Build\":\"1\"}]}}";
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorUpdateCatalog) catalog = door_update_catalog_parse (bytes, &error);

  g_assert_no_error (error);
  g_assert_null (door_update_catalog_lookup (catalog, "a"));
  g_assert_null (door_update_catalog_lookup (catalog, "b c"));
  g_assert_null (door_update_catalog_lookup (catalog, ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/update-catalog/newest", test_newest);
  g_test_add_func ("/update-catalog/refused", test_refused);
  g_test_add_func ("/update-catalog/too-large", test_too_large);
  g_test_add_func ("/update-catalog/odd-names", test_odd_names);
  return g_test_run ();
}
