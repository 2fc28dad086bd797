/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-store.h"

#include "door-error.h"
#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define DEVICE_COLUMNS                                                                                       \
  "id, apple_id, kind, product, os_version, build_version, serial, name, model, model_name, created_at, "    \
  "seen_at"
#define ENROLLMENT_COLUMNS                                                                                   \
  "id, device_id, team, state, certificate_sha256, topic, push_magic, push_token, created_at, active_at, "   \
  "token_updated_at, ended_at, end_reason, way, mode, token_hash, managed_account, enroll_reference"

static gpointer
door_device_decode (DoorRow *row)
{
  DoorDevice *self = g_new0 (DoorDevice, 1);

  self->id = door_row_dup_text (row, "id");
  self->apple_id = door_row_dup_text (row, "apple_id");
  self->kind = door_row_dup_text (row, "kind");
  self->product = door_row_dup_text (row, "product");
  self->os_version = door_row_dup_text (row, "os_version");
  self->build_version = door_row_dup_text (row, "build_version");
  self->serial = door_row_dup_text (row, "serial");
  self->name = door_row_dup_text (row, "name");
  self->model = door_row_dup_text (row, "model");
  self->model_name = door_row_dup_text (row, "model_name");
  self->created_at = door_row_get_int (row, "created_at");
  self->seen_at = door_row_get_int (row, "seen_at");
  return self;
}

/**
 * door_device_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_device_free (DoorDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->apple_id);
  g_free (self->kind);
  g_free (self->product);
  g_free (self->os_version);
  g_free (self->build_version);
  g_free (self->serial);
  g_free (self->name);
  g_free (self->model);
  g_free (self->model_name);
  g_free (self);
}

static gpointer
door_enrollment_decode (DoorRow *row)
{
  DoorEnrollment *self = g_new0 (DoorEnrollment, 1);

  self->id = door_row_dup_text (row, "id");
  self->device_id = door_row_dup_text (row, "device_id");
  self->team = door_row_dup_text (row, "team");
  self->state = door_row_dup_text (row, "state");
  self->certificate_sha256 = door_row_dup_text (row, "certificate_sha256");
  self->topic = door_row_dup_text (row, "topic");
  self->push_magic = door_row_dup_text (row, "push_magic");
  self->push_token = door_row_dup_text (row, "push_token");
  self->created_at = door_row_get_int (row, "created_at");
  self->active_at = door_row_get_int (row, "active_at");
  self->token_updated_at = door_row_get_int (row, "token_updated_at");
  self->ended_at = door_row_get_int (row, "ended_at");
  self->end_reason = door_row_dup_text (row, "end_reason");
  self->way = door_row_dup_text (row, "way");
  self->mode = door_row_dup_text (row, "mode");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->managed_account = door_row_dup_text (row, "managed_account");
  self->enroll_reference = door_row_dup_text (row, "enroll_reference");
  return self;
}

/**
 * door_enrollment_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_enrollment_free (DoorEnrollment *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->device_id);
  g_free (self->team);
  g_free (self->state);
  g_free (self->certificate_sha256);
  g_free (self->topic);
  g_free (self->push_magic);
  g_free (self->push_token);
  g_free (self->end_reason);
  g_free (self->way);
  g_free (self->mode);
  g_free (self->token_hash);
  g_free (self->managed_account);
  g_free (self->enroll_reference);
  g_free (self);
}

/* Of two that add the same at once, the second waits and then finds it there: he must look again. */
static bool
add_row (DoorTxn *txn, const char *sql, GVariant *params, GError **error)
{
  bool added = false;

  if (!door_txn_change (txn, sql, params, &added, error))
    return false;
  return added || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                                  "the same was added at the same moment");
}

/**
 * door_device_store_add:
 * @txn: a transaction
 * @device: the device
 * @error: return location for an error
 *
 * Stores a new device.
 *
 * Returns: false with an error
 */
bool
door_device_store_add (DoorTxn *txn, const DoorDevice *device, GError **error)
{
  static const char sql[] =
      "INSERT INTO device (" DEVICE_COLUMNS
      ") VALUES (:id, :apple_id, :kind, :product, :os_version, :build_version, :serial, :name, :model, "
      ":model_name, :created_at, :seen_at) ON CONFLICT DO NOTHING";

  return add_row (txn, sql,
                  door_params_new ("id", "s", device->id, "apple_id", "s", device->apple_id, "kind", "s",
                                   device->kind, "product", "s", device->product, "os_version", "s",
                                   device->os_version, "build_version", "s", device->build_version, "serial",
                                   "s", device->serial, "name", "s", device->name, "model", "s",
                                   device->model, "model_name", "s", device->model_name, "created_at", "x",
                                   device->created_at, "seen_at", "x", device->seen_at, NULL),
                  error);
}

/**
 * door_device_store_lookup:
 * @txn: a transaction
 * @id: id of the device
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a device by our id.
 *
 * Returns: false with an error
 */
bool
door_device_store_lookup (DoorTxn *txn, const char *id, DoorDevice **out, GError **error)
{
  static const char sql[] = "SELECT " DEVICE_COLUMNS " FROM device WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), door_device_decode,
                          (gpointer *) out, error);
}

/**
 * door_device_store_lookup_by_apple_id:
 * @txn: a transaction
 * @apple_id: EnrollmentID
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a device by what it calls itself.
 *
 * Returns: false with an error
 */
bool
door_device_store_lookup_by_apple_id (DoorTxn *txn, const char *apple_id, DoorDevice **out, GError **error)
{
  static const char sql[] = "SELECT " DEVICE_COLUMNS " FROM device WHERE apple_id = :apple_id";

  return door_txn_lookup (txn, sql, door_params_new ("apple_id", "s", apple_id, NULL), door_device_decode,
                          (gpointer *) out, error);
}

/**
 * door_device_store_list_by_serial:
 * @txn: a transaction
 * @serial: a serial number
 * @limit: most rows
 * @error: return location for an error
 *
 * Finds devices by their serial number, as they said it.
 *
 * Returns: (transfer full) (element-type DoorDevice): the rows, or %NULL with an error
 */
GPtrArray *
door_device_store_list_by_serial (DoorTxn *txn, const char *serial, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " DEVICE_COLUMNS " FROM device WHERE serial = :serial ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("serial", "s", serial, "limit", "x", limit, NULL),
                        door_device_decode, (GDestroyNotify) door_device_free, error);
}

/**
 * door_device_store_update:
 * @txn: a transaction
 * @device: the device
 * @error: return location for an error
 *
 * Stores what a device last said of itself.
 *
 * Returns: false with an error
 */
bool
door_device_store_update (DoorTxn *txn, const DoorDevice *device, GError **error)
{
  static const char sql[] =
      "UPDATE device SET product = :product, os_version = :os_version, build_version = :build_version, "
      "serial = :serial, name = :name, model = :model, model_name = :model_name, seen_at = :seen_at WHERE id "
      "= :id";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", device->id, "product", "s", device->product,
                                           "os_version", "s", device->os_version, "build_version", "s",
                                           device->build_version, "serial", "s", device->serial, "name", "s",
                                           device->name, "model", "s", device->model, "model_name", "s",
                                           device->model_name, "seen_at", "x", device->seen_at, NULL),
                          NULL, error);
}

/**
 * door_device_store_touch:
 * @txn: a transaction
 * @id: the device
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that a device was seen.
 *
 * Returns: false with an error
 */
bool
door_device_store_touch (DoorTxn *txn, const char *id, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE device SET seen_at = :now WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", id, NULL), NULL, error);
}

static gpointer
door_device_overview_decode (DoorRow *row)
{
  DoorDeviceOverview *self = g_new0 (DoorDeviceOverview, 1);

  self->id = door_row_dup_text (row, "id");
  self->apple_id = door_row_dup_text (row, "apple_id");
  self->product = door_row_dup_text (row, "product");
  self->os_version = door_row_dup_text (row, "os_version");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->team = door_row_dup_text (row, "team");
  self->state = door_row_dup_text (row, "state");
  self->person_id = door_row_dup_text (row, "person_id");
  self->email = door_row_dup_text (row, "email");
  self->full_name = door_row_dup_text (row, "full_name");
  return self;
}

/**
 * door_device_overview_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_device_overview_free (DoorDeviceOverview *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->apple_id);
  g_free (self->product);
  g_free (self->os_version);
  g_free (self->team);
  g_free (self->state);
  g_free (self->person_id);
  g_free (self->email);
  g_free (self->full_name);
  g_free (self);
}

#define OVERVIEW                                                                                             \
  "SELECT d.id AS id, d.apple_id AS apple_id, d.product AS product, d.os_version AS os_version, "            \
  "d.seen_at AS seen_at, COALESCE (e.team, '') AS team, COALESCE (e.state, 'ended') AS state, "              \
  "COALESCE (a.person_id, '') AS person_id, COALESCE (p.email, '') AS email, "                               \
  "COALESCE (p.full_name, '') AS full_name FROM device d "                                                   \
  "LEFT JOIN enrollment e ON e.device_id = d.id AND e.ended_at = 0 "                                         \
  "LEFT JOIN association a ON a.device_id = d.id AND a.to_at = 0 "                                           \
  "LEFT JOIN person p ON p.id = a.person_id "

/**
 * door_device_store_list_overview:
 * @txn: a transaction
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists devices with their open enrollments and present owners, page by page, ordered by id.
 *
 * Returns: (transfer full) (element-type DoorDeviceOverview): the rows, or %NULL with an error
 */
GPtrArray *
door_device_store_list_overview (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] = OVERVIEW "WHERE d.id > :after ORDER BY d.id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL),
                        door_device_overview_decode, (GDestroyNotify) door_device_overview_free, error);
}

/**
 * door_device_store_list_in_teams:
 * @txn: a transaction
 * @scope: teams
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * The same for the devices that are enrolled in some teams.
 *
 * Returns: (transfer full) (element-type DoorDeviceOverview): the rows, or %NULL with an error
 */
GPtrArray *
door_device_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after, int64_t limit,
                                 GError **error)
{
  static const char sql[] =
      OVERVIEW "WHERE d.id > :after AND e.team IN " DOOR_TEAM_SCOPE_SQL " ORDER BY d.id LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("after", "s", after, DOOR_TEAM_SCOPE_PARAMS (scope), "limit", "x", limit, NULL),
      door_device_overview_decode, (GDestroyNotify) door_device_overview_free, error);
}

/**
 * door_device_store_add_enrollment:
 * @txn: a transaction
 * @enrollment: the enrollment
 * @error: return location for an error
 *
 * Stores a new enrollment.
 *
 * Returns: false with an error
 */
bool
door_device_store_add_enrollment (DoorTxn *txn, const DoorEnrollment *enrollment, GError **error)
{
  static const char sql[] =
      "INSERT INTO enrollment (" ENROLLMENT_COLUMNS
      ") VALUES (:id, :device_id, :team, :state, :certificate_sha256, :topic, :push_magic, :push_token, "
      ":created_at, :active_at, :token_updated_at, :ended_at, :end_reason, :way, :mode, :token_hash, "
      ":managed_account, :enroll_reference) ON CONFLICT DO NOTHING";

  return add_row (
      txn, sql,
      door_params_new (
          "id", "s", enrollment->id, "device_id", "s", enrollment->device_id, "team", "s", enrollment->team,
          "state", "s", enrollment->state, "certificate_sha256", "s", enrollment->certificate_sha256, "topic",
          "s", enrollment->topic, "push_magic", "s", enrollment->push_magic, "push_token", "s",
          enrollment->push_token, "created_at", "x", enrollment->created_at, "active_at", "x",
          enrollment->active_at, "token_updated_at", "x", enrollment->token_updated_at, "ended_at", "x",
          enrollment->ended_at, "end_reason", "s", enrollment->end_reason, "way", "s", enrollment->way,
          "mode", "s", enrollment->mode, "token_hash", "s", enrollment->token_hash, "managed_account", "s",
          enrollment->managed_account != NULL ? enrollment->managed_account : "", "enroll_reference", "s",
          enrollment->enroll_reference != NULL ? enrollment->enroll_reference : "", NULL),
      error);
}

/**
 * door_device_store_lookup_enrollment:
 * @txn: a transaction
 * @id: id of the enrollment
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds an enrollment.
 *
 * Returns: false with an error
 */
bool
door_device_store_lookup_enrollment (DoorTxn *txn, const char *id, DoorEnrollment **out, GError **error)
{
  static const char sql[] = "SELECT " ENROLLMENT_COLUMNS " FROM enrollment WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), door_enrollment_decode,
                          (gpointer *) out, error);
}

/**
 * door_device_store_lookup_open_enrollment:
 * @txn: a transaction
 * @device_id: the device
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the one enrollment of a device that has not ended.
 *
 * Returns: false with an error
 */
bool
door_device_store_lookup_open_enrollment (DoorTxn *txn, const char *device_id, DoorEnrollment **out,
                                          GError **error)
{
  static const char sql[] =
      "SELECT " ENROLLMENT_COLUMNS " FROM enrollment WHERE device_id = :device_id AND ended_at = 0";

  return door_txn_lookup (txn, sql, door_params_new ("device_id", "s", device_id, NULL),
                          door_enrollment_decode, (gpointer *) out, error);
}

/**
 * door_device_store_list_enrollments:
 * @txn: a transaction
 * @device_id: the device
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the enrollments of a device, newest first.
 *
 * Returns: (transfer full) (element-type DoorEnrollment): the rows, or %NULL with an error
 */
GPtrArray *
door_device_store_list_enrollments (DoorTxn *txn, const char *device_id, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " ENROLLMENT_COLUMNS
      " FROM enrollment WHERE device_id = :device_id ORDER BY created_at DESC, id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("device_id", "s", device_id, "limit", "x", limit, NULL),
                        door_enrollment_decode, (GDestroyNotify) door_enrollment_free, error);
}

/**
 * door_device_store_update_enrollment:
 * @txn: a transaction
 * @enrollment: the enrollment; nothing but its id, state, push values and their times is looked at
 * @error: return location for an error
 *
 * Stores the state and the push values of an enrollment.
 *
 * Returns: false with an error
 */
bool
door_device_store_update_enrollment (DoorTxn *txn, const DoorEnrollment *enrollment, GError **error)
{
  static const char sql[] = "UPDATE enrollment SET state = :state, topic = :topic, push_magic = :push_magic, "
                            "push_token = :push_token, active_at = :active_at, token_updated_at = "
                            ":token_updated_at WHERE id = :id AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", enrollment->id, "state", "s", enrollment->state,
                                           "topic", "s", enrollment->topic, "push_magic", "s",
                                           enrollment->push_magic, "push_token", "s", enrollment->push_token,
                                           "active_at", "x", enrollment->active_at, "token_updated_at", "x",
                                           enrollment->token_updated_at, NULL),
                          NULL, error);
}

/**
 * door_device_store_set_certificate:
 * @txn: a transaction
 * @id: the enrollment
 * @before_sha256: the identity certificate it used until now
 * @certificate_sha256: the renewed identity certificate
 * @changed: (out): whether it still used that one
 * @error: return location for an error
 *
 * Notes the identity certificate an enrollment uses now.
 *
 * Returns: false with an error
 */
bool
door_device_store_set_certificate (DoorTxn *txn, const char *id, const char *before_sha256,
                                   const char *certificate_sha256, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE enrollment SET certificate_sha256 = :certificate WHERE id = :id AND "
                            "certificate_sha256 = :before AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("certificate", "s", certificate_sha256, "id", "s", id, "before",
                                           "s", before_sha256, NULL),
                          changed, error);
}

/**
 * door_device_store_end_enrollment:
 * @txn: a transaction
 * @id: the enrollment
 * @reason: %DOOR_END_CHECK_OUT, %DOOR_END_REPLACED or %DOOR_END_ADMINISTRATOR
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Ends an enrollment; what it was stays on record, its push values do not.
 *
 * Returns: false with an error
 */
bool
door_device_store_end_enrollment (DoorTxn *txn, const char *id, const char *reason, int64_t now_ms,
                                  bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE enrollment SET state = 'ended', ended_at = :now, end_reason = :reason, push_magic = '', "
      "push_token = '' WHERE id = :id AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "reason", "s", reason, "id", "s", id, NULL),
                          changed, error);
}
