/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-config.h"

#include <gio/gio.h>
#include <stdbool.h>

#include "idp-fault.h"

struct IdpConfig
{
  char *entity_id;
  char *title;
  IdpSignedParts signed_parts;
  GPtrArray *users;
};

static void
user_free (gpointer data)
{
  IdpUser *user = data;

  g_free (user->name);
  g_free (user->password);
  g_free (user->email);
  g_free (user->display_name);
  g_free (user->given_name);
  g_free (user->family_name);
  g_free (user->department);
  g_strfreev (user->groups);
  g_free (user->fault);
  g_free (user);
}

/**
 * idp_config_free:
 * @config: (transfer full): a configuration
 *
 * Frees @config and the users in it. Does not block.
 */
void
idp_config_free (IdpConfig *config)
{
  g_free (config->entity_id);
  g_free (config->title);
  g_ptr_array_unref (config->users);
  g_free (config);
}

static bool
check_keys (GKeyFile *file, const char *group, const char *const *known, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, error);

  if (keys == NULL)
    return false;
  for (size_t i = 0; keys[i] != NULL; i++)
    {
      if (g_strv_contains (known, keys[i]))
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "[%s]: unknown key %s", group, keys[i]);
      return false;
    }
  return true;
}

static bool
parse_signed_parts (const char *text, IdpSignedParts *parts, GError **error)
{
  static const struct
  {
    const char *name;
    IdpSignedParts parts;
  } names[] = {
    { "assertion", IDP_SIGNED_ASSERTION },
    { "response", IDP_SIGNED_RESPONSE },
    { "both", IDP_SIGNED_ASSERTION | IDP_SIGNED_RESPONSE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_strcmp0 (text, names[i].name) != 0)
        continue;
      *parts = names[i].parts;
      return true;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "[idp]: Sign=%s: want assertion, response or both",
               text);
  return false;
}

/* A key that is absent is NULL; the other failures of the key file (bad escapes, not UTF-8) are reported. */
static bool
read_string (GKeyFile *file, const char *group, const char *key, char **value, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = g_key_file_get_string (file, group, key, &local_error);

  if (text == NULL && !g_error_matches (local_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return false;
    }
  g_free (*value);
  *value = g_steal_pointer (&text);
  return true;
}

static bool
read_idp_group (IdpConfig *config, GKeyFile *file, GError **error)
{
  static const char *const known[] = { "EntityId", "Title", "Sign", NULL };
  g_autofree char *sign = NULL;

  if (!g_key_file_has_group (file, "idp"))
    return true;
  if (!check_keys (file, "idp", known, error) ||
      !read_string (file, "idp", "EntityId", &config->entity_id, error) ||
      !read_string (file, "idp", "Title", &config->title, error) ||
      !read_string (file, "idp", "Sign", &sign, error))
    return false;
  return sign == NULL || parse_signed_parts (sign, &config->signed_parts, error);
}

static bool
check_user (const IdpUser *user, const char *group, GError **error)
{
  if (user->name[0] == '\0' || user->password == NULL || user->email == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                   "[%s]: wants a name, Password= and Email=", group);
      return false;
    }
  if (user->fault != NULL && idp_fault_lookup (user->fault) == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "[%s]: Fault=%s is not a known fault", group,
                   user->fault);
      return false;
    }
  return true;
}

static bool
read_user (IdpConfig *config, GKeyFile *file, const char *group, GError **error)
{
  static const char *const known[] = { "Password", "Email", "DisplayName", "GivenName", "FamilyName",
                                       "Groups",   "Fault", "Department",  NULL };
  IdpUser *user = g_new0 (IdpUser, 1);
  g_autoptr (GError) groups_error = NULL;

  g_ptr_array_add (config->users, user);
  user->name = g_strdup (group + strlen ("user/"));
  if (!check_keys (file, group, known, error) ||
      !read_string (file, group, "Password", &user->password, error) ||
      !read_string (file, group, "Email", &user->email, error) ||
      !read_string (file, group, "DisplayName", &user->display_name, error) ||
      !read_string (file, group, "GivenName", &user->given_name, error) ||
      !read_string (file, group, "FamilyName", &user->family_name, error) ||
      !read_string (file, group, "Department", &user->department, error) ||
      !read_string (file, group, "Fault", &user->fault, error))
    return false;
  user->groups = g_key_file_get_string_list (file, group, "Groups", NULL, &groups_error);
  if (user->groups == NULL &&
      !g_error_matches (groups_error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&groups_error));
      return false;
    }
  return check_user (user, group, error);
}

static bool
read_groups (IdpConfig *config, GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  if (!read_idp_group (config, file, error))
    return false;
  for (size_t i = 0; groups[i] != NULL; i++)
    {
      if (g_strcmp0 (groups[i], "idp") == 0)
        continue;
      if (!g_str_has_prefix (groups[i], "user/"))
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "unknown section [%s]", groups[i]);
          return false;
        }
      if (!read_user (config, file, groups[i], error))
        return false;
    }
  if (config->users->len > 0)
    return true;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "no [user/NAME] section: nobody could sign in");
  return false;
}

/**
 * idp_config_load:
 * @path: a key file with `[idp]` and one `[user/NAME]` section for each person
 * @error: return location for an error
 *
 * Reads who may sign in and how answers are signed. Unknown sections and keys are errors. Blocks on the file.
 *
 * Returns: (transfer full): the configuration, or %NULL with a GIO, file or key file error
 */
IdpConfig *
idp_config_load (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (IdpConfig) config = g_new0 (IdpConfig, 1);

  config->signed_parts = IDP_SIGNED_ASSERTION;
  config->users = g_ptr_array_new_with_free_func (user_free);
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, error) || !read_groups (config, file, error))
    {
      g_prefix_error (error, "%s: ", path);
      return NULL;
    }
  if (config->title == NULL)
    config->title = g_strdup ("Development sign-in");
  return g_steal_pointer (&config);
}

/**
 * idp_config_get_entity_id:
 * @config: a configuration
 *
 * Returns: (transfer none) (nullable): the entity id to use instead of the metadata address
 */
const char *
idp_config_get_entity_id (const IdpConfig *config)
{
  return config->entity_id;
}

/**
 * idp_config_get_title:
 * @config: a configuration
 *
 * Returns: (transfer none): the title of the pages
 */
const char *
idp_config_get_title (const IdpConfig *config)
{
  return config->title;
}

/**
 * idp_config_get_signed_parts:
 * @config: a configuration
 *
 * Returns: which elements of an answer are signed when no fault says otherwise
 */
IdpSignedParts
idp_config_get_signed_parts (const IdpConfig *config)
{
  return config->signed_parts;
}

/**
 * idp_config_get_users:
 * @config: a configuration
 *
 * Returns: (transfer none) (element-type IdpUser): everybody, in the order of the file
 */
const GPtrArray *
idp_config_get_users (const IdpConfig *config)
{
  return config->users;
}

/**
 * idp_config_lookup_user:
 * @config: a configuration
 * @name: a user name as typed
 *
 * Returns: (transfer none) (nullable): the person of that name
 */
const IdpUser *
idp_config_lookup_user (const IdpConfig *config, const char *name)
{
  for (unsigned int i = 0; i < config->users->len; i++)
    {
      const IdpUser *user = g_ptr_array_index (config->users, i);

      if (g_strcmp0 (user->name, name) == 0)
        return user;
    }
  return NULL;
}
