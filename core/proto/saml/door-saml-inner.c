/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-inner.h"

#include "door-error.h"
#include "door-saml-document.h"
#include "door-saml-xml.h"

#define OPEN "<inner"
#define CLOSE "</inner>"

static void
append_namespace (GString *xml, const xmlNs *ns)
{
  g_autofree char *href = g_markup_escape_text (ns->href != NULL ? (const char *) ns->href : "", -1);

  if (ns->prefix != NULL)
    g_string_append_printf (xml, " xmlns:%s=\"%s\"", (const char *) ns->prefix, href);
  else
    g_string_append_printf (xml, " xmlns=\"%s\"", href);
}

/* The namespaces in scope at @element, the inner ones first. */
static void
append_scope (GString *xml, const xmlNode *element)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const xmlNode *at = element; at != NULL && at->type == XML_ELEMENT_NODE; at = at->parent)
    for (const xmlNs *ns = at->nsDef; ns != NULL; ns = ns->next)
      if (g_hash_table_add (seen, (char *) (ns->prefix != NULL ? (const char *) ns->prefix : "")))
        append_namespace (xml, ns);
}

/**
 * door_saml_inner_parse: (skip)
 * @plain: what was decrypted
 * @encrypted: the element it was in
 * @error: return location for an error
 *
 * Parses what was decrypted, with the prefixes that are declared where it stood (W3C xmlenc-core1 4.4): many
 * providers encrypt a part of a document. It gets a document of its own, so that nothing of it can become
 * part of the other, and passes the same limits. Pure.
 *
 * Returns: (transfer full): a document with one element around it all, or %NULL with %DOOR_FAULT_SAML_XML
 */
xmlDoc *
door_saml_inner_parse (GBytes *plain, const xmlNode *encrypted, GError **error)
{
  g_autoptr (GString) xml = g_string_new (OPEN);
  g_autoptr (GBytes) whole = NULL;
  gsize size;
  const char *text = g_bytes_get_data (plain, &size);

  append_scope (xml, encrypted);
  g_string_append_c (xml, '>');
  g_string_append_len (xml, text, (gssize) size);
  g_string_append (xml, CLOSE);
  whole = g_string_free_to_bytes (g_steal_pointer (&xml));
  return door_saml_document_parse (whole, error);
}

/**
 * door_saml_inner_get_assertion: (skip)
 * @doc: a document by door_saml_inner_parse()
 * @assertion: (out) (transfer none): the one element inside
 * @error: return location for an error
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE when anything else stands there
 */
bool
door_saml_inner_get_assertion (const xmlDoc *doc, xmlNode **assertion, GError **error)
{
  xmlNode *found = NULL;

  for (xmlNode *at = xmlDocGetRootElement (doc)->children; at != NULL; at = at->next)
    {
      if (door_saml_xml_is_blank (at))
        continue;
      if (found != NULL || !door_saml_xml_is (at, DOOR_SAML_NS_ASSERTION, "Assertion"))
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE,
                               "response: what was encrypted is not one Assertion");
      found = at;
    }
  if (found == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE,
                           "response: nothing was encrypted");
  *assertion = found;
  return true;
}
