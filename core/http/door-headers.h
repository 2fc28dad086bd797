/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

#define DOOR_HEADERS_MAX_COUNT 100
#define DOOR_HEADERS_MAX_BYTES (32 * 1024)

typedef struct _DoorHeaders DoorHeaders;

DoorHeaders *door_headers_new (const char *const *pairs, GError **error);
DoorHeaders *door_headers_new_without (DoorHeaders *self, const char *const *names);
DoorHeaders *door_headers_ref (DoorHeaders *self);
void door_headers_unref (DoorHeaders *self);
const char *door_headers_lookup (DoorHeaders *self, const char *name);
size_t door_headers_get_count (DoorHeaders *self);
const char *door_headers_get_name (DoorHeaders *self, size_t i);
const char *door_headers_get_value (DoorHeaders *self, size_t i);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorHeaders, door_headers_unref)
