/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "idp-config.h"

typedef struct
{
  const char *saml_request;
  const char *relay_state;
  const char *fault;
  const char *username;
  const char *issuer;
  const char *message;
} IdpLoginForm;

typedef struct
{
  const char *acs_url;
  const char *saml_response;
  const char *relay_state;
  const char *person;
  const char *fault;
} IdpAnswerForm;

const char *idp_page_get_style_sheet (void);
char *idp_page_build_home (const IdpConfig *config, const char *entity_id, const char *signed_in);
char *idp_page_build_login (const IdpConfig *config, const IdpLoginForm *form);
char *idp_page_build_answer (const IdpConfig *config, const IdpAnswerForm *form);
char *idp_page_build_message (const IdpConfig *config, const char *heading, const char *text);
char *idp_page_build_fault_list (void);
