/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-account.h"

#include "door-admin-roles.h"
#include "door-error.h"
#include "door-same-provider.h"

/**
 * door_admin_account_clear:
 * @self: an account
 */
void
door_admin_account_clear (DoorAdminAccount *self)
{
  g_clear_pointer (&self->before, door_administrator_free);
  g_clear_pointer (&self->roles_before, g_ptr_array_unref);
  g_clear_error (&self->refusal);
  self->linked = false;
}

static void
refuse (DoorAdminAccount *self, DoorFault fault, const char *reason)
{
  if (self->refusal == NULL)
    door_error_set (&self->refusal, DOOR_ERROR_NOT_ALLOWED, fault, "%s", reason);
}

/* An address alone is no proof: the account must have been made for single sign-on, belong to nobody else
 * yet, and the provider must be the one that speaks for the domain (CVE-2024-37019). */
static void
check_link (DoorAdminAccount *self, const GPtrArray *identities, const DoorAdminPerson *person)
{
  self->linked = true;
  if (*self->before->password_hash != '\0')
    refuse (self, DOOR_FAULT_ADM_LINK, "the account of this address has a password");
  else if (identities->len > 0)
    refuse (self, DOOR_FAULT_ADM_LINK, "the account of this address has another identity");
  else if (!person->may_link)
    refuse (self, DOOR_FAULT_ADM_LINK,
            "the account of this address exists, and EmailDomains does not name the domain here");
}

/* An entity id is only what a provider calls itself. */
static void
check_provider (DoorAdminAccount *self, const GPtrArray *identities, const DoorAdminPerson *person,
                const GPtrArray *connections, DoorConnection *connection)
{
  for (guint i = 0; i < identities->len; i++)
    {
      const DoorAdministratorIdentity *identity = g_ptr_array_index (identities, i);

      if (g_str_equal (identity->issuer, person->issuer) &&
          g_str_equal (identity->subject, person->subject) &&
          !door_same_provider (connections, connection, identity->connection))
        refuse (
            self, DOOR_FAULT_ADM_LINK,
            "the identity is of another provider, which has the same entity id and other keys, or is gone: "
            "doorctl idp adopt");
    }
}

static bool
refuse_state (DoorFault fault, const char *reason, GError **refusal)
{
  return door_error_set (refusal, DOOR_ERROR_NOT_ALLOWED, fault, "%s", reason);
}

/**
 * door_admin_account_check_state:
 * @account: (nullable): the account, %NULL when there is none yet
 * @rules: the rules of `[admin]`
 * @refusal: return location for the reason
 *
 * Whether a provider may sign somebody in to the account, or bring them a new one. Pure.
 *
 * Returns: false with @refusal set
 */
bool
door_admin_account_check_state (const DoorAdministrator *account, const DoorAdminRules *rules,
                                GError **refusal)
{
  if (account == NULL)
    return rules->jit || refuse_state (DOOR_FAULT_ADM_UNKNOWN,
                                       "no administrator of this address, and [admin] Jit= is off", refusal);
  if (!g_str_equal (account->state, "active"))
    return refuse_state (DOOR_FAULT_ADM_DISABLED, "the administrator is deactivated", refusal);
  return account->sso_enabled != 0 ||
         refuse_state (DOOR_FAULT_ADM_DISABLED, "single sign-on is off for the administrator", refusal);
}

/**
 * door_admin_account_find:
 * @txn: a transaction
 * @context: what every service needs
 * @connection: the provider by which the person comes
 * @person: who it is
 * @out: (out caller-allocates): the account, or that there is none, and whether it may be used; clear it
 * @error: return location for an error
 *
 * Issuer and subject find the account; only where they find none the address may. Reads only.
 *
 * Returns: false with an error of the database; a refusal is no error
 */
bool
door_admin_account_find (DoorTxn *txn, const DoorContext *context, DoorConnection *connection,
                         const DoorAdminPerson *person, DoorAdminAccount *out, GError **error)
{
  g_autoptr (GPtrArray) identities = NULL;
  bool known;

  if (!door_administrator_store_lookup_by_identity (txn, person->issuer, person->subject, &out->before,
                                                    error))
    return false;
  known = out->before != NULL;
  if (!known && !door_administrator_store_lookup_by_email (txn, person->email_key, &out->before, error))
    return false;
  if (out->before != NULL)
    {
      identities = door_administrator_store_list_identities (txn, out->before->id, error);
      out->roles_before =
          identities != NULL ? door_administrator_store_list_roles (txn, out->before->id, error) : NULL;
      if (out->roles_before == NULL)
        return false;
      if (known)
        check_provider (out, identities, person, context->connections, connection);
      else
        check_link (out, identities, person);
    }
  if (out->refusal == NULL)
    door_admin_account_check_state (out->before, door_policy_get_admin_rules (context->policy),
                                    &out->refusal);
  return true;
}

/**
 * door_admin_account_decide_roles:
 * @self: an account
 * @policy: what the administrator of the server decided
 * @claims: what the provider says, verified
 * @identity: who it is, by the adapter
 * @refusal: return location for the reason why there are none
 *
 * Says which roles the person has from now on: those of the account where they are not the provider's to
 * give. Pure.
 *
 * Returns: (transfer full) (nullable) (element-type DoorRoleGrant): the roles, or %NULL with @refusal set
 */
GPtrArray *
door_admin_account_decide_roles (const DoorAdminAccount *self, const DoorPolicy *policy,
                                 const DoorClaims *claims, const DoorIdentity *identity, GError **refusal)
{
  const DoorRoleQuestion question = { policy, claims, identity, self->roles_before };
  g_autoptr (GPtrArray) roles = self->roles_before != NULL && !door_policy_get_admin_rules (policy)->jit
                                    ? door_admin_roles_copy (self->roles_before)
                                    : door_admin_roles_decide (&question, refusal);

  if (roles == NULL || roles->len > 0)
    return g_steal_pointer (&roles);
  door_error_set (refusal, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_NOROLE, "the administrator has no role");
  return NULL;
}
