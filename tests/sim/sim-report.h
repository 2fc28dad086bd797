/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

/* between two parts of a result that are too long for one line */
#define SIM_REPORT_BREAK "   "

/* What happened, told as it happens to a person, or in one JSON document at the end to a program. */
typedef struct _SimReport SimReport;

typedef struct
{
  int status;
  char *code;       /* (nullable) as K7Q4-9XMD */
  char *sentence;   /* (nullable) what the page says first */
  char *request_id; /* (nullable) */
} SimRefusal;

typedef struct
{
  const char *outcome; /* enrolled, stopped, refused, failed, unreachable, usage */
  int exit_status;
  const char *account;       /* (nullable) */
  const char *enrollment_id; /* (nullable) */
  const GError *error;       /* (nullable) */
} SimVerdict;

SimReport *sim_report_new (bool quiet, bool json);
void sim_report_free (SimReport *self);
void sim_report_heading (SimReport *self, const char *device, const char *way, const char *account);
void sim_report_step (SimReport *self, const char *who, const char *what, const char *result);
void sim_report_take_refusal (SimReport *self, SimRefusal *refusal);
void sim_report_finish (SimReport *self, const SimVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReport, sim_report_free)

char *sim_server_log_dup_checks (const char *path, const char *request_id);
