/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms-envelope.h"

#include <string.h>

#include "door-asn1-scan.h"
#include "door-gnutls.h"
#include "door-secret.h"

#define MAX_RSA_BYTES 1024
#define MAX_KEY_BYTES 32
#define MAX_IV_BYTES 16

/* GnuTLS has all of them, single DES included; libcrypto has that one only in a module to be loaded. */
struct _DoorCmsCipher
{
  int nid;
  gnutls_cipher_algorithm_t algorithm;
  size_t key_size;
  size_t block_size;
  bool weak;
};

static const DoorCmsCipher ciphers[] = {
  { NID_aes_128_cbc, GNUTLS_CIPHER_AES_128_CBC, 16, 16, false },
  { NID_aes_192_cbc, GNUTLS_CIPHER_AES_192_CBC, 24, 16, false },
  { NID_aes_256_cbc, GNUTLS_CIPHER_AES_256_CBC, 32, 16, false },
  { NID_des_ede3_cbc, GNUTLS_CIPHER_3DES_CBC, 24, 8, false },
  { NID_des_cbc, GNUTLS_CIPHER_DES_CBC, 8, 8, true },
};

struct _DoorCmsEnvelope
{
  PKCS7 *message;
  const DoorCmsCipher *cipher;
  const uint8_t *iv; /* in message, one block of the cipher */
};

/**
 * door_cms_envelope_free: (skip)
 * @self: (transfer full): an envelope
 */
void
door_cms_envelope_free (DoorCmsEnvelope *self)
{
  g_clear_pointer (&self->message, PKCS7_free);
  g_free (self);
}

static PKCS7 *
decode (const uint8_t *data, size_t size)
{
  const uint8_t *end = data;
  g_autoptr (PKCS7) message = NULL;
  PKCS7_ENVELOPE *envelope;

  if (!door_asn1_scan (data, size))
    return NULL;
  message = d2i_PKCS7 (NULL, &end, (long) size);
  if (message == NULL || end != data + size || !PKCS7_type_is_enveloped (message))
    return NULL;
  envelope = message->d.enveloped;
  if (envelope == NULL || envelope->enc_data == NULL || envelope->enc_data->enc_data == NULL ||
      OBJ_obj2nid (envelope->enc_data->content_type) != NID_pkcs7_data)
    return NULL;
  return g_steal_pointer (&message);
}

static const ASN1_OCTET_STRING *
get_iv (const X509_ALGOR *algorithm)
{
  const void *value = NULL;
  int type = V_ASN1_UNDEF;

  X509_ALGOR_get0 (NULL, &type, &value, algorithm);
  return type == V_ASN1_OCTET_STRING ? value : NULL;
}

static bool
read_algorithm (DoorCmsEnvelope *self, const X509_ALGOR *algorithm)
{
  int nid = OBJ_obj2nid (algorithm->algorithm);
  const ASN1_OCTET_STRING *iv = get_iv (algorithm);

  for (size_t i = 0; i < G_N_ELEMENTS (ciphers); i++)
    if (ciphers[i].nid == nid && iv != NULL && iv->length == (int) ciphers[i].block_size)
      {
        self->cipher = &ciphers[i];
        self->iv = iv->data;
        return true;
      }
  return false;
}

/**
 * door_cms_envelope_parse: (skip)
 * @data: (array length=size): a ContentInfo in DER or BER
 * @size: its bytes
 * @error: return location for an error
 *
 * Parses an EnvelopedData (RFC 5652, 6) with recipients named by issuer and serial number.
 *
 * Returns: (transfer full): the envelope, still closed, or %NULL
 */
DoorCmsEnvelope *
door_cms_envelope_parse (const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (DoorCmsEnvelope) self = g_new0 (DoorCmsEnvelope, 1);

  self->message = decode (data, size);
  if (self->message == NULL)
    {
      door_libcrypto_fail (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE, "not an EnvelopedData");
      return NULL;
    }
  if (!read_algorithm (self, self->message->d.enveloped->enc_data->algorithm))
    {
      door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM,
                      "EnvelopedData: the content's cipher is none of those supported");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_cms_envelope_get_cipher: (skip)
 * @self: an envelope
 *
 * Returns: (transfer none): its cipher
 */
const DoorCmsCipher *
door_cms_envelope_get_cipher (const DoorCmsEnvelope *self)
{
  return self->cipher;
}

/**
 * door_cms_cipher_is_weak: (skip)
 * @cipher: a cipher
 *
 * Returns: whether it protects nothing any more
 */
bool
door_cms_cipher_is_weak (const DoorCmsCipher *cipher)
{
  return cipher->weak;
}

static PKCS7_RECIP_INFO *
find_recipient (const DoorCmsEnvelope *self, X509 *certificate)
{
  STACK_OF (PKCS7_RECIP_INFO) *recipients = self->message->d.enveloped->recipientinfo;

  for (int i = 0; i < sk_PKCS7_RECIP_INFO_num (recipients); i++)
    {
      PKCS7_RECIP_INFO *recipient = sk_PKCS7_RECIP_INFO_value (recipients, i);

      if (X509_NAME_cmp (recipient->issuer_and_serial->issuer, X509_get_issuer_name (certificate)) == 0 &&
          ASN1_INTEGER_cmp (recipient->issuer_and_serial->serial, X509_get0_serialNumber (certificate)) == 0)
        return recipient;
    }
  return NULL;
}

/* The bare RSA operation: whether it works depends on public lengths and the modulus alone. */
static bool
decrypt_block (EVP_PKEY *key, const ASN1_OCTET_STRING *wrapped, uint8_t *block, size_t size)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new (key, NULL);
  size_t written = size;

  return context != NULL && EVP_PKEY_decrypt_init (context) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING) == 1 &&
         EVP_PKEY_decrypt (context, block, &written, wrapped->data, (size_t) wrapped->length) == 1 &&
         written == size;
}

/* 1 when the byte is zero, without a branch */
static unsigned int
is_zero (uint8_t byte)
{
  return (((unsigned int) byte - 1) >> 8) & 1;
}

/* Takes the key out of a PKCS #1 v1.5 block (RFC 8017, 7.2.2) into @key, which keeps its random bytes when
 * the block is not of the form. As the length of the key is known, so is the place of each byte, and
 * nothing here branches on the block: else every bit of it could be asked for (Bleichenbacher). */
static void
take_key (const uint8_t *block, size_t size, uint8_t *key, size_t key_size)
{
  size_t start = size - key_size;
  unsigned int wrong = block[0] | (block[1] ^ 2u) | block[start - 1];
  uint8_t mask;

  for (size_t i = 2; i < start - 1; i++)
    wrong |= is_zero (block[i]);
  mask = (uint8_t) (((wrong | (0u - wrong)) >> 31) - 1u); /* 0xff when nothing is wrong */
  for (size_t i = 0; i < key_size; i++)
    key[i] = (uint8_t) ((block[start + i] & mask) | (key[i] & ~mask));
}

static bool
unwrap_key (EVP_PKEY *private_key, const ASN1_OCTET_STRING *wrapped, uint8_t *key, size_t key_size)
{
  uint8_t block[MAX_RSA_BYTES] = { 0 };
  size_t size = (size_t) EVP_PKEY_get_size (private_key);

  if (size > sizeof block || size < key_size + 11 || gnutls_rnd (GNUTLS_RND_KEY, key, key_size) < 0)
    return false;
  if (!decrypt_block (private_key, wrapped, block, size))
    ERR_clear_error (); /* the zero block is not of the form */
  take_key (block, size, key, key_size);
  explicit_bzero (block, sizeof block);
  return true;
}

static bool
run_cipher (const DoorCmsCipher *cipher, bool encrypt, uint8_t *key, const uint8_t *iv, uint8_t *data,
            size_t size)
{
  uint8_t iv_copy[MAX_IV_BYTES];
  const gnutls_datum_t key_datum = { key, (unsigned int) cipher->key_size };
  const gnutls_datum_t iv_datum = { iv_copy, (unsigned int) cipher->block_size };
  gnutls_cipher_hd_t handle = NULL;
  bool good;

  memcpy (iv_copy, iv, cipher->block_size);
  if (gnutls_cipher_init (&handle, cipher->algorithm, &key_datum, &iv_datum) < 0)
    return false;
  if (encrypt)
    good = gnutls_cipher_encrypt (handle, data, size) >= 0;
  else
    good = gnutls_cipher_decrypt (handle, data, size) >= 0;
  gnutls_cipher_deinit (handle);
  return good;
}

/* How many bytes are left without the padding (RFC 5652, 6.3); all of them when it is wrong, so that the
 * parser meets bytes that are no request either way, and a sender learns nothing of the padding. */
static size_t
find_end (const uint8_t *data, size_t size, size_t block_size)
{
  size_t count = data[size - 1];
  unsigned int wrong = count == 0 || count > block_size;

  for (size_t i = 0; i < block_size; i++)
    wrong |= (unsigned int) (i < count) & (unsigned int) (data[size - 1 - i] != count);
  return size - (wrong ? 0 : count);
}

static DoorSecret *
decrypt_content (const DoorCmsEnvelope *self, uint8_t *key)
{
  const PKCS7_ENC_CONTENT *content = self->message->d.enveloped->enc_data;
  const DoorCmsCipher *cipher = self->cipher;
  size_t size = (size_t) content->enc_data->length;
  g_autofree uint8_t *data = g_memdup2 (content->enc_data->data, size);
  DoorSecret *secret;

  /* a key the cipher refuses leaves bytes as useless as a wrong one does */
  if (!run_cipher (cipher, false, key, self->iv, data, size))
    memset (data, 0, size);
  secret = door_secret_new (data, find_end (data, size, cipher->block_size));
  explicit_bzero (data, size);
  return secret;
}

/**
 * door_cms_envelope_open: (skip)
 * @self: an envelope
 * @recipient: key and certificate it should be for; RSA
 * @error: return location for an error
 *
 * Decrypts the content. Errors come only from what anybody can see: whether the recipient is named, the
 * algorithms, the lengths. Whatever is wrong with the encrypted key or the padding gives bytes that mean
 * nothing, for a parser to refuse, so nobody can use the answer to decrypt (RFC 3218).
 *
 * Returns: (transfer full): the content, not authenticated, or %NULL
 */
DoorSecret *
door_cms_envelope_open (const DoorCmsEnvelope *self, const DoorCmsSigner *recipient, GError **error)
{
  const PKCS7_RECIP_INFO *info = find_recipient (self, door_cms_signer_get_x509 (recipient));
  int size = self->message->d.enveloped->enc_data->enc_data->length;
  uint8_t key[MAX_KEY_BYTES];
  DoorSecret *content = NULL;

  if (info == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE,
                    "EnvelopedData: not for this certificate authority");
  else if (OBJ_obj2nid (info->key_enc_algor->algorithm) != NID_rsaEncryption)
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM,
                    "EnvelopedData: the key's algorithm is not RSA PKCS #1 v1.5");
  else if (size == 0 || size % (int) self->cipher->block_size != 0)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE,
                    "EnvelopedData: the content is not whole blocks");
  else if (!unwrap_key (door_cms_signer_get_key (recipient), info->enc_key, key, self->cipher->key_size))
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "EnvelopedData: cannot decrypt");
  else
    content = decrypt_content (self, key);
  explicit_bzero (key, sizeof key);
  return content;
}

static ASN1_OCTET_STRING *
encrypt_content (GBytes *content, const DoorCmsCipher *cipher, uint8_t *key, const uint8_t *iv)
{
  size_t size = g_bytes_get_size (content), padding = cipher->block_size - size % cipher->block_size;
  g_autofree uint8_t *data = g_malloc (size + padding);
  ASN1_OCTET_STRING *string = NULL;

  memcpy (data, g_bytes_get_data (content, NULL), size);
  memset (data + size, (int) padding, padding);
  if (run_cipher (cipher, true, key, iv, data, size + padding) && (string = ASN1_OCTET_STRING_new ()) != NULL)
    ASN1_OCTET_STRING_set (string, data, (int) (size + padding));
  return string;
}

static bool
wrap_key (PKCS7 *message, X509 *recipient, const uint8_t *key, size_t key_size)
{
  PKCS7_RECIP_INFO *info = PKCS7_add_recipient (message, recipient);
  EVP_PKEY *public_key = X509_get0_pubkey (recipient);
  g_autoptr (EVP_PKEY_CTX) context = public_key != NULL ? EVP_PKEY_CTX_new (public_key, NULL) : NULL;
  uint8_t wrapped[MAX_RSA_BYTES];
  size_t size = sizeof wrapped;

  return info != NULL && context != NULL && EVP_PKEY_encrypt_init (context) == 1 &&
         EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_encrypt (context, wrapped, &size, key, key_size) == 1 &&
         ASN1_OCTET_STRING_set (info->enc_key, wrapped, (int) size) == 1;
}

static bool
fill_message (PKCS7 *message, GBytes *content, X509 *recipient, const DoorCmsCipher *cipher)
{
  uint8_t key[MAX_KEY_BYTES], iv[MAX_IV_BYTES];
  PKCS7_ENC_CONTENT *target = message->d.enveloped->enc_data;
  ASN1_OCTET_STRING *parameter = ASN1_OCTET_STRING_new ();
  bool good;

  good = gnutls_rnd (GNUTLS_RND_KEY, key, cipher->key_size) >= 0 &&
         gnutls_rnd (GNUTLS_RND_NONCE, iv, cipher->block_size) >= 0 &&
         wrap_key (message, recipient, key, cipher->key_size) &&
         (target->enc_data = encrypt_content (content, cipher, key, iv)) != NULL &&
         ASN1_OCTET_STRING_set (parameter, iv, (int) cipher->block_size) == 1 &&
         X509_ALGOR_set0 (target->algorithm, OBJ_nid2obj (cipher->nid), V_ASN1_OCTET_STRING, parameter) == 1;
  if (!good)
    ASN1_OCTET_STRING_free (parameter);
  explicit_bzero (key, sizeof key);
  return good;
}

/**
 * door_cms_envelope_seal: (skip)
 * @content: what to encrypt
 * @recipient: whom for; an RSA certificate
 * @cipher: what with
 * @error: return location for an error
 *
 * Builds an EnvelopedData (RFC 5652, 6) in DER.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_cms_envelope_seal (GBytes *content, X509 *recipient, const DoorCmsCipher *cipher, GError **error)
{
  g_autoptr (PKCS7) message = PKCS7_new ();
  unsigned char *der = NULL;
  GBytes *bytes = NULL;

  if (message != NULL && PKCS7_set_type (message, NID_pkcs7_enveloped) == 1 &&
      fill_message (message, content, recipient, cipher))
    {
      int size = i2d_PKCS7 (message, &der);

      bytes = size > 0 ? g_bytes_new (der, (size_t) size) : NULL;
      OPENSSL_free (der);
    }
  if (bytes == NULL)
    door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "cannot encrypt");
  return bytes;
}
