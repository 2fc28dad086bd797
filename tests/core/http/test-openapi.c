/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <json-glib/json-glib.h>

#include "door-handlers.h"

#define PREFIX "/api/v1/"
#define LATEST "/api/latest/"

static const struct
{
  DoorMethods method;
  const char *name;
} methods[] = {
  { DOOR_METHOD_GET, "get" },     { DOOR_METHOD_POST, "post" },     { DOOR_METHOD_PUT, "put" },
  { DOOR_METHOD_PATCH, "patch" }, { DOOR_METHOD_DELETE, "delete" },
};

static JsonObject *
get_description (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorResponse) response = door_handle_openapi (NULL, NULL, &error);
  g_autoptr (JsonNode) node = NULL;
  GBytes *body;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  body = door_response_get_body (response);
  text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  return json_node_dup_object (node);
}

static bool
is_served (const char *path, const char *method)
{
  for (size_t i = 0; i < door_n_routes; i++)
    for (size_t j = 0; j < G_N_ELEMENTS (methods); j++)
      if (g_str_equal (door_routes[i].pattern, path) && (door_routes[i].methods & methods[j].method) != 0 &&
          g_str_equal (methods[j].name, method))
        return true;
  return false;
}

/* Whatever is served is described. */
static void
test_routes_are_described (void)
{
  g_autoptr (JsonObject) description = get_description ();
  JsonObject *paths = json_object_get_object_member (description, "paths");
  unsigned int n_checked = 0;

  for (size_t i = 0; i < door_n_routes; i++)
    {
      const DoorRoute *route = &door_routes[i];

      if (!g_str_has_prefix (route->pattern, PREFIX))
        continue;
      g_test_message ("%s", route->pattern);
      g_assert_true (json_object_has_member (paths, route->pattern));
      for (size_t j = 0; j < G_N_ELEMENTS (methods); j++)
        if ((route->methods & methods[j].method) != 0)
          {
            g_assert_true (json_object_has_member (json_object_get_object_member (paths, route->pattern),
                                                   methods[j].name));
            n_checked++;
          }
    }
  g_assert_cmpuint (n_checked, >, 20);
}

/* Whatever is described is served, and with the parameters of its path. */
static void
test_descriptions_are_served (void)
{
  g_autoptr (JsonObject) description = get_description ();
  JsonObjectIter path_iter, method_iter;
  const char *path, *method;
  JsonNode *item, *operation;

  json_object_iter_init (&path_iter, json_object_get_object_member (description, "paths"));
  while (json_object_iter_next (&path_iter, &path, &item))
    {
      const char *brace = strchr (path, '{');

      json_object_iter_init (&method_iter, json_node_get_object (item));
      while (json_object_iter_next (&method_iter, &method, &operation))
        {
          g_autofree char *text = json_to_string (operation, FALSE);
          g_autofree char *name = brace != NULL ? g_strndup (brace + 1, strcspn (brace + 1, "}")) : NULL;
          g_autofree char *declared =
              name != NULL ? g_strdup_printf ("{\"name\":\"%s\",\"in\":\"path\",\"required\":true", name)
                           : NULL;

          g_test_message ("%s %s", method, path);
          g_assert_true (is_served (path, method));
          g_assert_true (declared == NULL || strstr (text, declared) != NULL);
        }
    }
}

/* What the description says of /api/latest/ holds. */
static void
test_latest_stands_for_v1 (void)
{
  unsigned int n_checked = 0;

  for (size_t i = 0; i < door_n_routes; i++)
    {
      g_autofree char *path = NULL;

      if (!g_str_has_prefix (door_routes[i].pattern, LATEST))
        continue;
      path = g_strconcat (PREFIX, door_routes[i].pattern + strlen (LATEST), NULL);
      for (size_t j = 0; j < G_N_ELEMENTS (methods); j++)
        if ((door_routes[i].methods & methods[j].method) != 0)
          g_assert_true (is_served (path, methods[j].name));
      n_checked++;
    }
  g_assert_cmpuint (n_checked, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openapi/routes-are-described", test_routes_are_described);
  g_test_add_func ("/openapi/descriptions-are-served", test_descriptions_are_served);
  g_test_add_func ("/openapi/latest-stands-for-v1", test_latest_stands_for_v1);
  return g_test_run ();
}
