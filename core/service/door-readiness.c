/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-readiness.h"

#include "door-connection.h"
#include "door-schema.h"

struct _DoorReadiness
{
  DoorPins contexts;
  DoorSchema *schema;
};

static void
part_free (gpointer data)
{
  DoorReadinessPart *part = data;

  g_free (part->name);
  g_free (part->problem);
  g_free (part);
}

static void
add_part (GPtrArray *parts, char *name, const GError *problem, bool is_needed)
{
  DoorReadinessPart *part = g_new0 (DoorReadinessPart, 1);

  part->name = name;
  part->problem = problem != NULL ? g_strdup (problem->message) : NULL;
  part->is_needed = is_needed;
  g_ptr_array_add (parts, part);
}

/**
 * door_readiness_new:
 * @contexts: give the #DoorContext in force; their owner must outlive the result
 * @error: return location for an error
 *
 * Returns: (transfer full): what can tell whether the server can do its work, or %NULL with
 *   %DOOR_ERROR_FAILED
 */
DoorReadiness *
door_readiness_new (const DoorPins *contexts, GError **error)
{
  DoorSchema *schema = door_schema_new (error);
  DoorReadiness *self;

  if (schema == NULL)
    return NULL;
  self = g_new0 (DoorReadiness, 1);
  self->contexts = *contexts;
  self->schema = schema;
  return self;
}

/**
 * door_readiness_free:
 * @self: (transfer full): it
 */
void
door_readiness_free (DoorReadiness *self)
{
  door_schema_free (self->schema);
  g_free (self);
}

/**
 * door_readiness_list:
 * @self: it
 *
 * Looks at everything the server depends on. Without the database nothing works; without the metadata of a
 * provider the people of that provider cannot sign in, while devices check in and the others sign in. Blocks
 * on the database.
 *
 * Returns: (transfer full) (element-type DoorReadinessPart): the parts
 */
GPtrArray *
door_readiness_list (const DoorReadiness *self)
{
  gpointer pinned = self->contexts.pin (self->contexts.owner);
  const DoorContext *context = pinned;
  GPtrArray *parts = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (GError) database = NULL;

  if (door_schema_check (context->storage, self->schema, &database))
    door_writer_check (context->writer, &database);
  add_part (parts, g_strdup ("database"), database, true);
  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);
      g_autoptr (GError) problem = NULL;
      g_autoptr (DoorSamlMetadata) metadata =
          door_connection_dup_valid_metadata (connection, door_clock_now_ms (context->clock), &problem);

      add_part (parts, g_strconcat ("idp/", door_connection_get_name (connection), NULL), problem, false);
    }
  self->contexts.unpin (pinned);
  return parts;
}
