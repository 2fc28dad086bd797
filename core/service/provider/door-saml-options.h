/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "door-connection.h"

/**
 * DoorSamlOptions:
 * @sign_requests: whether requests are signed though nobody demands it
 * @post: whether requests are posted
 * @redirect: whether they go to addresses for redirects only
 * @artifact: whether answers are asked for as artifacts
 * @authn_context: (nullable): class of authentication to ask for
 * @encryption: whether assertions may be encrypted for us
 * @want_encrypted: whether they must be
 *
 * What the administrator decided about SAML with one provider, beside the profile.
 */
typedef struct
{
  bool sign_requests;
  bool post;
  bool redirect;
  bool artifact;
  const char *authn_context;
  bool encryption;
  bool want_encrypted;
} DoorSamlOptions;

DoorSamlOptions door_saml_options_read (const DoorConnection *connection);
bool door_saml_options_sign (const DoorSamlOptions *self, const DoorSamlMetadata *metadata);
