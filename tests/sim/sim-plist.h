/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <plist/plist.h>
#include <stdbool.h>

/* libplist's handle under a name that automatic cleanup can use. */
typedef void SimPlist;

void sim_plist_free (SimPlist *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimPlist, sim_plist_free)

SimPlist *sim_plist_parse (GBytes *xml, GError **error);
GBytes *sim_plist_build (SimPlist *self);
plist_t sim_plist_lookup (plist_t dict, const char *key, plist_type type);
char *sim_plist_dup_string (plist_t dict, const char *key);
GBytes *sim_plist_dup_data (plist_t dict, const char *key);
void sim_plist_set_string (plist_t dict, const char *key, const char *value);
void sim_plist_set_bool (plist_t dict, const char *key, bool value);
void sim_plist_set_data (plist_t dict, const char *key, GBytes *value);
