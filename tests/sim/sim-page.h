/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

typedef struct
{
  char *name;
  char *value;
  char *type;         /* input type, "select", "textarea" or "button", lower case */
  GPtrArray *options; /* (nullable) values a select offers */
} SimField;

/* A form with the fields a browser would send when its first button is pressed. */
typedef struct
{
  char *method; /* "GET" or "POST" */
  GUri *action;
  bool multipart;
  bool has_button;
  GPtrArray *fields; /* element type SimField */
} SimForm;

typedef struct
{
  GUri *target;
  char *text;
  char *marks; /* id and classes, each with a space on both sides */
} SimLink;

/* What the simulator needs to know of an HTML page. */
typedef struct
{
  GUri *uri;
  GPtrArray *forms; /* element type SimForm */
  GPtrArray *links; /* element type SimLink */
  char *code;       /* (nullable) error code as K7Q4-9XMD */
  char *sentence;   /* (nullable) what it says first */
} SimPage;

SimPage *sim_page_parse (GBytes *html, GUri *uri, GError **error);
void sim_page_free (SimPage *self);
SimForm *sim_page_find_password_form (const SimPage *self);
SimForm *sim_page_find_form_with (const SimPage *self, const char *field_name);
SimForm *sim_page_find_button_form (const SimPage *self);
const SimLink *sim_page_find_retry (const SimPage *self);
const SimLink *sim_page_find_onward (const SimPage *self);
const SimLink *sim_page_find_provider (const SimPage *self, const char *provider, GError **error);
bool sim_page_has_providers (const SimPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimPage, sim_page_free)

SimForm *sim_form_new (void);
SimField *sim_form_add (SimForm *self, const char *name, const char *value, const char *type);
const char *sim_form_get (const SimForm *self, const char *name);
gboolean sim_form_set (SimForm *self, const char *name, const char *value, GError **error);
gboolean sim_form_fill_sign_in (SimForm *self, const char *user, const char *password, GError **error);
char *sim_form_encode (const SimForm *self);
SimForm *sim_form_copy (const SimForm *self);
void sim_form_free (SimForm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimForm, sim_form_free)
