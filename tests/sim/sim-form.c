/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-page.h"

#include "sim-error.h"

static SimField *
find_field (const SimForm *self, const char *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      SimField *field = g_ptr_array_index (self->fields, i);

      if (g_str_equal (field->name, name))
        return field;
    }
  return NULL;
}

/**
 * sim_form_get:
 * @self: a form
 * @name: name of a field
 *
 * Returns: (transfer none) (nullable): the value that would be sent, %NULL when there is no such field
 */
const char *
sim_form_get (const SimForm *self, const char *name)
{
  SimField *field = find_field (self, name);

  return field != NULL ? field->value : NULL;
}

/**
 * sim_form_set:
 * @self: a form
 * @name: name of a field it has
 * @value: what a person types or chooses
 * @error: return location for an error
 *
 * Returns: %FALSE with %SIM_ERROR_UNEXPECTED when the field, or that choice of a select, is not there
 */
gboolean
sim_form_set (SimForm *self, const char *name, const char *value, GError **error)
{
  SimField *field = find_field (self, name);
  bool offered = field != NULL && field->options == NULL;

  for (guint i = 0; field != NULL && field->options != NULL && i < field->options->len; i++)
    offered = offered || g_str_equal (g_ptr_array_index (field->options, i), value);
  if (!offered)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   field == NULL ? "the form has no field “%s”" : "the field “%s” does not offer “%s”", name,
                   value);
      return FALSE;
    }
  g_free (field->value);
  field->value = g_strdup (value);
  return TRUE;
}

/**
 * sim_form_fill_sign_in:
 * @self: a form with a password field
 * @user: user name
 * @password: password
 * @error: return location for an error
 *
 * Types the user name into the first text field in front of the password (a form that already knows the
 * user has none) and the password into its field.
 *
 * Returns: %FALSE with %SIM_ERROR_UNEXPECTED when there is no password field
 */
gboolean
sim_form_fill_sign_in (SimForm *self, const char *user, const char *password, GError **error)
{
  const char *const typed[] = { "text", "email", "tel", NULL };
  const char *user_field = NULL;

  for (guint i = 0; i < self->fields->len; i++)
    {
      SimField *field = g_ptr_array_index (self->fields, i);

      if (user_field == NULL && g_strv_contains (typed, field->type))
        user_field = field->name;
      if (!g_str_equal (field->type, "password"))
        continue;
      return (user_field == NULL || sim_form_set (self, user_field, user, error)) &&
             sim_form_set (self, field->name, password, error);
    }
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the form has no password field");
  return FALSE;
}

/**
 * sim_form_encode:
 * @self: a form
 *
 * Returns: (transfer full): the fields in order as application/x-www-form-urlencoded
 */
char *
sim_form_encode (const SimForm *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->fields->len; i++)
    {
      const SimField *field = g_ptr_array_index (self->fields, i);
      g_autofree char *name = g_uri_escape_string (field->name, NULL, FALSE);
      g_autofree char *value = g_uri_escape_string (field->value, NULL, FALSE);

      g_string_append_printf (text, "%s%s=%s", i > 0 ? "&" : "", name, value);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
field_free (SimField *field)
{
  g_free (field->name);
  g_free (field->value);
  g_free (field->type);
  g_clear_pointer (&field->options, g_ptr_array_unref);
  g_free (field);
}

/**
 * sim_form_new:
 *
 * Returns: (transfer full): a form without action and fields
 */
SimForm *
sim_form_new (void)
{
  SimForm *self = g_new0 (SimForm, 1);

  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
  return self;
}

/**
 * sim_form_add:
 * @self: a form
 * @name: name of the field
 * @value: its first value
 * @type: its type
 *
 * Returns: (transfer none): the new field
 */
SimField *
sim_form_add (SimForm *self, const char *name, const char *value, const char *type)
{
  SimField *field = g_new0 (SimField, 1);

  field->name = g_strdup (name);
  field->value = g_strdup (value);
  field->type = g_strdup (type);
  g_ptr_array_add (self->fields, field);
  return field;
}

/**
 * sim_form_copy:
 * @self: a form
 *
 * Returns: (transfer full): the same form, to be changed or sent a second time
 */
SimForm *
sim_form_copy (const SimForm *self)
{
  SimForm *copy = sim_form_new ();

  copy->method = g_strdup (self->method);
  copy->action = g_uri_ref (self->action);
  copy->multipart = self->multipart;
  copy->has_button = self->has_button;
  for (guint i = 0; i < self->fields->len; i++)
    {
      const SimField *field = g_ptr_array_index (self->fields, i);
      SimField *added = sim_form_add (copy, field->name, field->value, field->type);

      added->options = field->options != NULL ? g_ptr_array_ref (field->options) : NULL;
    }
  return copy;
}

/**
 * sim_form_free:
 * @self: (transfer full): a form
 */
void
sim_form_free (SimForm *self)
{
  g_free (self->method);
  g_clear_pointer (&self->action, g_uri_unref);
  g_ptr_array_unref (self->fields);
  g_free (self);
}
