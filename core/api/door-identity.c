/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-identity.h"

#include <string.h>

#include "door-error.h"
#include "door-text.h"

#define TRANSIENT "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"

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
  char *scope;    /* claim that goes before the subject, or NULL */
  char **fields[DOOR_IDENTITY_N_FIELDS];
  char **groups;
  char *groups_separator; /* between groups that arrive in one value, or NULL */
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

G_DEFINE_BOXED_TYPE (DoorIdentity, door_identity, door_identity_ref, door_identity_unref)

/**
 * door_identity_ref:
 * @self: an identity
 *
 * Takes a reference. Any thread.
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
 *
 * Drops a reference. Any thread.
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
 *
 * Sets one field. Only for who makes the identity.
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
 *
 * Sets the groups. Only for who makes the identity.
 */
void
door_identity_set_groups (DoorIdentity *self, const char *const *groups, bool complete)
{
  g_strfreev (self->groups);
  self->groups = g_strdupv ((char **) groups);
  self->groups_complete = complete;
}

/**
 * door_identity_set_groups_incomplete:
 * @self: an identity that nobody else has seen yet
 *
 * Says that the provider left groups out. Those that are there are kept.
 */
void
door_identity_set_groups_incomplete (DoorIdentity *self)
{
  self->groups_complete = false;
}

/**
 * door_identity_get_issuer:
 * @self: an identity
 *
 * Gets whose subject this is. Never blocks.
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
 * Gets the name that stays with the person. Never blocks.
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
 * Gets one field. Never blocks.
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
 * Gets the groups that are known. Never blocks.
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
 * Says whether a person can be refused for a group that is missing. Never blocks.
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
 * Joins a provider's preset with what the administrator wrote. Pure.
 *
 * Returns: (transfer full) (skip): the table from claims to an identity
 */
DoorClaimMap *
door_claim_map_new (const DoorSettings *settings, const DoorClaimDefaults *defaults)
{
  DoorClaimMap *self = g_new0 (DoorClaimMap, 1);

  self->subject = choose_names (settings, "Subject", defaults->subject);
  if (!door_settings_is_set (settings, "Subject"))
    self->scope = g_strdup (defaults->subject_scope);
  self->fields[DOOR_IDENTITY_USER_NAME] = choose_names (settings, "UserName", defaults->user_name);
  self->fields[DOOR_IDENTITY_EMAIL] = choose_names (settings, "Email", defaults->email);
  self->fields[DOOR_IDENTITY_FULL_NAME] = choose_names (settings, "FullName", defaults->full_name);
  self->fields[DOOR_IDENTITY_GIVEN_NAME] = choose_names (settings, "GivenName", defaults->given_name);
  self->fields[DOOR_IDENTITY_FAMILY_NAME] = choose_names (settings, "FamilyName", defaults->family_name);
  self->fields[DOOR_IDENTITY_DEPARTMENT] = choose_names (settings, "Department", defaults->department);
  self->fields[DOOR_IDENTITY_MANAGED_ACCOUNT] =
      choose_names (settings, "ManagedAccount", defaults->managed_account);
  self->groups = choose_names (settings, "Groups", defaults->groups);
  self->groups_separator = g_strdup (defaults->groups_separator);
  return self;
}

/**
 * door_claim_map_free:
 * @self: (transfer full): a map
 *
 * Frees the map.
 */
void
door_claim_map_free (DoorClaimMap *self)
{
  g_strfreev (self->subject);
  g_free (self->scope);
  for (size_t i = 0; i < DOOR_IDENTITY_N_FIELDS; i++)
    g_strfreev (self->fields[i]);
  g_strfreev (self->groups);
  g_free (self->groups_separator);
  g_free (self);
}

/* White space around a value is the habit of some provider; anything else that does not show is a trick. */
static bool
shows_as_it_is (const char *value)
{
  g_autofree char *bare = g_strstrip (g_strdup (value));

  return door_text_is_plain (bare);
}

/* What a person may have chosen themselves ends on the terminals of others: a value that would speak to them
 * counts as none, and no other claim is taken for it. */
static const char *
first_claim (const DoorClaims *claims, char **names)
{
  for (size_t i = 0; names[i] != NULL; i++)
    {
      const char *value = *names[i] != '\0' ? door_claims_get_string (claims, names[i]) : NULL;

      if (value != NULL)
        return shows_as_it_is (value) ? value : NULL;
    }
  return NULL;
}

static void
append_part (GString *key, const char *part)
{
  g_string_append_printf (key, "%zu:%s", part != NULL ? strlen (part) : 0, part != NULL ? part : "");
}

/* Format and qualifiers belong to the name (SAML core 2.2.2); lengths keep the parts apart. A transient name
 * is a new one each time (SAML core 8.3.8), and would make a new person each time. */
static char *
subject_of_name_id (const DoorSubject *subject, GError **error)
{
  GString *key;

  if (g_strcmp0 (subject->format, TRANSIENT) == 0)
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT,
                      "the NameID is transient: let the provider send a persistent one, or an attribute that "
                      "stays with the person, and name that in Subject=");
      return NULL;
    }
  key = g_string_new ("nameid:");
  append_part (key, subject->format);
  append_part (key, subject->name_qualifier);
  append_part (key, subject->sp_name_qualifier);
  append_part (key, subject->value);
  return g_string_free (key, FALSE);
}

/* The one value of a claim that decides who somebody is. */
static char *
dup_only_value (const DoorClaims *claims, const char *name, GError **error)
{
  g_auto (GStrv) values = door_claims_dup_strings (claims, name);
  const char *only = NULL;

  for (size_t i = 0; values[i] != NULL; i++)
    {
      if (*values[i] == '\0')
        continue;
      if (only != NULL)
        {
          door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT,
                          "the subject claim %s has several values", name);
          return NULL;
        }
      only = values[i];
    }
  if (only == NULL)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT, "no value in the subject claim %s",
                    name);
  return g_strdup (only);
}

/* The name of the claim belongs to the key: the same text in another claim is somebody else. */
static char *
subject_of_claim (const DoorClaimMap *self, const DoorClaims *claims, const char *name, GError **error)
{
  g_autofree char *value = dup_only_value (claims, name, error);
  g_autofree char *scope = NULL;
  GString *key;

  if (value == NULL)
    return NULL;
  if (self->scope != NULL)
    {
      scope = dup_only_value (claims, self->scope, error);
      if (scope == NULL)
        return NULL;
      if (strchr (scope, '/') != NULL)
        {
          door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT, "there is a slash in %s",
                          self->scope);
          return NULL;
        }
    }
  key = g_string_new ("claim:");
  append_part (key, name);
  if (scope != NULL)
    g_string_append_printf (key, "%s/", scope);
  g_string_append (key, value);
  return g_string_free (key, FALSE);
}

static char *
choose_subject (const DoorClaimMap *self, const DoorClaims *claims, GError **error)
{
  g_autofree char *names = NULL;

  if (self->subject[0] == NULL || *self->subject[0] == '\0')
    return subject_of_name_id (door_claims_get_subject (claims), error);
  for (char **name = self->subject; *name != NULL; name++)
    {
      if (strcmp (*name, DOOR_CLAIM_NAME_ID) == 0)
        return subject_of_name_id (door_claims_get_subject (claims), error);
      if (door_claims_get_string (claims, *name) != NULL)
        return subject_of_claim (self, claims, *name, error);
    }
  names = g_strjoinv (";", self->subject);
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT, "no value in the subject claim %s",
                  names);
  return NULL;
}

/* Some providers put all groups into one value. */
static char **
split_groups (char *const *values, const char *separator)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);

  for (; *values != NULL; values++)
    {
      g_auto (GStrv) parts = g_strsplit (*values, separator, -1);

      for (char **part = parts; *part != NULL; part++)
        if (*g_strstrip (*part) != '\0')
          g_ptr_array_add (groups, g_strdup (*part));
    }
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&groups), FALSE);
}

static void
map_groups (const DoorClaimMap *self, const DoorClaims *claims, DoorIdentity *identity)
{
  for (size_t i = 0; self->groups[i] != NULL; i++)
    {
      g_auto (GStrv) values = NULL, groups = NULL;

      if (*self->groups[i] == '\0')
        continue;
      values = door_claims_dup_strings (claims, self->groups[i]);
      if (values[0] == NULL)
        continue;
      if (self->groups_separator != NULL)
        groups = split_groups (values, self->groups_separator);
      door_identity_set_groups (identity, (const char *const *) (groups != NULL ? groups : values), true);
      return;
    }
}

/* A person needs a name on pages and on a Mac: what the provider calls them, else what it is made of, else
 * the e-mail address. */
static void
complete_full_name (DoorIdentity *identity)
{
  char **fields = identity->fields;

  if (fields[DOOR_IDENTITY_FULL_NAME] != NULL)
    return;
  if (fields[DOOR_IDENTITY_GIVEN_NAME] != NULL && fields[DOOR_IDENTITY_FAMILY_NAME] != NULL)
    fields[DOOR_IDENTITY_FULL_NAME] =
        g_strconcat (fields[DOOR_IDENTITY_GIVEN_NAME], " ", fields[DOOR_IDENTITY_FAMILY_NAME], NULL);
  else
    fields[DOOR_IDENTITY_FULL_NAME] = g_strdup (fields[DOOR_IDENTITY_EMAIL]);
}

/**
 * door_claim_map_apply:
 * @self: a map
 * @claims: verified claims
 * @error: return location for an error
 *
 * Turns claims into an identity; of each list of names the first with a value wins. Without a full name the
 * given and family name are taken, then the e-mail address. The subject is the NameID with its format and
 * qualifiers (SAML core 2.2.2), or a claim together with its name, so that equal texts from different places
 * never meet; a transient NameID is none. Pure.
 *
 * Returns: (transfer full): the identity, or %NULL with %DOOR_ERROR_NOT_ALLOWED and %DOOR_FAULT_ID_SUBJECT
 * when the subject is missing or not unique
 */
DoorIdentity *
door_claim_map_apply (const DoorClaimMap *self, const DoorClaims *claims, GError **error)
{
  g_autofree char *subject = choose_subject (self, claims, error);
  DoorIdentity *identity;

  if (subject == NULL)
    return NULL;
  if (!door_text_is_plain (subject))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_SUBJECT,
                      "a control character in the subject");
      return NULL;
    }
  identity = door_identity_new (door_claims_get_subject (claims)->issuer, subject);
  for (size_t i = 0; i < DOOR_IDENTITY_N_FIELDS; i++)
    door_identity_set (identity, (DoorIdentityField) i, first_claim (claims, self->fields[i]));
  complete_full_name (identity);
  map_groups (self, claims, identity);
  return identity;
}
