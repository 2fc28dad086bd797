/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-saml-assertion.h"
#include "door-saml-xml.h"

#define NS DOOR_SAML_NS_ASSERTION
#define MAX_NAME_ID_BYTES 1024

/* Attributes in the order of the document, each name once. Names are borrowed from the document. */
typedef struct
{
  GPtrArray *names;
  GHashTable *values; /* name → GPtrArray of owned strings */
  GPtrArray *aliases;
  GHashTable *alias_names; /* FriendlyName → the first name that has it */
  GPtrArray *repeated;     /* names of more than one element */
} Attributes;

static void
attributes_clear (Attributes *self)
{
  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->values);
  g_ptr_array_unref (self->aliases);
  g_hash_table_unref (self->alias_names);
  g_ptr_array_unref (self->repeated);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attributes, attributes_clear)

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  door_error_set (
      error, fault == DOOR_FAULT_SAML_ENCRYPTED ? DOOR_ERROR_NOT_SUPPORTED : DOOR_ERROR_NOT_AUTHENTICATED,
      fault, "assertion: %s", reason);
  return false;
}

static GPtrArray *
ensure_values (Attributes *self, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (self->values, name);

  if (values == NULL)
    {
      values = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->values, (char *) name, values);
      g_ptr_array_add (self->names, (char *) name);
    }
  return values;
}

static bool
read_attribute (Attributes *self, const xmlNode *attribute, GError **error)
{
  const char *name = door_saml_xml_get_attribute (attribute, "Name");
  const char *alias = door_saml_xml_get_attribute (attribute, "FriendlyName");
  GPtrArray *values;

  if (name == NULL || *name == '\0')
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "an Attribute has no Name");
  if (g_hash_table_contains (self->values, name))
    g_ptr_array_add (self->repeated, (char *) name);
  values = ensure_values (self, name);
  if (alias != NULL && *alias != '\0' && !g_hash_table_contains (self->alias_names, alias))
    {
      g_hash_table_insert (self->alias_names, (char *) alias, (char *) name);
      g_ptr_array_add (self->aliases, (char *) alias);
    }
  for (const xmlNode *at = door_saml_xml_lookup_child (attribute, NS, "AttributeValue", NULL); at != NULL;
       at = door_saml_xml_lookup_child (attribute, NS, "AttributeValue", at))
    {
      char *text = door_saml_xml_dup_text (at);

      /* a value made of elements (eduPersonTargetedID is one) is no text: nobody gets to read a part of it */
      if (text != NULL)
        g_ptr_array_add (values, text);
    }
  return true;
}

static bool
read_statement (Attributes *self, const xmlNode *statement, GError **error)
{
  for (const xmlNode *at = statement->children; at != NULL; at = at->next)
    {
      if (door_saml_xml_is (at, NS, "EncryptedAttribute"))
        return refuse (error, DOOR_FAULT_SAML_ENCRYPTED, "there is an encrypted attribute");
      if (door_saml_xml_is (at, NS, "Attribute") && !read_attribute (self, at, error))
        return false;
    }
  return true;
}

static void
add_to_builder (GVariantBuilder *builder, const char *name, const GPtrArray *values)
{
  g_variant_builder_open (builder, G_VARIANT_TYPE ("{sas}"));
  g_variant_builder_add (builder, "s", name);
  g_variant_builder_add_value (
      builder, g_variant_new_strv ((const char *const *) values->pdata, (gssize) values->len));
  g_variant_builder_close (builder);
}

/* Every Name, then every FriendlyName that is not a Name as well. */
static GVariant *
build_values (const Attributes *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sas}"));
  for (unsigned int i = 0; i < self->names->len; i++)
    {
      const char *name = g_ptr_array_index (self->names, i);
      add_to_builder (&builder, name, g_hash_table_lookup (self->values, name));
    }
  for (unsigned int i = 0; i < self->aliases->len; i++)
    {
      const char *alias = g_ptr_array_index (self->aliases, i);
      const char *name = g_hash_table_lookup (self->alias_names, alias);

      if (!g_hash_table_contains (self->values, alias))
        add_to_builder (&builder, alias, g_hash_table_lookup (self->values, name));
    }
  return g_variant_builder_end (&builder);
}

/* The NameID's text, whole: what stands around a comment belongs together. */
static char *
read_name_id (const xmlNode *assertion, xmlNode **name_id, GError **error)
{
  xmlNode *subject = door_saml_xml_lookup_child (assertion, NS, "Subject", NULL);
  g_autofree char *text = NULL;

  if (subject != NULL && door_saml_xml_lookup_child (subject, NS, "EncryptedID", NULL) != NULL)
    {
      refuse (error, DOOR_FAULT_SAML_ENCRYPTED, "the subject is encrypted");
      return NULL;
    }
  if (subject != NULL && !door_saml_xml_get_only_child (subject, NS, "NameID", name_id, error))
    return NULL;
  if (*name_id == NULL)
    {
      refuse (error, DOOR_FAULT_SAML_NAMEID, "the subject has no NameID");
      return NULL;
    }
  text = door_saml_xml_strip (door_saml_xml_dup_text (*name_id));
  if (text == NULL || *text == '\0' || strlen (text) > MAX_NAME_ID_BYTES)
    {
      refuse (error, DOOR_FAULT_SAML_NAMEID, "the NameID is empty, too long or has markup inside");
      return NULL;
    }
  return g_steal_pointer (&text);
}

/**
 * door_saml_assertion_read_claims: (skip)
 * @assertion: the verified element
 * @issuer: entity id of the identity provider
 * @error: return location for an error
 *
 * Reads subject and attributes (SAML core 2.2.2 and 2.7.3). Values of attributes of the same Name are merged;
 * a FriendlyName becomes a further name where no Name equals it. Pure.
 *
 * Returns: (transfer full): the claims, or %NULL with %DOOR_FAULT_SAML_NAMEID, _STRUCTURE or _ENCRYPTED
 */
DoorClaims *
door_saml_assertion_read_claims (const xmlNode *assertion, const char *issuer, GError **error)
{
  g_auto (Attributes) attributes = {
    .names = g_ptr_array_new (),
    .values = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref),
    .aliases = g_ptr_array_new (),
    .alias_names = g_hash_table_new (g_str_hash, g_str_equal),
    .repeated = g_ptr_array_new (),
  };
  DoorClaims *claims;
  xmlNode *name_id = NULL;
  g_autofree char *value = read_name_id (assertion, &name_id, error);
  DoorSubject subject = { .issuer = issuer, .value = value };

  if (value == NULL)
    return NULL;
  for (const xmlNode *at = door_saml_xml_lookup_child (assertion, NS, "AttributeStatement", NULL); at != NULL;
       at = door_saml_xml_lookup_child (assertion, NS, "AttributeStatement", at))
    if (!read_statement (&attributes, at, error))
      return NULL;
  subject.format = door_saml_xml_get_attribute (name_id, "Format");
  subject.name_qualifier = door_saml_xml_get_attribute (name_id, "NameQualifier");
  subject.sp_name_qualifier = door_saml_xml_get_attribute (name_id, "SPNameQualifier");
  claims = door_claims_new (&subject, build_values (&attributes));
  g_ptr_array_add (attributes.repeated, NULL);
  door_claims_set_repeated (claims, (const char *const *) attributes.repeated->pdata);
  return claims;
}
