/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-page.h"

#include <libsoup/soup.h>
#include <libxml/HTMLparser.h>
#include <string.h>

#include "sim-error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

#define MAX_PAGE_BYTES (2 * 1024 * 1024)

/* The node behind @node in document order, or NULL at the end of @root. */
static xmlNode *
next_node (xmlNode *node, xmlNode *root)
{
  if (node->children != NULL)
    return node->children;
  while (node != root && node->next == NULL)
    node = node->parent;
  return node != root ? node->next : NULL;
}

static bool
is_element (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_ascii_strcasecmp ((const char *) node->name, name) == 0;
}

static char *
dup_attribute (xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetProp (node, (const xmlChar *) name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

static bool
has_attribute (xmlNode *node, const char *name)
{
  return xmlHasProp (node, (const xmlChar *) name) != NULL;
}

/* Text with each run of white space turned into one space. */
static char *
dup_text (xmlNode *node)
{
  xmlChar *content = xmlNodeGetContent (node);
  g_auto (GStrv) words = g_strsplit_set (content != NULL ? (const char *) content : "", " \t\r\n\f", -1);
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", words[i]);
  xmlFree (content);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_marks (xmlNode *node)
{
  g_autofree char *id = dup_attribute (node, "id");
  g_autofree char *classes = dup_attribute (node, "class");
  char *marks = g_strdup_printf (" %s %s ", id != NULL ? id : "", classes != NULL ? classes : "");

  return g_strdelimit (marks, "\t\r\n\f", ' ');
}

static bool
is_marked (const char *marks, const char *mark)
{
  g_autofree char *wanted = g_strconcat (" ", mark, " ", NULL);

  return strstr (marks, wanted) != NULL;
}

static void
add_select (SimForm *form, xmlNode *node, const char *name)
{
  SimField *field = sim_form_add (form, name, "", "select");
  const char *chosen = NULL;

  field->options = g_ptr_array_new_with_free_func (g_free);
  for (xmlNode *child = next_node (node, node); child != NULL; child = next_node (child, node))
    {
      char *value = NULL;

      if (!is_element (child, "option"))
        continue;
      value = has_attribute (child, "value") ? dup_attribute (child, "value") : dup_text (child);
      g_ptr_array_add (field->options, value);
      if (chosen == NULL || has_attribute (child, "selected"))
        chosen = value;
    }
  g_free (field->value);
  field->value = g_strdup (chosen != NULL ? chosen : "");
}

static void
add_input (SimForm *form, xmlNode *node, const char *name)
{
  const char *const never[] = { "reset", "button", "file", NULL };
  const char *const tickable[] = { "checkbox", "radio", NULL };
  const char *const pressed[] = { "submit", "image", NULL };
  g_autofree char *type = dup_attribute (node, "type");
  g_autofree char *value = dup_attribute (node, "value");

  if (type == NULL || *type == '\0')
    {
      g_free (type);
      type = g_strdup (is_element (node, "button") ? "submit" : "text");
    }
  for (char *letter = type; *letter != '\0'; letter++)
    *letter = g_ascii_tolower (*letter);
  if (g_strv_contains (never, type) || (g_strv_contains (tickable, type) && !has_attribute (node, "checked")))
    return;
  if (g_strv_contains (pressed, type))
    {
      if (form->has_button)
        return;
      form->has_button = true;
    }
  if (name != NULL && *name != '\0')
    sim_form_add (form, name, value != NULL ? value : g_strv_contains (tickable, type) ? "on" : "", type);
}

static void
add_control (SimForm *form, xmlNode *node)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (node->type != XML_ELEMENT_NODE || has_attribute (node, "disabled"))
    return;
  name = dup_attribute (node, "name");
  if (is_element (node, "input") || is_element (node, "button"))
    {
      add_input (form, node, name);
      return;
    }
  if (name == NULL || *name == '\0')
    return;
  if (is_element (node, "select"))
    add_select (form, node, name);
  if (is_element (node, "textarea"))
    {
      text = dup_text (node);
      sim_form_add (form, name, text, "textarea");
    }
}

static SimForm *
read_form (xmlNode *node, GUri *base)
{
  g_autoptr (SimForm) form = sim_form_new ();
  g_autofree char *action = dup_attribute (node, "action");
  g_autofree char *method = dup_attribute (node, "method");
  g_autofree char *enctype = dup_attribute (node, "enctype");

  form->method = g_strdup (method != NULL && g_ascii_strcasecmp (method, "post") == 0 ? "POST" : "GET");
  form->multipart = enctype != NULL && g_ascii_strcasecmp (enctype, "multipart/form-data") == 0;
  form->action = action != NULL && *action != '\0'
                     ? g_uri_parse_relative (base, action, SOUP_HTTP_URI_FLAGS, NULL)
                     : g_uri_ref (base);
  if (form->action == NULL)
    return NULL;
  for (xmlNode *child = next_node (node, node); child != NULL; child = next_node (child, node))
    add_control (form, child);
  return g_steal_pointer (&form);
}

static void
link_free (SimLink *self)
{
  g_uri_unref (self->target);
  g_free (self->text);
  g_free (self->marks);
  g_free (self);
}

static SimLink *
read_link (xmlNode *node, GUri *base)
{
  g_autofree char *href = dup_attribute (node, "href");
  g_autoptr (GUri) target =
      href != NULL ? g_uri_parse_relative (base, href, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  SimLink *self = NULL;

  if (target == NULL)
    return NULL;
  self = g_new0 (SimLink, 1);
  self->target = g_steal_pointer (&target);
  self->text = dup_text (node);
  self->marks = dup_marks (node);
  return self;
}

/* The code people read out to a help desk: Crockford's letters, four and four. */
static char *
read_code (xmlNode *node)
{
  g_autofree char *marks = dup_marks (node);
  g_autofree char *text = NULL;
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GRegex) shape = NULL;

  if (!is_marked (marks, "code"))
    return NULL;
  text = dup_text (node);
  shape = g_regex_new ("\\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\\b", 0, 0, NULL);
  return g_regex_match (shape, text, 0, &match) ? g_match_info_fetch (match, 0) : NULL;
}

static char *
dup_first_sentence (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar letter = g_utf8_get_char (at);
      const char *after = g_utf8_next_char (at);

      if (letter == 0x3002 ||
          ((letter == '.' || letter == '!' || letter == '?') && (*after == ' ' || *after == '\0')))
        return g_strndup (text, (gsize) (after - text));
    }
  return g_strdup (text);
}

/* What an error page says happened is marked as its message; on other pages the first paragraph speaks. */
static void
read_sentence (SimPage *self, xmlNode *node)
{
  g_autofree char *marks = dup_marks (node);
  g_autofree char *text = dup_text (node);
  bool message = is_marked (marks, "message");

  if (*text == '\0' || (!message && (self->sentence != NULL || is_element (node, "h1"))))
    return;
  g_free (self->sentence);
  self->sentence = dup_first_sentence (text);
}

static void
read_node (SimPage *self, xmlNode *node, GUri *base, char **heading)
{
  SimForm *form = is_element (node, "form") ? read_form (node, base) : NULL;
  SimLink *link = is_element (node, "a") ? read_link (node, base) : NULL;

  if (form != NULL)
    g_ptr_array_add (self->forms, form);
  if (link != NULL)
    g_ptr_array_add (self->links, link);
  if (node->type == XML_ELEMENT_NODE && self->code == NULL)
    self->code = read_code (node);
  if (is_element (node, "h1") && *heading == NULL)
    *heading = dup_text (node);
  if (is_element (node, "p") || is_element (node, "h1"))
    read_sentence (self, node);
}

/* (transfer full): what relative addresses on the page are relative to */
static GUri *
find_base (xmlNode *root, GUri *uri)
{
  for (xmlNode *node = root; node != NULL; node = next_node (node, root))
    {
      g_autofree char *href = is_element (node, "base") ? dup_attribute (node, "href") : NULL;
      GUri *base = href != NULL ? g_uri_parse_relative (uri, href, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

      if (base != NULL)
        return base;
    }
  return g_uri_ref (uri);
}

/**
 * sim_page_parse:
 * @html: the page, UTF-8
 * @uri: where it came from
 * @error: return location for an error
 *
 * Reads forms, links and the marks of an error page as a browser without scripts would. The document is
 * never allowed to load anything.
 *
 * Returns: (transfer full): the page, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimPage *
sim_page_parse (GBytes *html, GUri *uri, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (html, &size);
  g_autoptr (xmlDoc) document = NULL;
  g_autoptr (GUri) base = NULL;
  g_autofree char *heading = NULL;
  SimPage *self = NULL;
  xmlNode *root = NULL;

  if (size > 0 && size <= MAX_PAGE_BYTES)
    document =
        htmlReadMemory (data, (int) size, NULL, "UTF-8",
                        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
  root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  if (root == NULL)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s sent a page that is not HTML",
                   g_uri_get_host (uri));
      return NULL;
    }
  base = find_base (root, uri);
  self = g_new0 (SimPage, 1);
  self->uri = g_uri_ref (uri);
  self->forms = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_form_free);
  self->links = g_ptr_array_new_with_free_func ((GDestroyNotify) link_free);
  for (xmlNode *node = root; node != NULL; node = next_node (node, root))
    read_node (self, node, base, &heading);
  if (self->sentence == NULL && heading != NULL)
    self->sentence = dup_first_sentence (heading);
  return self;
}

/**
 * sim_page_free:
 * @self: (transfer full): a page
 */
void
sim_page_free (SimPage *self)
{
  g_uri_unref (self->uri);
  g_ptr_array_unref (self->forms);
  g_ptr_array_unref (self->links);
  g_free (self->code);
  g_free (self->sentence);
  g_free (self);
}

/**
 * sim_page_find_password_form:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): the first form that asks for a password
 */
SimForm *
sim_page_find_password_form (const SimPage *self)
{
  for (guint i = 0; i < self->forms->len; i++)
    {
      SimForm *form = g_ptr_array_index (self->forms, i);

      for (guint j = 0; j < form->fields->len; j++)
        if (g_str_equal (((SimField *) g_ptr_array_index (form->fields, j))->type, "password"))
          return form;
    }
  return NULL;
}

/**
 * sim_page_find_form_with:
 * @self: a page
 * @field_name: name of a field
 *
 * Returns: (transfer none) (nullable): the first form with that field
 */
SimForm *
sim_page_find_form_with (const SimPage *self, const char *field_name)
{
  for (guint i = 0; i < self->forms->len; i++)
    if (sim_form_get (g_ptr_array_index (self->forms, i), field_name) != NULL)
      return g_ptr_array_index (self->forms, i);
  return NULL;
}

/**
 * sim_page_find_button_form:
 * @self: a page
 *
 * Returns: (transfer none) (nullable): the first form that can be sent by pressing a button and posts
 * something
 */
SimForm *
sim_page_find_button_form (const SimPage *self)
{
  for (guint i = 0; i < self->forms->len; i++)
    {
      SimForm *form = g_ptr_array_index (self->forms, i);

      if (form->has_button && g_str_equal (form->method, "POST"))
        return form;
    }
  return NULL;
}

/**
 * sim_page_find_retry:
 * @self: a page
 *
 * The link is known by its id or class `try-again`, which does not change with the language, or its English
 * text.
 *
 * Returns: (transfer none) (nullable): the link that starts the sign-in again
 */
const SimLink *
sim_page_find_retry (const SimPage *self)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      const SimLink *link = g_ptr_array_index (self->links, i);

      if (is_marked (link->marks, "try-again") || g_ascii_strcasecmp (link->text, "try again") == 0)
        return link;
    }
  return NULL;
}

/**
 * sim_page_find_onward:
 * @self: a page of the server
 *
 * The link is known by where it leads: on in the sign-in, behind terms that were agreed to, or to a profile.
 *
 * Returns: (transfer none) (nullable): the link that leads on where nothing is asked for
 */
const SimLink *
sim_page_find_onward (const SimPage *self)
{
  static const char *const paths[] = { "/mdm/continue/", "/mdm/apple/profile/", "/mdm/sso", "/enroll/" };

  for (size_t path = 0; path < G_N_ELEMENTS (paths); path++)
    for (guint i = 0; i < self->links->len; i++)
      {
        const SimLink *link = g_ptr_array_index (self->links, i);

        if (g_str_has_prefix (g_uri_get_path (link->target), paths[path]) &&
            (g_uri_get_query (link->target) == NULL ||
             strstr (g_uri_get_query (link->target), "lang=") == NULL))
          return link;
      }
  return NULL;
}

/* (transfer full) (nullable): which identity provider a link of a chooser starts */
static char *
dup_provider (const SimLink *link)
{
  const char *query = g_uri_get_query (link->target);
  g_autoptr (GHashTable) parameters =
      query != NULL ? g_uri_parse_params (query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL) : NULL;
  g_auto (GStrv) path = g_strsplit (g_uri_get_path (link->target), "/", -1);

  if (parameters != NULL && g_hash_table_contains (parameters, "idp"))
    return g_strdup (g_hash_table_lookup (parameters, "idp"));
  if (g_strv_length (path) == 4 && g_str_equal (path[3], "start") &&
      (g_str_equal (path[1], "saml") || g_str_equal (path[1], "oidc")))
    return g_uri_unescape_string (path[2], NULL);
  return NULL;
}

/**
 * sim_page_has_providers:
 * @self: a page
 *
 * Returns: whether it lets a person choose an identity provider
 */
bool
sim_page_has_providers (const SimPage *self)
{
  for (guint i = 0; i < self->links->len; i++)
    {
      g_autofree char *name = dup_provider (g_ptr_array_index (self->links, i));

      if (name != NULL)
        return true;
    }
  return false;
}

/**
 * sim_page_find_provider:
 * @self: a page
 * @provider: (nullable): name of the identity provider wanted, %NULL when only one is expected
 * @error: return location for an error
 *
 * Returns: (transfer none): the link to follow, or %NULL with %SIM_ERROR_UNEXPECTED, which names the choices
 */
const SimLink *
sim_page_find_provider (const SimPage *self, const char *provider, GError **error)
{
  g_autoptr (GString) choices = g_string_new (NULL);
  const SimLink *found = NULL;
  int fitting = 0;

  for (guint i = 0; i < self->links->len; i++)
    {
      const SimLink *link = g_ptr_array_index (self->links, i);
      g_autofree char *name = dup_provider (link);

      if (name == NULL)
        continue;
      g_string_append_printf (choices, "%s%s", choices->len > 0 ? ", " : "", name);
      if (provider != NULL && !g_str_equal (name, provider))
        continue;
      found = link;
      fitting++;
    }
  if (fitting == 1 || (fitting > 1 && provider != NULL))
    return found;
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
               provider != NULL ? "no link to the identity provider “%s”; the page offers %s"
                                : "%sseveral identity providers, choose one with --idp: %s",
               provider != NULL ? provider : "", choices->str);
  return NULL;
}
