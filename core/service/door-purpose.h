/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * DOOR_PURPOSE_ENROLLMENT:
 *
 * What a flow leads to: the enrollment of a device.
 */
#define DOOR_PURPOSE_ENROLLMENT "enrollment"
