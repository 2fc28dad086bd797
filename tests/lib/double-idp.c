/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "double-idp.h"

struct _DoubleIdp
{
  GObject parent_instance;
  DoorIdpProfile *profile;
  DoorClaimMap *claims;
  bool has_api; /* Department=fetch-groups says so */
};

static const DoorClaimDefaults defaults = {
  .user_name = "NameID",
  .email = "mail",
  .full_name = "displayName",
  .given_name = "",
  .family_name = "",
  .department = "",
  .managed_account = "mail",
  .groups = "groups",
};

static const DoorIdpValue values[] = { { NULL, NULL } };
static const char *const notes[] = { NULL };
static const DoorIdpErrorText errors[] = { { "Responder", "assign the person" }, { NULL, NULL } };
static const DoorIdpPreset preset = { "Double", "", values, "", notes, errors };

static gboolean
double_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  DoubleIdp *self = DOUBLE_IDP (idp);

  g_auto (GStrv) department = door_settings_dup_list (settings, "Department");

  self->has_api = g_strv_contains ((const char *const *) department, "fetch-groups");
  self->claims = door_claim_map_new (settings, &defaults);
  self->profile = door_idp_profile_new (settings, error);
  if (self->profile == NULL)
    return FALSE;
  door_idp_profile_set_request_param (self->profile, "login_hint", "{user-identifier}");
  door_idp_profile_set_request_param (self->profile, "realm", "test");
  return TRUE;
}

static DoorIdpProfile *
double_idp_dup_profile (DoorIdp *idp)
{
  return door_idp_profile_ref (DOUBLE_IDP (idp)->profile);
}

static DoorIdentity *
double_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  DoorIdentity *identity = door_claim_map_apply (DOUBLE_IDP (idp)->claims, claims, error);
  static const char *const some[] = { "staff", NULL };

  if (identity == NULL)
    return NULL;
  door_identity_set_groups (identity, some, false);
  if (g_strcmp0 (door_identity_get (identity, DOOR_IDENTITY_EMAIL), "refused@example.com") != 0)
    return identity;
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOTALLOWED, "another tenant");
  door_identity_unref (identity);
  return NULL;
}

static const DoorIdpPreset *
double_idp_get_preset (DoorIdp *idp)
{
  return &preset;
}

static DoorFetcherAccess *
double_idp_dup_access (DoorIdp *idp)
{
  DoorFetcherAccess *access;

  if (!DOUBLE_IDP (idp)->has_api)
    return NULL;
  access = door_fetcher_access_new ("api.example.com", "https://token.example.com/", "groups.read all",
                                    "ApiSecret");
  access->client_id = g_strdup ("client 1");
  return access;
}

/* Follows "next" wherever it leads: the core must not. */
static char **
double_idp_fetch_groups (DoorIdp *idp, const DoorIdentity *identity, DoorFetcher *fetcher,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *url = g_strdup ("https://api.example.com/groups");

  while (url != NULL)
    {
      g_autoptr (JsonNode) page = door_fetcher_fetch (fetcher, url, NULL, cancellable, error);
      JsonObject *object = page != NULL ? json_node_get_object (page) : NULL;
      JsonArray *list = object != NULL ? json_object_get_array_member (object, "groups") : NULL;

      g_clear_pointer (&url, g_free);
      if (page == NULL)
        return NULL;
      for (guint i = 0; i < json_array_get_length (list); i++)
        g_ptr_array_add (groups, g_strdup (json_array_get_string_element (list, i)));
      if (json_object_has_member (object, "next"))
        url = g_strdup (json_object_get_string_member (object, "next"));
    }
  g_ptr_array_add (groups, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&groups), FALSE);
}

static void
double_idp_init_interface (DoorIdpInterface *iface)
{
  iface->configure = double_idp_configure;
  iface->dup_profile = double_idp_dup_profile;
  iface->map_claims = double_idp_map_claims;
  iface->get_preset = double_idp_get_preset;
  iface->dup_access = double_idp_dup_access;
  iface->fetch_groups = double_idp_fetch_groups;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DoubleIdp, double_idp, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, double_idp_init_interface))

static void
double_idp_finalize (GObject *object)
{
  DoubleIdp *self = DOUBLE_IDP (object);

  g_clear_pointer (&self->claims, door_claim_map_free);
  g_clear_pointer (&self->profile, door_idp_profile_unref);
  G_OBJECT_CLASS (double_idp_parent_class)->finalize (object);
}

static void
double_idp_class_init (DoubleIdpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = double_idp_finalize;
}

static void
double_idp_init (DoubleIdp *self)
{
}
