/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

typedef struct _DoorResponse DoorResponse;

DoorResponse *door_response_new (unsigned int status);
DoorResponse *door_response_new_text (unsigned int status, const char *content_type, const char *text);
DoorResponse *door_response_new_redirect (unsigned int status, const char *location, GError **error);
void door_response_set_retry_after (DoorResponse *self, const GError *error);
DoorResponse *door_response_new_for_error (const GError *error, const char *request_id);
void door_response_free (DoorResponse *self);
void door_response_set_status (DoorResponse *self, unsigned int status);
bool door_response_set_header (DoorResponse *self, const char *name, const char *value);
void door_response_allow_own_frames (DoorResponse *self);
void door_response_allow_form_redirects (DoorResponse *self);
bool door_response_allow_form_to (DoorResponse *self, const char *url, GError **error);
bool door_response_add_header (DoorResponse *self, const char *name, const char *value);
void door_response_take_body (DoorResponse *self, GBytes *body, const char *content_type);
void door_response_add_defaults (DoorResponse *self, const char *request_id);
unsigned int door_response_get_status (const DoorResponse *self);
const char *door_response_lookup_header (const DoorResponse *self, const char *name);
size_t door_response_get_n_headers (const DoorResponse *self);
const char *door_response_get_header_name (const DoorResponse *self, size_t i);
const char *door_response_get_header_value (const DoorResponse *self, size_t i);
GBytes *door_response_get_body (const DoorResponse *self);
unsigned int door_response_status_for_error (const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorResponse, door_response_free)
