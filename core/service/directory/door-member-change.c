/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of a group are never read to be changed: whom a change names comes in or goes, and the cost is that
 * of the change, whatever the size of the group. */
#include "door-member-change.h"

#include "door-error.h"

#define MAX_TOLD 20

typedef bool (*MemberFunc) (DoorTxn *txn, const DoorMemberChange *change, bool *changed, GError **error);

/* A change, and what it is made with. */
typedef struct
{
  DoorTxn *txn;
  const DoorScimReader *reader;
  const DoorMemberChange *change;
  bool *changed;
} Work;

static bool
tell_unknown (const Work *work, GError **error)
{
  g_autoptr (GPtrArray) unknown =
      door_directory_member_store_list_unknown (work->txn, work->change, MAX_TOLD, error);

  for (guint i = 0; unknown != NULL && i < unknown->len; i++)
    door_scim_reader_warn (work->reader, ((DoorDirectoryMember *) unknown->pdata[i])->id,
                           "is nobody that this directory has, and was left out of the members");
  return unknown != NULL;
}

/* Does with those that are named what one function says, and then what the next says. */
static bool
run (const Work *work, const char *const *ids, const MemberFunc functions[2], GError **error)
{
  if (!door_directory_member_store_name (work->txn, work->change, ids, error))
    return false;
  for (size_t i = 0; i < 2 && functions[i] != NULL; i++)
    {
      bool more = false;

      if (!functions[i](work->txn, work->change, &more, error))
        return false;
      *work->changed = *work->changed || more;
    }
  return tell_unknown (work, error) && door_directory_member_store_forget (work->txn, work->change, error);
}

static bool
run_values (const Work *work, JsonArray *members, const MemberFunc functions[2], GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      const char *id = json_object_get_string_member_with_default (json_array_get_object_element (members, i),
                                                                   "value", "");

      if (*id != '\0')
        g_ptr_array_add (ids, g_strdup (id));
    }
  g_ptr_array_add (ids, NULL);
  return run (work, (const char *const *) ids->pdata, functions, error);
}

/**
 * door_member_change_set:
 * @txn: a transaction
 * @reader: takes warnings of who is not known
 * @change: a change
 * @members: (nullable): all that shall be in the group, as door_scim_resource_read() makes them
 * @changed: (inout): becomes true where anybody comes or goes
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_member_change_set (DoorTxn *txn, const DoorScimReader *reader, const DoorMemberChange *change,
                        JsonArray *members, bool *changed, GError **error)
{
  static const MemberFunc set[2] = { door_directory_member_store_keep, door_directory_member_store_add };

  const Work work = { txn, reader, change, changed };

  return run_values (&work, members, set, error);
}

/* The usual: `value eq "ID"`, or some of these joined by `or`. */
static bool
collect_equal (const DoorScimFilter *filter, GPtrArray *ids)
{
  if (filter->kind == DOOR_SCIM_FILTER_OR)
    {
      for (guint i = 0; i < filter->children->len; i++)
        if (!collect_equal (g_ptr_array_index (filter->children, i), ids))
          return false;
      return true;
    }
  if (filter->kind != DOOR_SCIM_FILTER_COMPARE || filter->op != DOOR_SCIM_EQ ||
      filter->literal != DOOR_SCIM_LITERAL_TEXT || !g_str_equal (filter->path.sub->name, "value"))
    return false;
  g_ptr_array_add (ids, g_strdup (filter->text));
  return true;
}

static bool
collect_matching (const Work *work, const DoorScimFilter *filter, GPtrArray *ids, GError **error)
{
  g_autoptr (GPtrArray) members =
      door_directory_member_store_list (work->txn, work->change->group->id, error);

  for (guint i = 0; members != NULL && i < members->len; i++)
    {
      const DoorDirectoryMember *member = g_ptr_array_index (members, i);
      g_autoptr (JsonObject) object = json_object_new ();

      json_object_set_string_member (object, "value", member->id);
      json_object_set_string_member (object, "type", member->kind);
      json_object_set_string_member (object, "display", member->name);
      if (door_scim_filter_matches (filter, object))
        g_ptr_array_add (ids, g_strdup (member->id));
    }
  return members != NULL;
}

static bool
remove_matching (const Work *work, const DoorScimFilter *filter, GError **error)
{
  static const MemberFunc remove[2] = { door_directory_member_store_remove };
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  if (!collect_equal (filter, ids))
    {
      g_ptr_array_set_size (ids, 0);
      if (!collect_matching (work, filter, ids, error))
        return false;
    }
  g_ptr_array_add (ids, NULL);
  return run (work, (const char *const *) ids->pdata, remove, error);
}

/**
 * door_member_change_apply:
 * @txn: a transaction
 * @reader: how values are read
 * @change: a change
 * @op: one change of door_scim_patch_parse(), of `members`
 * @changed: (inout): becomes true where anybody comes or goes
 * @error: return location for an error
 *
 * Applies a change of members. What removes a list of values removes these: senders mean that, where the
 * letter of RFC 7644 section 3.5.2.2 would empty the group.
 *
 * Returns: false with an error: %DOOR_FAULT_SCIM_MUTABILITY for a part of a member, which is never changed,
 * %DOOR_FAULT_SCIM_VALUE for what names nobody, or one of the store
 */
bool
door_member_change_apply (DoorTxn *txn, const DoorScimReader *reader, const DoorMemberChange *change,
                          const DoorScimPatchOp *op, bool *changed, GError **error)
{
  static const MemberFunc ways[][2] = {
    [DOOR_SCIM_ADD] = { door_directory_member_store_add },
    [DOOR_SCIM_REPLACE] = { door_directory_member_store_keep, door_directory_member_store_add },
    [DOOR_SCIM_REMOVE] = { door_directory_member_store_remove },
  };
  static const MemberFunc nobody[2] = { door_directory_member_store_keep };
  const Work work = { txn, reader, change, changed };
  g_autoptr (JsonNode) value = NULL;

  if (op->path.sub != NULL || (op->items != NULL && op->kind != DOOR_SCIM_REMOVE))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_MUTABILITY,
                           "members: one is added or removed, and never changed");
  if (op->items != NULL)
    return remove_matching (&work, op->items, error);
  if (op->kind == DOOR_SCIM_REMOVE && (op->value == NULL || JSON_NODE_HOLDS_NULL (op->value)))
    return run_values (&work, NULL, nobody, error);
  if (!door_scim_value_read (reader, op->path.attribute, op->value, &value, error))
    return false;
  return run_values (&work, value != NULL ? json_node_get_array (value) : NULL, ways[op->kind], error);
}
