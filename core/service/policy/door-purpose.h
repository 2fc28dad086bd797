/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-token-store.h"

/**
 * DOOR_PURPOSE_ENROLLMENT:
 *
 * What a flow leads to: the enrollment of a device.
 */
#define DOOR_PURPOSE_ENROLLMENT "enrollment"

/**
 * DOOR_PURPOSE_ADMINISTRATION:
 *
 * What a flow leads to: a session of an administrator.
 */
#define DOOR_PURPOSE_ADMINISTRATION "administration"

/**
 * DOOR_PURPOSE_TEST:
 *
 * What a flow leads to: a look at what came, and nothing else.
 */
#define DOOR_PURPOSE_TEST "test"

/**
 * DOOR_WAY_ACCOUNT:
 *
 * How a device comes to a flow of %DOOR_PURPOSE_ENROLLMENT: by account-driven enrollment with a web page
 * ("apple-as-web"); with an authorization code ("apple-oauth2"); by Automated Device Enrollment; by an
 * enrollment link. The token or ticket that a way ends in is of its kind.
 */
#define DOOR_WAY_ACCOUNT DOOR_TOKEN_ACCOUNT
#define DOOR_WAY_OAUTH2 DOOR_TOKEN_CODE
#define DOOR_WAY_ADE DOOR_TOKEN_ADE
#define DOOR_WAY_LINK DOOR_TOKEN_LINK

/**
 * DOOR_USE_ENROLLMENT:
 *
 * Word of Use= for connections with which people enroll devices; the others are for what their names say.
 */
#define DOOR_USE_ENROLLMENT "enrollment"
#define DOOR_USE_ADMIN "admin"
