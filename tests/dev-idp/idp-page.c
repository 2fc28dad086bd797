/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-page.h"

#include "idp-fault.h"

/**
 * idp_page_get_style_sheet:
 *
 * Returns: (transfer none): the style sheet all pages link to
 */
const char *
idp_page_get_style_sheet (void)
{
  return ":root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }\n"
         "body { max-width: 40rem; margin: 0 auto; padding: 1rem; }\n"
         ".toy { border: 2px solid; padding: .5rem 1rem; }\n"
         ".message { border-left: .4rem solid; padding: .25rem .75rem; font-weight: bold; }\n"
         "label { display: block; margin-top: .75rem; }\n"
         "input, select { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; }\n"
         "button { font: inherit; margin-top: 1rem; padding: .6rem 1.2rem; min-height: 2.75rem; }\n"
         "details { margin-top: 1rem; }\n"
         "summary { padding: .5rem 0; }\n"
         "table { border-collapse: collapse; width: 100%; }\n"
         "th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid; }\n"
         "code { overflow-wrap: anywhere; }\n";
}

static void append (GString *page, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Every %s is escaped for text and quoted attributes. */
static void
append (GString *page, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_markup_vprintf_escaped (format, arguments);
  va_end (arguments);
  g_string_append (page, text);
}

static GString *
begin (const IdpConfig *config, const char *heading)
{
  GString *page = g_string_new ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");

  append (page, "<title>%s - %s</title>\n", heading, idp_config_get_title (config));
  g_string_append (page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n");
  append (page, "<h1>%s</h1>\n", heading);
  return page;
}

static char *
end (GString *page)
{
  g_string_append (page, "</main>\n</body>\n</html>\n");
  return g_string_free (page, FALSE);
}

/**
 * idp_page_build_home:
 * @config: the configuration
 * @entity_id: the entity id
 * @signed_in: (nullable): name of the person this browser is signed in as
 *
 * Returns: (transfer full): the page that says what this is and who can sign in
 */
char *
idp_page_build_home (const IdpConfig *config, const char *entity_id, const char *signed_in)
{
  const GPtrArray *users = idp_config_get_users (config);
  GString *page = begin (config, idp_config_get_title (config));

  g_string_append (page,
                   "<p class=\"toy\">This identity provider is a toy for development and tests. It shows its "
                   "passwords, sends wrong answers when asked to, and protects nothing.</p>\n");
  append (page, "<p>Entity id: <code>%s</code></p>\n", entity_id);
  g_string_append (page, "<ul>\n<li><a href=\"/metadata\">Metadata</a></li>\n"
                         "<li><a href=\"/faults\">What can be made wrong</a></li>\n</ul>\n");
  if (signed_in != NULL)
    append (page,
            "<p>This browser is signed in as <strong>%s</strong>. <a href=\"/logout\">Sign out</a></p>\n",
            signed_in);
  g_string_append (page, "<table>\n<caption>People</caption>\n<thead><tr><th scope=\"col\">User name</th>"
                         "<th scope=\"col\">Password</th><th scope=\"col\">Email</th>"
                         "<th scope=\"col\">Always wrong</th></tr></thead>\n<tbody>\n");
  for (unsigned int i = 0; i < users->len; i++)
    {
      const IdpUser *user = g_ptr_array_index (users, i);

      append (page, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n", user->name, user->password,
              user->email, user->fault != NULL ? user->fault : "");
    }
  g_string_append (page, "</tbody>\n</table>\n");
  return end (page);
}

static void
append_hidden (GString *page, const char *name, const char *value)
{
  if (value != NULL)
    append (page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", name, value);
}

static void
append_fault_select (GString *page, const char *selected)
{
  size_t n_faults = 0;
  const IdpFault *faults = idp_fault_list (&n_faults);

  append (page, "<details%s>\n", selected != NULL ? " open" : "");
  g_string_append (page,
                   "<summary>Break it</summary>\n<label for=\"fault\">What is wrong with the answer</label>\n"
                   "<select id=\"fault\" name=\"fault\">\n"
                   "<option value=\"\">whatever the person is set up for</option>\n");
  for (size_t i = 0; i < n_faults; i++)
    append (page, "<option value=\"%s\"%s>%s: %s</option>\n", faults[i].id,
            g_strcmp0 (selected, faults[i].id) == 0 ? " selected" : "", faults[i].id, faults[i].text);
  g_string_append (page, "</select>\n</details>\n");
}

/**
 * idp_page_build_login:
 * @config: the configuration
 * @form: what the form carries along
 *
 * Returns: (transfer full): the sign-in page
 */
char *
idp_page_build_login (const IdpConfig *config, const IdpLoginForm *form)
{
  GString *page = begin (config, "Sign in");

  append (page, "<p>to <code>%s</code></p>\n", form->issuer);
  if (form->message != NULL)
    append (page, "<p class=\"message\" role=\"alert\">%s</p>\n", form->message);
  g_string_append (page, "<form method=\"post\" action=\"/login\">\n");
  append_hidden (page, "SAMLRequest", form->saml_request);
  append_hidden (page, "RelayState", form->relay_state);
  append (page,
          "<label for=\"username\">User name</label>\n"
          "<input id=\"username\" name=\"username\" autocomplete=\"username\" autocapitalize=\"none\" "
          "spellcheck=\"false\" required value=\"%s\">\n",
          form->username != NULL ? form->username : "");
  g_string_append (page, "<label for=\"password\">Password</label>\n"
                         "<input id=\"password\" name=\"password\" type=\"password\" "
                         "autocomplete=\"current-password\" required>\n");
  append_fault_select (page, form->fault);
  g_string_append (page, "<button type=\"submit\">Sign in</button>\n</form>\n"
                         "<p><a href=\"/\">Names and passwords</a></p>\n");
  return end (page);
}

/**
 * idp_page_build_answer:
 * @config: the configuration
 * @form: what goes to the service provider
 *
 * Makes the form of the HTTP-POST binding (SAML Bindings, 3.5.4), with a button in place of a script.
 *
 * Returns: (transfer full): the page
 */
char *
idp_page_build_answer (const IdpConfig *config, const IdpAnswerForm *form)
{
  GString *page = begin (config, "Signed in");

  append (page, "<p>You are <strong>%s</strong>. Continue to <code>%s</code>.</p>\n", form->person,
          form->acs_url);
  if (form->fault != NULL)
    append (page, "<p class=\"message\">This answer is broken on purpose: %s</p>\n", form->fault);
  append (page, "<form method=\"post\" action=\"%s\">\n", form->acs_url);
  append_hidden (page, "SAMLResponse", form->saml_response);
  append_hidden (page, "RelayState", form->relay_state);
  g_string_append (page, "<button type=\"submit\">Continue</button>\n</form>\n");
  return end (page);
}

/**
 * idp_page_build_message:
 * @config: the configuration
 * @heading: what it is about
 * @text: one sentence
 *
 * Returns: (transfer full): a page that only says something
 */
char *
idp_page_build_message (const IdpConfig *config, const char *heading, const char *text)
{
  GString *page = begin (config, heading);

  append (page, "<p>%s</p>\n", text);
  g_string_append (page, "<p><a href=\"/\">What this is</a></p>\n");
  return end (page);
}

/**
 * idp_page_build_fault_list:
 *
 * Returns: (transfer full): one line of plain text for each fault: id, tab, description
 */
char *
idp_page_build_fault_list (void)
{
  GString *text = g_string_new (NULL);
  size_t n_faults = 0;
  const IdpFault *faults = idp_fault_list (&n_faults);

  for (size_t i = 0; i < n_faults; i++)
    g_string_append_printf (text, "%s\t%s\n", faults[i].id, faults[i].text);
  return g_string_free (text, FALSE);
}
