/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

GBytes *door_certificate_issuer_answer (const DoorContext *context, GBytes *message, const char *request_id,
                                        GCancellable *cancellable, GError **error);
