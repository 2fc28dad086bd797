/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-form.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"
#include "door-percent.h"

typedef struct
{
  const char *name;
  const char *value;
} Field;

struct _DoorForm
{
  char *text; /* every name and value, each ended by NUL */
  GArray *fields;
};

static gboolean
fail (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "form data: %s", reason);
  return FALSE;
}

/* one decoded byte, -1 when the escape is malformed or the byte is not allowed to stand there */
static int
decode_byte (const char **at, const char *end)
{
  if (**at != '+')
    return door_percent_take_byte (at, end);
  ++*at;
  return ' ';
}

static bool
is_text_byte (int c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= ' ' && c != 0x7f);
}

static gboolean
decode (const char *at, const char *end, char **out, GError **error)
{
  char *start = *out;

  while (at < end)
    {
      int c = decode_byte (&at, end);

      if (c < 0)
        return fail (error, "malformed escape or forbidden character");
      if (!is_text_byte (c))
        return fail (error, "escaped control character");
      *(*out)++ = (char) c;
    }
  if (!g_utf8_validate (start, *out - start, NULL))
    return fail (error, "not UTF-8");
  *(*out)++ = '\0';
  return TRUE;
}

static gboolean
add_field (DoorForm *self, const char *at, const char *end, char **out, GError **error)
{
  const char *equals = memchr (at, '=', (size_t) (end - at));
  Field field;

  if (equals == at)
    return fail (error, "a field without a name");
  field.name = *out;
  if (!decode (at, equals == NULL ? end : equals, out, error))
    return FALSE;
  field.value = *out;
  if (!decode (equals == NULL ? end : equals + 1, end, out, error))
    return FALSE;
  g_array_append_val (self->fields, field);
  return TRUE;
}

/**
 * door_form_parse:
 * @text: (array length=length): the data, not ended by NUL
 * @length: its size in bytes
 * @max_fields: most fields accepted
 * @error: return location for an error
 *
 * Parses application/x-www-form-urlencoded data, the body of a form or a query. Stricter than browsers
 * need: escapes must be whole, nothing but printable ASCII may stand unescaped, and what results must be
 * UTF-8 without control characters other than tab and line breaks. Never blocks.
 *
 * Returns: (transfer full): the fields, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorForm *
door_form_parse (const char *text, size_t length, size_t max_fields, GError **error)
{
  g_autoptr (DoorForm) self = g_new0 (DoorForm, 1);
  const char *at = text, *end = text + length;
  char *out;

  self->fields = g_array_new (FALSE, FALSE, sizeof (Field));
  /* decoding never grows; each field ends two strings */
  self->text = g_malloc (length + 2 * MIN (max_fields, length) + 2);
  out = self->text;
  while (at < end)
    {
      const char *stop = memchr (at, '&', (size_t) (end - at));

      if (stop == NULL)
        stop = end;
      if (stop > at)
        {
          if (self->fields->len >= max_fields)
            {
              fail (error, "too many fields");
              return NULL;
            }
          if (!add_field (self, at, stop, &out, error))
            return NULL;
        }
      at = stop < end ? stop + 1 : end;
    }
  return g_steal_pointer (&self);
}

/**
 * door_form_free:
 * @self: (transfer full): form data
 */
void
door_form_free (DoorForm *self)
{
  g_clear_pointer (&self->fields, g_array_unref);
  g_free (self->text);
  g_free (self);
}

/**
 * door_form_get_count:
 * @self: form data
 *
 * Returns: how many fields there are, repeated names counted each
 */
size_t
door_form_get_count (const DoorForm *self)
{
  return self->fields->len;
}

/**
 * door_form_get_name:
 * @self: form data
 * @i: which field, below the count
 *
 * Returns: (transfer none): its name
 */
const char *
door_form_get_name (const DoorForm *self, size_t i)
{
  return g_array_index (self->fields, Field, i).name;
}

/**
 * door_form_get_value:
 * @self: form data
 * @i: which field, below the count
 *
 * Returns: (transfer none): its value, "" when it came without one
 */
const char *
door_form_get_value (const DoorForm *self, size_t i)
{
  return g_array_index (self->fields, Field, i).value;
}

/**
 * door_form_lookup:
 * @self: form data
 * @name: name of a field
 * @value: (out) (transfer none) (nullable): its value, %NULL when there is no such field
 * @error: return location for an error
 *
 * Finds a field that may stand once. Two of the same name are an error, because two readers of one form
 * must never see different values.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_form_lookup (const DoorForm *self, const char *name, const char **value, GError **error)
{
  const char *found = NULL;

  for (guint i = 0; i < self->fields->len; i++)
    {
      const Field *field = &g_array_index (self->fields, Field, i);

      if (strcmp (field->name, name) != 0)
        continue;
      if (found != NULL)
        return fail (error, "a field stands twice");
      found = field->value;
    }
  *value = found;
  return TRUE;
}
