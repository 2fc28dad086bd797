/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gio/gio.h>

typedef struct _DoorClaims DoorClaims;
typedef struct _DoorClaimMap DoorClaimMap;
typedef struct _DoorIdentity DoorIdentity;
typedef struct _DoorIdpProfile DoorIdpProfile;
typedef struct _DoorPluginRegistry DoorPluginRegistry;
typedef struct _DoorSecret DoorSecret;
typedef struct _DoorSettings DoorSettings;
typedef struct _DoorTxn DoorTxn;
