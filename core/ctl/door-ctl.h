/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-command-line.h"

/**
 * DoorCtlExit:
 * @DOOR_CTL_OK: done
 * @DOOR_CTL_ERROR: it failed
 * @DOOR_CTL_NOTHING: there was nothing to do
 * @DOOR_CTL_NOT_FOUND: the thing named does not exist
 * @DOOR_CTL_PROBLEMS: a check found problems
 * @DOOR_CTL_USAGE: the command line is wrong
 *
 * Exit status of doorctl. Stable.
 */
typedef enum
{
  DOOR_CTL_OK = 0,
  DOOR_CTL_ERROR = 1,
  DOOR_CTL_NOTHING = 2,
  DOOR_CTL_NOT_FOUND = 3,
  DOOR_CTL_PROBLEMS = 4,
  DOOR_CTL_USAGE = 64,
} DoorCtlExit;

/**
 * DoorCtlWords:
 * @DOOR_CTL_WORDS_ANY: nothing is known of them
 * @DOOR_CTL_WORDS_IDP: the name of an identity provider
 * @DOOR_CTL_WORDS_FAULT: an entry of the error catalogue
 * @DOOR_CTL_WORDS_KEYS: a group of the configuration, then KEY=VALUE
 *
 * What the words of a command are, for completion.
 */
typedef enum
{
  DOOR_CTL_WORDS_ANY,
  DOOR_CTL_WORDS_IDP,
  DOOR_CTL_WORDS_FAULT,
  DOOR_CTL_WORDS_KEYS,
} DoorCtlWords;

/**
 * DoorCtlContext:
 * @line: the options given
 * @words: (array zero-terminated=1): what follows noun and verb
 * @json: `--json` was given: nothing may be printed, the result goes into @result
 * @result: (nullable) (transfer full): the document to print with `--json`
 *
 * One run of a command.
 */
typedef struct
{
  DoorCommandLine *line;
  const char *const *words;
  bool json;
  JsonNode *result;
} DoorCtlContext;

/**
 * DoorCtlCommand:
 * @noun: first word, "config"; %NULL ends the table
 * @verb: (nullable): second word, "check"; %NULL for a command of one word
 * @words: (nullable): names of the words that must follow, for help: "DW-ID"
 * @min_words: how many must follow
 * @max_words: how many may follow
 * @options: (array zero-terminated=1): beside --json and --help, which every command has
 * @summary: one line for help
 * @details: a paragraph for the manual
 * @run: does it; with @error set, the returned status tells how it failed
 * @completes: what its words are
 *
 * One command: parsing, help, manual come from the table of these.
 */
typedef struct
{
  const char *noun;
  const char *verb;
  const char *words;
  unsigned int min_words;
  unsigned int max_words;
  const DoorCommandOption *options;
  const char *summary;
  const char *details;
  DoorCtlExit (*run) (DoorCtlContext *context, GError **error);
  DoorCtlWords completes;
} DoorCtlCommand;

const DoorCtlCommand *door_ctl_list_commands (void);
const DoorCommandOption *door_ctl_list_common_options (void);
void door_ctl_complete (const char *const *words);
DoorCtlExit door_ctl_run (const char *const *words);

DoorCtlExit door_ctl_config_check (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_config_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_config_set (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_config_reload (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_plugin_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_eula_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_eula_acceptances (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_command (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_commands (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_declarations (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_command_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_command_cancel (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_end (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_renew (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_unlock_token (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_bootstrap_token (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_device_admin_password (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_declaration_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_declaration_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_declaration_set (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_declaration_remove (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_person_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_person_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_add (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_instructions (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_add (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_set_role (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_set_sso (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_password (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_activate (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_deactivate (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_unlink (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_sessions (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_end_sessions (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_admin_preview (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_test (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_set_metadata (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_adopt (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_refresh (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_doctor (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_state_key_replace (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_saml_check (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_signin_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_signin_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_enroll_link_create (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_enroll_link_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_enroll_link_revoke (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_token_create (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_token_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_token_revoke (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_connection_add (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_connection_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_connection_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_connection_set_metadata (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_connection_remove (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_sp_metadata (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_idp_rotate_key (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_keypair (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_import_token (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_sync (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_devices (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_assign (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_dep_remove (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_request (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_import (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_list (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_show (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_remove (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_apns_test (DoorCtlContext *context, GError **error);
DoorCtlExit door_ctl_explain (DoorCtlContext *context, GError **error);
