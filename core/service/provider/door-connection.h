/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-access-cell.h"
#include "door-connection-addresses.h"
#include "door-idp.h"
#include "door-oidc-cell.h"
#include "door-policy.h"
#include "door-purpose.h"
#include "door-saml-metadata.h"
#include "door-secret.h"

typedef struct _DoorConnection DoorConnection;

/**
 * DoorMetadataDue:
 * @at_s: when it is due, by the clock's monotonic time; 0: never fetched yet
 * @seen_ms: how new the metadata is that this instance has looked at; milliseconds since 1970, UTC
 *
 * When the metadata of one connection is to be fetched again. All 0 at first.
 */
typedef struct
{
  int64_t at_s;
  int64_t seen_ms;
} DoorMetadataDue;

DoorConnection *door_connection_new (DoorIdp *idp, DoorSettings *settings, const char *external_url);
void door_connection_free (DoorConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorConnection, door_connection_free)

const DoorSettings *door_connection_get_settings (const DoorConnection *self);
const char *door_connection_get_name (const DoorConnection *self);
const char *door_connection_get_title (const DoorConnection *self, const char *language);
const DoorConnectionAddresses *door_connection_get_addresses (const DoorConnection *self);
const char *door_connection_get_sp_entity_id (const DoorConnection *self);
const char *door_connection_get_acs_url (const DoorConnection *self);
int64_t door_connection_get_refresh_s (const DoorConnection *self);
int64_t door_connection_get_max_stale_s (const DoorConnection *self);
const char *door_connection_get_source (const DoorConnection *self);
DoorAccessCell *door_connection_get_access_cell (const DoorConnection *self);
DoorSecret *door_connection_dup_secret (const DoorConnection *self, const char *key, GError **error);
DoorIdp *door_connection_get_idp (const DoorConnection *self);
const DoorIdpProfile *door_connection_get_profile (const DoorConnection *self);
bool door_connection_speaks_oidc (const DoorConnection *self);
bool door_connection_get_single_logout (const DoorConnection *self);
bool door_connection_may_be_private (const DoorConnection *self, bool development);
DoorOidcCell *door_connection_get_oidc_cell (const DoorConnection *self);
DoorSecret *door_connection_dup_client_secret (const DoorConnection *self, GError **error);

DoorSamlMetadata *door_connection_parse_metadata (const DoorConnection *self, GBytes *xml, bool allow_http,
                                                  GError **error);
bool door_connection_load (DoorConnection *self, bool allow_http, GError **error);
bool door_connection_awaits_metadata (DoorConnection *self);
DoorSamlMetadata *door_connection_dup_metadata (DoorConnection *self, GError **error);
DoorSamlMetadata *door_connection_dup_valid_metadata (DoorConnection *self, int64_t now_ms, GError **error);
void door_connection_set_metadata (DoorConnection *self, DoorSamlMetadata *metadata);
void door_connection_set_fetched (DoorConnection *self, DoorSamlMetadata *metadata, int64_t fetched_ms);
int64_t door_connection_get_fetched_ms (DoorConnection *self);
DoorMetadataDue door_connection_get_due (DoorConnection *self);
void door_connection_set_due (DoorConnection *self, DoorMetadataDue due);
bool door_connection_ask_refresh (DoorConnection *self, int64_t now_s, int64_t pause_s, int64_t now_ms);
int64_t door_connection_take_asked_ms (DoorConnection *self);
bool door_connection_adopt (DoorConnection *self, const DoorConnection *before);

bool door_connection_has_use (const DoorConnection *self, const char *use);
bool door_connection_names_domain (const DoorConnection *self, const char *domain);
bool door_connection_names_none (const DoorConnection *self);
bool door_connection_get_allow_idp_initiated (const DoorConnection *self);
bool door_connection_allows_relay_path (const DoorConnection *self, const char *path);
