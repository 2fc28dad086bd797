/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-identity.h"

/**
 * DoorAdminPerson:
 * @issuer: the provider
 * @subject: who it is there, for good
 * @email: e-mail address, as sent
 * @email_key: the same in lower case
 * @full_name: display name, the address when there is none
 * @may_link: whether the provider may speak for whoever has the address
 *
 * Who signs in, in the words of the provider, as far as they are believed. Owns its texts.
 */
typedef struct
{
  char *issuer;
  char *subject;
  char *email;
  char *email_key;
  char *full_name;
  bool may_link;
} DoorAdminPerson;

bool door_admin_person_read (DoorAdminPerson *self, const DoorContext *context, DoorConnection *connection,
                             const DoorClaims *claims, const DoorIdentity *identity, GError **error);
void door_admin_person_clear (DoorAdminPerson *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorAdminPerson, door_admin_person_clear)
