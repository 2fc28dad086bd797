/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#define DOOR_DEP_PROFILE_MAX_BYTES (256 * 1024)

/**
 * DoorDepProfileParts:
 * @custom: (nullable): what the administrator wants, as JSON; %NULL for nothing in particular
 * @name: what the profile is called there, unless the administrator says so
 * @org_magic: what marks our profiles
 * @url: where a device asks for its enrollment profile
 * @web_url: (nullable): the page that its user signs in on, %NULL where nobody does
 * @anchors: (nullable) (array zero-terminated=1): certificates in base64 that the device is to trust
 *
 * What a profile is made of.
 */
typedef struct
{
  GBytes *custom;
  const char *name;
  const char *org_magic;
  const char *url;
  const char *web_url;
  const char *const *anchors;
} DoorDepProfileParts;

bool door_dep_profile_check (GBytes *custom, GPtrArray *warnings, GError **error);
GBytes *door_dep_profile_build (const DoorDepProfileParts *parts, GError **error);
GBytes *door_dep_request_build_page (const char *cursor);
GBytes *door_dep_request_build_devices (const char *profile_uuid, const GPtrArray *serials);
GBytes *door_dep_request_build_discovery (const char *url);
