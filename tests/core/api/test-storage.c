/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-storage.h"

/* A storage that has no batches of its own gets them from the interface: one statement for each row. */

#define TEST_TYPE_STORAGE (test_storage_get_type ())
G_DECLARE_FINAL_TYPE (TestStorage, test_storage, TEST, STORAGE, GObject)

struct _TestStorage
{
  GObject parent_instance;

  GString *log;    /* of what was executed */
  int64_t fail_at; /* the value of :n that fails */
};

static void iface_init (DoorStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestStorage, test_storage, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_STORAGE, iface_init))

static gpointer
begin (DoorStorage *storage, DoorTxnMode mode, GCancellable *cancellable, GError **error)
{
  return storage;
}

static int64_t
execute (DoorStorage *storage, gpointer handle, const char *sql, GVariant *params, GError **error)
{
  TestStorage *self = TEST_STORAGE (storage);
  int64_t n = 0;

  g_assert_true (g_variant_lookup (params, "n", "x", &n));
  if (n == self->fail_at)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "told to fail");
      return -1;
    }
  g_string_append_printf (self->log, "%s %d;", sql, (int) n);
  return n;
}

static gboolean
end (DoorStorage *storage, gpointer handle, gboolean commit, GError **error)
{
  return TRUE;
}

static void
iface_init (DoorStorageInterface *iface)
{
  iface->begin = begin;
  iface->execute = execute;
  iface->end = end;
}

static void
test_storage_finalize (GObject *object)
{
  g_string_free (TEST_STORAGE (object)->log, TRUE);
  G_OBJECT_CLASS (test_storage_parent_class)->finalize (object);
}

static void
test_storage_class_init (TestStorageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_storage_finalize;
}

static void
test_storage_init (TestStorage *self)
{
  self->log = g_string_new (NULL);
  self->fail_at = -1;
}

static void
test_batch_by_rows (void)
{
  static const char rows[] = "[{'n': <int64 3>}, {'n': <int64 0>}, {'n': <int64 4>}]";
  g_autoptr (GError) error = NULL;
  g_autoptr (TestStorage) storage = g_object_new (TEST_TYPE_STORAGE, NULL);
  g_autoptr (DoorTxn) txn = door_storage_begin (DOOR_STORAGE (storage), DOOR_TXN_WRITE, NULL, &error);

  g_assert_cmpint (door_txn_execute_batch (txn, "X", g_variant_new_parsed (rows), &error), ==, 7);
  g_assert_cmpint (door_txn_execute_batch (txn, "X", g_variant_new_parsed ("@aa{sv} []"), &error), ==, 0);
  g_assert_no_error (error);
  g_assert_cmpstr (storage->log->str, ==, "X 3;X 0;X 4;");

  storage->fail_at = 0;
  g_assert_cmpint (door_txn_execute_batch (txn, "Y", g_variant_new_parsed (rows), &error), ==, -1);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
  g_assert_cmpstr (storage->log->str, ==, "X 3;X 0;X 4;Y 3;");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storage-interface/batch-by-rows", test_batch_by_rows);
  return g_test_run ();
}
