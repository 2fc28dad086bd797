/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-fetcher.h"
#include "door-identity.h"
#include "door-idp-profile.h"

/**
 * DoorIdp:
 *
 * An identity provider. Most are made from a #DoorIdpKind instead of implementing this.
 */
#define DOOR_TYPE_IDP (door_idp_get_type ())
G_DECLARE_INTERFACE (DoorIdp, door_idp, DOOR, IDP, GObject)

/**
 * DoorIdpValue:
 * @label: the provider's own name of the field
 * @value: what to paste; `{acs}` and `{entity-id}` stand for this server's values
 *
 * One line of the values an administrator copies into the provider's form.
 */
typedef struct
{
  const char *label;
  const char *value;
} DoorIdpValue;

/**
 * DoorIdpErrorText:
 * @needle: text looked for in the provider's status message, or in what its own error page says
 * @fix: what the administrator should do
 *
 * Explains one of the provider's own errors.
 */
typedef struct
{
  const char *needle;
  const char *fix;
} DoorIdpErrorText;

/**
 * DoorIdpPreset:
 * @title: the provider's name
 * @where: where in the provider's console the values go
 * @values: (array zero-terminated=1): what to paste; ends with a %NULL label
 * @metadata: how the metadata comes back to us
 * @notes: (array zero-terminated=1): what to mind
 * @errors: (array zero-terminated=1): the provider's error texts; ends with a %NULL needle
 *
 * Data, not code: what the command line and the pages show.
 */
typedef struct
{
  const char *title;
  const char *where;
  const DoorIdpValue *values;
  const char *metadata;
  const char *const *notes;
  const DoorIdpErrorText *errors;
} DoorIdpPreset;

/**
 * DoorIdpInterface:
 * @configure: reads and checks this provider's group; no I/O; runs once, before any other call
 * @dup_profile: what the engine must know
 * @map_claims: pure; verified claims to an identity; %DOOR_ERROR_NOT_ALLOWED for a wrong tenant or domain
 * @get_preset: constant texts
 * @dup_access: (nullable): how the provider's own API is asked for what claims could not carry; returns %NULL
 *   when the administrator has set nothing up for that
 * @fetch_groups: (nullable): blocking; all names or ids of the person's groups, asked by @fetcher; needed
 * with
 *   @dup_access
 *
 * An identity provider. All functions are synchronous and run in worker threads; an object is constant
 * after @configure.
 */
struct _DoorIdpInterface
{
  GTypeInterface parent_iface;

  gboolean (*configure) (DoorIdp *self, DoorSettings *settings, GError **error);
  DoorIdpProfile *(*dup_profile) (DoorIdp *self);
  DoorIdentity *(*map_claims) (DoorIdp *self, const DoorClaims *claims, GError **error);
  const DoorIdpPreset *(*get_preset) (DoorIdp *self);
  DoorFetcherAccess *(*dup_access) (DoorIdp *self);
  char **(*fetch_groups) (DoorIdp *self, const DoorIdentity *identity, DoorFetcher *fetcher,
                          GCancellable *cancellable, GError **error);
};

gboolean door_idp_configure (DoorIdp *self, DoorSettings *settings, GError **error);
DoorIdpProfile *door_idp_dup_profile (DoorIdp *self);
DoorIdentity *door_idp_map_claims (DoorIdp *self, const DoorClaims *claims, GError **error);
const DoorIdpPreset *door_idp_get_preset (DoorIdp *self);
DoorFetcherAccess *door_idp_dup_access (DoorIdp *self);
char **door_idp_fetch_groups (DoorIdp *self, const DoorIdentity *identity, DoorFetcher *fetcher,
                              GCancellable *cancellable, GError **error);
const char *door_idp_explain_status (DoorIdp *self, const char *message);
