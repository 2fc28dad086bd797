/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-idp-preset.h"

#include <string.h>

#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-oauth2.h"
#include "door-suggest.h"

/* when the configuration does not say */
#define UNKNOWN_SERVER "https://SERVER"

static bool
set_unknown_error (const DoorCtlWorld *world, const char *name, GError **error)
{
  g_autoptr (GPtrArray) installed = door_plugin_loader_list_installed (world->loader);
  g_autoptr (DoorSuggest) suggest = door_suggest_new (name);
  g_autofree char *all = NULL;
  const char *best;

  for (guint i = 0; i < installed->len; i++)
    door_suggest_add (suggest, g_ptr_array_index (installed, i));
  best = door_suggest_get_best (suggest);
  if (best != NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "there is no preset \"%s\" (did you mean \"%s\"?)", name, best);
  return door_error_set (
      error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
      "there is no preset \"%s\"; doorctl plugin list has what is installed, and saml fits "
      "every SAML 2.0 provider",
      name);
}

static bool
is_installed (const DoorCtlWorld *world, const char *name)
{
  g_autoptr (GPtrArray) installed = door_plugin_loader_list_installed (world->loader);

  for (guint i = 0; i < installed->len; i++)
    if (g_str_equal (g_ptr_array_index (installed, i), name))
      return true;
  return false;
}

static bool
is_loaded (const DoorCtlWorld *world, const char *name)
{
  const GPtrArray *infos = door_plugin_loader_list (world->loader);

  for (guint i = 0; i < infos->len; i++)
    {
      const DoorPluginInfo *info = g_ptr_array_index (infos, i);

      if (info->reason == NULL && g_str_equal (info->name, name))
        return true;
    }
  return false;
}

static bool
choose_protocol (DoorCtlPreset *self, const char *protocol, GError **error)
{
  const DoorIdpPreset *saml = door_idp_kind_lookup_preset (self->idp, DOOR_PROTOCOL_SAML);
  bool is_oidc = protocol != NULL ? g_str_equal (protocol, "oidc") : saml == NULL;

  if (protocol != NULL && !is_oidc && !g_str_equal (protocol, "saml"))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "the protocol is saml or oidc");
  self->protocol = is_oidc ? DOOR_PROTOCOL_OIDC : DOOR_PROTOCOL_SAML;
  self->preset = is_oidc ? door_idp_kind_lookup_preset (self->idp, DOOR_PROTOCOL_OIDC) : saml;
  return self->preset != NULL ||
         door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "%s does not speak %s here",
                         self->entry->name,
                         is_oidc ? "OpenID Connect; the preset oidc fits every provider of it"
                                 : "SAML; the preset saml fits every provider of it");
}

/**
 * door_ctl_preset_load:
 * @self: (out caller-allocates): the preset; clear it
 * @world: configuration and plugins
 * @name: name of the preset: the Type= of its connections, and of its plugin
 * @protocol: (nullable): "saml" or "oidc"; %NULL for SAML, if it speaks that
 * @error: return location for an error
 *
 * Finds a preset, and loads its plugin where the configuration does not. Blocks on the file system.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND, or with what the loader says
 */
bool
door_ctl_preset_load (DoorCtlPreset *self, const DoorCtlWorld *world, const char *name, const char *protocol,
                      GError **error)
{
  const DoorPluginEntry *entry = door_plugin_registry_lookup (world->registry, "idp", name);

  if (entry == NULL && !is_installed (world, name))
    return set_unknown_error (world, name, error);
  if (entry == NULL && !is_loaded (world, name) && !door_plugin_loader_load (world->loader, name, error))
    return false;
  entry = door_plugin_registry_lookup (world->registry, "idp", name);
  if (entry == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "the plugin %s brings no identity provider of that name", name);
  self->entry = entry;
  self->idp = door_plugin_registry_make (world->registry, "idp", name, error);
  return self->idp != NULL && choose_protocol (self, protocol, error);
}

/**
 * door_ctl_preset_clear:
 * @self: a preset
 */
void
door_ctl_preset_clear (DoorCtlPreset *self)
{
  g_clear_object (&self->idp);
}

/**
 * door_ctl_addresses_of_name:
 * @world: the configuration
 * @name: of a connection, which may exist or not
 * @protocol: how it is spoken with
 *
 * Returns: (transfer full): what it has, or would have without keys that say otherwise
 */
DoorConnectionAddresses
door_ctl_addresses_of_name (const DoorCtlWorld *world, const char *name, DoorProtocol protocol)
{
  DoorSettings *server = door_config_get_settings (world->config, "doorward");
  const char *url = server != NULL ? door_settings_get_string (server, "ExternalUrl") : NULL;
  g_autofree char *base = g_strdup (url != NULL ? url : UNKNOWN_SERVER);
  const DoorConnectionName of = { .external_url = base, .name = name, .protocol = protocol };

  if (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';
  return door_connection_addresses_build (&of);
}

/* "{acs}" and the like stand for this server's values. */
static char *
fill (const char *text, const DoorConnectionAddresses *addresses)
{
  GString *filled = g_string_new (text);

  g_string_replace (filled, "{acs}", addresses->acs_url, 0);
  g_string_replace (filled, "{entity-id}", addresses->entity_id, 0);
  return g_string_free (filled, FALSE);
}

/* {…} stands for something this server does not have; ${…} belongs to the provider. */
static bool
has_placeholder (const char *text)
{
  for (const char *at = strchr (text, '{'); at != NULL; at = strchr (at + 1, '{'))
    if (at == text || at[-1] != '$')
      return true;
  return false;
}

/**
 * door_ctl_preset_show_values:
 * @preset: texts of a provider
 * @addresses: what goes into them
 * @json: print nothing
 *
 * Returns: (transfer full): what to paste at the provider
 */
JsonArray *
door_ctl_preset_show_values (const DoorIdpPreset *preset, const DoorConnectionAddresses *addresses, bool json)
{
  JsonArray *array = json_array_new ();

  for (const DoorIdpValue *value = preset->values; value->label != NULL; value++)
    {
      g_autofree char *text = fill (value->value, addresses);
      JsonObject *object;

      if (has_placeholder (text))
        continue;
      object = json_object_new ();
      if (!json)
        g_print ("  %-44s %s\n", value->label, text);
      json_object_set_string_member (object, "label", value->label);
      json_object_set_string_member (object, "value", text);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * door_ctl_preset_show_notes:
 * @preset: texts of a provider
 * @json: print nothing
 *
 * Returns: (transfer full): what to mind
 */
JsonArray *
door_ctl_preset_show_notes (const DoorIdpPreset *preset, bool json)
{
  JsonArray *array = json_array_new ();

  for (size_t i = 0; preset->notes[i] != NULL; i++)
    {
      if (!json)
        g_print ("  - %s\n", preset->notes[i]);
      json_array_add_string_element (array, preset->notes[i]);
    }
  return array;
}

/**
 * door_ctl_preset_show_forward:
 * @settings: (nullable): the connection, %NULL before there is one
 * @json: print nothing
 *
 * Shows what a provider must have and allow beside the other values when devices carry its own access tokens
 * (AccountSignIn=oauth2-forward).
 *
 * Returns: (transfer full): the same as a document
 */
JsonObject *
door_ctl_preset_show_forward (const DoorSettings *settings, bool json)
{
  const char *judged = settings != NULL ? door_settings_get_string (settings, "AccessTokens") : NULL;
  const char *const notes[] = {
    "grant types: authorization code and refresh token",
    g_strcmp0 (judged, "jwt") == 0
        ? "access tokens are JWTs of RFC 9068: typ at+jwt, client_id inside (AccessTokens=jwt)"
    : judged != NULL ? "this client may ask the introspection endpoint (AccessTokens=introspection)"
                     : "this client may ask the introspection endpoint, or, with AccessTokens=jwt, access "
                       "tokens are JWTs of "
                       "RFC 9068",
    "PKCE is not demanded of this client, and the redirect URI may have a scheme of its own",
  };
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  json_object_set_string_member (object, "redirect_uri", DOOR_OAUTH2_REDIRECT_URI);
  if (!json)
    g_print ("%s, for devices that go to the provider itself:\n  %-44s %s\n",
             settings != NULL ? "AccountSignIn=oauth2-forward" : "Only with AccountSignIn=oauth2-forward",
             "One more redirect URI, to the letter", DOOR_OAUTH2_REDIRECT_URI);
  for (size_t i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      if (!json)
        g_print ("  - %s\n", notes[i]);
      json_array_add_string_element (array, notes[i]);
    }
  json_object_set_array_member (object, "notes", array);
  return object;
}

static JsonArray *
show_keys (const DoorCtlPreset *self, bool json)
{
  JsonArray *array = json_array_new ();

  if (!json && self->entry->keys[0].name != NULL)
    g_print ("Keys that only this type has:\n");
  for (const DoorKey *key = self->entry->keys; key->name != NULL; key++)
    {
      JsonObject *object;

      if ((key->flags & DOOR_KEY_FLAG_FORMER) != 0)
        continue;
      object = json_object_new ();
      if (!json)
        g_print ("  %-16s %s\n", key->name, key->text);
      json_object_set_string_member (object, "key", key->name);
      json_object_set_string_member (object, "text", key->text);
      door_json_member_set_text (object, "default", key->fallback);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
show_errors (const DoorIdpPreset *preset, bool json)
{
  JsonArray *array = json_array_new ();

  if (!json && preset->errors[0].needle != NULL)
    g_print ("Its own errors:\n");
  for (const DoorIdpErrorText *text = preset->errors; text->needle != NULL; text++)
    {
      JsonObject *object = json_object_new ();

      if (!json)
        g_print ("  %s\n      %s\n", text->needle, text->fix);
      json_object_set_string_member (object, "text", text->needle);
      json_object_set_string_member (object, "fix", text->fix);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * door_ctl_preset_show:
 * @self: a preset
 * @addresses: what goes into its values
 * @json: print nothing
 *
 * Shows all that is known of a kind of provider, in the order in which it is needed.
 *
 * Returns: (transfer full): the same as a document
 */
JsonObject *
door_ctl_preset_show (const DoorCtlPreset *self, const DoorConnectionAddresses *addresses, bool json)
{
  const DoorIdpPreset *preset = self->preset;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "preset", self->entry->name);
  json_object_set_string_member (object, "title", preset->title);
  json_object_set_string_member (object, "protocol", self->protocol == DOOR_PROTOCOL_OIDC ? "oidc" : "saml");
  json_object_set_string_member (object, "where", preset->where);
  if (!json)
    g_print ("%s\nPaste these into %s:\n", preset->title, preset->where);
  json_object_set_array_member (object, "values", door_ctl_preset_show_values (preset, addresses, json));
  if (self->protocol == DOOR_PROTOCOL_OIDC)
    json_object_set_object_member (object, "oauth2_forward", door_ctl_preset_show_forward (NULL, json));
  if (!json)
    g_print ("%s: %s\n", self->protocol == DOOR_PROTOCOL_OIDC ? "Here" : "Its metadata", preset->metadata);
  json_object_set_string_member (object, "metadata", preset->metadata);
  json_object_set_array_member (object, "keys", show_keys (self, json));
  if (!json)
    g_print ("Mind:\n");
  json_object_set_array_member (object, "notes", door_ctl_preset_show_notes (preset, json));
  json_object_set_array_member (object, "errors", show_errors (preset, json));
  return object;
}
