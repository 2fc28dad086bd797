/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

GVariant *door_oidc_claims_build (JsonObject *claims, GVariant *further);
