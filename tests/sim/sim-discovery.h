/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What a device needs of `WWW-Authenticate: Bearer method="apple-as-web", url="…"`, or of the same with
 * method="apple-oauth2" and where to go for that. */
typedef struct
{
  char *method;
  char *url;               /* (nullable) of apple-as-web; all others of apple-oauth2 */
  char *authorization_url; /* (nullable) */
  char *token_url;         /* (nullable) */
  char *redirect_url;      /* (nullable) */
  char *client_id;         /* (nullable) */
  char *scope;             /* (nullable) */
} SimChallenge;

SimChallenge *sim_challenge_parse (const char *value, GError **error);
void sim_challenge_free (SimChallenge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimChallenge, sim_challenge_free)

char *sim_discovery_parse (GBytes *json, const char *version, GError **error);
