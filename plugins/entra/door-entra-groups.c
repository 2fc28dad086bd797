/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-entra-groups.h"

#include <string.h>

#define GRAPH_HOST "graph.microsoft.com"
#define LOGIN "https://login.microsoftonline.com/"
#define MAX_PAGES 50

static const char *
get_tenant (const DoorSettings *settings)
{
  const char *tenant = door_settings_get_string (settings, "GraphTenant");

  return tenant != NULL ? tenant : door_settings_get_string (settings, "Tenant");
}

/**
 * door_entra_groups_check:
 * @settings: the provider's group
 * @error: return location for an error
 *
 * Checks the keys with which Microsoft Graph is asked.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_entra_groups_check (const DoorSettings *settings, GError **error)
{
  static const char *const ids[] = { "GraphClientId", "GraphTenant" };

  for (size_t i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const char *id = door_settings_get_string (settings, ids[i]);

      if (id != NULL && !g_uuid_string_is_valid (id))
        return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                               "%s must be an ID such as 11111111-2222-4333-8444-555555555555", ids[i]);
    }
  if (!door_settings_check_needs (settings, "GraphClientId", "GraphClientSecret", error) ||
      !door_settings_check_needs (settings, "GraphClientSecret", "GraphClientId", error) ||
      !door_settings_check_needs (settings, "GraphTenant", "GraphClientId", error))
    return false;
  return !door_settings_is_set (settings, "GraphClientId") || get_tenant (settings) != NULL ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                         "GraphClientId needs GraphTenant or Tenant");
}

/**
 * door_entra_groups_dup_access:
 * @settings: the provider's group
 *
 * Says how Microsoft Graph is asked: as an application of the tenant, by client credentials.
 *
 * Returns: (transfer full) (nullable): how; %NULL when the keys for it are not set
 */
DoorFetcherAccess *
door_entra_groups_dup_access (const DoorSettings *settings)
{
  const char *client_id = door_settings_get_string (settings, "GraphClientId");
  g_autofree char *token_url = NULL;
  DoorFetcherAccess *access;

  if (client_id == NULL)
    return NULL;
  token_url = g_strconcat (LOGIN, get_tenant (settings), "/oauth2/v2.0/token", NULL);
  access =
      door_fetcher_access_new (GRAPH_HOST, token_url, "https://" GRAPH_HOST "/.default", "GraphClientSecret");
  access->client_id = g_strdup (client_id);
  return access;
}

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_GROUPS, "Microsoft Graph: %s",
                         reason);
}

/* The object ID of somebody of the tenant that is asked: in another one it would be somebody else. */
static const char *
find_object_id (const DoorSettings *settings, const DoorIdentity *identity, GError **error)
{
  const char *subject = door_identity_get_subject (identity), *slash = strchr (subject, '/');
  const char *tenant = get_tenant (settings);
  size_t length = slash != NULL ? (size_t) (slash - subject) : 0;

  if (slash == NULL || !g_uuid_string_is_valid (slash + 1))
    {
      refuse (error, "the subject is not tenant ID and object ID; remove Subject=");
      return NULL;
    }
  if (length == strlen (tenant) && g_ascii_strncasecmp (subject, tenant, length) == 0)
    return slash + 1;
  refuse (error, "the person is of another tenant than the one that can be asked");
  return NULL;
}

static bool
read_ids (JsonObject *page, GPtrArray *groups, GError **error)
{
  JsonNode *value = json_object_get_member (page, "value");
  JsonArray *ids = value != NULL && JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;

  if (ids == NULL)
    return refuse (error, "the answer has no list of groups");
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonNode *id = json_array_get_element (ids, i);

      if (json_node_get_value_type (id) != G_TYPE_STRING)
        return refuse (error, "the list of groups has something else in it");
      g_ptr_array_add (groups, g_strdup (json_node_get_string (id)));
    }
  return true;
}

/* One page; *url is where the next one is, NULL when this was the last. */
static bool
read_page (JsonNode *page, char **url, GPtrArray *groups, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (page) ? json_node_get_object (page) : NULL;
  JsonNode *next = object != NULL ? json_object_get_member (object, "@odata.nextLink") : NULL;
  g_autofree char *before = g_steal_pointer (url);

  if (object == NULL)
    return refuse (error, "the answer is no object");
  if (!read_ids (object, groups, error))
    return false;
  if (next == NULL)
    return true;
  if (json_node_get_value_type (next) != G_TYPE_STRING || strcmp (json_node_get_string (next), before) == 0)
    return refuse (error, "the link to the next page leads nowhere");
  *url = g_strdup (json_node_get_string (next));
  return true;
}

static JsonNode *
build_question (void)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "securityEnabledOnly", TRUE);
  json_node_take_object (node, object);
  return node;
}

/**
 * door_entra_groups_fetch:
 * @settings: the provider's group
 * @identity: whose groups
 * @fetcher: asks Microsoft Graph
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks for the object IDs of all groups of a person, nested ones included (Microsoft Graph v1.0,
 * directoryObject: getMemberObjects).
 *
 * Returns: (transfer full) (array zero-terminated=1): the IDs, or %NULL with an error
 */
char **
door_entra_groups_fetch (const DoorSettings *settings, const DoorIdentity *identity, DoorFetcher *fetcher,
                         GCancellable *cancellable, GError **error)
{
  const char *object_id = find_object_id (settings, identity, error);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) question = build_question ();
  g_autofree char *url = NULL;
  int n_pages = 0;

  if (object_id == NULL)
    return NULL;
  url = g_strdup_printf ("https://" GRAPH_HOST "/v1.0/users/%s/getMemberObjects", object_id);
  while (url != NULL && n_pages++ < MAX_PAGES)
    {
      g_autoptr (JsonNode) page =
          door_fetcher_fetch (fetcher, url, n_pages == 1 ? question : NULL, cancellable, error);

      if (page == NULL || !read_page (page, &url, groups, error))
        return NULL;
    }
  if (url != NULL)
    {
      refuse (error, "the list of groups does not end");
      return NULL;
    }
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&groups), FALSE);
}
