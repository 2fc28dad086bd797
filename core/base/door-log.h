/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* G_LOG_DOMAIN is set per folder by the build. */
void door_log_event (GLogLevelFlags level, const char *event, const char *message,
                     ...) G_GNUC_NULL_TERMINATED;
GLogWriterOutput door_log_write_json (GLogLevelFlags level, const GLogField *fields, gsize n_fields,
                                      gpointer user_data);
