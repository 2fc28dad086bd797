/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-authority.h"
#include "door-cms-signer.h"
#include "door-push-certificate.h"
#include "door-random.h"
#include "door-settings.h"

/* In the state folder. */
#define DOOR_STATE_KEY_FILE "state.key"

DoorSecret *door_keys_load_state_key (const DoorSettings *database, const char *state_folder,
                                      DoorRandom *random, GError **error);
DoorCertificateAuthority *door_keys_load_authority (const DoorSettings *scep, const char *organization,
                                                    const char *state_folder, int64_t now_ms, GError **error);
DoorCmsSigner *door_keys_load_signer (const DoorSettings *apple, const DoorCertificateAuthority *authority,
                                      bool development, GError **error);
bool door_keys_load_device_anchor (const DoorSettings *apple, bool development, DoorCertificate **out,
                                   GError **error);
bool door_keys_check_push (const DoorSettings *apple, GError **error);
bool door_keys_load_push_certificate (const DoorSettings *apple, DoorPushCertificate **out, GError **error);
char *door_keys_dup_topic (const DoorSettings *apple, const GPtrArray *certificates,
                           const DoorSecret *state_key, bool development, GError **error);
