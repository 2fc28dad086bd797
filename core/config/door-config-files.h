/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-keyfile.h"

/**
 * DoorConfigObject:
 * @group: "idp/okta"
 * @content: its keys, a line each, in the syntax of the files
 *
 * A group that is kept in the database and not in a file.
 */
typedef struct
{
  char *group;
  char *content;
} DoorConfigObject;

DoorConfigObject *door_config_object_new (const char *group, const char *content);
void door_config_object_free (DoorConfigObject *self);

/**
 * DoorConfigSource:
 * @root: (nullable): a folder that stands for `/`, to check a staged tree
 * @files: (nullable) (array zero-terminated=1): read these files only, the later wins
 * @credentials_folder: (nullable): where `credential:NAME` is looked up
 * @skip_permissions: do not check who may read and write the files: a staged tree has not its final owners
 * @allow_env: `env:NAME` is understood (development mode)
 * @edited: (nullable) (element-type utf8 utf8): files of conf.d, as they would be with another content: path
 * to text
 * @objects: (nullable) (element-type DoorConfigObject): what is kept in the database
 * @objects_later: the database can only be asked when this has been read: what is named and not there may be
 * an object
 *
 * Where the configuration is read from.
 */
typedef struct
{
  const char *root;
  const char *const *files;
  const char *credentials_folder;
  bool skip_permissions;
  bool allow_env;
  GHashTable *edited;
  const GPtrArray *objects;
  bool objects_later;
} DoorConfigSource;

/* One file that was read; @path as it is shown. With @object it is that object of the database. */
typedef struct
{
  char *path;
  char *object;
  DoorKeyfile *keyfile;
} DoorConfigFile;

/* A file or folder that cannot be used. */
typedef struct
{
  DoorFault fault;
  char *path;
  char *text;
} DoorConfigFileProblem;

typedef struct
{
  GPtrArray *files;
  GPtrArray *problems;
  char *credentials_folder;
  bool allow_env;
  bool objects_later;
} DoorConfigFiles;

DoorConfigFiles *door_config_files_read (const DoorConfigSource *source);
void door_config_files_free (DoorConfigFiles *self);
char **door_config_files_dup_plugins (const DoorConfigFiles *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorConfigFiles, door_config_files_free)
