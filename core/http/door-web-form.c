/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-web-form.h"

static void
add_field (GVariantBuilder *list, const char *name, const char *value)
{
  g_variant_builder_open (list, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (list, "{sv}", "name", g_variant_new_string (name));
  g_variant_builder_add (list, "{sv}", "value", g_variant_new_string (value));
  g_variant_builder_close (list);
}

/**
 * door_web_build_choices:
 * @choices: (element-type DoorConnection): providers to choose among
 * @language: language of the page
 * @dup_url: gives the path that leads to one
 * @data: for @dup_url
 *
 * Returns: (transfer floating): a list of names and paths for a template
 */
GVariant *
door_web_build_choices (const GPtrArray *choices, const char *language, DoorWebChoiceUrl dup_url,
                        gconstpointer data)
{
  GVariantBuilder list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < choices->len; i++)
    {
      const DoorConnection *connection = g_ptr_array_index (choices, i);
      g_autofree char *url = dup_url (connection, data);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "name",
                             g_variant_new_string (door_connection_get_title (connection, language)));
      g_variant_builder_add (&list, "{sv}", "url", g_variant_new_string (url));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

/**
 * door_web_render_form_page:
 * @web: what every handler gets
 * @request: the request
 * @form: the page
 * @error: return location for an error
 *
 * A message to a provider that is a form: with a button, since there is no script that could press it, and
 * the only page of ours with a form that leads to another site.
 *
 * Returns: (transfer full): the page, or %NULL with an error
 */
DoorResponse *
door_web_render_form_page (const DoorWeb *web, DoorRequest *request, const DoorWebForm *form, GError **error)
{
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  GVariantBuilder fields = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  const char *language = door_web_get_language (web, request);
  DoorResponse *response;

  add_field (&fields, form->form->field, form->form->message);
  if (form->form->relay_state != NULL)
    add_field (&fields, "RelayState", form->form->relay_state);
  if (form->account != NULL && *form->account != '\0')
    g_variant_dict_insert (&data, "account", "s", form->account);
  g_variant_dict_insert (&data, "action", "s", form->form->action);
  g_variant_dict_insert (&data, "provider", "s", door_connection_get_title (form->connection, language));
  g_variant_dict_insert_value (&data, "fields", g_variant_builder_end (&fields));
  response = door_web_render (web, request, form->page, g_variant_dict_end (&data), error);
  if (response != NULL && !door_response_allow_form_to (response, form->form->action, error))
    g_clear_pointer (&response, door_response_free);
  return response;
}

/**
 * door_web_render_form:
 * @web: what every handler gets
 * @request: the request
 * @page: "post" or "admin-post"
 * @step: a step of the kind %DOOR_LOGIN_POST
 * @error: return location for an error
 *
 * The form of a sign-in.
 *
 * Returns: (transfer full): the page, or %NULL with an error
 */
DoorResponse *
door_web_render_form (const DoorWeb *web, DoorRequest *request, const char *page, const DoorLoginStep *step,
                      GError **error)
{
  const DoorWebForm form = { page, &step->form, step->connection, step->user_identifier };

  return door_web_render_form_page (web, request, &form, error);
}
