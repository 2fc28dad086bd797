/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef enum
{
  IDP_SIGNED_NOTHING = 0,
  IDP_SIGNED_ASSERTION = 1 << 0,
  IDP_SIGNED_RESPONSE = 1 << 1,
} IdpSignedParts;

typedef struct
{
  char *name;
  char *password;
  char *email;
  char *display_name;
  char *given_name;
  char *family_name;
  char *department;
  char **groups;
  char *fault;
} IdpUser;

typedef struct IdpConfig IdpConfig;

IdpConfig *idp_config_load (const char *path, GError **error);
void idp_config_free (IdpConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpConfig, idp_config_free)

const char *idp_config_get_entity_id (const IdpConfig *config);
const char *idp_config_get_title (const IdpConfig *config);
IdpSignedParts idp_config_get_signed_parts (const IdpConfig *config);
const GPtrArray *idp_config_get_users (const IdpConfig *config);
const IdpUser *idp_config_lookup_user (const IdpConfig *config, const char *name);
