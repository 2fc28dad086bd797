/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-login.h"
#include "door-web.h"

/**
 * DoorWebChoiceUrl:
 * @connection: one of the providers
 * @data: what the caller gave
 *
 * Returns: (transfer full): the path that leads to it
 */
typedef char *(*DoorWebChoiceUrl) (const DoorConnection *connection, gconstpointer data);

/**
 * DoorWebForm:
 * @page: "post", "admin-post" or "logout-post"
 * @form: what is posted, and where
 * @connection: the provider it goes to
 * @account: (nullable): account typed
 *
 * A page with a form that leads to a provider.
 */
typedef struct
{
  const char *page;
  const DoorSamlForm *form;
  const DoorConnection *connection;
  const char *account;
} DoorWebForm;

GVariant *door_web_build_choices (const GPtrArray *choices, const char *language, DoorWebChoiceUrl dup_url,
                                  gconstpointer data);
DoorResponse *door_web_render_form_page (const DoorWeb *web, DoorRequest *request, const DoorWebForm *form,
                                         GError **error);
DoorResponse *door_web_render_form (const DoorWeb *web, DoorRequest *request, const char *page,
                                    const DoorLoginStep *step, GError **error);
