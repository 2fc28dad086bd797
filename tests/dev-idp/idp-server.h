/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

#include "idp-config.h"
#include "idp-key.h"
#include "idp-signer.h"

typedef struct IdpServer IdpServer;

IdpServer *idp_server_new (const IdpConfig *config, const IdpKey *key, const IdpSigner *signer,
                           const char *base_url);
void idp_server_free (IdpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpServer, idp_server_free)

void idp_server_add_routes (IdpServer *self, SoupServer *soup);
