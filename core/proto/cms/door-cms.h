/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate.h"
#include "door-cms-signer.h"

#define DOOR_CMS_MAX_BYTES (64 * 1024)
#define DOOR_CMS_MAX_DETACHED_BYTES (16 * 1024)

GBytes *door_cms_open_signed (GBytes *cms, DoorCertificate **signer, GError **error);
bool door_cms_verify_detached (GBytes *cms, GBytes *content, DoorCertificate **signer, GError **error);
GPtrArray *door_cms_list_certificates (GBytes *cms, GError **error);
