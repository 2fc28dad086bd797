/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

/* A provider that uses what the generic one does not: parameters of the request, texts of its own errors,
 * groups that are not all there, and a refusal of its own for refused@example.com. */
#define DOUBLE_TYPE_IDP (double_idp_get_type ())
G_DECLARE_FINAL_TYPE (DoubleIdp, double_idp, DOUBLE, IDP, GObject)
