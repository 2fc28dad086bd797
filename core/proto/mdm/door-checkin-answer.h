/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <glib.h>

GBytes *door_checkin_answer_build_challenge (GError **error);
GBytes *door_checkin_answer_build_bootstrap_token (const uint8_t *token, size_t size, GError **error);
GBytes *door_checkin_answer_build_token (const char *token, GError **error);
