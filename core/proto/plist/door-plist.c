/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plist.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <plist/plist.h>

#include "door-error.h"
#include "door-plist-scan.h"

/* libplist counts dates from 2001-01-01, in 32 bits. */
#define PLIST_EPOCH INT64_C (978307200)

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (plist_t, plist_free, NULL)

typedef struct
{
  GArray *dates;
  size_t next_date;
  size_t n_values;
} Converter;

static GVariant *to_variant (Converter *self, plist_t node);

static bool
is_text (const char *text, size_t length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    return false;
  for (size_t i = 0; i < length; i++)
    if ((unsigned char) text[i] < 0x20 && strchr ("\t\n\r", text[i]) == NULL)
      return false;
  return true;
}

static GVariant *
string_to_variant (plist_t node)
{
  uint64_t length = 0;
  const char *text = plist_get_string_ptr (node, &length);

  return text != NULL && is_text (text, length) ? g_variant_new_take_string (g_strndup (text, length)) : NULL;
}

static GVariant *
dict_to_variant (Converter *self, plist_t node)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  plist_dict_iter iterator = NULL;
  plist_t child = NULL;
  char *key = NULL;
  GVariant *value = NULL;
  bool good = true;

  plist_dict_new_iter (node, &iterator);
  for (plist_dict_next_item (node, iterator, &key, &child); good && child != NULL;
       plist_dict_next_item (node, iterator, &key, &child))
    {
      value = to_variant (self, child);
      good = value != NULL && is_text (key, strlen (key));
      if (value != NULL)
        g_variant_builder_add (&builder, "{sv}", good ? key : "", value);
      g_clear_pointer (&key, free);
    }
  free (key);
  free (iterator);
  return good ? g_variant_builder_end (&builder) : NULL;
}

static GVariant *
array_to_variant (Converter *self, plist_t node)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  plist_array_iter iterator = NULL;
  plist_t child = NULL;
  bool good = true;

  plist_array_new_iter (node, &iterator);
  for (plist_array_next_item (node, iterator, &child); good && child != NULL;
       plist_array_next_item (node, iterator, &child))
    {
      GVariant *value = to_variant (self, child);

      good = value != NULL;
      if (good)
        g_variant_builder_add (&builder, "v", value);
    }
  free (iterator);
  return good ? g_variant_builder_end (&builder) : NULL;
}

static GVariant *
scalar_to_variant (Converter *self, plist_t node)
{
  uint64_t number = 0, length = 0;
  uint8_t boolean = 0;
  double real = 0;
  const char *data = NULL;

  switch (plist_get_node_type (node))
    {
    case PLIST_BOOLEAN:
      plist_get_bool_val (node, &boolean);
      return g_variant_new_boolean (boolean != 0);
    case PLIST_UINT:
      plist_get_uint_val (node, &number);
      return g_variant_new_int64 ((int64_t) number);
    case PLIST_REAL:
      plist_get_real_val (node, &real);
      return g_variant_new_double (real);
    case PLIST_DATE:
      /* libplist's own value is cut to 32 bits */
      if (self->next_date >= self->dates->len)
        return NULL;
      return g_variant_new ("(x)", g_array_index (self->dates, int64_t, self->next_date++));
    case PLIST_DATA:
      data = plist_get_data_ptr (node, &length);
      return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1);
    default:
      return NULL;
    }
}

/* The scan has bounded the depth. */
static GVariant *
to_variant (Converter *self, plist_t node)
{
  self->n_values++;
  switch (plist_get_node_type (node))
    {
    case PLIST_DICT:
      return dict_to_variant (self, node);
    case PLIST_ARRAY:
      return array_to_variant (self, node);
    case PLIST_STRING:
      return string_to_variant (node);
    default:
      return scalar_to_variant (self, node);
    }
}

/**
 * door_plist_parse:
 * @xml: an XML property list as received
 * @max_bytes: most bytes accepted
 * @error: return location for an error
 *
 * Reads a property list whose root is a dict. The values become: string `s`, integer `x`, real `d`,
 * true and false `b`, data `ay`, date `(x)` in seconds since 1970, array `av`, dict `a{sv}`. Binary
 * lists, integers beyond 64 bits with sign, repeated keys and everything malformed are refused before
 * libplist reads a byte. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the dict, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
GVariant *
door_plist_parse (GBytes *xml, size_t max_bytes, GError **error)
{
  g_autoptr (GArray) dates = g_array_new (FALSE, FALSE, sizeof (int64_t));
  g_autoptr (GVariant) dict = NULL;
  g_auto (plist_t) root = NULL;
  Converter converter = { .dates = dates };
  size_t size = 0, n_values = 0;
  const char *text = g_bytes_get_data (xml, &size);

  if (size == 0 || size > max_bytes || size > G_MAXINT32)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE,
                      "property list of %zu bytes, the limit is %zu", size, max_bytes);
      return NULL;
    }
  if (!door_plist_scan (text, size, dates, &n_values, error))
    return NULL;

  plist_from_xml (text, (uint32_t) size, &root);
  if (root != NULL && plist_get_node_type (root) == PLIST_DICT)
    dict = to_variant (&converter, root);
  if (dict != NULL)
    g_variant_ref_sink (dict);
  /* the scan and libplist must have seen the same document */
  if (dict == NULL || converter.n_values != n_values || converter.next_date != dates->len)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE,
                      "property list: not understood the same way twice");
      return NULL;
    }
  return g_steal_pointer (&dict);
}

static plist_t to_plist (GVariant *value, int depth, const char **problem);

static plist_t
dict_to_plist (GVariant *dict, int depth, const char **problem)
{
  g_auto (plist_t) node = plist_new_dict ();
  GVariantIter iterator;
  const char *key = NULL;
  GVariant *child = NULL;

  g_variant_iter_init (&iterator, dict);
  while (g_variant_iter_loop (&iterator, "{&sv}", &key, &child))
    {
      plist_t item = NULL;

      if (key[0] == '\0' || !is_text (key, strlen (key)))
        *problem = "empty key or control character in a key";
      else if (plist_dict_get_item (node, key) != NULL)
        *problem = "the same key twice";
      else
        item = to_plist (child, depth + 1, problem);
      if (item == NULL)
        {
          g_variant_unref (child);
          return NULL;
        }
      plist_dict_set_item (node, key, item);
    }
  return g_steal_pointer (&node);
}

static plist_t
array_to_plist (GVariant *array, int depth, const char **problem)
{
  g_auto (plist_t) node = plist_new_array ();

  for (size_t i = 0; i < g_variant_n_children (array); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (array, i);
      plist_t item = to_plist (child, depth + 1, problem);

      if (item == NULL)
        return NULL;
      plist_array_append_item (node, item);
    }
  return g_steal_pointer (&node);
}

static plist_t
date_to_plist (GVariant *value, const char **problem)
{
  int64_t seconds = 0;

  g_variant_get (value, "(x)", &seconds);
  if (seconds < PLIST_EPOCH + G_MININT32 || seconds > PLIST_EPOCH + G_MAXINT32)
    {
      *problem = "date out of range";
      return NULL;
    }
  return plist_new_date ((int32_t) (seconds - PLIST_EPOCH), 0);
}

static plist_t
string_to_plist (GVariant *value, const char **problem)
{
  size_t length = 0;
  const char *text = g_variant_get_string (value, &length);

  if (is_text (text, length))
    return plist_new_string (text);
  *problem = "control character in a string";
  return NULL;
}

static plist_t
bytes_to_plist (GVariant *value)
{
  size_t size = 0;
  const char *bytes = g_variant_get_fixed_array (value, &size, 1);

  return plist_new_data (size > 0 ? bytes : "", size);
}

static plist_t
to_plist (GVariant *value, int depth, const char **problem)
{
  const GVariantType *type = g_variant_get_type (value);
  g_autoptr (GVariant) inner = NULL;

  if (depth > DOOR_PLIST_MAX_DEPTH)
    {
      *problem = "nested too deeply";
      return NULL;
    }
  if (g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return string_to_plist (value, problem);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return plist_new_bool (g_variant_get_boolean (value));
  if (g_variant_type_equal (type, G_VARIANT_TYPE_INT64))
    return plist_new_uint ((uint64_t) g_variant_get_int64 (value));
  if (g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE))
    return plist_new_real (g_variant_get_double (value));
  if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    return bytes_to_plist (value);
  if (g_variant_type_equal (type, G_VARIANT_TYPE ("(x)")))
    return date_to_plist (value, problem);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARDICT))
    return dict_to_plist (value, depth, problem);
  if (g_variant_type_is_array (type))
    return array_to_plist (value, depth, problem);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_VARIANT))
    {
      inner = g_variant_get_variant (value);
      return to_plist (inner, depth, problem);
    }
  *problem = "a type that property lists do not have";
  return NULL;
}

static plist_t
build_root (GVariant *dict, GError **error)
{
  const char *problem = "the root is not a dict";
  plist_t root = NULL;

  if (g_variant_is_of_type (dict, G_VARIANT_TYPE_VARDICT))
    root = to_plist (dict, 1, &problem);
  if (root == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL, "property list: %s", problem);
  return root;
}

/**
 * door_plist_build:
 * @dict: (transfer none): a value of type `a{sv}`; a floating reference is not consumed
 * @error: return location for an error
 *
 * Writes an XML property list with the types of door_plist_parse(); arrays of one type (`as`, `aa{sv}`)
 * are written as arrays too. Keys keep the order they have in @dict, and the same value always gives the
 * same bytes. Dates must lie between 1932 and 2069. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): UTF-8 text, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
GBytes *
door_plist_build (GVariant *dict, GError **error)
{
  g_auto (plist_t) root = build_root (dict, error);
  char *text = NULL;
  uint32_t size = 0;

  if (root == NULL)
    return NULL;
  plist_to_xml (root, &text, &size);
  return g_bytes_new_with_free_func (text, size, (GDestroyNotify) plist_to_xml_free, text);
}

/**
 * door_plist_build_binary:
 * @dict: (transfer none): a value of type `a{sv}`; a floating reference is not consumed
 * @error: return location for an error
 *
 * Writes the same as a binary property list, which some keys of Apple's hold; none is ever read here. Pure;
 * never blocks; any thread.
 *
 * Returns: (transfer full): its bytes, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
GBytes *
door_plist_build_binary (GVariant *dict, GError **error)
{
  g_auto (plist_t) root = build_root (dict, error);
  char *bytes = NULL;
  uint32_t size = 0;

  if (root == NULL)
    return NULL;
  plist_to_bin (root, &bytes, &size);
  return g_bytes_new_with_free_func (bytes, size, (GDestroyNotify) plist_to_bin_free, bytes);
}
