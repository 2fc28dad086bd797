/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-claims.h"

struct _DoorClaims
{
  DoorSubject subject; /* its strings are owned */
  GVariant *values;    /* a{sas} */
  char **repeated;
};

/**
 * door_claims_new:
 * @subject: who the claims are about; @issuer and @value are required
 * @values: (transfer floating): attributes of type `a{sas}`, each name once
 *
 * Makes the immutable set of claims of one verified answer. Never blocks.
 *
 * Returns: (transfer full): the claims
 */
DoorClaims *
door_claims_new (const DoorSubject *subject, GVariant *values)
{
  DoorClaims *self = g_atomic_rc_box_new0 (DoorClaims);

  self->subject.issuer = g_strdup (subject->issuer);
  self->subject.value = g_strdup (subject->value);
  self->subject.format = g_strdup (subject->format);
  self->subject.name_qualifier = g_strdup (subject->name_qualifier);
  self->subject.sp_name_qualifier = g_strdup (subject->sp_name_qualifier);
  self->values = g_variant_ref_sink (values);
  /* serialised once: the strings getters hand out then lie in this one buffer */
  (void) g_variant_get_data (self->values);
  return self;
}

G_DEFINE_BOXED_TYPE (DoorClaims, door_claims, door_claims_ref, door_claims_unref)

/**
 * door_claims_ref:
 * @self: claims
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorClaims *
door_claims_ref (DoorClaims *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
door_claims_clear (gpointer box)
{
  DoorClaims *self = box;

  g_free ((char *) self->subject.issuer);
  g_free ((char *) self->subject.value);
  g_free ((char *) self->subject.format);
  g_free ((char *) self->subject.name_qualifier);
  g_free ((char *) self->subject.sp_name_qualifier);
  g_variant_unref (self->values);
  g_strfreev (self->repeated);
}

/**
 * door_claims_unref:
 * @self: (transfer full): claims
 *
 * Drops a reference. Any thread.
 */
void
door_claims_unref (DoorClaims *self)
{
  g_atomic_rc_box_release_full (self, door_claims_clear);
}

/**
 * door_claims_get_subject:
 * @self: claims
 *
 * Gets who the claims are about, as the provider wrote it. Never blocks; any thread.
 *
 * Returns: (transfer none): who the claims are about
 */
const DoorSubject *
door_claims_get_subject (const DoorClaims *self)
{
  return &self->subject;
}

/**
 * door_claims_get_values:
 * @self: claims
 *
 * Gets everything, for a program that shows or stores claims. Never blocks; any thread.
 *
 * Returns: (transfer none): all attributes, `a{sas}`
 */
GVariant *
door_claims_get_values (const DoorClaims *self)
{
  return self->values;
}

/**
 * door_claims_get_string:
 * @self: claims
 * @name: attribute name, or %DOOR_CLAIM_NAME_ID for the subject
 *
 * Gets the value of an attribute that has one. Never blocks; any thread.
 *
 * Returns: (transfer none) (nullable): the first value that is not empty, %NULL when there is none
 */
const char *
door_claims_get_string (const DoorClaims *self, const char *name)
{
  g_autoptr (GVariant) list = NULL;

  if (g_str_equal (name, DOOR_CLAIM_NAME_ID))
    return self->subject.value;
  list = g_variant_lookup_value (self->values, name, G_VARIANT_TYPE_STRING_ARRAY);
  for (size_t i = 0; list != NULL && i < g_variant_n_children (list); i++)
    {
      const char *value;

      /* the text belongs to self->values, which outlives the child */
      g_variant_get_child (list, i, "&s", &value);
      if (*value != '\0')
        return value;
    }
  return NULL;
}

/**
 * door_claims_dup_strings:
 * @self: claims
 * @name: attribute name, or %DOOR_CLAIM_NAME_ID for the subject
 *
 * Gets all values of an attribute, empty ones too. Never blocks; any thread.
 *
 * Returns: (transfer full) (array zero-terminated=1): every value, possibly none
 */
char **
door_claims_dup_strings (const DoorClaims *self, const char *name)
{
  g_autoptr (GVariant) list = NULL;

  if (g_str_equal (name, DOOR_CLAIM_NAME_ID))
    {
      const char *only[] = { self->subject.value, NULL };
      return g_strdupv ((char **) only);
    }
  list = g_variant_lookup_value (self->values, name, G_VARIANT_TYPE_STRING_ARRAY);
  if (list == NULL)
    return g_new0 (char *, 1);
  return g_variant_dup_strv (list, NULL);
}

/**
 * door_claims_set_repeated:
 * @self: claims nobody else sees yet
 * @names: (array zero-terminated=1): attribute names
 *
 * Notes which names stood in the answer more than once, each with values of its own; all of them are values
 * of the one attribute here.
 */
void
door_claims_set_repeated (DoorClaims *self, const char *const *names)
{
  g_strfreev (self->repeated);
  self->repeated = g_strdupv ((char **) names);
}

/**
 * door_claims_is_repeated:
 * @self: claims
 * @name: attribute name
 *
 * For rules that do not tolerate an attribute that is written twice. Never blocks; any thread.
 *
 * Returns: whether it stood in the answer more than once
 */
bool
door_claims_is_repeated (const DoorClaims *self, const char *name)
{
  return self->repeated != NULL && g_strv_contains ((const char *const *) self->repeated, name);
}
