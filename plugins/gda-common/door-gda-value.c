/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-value.h"

#include <libgda/libgda.h>

#include "door-error.h"

/**
 * door_gda_value_unwrap:
 * @value: a parameter as given
 *
 * Pure.
 *
 * Returns: (transfer full) (nullable): the value without a maybe around it; %NULL for nothing
 */
GVariant *
door_gda_value_unwrap (GVariant *value)
{
  if (g_variant_type_is_maybe (g_variant_get_type (value)))
    return g_variant_get_maybe (value);
  return g_variant_ref (value);
}

/**
 * door_gda_value_get_letter:
 * @value: (nullable): a parameter as given
 *
 * Pure.
 *
 * Returns: its letter for door_gda_sql_render(), 0 when it is absent or of a type no parameter may have
 */
char
door_gda_value_get_letter (GVariant *value)
{
  static const struct
  {
    const char *type;
    char letter;
  } table[] = { { "s", 's' }, { "x", 'x' }, { "b", 'b' }, { "d", 'd' }, { "ay", 'y' } };
  g_autoptr (GVariant) inner = NULL;
  const char *type;

  if (value == NULL)
    return 0;
  inner = door_gda_value_unwrap (value);
  type = g_variant_get_type_string (value);
  if (*type == 'm')
    type++;
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (type, table[i].type))
      {
        if (inner == NULL || (table[i].letter == 'y' && g_variant_n_children (inner) == 0))
          return 'n';
        return table[i].letter;
      }
  return 0;
}

static GValue *
take_text (char *text)
{
  GValue *value = gda_value_new (G_TYPE_STRING);

  g_value_take_string (value, text);
  return value;
}

static GValue *
new_integer (int64_t number, bool as_text)
{
  GValue *value;

  if (as_text)
    return take_text (g_strdup_printf ("%" G_GINT64_FORMAT, number));
  value = gda_value_new (G_TYPE_INT64);
  g_value_set_int64 (value, number);
  return value;
}

static GValue *
new_double (double number, bool as_text)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  GValue *value;

  if (as_text)
    return take_text (g_strdup (g_ascii_dtostr (text, sizeof text, number)));
  value = gda_value_new (G_TYPE_DOUBLE);
  g_value_set_double (value, number);
  return value;
}

/**
 * door_gda_value_new:
 * @value: a parameter whose letter is neither 0 nor `n`
 * @as_text: write numbers as text: libgda's PostgreSQL provider would cut a double to six decimals
 *
 * Makes the value libgda binds. Pure.
 *
 * Returns: (transfer full): the value
 */
GValue *
door_gda_value_new (GVariant *value, bool as_text)
{
  g_autoptr (GVariant) inner = door_gda_value_unwrap (value);
  gsize size = 0;
  const void *bytes;

  switch (g_variant_classify (inner))
    {
    case G_VARIANT_CLASS_STRING:
      return take_text (g_variant_dup_string (inner, NULL));
    case G_VARIANT_CLASS_BOOLEAN:
      return new_integer (g_variant_get_boolean (inner) ? 1 : 0, as_text);
    case G_VARIANT_CLASS_INT64:
      return new_integer (g_variant_get_int64 (inner), as_text);
    case G_VARIANT_CLASS_DOUBLE:
      return new_double (g_variant_get_double (inner), as_text);
    default:
      bytes = g_variant_get_fixed_array (inner, &size, 1);
      return gda_value_new_binary (bytes, (glong) size);
    }
}

static GVariant *
from_text (const char *text, GError **error)
{
  if (text != NULL && g_utf8_validate (text, -1, NULL))
    return g_variant_new_string (text);
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a column holds text that is not UTF-8");
  return NULL;
}

/* PostgreSQL sums integers to a number of any length; SQLite to an integer. */
static GVariant *
from_numeric (const GValue *value)
{
  const GdaNumeric *numeric = gda_value_get_numeric ((GValue *) value);
  g_autofree char *text = gda_numeric_get_string (numeric);
  gint64 integer = 0;

  if (text != NULL && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return g_variant_new_int64 (integer);
  return g_variant_new_double (gda_numeric_get_double (numeric));
}

static GVariant *
from_binary (const GValue *value)
{
  const GdaBinary *binary = gda_value_get_binary ((GValue *) value);

  if (binary == NULL || binary->binary_length <= 0)
    return NULL;
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, binary->data, (gsize) binary->binary_length, 1);
}

/**
 * door_gda_value_to_variant:
 * @value: a value of a result
 * @error: return location for an error
 *
 * Turns a result into one of the types s, x, d, ay. Every integer and boolean becomes x. Pure.
 *
 * Returns: (transfer full) (nullable): the value, floating; %NULL without error for SQL NULL and for
 *   bytes of length 0; %NULL with %DOOR_ERROR_FAILED for a type no column may have
 */
GVariant *
door_gda_value_to_variant (const GValue *value, GError **error)
{
  g_auto (GValue) wide = G_VALUE_INIT;

  if (gda_value_is_null (value))
    return NULL;
  if (G_VALUE_HOLDS_STRING (value))
    return from_text (g_value_get_string (value), error);
  if (G_VALUE_HOLDS (value, GDA_TYPE_BINARY))
    return from_binary (value);
  if (G_VALUE_HOLDS (value, GDA_TYPE_NUMERIC))
    return from_numeric (value);
  if (G_VALUE_HOLDS (value, GDA_TYPE_SHORT))
    return g_variant_new_int64 (gda_value_get_short ((GValue *) value));
  if (G_VALUE_HOLDS_DOUBLE (value) || G_VALUE_HOLDS_FLOAT (value))
    {
      g_value_init (&wide, G_TYPE_DOUBLE);
      g_value_transform (value, &wide);
      return g_variant_new_double (g_value_get_double (&wide));
    }
  g_value_init (&wide, G_TYPE_INT64);
  if (g_value_transform (value, &wide))
    return g_variant_new_int64 (g_value_get_int64 (&wide));
  door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a column has the type %s",
                  G_VALUE_TYPE_NAME (value));
  return NULL;
}
