/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vendor-fixture.h"

#include <string.h>

#include "door-options.h"
#include "door-saml-metadata.h"
#include "door-saml-response.h"
#include "door-saml.h"
#include "test-data.h"

#define SP "https://mdm.example.com/saml/"

static DoorSettings *
read_settings (const Vendor *vendor, const char *config, GError **error)
{
  const DoorKey *tables[] = { door_options_lookup ("idp")->keys,
                              vendor->get_keys != NULL ? vendor->get_keys () : NULL, NULL };
  g_autofree char *group = g_strconcat ("idp/", vendor->sp, NULL);
  DoorSettingsSource source = { .group = group, .tables = tables };
  g_auto (GStrv) lines = g_strsplit (config, "\n", -1);

  source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (source.values, g_strdup ("Type"), g_strdup ("test"));
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) pair = g_strsplit (*line, "=", 2);

      if (**line != '\0')
        g_assert_true (g_hash_table_insert (source.values, g_strdup (pair[0]), g_strdup (pair[1])));
    }
  return door_settings_new (&source, error);
}

/* A provider with these "Key=Value" lines, or NULL. */
DoorIdp *
vendor_configure (const Vendor *vendor, const char *config, GError **error)
{
  g_autoptr (DoorSettings) settings = read_settings (vendor, config, error);
  g_autoptr (DoorIdp) idp = NULL;

  if (settings == NULL)
    return NULL;
  idp = g_object_new (vendor->get_type (), NULL);
  return door_idp_configure (idp, settings, error) ? g_steal_pointer (&idp) : NULL;
}

/* What a browser would post: the engine checks all of it, then the provider maps the claims. */
DoorIdentity *
vendor_sign_in (const Vendor *vendor, const char *config, const char *response, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (DoorIdp) idp = vendor_configure (vendor, config, &local);
  g_autoptr (DoorIdpProfile) profile = NULL;
  g_autoptr (GBytes) document = test_data_load (vendor->folder, "metadata.xml");
  g_autoptr (GBytes) answer = test_data_load (vendor->folder, response);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (DoorSamlResponse) verified = NULL;
  g_autofree char *sp = g_strconcat (SP, vendor->sp, NULL);
  g_autofree char *acs = g_strconcat (sp, "/acs", NULL);
  g_autofree char *form = g_base64_encode (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));

  g_assert_no_error (local);
  profile = door_idp_dup_profile (idp);
  metadata = door_saml_metadata_parse (document, door_idp_profile_get_entity_id (profile), false, &local);
  g_assert_no_error (local);
  verified = door_saml_response_verify (form, strlen (form),
                                        &(DoorSamlExpectation){
                                            .metadata = metadata,
                                            .acs_url = acs,
                                            .sp_entity_id = sp,
                                            .now_ms = VENDOR_NOW_MS,
                                            .clock_skew_s = 90,
                                            .signed_part = door_idp_profile_get_signed_part (profile),
                                            .allow_sha1 = door_idp_profile_get_allow_sha1 (profile),
                                        },
                                        error);
  if (verified == NULL)
    return NULL;
  return door_idp_map_claims (idp, door_saml_response_get_claims (verified), error);
}

void
vendor_assert_refused (const Vendor *vendor, const char *config, const char *response, DoorFault fault)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (vendor, config, response, &error);

  g_test_message ("%s: %s", response, error != NULL ? error->message : "accepted");
  g_assert_null (identity);
  g_assert_nonnull (error);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
}

void
vendor_assert_configs (const Vendor *vendor, const VendorConfig *configs, size_t n_configs)
{
  for (size_t i = 0; i < n_configs; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdp) idp = vendor_configure (vendor, configs[i].config, &error);
      g_autoptr (DoorIdpProfile) profile = NULL;

      g_test_message ("%s: %s", configs[i].config, error != NULL ? error->message : "accepted");
      if (configs[i].fault != DOOR_FAULT_NONE)
        {
          g_assert_null (idp);
          g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
          g_assert_cmpint (door_error_get_fault (error), ==, configs[i].fault);
          g_assert_nonnull (strstr (error->message, configs[i].reason));
          continue;
        }
      g_assert_no_error (error);
      profile = door_idp_dup_profile (idp);
      g_assert_cmpstr (door_idp_profile_get_metadata_url (profile), ==, configs[i].metadata_url);
      g_assert_cmpint (door_idp_profile_get_signed_part (profile), ==, DOOR_SIGNED_EITHER);
      g_assert_null (door_idp_profile_get_name_id_format (profile));
    }
}

static void
assert_text (const char *text)
{
  g_assert_nonnull (text);
  g_assert_cmpuint (strlen (text), >, 1);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strchr (text, '\n'));
}

/* Only what the command line fills in is a placeholder; ${…} is the provider's own. */
static void
assert_placeholders (const char *text)
{
  for (const char *at = strchr (text, '{'); at != NULL; at = strchr (at + 1, '{'))
    g_assert_true (g_str_has_prefix (at, "{acs}") || g_str_has_prefix (at, "{entity-id}") ||
                   (at > text && at[-1] == '$'));
}

static bool
assert_values (const DoorIdpValue *values, const char *wanted)
{
  bool found = false;

  for (; values->label != NULL; values++)
    {
      assert_text (values->label);
      assert_text (values->value);
      assert_placeholders (values->value);
      found = found || strcmp (values->value, wanted) == 0;
    }
  return found;
}

/* What an administrator is shown is complete, and each error of the provider leads to its own advice. */
void
vendor_assert_preset (const Vendor *vendor)
{
  g_autoptr (DoorIdp) idp = g_object_new (vendor->get_type (), NULL);
  const DoorIdpPreset *preset = door_idp_get_preset (idp);
  size_t n_notes = 0;

  assert_text (preset->title);
  assert_text (preset->where);
  assert_text (preset->metadata);
  g_assert_true (assert_values (preset->values, "{acs}"));
  g_assert_true (assert_values (preset->values, "{entity-id}"));
  for (; preset->notes[n_notes] != NULL; n_notes++)
    {
      assert_text (preset->notes[n_notes]);
      assert_placeholders (preset->notes[n_notes]);
      g_assert_true (g_str_has_suffix (preset->notes[n_notes], "."));
    }
  g_assert_cmpuint (n_notes, >=, 3);
  for (const DoorIdpErrorText *text = preset->errors; text->needle != NULL; text++)
    {
      assert_text (text->needle);
      assert_text (text->fix);
      g_assert_cmpstr (door_idp_explain_status (idp, text->needle), ==, text->fix);
    }
  g_assert_null (door_idp_explain_status (idp, "a message nobody knows"));
  g_assert_nonnull (
      door_idp_explain_status (idp, "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy: no"));
}

void
vendor_assert_identity (const DoorIdentity *identity, DoorIdentityField field, const char *expected)
{
  g_assert_cmpstr (door_identity_get (identity, field), ==, expected);
}

char *
vendor_join_groups (const DoorIdentity *identity)
{
  return g_strjoinv (";", (char **) door_identity_get_groups (identity));
}

int
vendor_run (int argc, char **argv, void (*add) (void))
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  door_saml_init (&error);
  g_assert_no_error (error);
  add ();
  status = g_test_run ();
  door_saml_shutdown ();
  return status;
}
