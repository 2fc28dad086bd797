/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-settings-private.h"

#include <string.h>
#include <unistd.h>

#include "door-error.h"
#include "door-key-value.h"
#include "door-secret-file.h"
#include "door-text.h"

struct _DoorSettings
{
  char *group;
  GPtrArray *tables;  /* of const DoorKey *, borrowed */
  GHashTable *values; /* "Key" or "Key[de-at]" to text without escapes; lists as in the file */
  char *credentials_folder;
  bool allow_env;
  bool allow_inline;
};

/**
 * door_settings_check_value:
 * @key: an entry of an option table
 * @text: its text as it stands in the file, escapes included
 * @error: return location for an error
 *
 * Checks whether a text fits the type, the words and the range of a key. The escapes are `\\`, `\s` and,
 * in a list, `\;`. Whether `env:` is allowed is decided by door_settings_new(). Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_CONFIG and %DOOR_FAULT_CFG_TYPE or
 *   %DOOR_FAULT_CFG_INLINE_SECRET; the message does not name the key and never repeats a secret
 */
bool
door_settings_check_value (const DoorKey *key, const char *text, GError **error)
{
  g_autofree char *plain = door_key_value_decode (key, text, error);

  return plain != NULL;
}

static const DoorKey *
find_key (const DoorSettings *self, const char *name)
{
  for (size_t i = 0; i < self->tables->len; i++)
    for (const DoorKey *key = g_ptr_array_index (self->tables, i); key->name != NULL; key++)
      if (strcmp (key->name, name) == 0 && (key->flags & DOOR_KEY_FLAG_FORMER) == 0)
        return key;
  return NULL;
}

static char *
canonical_language (const char *language)
{
  g_autofree char *lower = g_ascii_strdown (language, -1);

  return g_strdelimit (g_steal_pointer (&lower), "_", '-');
}

/* Splits "Key[de_AT]" into the key of the table and "de-at"; %NULL when there is no such key. */
static const DoorKey *
find_localised_key (const DoorSettings *self, const char *name, char **language)
{
  const char *bracket = strchr (name, '[');
  const DoorKey *key;
  g_autofree char *base = NULL, *tag = NULL;

  if (bracket == NULL)
    return find_key (self, name);
  base = g_strndup (name, (size_t) (bracket - name));
  tag = g_strdup (bracket + 1);
  if (!g_str_has_suffix (tag, "]"))
    return NULL;
  tag[strlen (tag) - 1] = '\0';
  key = find_key (self, base);
  if (key == NULL || (key->flags & DOOR_KEY_FLAG_LOCALISED) == 0 || !door_key_value_is_word (tag, "-_"))
    return NULL;
  *language = canonical_language (tag);
  return key;
}

static bool
add_value (DoorSettings *self, const char *name, const char *text, GError **error)
{
  static const DoorKey literal = { .type = DOOR_KEY_STRING };
  g_autofree char *language = NULL, *plain = NULL, *full = NULL;
  const DoorKey *key = find_localised_key (self, name, &language);
  bool is_inline = key != NULL && key->type == DOOR_KEY_SECRET && self->allow_inline &&
                   !door_key_value_is_reference (text);

  if (key == NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_UNKNOWNKEY, "[%s] %s: there is no such key",
                      self->group, name);
      return false;
    }
  plain = door_key_value_decode (is_inline ? &literal : key, text, error);
  if (plain == NULL)
    {
      g_prefix_error (error, "[%s] %s: ", self->group, name);
      return false;
    }
  if (key->type == DOOR_KEY_SECRET && !self->allow_env && g_str_has_prefix (plain, "env:"))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "[%s] %s: env: is understood in development mode only", self->group, name);
      return false;
    }
  full = language == NULL ? g_strdup (name) : g_strdup_printf ("%s[%s]", key->name, language);
  if (!g_hash_table_insert (self->values, g_steal_pointer (&full), g_steal_pointer (&plain)))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_DUPLICATE, "[%s] %s: stands twice",
                      self->group, name);
      return false;
    }
  return true;
}

static bool
check_required (const DoorSettings *self, GError **error)
{
  for (size_t i = 0; i < self->tables->len; i++)
    for (const DoorKey *key = g_ptr_array_index (self->tables, i); key->name != NULL; key++)
      if ((key->flags & DOOR_KEY_FLAG_REQUIRED) != 0 && !g_hash_table_contains (self->values, key->name))
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "[%s] %s: is required",
                          self->group, key->name);
          return false;
        }
  return true;
}

static DoorSettings *
make_settings (const DoorSettingsSource *source, bool allow_inline, GError **error)
{
  g_autoptr (GHashTable) raw = source->values;
  g_autoptr (DoorSettings) self = g_atomic_rc_box_new0 (DoorSettings);
  g_autofree const char **names = NULL;
  unsigned int n_names = 0;

  self->group = g_strdup (source->group);
  self->tables = g_ptr_array_new ();
  for (size_t i = 0; source->tables[i] != NULL; i++)
    g_ptr_array_add (self->tables, (gpointer) source->tables[i]);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->credentials_folder = g_strdup (source->credentials_folder);
  self->allow_env = source->allow_env;
  self->allow_inline = allow_inline;

  if (raw != NULL)
    {
      names = (const char **) g_hash_table_get_keys_as_array (raw, &n_names);
      qsort (names, n_names, sizeof *names, door_text_compare_items);
    }
  for (size_t i = 0; i < n_names; i++)
    if (!add_value (self, names[i], g_hash_table_lookup (raw, names[i]), error))
      return NULL;
  if (!check_required (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_settings_new:
 * @source: the group; its @values are taken over also on failure, and may be %NULL for none
 * @error: return location for an error
 *
 * Checks every value against the tables and keeps them. The tables must outlive the settings. Never blocks:
 * secrets are read later, by door_settings_dup_secret().
 *
 * Returns: (transfer full): the settings, or %NULL with %DOOR_ERROR_CONFIG and the entry of the catalogue
 */
DoorSettings *
door_settings_new (const DoorSettingsSource *source, GError **error)
{
  return make_settings (source, false, error);
}

/**
 * door_settings_new_lax: (skip)
 * @source: the group, as for door_settings_new()
 * @error: return location for an error
 *
 * As door_settings_new(), but the text of a secret that is no reference is taken for the secret itself.
 *
 * Returns: (transfer full): the settings, or %NULL with %DOOR_ERROR_CONFIG and the entry of the catalogue
 */
DoorSettings *
door_settings_new_lax (const DoorSettingsSource *source, GError **error)
{
  return make_settings (source, true, error);
}

G_DEFINE_BOXED_TYPE (DoorSettings, door_settings, door_settings_ref, door_settings_unref)

/**
 * door_settings_ref:
 * @self: settings
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorSettings *
door_settings_ref (DoorSettings *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
door_settings_clear (gpointer box)
{
  DoorSettings *self = box;

  g_free (self->group);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self->credentials_folder);
}

/**
 * door_settings_unref:
 * @self: (transfer full): settings
 *
 * Drops a reference.
 */
void
door_settings_unref (DoorSettings *self)
{
  g_atomic_rc_box_release_full (self, door_settings_clear);
}

/**
 * door_settings_get_name:
 * @self: settings
 *
 * Gets the name the administrator gave this group. Never blocks; any thread.
 *
 * Returns: (transfer none): the part of the group's name behind the slash, "okta" of `[idp/okta]`, or the
 *   whole name when there is no slash
 */
const char *
door_settings_get_name (const DoorSettings *self)
{
  const char *slash = strchr (self->group, '/');

  return slash == NULL ? self->group : slash + 1;
}

/* The text of a key or its default. Asking for a key that is in no table is a bug of the caller. */
static const char *
get_text (const DoorSettings *self, const char *name, const DoorKey **found)
{
  const DoorKey *key = find_key (self, name);
  const char *text;

  g_return_val_if_fail (key != NULL, NULL);
  text = g_hash_table_lookup (self->values, name);
  if (found != NULL)
    *found = key;
  return text != NULL ? text : key->fallback;
}

/**
 * door_settings_is_set:
 * @self: settings
 * @key: a key of the tables
 *
 * Says whether the administrator wrote a key. Never blocks; any thread.
 *
 * Returns: whether the key has a value of its own; a default does not count
 */
bool
door_settings_is_set (const DoorSettings *self, const char *key)
{
  g_return_val_if_fail (find_key (self, key) != NULL, false);
  return g_hash_table_contains (self->values, key);
}

/**
 * door_settings_check_needs:
 * @self: settings
 * @key: a key of the tables
 * @needed: another one, without which @key means nothing
 * @error: return location for an error
 *
 * Checks that a key does not stand without another one. Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_CONFIG and %DOOR_FAULT_CFG_REQUIRED when @key is set and @needed
 *   is not
 */
bool
door_settings_check_needs (const DoorSettings *self, const char *key, const char *needed, GError **error)
{
  if (!door_settings_is_set (self, key) || door_settings_is_set (self, needed))
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "%s needs %s too", key, needed);
  return false;
}

/**
 * door_settings_get_string:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a text, or an enumeration's word. Never blocks; any thread.
 *
 * Returns: (transfer none) (nullable): the text of the key or its default
 */
const char *
door_settings_get_string (const DoorSettings *self, const char *key)
{
  return get_text (self, key, NULL);
}

/**
 * door_settings_get_localised:
 * @self: settings
 * @key: a key of the tables
 * @language: (nullable): a language tag (RFC 5646), "de-AT"
 *
 * Looks for `Key[de-AT]`, then `Key[de]`, then `Key` (RFC 4647, 3.4).
 *
 * Returns: (transfer none) (nullable): the text for the language, the text without one, or the default
 */
const char *
door_settings_get_localised (const DoorSettings *self, const char *key, const char *language)
{
  g_autofree char *tag = canonical_language (language != NULL ? language : "");
  char *cut;

  while (*tag != '\0')
    {
      g_autofree char *name = g_strdup_printf ("%s[%s]", key, tag);
      const char *text = g_hash_table_lookup (self->values, name);

      if (text != NULL)
        return text;
      cut = strrchr (tag, '-');
      *(cut != NULL ? cut : tag) = '\0';
    }
  return get_text (self, key, NULL);
}

/**
 * door_settings_dup_languages:
 * @self: settings
 * @key: a key of the tables that may be written in several languages
 *
 * Never blocks; any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): the languages in which the key is set, `Key[de]`,
 * sorted; without the one of `Key`
 */
char **
door_settings_dup_languages (const DoorSettings *self, const char *key)
{
  g_autofree char *prefix = g_strconcat (key, "[", NULL);
  g_autoptr (GStrvBuilder) languages = g_strv_builder_new ();
  g_autoptr (GList) names = g_hash_table_get_keys (self->values);

  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (const GList *item = names; item != NULL; item = item->next)
    if (g_str_has_prefix (item->data, prefix))
      {
        const char *language = (const char *) item->data + strlen (prefix);
        g_autofree char *tag = g_strndup (language, strcspn (language, "]"));

        g_strv_builder_add (languages, tag);
      }
  return g_strv_builder_end (languages);
}

/**
 * door_settings_dup_list:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a %DOOR_KEY_LIST. Never blocks; any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): the items of the list or of its default, without
 *   surrounding space; empty when there are none
 */
char **
door_settings_dup_list (const DoorSettings *self, const char *key)
{
  const char *text = get_text (self, key, NULL);
  g_autoptr (GPtrArray) items =
      text != NULL ? door_key_value_parse_list (text, NULL) : NULL; /* checked when it was set */

  if (items == NULL)
    return g_new0 (char *, 1);
  g_ptr_array_add (items, NULL);
  return (char **) g_ptr_array_steal (items, NULL);
}

/**
 * door_settings_get_boolean:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a %DOOR_KEY_BOOLEAN. Never blocks; any thread.
 *
 * Returns: the value or its default; %FALSE when there is neither
 */
bool
door_settings_get_boolean (const DoorSettings *self, const char *key)
{
  const char *text = get_text (self, key, NULL);
  bool value = false;

  return text != NULL && door_key_value_parse_boolean (text, &value) && value;
}

static uint64_t
get_number (const DoorSettings *self, const char *name)
{
  const DoorKey *key = NULL;
  const char *text = get_text (self, name, &key);
  uint64_t value = 0;

  if (text == NULL || !door_key_value_parse_number (key->type, text, &value))
    return 0;
  return value;
}

/**
 * door_settings_get_integer:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a %DOOR_KEY_INTEGER. Never blocks; any thread.
 *
 * Returns: the value or its default; 0 when there is neither
 */
int64_t
door_settings_get_integer (const DoorSettings *self, const char *key)
{
  return (int64_t) get_number (self, key);
}

/**
 * door_settings_get_duration_s:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a %DOOR_KEY_DURATION in seconds. Never blocks; any thread.
 *
 * Returns: the seconds of the value or its default, at most 36500 days; 0 when there is neither
 */
int64_t
door_settings_get_duration_s (const DoorSettings *self, const char *key)
{
  return (int64_t) get_number (self, key);
}

/**
 * door_settings_get_size:
 * @self: settings
 * @key: a key of the tables
 *
 * Gets a %DOOR_KEY_SIZE in bytes. Never blocks; any thread.
 *
 * Returns: the bytes of the value or its default; 0 when there is neither
 */
uint64_t
door_settings_get_size (const DoorSettings *self, const char *key)
{
  return get_number (self, key);
}

static DoorSecret *
open_credential (const DoorSettings *self, const char *name, GError **error)
{
  g_autofree char *prefixed = NULL, *plain = NULL;

  if (self->credentials_folder == NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET,
                      "credential:%s cannot be read: $CREDENTIALS_DIRECTORY is not set", name);
      return NULL;
    }
  /* LoadCredential=secrets:FOLDER puts a prefix before the names of the folder's files */
  prefixed = g_strdup_printf ("%s/secrets_%s", self->credentials_folder, name);
  plain = g_build_filename (self->credentials_folder, name, NULL);
  return door_secret_file_read (access (prefixed, F_OK) == 0 ? prefixed : plain, error);
}

/**
 * door_settings_dup_secret:
 * @self: settings
 * @key: a key of the type %DOOR_KEY_SECRET
 * @error: return location for an error
 *
 * Reads what the key refers to, at most 64 KiB, without the newline at its end. May block on the file system.
 *
 * Returns: (transfer full): the secret, or %NULL with %DOOR_FAULT_CFG_SECRET or
 *   %DOOR_FAULT_CFG_PERMISSIONS, also when the key is not set; %DOOR_ERROR_NOT_ALLOWED when the running user
 *   may not read the file, else %DOOR_ERROR_CONFIG
 */
DoorSecret *
door_settings_dup_secret (const DoorSettings *self, const char *key, GError **error)
{
  const char *text = get_text (self, key, NULL);
  DoorSecret *secret = NULL;

  if (text == NULL)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "is not set");
  else if (g_str_has_prefix (text, "credential:"))
    secret = open_credential (self, text + strlen ("credential:"), error);
  else if (g_str_has_prefix (text, "file:"))
    secret = door_secret_file_read (text + strlen ("file:"), error);
  else if (!g_str_has_prefix (text, "env:"))
    secret = door_secret_new (text, strlen (text)); /* only with door_settings_new_lax() */
  else
    {
      const char *value = g_getenv (text + strlen ("env:"));

      if (value != NULL && *value != '\0')
        secret = door_secret_new (value, strlen (value));
      else
        door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "the variable of %s is not set",
                        text);
    }
  if (secret == NULL)
    g_prefix_error (error, "[%s] %s: ", self->group, key);
  return secret;
}
