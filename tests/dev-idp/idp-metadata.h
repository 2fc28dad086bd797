/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

char *idp_metadata_build (const char *entity_id, const char *sso_url, const char *certificate_base64);
