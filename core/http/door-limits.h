/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Largest bodies, by what they carry. The route tables use these; data/nginx-doorward.conf.in lets as much
 * through, and a test compares the two. */
#define DOOR_LIMIT_NONE_BYTES 0
#define DOOR_LIMIT_JSON_BYTES 4096
#define DOOR_LIMIT_FORM_BYTES 8192
#define DOOR_LIMIT_SMALL_BYTES 65536
#define DOOR_LIMIT_SCEP_BYTES 65536
#define DOOR_LIMIT_MDM_BYTES 1048576
#define DOOR_LIMIT_SAML_BYTES 1048576
#define DOOR_LIMIT_SCIM_BYTES 1048576
