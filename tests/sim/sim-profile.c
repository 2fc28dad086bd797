/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-profile.h"

#include <string.h>

#include "sim-error.h"

/* The payloads of a profile, borrowed from it. */
typedef struct
{
  plist_t root;
  plist_t mdm;
  plist_t scep;
} Payloads;

static gboolean
fail (GError **error, const char *text)
{
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "enrollment profile: %s", text);
  return FALSE;
}

static bool
is_string (plist_t dict, const char *key, const char *wanted)
{
  g_autofree char *value = sim_plist_dup_string (dict, key);

  return value != NULL && g_str_equal (value, wanted);
}

static gboolean
find_payloads (plist_t root, Payloads *payloads, GPtrArray *identifiers, GError **error)
{
  plist_t content = sim_plist_lookup (root, "PayloadContent", PLIST_ARRAY);
  char *identifier = sim_plist_dup_string (root, "PayloadUUID");

  if (content == NULL || identifier == NULL)
    {
      g_free (identifier);
      return fail (error, "no PayloadContent or no PayloadUUID");
    }
  g_ptr_array_add (identifiers, identifier);
  payloads->root = root;
  for (uint32_t i = 0; i < plist_array_get_size (content); i++)
    {
      plist_t payload = plist_array_get_item (content, i);
      plist_t *slot = NULL;

      if (plist_get_node_type (payload) != PLIST_DICT)
        return fail (error, "a payload is not a dictionary");
      identifier = sim_plist_dup_string (payload, "PayloadUUID");
      if (identifier == NULL)
        return fail (error, "a payload has no PayloadUUID");
      g_ptr_array_add (identifiers, identifier);
      if (is_string (payload, "PayloadType", "com.apple.mdm"))
        slot = &payloads->mdm;
      else if (is_string (payload, "PayloadType", "com.apple.security.scep"))
        slot = &payloads->scep;
      if (slot != NULL && *slot != NULL)
        return fail (error, "two payloads of one kind");
      if (slot != NULL)
        *slot = payload;
    }
  if (payloads->scep == NULL)
    return fail (error, "no com.apple.security.scep payload");
  return TRUE;
}

static bool
contains_account (const char *url, const char *account)
{
  if (*account == '\0')
    return false; /* none was typed */
  g_autofree char *plain = g_uri_unescape_string (url, NULL);
  g_autofree char *folded = g_utf8_casefold (plain != NULL ? plain : url, -1);
  g_autofree char *wanted = g_utf8_casefold (account, -1);

  return strstr (folded, wanted) != NULL;
}

/* A UUID of the enrollment may stand there, and nothing else. */
static bool
is_reference (const char *query)
{
  static const char start[] = "enroll_reference=";

  return g_str_has_prefix (query, start) && g_uuid_string_is_valid (query + strlen (start));
}

/* https, no query but a reference, nothing that names the person. */
static gboolean
check_url (const char *url, const char *account, GError **error)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL) : NULL;

  if (uri == NULL || !g_str_equal (g_uri_get_scheme (uri), "https"))
    return fail (error, "ServerURL or CheckInURL is not https");
  if ((g_uri_get_query (uri) != NULL && !is_reference (g_uri_get_query (uri))) ||
      g_uri_get_fragment (uri) != NULL)
    return fail (error,
                 "ServerURL or CheckInURL has a query other than enroll_reference=UUID, or a fragment");
  if (contains_account (url, account))
    return fail (error, "ServerURL or CheckInURL names the account");
  return TRUE;
}

/* What Apple demands of a user enrollment, and what keeps the person private. */
static gboolean
check_user (const Payloads *payloads, const char *account, GError **error)
{
  if (!is_string (payloads->root, "PayloadScope", "User"))
    return fail (error, "PayloadScope is not User");
  if (!is_string (payloads->mdm, "EnrollmentMode", "BYOD"))
    return fail (error, "EnrollmentMode is not BYOD");
  if (!is_string (payloads->mdm, "AssignedManagedAppleID", account))
    return fail (error, "AssignedManagedAppleID is not the account");
  if (plist_dict_get_item (payloads->mdm, "AccessRights") != NULL)
    return fail (error, "AccessRights must not be there in a user enrollment");
  return TRUE;
}

/* Which rights there may be: query 1 needs 2, and erase and lock are worth nothing without any. */
static gboolean
check_rights (const Payloads *payloads, GError **error)
{
  plist_t rights = sim_plist_lookup (payloads->mdm, "AccessRights", PLIST_UINT);
  uint64_t bits = 0;

  if (rights != NULL)
    plist_get_uint_val (rights, &bits);
  if (bits == 0 || bits > 8191)
    return fail (error, "AccessRights is not there, or none");
  if (((bits & 2) != 0 && (bits & 1) == 0) || ((bits & 128) != 0 && (bits & 64) == 0))
    return fail (error, "AccessRights has a right without the one it needs");
  return TRUE;
}

static gboolean
check_device (const Payloads *payloads, SimProfileKind kind, const char *account, GError **error)
{
  if (is_string (payloads->root, "PayloadScope", "User"))
    return fail (error, "PayloadScope is User");
  if (kind == SIM_PROFILE_ADDE && !is_string (payloads->mdm, "EnrollmentMode", "ADDE"))
    return fail (error, "EnrollmentMode is not ADDE");
  if (kind == SIM_PROFILE_ADDE && !is_string (payloads->mdm, "AssignedManagedAppleID", account))
    return fail (error, "AssignedManagedAppleID is not the account");
  if (kind == SIM_PROFILE_DEVICE && (plist_dict_get_item (payloads->mdm, "EnrollmentMode") != NULL ||
                                     plist_dict_get_item (payloads->mdm, "AssignedManagedAppleID") != NULL))
    return fail (error, "EnrollmentMode or AssignedManagedAppleID outside account-driven enrollment");
  return check_rights (payloads, error);
}

static gboolean
check_mdm (const Payloads *payloads, SimProfileKind kind, const char *account, GError **error)
{
  plist_t sign = sim_plist_lookup (payloads->mdm, "SignMessage", PLIST_BOOLEAN);
  g_autofree char *identity = sim_plist_dup_string (payloads->mdm, "IdentityCertificateUUID");
  uint8_t signs = 0;

  if (!is_string (payloads->root, "PayloadType", "Configuration"))
    return fail (error, "PayloadType is not Configuration");
  if (kind == SIM_PROFILE_USER ? !check_user (payloads, account, error)
                               : !check_device (payloads, kind, account, error))
    return FALSE;
  if (sign != NULL)
    plist_get_bool_val (sign, &signs);
  if (!signs)
    return fail (error, "SignMessage is not true");
  if (identity == NULL || !is_string (payloads->scep, "PayloadUUID", identity))
    return fail (error, "IdentityCertificateUUID is not the SCEP payload");
  return TRUE;
}

static gboolean
read_subject (SimProfile *self, plist_t content, GError **error)
{
  plist_t names = sim_plist_lookup (content, "Subject", PLIST_ARRAY);

  for (uint32_t i = 0; names != NULL && i < plist_array_get_size (names); i++)
    {
      plist_t name = plist_array_get_item (names, i);

      for (uint32_t j = 0; plist_get_node_type (name) == PLIST_ARRAY && j < plist_array_get_size (name); j++)
        {
          plist_t pair = plist_array_get_item (name, j);
          bool good = plist_get_node_type (pair) == PLIST_ARRAY && plist_array_get_size (pair) == 2 &&
                      plist_get_node_type (plist_array_get_item (pair, 0)) == PLIST_STRING &&
                      plist_get_node_type (plist_array_get_item (pair, 1)) == PLIST_STRING;
          char **copy = NULL;

          if (!good)
            return fail (error, "the Subject is not a list of lists of pairs");
          copy = g_new0 (char *, 3);
          copy[0] = g_strdup (plist_get_string_ptr (plist_array_get_item (pair, 0), NULL));
          copy[1] = g_strdup (plist_get_string_ptr (plist_array_get_item (pair, 1), NULL));
          g_ptr_array_add (self->subject, copy);
        }
    }
  return self->subject->len > 0 ? TRUE : fail (error, "no Subject in the SCEP payload");
}

static gboolean
read_scep (SimProfile *self, plist_t payload, GError **error)
{
  plist_t content = sim_plist_lookup (payload, "PayloadContent", PLIST_DICT);
  plist_t size = sim_plist_lookup (content, "Keysize", PLIST_UINT);
  plist_t print = sim_plist_lookup (content, "CAFingerprint", PLIST_DATA);
  uint64_t key_size = 1024; /* Apple's default */
  uint64_t length = 0;

  self->scep_url = sim_plist_dup_string (content, "URL");
  self->challenge = sim_plist_dup_string (content, "Challenge");
  if (size != NULL)
    plist_get_uint_val (size, &key_size);
  if (print != NULL)
    {
      const char *data = plist_get_data_ptr (print, &length);

      self->ca_fingerprint = g_bytes_new (data, length);
    }
  self->key_size = (int) MIN (key_size, 8192);
  if (self->scep_url == NULL || !g_str_has_prefix (self->scep_url, "http"))
    return fail (error, "no URL in the SCEP payload");
  if (self->key_size != 2048 && self->key_size != 4096)
    return fail (error, "Keysize of the SCEP payload is neither 2048 nor 4096");
  return read_subject (self, content, error);
}

/* A device takes the other kind too, and goes on by itself; who plays one says which. */
static gboolean
check_type (plist_t root, GError **error)
{
  g_autofree char *type = sim_plist_dup_string (root, "PayloadType");

  if (g_strcmp0 (type, "Profile Service") != 0)
    return TRUE;
  return fail (error,
               "this is only the way to the Profile Service: the server has Ota=true in [enrollment] or "
               "the team; play it with doorward-sim ota and --device-ca, or set Ota=false");
}

/**
 * sim_profile_parse:
 * @xml: the profile without its signature
 * @kind: what the device is enrolled for
 * @account: the Managed Apple Account that is being enrolled, "" for none
 * @error: return location for an error
 *
 * Reads an enrollment profile and checks what Apple demands of one of this kind.
 *
 * Returns: (transfer full): the profile, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimProfile *
sim_profile_parse (GBytes *xml, SimProfileKind kind, const char *account, GError **error)
{
  g_autoptr (SimPlist) root = sim_plist_parse (xml, error);
  g_autoptr (SimProfile) self = NULL;
  Payloads payloads = { NULL, NULL, NULL };
  plist_t checks_out = NULL;
  uint8_t value = 0;

  if (root == NULL || !check_type (root, error))
    return NULL;
  self = g_new0 (SimProfile, 1);
  self->identifiers = g_ptr_array_new_with_free_func (g_free);
  self->subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  if (!find_payloads (root, &payloads, self->identifiers, error))
    return NULL;
  if (payloads.mdm == NULL)
    {
      fail (error, "no com.apple.mdm payload");
      return NULL;
    }
  if (!check_mdm (&payloads, kind, account, error) || !read_scep (self, payloads.scep, error))
    return NULL;
  self->topic = sim_plist_dup_string (payloads.mdm, "Topic");
  self->server_url = sim_plist_dup_string (payloads.mdm, "ServerURL");
  self->check_in_url = sim_plist_dup_string (payloads.mdm, "CheckInURL");
  if (self->check_in_url == NULL)
    self->check_in_url = g_strdup (self->server_url);
  if (self->topic == NULL || *self->topic == '\0')
    {
      fail (error, "no Topic");
      return NULL;
    }
  if (!check_url (self->server_url, account, error) || !check_url (self->check_in_url, account, error))
    return NULL;
  checks_out = sim_plist_lookup (payloads.mdm, "CheckOutWhenRemoved", PLIST_BOOLEAN);
  if (checks_out != NULL)
    plist_get_bool_val (checks_out, &value);
  self->checks_out = value != 0;
  return g_steal_pointer (&self);
}

/**
 * sim_profile_parse_identity:
 * @xml: the profile without its signature
 * @error: return location for an error
 *
 * Reads a profile that brings an identity and nothing else, as the Profile Service gives it first.
 *
 * Returns: (transfer full): the profile, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimProfile *
sim_profile_parse_identity (GBytes *xml, GError **error)
{
  g_autoptr (SimPlist) root = sim_plist_parse (xml, error);
  g_autoptr (SimProfile) self = NULL;
  Payloads payloads = { NULL, NULL, NULL };

  if (root == NULL)
    return NULL;
  self = g_new0 (SimProfile, 1);
  self->identifiers = g_ptr_array_new_with_free_func (g_free);
  self->subject = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  if (!find_payloads (root, &payloads, self->identifiers, error) || !read_scep (self, payloads.scep, error))
    return NULL;
  if (payloads.mdm == NULL)
    return g_steal_pointer (&self);
  fail (error, "a com.apple.mdm payload before the identity");
  return NULL;
}

/**
 * sim_profile_find_difference:
 * @self: a profile
 * @other: the same profile, fetched again
 *
 * Returns: (transfer none) (nullable): what is not the same in both
 */
const char *
sim_profile_find_difference (const SimProfile *self, const SimProfile *other)
{
  if (self->identifiers->len != other->identifiers->len)
    return "number of payloads";
  for (guint i = 0; i < self->identifiers->len; i++)
    if (g_strcmp0 (g_ptr_array_index (self->identifiers, i), g_ptr_array_index (other->identifiers, i)) != 0)
      return "PayloadUUID";
  if (g_strcmp0 (self->challenge, other->challenge) != 0)
    return "SCEP challenge";
  if (g_strcmp0 (self->scep_url, other->scep_url) != 0)
    return "SCEP URL";
  if (g_strcmp0 (self->server_url, other->server_url) != 0 ||
      g_strcmp0 (self->check_in_url, other->check_in_url) != 0)
    return "ServerURL or CheckInURL";
  return NULL;
}

/**
 * sim_profile_free:
 * @self: (transfer full): a profile
 */
void
sim_profile_free (SimProfile *self)
{
  g_free (self->topic);
  g_free (self->server_url);
  g_free (self->check_in_url);
  g_free (self->scep_url);
  g_free (self->challenge);
  g_clear_pointer (&self->ca_fingerprint, g_bytes_unref);
  g_ptr_array_unref (self->subject);
  g_ptr_array_unref (self->identifiers);
  g_free (self);
}
