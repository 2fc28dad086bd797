/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-query.h"

#include "door-directory-row.h"
#include "door-error.h"
#include "door-scim-key.h"
#include "door-scim-where.h"

#define COLUMNS                                                                                              \
  "r.id AS id, r.directory AS directory, r.kind AS kind, r.name AS name, r.name_key AS name_key, "           \
  "r.person_id AS person_id, "                                                                               \
  "r.attributes AS attributes, r.version AS version, r.created_at AS created_at, r.updated_at AS updated_at"

static GVariant *
take_params (DoorScimSql *self)
{
  GVariant *params = g_variant_builder_end (&self->params);

  g_variant_builder_init (&self->params, G_VARIANT_TYPE_VARDICT);
  return params;
}

static bool
check_problem (DoorScimSql *self, GError **error)
{
  return self->problem == NULL || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_FILTER,
                                                  "nothing is found by %s", self->problem);
}

/* What must be looked at one by one has a bound, else it would be a way to keep the database busy. */
static bool
check_cost (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search, GError **error)
{
  int64_t total = 0;

  if (search->filter == NULL || door_scim_sql_is_narrow (search->filter))
    return true;
  if (!door_directory_store_get_total (txn, scope->directory, scope->type->name, &total, error))
    return false;
  return total <= DOOR_SCIM_MAX_SCAN ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_TOOMANY,
                         "the filter would look at %" G_GINT64_FORMAT " resources one by one", total);
}

/**
 * door_scim_query_count:
 * @txn: a transaction
 * @scope: where it is looked
 * @search: what for
 * @total: (out): how many there are
 * @error: return location for an error
 *
 * Counts what a search finds. Without a filter nothing is counted: the number is on record.
 *
 * Returns: false with an error: %DOOR_FAULT_SCIM_FILTER for what nothing is found by,
 * %DOOR_FAULT_SCIM_TOOMANY for a filter that would look at more than %DOOR_SCIM_MAX_SCAN resources
 */
bool
door_scim_query_count (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search, int64_t *total,
                       GError **error)
{
  g_auto (DoorScimSql) query = { 0 };

  door_scim_sql_init (&query, scope);
  if (search->filter == NULL)
    return door_directory_store_get_total (txn, scope->directory, scope->type->name, total, error);
  door_scim_sql_put (&query, "SELECT COUNT(*) AS total FROM directory_resource r");
  door_scim_sql_put_where (&query, search->filter);
  return check_problem (&query, error) && check_cost (txn, scope, search, error) &&
         door_directory_read_total (txn, query.text->str, take_params (&query), total, error);
}

static GPtrArray *
run_list (DoorTxn *txn, DoorScimSql *query, int64_t limit, int64_t skip, GError **error)
{
  door_scim_sql_put (query, " LIMIT ");
  door_scim_sql_put_int (query, limit);
  door_scim_sql_put (query, " OFFSET ");
  door_scim_sql_put_int (query, skip);
  if (!check_problem (query, error))
    return NULL;
  return door_txn_list (txn, query->text->str, take_params (query), door_directory_resource_decode,
                        (GDestroyNotify) door_directory_resource_free, error);
}

/* In the order in which they were made, or of a column that each has. */
static GPtrArray *
list_by_column (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search, const char *column,
                const DoorScimPlace *place, GError **error)
{
  const char *direction = search->descending ? " DESC" : "";
  g_auto (DoorScimSql) query = { 0 };

  door_scim_sql_init (&query, scope);
  door_scim_sql_put (&query, "SELECT " COLUMNS " FROM directory_resource r");
  door_scim_sql_put_where (&query, search->filter);
  if (place->id != NULL)
    {
      door_scim_sql_put (&query, " AND r.created_at >= ");
      door_scim_sql_put_int (&query, place->created_at);
      door_scim_sql_put (&query, " AND (r.created_at > ");
      door_scim_sql_put_int (&query, place->created_at);
      door_scim_sql_put (&query, " OR r.id > ");
      door_scim_sql_put_text (&query, place->id);
      door_scim_sql_put (&query, ")");
    }
  g_string_append_printf (query.text, " ORDER BY %s%s, r.id%s", column, direction, direction);
  return run_list (txn, &query, place->limit, place->skip, error);
}

/* Those that have a value at the path by which they are sorted, or those that have none. */
typedef struct
{
  DoorTxn *txn;
  const DoorScimScope *scope;
  const DoorScimSearch *search;
  const char *path;
} Sorting;

/* By their value; of those that have none it says nothing. */
static GPtrArray *
list_with (const Sorting *self, int64_t limit, int64_t skip, GError **error)
{
  const char *direction = self->search->descending ? " DESC" : "";
  g_auto (DoorScimSql) query = { 0 };

  door_scim_sql_init (&query, self->scope);
  door_scim_sql_put (&query, "SELECT " COLUMNS
                             " FROM directory_value o JOIN directory_resource r ON r.id = o.resource_id");
  door_scim_sql_put_where (&query, self->search->filter);
  door_scim_sql_put (&query, " AND ");
  door_scim_sql_put_scope (&query, "o");
  door_scim_sql_put (&query, " AND o.item = 0 AND o.path = ");
  door_scim_sql_put_text (&query, self->path);
  g_string_append_printf (query.text, " ORDER BY o.value_rank%s, o.value%s, o.resource_id%s", direction,
                          direction, direction);
  return run_list (self->txn, &query, limit, skip, error);
}

static void
put_without (const Sorting *self, DoorScimSql *query)
{
  door_scim_sql_put_where (query, self->search->filter);
  door_scim_sql_put (query, " AND NOT EXISTS (SELECT 1 FROM directory_value o WHERE o.resource_id = r.id AND "
                            "o.item = 0 AND o.path = ");
  door_scim_sql_put_text (query, self->path);
  door_scim_sql_put (query, ")");
}

static GPtrArray *
list_without (const Sorting *self, int64_t limit, int64_t skip, GError **error)
{
  g_auto (DoorScimSql) query = { 0 };

  door_scim_sql_init (&query, self->scope);
  door_scim_sql_put (&query, "SELECT " COLUMNS " FROM directory_resource r");
  put_without (self, &query);
  door_scim_sql_put (&query, " ORDER BY r.created_at, r.id");
  return run_list (self->txn, &query, limit, skip, error);
}

static bool
count_without (const Sorting *self, int64_t *total, GError **error)
{
  g_auto (DoorScimSql) query = { 0 };

  door_scim_sql_init (&query, self->scope);
  door_scim_sql_put (&query, "SELECT COUNT(*) AS total FROM directory_resource r");
  put_without (self, &query);
  return check_problem (&query, error) &&
         door_directory_read_total (self->txn, query.text->str, take_params (&query), total, error);
}

/* Those without a value come last, or first where the order is turned (RFC 7644 section 3.4.2.3). */
static GPtrArray *
list_both (const Sorting *self, const DoorScimPlace *place, GError **error)
{
  const bool turned = self->search->descending;
  g_autoptr (GPtrArray) rows = NULL, more = NULL;
  int64_t before = 0, total = 0;

  if (!count_without (self, &before, error) ||
      !door_scim_query_count (self->txn, self->scope, self->search, &total, error))
    return NULL;
  before = turned ? before : total - before;
  rows = (turned ? list_without : list_with) (self, place->limit, place->skip, error);
  if (rows == NULL || rows->len == place->limit)
    return g_steal_pointer (&rows);
  more = (turned ? list_with : list_without) (self, place->limit - rows->len, MAX (place->skip - before, 0),
                                              error);
  if (more == NULL)
    return NULL;
  g_ptr_array_extend_and_steal (rows, g_steal_pointer (&more));
  return g_steal_pointer (&rows);
}

static GPtrArray *
list_by_value (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search,
               const DoorScimPlace *place, GError **error)
{
  const DoorScimPath *by = &search->sort_by;
  const DoorScimAttribute *part = door_scim_path_get_compared (by);
  g_autofree char *path = door_scim_key_build_path (by, part != by->attribute ? part : NULL);
  const Sorting sorting = { txn, scope, search, path };
  const bool all = by->attribute->required && by->sub == NULL;

  return all ? list_with (&sorting, place->limit, place->skip, error) : list_both (&sorting, place, error);
}

/* The column by which all are sorted that no sender writes; %NULL for a value that one does. */
static const char *
find_column (const DoorScimPath *path)
{
  const char *name = path->sub != NULL ? path->sub->name : path->attribute->name;

  if (path->is_extension)
    return NULL;
  if (g_str_equal (path->attribute->name, "meta"))
    return g_str_equal (name, "created")        ? "r.created_at"
           : g_str_equal (name, "lastModified") ? "r.updated_at"
           : g_str_equal (name, "version")      ? "r.version"
                                           : "r.id"; /* the kind is one, and the location ends with the id */
  return g_str_equal (name, "id") ? "r.id" : NULL;
}

/**
 * door_scim_query_list:
 * @txn: a transaction
 * @scope: where it is looked
 * @search: what for, and in which order
 * @place: which page; by what stands before it only in the order of the store
 * @error: return location for an error
 *
 * Reads a page of what a search finds, always in the same order: without one of its own in that in which they
 * were made. A deep page passes over those before it in an index.
 *
 * Returns: (transfer full) (element-type DoorDirectoryResource): the page, or %NULL with an error as
 * door_scim_query_count()
 */
GPtrArray *
door_scim_query_list (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search,
                      const DoorScimPlace *place, GError **error)
{
  const DoorScimPath *path = &search->sort_by;
  const char *column = path->attribute != NULL ? find_column (path) : "r.created_at";

  if (!check_cost (txn, scope, search, error))
    return NULL;
  return column != NULL ? list_by_column (txn, scope, search, column, place, error)
                        : list_by_value (txn, scope, search, place, error);
}
