/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-plist.h"

#include <stdlib.h>
#include <string.h>

#include "sim-error.h"

/**
 * sim_plist_free:
 * @self: (transfer full): a property list
 */
void
sim_plist_free (SimPlist *self)
{
  plist_free (self);
}

/**
 * sim_plist_parse:
 * @xml: an XML property list whose root is a dictionary
 * @error: return location for an error
 *
 * Returns: (transfer full): the property list, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimPlist *
sim_plist_parse (GBytes *xml, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (xml, &size);
  plist_t root = NULL;

  if (size > 0 && size < G_MAXUINT32 && g_strstr_len (data, (gssize) size, "<plist") != NULL)
    plist_from_xml (data, (uint32_t) size, &root);
  if (root != NULL && plist_get_node_type (root) == PLIST_DICT)
    return root;
  if (root != NULL)
    plist_free (root);
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "not an XML property list with a dictionary");
  return NULL;
}

/**
 * sim_plist_build:
 * @self: a property list
 *
 * Returns: (transfer full): it as XML
 */
GBytes *
sim_plist_build (SimPlist *self)
{
  char *xml = NULL;
  uint32_t length = 0;

  plist_to_xml (self, &xml, &length);
  return g_bytes_new_with_free_func (xml, length, free, xml);
}

/**
 * sim_plist_lookup:
 * @dict: a dictionary
 * @key: a key
 * @type: the type wanted
 *
 * Returns: (transfer none) (nullable): the value, %NULL when it is missing or of another type
 */
plist_t
sim_plist_lookup (plist_t dict, const char *key, plist_type type)
{
  plist_t value = dict != NULL ? plist_dict_get_item (dict, key) : NULL;

  return value != NULL && plist_get_node_type (value) == type ? value : NULL;
}

/**
 * sim_plist_dup_string:
 * @dict: a dictionary
 * @key: a key
 *
 * Returns: (transfer full) (nullable): the string, %NULL when it is missing or no string
 */
char *
sim_plist_dup_string (plist_t dict, const char *key)
{
  plist_t value = sim_plist_lookup (dict, key, PLIST_STRING);

  return value != NULL ? g_strdup (plist_get_string_ptr (value, NULL)) : NULL;
}

/**
 * sim_plist_set_string:
 * @dict: a dictionary
 * @key: a key
 * @value: (nullable): its string; %NULL changes nothing
 */
void
sim_plist_set_string (plist_t dict, const char *key, const char *value)
{
  if (value != NULL)
    plist_dict_set_item (dict, key, plist_new_string (value));
}

/**
 * sim_plist_set_bool:
 * @dict: a dictionary
 * @key: a key
 * @value: its value
 */
void
sim_plist_set_bool (plist_t dict, const char *key, bool value)
{
  plist_dict_set_item (dict, key, plist_new_bool (value));
}

/**
 * sim_plist_set_data:
 * @dict: a dictionary
 * @key: a key
 * @value: its bytes
 */
void
sim_plist_set_data (plist_t dict, const char *key, GBytes *value)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (value, &size);

  plist_dict_set_item (dict, key, plist_new_data (data, size));
}

/**
 * sim_plist_dup_data:
 * @dict: (nullable): a dictionary
 * @key: a key
 *
 * Returns: (transfer full) (nullable): the data behind the key, if it is data
 */
GBytes *
sim_plist_dup_data (plist_t dict, const char *key)
{
  plist_t node = sim_plist_lookup (dict, key, PLIST_DATA);
  uint64_t size = 0;
  const char *data = node != NULL ? plist_get_data_ptr (node, &size) : NULL;

  return data != NULL ? g_bytes_new (data, size) : NULL;
}
