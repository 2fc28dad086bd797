/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-id-token.h"
#include "door-jwk-set.h"
#include "door-oidc-discovery.h"

/**
 * DoorOidcDocuments:
 * @discovery: what the provider says of itself
 * @keys: its keys
 *
 * What a provider of OpenID Connect publishes. All %NULL at first.
 */
typedef struct
{
  DoorOidcDiscovery *discovery;
  DoorJwkSet *keys;
} DoorOidcDocuments;

/**
 * DoorOidcVerify:
 * @expect: what a token of the provider must be
 * @data: what the caller gave
 * @error: return location for an error
 *
 * Returns: (transfer full): what is proven, or %NULL with an error, %DOOR_FAULT_OIDC_KEY when no key fits
 */
typedef gpointer (*DoorOidcVerify) (const DoorOidcExpectation *expect, gconstpointer data, GError **error);

/**
 * DoorOidcCheck:
 * @connection: whose token it is
 * @cancellable: (nullable): ends the waiting early
 * @verify: verifies it
 * @data: for @verify
 *
 * A token that is to be verified.
 */
typedef struct
{
  DoorConnection *connection;
  GCancellable *cancellable;
  DoorOidcVerify verify;
  gconstpointer data;
} DoorOidcCheck;

void door_oidc_documents_clear (DoorOidcDocuments *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOidcDocuments, door_oidc_documents_clear)

char *door_oidc_documents_dup_source (const DoorConnection *connection);
bool door_oidc_documents_recall (const DoorContext *context, DoorConnection *connection,
                                 DoorOidcDocuments *out, GError **error);
bool door_oidc_documents_ensure (const DoorContext *context, DoorConnection *connection,
                                 GCancellable *cancellable, DoorOidcDocuments *out, GError **error);
gpointer door_oidc_documents_verify (const DoorContext *context, const DoorOidcCheck *check,
                                     DoorOidcDocuments *documents, GError **error);
