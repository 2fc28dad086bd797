/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-plugin-registry.h"

#include "test-interfaces.h"

typedef struct
{
  GObject parent;
} FakeIdp;
typedef GObjectClass FakeIdpClass;

GType fake_idp_get_type (void);

static void
idp_iface_init (gpointer iface, gpointer data)
{
}

G_DEFINE_TYPE_WITH_CODE (FakeIdp, fake_idp, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (TEST_TYPE_IDP, idp_iface_init))

static void
fake_idp_init (FakeIdp *self)
{
}

static void
fake_idp_class_init (FakeIdpClass *class)
{
}

static void
assert_refused (DoorPluginRegistry *registry, GType iface, const char *name, GType type, const char *needle)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (door_plugin_registry_add (registry, iface, name, type, NULL, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_PLUGIN);
  g_assert_nonnull (strstr (error->message, needle));
}

static void
test_add (void)
{
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();

  door_plugin_registry_begin (registry, "fake");
  g_assert_true (door_plugin_registry_add (registry, TEST_TYPE_IDP, "one", fake_idp_get_type (), NULL, NULL));
  g_assert_true (door_plugin_registry_add (registry, TEST_TYPE_IDP, "two", fake_idp_get_type (), NULL, NULL));
  assert_refused (registry, TEST_TYPE_IDP, "one", fake_idp_get_type (), "already");
  assert_refused (registry, TEST_TYPE_IDP, "One", fake_idp_get_type (), "a-z");
  assert_refused (registry, TEST_TYPE_IDP, NULL, fake_idp_get_type (), "a-z");
  assert_refused (registry, TEST_TYPE_DIRECTORY, "one", fake_idp_get_type (), "does not implement");
  assert_refused (registry, TEST_TYPE_IDP, "three", TEST_TYPE_IDP, "does not implement");
  assert_refused (registry, TEST_TYPE_IDP, "three", G_TYPE_INVALID, "does not implement");
  assert_refused (registry, G_TYPE_ACTION, "three", G_TYPE_SIMPLE_ACTION, "GAction is no interface");
  assert_refused (registry, fake_idp_get_type (), "three", fake_idp_get_type (), "is no interface");
  assert_refused (registry, G_TYPE_INVALID, "three", fake_idp_get_type (), "is no interface");
  g_assert_cmpuint (door_plugin_registry_end (registry, true), ==, 2);
  g_assert_true (door_plugin_registry_lookup (registry, "idp", "one")->type == fake_idp_get_type ());
}

static void
test_forget (void)
{
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();

  door_plugin_registry_begin (registry, "good");
  g_assert_true (door_plugin_registry_add (registry, TEST_TYPE_IDP, "one", fake_idp_get_type (), NULL, NULL));
  door_plugin_registry_end (registry, true);
  door_plugin_registry_begin (registry, "bad");
  g_assert_true (door_plugin_registry_add (registry, TEST_TYPE_IDP, "two", fake_idp_get_type (), NULL, NULL));
  g_assert_cmpuint (door_plugin_registry_end (registry, false), ==, 1);
  g_assert_null (door_plugin_registry_lookup (registry, "idp", "two"));
  g_assert_cmpstr (door_plugin_registry_lookup (registry, "idp", "one")->plugin, ==, "good");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plugin-registry/add", test_add);
  g_test_add_func ("/plugin-registry/forget", test_forget);
  return g_test_run ();
}
