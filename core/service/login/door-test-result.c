/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-test-result.h"

#include <string.h>

#include "door-error.h"
#include "door-saml-checks.h"
#include "door-text.h"

/* What a person can look through; the result as a page must stay within the limits of pages. */
#define MAX_VALUE_BYTES 300
#define MAX_ALL_BYTES (24 * 1024)

static void
insert (GVariantDict *dict, const char *key, const char *value)
{
  g_autofree char *line = door_text_dup_line (value != NULL ? value : "", MAX_VALUE_BYTES);

  g_variant_dict_insert (dict, key, "s", line);
}

/* As many as there is room for. */
static GVariant *
build_values (char *const *values, size_t *room)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  for (size_t i = 0; values[i] != NULL && *room > 0; i++)
    {
      g_autofree char *line = door_text_dup_line (values[i], MAX_VALUE_BYTES);

      *room -= MIN (*room, strlen (line) + 1);
      g_variant_builder_add (&builder, "s", line);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
build_attributes (const DoorClaims *claims)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  size_t room = MAX_ALL_BYTES;
  GVariantIter iter;
  const char *name;
  char **values;

  g_variant_iter_init (&iter, door_claims_get_values (claims));
  while (g_variant_iter_loop (&iter, "{&s^as}", &name, &values))
    {
      GVariantDict entry = G_VARIANT_DICT_INIT (NULL);

      room -= MIN (room, strlen (name) + 1);
      insert (&entry, "name", name);
      g_variant_dict_insert_value (&entry, "values", build_values (values, &room));
      g_variant_builder_add_value (&builder, g_variant_dict_end (&entry));
      if (room == 0)
        {
          g_strfreev (values); /* the loop frees them only when it goes on */
          break;
        }
    }
  return g_variant_builder_end (&builder);
}

static void
add_pair (GVariantBuilder *builder, const char *name, const char *value)
{
  GVariantDict entry = G_VARIANT_DICT_INIT (NULL);

  if (value == NULL || *value == '\0')
    {
      g_variant_dict_clear (&entry);
      return;
    }
  insert (&entry, "name", name);
  insert (&entry, "value", value);
  g_variant_builder_add_value (builder, g_variant_dict_end (&entry));
}

/* Under the names of the keys that decide about them. */
static GVariant *
build_identity (const DoorIdentity *identity)
{
  static const char *const names[DOOR_IDENTITY_N_FIELDS] = {
    [DOOR_IDENTITY_USER_NAME] = "UserName",
    [DOOR_IDENTITY_EMAIL] = "Email",
    [DOOR_IDENTITY_FULL_NAME] = "FullName",
    [DOOR_IDENTITY_GIVEN_NAME] = "GivenName",
    [DOOR_IDENTITY_FAMILY_NAME] = "FamilyName",
    [DOOR_IDENTITY_DEPARTMENT] = "Department",
    [DOOR_IDENTITY_MANAGED_ACCOUNT] = "ManagedAppleAccount",
  };
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  add_pair (&builder, "Subject", door_identity_get_subject (identity));
  for (int field = 0; field < DOOR_IDENTITY_N_FIELDS; field++)
    add_pair (&builder, names[field], door_identity_get (identity, (DoorIdentityField) field));
  return g_variant_builder_end (&builder);
}

static void
add_check (GVariantBuilder *builder, const char *name, bool passed)
{
  GVariantDict entry = G_VARIANT_DICT_INIT (NULL);

  insert (&entry, "name", name);
  g_variant_dict_insert (&entry, "passed", "b", passed);
  g_variant_builder_add_value (builder, g_variant_dict_end (&entry));
}

static GVariant *
build_checks (const char *passed, const char *failed)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  g_auto (GStrv) names = g_strsplit (passed, " ", -1);

  for (char **name = names; *name != NULL; name++)
    if (**name != '\0')
      add_check (&builder, *name, true);
  if (failed != NULL)
    add_check (&builder, failed, false);
  return g_variant_builder_end (&builder);
}

static void
insert_failure (GVariantDict *dict, const GError *failure, const char *detail)
{
  const DoorFaultInfo *info = door_error_get_info (failure);

  insert (dict, "fault", info->id);
  insert (dict, "reason", detail);
  insert (dict, "fix", info->fix);
}

/* A name for an account on a Mac, as setup fills it in: what stands before the @. */
static void
insert_local_account (GVariantDict *dict, const DoorIdentity *identity)
{
  const char *account = door_identity_get (identity, DOOR_IDENTITY_USER_NAME);
  const char *at;
  g_autofree char *local = NULL;

  if (account == NULL)
    account = door_identity_get (identity, DOOR_IDENTITY_MANAGED_ACCOUNT);
  if (account == NULL)
    return;
  at = strchr (account, '@');
  local = g_strndup (account, at != NULL ? (size_t) (at - account) : strlen (account));
  insert (dict, "local_account", local);
}

static void
insert_verdict (GVariantDict *dict, const char *key, const GError *refusal)
{
  g_autofree char *text =
      refusal != NULL ? g_strdup_printf ("%s: %s", door_error_get_info (refusal)->id, refusal->message)
                      : g_strdup ("");

  insert (dict, key, text);
}

static void
insert_mapped (GVariantDict *dict, const DoorTestFindings *findings)
{
  const DoorIdentity *identity = findings->identity;
  size_t room = MAX_ALL_BYTES;

  g_variant_dict_insert_value (dict, "identity", build_identity (identity));
  g_variant_dict_insert_value (
      dict, "groups",
      build_values ((char *const *) (gconstpointer) door_identity_get_groups (identity), &room));
  g_variant_dict_insert (dict, "groups_complete", "b", door_identity_groups_complete (identity));
  insert_local_account (dict, identity);
  g_variant_dict_insert (dict, "may_enroll", "b", findings->enrollment == NULL);
  insert_verdict (dict, "enrollment_refused", findings->enrollment);
  g_variant_dict_insert (dict, "may_administer", "b", findings->administration == NULL);
  insert_verdict (dict, "administration_refused", findings->administration);
  insert (dict, "admin_roles", findings->roles);
}

/**
 * door_test_result_build:
 * @sign_in: a sign-in whose proof holds
 * @findings: what would have come of it
 *
 * Puts together what a test shows: names and values of the provider, the checks that were passed, and what
 * they lead to here. Long values are cut, and of very many the last are left out. Pure.
 *
 * Returns: (transfer full): a dictionary
 */
GVariant *
door_test_result_build (const DoorSignIn *sign_in, const DoorTestFindings *findings)
{
  const DoorSubject *subject = door_claims_get_subject (sign_in->proof->claims);
  g_autofree char *checks = g_strconcat ("request ", sign_in->proof->checks, NULL);
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);

  insert (&dict, "outcome", findings->refusal == NULL ? "accepted" : "refused");
  insert (&dict, "connection", sign_in->request->connection);
  insert (&dict, "protocol", findings->protocol);
  insert (&dict, "code", sign_in->code);
  insert (&dict, "issuer", subject->issuer);
  insert (&dict, "subject", subject->value);
  insert (&dict, "subject_format", subject->format);
  g_variant_dict_insert_value (&dict, "attributes", build_attributes (sign_in->proof->claims));
  g_variant_dict_insert_value (
      &dict, "checks",
      build_checks (checks, findings->refusal != NULL ? door_error_get_info (findings->refusal)->id : NULL));
  if (findings->refusal != NULL)
    insert_failure (&dict, findings->refusal, findings->refusal->message);
  if (findings->identity != NULL)
    insert_mapped (&dict, findings);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/**
 * door_test_result_build_refused:
 * @refusal: what is known of the answer
 *
 * Puts together what a test shows of an answer that does not hold: the checks it has passed, the one that
 * refused it, and why. Pure.
 *
 * Returns: (transfer full): a dictionary
 */
GVariant *
door_test_result_build_refused (const DoorTestRefusal *refusal)
{
  const char *failed = door_saml_checks_get_failed (door_error_get_fault (refusal->failure));
  g_auto (GStrv) lines = g_strsplit (refusal->received, "\n", -1);
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);
  size_t room = MAX_ALL_BYTES;

  insert (&dict, "outcome", "refused");
  insert (&dict, "connection", refusal->connection);
  insert (&dict, "code", refusal->code);
  g_variant_dict_insert_value (
      &dict, "checks",
      build_checks (refusal->checks, failed != NULL ? failed : door_error_get_info (refusal->failure)->id));
  insert_failure (&dict, refusal->failure, refusal->detail);
  g_variant_dict_insert_value (&dict, "received", build_values (lines, &room));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/**
 * door_test_result_parse:
 * @text: a result as it is stored
 * @error: return location for an error
 *
 * Reads what g_variant_print() has made of a result. Pure.
 *
 * Returns: (transfer full): the dictionary, or %NULL with an error
 */
GVariant *
door_test_result_parse (const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  GVariant *result = strlen (text) <= DOOR_TEST_RESULT_MAX_BYTES
                         ? g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &local)
                         : NULL;

  if (result == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL, "the result cannot be read: %s",
                    local != NULL ? local->message : "too long");
  return result;
}
