/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"
#include "door-web.h"
#include "test-data.h"

#define WORLD_NOW_MS (INT64_C (1800014400) * 1000) /* 2027-01-15T12:00:00Z */
#define WORLD_TOPIC "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555"
#define WORLD_WRITER_QUEUE 16
#define MINUTE_MS (60 * INT64_C (1000))
#define HOUR_MS (60 * MINUTE_MS)

/* A whole server without sockets: a database in a file, a clock that stands still, keys of the fixtures. */
typedef struct
{
  char *folder;
  DoorConfig *config;
  DoorPolicy *policy;
  DoorContext context;
  DoorWeb web;
  DoorRouter *router;
} World;

/* What a client sends; what is %NULL is left out. */
typedef struct
{
  const char *method; /* NULL: GET */
  const char *target;
  const char *content_type;
  const char *cookie; /* value of the flow's cookie */
  const char *bearer;
  const char *header[2]; /* one more, name and value */
  const char *peer;
  GBytes *certificate; /* of the client, as a trusted proxy passes it */
  GBytes *body;
  GCancellable *cancellable;
} Visit;

World *world_new (const char *config);
void world_free (World *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

void world_reopen (World *self);
void world_advance (World *self, int64_t ms);
DoorResponse *world_visit (World *self, const Visit *visit);
DoorResponse *world_get (World *self, const char *target, const char *cookie);
char *world_read (World *self, const char *sql);
int64_t world_count (World *self, const char *table_and_where);
void world_write (World *self, const char *sql);
void world_break_table (World *self, const char *table);
char *world_dup_log (void);
void assert_log (const char *reason);

char *world_dup_body (const DoorResponse *response);
char *world_dup_member (const DoorResponse *response, const char *name);
char *world_dup_cookie (const DoorResponse *response);
int world_run (int argc, char **argv, void (*add) (void));

#define assert_status(response, expected) g_assert_cmpuint (door_response_get_status (response), ==, expected)
#define assert_count(world, expected, what) g_assert_cmpint (world_count (world, what), ==, expected)
#define assert_fault(from, expected_code, expected_fault)                                                    \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_assert_error (from, DOOR_ERROR, expected_code);                                                        \
    g_assert_cmpint (door_error_get_fault (from), ==, expected_fault);                                       \
  }                                                                                                          \
  G_STMT_END
