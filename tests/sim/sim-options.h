/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The stations of an enrollment, in order. */
typedef enum
{
  SIM_STEP_DISCOVERY,
  SIM_STEP_CHALLENGE,
  SIM_STEP_SIGN_IN,
  SIM_STEP_PROFILE,
  SIM_STEP_SCEP,
  SIM_STEP_AUTHENTICATE,
  SIM_STEP_TOKEN_UPDATE,
  SIM_STEP_ALL,
} SimStep;

/* How a device comes to its enrollment: the subcommand. */
typedef enum
{
  SIM_WAY_BYOD,   /* account-driven user enrollment, "apple-as-web" */
  SIM_WAY_OAUTH2, /* account-driven enrollment, of user or device as the server offers, "apple-oauth2" */
  SIM_WAY_ADDE,   /* account-driven device enrollment */
  SIM_WAY_UNBOX,  /* Automated Device Enrollment, in Setup Assistant */
  SIM_WAY_LINK,   /* an enrollment link, opened in Safari */
  SIM_WAY_OTA,    /* the same, where the team demands the Profile Service */
} SimWay;

/* The command line, checked. Strings are never NULL unless marked. */
typedef struct
{
  SimWay way;
  char *link;      /* (nullable) */
  char *start;     /* (nullable) configuration_web_url */
  char *serial;    /* (nullable) */
  char *udid;      /* (nullable) */
  char *device_ca; /* (nullable) */
  int wait_s;
  char *discovery;  /* base address of discovery */
  char *enroll_url; /* (nullable) */
  char *account;
  char *user;
  char *password;  /* (nullable) */
  char *idp;       /* (nullable) */
  char *idp_fault; /* (nullable) */
  char *product;
  char *model_family;
  char *os_version;
  char *build;
  char *language;
  char *ca;         /* (nullable) */
  char *profile_ca; /* (nullable) */
  char **headers;   /* (nullable) */
  char *save;       /* (nullable) */
  char *server_log; /* (nullable) */
  char *misbehave;  /* (nullable) */
  int delay_s;
  int refresh_after_s;
  int timeout_s;
  SimStep only_until;
  gboolean json;
  gboolean quiet;
  gboolean renew;
  gboolean until_renewed;
  gboolean check_out;
  gboolean escrow;
  gboolean scep_get;
  gboolean modern_signature;
  gboolean sha256_device_info;
} SimOptions;

bool sim_options_is_way (const char *word);
bool sim_options_is_whole (const SimOptions *self);
bool sim_options_has_link (const SimOptions *self);
bool sim_options_is_account_driven (const SimOptions *self);
SimOptions *sim_options_parse (char **argv, GError **error);
char *sim_options_dup_help (void);
void sim_options_free (SimOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimOptions, sim_options_free)
