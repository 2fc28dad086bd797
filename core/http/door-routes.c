/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#define KIB ((size_t) 1024)
#define MIB (1024 * KIB)

/* Every address of the server, with the limits that the packaged nginx site repeats. */
const DoorRoute door_routes[] = {
  { DOOR_METHOD_GET, "/", 0, DOOR_POOL_WORKER, door_handle_home, "home" },
  { DOOR_METHOD_GET, "/healthz", 0, DOOR_POOL_WORKER, door_handle_health, "health" },
  { DOOR_METHOD_GET, "/assets/{name}", 0, DOOR_POOL_WORKER, door_handle_asset, "asset" },
  { DOOR_METHOD_GET, "/.well-known/com.apple.remotemanagement", 0, DOOR_POOL_WORKER, door_handle_discovery,
    "discovery" },

  { DOOR_METHOD_POST, "/mdm/apple/account_driven_enroll", 64 * KIB, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },
  { DOOR_METHOD_POST, "/mdm/apple/account_driven_enroll/{team}", 64 * KIB, DOOR_POOL_CRYPTO,
    door_handle_enroll, "enroll" },
  { DOOR_METHOD_POST, "/api/mdm/apple/account_driven_enroll", 64 * KIB, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },
  { DOOR_METHOD_POST, "/api/mdm/apple/account_driven_enroll/{team}", 64 * KIB, DOOR_POOL_CRYPTO,
    door_handle_enroll, "enroll" },
  { DOOR_METHOD_POST, "/account_driven_enroll", 64 * KIB, DOOR_POOL_CRYPTO, door_handle_enroll, "enroll" },
  { DOOR_METHOD_POST, "/api/mdm/apple/enroll", 64 * KIB, DOOR_POOL_CRYPTO, door_handle_enroll, "enroll" },

  { DOOR_METHOD_GET, "/mdm/sso", 0, DOOR_POOL_WORKER, door_handle_sso, "sso" },
  { DOOR_METHOD_GET, "/mdm/sso/start", 0, DOOR_POOL_WORKER, door_handle_sso_start, "sso-start" },
  { DOOR_METHOD_POST, "/api/v1/fleet/mdm/sso", 4 * KIB, DOOR_POOL_WORKER, door_handle_sso_json, "sso-json" },
  { DOOR_METHOD_POST, "/api/latest/fleet/mdm/sso", 4 * KIB, DOOR_POOL_WORKER, door_handle_sso_json,
    "sso-json" },
  { DOOR_METHOD_POST, "/saml/{name}/acs", 1 * MIB, DOOR_POOL_CRYPTO, door_handle_saml_acs, "acs" },
  { DOOR_METHOD_POST, "/api/v1/fleet/mdm/sso/callback", 1 * MIB, DOOR_POOL_CRYPTO, door_handle_shared_acs,
    "acs" },

  { DOOR_METHOD_GET | DOOR_METHOD_POST, "/mdm/apple/scep", 64 * KIB, DOOR_POOL_CRYPTO, door_handle_scep,
    "scep" },
  { DOOR_METHOD_PUT, "/mdm/apple/mdm", 1 * MIB, DOOR_POOL_WORKER, door_handle_checkin, "mdm" },
};

const size_t door_n_routes = G_N_ELEMENTS (door_routes);
