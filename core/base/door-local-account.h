/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Longest short name that macOS takes in Setup Assistant. */
#define DOOR_LOCAL_ACCOUNT_MAX 31

/**
 * DoorLocalPerson:
 * @user_name: name at the identity provider
 * @email: address
 * @full_name: as people write it
 * @given_name: first name
 * @family_name: last name
 *
 * The person an account is for; what is not known is "".
 */
typedef struct
{
  const char *user_name;
  const char *email;
  const char *full_name;
  const char *given_name;
  const char *family_name;
} DoorLocalPerson;

bool door_local_account_is_name (const char *name);
char *door_local_account_dup_problem (const char *pattern);
char *door_local_account_dup_name (const char *pattern, const DoorLocalPerson *person, const char *taken);
char *door_local_account_dup_full_name (const char *pattern, const DoorLocalPerson *person);
