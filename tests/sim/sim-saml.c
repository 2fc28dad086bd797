/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-saml.h"

#include <string.h>

#include "sim-error.h"

/* (transfer full) (nullable): the text of the first NameID, whatever its namespace prefix */
static char *
dup_name_id (const char *xml)
{
  g_autoptr (GRegex) shape = g_regex_new ("<(?:[A-Za-z0-9_.-]+:)?NameID(?:\\s[^>]*)?>([^<]+)<", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  return g_regex_match (shape, xml, 0, &match) ? g_match_info_fetch (match, 1) : NULL;
}

/**
 * sim_saml_tamper:
 * @response: a SAMLResponse as it is posted, base64
 * @account: who signed in
 * @other: who that person would like to be
 * @error: return location for an error
 *
 * Writes @other in place of the name identifier and of @account wherever they stand and leaves every other
 * byte as it was, so that nothing but the signature can give it away.
 *
 * Returns: (transfer full): the changed response, or %NULL with %SIM_ERROR_UNEXPECTED when it has no
 *   readable NameID
 */
char *
sim_saml_tamper (const char *response, const char *account, const char *other, GError **error)
{
  gsize size = 0;
  g_autofree guchar *decoded = g_base64_decode (response, &size);
  g_autofree char *xml = g_strndup ((const char *) decoded, size);
  g_autofree char *name = g_utf8_validate (xml, -1, NULL) ? dup_name_id (xml) : NULL;
  g_autofree char *name_pattern = NULL;
  g_autofree char *account_pattern = g_regex_escape_string (account, -1);
  g_autofree char *both = NULL;
  g_autofree char *changed = NULL;
  g_autoptr (GRegex) wanted = NULL;

  if (name == NULL)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "the SAMLResponse has no readable NameID to tamper with (is it encrypted?)");
      return NULL;
    }
  /* In one pass, for @other may contain @account. */
  name_pattern = g_regex_escape_string (name, -1);
  both = g_strconcat (name_pattern, "|", account_pattern, NULL);
  wanted = g_regex_new (both, 0, 0, NULL);
  changed = g_regex_replace_literal (wanted, xml, -1, 0, other, 0, NULL);
  return g_base64_encode ((const guchar *) changed, strlen (changed));
}
