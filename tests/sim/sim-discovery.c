/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-discovery.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>

#include "sim-error.h"

/**
 * sim_challenge_free:
 * @self: (transfer full): a challenge
 */
void
sim_challenge_free (SimChallenge *self)
{
  g_free (self->method);
  g_free (self->url);
  g_free (self->authorization_url);
  g_free (self->token_url);
  g_free (self->redirect_url);
  g_free (self->client_id);
  g_free (self->scope);
  g_free (self);
}

/* Reads `name="value"`, a quoted string with backslash escapes (RFC 9110, 5.6.4), and moves @at behind it. */
static bool
read_parameter (const char **at, char **name, char **value)
{
  const char *start = *at;
  g_autoptr (GString) text = g_string_new (NULL);
  const char *here = NULL;

  while (g_ascii_isalnum (**at) || **at == '-' || **at == '_')
    (*at)++;
  if (*at == start || !g_str_has_prefix (*at, "=\""))
    return false;
  for (here = *at + 2; *here != '"'; here++)
    {
      if (*here == '\\')
        here++;
      if (*here == '\0')
        return false;
      g_string_append_c (text, *here);
    }
  *name = g_ascii_strdown (start, *at - start);
  *value = g_string_free (g_steal_pointer (&text), FALSE);
  *at = here + 1;
  return true;
}

/* Apple writes a comma between parameters, other servers a space. Something must be there. */
static bool
read_separator (const char **at)
{
  const char *start = *at;
  int commas = 0;

  while (**at == ' ' || **at == '\t' || **at == ',')
    commas += *(*at)++ == ',';
  return (*at != start && commas <= 1) || **at == '\0';
}

/* Keeps or frees @value. False for a parameter that stands there twice. */
static bool
take_parameter (SimChallenge *self, const char *name, char *value)
{
  const struct
  {
    const char *name;
    char **slot;
  } known[] = {
    { "method", &self->method },       { "url", &self->url },
    { "token-url", &self->token_url }, { "authorization-url", &self->authorization_url },
    { "client-id", &self->client_id }, { "redirect-url", &self->redirect_url },
    { "scope", &self->scope },
  };
  char **slot = NULL;
  bool twice;

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (name, known[i].name))
      slot = known[i].slot;
  twice = slot != NULL && *slot != NULL;

  if (slot == NULL || twice)
    g_free (value);
  else
    *slot = value;
  return !twice;
}

static bool
is_https (const char *url)
{
  return url != NULL && g_str_has_prefix (url, "https://");
}

/* All that the method needs (Apple, "Onboarding users with account sign-in"). */
static bool
is_complete (const SimChallenge *self)
{
  if (g_strcmp0 (self->method, "apple-as-web") == 0)
    return is_https (self->url);
  return g_strcmp0 (self->method, "apple-oauth2") == 0 && is_https (self->authorization_url) &&
         is_https (self->token_url) && self->client_id != NULL && self->redirect_url != NULL &&
         g_str_has_prefix (self->redirect_url, "apple-remotemanagement-user-login:/");
}

/**
 * sim_challenge_parse:
 * @value: the header's value
 * @error: return location for an error
 *
 * Parses the challenge of account-driven enrollment (Apple, "Onboarding users with account sign-in").
 * The parameters may be separated by a comma, by white space or by both.
 *
 * Returns: (transfer full): the challenge, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimChallenge *
sim_challenge_parse (const char *value, GError **error)
{
  g_autoptr (SimChallenge) self = g_new0 (SimChallenge, 1);
  const char *at = value;
  bool good = g_ascii_strncasecmp (value, "Bearer ", 7) == 0;

  for (at += good ? 7 : 0; good && *at == ' ';)
    at++;
  while (good && *at != '\0')
    {
      g_autofree char *name = NULL;
      char *text = NULL;

      good = read_parameter (&at, &name, &text) && take_parameter (self, name, text) && read_separator (&at);
    }
  if (!good || !is_complete (self))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   "WWW-Authenticate is not Bearer method=\"apple-as-web\", url=\"https://…\", and not what "
                   "apple-oauth2 needs: %s",
                   value);
      return NULL;
    }
  return g_steal_pointer (&self);
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

/* json-glib takes comments, and takes no offence at what follows the value. A device is not that patient. */
static bool
is_well_formed (const char *data, gsize size)
{
  const char *string = "\"(?:[^\"\\\\\\x00-\\x1f]|\\\\(?:[\"\\\\/bfnrt]|u[0-9A-Fa-f]{4}))*\"";
  g_autofree char *member = g_strconcat ("\"(?:Version|BaseURL)\"\\s*:\\s*", string, NULL);
  g_autofree char *pattern = g_strconcat ("\\A\\s*\\{\\s*\"Servers\"\\s*:\\s*\\[\\s*\\{\\s*", member,
                                          "\\s*,\\s*", member, "\\s*\\}\\s*\\]\\s*\\}\\s*\\z", NULL);
  g_autoptr (GRegex) shape = g_regex_new (pattern, 0, 0, NULL);

  return g_regex_match_full (shape, data, (gssize) size, 0, 0, NULL, NULL);
}

/* (nullable): the one server that the document names */
static JsonObject *
get_only_server (JsonNode *root)
{
  JsonNode *servers = NULL;
  JsonNode *first = NULL;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  servers = json_object_get_member (json_node_get_object (root), "Servers");
  if (servers == NULL || !JSON_NODE_HOLDS_ARRAY (servers) ||
      json_array_get_length (json_node_get_array (servers)) != 1)
    return NULL;
  first = json_array_get_element (json_node_get_array (servers), 0);
  return JSON_NODE_HOLDS_OBJECT (first) ? json_node_get_object (first) : NULL;
}

/**
 * sim_discovery_parse:
 * @json: body of the well-known resource
 * @version: what the server must offer, "mdm-byod" or "mdm-adde"
 * @error: return location for an error
 *
 * Reads the document of account-driven discovery: one server, of that version, with an https BaseURL.
 *
 * Returns: (transfer full): the BaseURL, or %NULL with %SIM_ERROR_UNEXPECTED
 */
char *
sim_discovery_parse (GBytes *json, const char *version, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize size = 0;
  const char *data = g_bytes_get_data (json, &size);
  g_autoptr (GError) local = NULL;
  JsonObject *server = NULL;
  const char *offered = NULL;
  const char *base_url = NULL;

  if (size == 0 || !g_utf8_validate_len (data, size, NULL) ||
      !json_parser_load_from_data (parser, data, (gssize) size, &local))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the discovery document is not JSON%s%s",
                   local != NULL ? ": " : "", local != NULL ? local->message : "");
      return NULL;
    }
  server = is_well_formed (data, size) ? get_only_server (json_parser_get_root (parser)) : NULL;
  offered = server != NULL ? get_string (server, "Version") : NULL;
  base_url = server != NULL ? get_string (server, "BaseURL") : NULL;
  if (offered == NULL || !g_str_equal (offered, version) || base_url == NULL ||
      !g_str_has_prefix (base_url, "https://"))
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                   "the discovery document is not {\"Servers\":[{\"Version\":\"%s\","
                   "\"BaseURL\":\"https://…\"}]}",
                   version);
      return NULL;
    }
  return g_strdup (base_url);
}
