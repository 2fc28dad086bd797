/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-xml.h"

/**
 * idp_xml_new_element:
 * @place: an element of the document the new one is meant for
 * @ns: the namespace of the new element
 * @prefix: the prefix to declare for it
 * @name: its local name
 *
 * Makes an element that declares its own namespace and is not linked anywhere yet, so that it means the same
 * wherever it is moved.
 *
 * Returns: (transfer full): the element; linking it gives it to the document
 */
xmlNode *
idp_xml_new_element (xmlNode *place, const char *ns, const char *prefix, const char *name)
{
  xmlNode *element = xmlNewDocNode (place->doc, NULL, BAD_CAST name, NULL);

  xmlSetNs (element, xmlNewNs (element, BAD_CAST ns, BAD_CAST prefix));
  return element;
}

/**
 * idp_xml_new_root:
 * @doc: a document
 * @ns: the namespace of the root
 * @prefix: the prefix to declare for it
 * @name: its local name
 *
 * Makes the root element of @doc.
 *
 * Returns: (transfer none): the root
 */
xmlNode *
idp_xml_new_root (xmlDoc *doc, const char *ns, const char *prefix, const char *name)
{
  xmlNode *root = xmlNewDocNode (doc, NULL, BAD_CAST name, NULL);

  xmlSetNs (root, xmlNewNs (root, BAD_CAST ns, BAD_CAST prefix));
  xmlDocSetRootElement (doc, root);
  return root;
}

/**
 * idp_xml_add:
 * @parent: an element
 * @name: local name of the child
 * @text: (nullable): text of the child, escaped when written
 *
 * Appends a child in the namespace of @parent.
 *
 * Returns: (transfer none): the child
 */
xmlNode *
idp_xml_add (xmlNode *parent, const char *name, const char *text)
{
  return xmlNewTextChild (parent, parent->ns, BAD_CAST name, BAD_CAST text);
}

/**
 * idp_xml_set:
 * @element: an element
 * @name: name of an attribute without namespace
 * @value: (nullable): its value; %NULL leaves the attribute out
 */
void
idp_xml_set (xmlNode *element, const char *name, const char *value)
{
  if (value != NULL)
    xmlSetProp (element, BAD_CAST name, BAD_CAST value);
}

/**
 * idp_xml_is:
 * @node: (nullable): a node
 * @ns: a namespace
 * @name: a local name
 *
 * Returns: whether @node is an element of that name
 */
bool
idp_xml_is (const xmlNode *node, const char *ns, const char *name)
{
  return node != NULL && node->type == XML_ELEMENT_NODE && node->ns != NULL &&
         xmlStrEqual (node->ns->href, BAD_CAST ns) && xmlStrEqual (node->name, BAD_CAST name);
}

/**
 * idp_xml_lookup_child:
 * @parent: an element
 * @ns: a namespace
 * @name: a local name
 *
 * Returns: (transfer none) (nullable): the first direct child of that name
 */
xmlNode *
idp_xml_lookup_child (xmlNode *parent, const char *ns, const char *name)
{
  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    if (idp_xml_is (child, ns, name))
      return child;
  return NULL;
}

/**
 * idp_xml_lookup_below:
 * @top: an element
 * @ns: a namespace
 * @name: a local name
 *
 * Looks through the tree below @top without recursion.
 *
 * Returns: (transfer none) (nullable): the first element of that name in document order
 */
xmlNode *
idp_xml_lookup_below (xmlNode *top, const char *ns, const char *name)
{
  xmlNode *node = top->children;

  while (node != NULL)
    {
      if (idp_xml_is (node, ns, name))
        return node;
      if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        {
          node = node->children;
          continue;
        }
      while (node != top && node->next == NULL)
        node = node->parent;
      node = node == top ? NULL : node->next;
    }
  return NULL;
}

static char *
take (xmlChar *text)
{
  char *copy = g_strdup ((const char *) text);

  xmlFree (text);
  return copy;
}

/**
 * idp_xml_dup_attribute:
 * @element: an element
 * @name: name of an attribute without namespace
 *
 * Returns: (transfer full) (nullable): its value
 */
char *
idp_xml_dup_attribute (xmlNode *element, const char *name)
{
  return take (xmlGetNoNsProp (element, BAD_CAST name));
}

/**
 * idp_xml_dup_text:
 * @element: an element
 *
 * Returns: (transfer full): its text without surrounding white space
 */
char *
idp_xml_dup_text (xmlNode *element)
{
  char *text = take (xmlNodeGetContent (element));

  return text == NULL ? g_strdup ("") : g_strstrip (text);
}

/**
 * idp_xml_write:
 * @doc: a document
 * @size: (out) (optional): bytes written
 *
 * Writes @doc as UTF-8 exactly as it stands: indenting would break signatures.
 *
 * Returns: (transfer full): the text
 */
char *
idp_xml_write (xmlDoc *doc, size_t *size)
{
  xmlChar *text = NULL;
  int length = 0;

  xmlDocDumpMemoryEnc (doc, &text, &length, "UTF-8");
  if (size != NULL)
    *size = (size_t) length;
  return take (text);
}
