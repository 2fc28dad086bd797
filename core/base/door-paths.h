/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Paths that devices, browsers and identity providers are told: the router serves the same ones, but for
 * DOOR_PATH_SAML, which only begins others and is what a connection is called towards its provider. They
 * stand in profiles and at identity providers, so none of them can ever change. */
#define DOOR_PATH_SIGN_IN "/mdm/sso"
#define DOOR_PATH_SIGN_IN_START DOOR_PATH_SIGN_IN "/start"
#define DOOR_PATH_ENROLL "/mdm/apple/account_driven_enroll"
#define DOOR_PATH_OAUTH2_AUTHORIZE "/oauth2/authorize"
#define DOOR_PATH_OAUTH2_TOKEN "/oauth2/token"
#define DOOR_PATH_ENROLL_DEVICE "/mdm/apple/account_driven_device_enroll"
#define DOOR_PATH_ADE "/mdm/apple/enroll"
#define DOOR_PATH_OTA "/mdm/apple/ota"
#define DOOR_PATH_MDM "/mdm/apple/mdm"
/* what may stand behind it in a profile */
#define DOOR_PARAMETER_ENROLL_REFERENCE "enroll_reference"
#define DOOR_PATH_PROFILE(ticket) "/mdm/apple/profile/" ticket
#define DOOR_PATH_EULA(ticket) "/mdm/eula/" ticket
#define DOOR_PATH_INSTALL(ticket) "/mdm/apple/install/" ticket
#define DOOR_PATH_ENROLLMENT_LINK(token) "/enroll/" token
#define DOOR_PATH_ENROLLMENT_LINK_START(token) DOOR_PATH_ENROLLMENT_LINK (token) "/sign-in"
#define DOOR_PATH_CONTINUE(ticket) "/mdm/continue/" ticket
#define DOOR_PATH_SCEP "/mdm/apple/scep"
#define DOOR_PATH_OSQUERY "/api/osquery"
#define DOOR_PATH_SAML(name) "/saml/" name
#define DOOR_PATH_ACS(name) DOOR_PATH_SAML (name) "/acs"
#define DOOR_PATH_START(name) DOOR_PATH_SAML (name) "/start"
#define DOOR_PATH_OIDC(name) "/oidc/" name
#define DOOR_PATH_OIDC_CALLBACK(name) DOOR_PATH_OIDC (name) "/callback"
#define DOOR_PATH_OIDC_LOGOUT(name) DOOR_PATH_OIDC (name) "/logout"
#define DOOR_PATH_OIDC_KEYS(name) DOOR_PATH_OIDC (name) "/jwks.json"
#define DOOR_PATH_OIDC_START(name) DOOR_PATH_OIDC (name) "/start"
#define DOOR_PATH_OIDC_TOKEN(name) DOOR_PATH_OIDC (name) "/token"
#define DOOR_PATH_SLO(name) DOOR_PATH_SAML (name) "/slo"
#define DOOR_PATH_SP_METADATA(name) DOOR_PATH_SAML (name) "/metadata"
#define DOOR_PATH_SHARED_ACS "/api/v1/fleet/mdm/sso/callback"
#define DOOR_PATH_SHARED_ADMIN_ACS "/api/v1/fleet/sso/callback"
#define DOOR_PATH_TEST(token) "/test/" token
#define DOOR_PATH_ADMIN "/admin"
/* by the names of the spec of the federation */
#define DOOR_PATH_USERADM "/api/management/v1/useradm"
#define DOOR_PATH_ADMIN_LOGIN DOOR_PATH_ADMIN "/login"
#define DOOR_PATH_ADMIN_ENTER DOOR_PATH_ADMIN "/enter"
#define DOOR_PATH_ADMIN_LOGOUT DOOR_PATH_ADMIN "/logout"

char *door_paths_dup_entity_id (const char *external_url, const char *connection);
