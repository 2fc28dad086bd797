/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-database.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-eula-json.h"

/* One version of a document: one that is in force, or was. */
typedef struct
{
  const char *name;
  const char *version;
  const DoorEulaDocument *document; /* (nullable): not in force */
  int64_t people;
} Version;

static const DoorEulaCount *
find_count (const GPtrArray *counts, const DoorEulaDocument *document)
{
  for (guint i = 0; i < counts->len; i++)
    {
      const DoorEulaCount *count = g_ptr_array_index (counts, i);

      if (g_str_equal (count->document, document->name) && g_str_equal (count->version, document->version))
        return count;
    }
  return NULL;
}

/* Those of the configuration first, then what was agreed to before. */
static GArray *
list_versions (const GPtrArray *documents, const GPtrArray *counts)
{
  GArray *versions = g_array_new (FALSE, FALSE, sizeof (Version));

  for (guint i = 0; i < documents->len; i++)
    {
      const DoorEulaDocument *document = g_ptr_array_index (documents, i);
      const DoorEulaCount *count = find_count (counts, document);
      const Version version = { document->name, document->version, document,
                                count != NULL ? count->people : 0 };

      g_array_append_val (versions, version);
    }
  for (guint i = 0; i < counts->len; i++)
    {
      const DoorEulaCount *count = g_ptr_array_index (counts, i);
      const DoorEulaDocument *document = door_eula_documents_lookup (documents, count->document);
      const Version version = { count->document, count->version, NULL, count->people };

      if (document == NULL || !g_str_equal (document->version, count->version))
        g_array_append_val (versions, version);
    }
  return versions;
}

static JsonArray *
build_texts (const DoorEulaDocument *document)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; document != NULL && i < document->texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (document->texts, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "language", text->language);
      json_object_set_string_member (object, "type", text->is_html ? "html" : "pdf");
      json_object_set_string_member (object, "sha256", text->sha256);
      json_array_add_object_element (array, object);
    }
  return array;
}

static void
print_version (const Version *self)
{
  const GPtrArray *texts = self->document != NULL ? self->document->texts : NULL;

  g_print ("%-24s %-14s %8" G_GINT64_FORMAT "  %s\n", self->name, self->version, self->people,
           texts != NULL ? "in force" : "former");
  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (texts, i);

      g_print ("  %-6s %-5s sha256 %s\n", *text->language != '\0' ? text->language : "-",
               text->is_html ? "HTML" : "PDF", text->sha256);
    }
}

static JsonNode *
show_versions (const GArray *versions, bool json)
{
  JsonObject *result = json_object_new ();
  JsonArray *array = json_array_new ();

  if (!json)
    g_print ("%-24s %-14s %8s\n", "DOCUMENT", "VERSION", "AGREED");
  for (guint i = 0; i < versions->len; i++)
    {
      const Version *version = &g_array_index (versions, Version, i);
      JsonObject *object = json_object_new ();

      if (!json)
        print_version (version);
      json_object_set_string_member (object, "document", version->name);
      json_object_set_string_member (object, "version", version->version);
      json_object_set_boolean_member (object, "in_force", version->document != NULL);
      json_object_set_int_member (object, "people", version->people);
      json_object_set_array_member (object, "texts", build_texts (version->document));
      json_array_add_object_element (array, object);
    }
  door_ctl_output_print_none (json, versions->len, "[eula/NAME] in the configuration makes one");
  json_object_set_array_member (result, "documents", array);
  return door_ctl_output_take_object (result);
}

/**
 * door_ctl_eula_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl eula list`: the documents of the configuration, read as the server would read them now, and how
 * many have agreed to each of their versions. Blocks for files and the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_eula_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (GPtrArray) documents = NULL, counts = NULL;
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) versions = NULL;

  counts = database != NULL ? door_eula_store_list_counts (database->txn, error) : NULL;
  if (counts == NULL)
    return DOOR_CTL_ERROR;
  documents = door_setup_load_eulas (door_setup_get_config (database->setup), failures);
  if (failures->len > 0)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s",
                      (const char *) g_ptr_array_index (failures, 0));
      return DOOR_CTL_ERROR;
    }
  versions = list_versions (documents, counts);
  context->result = show_versions (versions, context->json);
  return DOOR_CTL_OK;
}

static void
print_acceptance (gconstpointer data)
{
  const DoorEulaAcceptance *row = data;
  g_autofree char *at = door_ctl_output_dup_time (row->accepted_at);

  g_print ("%-20s %-14s %-6s %-32s %-36s %-12s %-16s %.16s…\n", at, row->version,
           door_ctl_output_or_dash (row->language), door_ctl_output_or_dash (row->email),
           door_ctl_output_or_dash (row->device_id), door_ctl_output_or_dash (row->serial), row->address,
           row->sha256);
}

static void
print_head (void)
{
  g_print ("%-20s %-14s %-6s %-32s %-36s %-12s %-16s %s\n", "AGREED", "VERSION", "LANG", "PERSON", "DEVICE",
           "SERIAL", "ADDRESS", "SHA256");
}

static JsonObject *
build_object (gconstpointer row)
{
  return door_eula_json_build (row);
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorEulaAcceptance *) row)->id;
}

static GPtrArray *
list_of (DoorTxn *txn, const char *document, const char *after, int64_t limit, GError **error)
{
  g_autoptr (DoorEulaAcceptance) last = NULL;
  DoorEulaPage page = { .document = document, .limit = limit };

  if (after != NULL && !door_eula_store_lookup (txn, after, &last, error))
    return NULL;
  if (after != NULL && last == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "there is no acceptance %s", after);
      return NULL;
    }
  page.last = last;
  return door_eula_store_list_before (txn, &page, error);
}

/* A document of the configuration, or one that somebody has agreed to. */
static bool
is_known (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autofree char *group = g_strconcat ("eula/", context->words[0], NULL);
  g_auto (GStrv) groups = NULL;
  g_autoptr (GPtrArray) counts = database != NULL ? door_eula_store_list_counts (database->txn, error) : NULL;

  if (counts == NULL)
    return false;
  groups = door_config_list_groups (door_setup_get_config (database->setup));
  if (g_strv_contains ((const char *const *) groups, group))
    return true;
  for (guint i = 0; i < counts->len; i++)
    if (g_str_equal (((const DoorEulaCount *) g_ptr_array_index (counts, i))->document, context->words[0]))
      return true;
  return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                         "there is no [eula/%s], and nobody has agreed to one; doorctl eula list shows what "
                         "there is",
                         context->words[0]);
}

/**
 * door_ctl_eula_acceptances:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl eula acceptances NAME`: one page of those who have agreed to a document, the latest first. Blocks
 * for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown document or `--after`, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_eula_acceptances (DoorCtlContext *context, GError **error)
{
  const DoorCtlList list = {
    .member = "eula_acceptances",
    .none = "nobody has agreed to it yet",
    .of = context->words[0],
    .list_of = list_of,
    .print_head = print_head,
    .print = print_acceptance,
    .build_object = build_object,
    .get_name = get_name,
  };

  return is_known (context, error) ? door_ctl_list_run (context, &list, error) : door_ctl_status_of (*error);
}
