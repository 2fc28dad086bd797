/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-idp-kind.h"

#include <string.h>

#include "door-error.h"

/* Every kind is a class of its own over the same instance. */
typedef struct
{
  GObjectClass parent_class;
  const DoorIdpKind *kind;
} KindIdpClass;

typedef struct
{
  GObject parent_instance;
  DoorSettings *settings;
  DoorIdpProfile *profile;
  DoorClaimMap *claims;
} KindIdp;

static const DoorIdpKind *
get_kind (DoorIdp *idp)
{
  return ((KindIdpClass *) G_OBJECT_GET_CLASS (idp))->kind;
}

/* What differs in the protocol that was chosen; NULL for SAML. */
static const DoorIdpOidcKind *
get_oidc (const DoorIdpKind *kind, const DoorIdpProfile *profile)
{
  bool chosen = profile != NULL && door_idp_profile_get_protocol (profile) == DOOR_PROTOCOL_OIDC;

  return chosen || kind->preset.title == NULL ? kind->oidc : NULL;
}

static bool
has_source (const DoorIdpProfile *profile)
{
  return door_idp_profile_get_metadata_url (profile) != NULL ||
         door_idp_profile_get_metadata_file (profile) != NULL ||
         door_idp_profile_get_metadata_upload (profile) || door_idp_profile_get_sso_url (profile) != NULL;
}

/* The next key of a template, behind its brace; *rest stands behind the other brace then. */
static char *
dup_next_key (const char **rest)
{
  const char *open = strchr (*rest, '{'), *close = open != NULL ? strchr (open, '}') : NULL;

  g_return_val_if_fail ((open == NULL) == (close == NULL), NULL);
  if (close == NULL)
    return NULL;
  *rest = close + 1;
  return g_strndup (open + 1, (size_t) (close - open - 1));
}

static char *
find_set_key (const char *template, const DoorSettings *settings)
{
  g_autofree char *key = NULL;

  while ((key = dup_next_key (&template)) != NULL)
    {
      if (door_settings_is_set (settings, key))
        return g_steal_pointer (&key);
      g_clear_pointer (&key, g_free);
    }
  return NULL;
}

/* A name goes into a path: it must not lead elsewhere. */
static bool
append_name (GString *path, const DoorSettings *settings, const char *key, const char *set_key,
             GError **error)
{
  const char *name = door_settings_get_string (settings, key);

  if (name == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "%s needs %s too", set_key,
                           key);
  if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0 || strpbrk (name, "/?#") != NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "%s must be the name or id alone, not an address", key);
  g_string_append_uri_escaped (path, name, NULL, FALSE);
  return true;
}

static bool
fill_path (GString *path, const char *template, const DoorSettings *settings, const char *set_key,
           GError **error)
{
  while (*template != '\0')
    {
      const char *rest = template;
      g_autofree char *key = dup_next_key (&rest);

      g_string_append_len (path, template, (gssize) strcspn (template, "{"));
      if (key == NULL)
        return true;
      if (!append_name (path, settings, key, set_key, error))
        return false;
      template = rest;
    }
  return true;
}

/* What stands before the first slash that a key follows is the base: an address of its own, or a key's. */
static bool
derive_metadata_url (const char *template, const DoorSettings *settings, DoorIdpProfile *profile,
                     GError **error)
{
  g_autofree char *set_key = find_set_key (template, settings), *base = NULL;
  g_autoptr (GString) path = g_string_new (NULL);
  const char *rest = template;

  if (set_key == NULL)
    return true;
  if (*template == '{')
    {
      g_autofree char *key = dup_next_key (&rest);

      base = g_strdup (door_settings_get_string (settings, key));
      if (base == NULL)
        return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "%s needs %s too", set_key,
                               key);
    }
  else
    {
      rest = strstr (template, "/{");
      g_return_val_if_fail (rest != NULL, false);
      base = g_strndup (template, (size_t) (rest - template));
    }
  return fill_path (path, rest + 1, settings, set_key, error) &&
         door_idp_profile_set_metadata_url (profile, base, path->str, error);
}

static bool
derive_saml (const DoorIdpKind *kind, const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  if (kind->preset.title == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                           "this type speaks OpenID Connect only: set Issuer, ClientId and ClientSecret");
  if ((kind->derive_profile != NULL && !kind->derive_profile (settings, profile, error)) ||
      (kind->metadata_template != NULL &&
       !derive_metadata_url (kind->metadata_template, settings, profile, error)))
    return false;
  return has_source (profile) || door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED,
                                                 "there is no source of metadata; for %s %s",
                                                 kind->preset.title, kind->preset.metadata);
}

static void
add_offline_params (const char *const *params, DoorIdpProfile *profile)
{
  for (; params != NULL && params[0] != NULL; params += 2)
    door_idp_profile_set_offline_param (profile, params[0], params[1]);
}

static bool
derive_oidc (const DoorIdpKind *kind, const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  if (kind->oidc == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "this type speaks SAML only; Type=oidc fits every provider of OpenID Connect");
  if (kind->oidc->derive_profile != NULL && !kind->oidc->derive_profile (settings, profile, error))
    return false;
  add_offline_params (kind->oidc->offline_params, profile);
  return door_idp_profile_get_issuers (profile)[0] != NULL ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_REQUIRED, "there is no issuer; for %s %s",
                         kind->oidc->preset.title, kind->oidc->preset.metadata);
}

static gboolean
kind_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  KindIdp *self = (KindIdp *) idp;
  const DoorIdpKind *kind = get_kind (idp);
  g_autoptr (DoorIdpProfile) profile = door_idp_profile_new (settings, error);
  const DoorIdpOidcKind *oidc;

  g_return_val_if_fail (self->settings == NULL, FALSE);
  if (profile == NULL)
    return FALSE;
  if (door_idp_profile_get_protocol (profile) == DOOR_PROTOCOL_OIDC
          ? !derive_oidc (kind, settings, profile, error)
          : !derive_saml (kind, settings, profile, error))
    return FALSE;
  oidc = get_oidc (kind, profile);
  self->claims = door_claim_map_new (settings, oidc != NULL ? &oidc->claims : &kind->claims);
  self->profile = g_steal_pointer (&profile);
  self->settings = door_settings_ref (settings);
  return TRUE;
}

static DoorIdpProfile *
kind_idp_dup_profile (DoorIdp *idp)
{
  return door_idp_profile_ref (((KindIdp *) idp)->profile);
}

static DoorIdentity *
kind_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  const KindIdp *self = (const KindIdp *) idp;
  const DoorIdpKind *kind = get_kind (idp);
  const DoorIdpOidcKind *oidc = get_oidc (kind, self->profile);
  bool (*check) (const DoorSettings *, const DoorClaims *, DoorIdentity *, GError **) =
      oidc != NULL ? oidc->check_identity : kind->check_identity;
  g_autoptr (DoorIdentity) identity = door_claim_map_apply (self->claims, claims, error);

  if (identity == NULL || (check != NULL && !check (self->settings, claims, identity, error)))
    return NULL;
  return g_steal_pointer (&identity);
}

static const DoorIdpPreset *
kind_idp_get_preset (DoorIdp *idp)
{
  const DoorIdpKind *kind = get_kind (idp);
  const DoorIdpOidcKind *oidc = get_oidc (kind, ((KindIdp *) idp)->profile);

  return oidc != NULL ? &oidc->preset : &kind->preset;
}

static DoorFetcherAccess *
kind_idp_dup_access (DoorIdp *idp)
{
  const DoorIdpKind *kind = get_kind (idp);

  return kind->dup_access != NULL ? kind->dup_access (((KindIdp *) idp)->settings) : NULL;
}

static char **
kind_idp_fetch_groups (DoorIdp *idp, const DoorIdentity *identity, DoorFetcher *fetcher,
                       GCancellable *cancellable, GError **error)
{
  return get_kind (idp)->fetch_groups (((KindIdp *) idp)->settings, identity, fetcher, cancellable, error);
}

static void
kind_idp_init_interface (gpointer iface, gpointer data)
{
  DoorIdpInterface *idp = iface;

  idp->configure = kind_idp_configure;
  idp->dup_profile = kind_idp_dup_profile;
  idp->map_claims = kind_idp_map_claims;
  idp->get_preset = kind_idp_get_preset;
  idp->dup_access = kind_idp_dup_access;
  idp->fetch_groups = kind_idp_fetch_groups;
}

static void
kind_idp_finalize (GObject *object)
{
  KindIdp *self = (KindIdp *) object;
  GObjectClass *parent = g_type_class_peek (G_TYPE_OBJECT);

  g_clear_pointer (&self->claims, door_claim_map_free);
  g_clear_pointer (&self->profile, door_idp_profile_unref);
  g_clear_pointer (&self->settings, door_settings_unref);
  parent->finalize (object);
}

static void
kind_idp_init_class (gpointer klass, gpointer kind)
{
  ((GObjectClass *) klass)->finalize = kind_idp_finalize;
  ((KindIdpClass *) klass)->kind = kind;
}

static bool
is_of_kind (GType type, const DoorIdpKind *kind)
{
  gpointer class;
  const DoorIdpInterface *iface;
  bool same;

  if (!G_TYPE_IS_OBJECT (type) || !g_type_is_a (type, DOOR_TYPE_IDP))
    return false;
  class = g_type_class_ref (type);
  iface = g_type_interface_peek (class, DOOR_TYPE_IDP);
  same = iface->configure == kind_idp_configure && ((KindIdpClass *) class)->kind == kind;
  g_type_class_unref (class);
  return same;
}

/**
 * door_idp_kind_ensure_type:
 * @kind: the description; it must outlive the process
 *
 * Makes the class that @kind describes: #DoorIdp with the keys all providers have, the claims by the table of
 * @kind, and its two decisions. The second call with the same @kind returns the same class. For
 * `register_types`, so in the main thread only. Never blocks.
 *
 * Returns: a final class that implements #DoorIdp, or %G_TYPE_INVALID when something else has a type of that
 * name
 */
GType
door_idp_kind_ensure_type (const DoorIdpKind *kind)
{
  const GTypeInfo info = {
    .class_size = sizeof (KindIdpClass),
    .class_init = kind_idp_init_class,
    .class_data = kind,
    .instance_size = sizeof (KindIdp),
  };
  const GInterfaceInfo iface = { .interface_init = kind_idp_init_interface };
  GType type = g_type_from_name (kind->type_name);

  if (type != G_TYPE_INVALID)
    return is_of_kind (type, kind) ? type : G_TYPE_INVALID;
  type = g_type_register_static (G_TYPE_OBJECT, kind->type_name, &info, G_TYPE_FLAG_FINAL);
  g_type_add_interface_static (type, DOOR_TYPE_IDP, &iface);
  return type;
}

/**
 * door_idp_kind_lookup_preset:
 * @idp: an identity provider, configured or not
 * @protocol: how it would be spoken with
 *
 * Gets what an administrator is shown before there is a connection. Never blocks.
 *
 * Returns: (transfer none) (nullable): the texts, %NULL when the provider is not spoken with that way
 */
const DoorIdpPreset *
door_idp_kind_lookup_preset (DoorIdp *idp, DoorProtocol protocol)
{
  const DoorIdpKind *kind;

  if (DOOR_IDP_GET_IFACE (idp)->get_preset != kind_idp_get_preset)
    return protocol == DOOR_PROTOCOL_SAML ? door_idp_get_preset (idp) : NULL;
  kind = get_kind (idp);
  if (protocol == DOOR_PROTOCOL_OIDC)
    return kind->oidc != NULL ? &kind->oidc->preset : NULL;
  return kind->preset.title != NULL ? &kind->preset : NULL;
}
