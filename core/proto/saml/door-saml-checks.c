/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-checks.h"

#include <glib.h>

#define DECRYPTION "decryption" /* which a clear assertion does not meet */
#define SUBJECT "subject"       /* has no name of its own among those that are passed */

/* In the order in which an answer meets them. */
static const char *const checks[] = { "structure",   "status",   DECRYPTION, "signature", "issuer",
                                      "destination", "audience", "time",     "recipient", "in-response-to",
                                      "session",     SUBJECT,    NULL };

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
  { DOOR_FAULT_SAML_CLEAR, "structure" },
  { DOOR_FAULT_SAML_STATUS, "status" },
  { DOOR_FAULT_SAML_DECRYPT, DECRYPTION },
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
  { DOOR_FAULT_SAML_NAMEID, SUBJECT },
};

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
    if (!g_str_equal (checks[i], DECRYPTION))
      g_string_append_printf (passed, "%s%s", passed->len > 0 ? " " : "", checks[i]);
  return g_string_free (passed, FALSE);
}
