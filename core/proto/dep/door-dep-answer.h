/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* Devices that are asked for at once, and the largest answer with so many of them. */
#define DOOR_DEP_PAGE 1000
#define DOOR_DEP_MAX_BYTES (2 * 1024 * 1024)

/**
 * DoorDepRecord:
 * @deleted: it has left the server
 * @op_date_ms: when it changed, 0 in a page of the whole list
 *
 * A device as a page of devices has it. Texts that are not there are empty.
 */
typedef struct
{
  char *serial;
  char *model;
  char *description;
  char *color;
  char *asset_tag;
  char *family;
  char *os;
  char *profile_status;
  char *profile_uuid;
  bool deleted;
  int64_t op_date_ms;
} DoorDepRecord;

/**
 * DoorDepPage:
 * @records: (element-type DoorDepRecord): devices, each once
 * @cursor: where the next page begins
 * @more: whether there is one now
 *
 * A page of devices.
 */
typedef struct
{
  GPtrArray *records;
  char *cursor;
  bool more;
} DoorDepPage;

/**
 * DoorDepAccount:
 *
 * Whose a server is.
 */
typedef struct
{
  char *server_uuid;
  char *server_name;
  char *organization;
} DoorDepAccount;

/**
 * DoorDepStatus:
 * @serial: a device
 * @status: "SUCCESS", "NOT_ACCESSIBLE", "FAILED", "THROTTLED" or another word
 *
 * What came of a device that was given a profile.
 */
typedef struct
{
  char *serial;
  char *status;
} DoorDepStatus;

/**
 * DoorDepStatuses:
 * @list: (element-type DoorDepStatus): one for each device
 * @retry_after_s: when those that were throttled may be asked for again, 0 when it is not said
 *
 * What came of a batch.
 */
typedef struct
{
  GPtrArray *list;
  int64_t retry_after_s;
} DoorDepStatuses;

char *door_dep_answer_dup_code (GBytes *body);
char *door_dep_answer_parse_session (GBytes *body, GError **error);
bool door_dep_answer_parse_account (GBytes *body, DoorDepAccount *out, GError **error);
bool door_dep_answer_parse_page (GBytes *body, bool changes, DoorDepPage *out, GError **error);
char *door_dep_answer_parse_profile (GBytes *body, GError **error);
bool door_dep_answer_parse_statuses (GBytes *body, DoorDepStatuses *out, GError **error);

void door_dep_account_clear (DoorDepAccount *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDepAccount, door_dep_account_clear)
void door_dep_page_clear (DoorDepPage *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDepPage, door_dep_page_clear)
void door_dep_statuses_clear (DoorDepStatuses *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDepStatuses, door_dep_statuses_clear)
