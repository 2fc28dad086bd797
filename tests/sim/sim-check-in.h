/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-device.h"

/* The account that AccountConfiguration prepares on a Mac. */
typedef struct
{
  char *user_name;  /* (nullable) */
  char *full_name;  /* (nullable) */
  bool locked;      /* the person cannot change the two */
  char *admin_name; /* (nullable) of the managed administrator */
  bool admin_hidden;
} SimAccount;

/* A command as the server sends it. */
typedef struct
{
  char *uuid;
  char *request_type;
  char **queries;     /* (nullable) of DeviceInformation */
  GBytes *payload;    /* (nullable) of InstallProfile */
  SimAccount account; /* of AccountConfiguration */
} SimCommand;

GBytes *sim_check_in_build_authenticate (const SimDevice *device, const char *topic);
GBytes *sim_check_in_build_token_update (const SimDevice *device, const char *topic, bool awaiting);
GBytes *sim_check_in_build_bootstrap_token (const SimDevice *device, const char *topic, GBytes *token);
GBytes *sim_check_in_build_check_out (const SimDevice *device, const char *topic);
GBytes *sim_check_in_build_idle (const SimDevice *device);
GBytes *sim_check_in_build_report (const SimDevice *device, const SimCommand *command);

SimCommand *sim_command_parse (GBytes *body, GError **error);
void sim_command_free (SimCommand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCommand, sim_command_free)
