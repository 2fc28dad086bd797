/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* What a device needs of `WWW-Authenticate: Bearer method="apple-as-web", url="…"`. */
typedef struct
{
  char *method;
  char *url;
} SimChallenge;

SimChallenge *sim_challenge_parse (const char *value, GError **error);
void sim_challenge_free (SimChallenge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimChallenge, sim_challenge_free)

char *sim_discovery_parse (GBytes *json, GError **error);
