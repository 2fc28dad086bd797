/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-idp-profile.h"

/* For whoever reads the keys of a provider; not installed. */
DoorProtocol door_protocol_choose (const char *word, bool names_client);
DoorProtocol door_protocol_read (const DoorSettings *settings);
bool door_protocol_uses_secret (const char *client_auth);
