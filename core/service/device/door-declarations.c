/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declarations.h"

#include "door-command-queue.h"
#include "door-command-store.h"
#include "door-command.h"
#include "door-error.h"
#include "door-log.h"
#include "door-push.h"

/* Devices that are told in one write: nobody else's waits long for it. */
#define PIECE_ENROLLMENTS 100
/* in one run, so that nobody who shares its thread waits long either */
#define MAX_PIECES 10

#define REQUEST_TYPE "DeclarativeManagement"

static bool
refuse (GError **error, const char *reason, const char *identifier)
{
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_DECL_CONFLICT, "%s%.200s", reason,
                         identifier);
}

static GPtrArray *
list_set (DoorTxn *txn, const char *team, GError **error)
{
  return door_declaration_store_list_outlines (txn, team, DOOR_DECLARATION_MAX_SET, error);
}

/* Lives as long as @rows. */
static GArray *
get_items (const GPtrArray *rows)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (DoorDeclarationItem));

  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredDeclaration *row = g_ptr_array_index (rows, i);
      const DoorDeclarationItem item = { row->identifier, row->type, row->server_token };

      g_array_append_val (items, item);
    }
  return items;
}

static const DoorStoredDeclaration *
find (const GPtrArray *rows, const char *identifier)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((const DoorStoredDeclaration *) g_ptr_array_index (rows, i))->identifier, identifier))
      return g_ptr_array_index (rows, i);
  return NULL;
}

/* An activation of what is not there would fail on each device, and nobody would see why. */
static bool
check_references (const GPtrArray *rows, const DoorDeclaration *declaration, GError **error)
{
  for (char **name = declaration->configurations; *name != NULL; name++)
    {
      const DoorStoredDeclaration *row = find (rows, *name);
      DoorDeclarationKind kind;

      if (row == NULL || !door_declaration_kind_from_type (row->type, &kind) ||
          kind != DOOR_DECLARATION_CONFIGURATION)
        return refuse (error, "the team has no configuration of the Identifier ", *name);
    }
  return true;
}

static bool
check_unneeded (const GPtrArray *rows, const char *identifier, GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredDeclaration *row = g_ptr_array_index (rows, i);

      if (door_declaration_names_configuration (row->type, row->payload, identifier))
        return refuse (error, "it is needed by the activation ", row->identifier);
    }
  return true;
}

/* The set has changed: what is it known by now? */
static bool
settle (DoorTxn *txn, const char *team, GError **error)
{
  g_autoptr (GPtrArray) rows = list_set (txn, team, error);
  g_autoptr (GArray) items = rows != NULL ? get_items (rows) : NULL;
  g_autofree char *token = items != NULL ? door_declaration_digest (items) : NULL;

  return token != NULL && door_declaration_store_set_token (txn, team, token, error);
}

static bool
check_place (const GPtrArray *rows, const DoorDeclaration *declaration, GError **error)
{
  const DoorStoredDeclaration *before = find (rows, declaration->identifier);

  if (before != NULL && !g_str_equal (before->type, declaration->type))
    return refuse (error, "remove it first; this Identifier is of the Type ", before->type);
  if (before == NULL && rows->len >= DOOR_DECLARATION_MAX_SET)
    return refuse (error, "a team has at most " G_STRINGIFY (DOOR_DECLARATION_MAX_SET) " declarations", "");
  return check_references (rows, declaration, error);
}

/**
 * door_declarations_save:
 * @txn: a transaction of the writer
 * @change: whose declarations change, and when
 * @declaration: the declaration
 * @changed: (out): whether it is another one than before; if so, devices are told
 * @error: return location for an error
 *
 * Adds a declaration to those of a team, or changes it. A declaration keeps its type, and what an activation
 * names must be there.
 *
 * Returns: false with an error, %DOOR_FAULT_DECL_CONFLICT when it does not fit to the others
 */
bool
door_declarations_save (DoorTxn *txn, const DoorDeclarationChange *change, const DoorDeclaration *declaration,
                        bool *changed, GError **error)
{
  const DoorStoredDeclaration row = {
    .team = (char *) change->team,
    .identifier = declaration->identifier,
    .type = declaration->type,
    .payload = declaration->payload,
    .server_token = declaration->server_token,
    .updated_at = change->now_ms,
  };
  g_autoptr (DoorStoredDeclaration) before = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!door_declaration_store_lookup (txn, change->team, declaration->identifier, &before, error))
    return false;
  *changed = before == NULL || !g_str_equal (before->server_token, declaration->server_token);
  if (!*changed)
    return true;
  if (!door_declaration_store_begin_wave (txn, change->team, change->now_ms, error))
    return false;
  rows = list_set (txn, change->team, error);
  return rows != NULL && check_place (rows, declaration, error) &&
         door_declaration_store_save (txn, &row, error) && settle (txn, change->team, error);
}

/**
 * door_declarations_remove:
 * @txn: a transaction of the writer
 * @change: whose declarations change, and when
 * @identifier: which one
 * @error: return location for an error
 *
 * Takes a declaration from those of a team.
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND, or %DOOR_FAULT_DECL_CONFLICT when an activation needs
 * it
 */
bool
door_declarations_remove (DoorTxn *txn, const DoorDeclarationChange *change, const char *identifier,
                          GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  bool removed = false;

  if (!door_declaration_store_begin_wave (txn, change->team, change->now_ms, error))
    return false;
  rows = door_declaration_store_list (txn, change->team, "", DOOR_DECLARATION_MAX_SET, error);
  if (rows == NULL || !check_unneeded (rows, identifier, error) ||
      !door_declaration_store_remove (txn, change->team, identifier, &removed, error))
    return false;
  if (!removed)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                           "there is no declaration %.200s", identifier);
  return settle (txn, change->team, error);
}

/* What no declarations are known by. */
static char *
dup_empty_token (void)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (DoorDeclarationItem));

  return door_declaration_digest (none);
}

/**
 * door_declarations_check_team:
 * @policy: the teams
 * @team: a team, "" for devices of none
 * @error: return location for an error
 *
 * Pure.
 *
 * Returns: false with %DOOR_FAULT_TEAM_UNKNOWN when there is no such team
 */
bool
door_declarations_check_team (const DoorPolicy *policy, const char *team, GError **error)
{
  if (door_policy_lookup_team (policy, team) != NULL)
    return true;
  door_policy_refuse_team (team, error);
  return false;
}

/**
 * door_declarations_log:
 * @team: whose declarations have changed, "" for devices of none
 * @identifier: which one
 * @outcome: "stored" or "removed"
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs a change of declarations, once it is stored.
 */
void
door_declarations_log (const char *team, const char *identifier, const char *outcome, const char *by)
{
  door_log_event (G_LOG_LEVEL_MESSAGE, "declaration", "declaration", "DOORWARD_OUTCOME", outcome,
                  "DOORWARD_DECLARATION", identifier, "DOORWARD_TEAM", team, "DOORWARD_BY", by, NULL);
}

/**
 * door_declarations_list_names:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @error: return location for an error
 *
 * Returns: (transfer full) (array zero-terminated=1): the identifiers of its declarations, or %NULL with an
 *   error
 */
GStrv
door_declarations_list_names (DoorTxn *txn, const char *team, GError **error)
{
  g_autoptr (GPtrArray) rows = list_set (txn, team, error);
  GStrv names = rows != NULL ? g_new0 (char *, rows->len + 1) : NULL;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    names[i] = g_strdup (((const DoorStoredDeclaration *) g_ptr_array_index (rows, i))->identifier);
  return names;
}

/**
 * door_declarations_build_answer:
 * @txn: a transaction
 * @team: a team, "" for devices of none
 * @items: whether the list is asked for, else what it is known by
 * @out: (out) (transfer full): JSON
 * @error: return location for an error
 *
 * Builds what a device gets at `declaration-items` or `tokens`. What the set is known by was found when it
 * changed. A team without declarations has an empty set.
 *
 * Returns: false with an error
 */
bool
door_declarations_build_answer (DoorTxn *txn, const char *team, bool items, GBytes **out, GError **error)
{
  g_autoptr (DoorDeclarationSet) set = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GArray) list = NULL;
  g_autofree char *token = NULL;

  if (!door_declaration_store_lookup_set (txn, team, &set, error))
    return false;
  token = set != NULL ? g_strdup (set->token) : dup_empty_token ();
  if (!items)
    {
      *out = door_declaration_build_tokens (token, set != NULL ? set->changed_at : 0);
      return true;
    }
  rows = list_set (txn, team, error);
  if (rows == NULL)
    return false;
  list = get_items (rows);
  *out = door_declaration_build_items (list, token);
  return true;
}

static bool
queue (DoorTxn *txn, const DoorContext *context, const char *enrollment_id, int64_t now_ms, GError **error)
{
  g_autofree char *uuid = door_random_dup_uuid (context->random);
  g_autoptr (GVariant) message = door_command_new (REQUEST_TYPE, NULL);
  g_autoptr (GBytes) bytes = door_command_build (uuid, message, error);
  const DoorNewCommand command = {
    .channel_id = enrollment_id,
    .enrollment_id = enrollment_id,
    .uuid = uuid,
    .request_type = REQUEST_TYPE,
    .message = bytes,
    .source = "declarations",
    .now_ms = now_ms,
  };

  return bytes != NULL && door_command_queue_add (txn, &command, error);
}

/**
 * door_declarations_announce:
 * @txn: a transaction of the writer
 * @context: what every service needs
 * @team: a team, "" for devices of none
 * @enrollment_id: an enrollment of it that has just become active
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Tells a new device that there are declarations for it, if there are.
 *
 * Returns: false with an error
 */
bool
door_declarations_announce (DoorTxn *txn, const DoorContext *context, const char *team,
                            const char *enrollment_id, int64_t now_ms, GError **error)
{
  g_autoptr (GPtrArray) rows = door_declaration_store_list (txn, team, "", 1, error);

  return rows != NULL && (rows->len == 0 || queue (txn, context, enrollment_id, now_ms, error));
}

typedef struct
{
  const DoorContext *context;
  int64_t now_ms;
  bool any; /* (out): there may be more */
} Wave;

/* Who is told already asks for the set when it gets there; to be told twice is of no use. */
static bool
tell (DoorTxn *txn, const Wave *wave, const GPtrArray *targets, GError **error)
{
  for (guint i = 0; i < targets->len; i++)
    {
      const DoorDeclarationTarget *target = g_ptr_array_index (targets, i);

      if (!target->is_told && !queue (txn, wave->context, target->enrollment_id, wave->now_ms, error))
        return false;
    }
  return true;
}

/* How far it came is written first: of two instances that do the same piece, the second finds it done. */
static gboolean
write_piece (DoorTxn *txn, gpointer data, GError **error)
{
  Wave *wave = data;
  g_autoptr (DoorDeclarationSet) set = NULL;
  g_autoptr (GPtrArray) targets = NULL;
  const DoorDeclarationTarget *last = NULL;
  bool mine = false;

  wave->any = false;
  if (!door_declaration_store_lookup_open_wave (txn, &set, error))
    return FALSE;
  if (set == NULL)
    return TRUE;
  targets = door_declaration_store_list_targets (txn, set->team, set->wave_after, PIECE_ENROLLMENTS, error);
  if (targets == NULL)
    return FALSE;
  if (targets->len > 0)
    last = g_ptr_array_index (targets, targets->len - 1);
  if (!door_declaration_store_move_wave (txn, set, last != NULL ? last->enrollment_id : NULL, &mine, error))
    return FALSE;
  wave->any = true;
  return !mine || tell (txn, wave, targets, error);
}

static bool
has_work (const DoorContext *context, bool *out, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  g_autoptr (DoorDeclarationSet) set = NULL;

  if (txn == NULL || !door_declaration_store_lookup_open_wave (txn, &set, error))
    return false;
  *out = set != NULL;
  return true;
}

/**
 * door_declarations_run:
 * @context: what every service needs
 * @more: (out): whether there may be more to do at once
 * @error: return location for an error
 *
 * Tells devices that the declarations of their team have changed, some pieces of them. Instances on one
 * database share the work. Blocks for the commits.
 *
 * Returns: false with an error
 */
bool
door_declarations_run (const DoorContext *context, bool *more, GError **error)
{
  Wave wave = { .context = context, .now_ms = door_clock_now_ms (context->clock) };

  *more = false;
  if (!has_work (context, &wave.any, error))
    return false;
  for (int pieces = 0; wave.any && pieces < MAX_PIECES; pieces++)
    {
      if (!door_writer_run (context->writer, write_piece, &wave, NULL, error))
        return false;
      door_push_wake (context);
    }
  *more = wave.any;
  return true;
}
