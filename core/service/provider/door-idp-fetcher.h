/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-fetcher.h"

#define DOOR_TYPE_IDP_FETCHER (door_idp_fetcher_get_type ())
G_DECLARE_FINAL_TYPE (DoorIdpFetcher, door_idp_fetcher, DOOR, IDP_FETCHER, GObject)

DoorFetcher *door_idp_fetcher_new (const DoorContext *context, DoorConnection *connection,
                                   const DoorFetcherAccess *access);
