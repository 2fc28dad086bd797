/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/* More servers than anybody has, each of which may know a device. */
#define DOOR_DEP_MAX_SERVERS 100

#define DOOR_DEP_PHASE_FETCH "fetch"
#define DOOR_DEP_PHASE_SYNC "sync"

/**
 * DoorDepServer:
 *
 * A device management server of an organization at Apple, whose devices come to us: the key pair for its
 * token, the token, and how far its list was read.
 */
typedef struct
{
  char *name;
  char *certificate;
  char *sealed_key;
  char *sealed_token;
  int64_t token_expires_at;
  char *server_uuid;
  char *server_name;
  char *organization;
  char *cursor;
  char *phase;
  int64_t generation;
  int64_t n_read;
  int64_t full_sync_at;
  int64_t synced_at;
  int64_t due_at;
  int64_t failures;
  char *fault;
  char *detail;
  char *discovery_url;
  char *discovery_detail;
  int64_t created_at;
} DoorDepServer;

/**
 * DoorDepDevice:
 *
 * A device as a server knows it. id is "SERIAL/SERVER".
 */
typedef struct
{
  char *id;
  char *serial;
  char *server;
  char *model;
  char *description;
  char *color;
  char *asset_tag;
  char *family;
  char *os;
  char *team;
  int64_t chosen;
  char *profile_status;
  char *profile_uuid;
  int64_t assign_due_at;
  int64_t assign_failures;
  char *assign_status;
  int64_t op_date;
  int64_t generation;
  int64_t seen_at;
  int64_t removed_at;
} DoorDepDevice;

/**
 * DoorDepProfile:
 *
 * What was defined at a server for the devices of a team.
 */
typedef struct
{
  char *server;
  char *team;
  char *digest;
  char *uuid;
  int64_t defined_at;
} DoorDepProfile;

/**
 * DoorDepCounts:
 * @devices: those that are there
 * @removed: those that have left
 * @waiting: those that are to be given another profile
 * @refused: those of them that Apple has refused at least once
 *
 * How many devices a server has.
 */
typedef struct
{
  int64_t devices;
  int64_t removed;
  int64_t waiting;
  int64_t refused;
} DoorDepCounts;

void door_dep_server_free (DoorDepServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDepServer, door_dep_server_free)
void door_dep_device_free (DoorDepDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDepDevice, door_dep_device_free)
void door_dep_profile_free (DoorDepProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDepProfile, door_dep_profile_free)

bool door_dep_store_add_server (DoorTxn *txn, const DoorDepServer *server, bool *added, GError **error);
bool door_dep_store_lookup_server (DoorTxn *txn, const char *name, DoorDepServer **out, GError **error);
GPtrArray *door_dep_store_list_servers (DoorTxn *txn, GError **error);
bool door_dep_store_set_token (DoorTxn *txn, const DoorDepServer *server, bool *changed, GError **error);
bool door_dep_store_set_account (DoorTxn *txn, const DoorDepServer *server, GError **error);
bool door_dep_store_begin_fetch (DoorTxn *txn, const char *name, int64_t generation, bool *changed,
                                 GError **error);
bool door_dep_store_move (DoorTxn *txn, const DoorDepServer *from, const DoorDepServer *to, bool *changed,
                          GError **error);
bool door_dep_store_end_round (DoorTxn *txn, const DoorDepServer *server, GError **error);
bool door_dep_store_set_due (DoorTxn *txn, const char *name, int64_t due_at, bool *changed, GError **error);
bool door_dep_store_set_discovery (DoorTxn *txn, const DoorDepServer *server, GError **error);
bool door_dep_store_remove_server (DoorTxn *txn, const char *name, bool *changed, GError **error);

bool door_dep_store_save_profile (DoorTxn *txn, const DoorDepProfile *profile, GError **error);
GPtrArray *door_dep_store_list_profiles (DoorTxn *txn, const char *server, GError **error);
bool door_dep_store_remove_profiles (DoorTxn *txn, const char *server, GError **error);

bool door_dep_store_lookup_device (DoorTxn *txn, const char *serial, DoorDepDevice **out, GError **error);
GPtrArray *door_dep_store_list_devices (DoorTxn *txn, const char *after, int64_t limit, GError **error);
GPtrArray *door_dep_store_list_devices_of_team (DoorTxn *txn, const char *team, const char *after,
                                                int64_t limit, GError **error);
GPtrArray *door_dep_store_list_devices_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after,
                                                 int64_t limit, GError **error);
GPtrArray *door_dep_store_list_devices_of_serial (DoorTxn *txn, const char *serial, const char *after,
                                                  int64_t limit, GError **error);
bool door_dep_store_count_devices (DoorTxn *txn, const char *server, DoorDepCounts *out, GError **error);
