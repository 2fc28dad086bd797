/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-identity.h"

#include <string.h>

#include "door-error.h"

struct _DoorIdentity
{
  char *issuer;
  char *subject;
  char *fields[DOOR_IDENTITY_N_FIELDS];
  char **groups;
  bool groups_complete;
};

struct _DoorClaimMap
{
  char **subject; /* claims to try in order; empty: the NameID */
  char **fields[DOOR_IDENTITY_N_FIELDS];
  char **groups;
};

/**
 * door_identity_new:
 * @issuer: the identity provider's entity id or issuer
 * @subject: what identifies the person there for ever
 *
 * Makes an identity. Its maker sets the fields before anybody else sees it.
 *
 * Returns: (transfer full): the identity
 */
DoorIdentity *
door_identity_new (const char *issuer, const char *subject)
{
  DoorIdentity *self = g_atomic_rc_box_new0 (DoorIdentity);

  self->issuer = g_strdup (issuer);
  self->subject = g_strdup (subject);
  self->groups = g_new0 (char *, 1);
  self->groups_complete = true;
  return self;
}

/**
 * door_identity_ref:
 * @self: an identity
 *
 * Returns: (transfer full): @self
 */
DoorIdentity *
door_identity_ref (DoorIdentity *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
identity_clear (gpointer box)
{
  DoorIdentity *self = box;

  g_free (self->issuer);
  g_free (self->subject);
  for (size_t i = 0; i < DOOR_IDENTITY_N_FIELDS; i++)
    g_free (self->fields[i]);
  g_strfreev (self->groups);
}

/**
 * door_identity_unref:
 * @self: (transfer full): an identity
 */
void
door_identity_unref (DoorIdentity *self)
{
  g_atomic_rc_box_release_full (self, identity_clear);
}

/**
 * door_identity_set:
 * @self: an identity that nobody else has seen yet
 * @field: which field
 * @value: (nullable): its text
 */
void
door_identity_set (DoorIdentity *self, DoorIdentityField field, const char *value)
{
  g_return_if_fail (field < DOOR_IDENTITY_N_FIELDS);
  g_free (self->fields[field]);
  self->fields[field] = g_strdup (value);
}

/**
 * door_identity_set_groups:
 * @self: an identity that nobody else has seen yet
 * @groups: (array zero-terminated=1): names or ids
 * @complete: false when the provider left some out
 */
void
door_identity_set_groups (DoorIdentity *self, const char *const *groups, bool complete)
{
  g_strfreev (self->groups);
  self->groups = g_strdupv ((char **) groups);
  self->groups_complete = complete;
}

/**
 * door_identity_get_issuer:
 * @self: an identity
 *
 * Returns: (transfer none): the identity provider's entity id or issuer
 */
const char *
door_identity_get_issuer (const DoorIdentity *self)
{
  return self->issuer;
}

/**
 * door_identity_get_subject:
 * @self: an identity
 *
 * Returns: (transfer none): what identifies the person at the issuer
 */
const char *
door_identity_get_subject (const DoorIdentity *self)
{
  return self->subject;
}

/**
 * door_identity_get:
 * @self: an identity
 * @field: which field
 *
 * Returns: (transfer none) (nullable): its text
 */
const char *
door_identity_get (const DoorIdentity *self, DoorIdentityField field)
{
  g_return_val_if_fail (field < DOOR_IDENTITY_N_FIELDS, NULL);
  return self->fields[field];
}

/**
 * door_identity_get_groups:
 * @self: an identity
 *
 * Returns: (transfer none) (array zero-terminated=1): names or ids
 */
const char *const *
door_identity_get_groups (const DoorIdentity *self)
{
  return (const char *const *) self->groups;
}

/**
 * door_identity_groups_complete:
 * @self: an identity
 *
 * Returns: false when the provider left groups out
 */
bool
door_identity_groups_complete (const DoorIdentity *self)
{
  return self->groups_complete;
}

static char **
choose_names (const DoorSettings *settings, const char *key, const char *fallback)
{
  if (door_settings_is_set (settings, key))
    return door_settings_dup_list (settings, key);
  return g_strsplit (fallback != NULL ? fallback : "", ";", -1);
}

/**
 * door_claim_map_new:
 * @settings: the provider's group, with the keys Subject=, UserName=, Email= … of every provider
 * @defaults: the provider's preset; a key that is set replaces its entry
 *
 * Returns: (transfer full): the table from claims to an identity
 */
DoorClaimMap *
door_claim_map_new (const DoorSettings *settings, const DoorClaimDefaults *defaults)
{
  DoorClaimMap *self = g_new0 (DoorClaimMap, 1);

  self->subject = choose_names (settings, "Subject", defaults->subject);
  self->fields[DOOR_IDENTITY_USER_NAME] = choose_names (settings, "UserName", defaults->user_name);
  self->fields[DOOR_IDENTITY_EMAIL] = choose_names (settings, "Email", defaults->email);
  self->fields[DOOR_IDENTITY_FULL_NAME] = choose_names (settings, "FullName", defaults->full_name);
  self->fields[DOOR_IDENTITY_GIVEN_NAME] = choose_names (settings, "GivenName", defaults->given_name);
  self->fields[DOOR_IDENTITY_FAMILY_NAME] = choose_names (settings, "FamilyName", defaults->family_name);
  self->fields[DOOR_IDENTITY_DEPARTMENT] = choose_names (settings, "Department", defaults->department);
  self->fields[DOOR_IDENTITY_MANAGED_ACCOUNT] =
      choose_names (settings, "ManagedAccount", defaults->managed_account);
  self->groups = choose_names (settings, "Groups", defaults->groups);
  return self;
}

/**
 * door_claim_map_free:
 * @self: (transfer full): a map
 */
void
door_claim_map_free (DoorClaimMap *self)
{
  g_strfreev (self->subject);
  for (size_t i = 0; i < DOOR_IDENTITY_N_FIELDS; i++)
    g_strfreev (self->fields[i]);
  g_strfreev (self->groups);
  g_free (self);
}

static const char *
first_claim (const DoorClaims *claims, char **names)
{
  for (size_t i = 0; names[i] != NULL; i++)
    {
      const char *value = *names[i] != '\0' ? door_claims_get_string (claims, names[i]) : NULL;

      if (value != NULL)
        return value;
    }
  return NULL;
}

static void
append_part (GString *key, const char *part)
{
  g_string_append_printf (key, "%zu:%s", part != NULL ? strlen (part) : 0, part != NULL ? part : "");
}

/* Format and qualifiers belong to the name (SAML core 2.2.2); lengths keep the parts apart. */
static char *
subject_of_name_id (const DoorSubject *subject)
{
  GString *key = g_string_new ("nameid:");

  append_part (key, subject->format);
  append_part (key, subject->name_qualifier);
  append_part (key, subject->sp_name_qualifier);
  append_part (key, subject->value);
  return g_string_free (key, FALSE);
}

static char *
choose_subject (const DoorClaimMap *self, const DoorClaims *claims, GError **error)
{
  const char *value;

  if (self->subject[0] == NULL || *self->subject[0] == '\0')
    return subject_of_name_id (door_claims_get_subject (claims));
  value = first_claim (claims, self->subject);
  if (value == NULL)
    {
      g_autofree char *names = g_strjoinv (";", self->subject);

      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT,
                      "no value in the subject claim %s", names);
      return NULL;
    }
  return g_strdup_printf ("claim:%s", value);
}

static void
map_groups (const DoorClaimMap *self, const DoorClaims *claims, DoorIdentity *identity)
{
  for (size_t i = 0; self->groups[i] != NULL; i++)
    {
      g_auto (GStrv) values = NULL;

      if (*self->groups[i] == '\0')
        continue;
      values = door_claims_dup_strings (claims, self->groups[i]);
      if (values[0] != NULL)
        {
          door_identity_set_groups (identity, (const char *const *) values, true);
          return;
        }
    }
}

/**
 * door_claim_map_apply:
 * @self: a map
 * @claims: verified claims
 * @error: return location for an error
 *
 * Turns claims into an identity; of each list of names the first with a value wins. Pure.
 *
 * Returns: (transfer full): the identity, or %NULL with %DOOR_ERROR_NOT_ALLOWED when the subject is missing
 */
DoorIdentity *
door_claim_map_apply (const DoorClaimMap *self, const DoorClaims *claims, GError **error)
{
  g_autofree char *subject = choose_subject (self, claims, error);
  DoorIdentity *identity;

  if (subject == NULL)
    return NULL;
  identity = door_identity_new (door_claims_get_subject (claims)->issuer, subject);
  for (size_t i = 0; i < DOOR_IDENTITY_N_FIELDS; i++)
    door_identity_set (identity, (DoorIdentityField) i, first_claim (claims, self->fields[i]));
  map_groups (self, claims, identity);
  return identity;
}
