/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The other side of encryption, by libcrypto alone: what xmlsec does not know as well. */
#include "saml-encrypt.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#define BLOCK 16

static const char *
or_else (const char *value, const char *usual)
{
  return value != NULL ? value : usual;
}

static const EVP_MD *
find_md (const char *uri)
{
  if (uri == NULL || g_str_has_suffix (uri, "sha1"))
    return EVP_sha1 ();
  if (g_str_has_suffix (uri, "sha256"))
    return EVP_sha256 ();
  return g_str_has_suffix (uri, "sha384") ? EVP_sha384 () : EVP_sha512 ();
}

static const EVP_CIPHER *
find_cipher (const char *uri)
{
  g_autofree char *name = g_ascii_strup (strrchr (uri, '#') + 1, -1);
  g_autofree char *known = NULL;

  if (!g_str_has_prefix (name, "AES"))
    return EVP_aes_256_gcm ();
  known = g_strdup_printf ("AES-%.3s-%s", name + 3, name + 7);
  return EVP_get_cipherbyname (known);
}

static EVP_PKEY *
load_public (const Encrypt *how)
{
  g_autofree char *file = g_strdup_printf ("keys/%s.crt.pem", or_else (how->key, "rsa-other"));
  g_autofree char *text = how->certificate != NULL ? g_strdup (how->certificate) : fixture_read (file);
  BIO *bio = BIO_new_mem_buf (text, -1);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_PKEY *pkey = X509_get_pubkey (certificate);

  g_assert_nonnull (pkey);
  X509_free (certificate);
  BIO_free (bio);
  return pkey;
}

static char *
wrap_key (const Encrypt *how, const unsigned char *key, size_t size)
{
  EVP_PKEY *pkey = load_public (how);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (pkey, NULL);
  bool oaep = how->wrap == NULL || strstr (how->wrap, "oaep") != NULL;
  unsigned char out[1024];
  size_t length = sizeof out;

  g_assert_cmpint (EVP_PKEY_encrypt_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, oaep ? RSA_PKCS1_OAEP_PADDING : RSA_PKCS1_PADDING),
                   ==, 1);
  if (oaep)
    {
      g_assert_cmpint (EVP_PKEY_CTX_set_rsa_oaep_md (context, find_md (how->digest)), ==, 1);
      g_assert_cmpint (EVP_PKEY_CTX_set_rsa_mgf1_md (context, find_md (how->mgf)), ==, 1);
    }
  g_assert_cmpint (EVP_PKEY_encrypt (context, out, &length, key, size), ==, 1);
  if (how->spoil_key != 0)
    out[how->spoil_key - 1] ^= 1;
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (pkey);
  return g_base64_encode (out, length);
}

static char *
encrypt_data (const Encrypt *how, const char *plain, const unsigned char *key)
{
  const EVP_CIPHER *cipher = find_cipher (or_else (how->cipher, XMLENC11 "aes256-gcm"));
  bool gcm = EVP_CIPHER_get_mode (cipher) == EVP_CIPH_GCM_MODE;
  size_t size = strlen (plain), iv = (size_t) EVP_CIPHER_get_iv_length (cipher);
  size_t padded = gcm ? size : (size / BLOCK + 1) * BLOCK, total;
  g_autofree unsigned char *in = g_malloc0 (padded), *out = g_malloc (iv + padded + BLOCK);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int length = 0, rest = 0;

  memcpy (in, plain, size);
  if (!gcm)
    in[padded - 1] = (unsigned char) (how->padding != 0 ? how->padding : (int) (padded - size));
  g_assert_cmpint (RAND_bytes (out, (int) iv), ==, 1);
  g_assert_cmpint (EVP_EncryptInit_ex (context, cipher, NULL, key, out), ==, 1);
  EVP_CIPHER_CTX_set_padding (context, 0);
  g_assert_cmpint (EVP_EncryptUpdate (context, out + iv, &length, in, (int) padded), ==, 1);
  g_assert_cmpint (EVP_EncryptFinal_ex (context, out + iv + length, &rest), ==, 1);
  total = iv + (size_t) length;
  if (gcm)
    {
      g_assert_cmpint (EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, BLOCK, out + total), ==, 1);
      total += BLOCK;
    }
  EVP_CIPHER_CTX_free (context);
  if (how->spoil_data > 0)
    out[how->spoil_data - 1] ^= 1;
  else if (how->spoil_data < 0)
    out[total - (size_t) -how->spoil_data] ^= 1;
  return g_base64_encode (out, total);
}

static char *
build_key (const Encrypt *how, const unsigned char *key)
{
  size_t usual =
      (size_t) EVP_CIPHER_get_key_length (find_cipher (or_else (how->cipher, XMLENC11 "aes256-gcm")));
  g_autofree char *value = wrap_key (how, key, how->key_bytes != 0 ? how->key_bytes : usual);
  g_autofree char *digest =
      how->digest != NULL ? g_strdup_printf ("<ds:DigestMethod Algorithm=\"%s\"/>", how->digest) : NULL;
  g_autofree char *mgf =
      how->mgf != NULL ? g_strdup_printf ("<e:MGF xmlns:e=\"" XMLENC11 "\" Algorithm=\"%s\"/>", how->mgf)
                       : NULL;

  return g_strdup_printf (
      "<xenc:EncryptedKey xmlns:xenc=\"" XMLENC "\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"%s>"
      "<xenc:EncryptionMethod Algorithm=\"%s\">%s%s%s</xenc:EncryptionMethod><xenc:CipherData>"
      "<xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>",
      or_else (how->attributes, ""), or_else (how->wrap, XMLENC "rsa-oaep-mgf1p"), or_else (digest, ""),
      or_else (mgf, ""), or_else (how->extra, ""), value);
}

/* Gives an EncryptedAssertion with @plain inside; the prefix "saml" is declared around it. */
char *
fixture_encrypt (const char *plain, const Encrypt *how)
{
  unsigned char key[64];
  g_autofree char *data = NULL, *one = NULL, *keys = NULL;

  g_assert_cmpint (RAND_bytes (key, sizeof key), ==, 1);
  data = encrypt_data (how, plain, key);
  one = build_key (how, key);
  keys = how->twice ? g_strconcat (one, one, one, NULL) : g_strdup (one);
  return g_strdup_printf (
      "<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc=\"" XMLENC "\" Type=\"" XMLENC "Element\">"
      "<xenc:EncryptionMethod Algorithm=\"%s\"/><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
      "%s</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData>"
      "</xenc:EncryptedData>%s</saml:EncryptedAssertion>",
      or_else (how->cipher, XMLENC11 "aes256-gcm"),
      how->beside ? "<ds:RetrievalMethod Type=\"" XMLENC "EncryptedKey\" URI=\"#_k\"/>" : keys, data,
      how->beside ? keys : "");
}

DoorSamlSpKey *
fixture_sp_key (const char *name)
{
  g_autofree char *key_file = g_strdup_printf ("keys/%s.key.pem", name);
  g_autofree char *certificate_file = g_strdup_printf ("keys/%s.crt.pem", name);
  g_autofree char *text = fixture_read (key_file);
  g_autoptr (DoorSecret) secret = door_secret_new (text, strlen (text));
  g_autoptr (GBytes) certificate = fixture_read_bytes (certificate_file);
  g_autoptr (GError) error = NULL;
  DoorSamlSpKey *key = door_saml_sp_key_parse (secret, certificate, &error);

  g_assert_no_error (error);
  return key;
}

GPtrArray *
fixture_sp_keys (const char *const *names)
{
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_sp_key_unref);

  for (size_t i = 0; names[i] != NULL; i++)
    g_ptr_array_add (keys, fixture_sp_key (names[i]));
  return keys;
}

/* With SHA-256, by the key of that name; base64, of DER for ECDSA. */
char *
fixture_sign_octets (const char *key, const char *octets)
{
  g_autofree char *file = g_strdup_printf ("keys/%s.key.pem", key);
  g_autofree char *text = fixture_read (file);
  BIO *bio = BIO_new_mem_buf (text, -1);
  EVP_PKEY *pkey = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  unsigned char out[1024];
  size_t size = sizeof out;

  g_assert_cmpint (EVP_DigestSignInit (context, NULL, EVP_sha256 (), NULL, pkey), ==, 1);
  g_assert_cmpint (EVP_DigestSign (context, out, &size, (const unsigned char *) octets, strlen (octets)), ==,
                   1);
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (pkey);
  BIO_free (bio);
  return g_base64_encode (out, size);
}

/* The two numbers of a signature in DER, @half bytes each. */
guchar *
fixture_ecdsa_numbers (const guchar *der, gsize size, gsize half)
{
  const unsigned char *at = der;
  ECDSA_SIG *pair = d2i_ECDSA_SIG (NULL, &at, (long) size);
  guchar *numbers = g_malloc0 (2 * half);

  g_assert_nonnull (pair);
  g_assert_cmpint (BN_bn2binpad (ECDSA_SIG_get0_r (pair), numbers, (int) half), ==, (int) half);
  g_assert_cmpint (BN_bn2binpad (ECDSA_SIG_get0_s (pair), numbers + half, (int) half), ==, (int) half);
  ECDSA_SIG_free (pair);
  return numbers;
}
