/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-decrypt.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-libcrypto.h"
#include "door-saml-sp-key-private.h"
#include "door-saml-xml.h"

#define NS_ENC "http://www.w3.org/2001/04/xmlenc#"
#define NS_ENC11 "http://www.w3.org/2009/xmlenc11#"
#define OAEP_MGF1P NS_ENC "rsa-oaep-mgf1p"
#define OAEP NS_ENC11 "rsa-oaep"
#define RSA15 NS_ENC "rsa-1_5"
#define MAX_DATA_BYTES (256 * 1024)
#define MAX_WRAPPED_BYTES 1024 /* RSA of 8192 bits */
#define MAX_WRAPPED_KEYS 2     /* each is tried with each of our keys */
#define MAX_KEY_BYTES 32
#define BLOCK_BYTES 16
#define GCM_IV_BYTES 12
#define GCM_TAG_BYTES 16

typedef struct
{
  const char *uri;
  const EVP_CIPHER *(*get) (void);
  size_t key_bytes;
  bool gcm;
} Cipher;

typedef struct
{
  const char *uri;
  const EVP_MD *(*get) (void);
} Digest;

/* Everything else is refused, first of all rsa-1_5 and tripledes-cbc. */
static const Cipher ciphers[] = {
  { NS_ENC11 "aes256-gcm", EVP_aes_256_gcm, 32, true }, { NS_ENC11 "aes192-gcm", EVP_aes_192_gcm, 24, true },
  { NS_ENC11 "aes128-gcm", EVP_aes_128_gcm, 16, true }, { NS_ENC "aes256-cbc", EVP_aes_256_cbc, 32, false },
  { NS_ENC "aes192-cbc", EVP_aes_192_cbc, 24, false },  { NS_ENC "aes128-cbc", EVP_aes_128_cbc, 16, false },
};

static const Digest digests[] = {
  { "http://www.w3.org/2000/09/xmldsig#sha1", EVP_sha1 },
  { NS_ENC "sha256", EVP_sha256 },
  { "http://www.w3.org/2001/04/xmldsig-more#sha384", EVP_sha384 },
  { NS_ENC "sha512", EVP_sha512 },
};

static const Digest masks[] = {
  { NS_ENC11 "mgf1sha1", EVP_sha1 },
  { NS_ENC11 "mgf1sha256", EVP_sha256 },
  { NS_ENC11 "mgf1sha384", EVP_sha384 },
  { NS_ENC11 "mgf1sha512", EVP_sha512 },
};

/* One wrapped key with what it takes to unwrap it. */
typedef struct
{
  const EVP_MD *digest; /* NULL: RSA 1.5 */
  const EVP_MD *mask;
  GBytes *value;
} Wrapped;

static void
wrapped_free (Wrapped *self)
{
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self);
}

/* One place in a sequence of children. */
typedef struct
{
  const char *ns;
  const char *name;
  bool optional;
  xmlNode **node;
} Slot;

static bool
refuse (GError **error, DoorFault fault, const char *reason)
{
  return door_error_set (
      error, fault == DOOR_FAULT_SAML_STRUCTURE ? DOOR_ERROR_INVALID_DATA : DOOR_ERROR_NOT_AUTHENTICATED,
      fault, "encryption: %s", reason);
}

/**
 * door_saml_decrypt_fail: (skip)
 * @error: return location for an error
 *
 * The one error of everything that depends on a private key or on what was decrypted and is not signed: who
 * can tell such errors from each other can decrypt (Jager and Somorovsky, CCS 2011; Bleichenbacher 1998).
 *
 * Returns: false
 */
bool
door_saml_decrypt_fail (GError **error)
{
  ERR_clear_error ();
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_DECRYPT,
                         "response: the assertion cannot be decrypted, or what was inside is not signed");
}

/* Fits the children of @parent into @slots, which are in order; whatever else stands there is refused. */
static bool
fit_children (const xmlNode *parent, const Slot *slots, size_t n_slots, GError **error)
{
  size_t next = 0;

  for (xmlNode *child = parent->children; child != NULL; child = child->next)
    {
      if (door_saml_xml_is_blank (child))
        continue;
      while (next < n_slots && slots[next].optional &&
             !door_saml_xml_is (child, slots[next].ns, slots[next].name))
        next++;
      if (next == n_slots || !door_saml_xml_is (child, slots[next].ns, slots[next].name))
        return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "an element stands where it may not");
      *slots[next++].node = child;
    }
  while (next < n_slots && slots[next].optional)
    next++;
  return next == n_slots || refuse (error, DOOR_FAULT_SAML_STRUCTURE, "an element is missing");
}

static const char *
get_algorithm (const xmlNode *element)
{
  const char *uri = door_saml_xml_get_attribute (element, "Algorithm");

  return uri != NULL ? uri : "";
}

static const EVP_MD *
find_digest (const Digest *table, size_t n, const xmlNode *element)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (table[i].uri, get_algorithm (element)) == 0)
      return table[i].get ();
  return NULL;
}

/* RSA-OAEP, the one way of wrapping; without elements it is with SHA-1 throughout (xmlenc-core1 5.5.2). */
static bool
read_oaep (const xmlNode *method, Wrapped *wrapped, GError **error)
{
  xmlNode *digest = NULL, *mask = NULL;
  const Slot slots[] = { { DOOR_SAML_NS_SIGNATURE, "DigestMethod", true, &digest },
                         { NS_ENC11, "MGF", true, &mask } };
  const Slot swapped[] = { { NS_ENC11, "MGF", true, &mask },
                           { DOOR_SAML_NS_SIGNATURE, "DigestMethod", true, &digest } };
  bool first = strcmp (get_algorithm (method), OAEP_MGF1P) == 0;
  const xmlNode *mgf = door_saml_xml_lookup_child (method, NS_ENC11, "MGF", NULL);
  bool mgf_leads =
      mgf != NULL && door_saml_xml_lookup_child (method, DOOR_SAML_NS_SIGNATURE, "DigestMethod", mgf) != NULL;

  if (!first && strcmp (get_algorithm (method), OAEP) != 0)
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the key is not wrapped with RSA-OAEP");
  if (!fit_children (method, mgf_leads ? swapped : slots, G_N_ELEMENTS (slots), error))
    return false;
  wrapped->digest = digest != NULL ? find_digest (digests, G_N_ELEMENTS (digests), digest) : EVP_sha1 ();
  wrapped->mask = mask != NULL ? find_digest (masks, G_N_ELEMENTS (masks), mask) : EVP_sha1 ();
  if (wrapped->digest == NULL || wrapped->mask == NULL || (first && mask != NULL))
    return refuse (error, DOOR_FAULT_SAML_ALGORITHM, "a digest of RSA-OAEP is not allowed");
  return true;
}

/* Only what stands here in base64: a CipherReference would be an address to read from. */
static GBytes *
read_cipher_value (const xmlNode *data, size_t max_bytes, GError **error)
{
  xmlNode *value = NULL;
  const Slot slots[] = { { NS_ENC, "CipherValue", false, &value } };
  g_autofree char *text = NULL;
  GBytes *bytes;

  if (!fit_children (data, slots, G_N_ELEMENTS (slots), error))
    return NULL;
  text = door_saml_xml_dup_text (value);
  bytes = text != NULL ? door_base64_decode_strict (text, strlen (text), max_bytes) : NULL;
  if (bytes == NULL)
    refuse (error, DOOR_FAULT_SAML_STRUCTURE, "a CipherValue is not base64 or too large");
  return bytes;
}

static bool
read_method (const xmlNode *method, bool allow_rsa15, Wrapped *wrapped, GError **error)
{
  if (allow_rsa15 && strcmp (get_algorithm (method), RSA15) == 0)
    return fit_children (method, NULL, 0, error);
  return read_oaep (method, wrapped, error);
}

/* KeyInfo of a wrapped key may hint at one of our certificates; it is never read. */
static bool
read_wrapped (const xmlNode *element, bool allow_rsa15, GPtrArray *list, GError **error)
{
  xmlNode *method = NULL, *info = NULL, *data = NULL, *references = NULL, *name = NULL;
  const Slot slots[] = { { NS_ENC, "EncryptionMethod", false, &method },
                         { DOOR_SAML_NS_SIGNATURE, "KeyInfo", true, &info },
                         { NS_ENC, "CipherData", false, &data },
                         { NS_ENC, "ReferenceList", true, &references },
                         { NS_ENC, "CarriedKeyName", true, &name } };
  Wrapped *wrapped;

  if (list->len == MAX_WRAPPED_KEYS)
    return refuse (error, DOOR_FAULT_SAML_STRUCTURE, "there are too many EncryptedKeys");
  wrapped = g_new0 (Wrapped, 1);
  g_ptr_array_add (list, wrapped);
  if (!fit_children (element, slots, G_N_ELEMENTS (slots), error) ||
      !read_method (method, allow_rsa15, wrapped, error))
    return false;
  wrapped->value = read_cipher_value (data, MAX_WRAPPED_BYTES, error);
  return wrapped->value != NULL;
}

/* Wrapped keys that are direct children of @parent, but for those that name another recipient. */
static bool
collect_wrapped (const xmlNode *parent, const DoorSamlDecryption *decryption, GPtrArray *list, GError **error)
{
  const xmlNode *at = NULL;

  while ((at = door_saml_xml_lookup_child (parent, NS_ENC, "EncryptedKey", at)) != NULL)
    {
      const char *to = door_saml_xml_get_attribute (at, "Recipient");

      if ((to == NULL || strcmp (to, decryption->recipient) == 0) &&
          !read_wrapped (at, decryption->allow_rsa15, list, error))
        return false;
    }
  return true;
}

static bool
set_padding (const Wrapped *wrapped, EVP_PKEY_CTX *context)
{
  if (wrapped->digest == NULL)
    return EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md (context, wrapped->digest) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md (context, wrapped->mask) == 1;
}

/* libcrypto takes the padding of OAEP off without a difference in time. */
static bool
unwrap (const Wrapped *wrapped, EVP_PKEY *pkey, unsigned char *out, size_t *size)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new (pkey, NULL);
  gsize in_size;
  const unsigned char *in = g_bytes_get_data (wrapped->value, &in_size);

  return context != NULL && EVP_PKEY_decrypt_init (context) == 1 && set_padding (wrapped, context) &&
         EVP_PKEY_decrypt (context, out, size, in, in_size) == 1;
}

/* Every wrapped key with each of ours, without an end before; what does not fit leaves a random key. */
static bool
find_content_key (const GPtrArray *list, const Cipher *cipher, DoorSamlDecryption *decryption,
                  unsigned char key[MAX_KEY_BYTES])
{
  unsigned char out[MAX_WRAPPED_BYTES] = { 0 };

  if (RAND_bytes (key, MAX_KEY_BYTES) != 1)
    return false;
  for (unsigned int i = 0; i < list->len; i++)
    for (unsigned int k = 0; k < decryption->keys->len; k++)
      {
        size_t size = sizeof out;
        EVP_PKEY *pkey = door_saml_sp_key_get_pkey (g_ptr_array_index (decryption->keys, k));
        bool ok = unwrap (g_ptr_array_index (list, i), pkey, out, &size) && size == cipher->key_bytes;
        unsigned char pick = (unsigned char) (0 - (unsigned int) ok);

        decryption->unwraps++;
        for (size_t b = 0; b < MAX_KEY_BYTES; b++)
          key[b] = (unsigned char) ((out[b] & pick) | (key[b] & ~pick));
        OPENSSL_cleanse (out, sizeof out);
      }
  ERR_clear_error ();
  return true;
}

/* xmlenc-core1 5.2.2: the last byte counts the padding, whose other bytes are arbitrary. */
static GBytes *
strip_padding (unsigned char *text, size_t size)
{
  size_t padding = size > 0 ? text[size - 1] : 0;

  if (padding == 0 || padding > BLOCK_BYTES || padding > size)
    return NULL;
  return g_bytes_new (text, size - padding);
}

static GBytes *
decipher (const Cipher *cipher, const unsigned char *key, GBytes *value, DoorSamlDecryption *decryption)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  size_t iv = cipher->gcm ? GCM_IV_BYTES : BLOCK_BYTES, tag = cipher->gcm ? GCM_TAG_BYTES : 0, size;
  const unsigned char *in = g_bytes_get_data (value, &size);
  g_autofree unsigned char *out = g_malloc (size + BLOCK_BYTES);
  int length = 0, rest = 0;
  bool ok;

  size -= iv + tag;
  ok = context != NULL && EVP_DecryptInit_ex (context, cipher->get (), NULL, key, in) == 1 &&
       EVP_CIPHER_CTX_set_padding (context, 0) == 1 &&
       EVP_DecryptUpdate (context, out, &length, in + iv, (int) size) == 1;
  decryption->deciphered += size;
  if (ok && cipher->gcm)
    ok = EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_BYTES, (void *) (in + iv + size)) == 1;
  ok = ok && EVP_DecryptFinal_ex (context, out + length, &rest) == 1;
  ERR_clear_error ();
  if (!ok)
    return NULL;
  return cipher->gcm ? g_bytes_new (out, (size_t) length) : strip_padding (out, (size_t) length);
}

static const Cipher *
find_cipher (const xmlNode *method, GError **error)
{
  for (size_t i = 0; i < G_N_ELEMENTS (ciphers); i++)
    if (strcmp (ciphers[i].uri, get_algorithm (method)) == 0)
      return &ciphers[i];
  refuse (error, DOOR_FAULT_SAML_ALGORITHM, "the assertion is not encrypted with AES");
  return NULL;
}

/* The length says nothing about a key, so it may be refused openly. */
static bool
check_length (const Cipher *cipher, GBytes *value, GError **error)
{
  size_t size = g_bytes_get_size (value);
  bool good =
      cipher->gcm ? size > GCM_IV_BYTES + GCM_TAG_BYTES : size >= 2 * BLOCK_BYTES && size % BLOCK_BYTES == 0;

  return good || refuse (error, DOOR_FAULT_SAML_STRUCTURE, "the CipherValue has no possible length");
}

/* The one EncryptedData; EncryptedKeys may stand behind it (SAML core 2.3.4) or in its KeyInfo. */
static const xmlNode *
find_data (const xmlNode *encrypted, GError **error)
{
  xmlNode *data = NULL;

  for (xmlNode *child = encrypted->children; child != NULL; child = child->next)
    {
      if (door_saml_xml_is_blank (child) || door_saml_xml_is (child, NS_ENC, "EncryptedKey"))
        continue;
      if (data != NULL || !door_saml_xml_is (child, NS_ENC, "EncryptedData"))
        {
          refuse (error, DOOR_FAULT_SAML_STRUCTURE, "an element stands where it may not");
          return NULL;
        }
      data = child;
    }
  if (data == NULL)
    refuse (error, DOOR_FAULT_SAML_STRUCTURE, "there is no EncryptedData");
  return data;
}

static GBytes *
decrypt_value (const Cipher *cipher, const GPtrArray *wrapped, GBytes *value, DoorSamlDecryption *decryption,
               GError **error)
{
  unsigned char key[MAX_KEY_BYTES];
  GBytes *plain = NULL;

  if (find_content_key (wrapped, cipher, decryption, key))
    plain = decipher (cipher, key, value, decryption);
  OPENSSL_cleanse (key, sizeof key);
  if (plain == NULL)
    door_saml_decrypt_fail (error);
  return plain;
}

/**
 * door_saml_decrypt: (skip)
 * @encrypted: an EncryptedAssertion
 * @decryption: what to decrypt with
 * @error: return location for an error
 *
 * Decrypts with AES, in GCM or CBC, and RSA-OAEP (W3C xmlenc-core1). Nothing in the document chooses one of
 * our keys: all are tried, and a key that cannot be unwrapped is replaced by a random one, with which it goes
 * on all the same. What depends on a key fails in one way, door_saml_decrypt_fail(); what can be seen by
 * everybody is refused by its name. CPU-bound, some milliseconds; any thread.
 *
 * Returns: (transfer full): what was inside, not looked at yet, or %NULL with %DOOR_FAULT_SAML_DECRYPT,
 *   _STRUCTURE or _ALGORITHM
 */
GBytes *
door_saml_decrypt (const xmlNode *encrypted, DoorSamlDecryption *decryption, GError **error)
{
  xmlNode *method = NULL, *info = NULL, *cipher_data = NULL;
  const Slot slots[] = { { NS_ENC, "EncryptionMethod", false, &method },
                         { DOOR_SAML_NS_SIGNATURE, "KeyInfo", true, &info },
                         { NS_ENC, "CipherData", false, &cipher_data } };
  g_autoptr (GPtrArray) wrapped = g_ptr_array_new_with_free_func ((GDestroyNotify) wrapped_free);
  g_autoptr (GBytes) value = NULL;
  const xmlNode *data = find_data (encrypted, error);
  const Cipher *cipher;

  if (data == NULL || !fit_children (data, slots, G_N_ELEMENTS (slots), error))
    return NULL;
  cipher = find_cipher (method, error);
  if (cipher == NULL || (info != NULL && !collect_wrapped (info, decryption, wrapped, error)) ||
      !collect_wrapped (encrypted, decryption, wrapped, error))
    return NULL;
  if (wrapped->len == 0)
    {
      refuse (error, DOOR_FAULT_SAML_STRUCTURE, "there is no EncryptedKey for us");
      return NULL;
    }
  value = read_cipher_value (cipher_data, MAX_DATA_BYTES, error);
  if (value == NULL || !check_length (cipher, value, error))
    return NULL;
  return decrypt_value (cipher, wrapped, value, decryption, error);
}
