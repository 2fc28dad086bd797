/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fault.h"
#include "door-login.h"
#include "door-management.h"
#include "door-web.h"

/**
 * DoorAdminLoginPage:
 * @providers: (element-type DoorConnection): who may be chosen
 * @return_path: where it goes on afterwards
 * @out: (nullable): the person has just logged out: %DOOR_ADMIN_OUT_HERE or %DOOR_ADMIN_OUT_THERE
 * @email: (nullable): what was typed before
 * @fault: why the password was not taken, %DOOR_FAULT_NONE when there was none
 *
 * The page on which administrators choose how to sign in.
 */
typedef struct
{
  const GPtrArray *providers;
  const char *return_path;
  const char *out;
  const char *email;
  DoorFault fault;
} DoorAdminLoginPage;

DoorResponse *door_handle_discovery (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_ade_enroll (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_ota (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_profile (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enroll (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_continue (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_eula (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_eula_document (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enroll_device (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enrollment_link (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enrollment_link_start (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_install (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enrollment_links_create (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enrollment_links_list (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_enrollment_links_revoke (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_sso (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_sso_start (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_sso_json (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_saml_start (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_saml_acs (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_saml_logout (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_sp_metadata (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_shared_acs (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oidc_start (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oidc_callback (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oidc_keys (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oauth2_authorize (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oauth2_token (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oauth2_forward (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_openapi (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oidc_logout (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_oidc_logout_return (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_acs (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_login (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_password (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_auth_login (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_enter (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_home (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_admin_logout (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_dashboard (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_fleet_sso (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_fleet_sso_start (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_add_administrator (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_administrator (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_administrators (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_device (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_devices (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_declarations_list (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_declarations_show (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_declarations_set (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_declarations_remove (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_device_declarations (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_device_commands_list (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_device_commands_add (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_device_commands_show (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_device_commands_cancel (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_dep_devices (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_edit_administrator (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_end_sessions (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_people (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_remove_administrator (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_eula_acceptances (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_api_sign_ins (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_me (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_test (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_osquery_enroll (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_osquery_config (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_osquery_read (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_osquery_write (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_scep (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_checkin (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_create (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_list (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_remove (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_set_metadata (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_show (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_connections_show_metadata (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_personal_tokens_create (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_personal_tokens_list (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_personal_tokens_revoke (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_token (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_jwks (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_health (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_asset (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_home (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_ready (gpointer context, DoorRequest *request, GError **error);
DoorResponse *door_handle_metrics (gpointer context, DoorRequest *request, GError **error);

/* What several handlers do. */
DoorResponse *door_render_admin_login (const DoorWeb *web, DoorRequest *request,
                                       const DoorAdminLoginPage *page, GError **error);
DoorResponse *door_begin_sign_in (const DoorWeb *web, DoorRequest *request, const DoorLoginStart *start,
                                  GError **error);
DoorResponse *door_finish_sign_in (const DoorWeb *web, DoorRequest *request, const DoorLoginAnswer *answer,
                                   GError **error);
