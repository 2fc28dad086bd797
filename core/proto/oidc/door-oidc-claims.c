/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-claims.h"

#include <stdbool.h>

#define DISTRIBUTED "_claim_names"
#define EMAIL "email"
#define EMAIL_VERIFIED "email_verified"

static void
add_scalar (GVariantBuilder *list, JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (type == G_TYPE_STRING)
    g_variant_builder_add (list, "s", json_node_get_string (node));
  else if (type == G_TYPE_BOOLEAN)
    g_variant_builder_add (list, "s", json_node_get_boolean (node) ? "true" : "false");
  else if (type == G_TYPE_INT64)
    g_variant_builder_add_value (
        list, g_variant_new_take_string (g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node))));
  else if (type == G_TYPE_DOUBLE)
    g_variant_builder_add (list, "s", g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
}

static void
add_array (GVariantBuilder *list, JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    add_scalar (list, json_array_get_element (array, i));
}

/* The names alone: what is kept elsewhere is for those who can fetch it (OpenID Connect Core 5.6.2). */
static void
add_names (GVariantBuilder *list, JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (const GList *at = names; at != NULL; at = at->next)
    g_variant_builder_add (list, "s", at->data);
}

static void
add_claim (GVariantBuilder *values, const char *name, JsonNode *node)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

  if (JSON_NODE_HOLDS_ARRAY (node))
    add_array (&list, json_node_get_array (node));
  else if (JSON_NODE_HOLDS_OBJECT (node) && g_str_equal (name, DISTRIBUTED))
    add_names (&list, json_node_get_object (node));
  else
    add_scalar (&list, node);
  g_variant_builder_add (values, "{s@as}", name, g_variant_builder_end (&list));
}

static bool
is_false (JsonObject *claims, const char *name)
{
  JsonNode *node = json_object_get_member (claims, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return false;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strcasecmp (json_node_get_string (node), "false") == 0;
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN && !json_node_get_boolean (node);
}

/* An address that anybody may have typed there says nothing of who they are (OpenID Connect Core 5.1). */
static bool
has_unverified_email (JsonObject *claims, GVariant *further)
{
  g_autoptr (GVariant) list = NULL;
  const char *word;

  if (json_object_has_member (claims, EMAIL_VERIFIED) || further == NULL)
    return is_false (claims, EMAIL_VERIFIED);
  list = g_variant_lookup_value (further, EMAIL_VERIFIED, G_VARIANT_TYPE_STRING_ARRAY);
  if (list == NULL || g_variant_n_children (list) != 1)
    return false;
  g_variant_get_child (list, 0, "&s", &word);
  return g_ascii_strcasecmp (word, "false") == 0;
}

static bool
is_kept (JsonNode *node, const char *name)
{
  return JSON_NODE_HOLDS_VALUE (node) || JSON_NODE_HOLDS_ARRAY (node) || g_str_equal (name, DISTRIBUTED);
}

/**
 * door_oidc_claims_build:
 * @claims: claims that were verified
 * @further: (nullable): what the userinfo endpoint adds, `a{sas}`; never replaces what is in @claims
 *
 * Makes what plugins read: strings, and lists of them; numbers and booleans as text. Objects are left out,
 * but for the names of claims that are kept elsewhere (`_claim_names`), as is null, and an e-mail address
 * that the provider itself calls unverified. Pure.
 *
 * Returns: (transfer floating): values of type `a{sas}`
 */
GVariant *
door_oidc_claims_build (JsonObject *claims, GVariant *further)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sas}"));
  JsonObjectIter iter;
  bool no_email = has_unverified_email (claims, further);
  GVariantIter rest;
  const char *name;
  JsonNode *node;
  GVariant *list;

  json_object_iter_init_ordered (&iter, claims);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (is_kept (node, name) && !(no_email && g_str_equal (name, EMAIL)))
      add_claim (&values, name, node);
  if (further == NULL)
    return g_variant_builder_end (&values);
  g_variant_iter_init (&rest, further);
  while (g_variant_iter_loop (&rest, "{&s@as}", &name, &list))
    if (!json_object_has_member (claims, name) && !(no_email && g_str_equal (name, EMAIL)))
      g_variant_builder_add (&values, "{s@as}", name, list);
  return g_variant_builder_end (&values);
}
