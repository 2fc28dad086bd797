/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-saml.h"

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
 * @error: return location for an error
 *
 * Changes the user name wherever it stands in the response and leaves every other byte as it was, so that
 * nothing but the signature can give it away.
 *
 * Returns: (transfer full): the changed response, or %NULL with %SIM_ERROR_UNEXPECTED when it has no
 *   readable NameID
 */
char *
sim_saml_tamper (const char *response, GError **error)
{
  gsize size = 0;
  g_autofree guchar *decoded = g_base64_decode (response, &size);
  g_autofree char *xml = g_strndup ((const char *) decoded, size);
  g_autofree char *name = g_utf8_validate (xml, -1, NULL) ? dup_name_id (xml) : NULL;
  g_autofree char *other = NULL;
  g_autoptr (GString) changed = NULL;

  if (name == NULL)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "the SAMLResponse has no readable NameID to tamper with (is it encrypted?)");
      return NULL;
    }
  other = g_strconcat ("eve-", name, NULL);
  changed = g_string_new (xml);
  g_string_replace (changed, name, other, 0);
  return g_base64_encode ((const guchar *) changed->str, changed->len);
}
