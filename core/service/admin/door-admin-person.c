/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-person.h"

#include <string.h>

#include "door-connections.h"
#include "door-administrator.h"
#include "door-error.h"
#include "door-text.h"

#define FORMAT_PERSISTENT "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
#define FORMAT_TRANSIENT "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
#define MAX_NAME_BYTES 200

/**
 * door_admin_person_clear:
 * @self: who signs in
 */
void
door_admin_person_clear (DoorAdminPerson *self)
{
  g_clear_pointer (&self->issuer, g_free);
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->email, g_free);
  g_clear_pointer (&self->email_key, g_free);
  g_clear_pointer (&self->full_name, g_free);
}

/* The NameID when it is an address and not a name that only looks like one; else what Email= finds. The name
 * of OpenID Connect is always one that only looks like one: people may choose theirs at some provider, and
 * email_verified says nothing of it. */
static const char *
find_email (DoorConnection *connection, const DoorClaims *claims, const DoorIdentity *identity)
{
  const DoorSubject *subject = door_claims_get_subject (claims);
  g_autofree char *key = door_administrator_dup_email_key (subject->value);
  bool opaque = door_connection_speaks_oidc (connection) ||
                g_strcmp0 (subject->format, FORMAT_PERSISTENT) == 0 ||
                g_strcmp0 (subject->format, FORMAT_TRANSIENT) == 0;

  return key != NULL && !opaque ? subject->value : door_identity_get (identity, DOOR_IDENTITY_EMAIL);
}

static bool
is_name_attribute (const char *name)
{
  static const char *const names[] = { "name", "displayname", "cn", "urn:oid:2.5.4.3",
                                       "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return true;
  return false;
}

/* By the list of the spec, then by what the provider's adapter found. */
static char *
dup_full_name (const DoorClaims *claims, const DoorIdentity *identity, const char *email)
{
  const char *found = NULL, *name;
  GVariantIter iter;

  g_variant_iter_init (&iter, door_claims_get_values (claims));
  while (found == NULL && g_variant_iter_loop (&iter, "{&s@as}", &name, NULL))
    if (is_name_attribute (name))
      found = door_claims_get_string (claims, name);
  if (found == NULL)
    found = door_identity_get (identity, DOOR_IDENTITY_FULL_NAME);
  return door_text_dup_line (found != NULL && *found != '\0' ? found : email, MAX_NAME_BYTES);
}

/* The provider may speak for an account that exists only if the domain was given to it, or if there is no
 * other provider at all that administrators use. */
static bool
may_link (const DoorContext *context, const DoorConnection *connection, const char *domain)
{
  g_autoptr (GPtrArray) all = door_connections_choose (context->connections, DOOR_USE_ADMIN, NULL, NULL);

  return door_connection_names_domain (connection, domain) || all->len == 1;
}

/**
 * door_admin_person_read:
 * @self: (out caller-allocates): who signs in; clear it
 * @context: what every service needs
 * @connection: the identity provider
 * @claims: its verified claims
 * @identity: the same by its adapter
 * @error: return location for an error
 *
 * Finds out who an administrator is. Pure.
 *
 * Returns: false with %DOOR_FAULT_ADM_EMAIL or %DOOR_FAULT_ID_DOMAIN
 */
bool
door_admin_person_read (DoorAdminPerson *self, const DoorContext *context, DoorConnection *connection,
                        const DoorClaims *claims, const DoorIdentity *identity, GError **error)
{
  const char *email = find_email (connection, claims, identity);
  const char *verified = door_claims_get_string (claims, "email_verified");
  g_autofree char *key = email != NULL ? door_administrator_dup_email_key (email) : NULL;
  g_autoptr (GPtrArray) choices = NULL;
  const char *domain;

  if (key == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_EMAIL,
                           "neither NameID nor Email= is an e-mail address");
  if (verified != NULL && strcmp (verified, "true") != 0)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_EMAIL, "email_verified is \"%.20s\"",
                           verified);
  domain = strchr (key, '@') + 1;
  choices = door_connections_choose (context->connections, DOOR_USE_ADMIN, NULL, domain);
  if (!g_ptr_array_find (choices, connection, NULL))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                           "domain %s does not sign in here, by Use and EmailDomains of the providers",
                           domain);
  *self = (DoorAdminPerson){
    .issuer = g_strdup (door_identity_get_issuer (identity)),
    .subject = g_strdup (door_identity_get_subject (identity)),
    .email = g_strdup (email),
    .full_name = dup_full_name (claims, identity, email),
    .may_link = may_link (context, connection, domain),
  };
  self->email_key = g_steal_pointer (&key);
  return true;
}
