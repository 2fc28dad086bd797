/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <elf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-config.h"
#include "door-directory.h"
#include "door-error.h"
#include "door-idp.h"
#include "door-plugin-loader.h"

typedef struct
{
  const char *folder;
  DoorPluginRegistry *registry;
  DoorPluginLoader *loader;
} Fixture;

/* One folder for all tests: a module that was loaded stays, and a second copy of it could not register its
 * types again. */
static void
set_up (Fixture *fixture, gconstpointer folder)
{
  fixture->folder = folder;
  fixture->registry = door_plugin_registry_new ();
  fixture->loader = door_plugin_loader_new (fixture->registry, fixture->folder, false);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  door_plugin_loader_free (fixture->loader);
  door_plugin_registry_unref (fixture->registry);
}

static void
remove_all (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_all (path);
      else
        g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static char *
path_of (const char *folder, const char *name)
{
  return g_strdup_printf ("%s/libdoor-plugin-%s." G_MODULE_SUFFIX, folder, name);
}

/* The build tree may have any modes; the copy has those under test. */
static void
install_as (const char *folder, const char *name, const char *as, mode_t mode)
{
  g_autofree char *from = path_of (TEST_PLUGINS, name), *to = path_of (folder, as), *data = NULL;
  size_t size = 0;

  g_assert_true (g_file_get_contents (from, &data, &size, NULL));
  g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));
  g_assert_cmpint (g_chmod (to, (int) mode), ==, 0);
}

/* A copy of the good plugin with other bytes at one place. */
static void
install_patched (const char *folder, const char *as, size_t offset, const void *bytes, size_t n_bytes)
{
  g_autofree char *from = path_of (TEST_PLUGINS, "double"), *to = path_of (folder, as), *data = NULL;
  size_t size = 0;

  g_assert_true (g_file_get_contents (from, &data, &size, NULL));
  g_assert_cmpuint (offset + n_bytes, <=, size);
  g_assert_true (memcmp (data + offset, bytes, n_bytes) != 0);
  memcpy (data + offset, bytes, n_bytes);
  g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));
  g_assert_cmpint (g_chmod (to, 0755), ==, 0);
}

static void
install_bytes (const char *folder, const char *as, const char *data, size_t size)
{
  g_autofree char *to = path_of (folder, as);

  g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));
  g_assert_cmpint (g_chmod (to, 0755), ==, 0);
}

static void
assert_refused (Fixture *fixture, const char *name, const char *needle)
{
  const GPtrArray *entries = door_plugin_registry_list (fixture->registry);
  unsigned int n_entries = entries->len;
  g_autoptr (GError) error = NULL;

  g_assert_false (door_plugin_loader_load (fixture->loader, name, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_PLUGIN);
  g_assert_nonnull (strstr (error->message, name));
  g_assert_nonnull (strstr (error->message, needle));
  /* what is the matter; what to do */
  g_assert_nonnull (strstr (error->message, "; "));
  g_assert_cmpuint (entries->len, ==, n_entries);
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "double", NULL };
  static const DoorKey *const tables[] = { NULL };
  const DoorSettingsSource source = { .group = "idp/x", .tables = tables };
  g_autofree char *path = path_of (fixture->folder, "double");
  g_autoptr (DoorSettings) settings = NULL;
  g_autoptr (GObject) object = NULL;
  g_autoptr (GError) error = NULL;
  const DoorPluginEntry *entry;
  const DoorPluginInfo *info;
  DoorDirectoryInterface *iface;

  g_assert_true (door_plugin_loader_load_all (fixture->loader, names, &error));
  g_assert_no_error (error);
  info = g_ptr_array_index (door_plugin_loader_list (fixture->loader), 0);
  g_assert_cmpstr (info->path, ==, path);
  g_assert_cmpuint (info->abi, ==, DOOR_PLUGIN_ABI);
  g_assert_null (info->reason);
  g_assert_cmpuint (door_plugin_registry_list (fixture->registry)->len, ==, 2);
  entry = door_plugin_registry_lookup (fixture->registry, "idp", "double");
  g_assert_cmpstr (entry->plugin, ==, "double");
  g_assert_cmpstr (entry->keys[0].name, ==, "Tenant");
  g_assert_null (door_plugin_registry_lookup (fixture->registry, "idp", "other"));
  g_assert_null (door_plugin_registry_lookup (fixture->registry, "storage", "double"));
  entry = door_plugin_registry_lookup (fixture->registry, "directory", "double");
  g_assert_null (entry->keys[0].name);
  object = g_object_new (entry->type, NULL);
  iface = g_type_interface_peek (G_OBJECT_GET_CLASS (object), DOOR_TYPE_DIRECTORY);
  g_assert_cmpint (iface->get_mode ((DoorDirectory *) object), ==, DOOR_DIRECTORY_MODE_PULL);
  settings = door_settings_new (&source, NULL);
  g_assert_nonnull (settings);
}

static void
test_configure (Fixture *fixture, gconstpointer data)
{
  DoorSettingsSource source = { .group = "idp/x" };
  g_autoptr (DoorSettings) without = NULL, with = NULL;
  const DoorPluginEntry *entry;
  g_autoptr (GObject) object = NULL;
  g_autoptr (GError) error = NULL;
  const DoorKey *tables[2] = { NULL };
  DoorIdpInterface *iface;

  g_assert_true (door_plugin_loader_load (fixture->loader, "double", NULL));
  entry = door_plugin_registry_lookup (fixture->registry, "idp", "double");
  object = g_object_new (entry->type, NULL);
  iface = g_type_interface_peek (G_OBJECT_GET_CLASS (object), DOOR_TYPE_IDP);
  tables[0] = entry->keys;
  source.tables = tables;
  without = door_settings_new (&source, NULL);
  g_assert_false (iface->configure ((DoorIdp *) object, without, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (source.values, g_strdup ("Tenant"), g_strdup ("x"));
  with = door_settings_new (&source, NULL);
  g_assert_true (iface->configure ((DoorIdp *) object, with, NULL));
}

static const DoorKey *
keys_cb (const char *kind, const char *type, gpointer registry)
{
  const DoorPluginEntry *entry = door_plugin_registry_lookup (registry, kind, type);

  return entry != NULL ? entry->keys : NULL;
}

/* A plugin may rename its keys as the core may. */
static void
test_former_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "x.conf", NULL);
  const char *const files[] = { file, NULL };
  const DoorConfigSource source = { .files = files, .skip_permissions = true };
  g_autoptr (DoorConfigFiles) read = NULL;
  g_autoptr (DoorConfig) config = NULL;
  const GPtrArray *warnings;

  g_assert_true (door_plugin_loader_load (fixture->loader, "double", NULL));
  g_assert_true (g_file_set_contents (
      file, "[plugins]\nLoad=double\n[doorward]\n[idp/x]\nType=double\nMetadataFile=/x\nCustomer=one\n", -1,
      NULL));
  read = door_config_files_read (&source);
  config = door_config_new (read, keys_cb, fixture->registry);
  warnings = door_config_get_warnings (config);
  g_assert_false (door_config_is_broken (config, "idp/x"));
  g_assert_cmpstr (door_settings_get_string (door_config_get_settings (config, "idp/x"), "Tenant"), ==,
                   "one");
  g_assert_cmpuint (warnings->len, ==, 1);
  g_assert_nonnull (strstr (((DoorConfigProblem *) g_ptr_array_index (warnings, 0))->text,
                            "Customer is called Tenant now"));
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *name;
    const char *needle;
  } bad[] = {
    { "abi", "plugin ABI 4, this is 3; install the plugin that fits" },
    { "size", "another size; build it again" },
    { "symbol", "no symbol door_plugin; write DOOR_DEFINE_PLUGIN" },
    { "name", "calls itself \"somebody-else\"" },
    { "interface", "does not implement DoorDirectory" },
    { "abstract", "does not implement DoorIdp" },
    { "fails", "the moon is full; correct the plugin, or take it out of" },
    { "silent", "without a reason" },
    { "both", "the moon is new" },
    { "nothing", "registers nothing" },
    { "null", "registers nothing" },
    { "duplicate", "the plugin double has the idp \"double\" already" },
    { "twice", "the plugin twice has the idp \"bad\" already" },
    { "class", "\"bad\" has no class" },
    { "functions", "\"bad\" does not implement map_claims" },
    { "unresolved", "undefined symbol: door_function_of_the_future; build it against this version" },
    { "keys-twice", "the key Tenant stands twice" },
    { "keys-default", "default of the key Lifetime" },
    { "keys-name", "\"tenant-id\" is incomplete" },
    { "keys-former", "Directory is the former name of no key" },
    { "bad-name", "a-z" },
  };

  g_assert_true (door_plugin_loader_load (fixture->loader, "double", NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const DoorPluginInfo *info;

      install_as (fixture->folder, bad[i].name, bad[i].name, 0755);
      assert_refused (fixture, bad[i].name, bad[i].needle);
      info = g_ptr_array_index (door_plugin_loader_list (fixture->loader), i + 1);
      g_assert_cmpstr (info->name, ==, bad[i].name);
      g_assert_nonnull (strstr (info->reason, bad[i].needle));
    }
}

static void
test_first_failure (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "absent", "double", NULL };

  g_assert_false (door_plugin_loader_load_all (fixture->loader, names, NULL));
  g_assert_cmpuint (door_plugin_loader_list (fixture->loader)->len, ==, 1);
  g_assert_cmpuint (door_plugin_registry_list (fixture->registry)->len, ==, 0);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, "absent", "No such file");
  assert_refused (fixture, "../double", "not the name of a plugin");
  assert_refused (fixture, "Double", "not the name of a plugin");
  assert_refused (fixture, "", "not the name of a plugin");
  g_assert_true (door_plugin_loader_load (fixture->loader, "double", NULL));
  assert_refused (fixture, "double", "stands twice");
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *outside = g_build_filename (fixture->folder, "outside.so", NULL);
  g_autofree char *good = path_of (fixture->folder, "double");
  g_autofree char *inward = path_of (fixture->folder, "inward"),
                  *outward = path_of (fixture->folder, "outward");
  g_autofree char *pipe = path_of (fixture->folder, "pipe"), *folder = path_of (fixture->folder, "folder");

  install_as (fixture->folder, "double", "writable", 0757);
  install_as (fixture->folder, "double", "group", 0775);
  g_assert_cmpint (symlink (good, inward), ==, 0);
  g_assert_cmpint (symlink (outside, outward), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  assert_refused (fixture, "writable", "chmod go-w");
  assert_refused (fixture, "group", "chmod go-w");
  assert_refused (fixture, "inward", "is a symbolic link; put in its place what it leads to");
  assert_refused (fixture, "outward", "is a symbolic link; put in its place what it leads to");
  assert_refused (fixture, "pipe", "not a regular file; install the plugin again");
  assert_refused (fixture, "folder", "not a regular file; install the plugin again");
}

static size_t
find_bytes (const char *data, size_t size, const char *text)
{
  const char *found = memmem (data, size, text, strlen (text));

  g_assert_nonnull (found);
  return (size_t) (found - data);
}

/* What the dynamic linker would be given, were it not looked at before. */
static void
test_content (Fixture *fixture, gconstpointer user_data)
{
  static const uint8_t other_class = sizeof (gpointer) == 8 ? ELFCLASS32 : ELFCLASS64;
  static const uint8_t other_order = G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2MSB : ELFDATA2LSB;
  static const uint16_t other_machine = EM_68K, object = ET_REL, program = ET_EXEC;
  g_autofree char *from = path_of (TEST_PLUGINS, "double"), *data = NULL;
  size_t size = 0;

  g_assert_true (g_file_get_contents (from, &data, &size, NULL));
  install_bytes (fixture->folder, "text", "not a module", 12);
  install_bytes (fixture->folder, "empty", "", 0);
  install_bytes (fixture->folder, "head", data, sizeof (Elf32_Ehdr) - 1);
  install_bytes (fixture->folder, "half", data, 2048);
  install_bytes (fixture->folder, "table", data, sizeof (Elf64_Ehdr));
  install_patched (fixture->folder, "magic", EI_MAG3, "G", 1);
  install_patched (fixture->folder, "width", EI_CLASS, &other_class, 1);
  install_patched (fixture->folder, "order", EI_DATA, &other_order, 1);
  install_patched (fixture->folder, "machine", offsetof (Elf64_Ehdr, e_machine), &other_machine, 2);
  install_patched (fixture->folder, "object", offsetof (Elf64_Ehdr, e_type), &object, 2);
  install_patched (fixture->folder, "program", offsetof (Elf64_Ehdr, e_type), &program, 2);
  install_patched (fixture->folder, "needs", find_bytes (data, size, "libdoorward-1.so.0"),
                   "libdoorward-9.so.0", 18);
  assert_refused (fixture, "text", "is not a shared object; build or install");
  assert_refused (fixture, "empty", "is not a shared object; build or install");
  assert_refused (fixture, "magic", "is not a shared object; build or install");
  assert_refused (fixture, "head", "is not a shared object; build or install");
  assert_refused (fixture, "half", "is not complete; build or install");
  assert_refused (fixture, "table", "is not complete; build or install");
  assert_refused (fixture, "width", "another kind of processor; install");
  assert_refused (fixture, "order", "another kind of processor; install");
  assert_refused (fixture, "machine", "another kind of processor; install");
  assert_refused (fixture, "object", "build the plugin as a shared module");
  assert_refused (fixture, "program", "build the plugin as a shared module");
  assert_refused (fixture, "needs", "/libdoor-plugin-needs.so: libdoorward-9.so.0: cannot open");
  assert_refused (fixture, "needs", "stands twice");
}

static void
test_owner (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_of (fixture->folder, "foreign");

  install_as (fixture->folder, "double", "foreign", 0755);
  if (chown (path, 4711, 4711) != 0)
    {
      g_test_skip ("giving a file away takes root");
      return;
    }
  assert_refused (fixture, "foreign", "belongs to another user; run: chown root");
  g_assert_cmpint (chown (fixture->folder, 4711, 4711), ==, 0);
  assert_refused (fixture, "double", "belongs to another user; run: chown root");
  g_assert_cmpint (chown (fixture->folder, geteuid (), getegid ()), ==, 0);
}

static void
test_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autoptr (DoorPluginLoader) other = door_plugin_loader_new (fixture->registry, link, false);
  Fixture through_link = { .registry = fixture->registry, .loader = other };

  g_assert_cmpint (g_chmod (fixture->folder, 0777), ==, 0);
  assert_refused (fixture, "double", "may be written by others; run: chmod go-w");
  g_assert_cmpint (g_chmod (fixture->folder, 0700), ==, 0);
  g_assert_cmpint (symlink (fixture->folder, link), ==, 0);
  assert_refused (&through_link, "double", "is a symbolic link");
  g_assert_cmpint (g_unlink (link), ==, 0);
}

static void
test_development (Fixture *fixture, gconstpointer data)
{
  g_autofree char *base = g_build_filename (fixture->folder, "tree", NULL), *path = NULL;
  g_autofree char *sub = g_build_filename (base, "double", NULL), *good = path_of (fixture->folder, "double");
  g_autofree char *twin = path_of (base, "double");
  g_autoptr (DoorPluginLoader) flat = door_plugin_loader_new (fixture->registry, base, false);
  g_autoptr (DoorPluginLoader) other = door_plugin_loader_new (fixture->registry, base, true);
  g_autoptr (DoorPluginLoader) third = door_plugin_loader_new (fixture->registry, base, true);
  g_autoptr (DoorPluginLoader) fourth = door_plugin_loader_new (fixture->registry, base, true);
  g_autoptr (DoorPluginLoader) tree = door_plugin_loader_new (fixture->registry, base, true);
  Fixture two = { .registry = fixture->registry, .loader = fourth };
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (sub, 0755), ==, 0);
  path = path_of (sub, "double");
  g_assert_cmpint (link (good, path), ==, 0);
  g_assert_false (door_plugin_loader_load (flat, "double", NULL));
  g_assert_cmpint (g_chmod (sub, 0777), ==, 0);
  g_assert_false (door_plugin_loader_load (other, "double", NULL));
  g_assert_cmpint (g_chmod (sub, 0775), ==, 0);
  g_assert_cmpint (g_chmod (base, 0777), ==, 0);
  g_assert_false (door_plugin_loader_load (third, "double", NULL));
  g_assert_cmpint (g_chmod (base, 0775), ==, 0);
  g_assert_cmpint (link (good, twin), ==, 0);
  assert_refused (&two, "double", "there are two");
  g_assert_cmpint (g_unlink (twin), ==, 0);
  g_assert_true (door_plugin_loader_load (tree, "double", &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/plugin-loader/good", test_good },
    { "/plugin-loader/configure", test_configure },
    { "/plugin-loader/bad", test_bad },
    { "/plugin-loader/first-failure", test_first_failure },
    { "/plugin-loader/former-key", test_former_key },
    { "/plugin-loader/names", test_names },
    { "/plugin-loader/file", test_file },
    { "/plugin-loader/content", test_content },
    { "/plugin-loader/owner", test_owner },
    { "/plugin-loader/folder", test_folder },
    { "/plugin-loader/development", test_development },
  };

  g_autofree char *folder = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("door-plugin-XXXXXX", NULL);
  g_assert_nonnull (folder);
  install_as (folder, "double", "double", 0755);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, folder, set_up, tests[i].test, tear_down);
  result = g_test_run ();
  remove_all (folder);
  return result;
}
