/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-plist.h"

/* For what a device was enrolled, which decides what its profile must say. */
typedef enum
{
  SIM_PROFILE_USER,   /* account-driven, a user's part of the device */
  SIM_PROFILE_ADDE,   /* account-driven, the whole device */
  SIM_PROFILE_DEVICE, /* the whole device, by a ticket */
} SimProfileKind;

/* What a device takes from an enrollment profile. Strings are never NULL unless marked. */
typedef struct
{
  char *topic;
  char *server_url;
  char *check_in_url; /* the ServerURL when the profile names no other */
  char *scep_url;
  char *challenge; /* (nullable) */
  int key_size;
  GBytes *ca_fingerprint; /* (nullable) */
  GPtrArray *subject;     /* (element-type GStrv): type and value of each, in order */
  GPtrArray *identifiers; /* (element-type utf8): all PayloadUUIDs in order */
  bool checks_out;
} SimProfile;

SimProfile *sim_profile_parse (GBytes *xml, SimProfileKind kind, const char *account, GError **error);
SimProfile *sim_profile_parse_identity (GBytes *xml, GError **error);
const char *sim_profile_find_difference (const SimProfile *self, const SimProfile *other);
void sim_profile_free (SimProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimProfile, sim_profile_free)
