/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "double-idp.h"

struct _DoubleIdp
{
  GObject parent_instance;
  DoorIdpProfile *profile;
  DoorClaimMap *claims;
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

static void
double_idp_init_interface (DoorIdpInterface *iface)
{
  iface->configure = double_idp_configure;
  iface->dup_profile = double_idp_dup_profile;
  iface->map_claims = double_idp_map_claims;
  iface->get_preset = double_idp_get_preset;
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
