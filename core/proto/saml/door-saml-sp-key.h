/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-metadata.h"
#include "door-secret.h"

typedef struct _DoorSamlSpKey DoorSamlSpKey;

DoorSamlSpKey *door_saml_sp_key_new (const char *name, int64_t now_ms, GError **error);
DoorSamlSpKey *door_saml_sp_key_parse (DoorSecret *private_key, GBytes *certificate, GError **error);
DoorSamlSpKey *door_saml_sp_key_parse_private (DoorSecret *private_key, int64_t now_ms, GError **error);
void door_saml_sp_key_unref (DoorSamlSpKey *self);
DoorSecret *door_saml_sp_key_dup_private_key (const DoorSamlSpKey *self, GError **error);
GBytes *door_saml_sp_key_get_certificate (const DoorSamlSpKey *self);
char *door_saml_sp_key_dup_certificate_pem (const DoorSamlSpKey *self);
const DoorSamlKeyInfo *door_saml_sp_key_get_info (const DoorSamlSpKey *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlSpKey, door_saml_sp_key_unref)
