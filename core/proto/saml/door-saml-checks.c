/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-checks.h"

/* In the order in which an answer meets them. */
static const char *const checks[] = { "structure",      "status",   "signature", "issuer",
                                      "destination",    "audience", "time",      "recipient",
                                      "in-response-to", "session",  NULL };

/* What is found out in several places counts as the first of them, so that what is said to be passed is. */
static const struct
{
  DoorFault fault;
  const char *check;
} faults[] = {
  { DOOR_FAULT_SAML_FORM, "structure" },
  { DOOR_FAULT_SAML_XML, "structure" },
  { DOOR_FAULT_SAML_STRUCTURE, "structure" },
  { DOOR_FAULT_SAML_ENCRYPTED, "structure" },
  { DOOR_FAULT_SAML_STATUS, "status" },
  { DOOR_FAULT_SAML_UNSIGNED, "signature" },
  { DOOR_FAULT_SAML_ALGORITHM, "signature" },
  { DOOR_FAULT_SAML_SIGNATURE, "signature" },
  { DOOR_FAULT_SAML_ISSUER, "issuer" },
  { DOOR_FAULT_SAML_DESTINATION, "destination" },
  { DOOR_FAULT_SAML_CONDITIONS, "audience" },
  { DOOR_FAULT_SAML_AUDIENCE, "audience" },
  { DOOR_FAULT_SAML_EARLY, "time" },
  { DOOR_FAULT_SAML_LATE, "time" },
  { DOOR_FAULT_SAML_RECIPIENT, "recipient" },
  { DOOR_FAULT_SAML_UNSOLICITED, "in-response-to" },
  { DOOR_FAULT_SAML_INRESPONSETO, "in-response-to" },
  { DOOR_FAULT_SAML_AUTHN, "session" },
};

/**
 * door_saml_checks_list:
 *
 * Returns: (transfer none) (array zero-terminated=1): the names that door_saml_response_get_checks() gives
 * for an answer that passed, in order
 */
const char *const *
door_saml_checks_list (void)
{
  return checks;
}

/**
 * door_saml_checks_get_failed:
 * @fault: with which an answer was refused
 *
 * Returns: (transfer none) (nullable): name of the check that refused it; %NULL when it was none of them
 */
const char *
door_saml_checks_get_failed (DoorFault fault)
{
  for (size_t i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i].fault == fault)
      return faults[i].check;
  return NULL;
}

/**
 * door_saml_checks_dup_passed:
 * @fault: with which door_saml_response_verify() refused an answer
 *
 * Tells how far the answer came. It may have come farther, never less far.
 *
 * Returns: (transfer full): the checks it passed, separated by spaces
 */
char *
door_saml_checks_dup_passed (DoorFault fault)
{
  const char *failed = door_saml_checks_get_failed (fault);
  GString *passed = g_string_new (NULL);

  for (size_t i = 0; failed != NULL && checks[i] != NULL && !g_str_equal (checks[i], failed); i++)
    g_string_append_printf (passed, "%s%s", passed->len > 0 ? " " : "", checks[i]);
  return g_string_free (passed, FALSE);
}
