/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-account.h"

#include <string.h>

#include <glib.h>

#include "door-text.h"

/**
 * door_account_dup_domain:
 * @account: (nullable): "anna@example.test", as anybody may have typed it
 *
 * The domain is what stands behind the last "@" (Apple, account-driven enrollment). It goes into log lines,
 * so what does not show, or shows other than it is, makes a text no account.
 *
 * Returns: (transfer full) (nullable): the domain in lower case, %NULL when the text is no account
 */
char *
door_account_dup_domain (const char *account)
{
  const char *at = account != NULL ? strrchr (account, '@') : NULL;

  if (at == NULL || at == account || at[1] == '\0' || strlen (account) > DOOR_ACCOUNT_MAX_BYTES ||
      strchr (account, ' ') != NULL || !door_text_is_plain (account))
    return NULL;
  return g_ascii_strdown (at + 1, -1);
}

/**
 * door_account_equal:
 * @a: an account, UTF-8
 * @b: another
 *
 * Returns: whether they are the same but for upper and lower case
 */
bool
door_account_equal (const char *a, const char *b)
{
  g_autofree char *fold_a = g_utf8_casefold (a, -1), *fold_b = g_utf8_casefold (b, -1);

  return g_str_equal (fold_a, fold_b);
}
