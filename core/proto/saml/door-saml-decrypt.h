/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Internal to this folder. */

#include <stdbool.h>

#include <glib.h>
#include <libxml/tree.h>

/**
 * DoorSamlDecryption: (skip)
 * @keys: (element-type DoorSamlSpKey): our private keys, 1 to 4 of them
 * @recipient: our entity id: wrapped keys for somebody else are left alone
 * @allow_rsa15: whether a key may be wrapped with RSA 1.5, which nobody may be asked who answers strangers
 * @unwraps: (out): how many times a private key was used
 * @deciphered: (out): how many bytes were deciphered
 *
 * What is decrypted with, and what it has cost: for one message always the same, whatever comes of it.
 */
typedef struct
{
  const GPtrArray *keys;
  const char *recipient;
  bool allow_rsa15;
  unsigned int unwraps;
  size_t deciphered;
} DoorSamlDecryption;

bool door_saml_decrypt_fail (GError **error);
GBytes *door_saml_decrypt (const xmlNode *encrypted, DoorSamlDecryption *decryption, GError **error);
