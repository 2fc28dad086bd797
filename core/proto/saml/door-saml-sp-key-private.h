/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Internal to this folder. */

#include <openssl/evp.h>

#include "door-saml-sp-key.h"

EVP_PKEY *door_saml_sp_key_get_pkey (const DoorSamlSpKey *self);
