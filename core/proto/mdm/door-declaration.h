/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/* An endpoint of a device names type and identifier, and is a text of at most 256 bytes. */
#define DOOR_DECLARATION_MAX_TYPE 100
#define DOOR_DECLARATION_MAX_IDENTIFIER 128
#define DOOR_DECLARATION_MAX_BYTES (64 * 1024)

/**
 * DoorDeclarationKind:
 * @DOOR_DECLARATION_ACTIVATION: which configurations apply, and when
 * @DOOR_DECLARATION_ASSET: data that configurations refer to
 * @DOOR_DECLARATION_CONFIGURATION: what is to be configured
 * @DOOR_DECLARATION_MANAGEMENT: about the management itself
 * @DOOR_DECLARATION_N_KINDS: their number
 *
 * The kinds of declaration.
 */
typedef enum
{
  DOOR_DECLARATION_ACTIVATION,
  DOOR_DECLARATION_ASSET,
  DOOR_DECLARATION_CONFIGURATION,
  DOOR_DECLARATION_MANAGEMENT,
  DOOR_DECLARATION_N_KINDS,
} DoorDeclarationKind;

/**
 * DoorDeclaration:
 * @identifier: its `Identifier`, which is one of a kind in its team
 * @type: its `Type`
 * @kind: what that is
 * @payload: its `Payload`, JSON as we write it
 * @server_token: its `ServerToken`: another one for any other content
 * @configurations: (array zero-terminated=1): `StandardConfigurations` of an activation
 *
 * A declaration that was found to be in order.
 */
typedef struct
{
  char *identifier;
  char *type;
  DoorDeclarationKind kind;
  char *payload;
  char *server_token;
  char **configurations;
} DoorDeclaration;

void door_declaration_free (DoorDeclaration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeclaration, door_declaration_free)

/**
 * DoorDeclarationItem:
 * @identifier: its `Identifier`
 * @type: its `Type`
 * @server_token: its `ServerToken`
 *
 * One of a set of declarations.
 */
typedef struct
{
  const char *identifier;
  const char *type;
  const char *server_token;
} DoorDeclarationItem;

DoorDeclaration *door_declaration_parse (GBytes *json, GError **error);
bool door_declaration_kind_from_type (const char *type, DoorDeclarationKind *out);
bool door_declaration_names_configuration (const char *type, const char *payload, const char *identifier);
char *door_declaration_digest (const GArray *items);
GBytes *door_declaration_build (const DoorDeclarationItem *item, const char *payload);
GBytes *door_declaration_build_items (const GArray *items, const char *token);
GBytes *door_declaration_build_tokens (const char *token, int64_t changed_at);
