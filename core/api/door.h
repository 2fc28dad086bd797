/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-directory.h"
#include "door-error.h"
#include "door-fetcher.h"
#include "door-identity.h"
#include "door-idp.h"
#include "door-idp-kind.h"
#include "door-idp-profile.h"
#include "door-plugin.h"
#include "door-secret.h"
#include "door-settings.h"
#include "door-storage.h"
#include "door-types.h"
#include "door-version.h"
