/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vendor-fixture.h"

#define VENDOR_CLIENT "client-1"
#define VENDOR_CLIENT_KEYS "ClientId=" VENDOR_CLIENT "\nClientSecret=file:/secret"

DoorIdentity *vendor_sign_in_by_oidc (const Vendor *vendor, const char *config, const char *claims,
                                      GError **error);
void vendor_assert_refused_by_oidc (const Vendor *vendor, const char *config, const char *claims,
                                    DoorFault fault);
void vendor_assert_issuer (const Vendor *vendor, const char *config, const char *issuer);
