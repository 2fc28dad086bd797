/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-directory.h"
#include "door-error.h"
#include "door-idp.h"
#include "door-plugin-registry.h"
#include "door-storage.h"

typedef struct
{
  GObject parent;
} FakeIdp;
typedef GObjectClass FakeIdpClass;

GType fake_idp_get_type (void);

static gboolean
fake_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  return TRUE;
}

static DoorIdpProfile *
fake_idp_dup_profile (DoorIdp *idp)
{
  return NULL;
}

static DoorIdentity *
fake_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return NULL;
}

static const DoorIdpPreset *
fake_idp_get_preset (DoorIdp *idp)
{
  return NULL;
}

static void
idp_iface_init (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = fake_idp_configure;
  idp->dup_profile = fake_idp_dup_profile;
  idp->map_claims = fake_idp_map_claims;
  idp->get_preset = fake_idp_get_preset;
}

G_DEFINE_TYPE_WITH_CODE (FakeIdp, fake_idp, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, idp_iface_init))

static void
fake_idp_init (FakeIdp *self)
{
}

static void
fake_idp_class_init (FakeIdpClass *class)
{
}

/* data: how many functions, and which one is left out. Nothing is called, so any address does. */
static void
gap_iface_init (gpointer iface, gpointer data)
{
  const size_t n_functions = GPOINTER_TO_SIZE (data) >> 8, left_out = GPOINTER_TO_SIZE (data) & 0xff;
  gpointer *functions = (gpointer *) ((char *) iface + sizeof (GTypeInterface));

  for (size_t i = 0; i < n_functions; i++)
    functions[i] = i == left_out ? NULL : (gpointer) gap_iface_init;
}

/* A class whose interface has all functions but one. */
static GType
make_type (GType interface, size_t n_functions, size_t left_out)
{
  g_autofree char *name = g_strdup_printf ("Gap-%s-%zu", g_type_name (interface), left_out);
  const GInterfaceInfo info = {
    .interface_init = gap_iface_init,
    .interface_data = GSIZE_TO_POINTER (n_functions << 8 | left_out),
  };
  GType type = g_type_register_static_simple (G_TYPE_OBJECT, name, sizeof (GObjectClass), NULL,
                                              sizeof (GObject), NULL, 0);

  g_type_add_interface_static (type, interface, &info);
  return type;
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
  g_assert_true (door_plugin_registry_add (registry, DOOR_TYPE_IDP, "one", fake_idp_get_type (), NULL, NULL));
  g_assert_true (door_plugin_registry_add (registry, DOOR_TYPE_IDP, "two", fake_idp_get_type (), NULL, NULL));
  assert_refused (registry, DOOR_TYPE_IDP, "one", fake_idp_get_type (), "already");
  assert_refused (registry, DOOR_TYPE_IDP, "One", fake_idp_get_type (), "a-z");
  assert_refused (registry, DOOR_TYPE_IDP, NULL, fake_idp_get_type (), "a-z");
  assert_refused (registry, DOOR_TYPE_DIRECTORY, "one", fake_idp_get_type (), "does not implement");
  assert_refused (registry, DOOR_TYPE_IDP, "three", DOOR_TYPE_IDP, "does not implement");
  assert_refused (registry, DOOR_TYPE_IDP, "three", G_TYPE_INVALID, "has no class");
  assert_refused (registry, G_TYPE_ACTION, "three", G_TYPE_SIMPLE_ACTION, "GAction is no interface");
  assert_refused (registry, fake_idp_get_type (), "three", fake_idp_get_type (), "is no interface");
  assert_refused (registry, G_TYPE_INVALID, "three", fake_idp_get_type (), "is no interface");
  g_assert_cmpuint (door_plugin_registry_end (registry, true), ==, 2);
  g_assert_true (door_plugin_registry_lookup (registry, "idp", "one")->type == fake_idp_get_type ());
}

/* Every function of an interface that is called without asking is asked for. */
static void
test_functions (void)
{
  static const struct
  {
    GType (*get_type) (void);
    size_t size;
    unsigned int n_required;
  } interfaces[] = {
    { door_idp_get_type, sizeof (DoorIdpInterface), 4 },
    { door_directory_get_type, sizeof (DoorDirectoryInterface), 2 },
    { door_storage_get_type, sizeof (DoorStorageInterface), 6 },
  };
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();

  door_plugin_registry_begin (registry, "fake");
  for (size_t i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      const size_t n = (interfaces[i].size - sizeof (GTypeInterface)) / sizeof (gpointer);
      unsigned int n_refused = 0;

      for (size_t left_out = 0; left_out < n; left_out++)
        {
          GType type = make_type (interfaces[i].get_type (), n, left_out);
          g_autoptr (GError) error = NULL;
          g_autofree char *name = g_strdup_printf ("fake-%zu-%zu", i, left_out);

          if (door_plugin_registry_add (registry, interfaces[i].get_type (), name, type, NULL, &error))
            continue;
          n_refused++;
          g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_PLUGIN);
          g_assert_nonnull (strstr (error->message, name));
          g_assert_nonnull (strstr (error->message, "does not implement "));
        }
      g_assert_cmpuint (n_refused, ==, interfaces[i].n_required);
    }
  door_plugin_registry_end (registry, true);
}

static void
test_forget (void)
{
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();

  door_plugin_registry_begin (registry, "good");
  g_assert_true (door_plugin_registry_add (registry, DOOR_TYPE_IDP, "one", fake_idp_get_type (), NULL, NULL));
  door_plugin_registry_end (registry, true);
  door_plugin_registry_begin (registry, "bad");
  g_assert_true (door_plugin_registry_add (registry, DOOR_TYPE_IDP, "two", fake_idp_get_type (), NULL, NULL));
  g_assert_cmpuint (door_plugin_registry_end (registry, false), ==, 1);
  g_assert_null (door_plugin_registry_lookup (registry, "idp", "two"));
  g_assert_cmpstr (door_plugin_registry_lookup (registry, "idp", "one")->plugin, ==, "good");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plugin-registry/add", test_add);
  g_test_add_func ("/plugin-registry/functions", test_functions);
  g_test_add_func ("/plugin-registry/forget", test_forget);
  return g_test_run ();
}
