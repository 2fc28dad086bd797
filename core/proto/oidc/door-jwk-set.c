/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jwk-set.h"

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-jwk-set-private.h"
#include "door-jwk.h"

#define MAX_BYTES (256 * 1024)
#define MAX_DEPTH 4
/* A provider lists the keys of a few months; each that is tried costs a verification. */
#define MAX_KEYS 64
#define MAX_TRIED 4

struct _DoorJwkSet
{
  GPtrArray *keys; /* of DoorJwk */
};

static DoorJwkSet *
refuse (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_DISCOVERY, "key set: %s", reason);
  return NULL;
}

static bool
is_listed (const GPtrArray *keys, const DoorJwk *key)
{
  for (guint i = 0; i < keys->len; i++)
    if (door_jwk_equal (g_ptr_array_index (keys, i), key))
      return true;
  return false;
}

static void
clear (gpointer box)
{
  g_clear_pointer (&((DoorJwkSet *) box)->keys, g_ptr_array_unref);
}

/**
 * door_jwk_set_parse:
 * @document: a JWK set as received
 * @error: return location for an error
 *
 * Reads a provider's public keys (RFC 7517, 5). A key that may not verify a signature is left out, as are one
 * of a kind that is not known here, a shared or private one, RSA below 2048 bits, and a point off its curve.
 * Pure; some milliseconds at most.
 *
 * Returns: (transfer full): the keys, at least one, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorJwkSet *
door_jwk_set_parse (GBytes *document, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (DoorJwkSet) self = NULL;
  JsonArray *list = NULL;

  if (g_bytes_get_size (document) > MAX_BYTES)
    return refuse (error, "too large");
  root = door_json_parse (document, MAX_DEPTH, &problem);
  if (root == NULL)
    return refuse (error, problem->message);
  if (!JSON_NODE_HOLDS_OBJECT (root) ||
      !door_json_member_read_array (json_node_get_object (root), "keys", &list, NULL) || list == NULL)
    return refuse (error, "there is no list of keys");
  if (json_array_get_length (list) > MAX_KEYS)
    return refuse (error, "too many keys");
  self = g_atomic_rc_box_new0 (DoorJwkSet);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_jwk_free);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonNode *element = json_array_get_element (list, i);
      g_autoptr (DoorJwk) key = NULL;

      if (JSON_NODE_HOLDS_OBJECT (element))
        key = door_jwk_parse (json_node_get_object (element));
      if (key != NULL && !is_listed (self->keys, key))
        g_ptr_array_add (self->keys, g_steal_pointer (&key));
    }
  return self->keys->len > 0 ? g_steal_pointer (&self) : refuse (error, "there is no key that can be used");
}

/**
 * door_jwk_set_ref:
 * @self: keys
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorJwkSet *
door_jwk_set_ref (DoorJwkSet *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_jwk_set_unref:
 * @self: (transfer full): keys
 *
 * Drops a reference. Any thread.
 */
void
door_jwk_set_unref (DoorJwkSet *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/**
 * door_jwk_set_get_n_keys:
 * @self: keys
 *
 * Returns: how many of them can be used
 */
guint
door_jwk_set_get_n_keys (const DoorJwkSet *self)
{
  return self->keys->len;
}

/* The keys a token may mean: those of its key id, or all when it names none, that fit the algorithm. */
static GPtrArray *
list_candidates (const DoorJwkSet *self, const char *id, DoorJwsAlgorithms algorithm)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < self->keys->len; i++)
    {
      DoorJwk *key = g_ptr_array_index (self->keys, i);

      if ((key->algorithms & algorithm) != 0 && (id == NULL || g_strcmp0 (id, key->id) == 0))
        g_ptr_array_add (found, key);
    }
  return found;
}

/**
 * door_jwk_set_verify: (skip)
 * @self: keys
 * @id: (nullable): key id that the token names; without one there must be one key only that it could mean
 * @algorithm: one algorithm, allowed already
 * @data: what is signed
 * @signature: as in the token, decoded
 * @error: return location for an error
 *
 * Verifies a signature.
 *
 * Returns: whether one of the keys made it; if not, %DOOR_FAULT_OIDC_KEY when the keys may be too old, else
 *   %DOOR_FAULT_OIDC_SIGNATURE
 */
bool
door_jwk_set_verify (const DoorJwkSet *self, const char *id, DoorJwsAlgorithms algorithm, GBytes *data,
                     GBytes *signature, GError **error)
{
  g_autoptr (GPtrArray) candidates = list_candidates (self, id, algorithm);

  if (candidates->len == 0)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_KEY,
                           "token: its key is not in the provider's key set");
  if (id == NULL && candidates->len > 1)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_KEY,
                           "token: it does not say with which of %u keys it is signed", candidates->len);
  for (guint i = 0; i < candidates->len && i < MAX_TRIED; i++)
    if (door_jwk_verify (g_ptr_array_index (candidates, i), algorithm, data, signature))
      return true;
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_SIGNATURE,
                         "token: the signature does not verify");
}
