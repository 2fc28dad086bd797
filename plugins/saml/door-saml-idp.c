/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-idp.h"

struct _DoorSamlIdp
{
  GObject parent_instance;
  DoorIdpProfile *profile;
  DoorClaimMap *claims;
};

/* The names that identity providers use most, the unambiguous ones first. */
static const DoorClaimDefaults defaults = {
  .user_name = "uid;urn:oid:0.9.2342.19200300.100.1.1;username;NameID",
  .email = "email;mail;Email;http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress;"
           "urn:oid:0.9.2342.19200300.100.1.3;urn:oid:1.2.840.113549.1.9.1;User.email;NameID",
  .full_name = "displayName;displayname;name;cn;urn:oid:2.16.840.1.113730.3.1.241;urn:oid:2.5.4.3;"
               "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
  .given_name = "givenName;firstName;User.FirstName;urn:oid:2.5.4.42;"
                "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
  .family_name = "sn;surname;lastName;User.LastName;urn:oid:2.5.4.4;"
                 "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
  .department = "department;ou;urn:oid:2.5.4.11",
  .managed_account = "email;mail;Email;http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress;"
                     "urn:oid:0.9.2342.19200300.100.1.3;urn:oid:1.2.840.113549.1.9.1;User.email;NameID",
  .groups = "groups;memberOf;member;Role;http://schemas.xmlsoap.org/claims/Group;"
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
};

static const DoorIdpValue values[] = {
  { "Assertion Consumer Service (ACS) URL, binding HTTP-POST", "{acs}" },
  { "SP entity ID, audience", "{entity-id}" },
  { NULL, NULL },
};

static const char *const notes[] = {
  "Sign the assertion or the response with RSA-SHA256 or ECDSA-SHA256.",
  "Do not encrypt assertions.",
  "Send an e-mail address: it is the Managed Apple Account unless ManagedAccount= names another attribute.",
  NULL,
};

static const DoorIdpErrorText errors[] = {
  { NULL, NULL },
};

static const DoorIdpPreset preset = {
  .title = "SAML",
  .where = "the settings of a new SAML 2.0 service provider",
  .values = values,
  .metadata = "MetadataUrl=, MetadataFile=, or EntityId=, SsoUrl= and Certificates=",
  .notes = notes,
  .errors = errors,
};

static gboolean
saml_idp_configure (DoorIdp *idp, DoorSettings *settings, GError **error)
{
  DoorSamlIdp *self = DOOR_SAML_IDP (idp);

  self->claims = door_claim_map_new (settings, &defaults);
  self->profile = door_idp_profile_new (settings, error);
  return self->profile != NULL;
}

static DoorIdpProfile *
saml_idp_dup_profile (DoorIdp *idp)
{
  return door_idp_profile_ref (DOOR_SAML_IDP (idp)->profile);
}

static DoorIdentity *
saml_idp_map_claims (DoorIdp *idp, const DoorClaims *claims, GError **error)
{
  return door_claim_map_apply (DOOR_SAML_IDP (idp)->claims, claims, error);
}

static const DoorIdpPreset *
saml_idp_get_preset (DoorIdp *idp)
{
  return &preset;
}

static void
saml_idp_init_interface (DoorIdpInterface *iface)
{
  iface->configure = saml_idp_configure;
  iface->dup_profile = saml_idp_dup_profile;
  iface->map_claims = saml_idp_map_claims;
  iface->get_preset = saml_idp_get_preset;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DoorSamlIdp, door_saml_idp, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_IDP, saml_idp_init_interface))

static void
door_saml_idp_finalize (GObject *object)
{
  DoorSamlIdp *self = DOOR_SAML_IDP (object);

  g_clear_pointer (&self->claims, door_claim_map_free);
  g_clear_pointer (&self->profile, door_idp_profile_unref);
  G_OBJECT_CLASS (door_saml_idp_parent_class)->finalize (object);
}

static void
door_saml_idp_class_init (DoorSamlIdpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = door_saml_idp_finalize;
}

static void
door_saml_idp_init (DoorSamlIdp *self)
{
}
