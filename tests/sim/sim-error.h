/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#define SIM_ERROR (sim_error_quark ())

typedef enum
{
  SIM_ERROR_USAGE,       /* the command line cannot be carried out */
  SIM_ERROR_UNREACHABLE, /* no answer at all: name, connection, TLS, time */
  SIM_ERROR_UNEXPECTED,  /* an answer that no device would accept */
  SIM_ERROR_REFUSED,     /* the server said no, with a page or a status of the 400s */
} SimError;

GQuark sim_error_quark (void);
