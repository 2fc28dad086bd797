/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gio/gio.h>

/**
 * DoorClaims:
 *
 * What an identity provider said of a person, after every signature, audience and time was verified.
 * Immutable.
 */
typedef struct _DoorClaims DoorClaims;

/**
 * DoorClaimMap:
 *
 * Which claim fills which field of an identity: a provider's names, or those the administrator wrote.
 * Immutable.
 */
typedef struct _DoorClaimMap DoorClaimMap;

/**
 * DoorIdentity:
 *
 * A person as the core decides about them: issuer and subject, which stay for ever, and what is shown. A
 * plugin may change one while it makes it; then it is constant.
 */
typedef struct _DoorIdentity DoorIdentity;

/**
 * DoorIdpProfile:
 *
 * What the protocol engine must know of an identity provider. A plugin can demand more than the engine does,
 * never less. Constant once the provider is configured.
 */
typedef struct _DoorIdpProfile DoorIdpProfile;

/**
 * DoorPluginRegistry:
 *
 * Where a plugin says what it implements.
 */
typedef struct _DoorPluginRegistry DoorPluginRegistry;

/**
 * DoorSecret:
 *
 * Bytes that are wiped when nobody needs them any more. Immutable.
 */
typedef struct _DoorSecret DoorSecret;

/**
 * DoorSettings:
 *
 * One group of the configuration, every value checked. Immutable.
 */
typedef struct _DoorSettings DoorSettings;

/**
 * DoorTxn:
 *
 * A transaction of a database. It belongs to the thread that began it.
 */
typedef struct _DoorTxn DoorTxn;
