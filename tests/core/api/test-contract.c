/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Implementations that break the contract of their interface: what comes out is a failure with an error. */
#include <string.h>

#include <json-glib/json-glib.h>

#include "door-directory.h"
#include "door-error.h"
#include "door-idp-kind.h"

/* What the functions of the double return. */
typedef struct
{
  gboolean ok;
  bool with_error;
  bool no_profile;
  const DoorIdpPreset *preset;
} Answer;

typedef struct
{
  GObject parent;
  Answer answer;
  DoorIdpProfile *profile;
} Double;
typedef GObjectClass DoubleClass;

GType double_get_type (void);

static const DoorIdpValue values[] = { { NULL, NULL } };
static const char *const notes[] = { NULL };
static const DoorIdpErrorText errors[] = { { NULL, NULL } };
static const DoorIdpPreset good_preset = { "Double", "here", values, "by hand", notes, errors };

static gboolean
answer (gpointer self, GError **error)
{
  const Answer *answer = &((Double *) self)->answer;

  if (answer->with_error)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOTALLOWED, "not you");
  return answer->ok;
}

static gboolean
double_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  return answer (idp, error);
}

static DoorIdpProfile *
double_dup_profile (DoorIdp *idp)
{
  Double *self = (Double *) idp;

  return self->answer.no_profile ? NULL : door_idp_profile_ref (self->profile);
}

static DoorIdentity *
double_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return answer (idp, error) ? door_identity_new ("issuer", "subject") : NULL;
}

static const DoorIdpPreset *
double_get_preset (DoorIdp *idp)
{
  return ((Double *) idp)->answer.preset;
}

static void
idp_iface_init (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = double_configure;
  idp->dup_profile = double_dup_profile;
  idp->map_claims = double_map_claims;
  idp->get_preset = double_get_preset;
}

static gboolean
double_configure_directory (DoorDirectory *directory, DoorSettings *settings, GError **error)
{
  return answer (directory, error);
}

static JsonNode *
double_normalize (DoorDirectory *directory, const DoorScimTarget *target, JsonNode *body, GError **error)
{
  return answer (directory, error) ? json_node_ref (body) : NULL;
}

static void
directory_iface_init (gpointer iface, gpointer data)
{
  DoorDirectoryInterface *directory = iface;

  directory->configure = double_configure_directory;
  directory->normalize = double_normalize;
  directory->present = double_normalize;
}

G_DEFINE_TYPE_WITH_CODE (Double, double, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, idp_iface_init)
                             G_IMPLEMENT_INTERFACE (DOOR_TYPE_DIRECTORY, directory_iface_init))

static void
double_init (Double *self)
{
  static const DoorKey keys[] = {
    { "MetadataUrl", DOOR_KEY_URL },
    { "MetadataFile", DOOR_KEY_PATH },
    { "EntityId", DOOR_KEY_STRING },
    { "SsoUrl", DOOR_KEY_URL },
    { "Certificates", DOOR_KEY_LIST },
    { "SpEntityId", DOOR_KEY_STRING },
    { "NameIdFormat" },
    { "WantSigned" },
    { "AllowSha1", DOOR_KEY_BOOLEAN },
    { "MetadataSigner", DOOR_KEY_PATH },
    { "MetadataUpload", DOOR_KEY_BOOLEAN },
    { "AllowPrivateAddress", DOOR_KEY_BOOLEAN },
    { "Protocol", DOOR_KEY_ENUM, 0, NULL, "saml;oidc" },
    { "ClientId", DOOR_KEY_STRING },
    { "ForceAuthn", DOOR_KEY_BOOLEAN },
    { NULL },
  };
  const DoorKey *const tables[] = { keys, NULL };
  const DoorSettingsSource source = { .group = "idp/double", .tables = tables };
  g_autoptr (DoorSettings) settings = door_settings_new (&source, NULL);

  self->profile = door_idp_profile_new (settings, NULL);
  g_assert_nonnull (self->profile);
}

static void
double_finalize (GObject *object)
{
  door_idp_profile_unref (((Double *) object)->profile);
  G_OBJECT_CLASS (double_parent_class)->finalize (object);
}

static void
double_class_init (DoubleClass *class)
{
  class->finalize = double_finalize;
}

static gpointer
double_new (Answer answer)
{
  Double *self = g_object_new (double_get_type (), NULL);

  self->answer = answer;
  if (self->answer.preset == NULL)
    self->answer.preset = &good_preset;
  return self;
}

static void
expect_critical (const char *text)
{
  if (text != NULL)
    g_test_expect_message ("doorward-api", G_LOG_LEVEL_CRITICAL, text);
}

static const struct
{
  Answer answer;
  const char *critical; /* what the log says after the name of the function; NULL when the contract is kept */
  bool passes;
  DoorFault fault;
} cases[] = {
  { { .ok = TRUE }, NULL, true, DOOR_FAULT_NONE },
  { { .with_error = true }, NULL, false, DOOR_FAULT_ID_NOTALLOWED },
  { { .ok = FALSE }, "* failed without an error", false, DOOR_FAULT_INTERNAL },
  { { .ok = TRUE, .with_error = true }, NULL, false, DOOR_FAULT_ID_NOTALLOWED },
};

static void
assert_outcome (size_t i, bool passed, const GError *error)
{
  g_assert_cmpint (passed, ==, cases[i].passes);
  g_assert_cmpint (error == NULL, ==, passed);
  g_assert_cmpint (door_error_get_fault (error), ==, cases[i].fault);
  g_test_assert_expected_messages ();
}

static void
test_configure (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GObject) object = double_new (cases[i].answer);
      g_autoptr (GError) error = NULL, second = NULL;
      bool passed;

      expect_critical (cases[i].critical);
      passed = door_idp_configure (DOOR_IDP (object), NULL, &error);
      assert_outcome (i, passed, error);
      expect_critical (cases[i].critical);
      passed = door_directory_configure (DOOR_DIRECTORY (object), NULL, &second);
      assert_outcome (i, passed, second);
    }
}

static void
test_map_claims (void)
{
  const DoorSubject subject = { .issuer = "issuer", .value = "anna" };
  g_autoptr (DoorClaims) claims = door_claims_new (&subject, g_variant_new ("a{sas}", NULL));

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GObject) object = double_new (cases[i].answer);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = NULL;

      expect_critical (cases[i].critical);
      identity = door_idp_map_claims (DOOR_IDP (object), claims, &error);
      assert_outcome (i, identity != NULL, error);
    }
}

static void
test_scim (void)
{
  const DoorScimTarget target = { .method = "POST", .resource_type = "User" };
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GObject) object = double_new (cases[i].answer);
      g_autoptr (GError) error = NULL, second = NULL;
      g_autoptr (JsonNode) node = NULL, other = NULL;

      expect_critical (cases[i].critical);
      node = door_directory_normalize (DOOR_DIRECTORY (object), &target, body, &error);
      assert_outcome (i, node != NULL, error);
      expect_critical (cases[i].critical);
      other = door_directory_present (DOOR_DIRECTORY (object), &target, body, &second);
      assert_outcome (i, other != NULL, second);
    }
}

static void
assert_incomplete (Answer answer, const char *text)
{
  g_autoptr (GObject) object = double_new (answer);
  g_autoptr (GError) error = NULL;

  g_assert_false (door_idp_configure (DOOR_IDP (object), NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_PLUGIN);
  g_assert_nonnull (strstr (error->message, text));
}

static void
test_complete (void)
{
  assert_incomplete ((Answer){ .ok = TRUE, .no_profile = true }, "no profile");
  for (size_t i = 0; i < sizeof (DoorIdpPreset) / sizeof (gpointer); i++)
    {
      DoorIdpPreset preset = good_preset;

      ((gpointer *) &preset)[i] = NULL;
      assert_incomplete ((Answer){ .ok = TRUE, .preset = &preset }, "incomplete preset");
    }
}

/* A class belongs to one description: a second one of the same name would get the decisions of the first. */
static void
test_kinds (void)
{
  static const DoorIdpKind one = { .type_name = "OneKind" }, two = { .type_name = "OneKind" };
  static const DoorIdpKind taken = { .type_name = "Double" }, foreign = { .type_name = "gint" };
  GType type = door_idp_kind_ensure_type (&one);

  g_assert_true (g_type_is_a (type, DOOR_TYPE_IDP));
  g_assert_cmpuint (door_idp_kind_ensure_type (&one), ==, type);
  g_assert_cmpuint (door_idp_kind_ensure_type (&two), ==, G_TYPE_INVALID);
  g_assert_cmpuint (double_get_type (), !=, G_TYPE_INVALID);
  g_assert_cmpuint (door_idp_kind_ensure_type (&taken), ==, G_TYPE_INVALID);
  g_assert_cmpuint (door_idp_kind_ensure_type (&foreign), ==, G_TYPE_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contract/configure", test_configure);
  g_test_add_func ("/contract/map-claims", test_map_claims);
  g_test_add_func ("/contract/scim", test_scim);
  g_test_add_func ("/contract/complete", test_complete);
  g_test_add_func ("/contract/kinds", test_kinds);
  return g_test_run ();
}
