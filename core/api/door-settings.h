/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-secret.h"
#include "door-types.h"

/**
 * DoorKeyType:
 * @DOOR_KEY_STRING: text
 * @DOOR_KEY_LIST: texts separated by `;`
 * @DOOR_KEY_BOOLEAN: `true`, `false`, `yes`, `no`
 * @DOOR_KEY_INTEGER: a decimal number, 0 or more
 * @DOOR_KEY_DURATION: a number with `s`, `min`, `h` or `d`
 * @DOOR_KEY_SIZE: bytes, or a number with `K`, `M` or `G` (powers of 1024)
 * @DOOR_KEY_URL: an absolute http or https URL
 * @DOOR_KEY_ENUM: one of the words in @choices
 * @DOOR_KEY_PATH: an absolute file name
 * @DOOR_KEY_SECRET: a reference: `credential:NAME`, `file:/PATH` or, in development mode, `env:NAME`
 *
 * How the text of a key is read.
 */
typedef enum
{
  DOOR_KEY_STRING,
  DOOR_KEY_LIST,
  DOOR_KEY_BOOLEAN,
  DOOR_KEY_INTEGER,
  DOOR_KEY_DURATION,
  DOOR_KEY_SIZE,
  DOOR_KEY_URL,
  DOOR_KEY_ENUM,
  DOOR_KEY_PATH,
  DOOR_KEY_SECRET,
} DoorKeyType;

/**
 * DoorKeyFlags:
 * @DOOR_KEY_FLAG_NONE: nothing special
 * @DOOR_KEY_FLAG_REQUIRED: the group is refused without it
 * @DOOR_KEY_FLAG_LOCALISED: `Key[de]=` is understood
 * @DOOR_KEY_FLAG_WRITTEN: the server makes and writes the file of a path
 * @DOOR_KEY_FLAG_RESTART: a change takes effect when the server starts again, not by a reload
 * @DOOR_KEY_FLAG_FORMER: no key any more but a name that another key had before, see DOOR_KEY_FORMER()
 * @DOOR_KEY_FLAG_FILE_ONLY: it can be set by who may write the files of the configuration, not in an object
 * of the database
 *
 * What else is true of a key.
 */
typedef enum
{
  DOOR_KEY_FLAG_NONE = 0,
  DOOR_KEY_FLAG_REQUIRED = 1 << 0,
  DOOR_KEY_FLAG_LOCALISED = 1 << 1,
  DOOR_KEY_FLAG_WRITTEN = 1 << 2,
  DOOR_KEY_FLAG_RESTART = 1 << 3,
  DOOR_KEY_FLAG_FORMER = 1 << 4,
  DOOR_KEY_FLAG_FILE_ONLY = 1 << 5,
} DoorKeyFlags;

/**
 * DoorKey:
 * @name: the key, CamelCase; %NULL ends a table
 * @type: how its text is read
 * @flags: see #DoorKeyFlags
 * @fallback: (nullable): the text used when the key is absent; with %DOOR_KEY_FLAG_FORMER the key that stands
 *   in its place
 * @choices: (nullable): for %DOOR_KEY_ENUM the words allowed and for %DOOR_KEY_LIST those of its items,
 *   separated by `;`; for a number, duration or size the range, `LOW..HIGH`
 * @text: one sentence for manual pages and messages
 *
 * One configuration key: the single source of validation, default and manual.
 */
typedef struct
{
  const char *name;
  DoorKeyType type;
  DoorKeyFlags flags;
  const char *fallback;
  const char *choices;
  const char *text;
} DoorKey;

/**
 * DOOR_KEY_FORMER:
 * @former_name: the name a key had in an earlier version, as text
 * @key_name: the name it has now, as text; a key of the same table
 *
 * Makes the entry of a table with which a configuration of the earlier version is still understood. What
 * stands under the former name, translations included, is taken for the key: door_settings_get_string() and
 * its kin know @key_name only. The log and `doorctl config check` warn and name @key_name; who writes both
 * has made an error. Manual, completion and messages offer @key_name only.
 */
#define DOOR_KEY_FORMER(former_name, key_name)                                                               \
  {                                                                                                          \
    former_name, DOOR_KEY_STRING, DOOR_KEY_FLAG_FORMER, key_name, NULL, NULL                                 \
  }

#define DOOR_TYPE_SETTINGS (door_settings_get_type ())

GType door_settings_get_type (void);
DoorSettings *door_settings_ref (DoorSettings *self);
void door_settings_unref (DoorSettings *self);
const char *door_settings_get_name (const DoorSettings *self);
bool door_settings_is_set (const DoorSettings *self, const char *key);
bool door_settings_check_needs (const DoorSettings *self, const char *key, const char *needed,
                                GError **error);
const char *door_settings_get_string (const DoorSettings *self, const char *key);
const char *door_settings_get_localised (const DoorSettings *self, const char *key, const char *language);
char **door_settings_dup_languages (const DoorSettings *self, const char *key);
char **door_settings_dup_list (const DoorSettings *self, const char *key);
bool door_settings_get_boolean (const DoorSettings *self, const char *key);
int64_t door_settings_get_integer (const DoorSettings *self, const char *key);
int64_t door_settings_get_duration_s (const DoorSettings *self, const char *key);
uint64_t door_settings_get_size (const DoorSettings *self, const char *key);
DoorSecret *door_settings_dup_secret (const DoorSettings *self, const char *key, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSettings, door_settings_unref)

/**
 * DoorSettingsSource:
 * @group: as in the file, "idp/okta"
 * @tables: (array zero-terminated=1): tables of keys
 * @values: (transfer full) (nullable) (element-type utf8 utf8): key, or key with language as in `Key[de]`, to
 * text
 * @credentials_folder: (nullable): where `credential:NAME` is looked up
 * @allow_env: whether `env:NAME` is understood
 *
 * What settings are made of. For the core's reader and for tests; a plugin only reads settings.
 */
typedef struct
{
  const char *group;
  const DoorKey *const *tables;
  GHashTable *values;
  const char *credentials_folder;
  bool allow_env;
} DoorSettingsSource;

DoorSettings *door_settings_new (const DoorSettingsSource *source, GError **error);
bool door_settings_check_value (const DoorKey *key, const char *text, GError **error);
