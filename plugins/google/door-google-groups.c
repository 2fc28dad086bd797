/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-google-groups.h"

#include <string.h>

#define HOST "admin.googleapis.com"
#define MAX_PAGES 50

/**
 * door_google_groups_check:
 * @settings: the provider's group
 * @error: return location for an error
 *
 * Checks the keys with which the Directory API is asked.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_google_groups_check (const DoorSettings *settings, GError **error)
{
  const char *delegate = door_settings_get_string (settings, "Delegate");

  if (!door_settings_check_needs (settings, "ServiceAccount", "Delegate", error) ||
      !door_settings_check_needs (settings, "Delegate", "ServiceAccount", error))
    return false;
  return delegate == NULL || (strchr (delegate, '@') != NULL && delegate[0] != '@') ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                         "Delegate: \"%s\" is not the address of an administrator", delegate);
}

/**
 * door_google_groups_dup_access:
 * @settings: the provider's group
 *
 * Says how the Directory API is asked: by a service account, in the name of an administrator.
 *
 * Returns: (transfer full) (nullable): how; %NULL when the keys for it are not set
 */
DoorFetcherAccess *
door_google_groups_dup_access (const DoorSettings *settings)
{
  DoorFetcherAccess *access;

  if (!door_settings_is_set (settings, "ServiceAccount"))
    return NULL;
  access = door_fetcher_access_new (HOST, "https://oauth2.googleapis.com/token",
                                    "https://www.googleapis.com/auth/admin.directory.group.readonly",
                                    "ServiceAccount");
  access->subject = g_strdup (door_settings_get_string (settings, "Delegate"));
  return access;
}

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_GROUPS, "Directory API: %s", reason);
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

/* By address: a name is anybody's to choose. Who is in no group has no list. */
static bool
read_groups (JsonObject *page, GPtrArray *groups, GError **error)
{
  JsonNode *node = json_object_get_member (page, "groups");
  JsonArray *list = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (node != NULL && list == NULL)
    return refuse (error, "the list of groups is none");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *group = json_array_get_element (list, i);
      const char *email =
          JSON_NODE_HOLDS_OBJECT (group) ? get_text (json_node_get_object (group), "email") : NULL;

      if (email == NULL)
        return refuse (error, "a group has no address");
      g_ptr_array_add (groups, g_strdup (email));
    }
  return true;
}

/* One page; *token names the next one, NULL when this was the last. */
static bool
read_page (JsonNode *page, char **token, GPtrArray *groups, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (page) ? json_node_get_object (page) : NULL;
  g_autofree char *before = g_steal_pointer (token);
  const char *next, *kind = object != NULL ? get_text (object, "kind") : NULL;

  if (g_strcmp0 (kind, "admin#directory#groups") != 0)
    return refuse (error, "the answer is no list of groups");
  if (!read_groups (object, groups, error))
    return false;
  if (!json_object_has_member (object, "nextPageToken"))
    return true;
  next = get_text (object, "nextPageToken");
  if (next == NULL || g_strcmp0 (next, before) == 0)
    return refuse (error, "the next page leads nowhere");
  *token = g_strdup (next);
  return true;
}

static char *
build_url (const char *email, const char *token)
{
  GString *url = g_string_new ("https://" HOST "/admin/directory/v1/groups?maxResults=200&userKey=");

  g_string_append_uri_escaped (url, email, NULL, FALSE);
  if (token != NULL)
    {
      g_string_append (url, "&pageToken=");
      g_string_append_uri_escaped (url, token, NULL, FALSE);
    }
  return g_string_free (url, FALSE);
}

/**
 * door_google_groups_fetch:
 * @settings: the provider's group
 * @identity: whose groups
 * @fetcher: asks the Directory API
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks for the addresses of all groups that a person is directly in (Admin SDK, Directory API, groups.list).
 *
 * Returns: (transfer full) (array zero-terminated=1): the addresses, or %NULL with an error
 */
char **
door_google_groups_fetch (const DoorSettings *settings, const DoorIdentity *identity, DoorFetcher *fetcher,
                          GCancellable *cancellable, GError **error)
{
  const char *email = door_identity_get (identity, DOOR_IDENTITY_EMAIL);
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *token = NULL;
  int n_pages = 0;

  if (email == NULL)
    {
      refuse (error, "the person has no e-mail address to ask by");
      return NULL;
    }
  do
    {
      g_autofree char *url = build_url (email, token);
      g_autoptr (JsonNode) page = door_fetcher_fetch (fetcher, url, NULL, cancellable, error);

      if (page == NULL || !read_page (page, &token, groups, error))
        return NULL;
    }
  while (token != NULL && ++n_pages < MAX_PAGES);
  if (token != NULL)
    {
      refuse (error, "the list of groups does not end");
      return NULL;
    }
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&groups), FALSE);
}
