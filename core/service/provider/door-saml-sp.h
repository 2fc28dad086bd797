/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"

char *door_saml_sp_describe (const DoorContext *context, DoorConnection *connection, bool sign,
                             GCancellable *cancellable, GError **error);
