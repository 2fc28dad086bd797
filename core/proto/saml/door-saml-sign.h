/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signatures of ours; internal to this folder. */

#include <glib.h>

#include "door-saml-sp-key.h"

#define DOOR_SAML_RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

void door_saml_sign_append_template (GString *xml, const char *id, const DoorSamlSpKey *key);
char *door_saml_sign_document (const char *xml, const DoorSamlSpKey *key, GError **error);
char *door_saml_sign_octets (const char *octets, const DoorSamlSpKey *key, GError **error);
