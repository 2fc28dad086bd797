/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-sp-key.h"

/**
 * DoorSamlSpMetadata:
 * @entity_id: our entity id
 * @acs_url: where answers are posted
 * @artifacts: whether they may also come as artifacts
 * @logout_url: (nullable): where logout messages come to, %NULL when that is off
 * @signing_keys: (nullable) (element-type DoorSamlSpKey): what we sign with, all of a rollover
 * @encryption_keys: (nullable) (element-type DoorSamlSpKey): what may be encrypted for, %NULL when encryption
 *   is off: many providers encrypt as soon as they see one
 * @requests_signed: whether our requests are signed
 * @want_assertions_signed: whether the assertion itself must be signed
 * @name_id_formats: (nullable): formats we would like, most wanted first
 * @valid_until_ms: milliseconds since 1970, UTC; 0 for none
 * @cache_duration_s: how long to keep it, in seconds; 0 for none
 * @sign_with: (nullable): what signs the metadata itself, %NULL for no signature
 * @id: (nullable): ID of the document, an NCName; needed with @sign_with
 *
 * What we are for an identity provider.
 */
typedef struct
{
  const char *entity_id;
  const char *acs_url;
  bool artifacts;
  const char *logout_url;
  const GPtrArray *signing_keys;
  const GPtrArray *encryption_keys;
  bool requests_signed;
  bool want_assertions_signed;
  const char *const *name_id_formats;
  int64_t valid_until_ms;
  int64_t cache_duration_s;
  const DoorSamlSpKey *sign_with;
  const char *id;
} DoorSamlSpMetadata;

char *door_saml_sp_metadata_build (const DoorSamlSpMetadata *metadata, GError **error);
