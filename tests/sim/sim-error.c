/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-error.h"

/**
 * sim_error_quark:
 *
 * The domain of everything that can go wrong in the simulator.
 *
 * Returns: the error domain
 */
G_DEFINE_QUARK (sim - error - quark, sim_error)
