/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-certificate.h"
#include "sim-options.h"

/* A device as it leaves the factory: what it is, and a certificate that says so. */
typedef struct _SimDevice SimDevice;

SimDevice *sim_device_new (const SimOptions *options, GError **error);
void sim_device_free (SimDevice *self);
const char *sim_device_get_marketing_name (const SimDevice *self);
const char *sim_device_get_user_agent (const SimDevice *self);
const char *sim_device_get_mdm_user_agent (const SimDevice *self);
const char *sim_device_get_accept_language (const SimDevice *self);
const char *sim_device_get_enrollment_id (const SimDevice *self);
const char *sim_device_get_serial (const SimDevice *self);
const SimOptions *sim_device_get_options (const SimDevice *self);
gboolean sim_device_make_authority (const char *folder, GError **error);
GBytes *sim_device_sign (const SimDevice *self, GBytes *content, GError **error);
bool sim_device_is_mac (const SimDevice *self);
bool sim_device_is_whole (const SimDevice *self);
gboolean sim_device_make_whole (SimDevice *self, GError **error);
GBytes *sim_device_get_machine_info (const SimDevice *self);
GBytes *sim_device_dup_authority (const SimDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimDevice, sim_device_free)
