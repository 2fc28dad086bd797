/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jwt-checks.h"

#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-text.h"

#define MAX_SUBJECT_BYTES 255 /* OpenID Connect Core 2 */
#define MAX_TEXT_BYTES 1024
#define MAX_TENANT_BYTES 128
#define LAST_SECOND INT64_C (253402300799) /* of the year 9999 */

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, fault, "token: %s", reason);
}

static bool
refuse_form (GError **error, const char *name, const char *problem)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_TOKEN, "token: %s %s", name,
                         problem);
}

/* A claim that must be a short text if it is there. */
bool
door_jwt_read_text (JsonObject *claims, const char *name, const char **out, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (claims, name, &text, NULL))
    return refuse_form (error, name, "is not a string");
  if (text != NULL && (*text == '\0' || strlen (text) > MAX_TEXT_BYTES))
    return refuse_form (error, name, "is empty or too long");
  *out = text;
  return true;
}

/* A claim that must be a time if it is there (RFC 7519, 2: NumericDate, which may have a fraction). */
bool
door_jwt_read_time (JsonObject *claims, const char *name, int64_t *out, GError **error)
{
  JsonNode *node = json_object_get_member (claims, name);
  GType type;
  double value;

  if (node == NULL)
    return true;
  type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return refuse_form (error, name, "is not a number");
  value = json_node_get_double (node);
  if (!(value >= 0 && value <= (double) LAST_SECOND))
    return refuse_form (error, name, "is no time");
  *out = (int64_t) value;
  return true;
}

static bool
is_tenant_allowed (const DoorOidcExpectation *expect, const char *tenant)
{
  return tenant != NULL && expect->tenants != NULL && strlen (tenant) <= MAX_TENANT_BYTES &&
         g_strv_contains (expect->tenants, tenant);
}

/* An issuer with a place for the tenant, filled with one that is allowed. */
static char *
fill_issuer (const char *issuer, const DoorOidcExpectation *expect, const char *tenant)
{
  if (strstr (issuer, DOOR_OIDC_TENANT) == NULL)
    return g_strdup (issuer);
  return is_tenant_allowed (expect, tenant) ? door_id_token_fill_issuer (issuer, tenant) : NULL;
}

/**
 * door_jwt_check_issuer: (skip)
 * @claims: claims whose signature was verified
 * @expect: what to measure them against
 * @issuer: (out) (transfer full): the issuer as it is to be remembered: written in the first way
 * @error: return location for an error
 *
 * Returns: whether the issuer is the one that was asked
 */
bool
door_jwt_check_issuer (JsonObject *claims, const DoorOidcExpectation *expect, char **issuer, GError **error)
{
  const char *found = NULL, *tenant = NULL;
  g_autofree char *first = NULL;

  if (!door_jwt_read_text (claims, "iss", &found, error))
    return false;
  if (found == NULL)
    return refuse_form (error, "iss", "is missing");
  /* of another type it names no tenant */
  (void) door_json_member_read_string (claims, "tid", &tenant, NULL);
  first = fill_issuer (expect->issuers[0], expect, tenant);
  for (size_t i = 0; expect->issuers[i] != NULL; i++)
    {
      g_autofree char *expected = fill_issuer (expect->issuers[i], expect, tenant);

      if (expected == NULL || first == NULL || strcmp (found, expected) != 0)
        continue;
      *issuer = g_steal_pointer (&first);
      return true;
    }
  return refuse (error, DOOR_FAULT_OIDC_ISSUER, "another issuer or tenant");
}

static bool
read_audience (JsonObject *claims, GStrv *out, GError **error)
{
  JsonNode *node = json_object_get_member (claims, "aud");
  const char *one[] = { NULL, NULL };

  if (node == NULL)
    return refuse_form (error, "aud", "is missing");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return door_json_member_read_strings (claims, "aud", out, NULL) ||
           refuse_form (error, "aud", "is not a list of strings");
  if (!door_json_member_read_string (claims, "aud", &one[0], NULL))
    return refuse_form (error, "aud", "is not a string");
  *out = g_strdupv ((char **) one);
  return true;
}

/**
 * door_jwt_check_audience: (skip)
 * @claims: claims whose signature was verified
 * @client_id: us
 * @error: return location for an error
 *
 * Others beside us are trusted only when `azp` says that the token was made for us (OpenID Connect Core
 * 3.1.3.7).
 *
 * Returns: whether the token is for us
 */
bool
door_jwt_check_audience (JsonObject *claims, const char *client_id, GError **error)
{
  g_auto (GStrv) audience = NULL;
  const char *party = NULL;

  if (!read_audience (claims, &audience, error) || !door_jwt_read_text (claims, "azp", &party, error))
    return false;
  if (!g_strv_contains ((const char *const *) audience, client_id))
    return refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "it is for another client");
  if (party != NULL && strcmp (party, client_id) != 0)
    return refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "azp is another client");
  if (party == NULL && g_strv_length (audience) > 1)
    return refuse (error, DOOR_FAULT_OIDC_AUDIENCE, "it is for others too, and azp does not name us");
  return true;
}

/**
 * door_jwt_check_times: (skip)
 * @claims: claims whose signature was verified
 * @expect: what to measure them against
 * @times: (out): when it was made and when it ends
 * @error: return location for an error
 *
 * Returns: whether the token is valid now
 */
bool
door_jwt_check_times (JsonObject *claims, const DoorOidcExpectation *expect, DoorJwtTimes *times,
                      GError **error)
{
  int64_t issued = -1, expires = -1, not_before = 0, now_s = expect->now_ms / 1000;

  if (!door_jwt_read_time (claims, "exp", &expires, error) ||
      !door_jwt_read_time (claims, "iat", &issued, error) ||
      !door_jwt_read_time (claims, "nbf", &not_before, error))
    return false;
  if (expires < 0 || issued < 0)
    return refuse_form (error, expires < 0 ? "exp" : "iat", "is missing");
  if (now_s >= expires + expect->clock_skew_s)
    return refuse (error, DOOR_FAULT_OIDC_LATE, "it has expired");
  if (issued > now_s + expect->clock_skew_s || not_before > now_s + expect->clock_skew_s)
    return refuse (error, DOOR_FAULT_OIDC_EARLY, "it is not valid yet");
  times->issued_s = issued;
  times->expires_s = expires;
  return true;
}

/**
 * door_jwt_read_subject: (skip)
 * @claims: claims
 * @subject: (out) (nullable): sub, %NULL when there is none
 * @error: return location for an error
 *
 * Returns: whether sub is missing or one that can be kept
 */
bool
door_jwt_read_subject (JsonObject *claims, const char **subject, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (claims, "sub", &text, NULL) ||
      (text != NULL && (*text == '\0' || strlen (text) > MAX_SUBJECT_BYTES || !door_text_is_plain (text))))
    return refuse (error, DOOR_FAULT_OIDC_SUBJECT, "sub is no text of 1 to 255 bytes");
  *subject = text;
  return true;
}
