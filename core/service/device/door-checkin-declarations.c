/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-write.h"

#include "door-channel.h"
#include "door-declaration-status.h"
#include "door-declarations.h"
#include "door-error.h"

static bool
answer_declaration (DoorTxn *txn, DoorCheckinWrite *checkin, const char *team, GError **error)
{
  const char *type = door_checkin_message_get_declaration_type (checkin->message);
  const char *identifier = door_checkin_message_get_declaration_id (checkin->message);
  g_autoptr (DoorStoredDeclaration) row = NULL;

  if (!door_declaration_store_lookup (txn, team, identifier, &row, error))
    return false;
  if (row == NULL || !g_str_equal (row->type, type))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_DEV_DECLARATION,
                           "a declaration that the team does not have");
  checkin->answer = door_declaration_build (
      &(DoorDeclarationItem){ row->identifier, row->type, row->server_token }, row->payload);
  return true;
}

static bool
take_status (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known,
             const char *channel_id, GError **error)
{
  g_autofree char *report = NULL;
  g_auto (GStrv) names = door_declarations_list_names (txn, known->team, error);
  g_autoptr (DoorDeclarationStatus) before = NULL;
  DoorDeclarationStatus status = {
    .channel_id = (char *) channel_id,
    .enrollment_id = known->enrollment_id,
    .reported_at = checkin->now_ms,
  };

  if (names == NULL || !door_declaration_store_lookup_status (txn, channel_id, &before, error))
    return false;
  status.report = report = door_declaration_status_merge (before != NULL ? before->report : "",
                                                          door_checkin_message_get_status (checkin->message),
                                                          (const char *const *) names, checkin->now_ms);
  return door_declaration_store_save_status (txn, &status, error);
}

/**
 * door_checkin_declarative_management:
 * @txn: a transaction of the writer
 * @checkin: a DeclarativeManagement
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Answers what a device asks about the declarations of its team, and keeps what it reports about them (Apple,
 * DeclarativeManagement).
 *
 * Returns: false with an error, %DOOR_FAULT_DEV_DECLARATION for a declaration that is not there
 */
bool
door_checkin_declarative_management (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                     GError **error)
{
  DoorCheckinEndpoint endpoint = door_checkin_message_get_endpoint (checkin->message);
  g_autofree char *channel_id = NULL;

  if (!door_checkin_confirm_active (txn, checkin, known, error) ||
      !door_channel_find (txn, known, door_checkin_message_get_user_key (checkin->message), &channel_id,
                          error))
    return false;
  switch (endpoint)
    {
    case DOOR_CHECKIN_ENDPOINT_TOKENS:
    case DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS:
      return door_declarations_build_answer (
          txn, known->team, endpoint == DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS, &checkin->answer, error);
    case DOOR_CHECKIN_ENDPOINT_DECLARATION:
      return answer_declaration (txn, checkin, known->team, error);
    case DOOR_CHECKIN_ENDPOINT_STATUS:
      return take_status (txn, checkin, known, channel_id, error);
    }
  g_return_val_if_reached (false);
}
