/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-web-challenge.h"

#include <stdbool.h>
#include "door-error.h"
#include "door-https-url.h"

/**
 * door_web_challenge_build:
 * @url: the https address where the person signs in
 * @error: return location for an error
 *
 * Writes the value of the `WWW-Authenticate` header that begins a sign-in on the device (Apple, "User
 * enrollment: authenticate"). A valid URL has no character that would need quoting inside a quoted-string
 * (RFC 9110, 5.6.4), so it is checked instead of escaped. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the header value, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_web_challenge_build (const char *url, GError **error)
{
  if (!door_https_url_is_valid (url, DOOR_HTTPS_URL_QUERY_ALLOWED))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the sign-in address is not an https URL");
      return NULL;
    }
  return g_strdup_printf ("Bearer method=\"apple-as-web\", url=\"%s\"", url);
}

/* What stands in a quoted-string as it is (RFC 9110, 5.6.4): a provider names its clients and scopes as it
 * likes (RFC 6749, A.1 and A.4). */
static bool
is_quotable (const char *text)
{
  for (; *text != '\0'; text++)
    if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
      return false;
  return true;
}

/**
 * door_oauth2_challenge_build:
 * @challenge: what a device is told
 * @error: return location for an error
 *
 * Writes the value of the `WWW-Authenticate` header that lets a device sign its user in by OAuth 2 (Apple,
 * "Implementing the OAuth2 authentication user-enrollment flow"). Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the header value, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_oauth2_challenge_build (const DoorOauth2Challenge *challenge, GError **error)
{
  if (!door_https_url_is_valid (challenge->authorization_url, DOOR_HTTPS_URL_NO_QUERY) ||
      !door_https_url_is_valid (challenge->token_url, DOOR_HTTPS_URL_NO_QUERY) ||
      !is_quotable (challenge->client_id) || !is_quotable (challenge->scope))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the addresses of the authorization server are not https URLs without a query, or "
                      "client id or scope cannot be told to devices");
      return NULL;
    }
  return g_strdup_printf ("Bearer method=\"apple-oauth2\", authorization-url=\"%s\", token-url=\"%s\", "
                          "redirect-url=\"%s\", client-id=\"%s\", scope=\"%s\"",
                          challenge->authorization_url, challenge->token_url, challenge->redirect_uri,
                          challenge->client_id, challenge->scope);
}
