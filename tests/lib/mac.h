/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "device.h"
#include "sign-in.h"

#define MAC_ID "00008112-000A1B2C3D4E5F60"
#define MAC_USER "<key>UserID</key><string>501</string><key>UserShortName</key><string>anna</string>"
#define MAC_PUSH "<key>Token</key><data>AAEC</data><key>PushMagic</key><string>magic-1</string>"

/* A Mac that is managed as a whole: it names its UDID and carries no access token. */
Device *mac_new (World *world, const Answer *answer, const char *key, const char *udid);
Device *mac_enroll (World *world, const Answer *answer, const char *key, const char *udid);
DoorResponse *mac_send (World *world, const Device *self, const char *type, const char *keys,
                        const char *bearer);
unsigned int mac_say (World *world, const Device *self, const char *type, const char *keys,
                      const char *bearer);
