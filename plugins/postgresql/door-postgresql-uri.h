/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Where a database is, decoded. */
typedef struct
{
  char *host; /* (nullable): a name, an address or the folder of a socket */
  char *port; /* (nullable): decimal */
  char *user; /* (nullable) */
  char *database;
  GPtrArray *options; /* (element-type utf8): name and value in turn, for libpq */
} DoorPostgresqlUri;

DoorPostgresqlUri *door_postgresql_uri_parse (const char *text, GError **error);
void door_postgresql_uri_free (DoorPostgresqlUri *self);
char *door_postgresql_uri_dup_where (const DoorPostgresqlUri *self);
char *door_postgresql_uri_dup_who (const DoorPostgresqlUri *self, const char *password);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPostgresqlUri, door_postgresql_uri_free)
