/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-xml.h"

#include <string.h>

#include <libxml/parser.h>

#define SPACE " \t\r\n"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlParserCtxt, xmlFreeParserCtxt)

/**
 * door_saml_xml_load: (skip)
 * @data: (array length=size): a document that passed door_saml_prescan()
 * @size: number of bytes
 * @fault: what a refusal is called
 * @error: return location for an error
 *
 * Parses without network, entities or document types. Prefixes that are not declared are an error here,
 * although libxml2 by itself only notes them. Never blocks.
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
xmlDoc *
door_saml_xml_load (const char *data, size_t size, DoorFault fault, GError **error)
{
  g_autoptr (xmlParserCtxt) context = xmlNewParserCtxt ();
  g_autoptr (xmlDoc) doc = NULL;

  if (context == NULL || size > G_MAXINT)
    {
      door_error_set (error, DOOR_ERROR_FAILED, fault, "XML could not be parsed: no parser");
      return NULL;
    }
  doc = xmlCtxtReadMemory (context, data, (int) size, NULL, "UTF-8",
                           XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (doc == NULL || !context->nsWellFormed)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, fault,
                      "XML is not well-formed: libxml2 error %d in line %d", context->lastError.code,
                      context->lastError.line);
      return NULL;
    }
  if (doc->intSubset != NULL || doc->extSubset != NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, fault, "XML has a document type");
      return NULL;
    }
  return g_steal_pointer (&doc);
}

/**
 * door_saml_xml_parse: (skip)
 * @data: (array length=size): a document as received
 * @size: number of bytes
 * @limits: what is allowed
 * @error: return location for an error
 *
 * Pre-scans and parses. Never blocks.
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
xmlDoc *
door_saml_xml_parse (const char *data, size_t size, const DoorSamlLimits *limits, GError **error)
{
  if (!door_saml_prescan (data, size, limits, error))
    return NULL;
  return door_saml_xml_load (data, size, limits->fault, error);
}

/**
 * door_saml_xml_is: (skip)
 * @node: (nullable): any node
 * @ns: namespace name
 * @name: local name
 *
 * Returns: whether @node is that element
 */
bool
door_saml_xml_is (const xmlNode *node, const char *ns, const char *name)
{
  return node != NULL && node->type == XML_ELEMENT_NODE && node->ns != NULL &&
         strcmp ((const char *) node->name, name) == 0 && strcmp ((const char *) node->ns->href, ns) == 0;
}

/**
 * door_saml_xml_lookup_child: (skip)
 * @parent: an element
 * @ns: namespace name
 * @name: local name
 * @after: (nullable): the child to start behind, %NULL for the first
 *
 * Returns: (transfer none) (nullable): the next direct child of that name
 */
xmlNode *
door_saml_xml_lookup_child (const xmlNode *parent, const char *ns, const char *name, const xmlNode *after)
{
  xmlNode *child = after != NULL ? after->next : parent->children;

  while (child != NULL && !door_saml_xml_is (child, ns, name))
    child = child->next;
  return child;
}

/**
 * door_saml_xml_get_only_child: (skip)
 * @parent: an element
 * @ns: namespace name
 * @name: local name
 * @child: (out) (transfer none) (nullable): the direct child of that name, %NULL when there is none
 * @error: return location for an error
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_STRUCTURE when there are several
 */
bool
door_saml_xml_get_only_child (const xmlNode *parent, const char *ns, const char *name, xmlNode **child,
                              GError **error)
{
  xmlNode *first = door_saml_xml_lookup_child (parent, ns, name, NULL);

  if (first != NULL && door_saml_xml_lookup_child (parent, ns, name, first) != NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_STRUCTURE, "%s has more than one %s",
                      (const char *) parent->name, name);
      return false;
    }
  *child = first;
  return true;
}

/**
 * door_saml_xml_next_in_tree: (skip)
 * @node: a node of the tree
 * @top: root of the tree
 *
 * Returns: (transfer none) (nullable): the node behind @node in document order, %NULL at the end of @top
 */
xmlNode *
door_saml_xml_next_in_tree (const xmlNode *node, const xmlNode *top)
{
  if (node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != top && node->next == NULL)
    node = node->parent;
  return node == top ? NULL : node->next;
}

/**
 * door_saml_xml_get_attribute: (skip)
 * @element: an element
 * @name: name of an attribute without a namespace
 *
 * Attributes of the same name in some namespace are not looked at, unlike with libxml2's own getters.
 *
 * Returns: (transfer none) (nullable): the value, %NULL when there is no such attribute
 */
const char *
door_saml_xml_get_attribute (const xmlNode *element, const char *name)
{
  for (const xmlAttr *attribute = element->properties; attribute != NULL; attribute = attribute->next)
    if (attribute->ns == NULL && strcmp ((const char *) attribute->name, name) == 0)
      {
        const xmlNode *text = attribute->children;

        /* without entities a value is one text node; anything else is as good as an empty value */
        if (text == NULL || text->type != XML_TEXT_NODE || text->next != NULL || text->content == NULL)
          return "";
        return (const char *) text->content;
      }
  return NULL;
}

/**
 * door_saml_xml_dup_text: (skip)
 * @element: an element that holds text only
 *
 * Joins the whole text, across comments and CDATA sections, which is what a signature covers.
 *
 * Returns: (transfer full) (nullable): the text, %NULL when anything but text stands in the element
 */
char *
door_saml_xml_dup_text (const xmlNode *element)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const xmlNode *child = element->children; child != NULL; child = child->next)
    {
      if (child->type == XML_COMMENT_NODE)
        continue;
      if (child->type != XML_TEXT_NODE && child->type != XML_CDATA_SECTION_NODE)
        return NULL;
      g_string_append (text, (const char *) child->content);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * door_saml_xml_is_blank: (skip)
 * @node: a node
 *
 * Returns: whether it is text with nothing but XML white space in it
 */
bool
door_saml_xml_is_blank (const xmlNode *node)
{
  const char *text = (const char *) node->content;

  return node->type == XML_TEXT_NODE && text[strspn (text, SPACE)] == '\0';
}

/**
 * door_saml_xml_strip: (skip)
 * @text: (nullable): text, changed in place
 *
 * Removes XML white space from both ends, and nothing else: names are compared byte for byte.
 *
 * Returns: (transfer none) (nullable): @text
 */
char *
door_saml_xml_strip (char *text)
{
  size_t start, length;

  if (text == NULL)
    return NULL;
  start = strspn (text, SPACE);
  length = strlen (text + start);
  while (length > 0 && strchr (SPACE, text[start + length - 1]) != NULL)
    length--;
  memmove (text, text + start, length);
  text[length] = '\0';
  return text;
}
