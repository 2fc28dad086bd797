/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"
#include "door-limits.h"
#include "door-paths.h"

/* Every address of the server. A limit here is never more than the packaged nginx site lets through. */
const DoorRoute door_routes[] = {
  { DOOR_METHOD_GET, "/", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_home, "home", true },
  { DOOR_METHOD_GET, "/healthz", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_health, "health" },
  { DOOR_METHOD_GET, "/assets/{name}", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_asset, "asset" },
  { DOOR_METHOD_GET, "/.well-known/com.apple.remotemanagement", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER,
    door_handle_discovery, "discovery" },

  { DOOR_METHOD_POST, DOOR_PATH_ENROLL, DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },
  { DOOR_METHOD_POST, DOOR_PATH_ENROLL "/{team}", DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO,
    door_handle_enroll, "enroll" },
  { DOOR_METHOD_POST, "/api" DOOR_PATH_ENROLL, DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },
  { DOOR_METHOD_POST, "/api" DOOR_PATH_ENROLL "/{team}", DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO,
    door_handle_enroll, "enroll" },
  { DOOR_METHOD_POST, "/account_driven_enroll", DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },
  { DOOR_METHOD_POST, "/api/mdm/apple/enroll", DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_CRYPTO, door_handle_enroll,
    "enroll" },

  { DOOR_METHOD_GET, DOOR_PATH_SIGN_IN, DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_sso, "sso",
    true },
  { DOOR_METHOD_GET, DOOR_PATH_SIGN_IN_START, DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_sso_start,
    "sso-start", true },
  { DOOR_METHOD_POST, "/api/v1/fleet/mdm/sso", DOOR_LIMIT_JSON_BYTES, DOOR_POOL_WORKER, door_handle_sso_json,
    "sso-json" },
  { DOOR_METHOD_POST, "/api/latest/fleet/mdm/sso", DOOR_LIMIT_JSON_BYTES, DOOR_POOL_WORKER,
    door_handle_sso_json, "sso-json" },
  { DOOR_METHOD_POST, DOOR_PATH_ACS ("{name}"), DOOR_LIMIT_SAML_BYTES, DOOR_POOL_CRYPTO, door_handle_saml_acs,
    "acs", true },
  { DOOR_METHOD_GET, DOOR_PATH_SP_METADATA ("{name}"), DOOR_LIMIT_NONE_BYTES, DOOR_POOL_CRYPTO,
    door_handle_sp_metadata, "sp-metadata" },
  { DOOR_METHOD_POST, DOOR_PATH_SHARED_ACS, DOOR_LIMIT_SAML_BYTES, DOOR_POOL_CRYPTO, door_handle_shared_acs,
    "acs", true },

  { DOOR_METHOD_POST, DOOR_PATH_SHARED_ADMIN_ACS, DOOR_LIMIT_SAML_BYTES, DOOR_POOL_CRYPTO,
    door_handle_admin_acs, "acs", true },
  { DOOR_METHOD_GET, "/api/v1/fleet/sso", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_fleet_sso,
    "admin-sso-json" },
  { DOOR_METHOD_GET, "/api/latest/fleet/sso", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_fleet_sso,
    "admin-sso-json" },
  { DOOR_METHOD_POST, "/api/v1/fleet/sso", DOOR_LIMIT_JSON_BYTES, DOOR_POOL_WORKER,
    door_handle_fleet_sso_start, "admin-sso-json" },
  { DOOR_METHOD_POST, "/api/latest/fleet/sso", DOOR_LIMIT_JSON_BYTES, DOOR_POOL_WORKER,
    door_handle_fleet_sso_start, "admin-sso-json" },
  { DOOR_METHOD_GET, DOOR_PATH_ADMIN, DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_admin_home,
    "admin", true },
  { DOOR_METHOD_GET, DOOR_PATH_ADMIN_LOGIN, DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_admin_login,
    "admin-login", true },
  { DOOR_METHOD_GET, DOOR_PATH_ADMIN_ENTER, DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_admin_enter,
    "admin-enter", true },
  { DOOR_METHOD_POST, DOOR_PATH_ADMIN_LOGOUT, DOOR_LIMIT_JSON_BYTES, DOOR_POOL_WORKER,
    door_handle_admin_logout, "admin-logout", true },
  { DOOR_METHOD_GET, "/dashboard", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_dashboard,
    "dashboard", true },
  { DOOR_METHOD_GET, "/api/v1/me", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, door_handle_me, "api" },

  { DOOR_METHOD_GET | DOOR_METHOD_POST, DOOR_PATH_SCEP, DOOR_LIMIT_SCEP_BYTES, DOOR_POOL_CRYPTO,
    door_handle_scep, "scep" },
  { DOOR_METHOD_PUT, DOOR_PATH_MDM, DOOR_LIMIT_MDM_BYTES, DOOR_POOL_WORKER, door_handle_checkin, "mdm" },
};

const size_t door_n_routes = G_N_ELEMENTS (door_routes);
