/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-status.h"

#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-text.h"

/* A report of Apple's has seven levels. */
#define MAX_DEPTH 16

static JsonObject *
lookup_object (JsonObject *object, const char *name)
{
  JsonObject *member = NULL;

  /* what is of another kind is as good as not there: devices of tomorrow may say more than this one knows */
  return object != NULL && door_json_member_read_object (object, name, &member, NULL) ? member : NULL;
}

static JsonArray *
lookup_array (JsonObject *object, const char *name)
{
  JsonArray *member = NULL;

  return door_json_member_read_array (object, name, &member, NULL) ? member : NULL; /* the same */
}

static const char *
lookup_text (JsonObject *object, const char *name)
{
  const char *member = NULL;

  return door_json_member_read_string (object, name, &member, NULL) ? member : NULL; /* the same */
}

static JsonObject *
get_object (JsonArray *array, unsigned int i)
{
  JsonNode *node = json_array_get_element (array, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* They are printed at a terminal: one line of what can be seen. */
static void
set_line (JsonObject *object, const char *name, const char *text, size_t max_bytes)
{
  g_autofree char *line = text != NULL ? door_text_dup_line (text, max_bytes) : NULL;

  door_json_member_set_text (object, name, line);
}

static JsonArray *
keep_reasons (JsonObject *entry)
{
  JsonArray *reasons = lookup_array (entry, "reasons");
  JsonArray *kept = json_array_new ();

  for (guint i = 0;
       reasons != NULL && i < MIN (json_array_get_length (reasons), DOOR_DECLARATION_STATUS_MAX_REASONS); i++)
    {
      JsonObject *reason = get_object (reasons, i);
      JsonObject *shown;

      if (reason == NULL)
        continue;
      shown = json_object_new ();
      set_line (shown, "code", lookup_text (reason, "code"), DOOR_DECLARATION_STATUS_MAX_WORD);
      set_line (shown, "description", lookup_text (reason, "description"), DOOR_DECLARATION_STATUS_MAX_TEXT);
      json_array_add_object_element (kept, shown);
    }
  return kept;
}

static JsonObject *
keep_entry (JsonObject *entry, const char *identifier, int64_t now_ms)
{
  JsonObject *kept = json_object_new ();
  bool active = false;

  door_json_member_read_boolean (entry, "active", &active, NULL); /* as lookup_object() */
  json_object_set_string_member (kept, "identifier", identifier);
  json_object_set_boolean_member (kept, "active", active);
  set_line (kept, "valid", lookup_text (entry, "valid"), DOOR_DECLARATION_STATUS_MAX_WORD);
  set_line (kept, "server_token", lookup_text (entry, "server-token"), DOOR_DECLARATION_STATUS_MAX_WORD);
  json_object_set_array_member (kept, "reasons", keep_reasons (entry));
  door_json_member_set_time (kept, "reported_at", now_ms);
  return kept;
}

/* What was kept, by identifier. */
static GHashTable *
index_kept (const char *kept)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (kept, strlen (kept));
  g_autoptr (JsonNode) node =
      *kept != '\0' ? door_json_parse (bytes, MAX_DEPTH, NULL) : NULL; /* built here */
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  GHashTable *index =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *entry = get_object (array, i);
      const char *identifier = entry != NULL ? lookup_text (entry, "identifier") : NULL;

      if (identifier != NULL)
        g_hash_table_replace (index, g_strdup (identifier), json_object_ref (entry));
    }
  return index;
}

/* Of what the team has, and of nothing else, however much a device says. */
static JsonArray *
list_index (GHashTable *index, const char *const *known)
{
  JsonArray *array = json_array_new ();

  for (const char *const *identifier = known; *identifier != NULL; identifier++)
    {
      JsonObject *entry = g_hash_table_lookup (index, *identifier);

      if (entry != NULL && json_array_get_length (array) < DOOR_DECLARATION_STATUS_MAX)
        json_array_add_object_element (array, json_object_ref (entry));
    }
  return array;
}

/* Borrows what it is made of. */
static GHashTable *
index_names (const char *const *known)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);

  for (const char *const *name = known; *name != NULL; name++)
    g_hash_table_add (names, (gpointer) *name);
  return names;
}

/* An identifier counts once: a repeat is of no use, and there may be thousands. */
static void
take_entries (GHashTable *index, JsonArray *entries, GHashTable *names, int64_t now_ms)
{
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = get_object (entries, i);
      const char *identifier = entry != NULL ? lookup_text (entry, "identifier") : NULL;

      if (identifier != NULL && g_hash_table_remove (names, identifier))
        g_hash_table_replace (index, g_strdup (identifier), keep_entry (entry, identifier, now_ms));
    }
}

/**
 * door_declaration_status_parse:
 * @report: a status report of a device
 * @error: return location for an error
 *
 * Pure; never blocks.
 *
 * Returns: (transfer full): an object, or %NULL with %DOOR_ERROR_INVALID_DATA and %DOOR_FAULT_DEV_MESSAGE, in
 *   words that say nothing of what it says
 */
JsonNode *
door_declaration_status_parse (GBytes *report, GError **error)
{
  g_autoptr (JsonNode) node = door_json_parse (report, MAX_DEPTH, NULL); /* it may quote what is personal */

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return g_steal_pointer (&node);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE,
                  "the status report is not a JSON object");
  return NULL;
}

/**
 * door_declaration_status_merge:
 * @before: what was kept of the channel, "" for nothing
 * @report: as door_declaration_status_parse() gave it
 * @known: (array zero-terminated=1): the identifiers of its team's declarations
 * @now_ms: milliseconds since 1970, UTC
 *
 * Reads what a device says of its declarations (Apple, StatusReport: `management.declarations`). A report
 * says what has changed, so the rest stays as it was. Nothing else of it is kept, it may say who uses the
 * device; and nothing of declarations that the team does not have. Pure.
 *
 * Returns: (transfer full): what is kept now, JSON
 */
char *
door_declaration_status_merge (const char *before, JsonNode *report, const char *const *known, int64_t now_ms)
{
  static const char *const kinds[] = { "activations", "assets", "configurations", "management" };
  g_autoptr (GHashTable) index = index_kept (before), names = index_names (known);
  g_autoptr (GBytes) json = NULL;
  g_autoptr (JsonNode) list = json_node_new (JSON_NODE_ARRAY);
  JsonObject *said = lookup_object (json_node_get_object (report), "StatusItems");

  said = lookup_object (lookup_object (said, "management"), "declarations");
  for (size_t i = 0; said != NULL && i < G_N_ELEMENTS (kinds); i++)
    take_entries (index, lookup_array (said, kinds[i]), names, now_ms);
  json_node_take_array (list, list_index (index, known));
  json = door_json_build (list);
  return g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

/**
 * door_declaration_status_view:
 * @kept: as door_declaration_status_merge() gave it
 * @known: (array zero-terminated=1): the identifiers of the team's declarations now
 *
 * Shows what a device has said of its declarations. Pure.
 *
 * Returns: (transfer full): objects with `identifier`, `active`, `valid`, `server_token`, `reasons` and
 *   `reported_at`
 */
JsonArray *
door_declaration_status_view (const char *kept, const char *const *known)
{
  g_autoptr (GHashTable) index = index_kept (kept);

  return list_index (index, known);
}
