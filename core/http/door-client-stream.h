/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <gio/gio.h>

/**
 * DoorClientEnded:
 * @data: what the stream was made with
 *
 * Called when the client sends no more.
 *
 * Returns: whether that happened between requests
 */
typedef bool (*DoorClientEnded) (gpointer data);

GIOStream *door_client_stream_new (GIOStream *base, DoorClientEnded ended, gpointer data);
void door_client_stream_forget (GIOStream *stream);
