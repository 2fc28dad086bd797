/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct IdpRequest IdpRequest;

char *idp_request_decode_redirect (const char *saml_request, GError **error);
char *idp_request_decode_post (const char *saml_request, GError **error);
IdpRequest *idp_request_parse (const char *xml, GError **error);
void idp_request_free (IdpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpRequest, idp_request_free)

const char *idp_request_get_id (const IdpRequest *request);
const char *idp_request_get_issuer (const IdpRequest *request);
const char *idp_request_get_acs_url (const IdpRequest *request);
const char *idp_request_get_name_id_format (const IdpRequest *request);
bool idp_request_get_force_authn (const IdpRequest *request);
bool idp_request_get_is_passive (const IdpRequest *request);
