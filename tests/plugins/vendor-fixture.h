/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

/* The instant the responses under tests/data were made for: 2026-01-01T12:01:00Z. */
#define VENDOR_NOW_MS INT64_C (1767268860000)

/* One plugin as its test sees it. */
typedef struct
{
  const char *folder; /* under tests/data */
  const char *sp;     /* name of the group: our entity id ends in it */
  GType (*get_type) (void);
  const DoorKey *(*get_keys) (void);
} Vendor;

/* Keys and what becomes of them. */
typedef struct
{
  const char *config;       /* "Key=Value" lines */
  DoorFault fault;          /* 0: accepted */
  const char *reason;       /* piece of the error's message */
  const char *metadata_url; /* of the profile, when accepted */
} VendorConfig;

DoorIdp *vendor_configure (const Vendor *vendor, const char *config, GError **error);
DoorIdentity *vendor_sign_in (const Vendor *vendor, const char *config, const char *response, GError **error);
void vendor_assert_refused (const Vendor *vendor, const char *config, const char *response, DoorFault fault);
void vendor_assert_configs (const Vendor *vendor, const VendorConfig *configs, size_t n_configs);
void vendor_assert_preset (const Vendor *vendor);
void vendor_assert_identity (const DoorIdentity *identity, DoorIdentityField field, const char *expected);
char *vendor_join_groups (const DoorIdentity *identity);
int vendor_run (int argc, char **argv, void (*add) (void));
