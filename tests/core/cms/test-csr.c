/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-csr.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "cms-fixture.h"
#include "door-error.h"

static DoorCsr *
load (const char *name)
{
  g_autoptr (GBytes) der = fixture_load (name);
  g_autoptr (GError) error = NULL;
  DoorCsr *csr = door_csr_parse (der, &error);

  g_assert_no_error (error);
  return csr;
}

static void
test_accepted (void)
{
  static const char *const names[] = { "csr-plain.der", "csr-sha1.der" };
  g_autoptr (DoorCertificate) certificate = fixture_load_certificate ("rsa-2048.pem");
  g_autoptr (DoorCertificate) ec_certificate = fixture_load_certificate ("ec.pem");
  g_autoptr (DoorCsr) ec = load ("csr-ec.der");

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (DoorCsr) csr = load (names[i]);

      g_assert_cmpstr (door_csr_get_public_key_sha256 (csr), ==,
                       door_certificate_get_public_key_sha256 (certificate));
      g_assert_null (door_csr_get_challenge (csr));
    }
  g_assert_cmpstr (door_csr_get_public_key_sha256 (ec), ==,
                   door_certificate_get_public_key_sha256 (ec_certificate));
}

/* Each string type a client may use for it. */
static void
test_challenge (void)
{
  static const char *const names[] = { "csr-challenge-PRINTABLE.der", "csr-challenge-UTF8.der",
                                       "csr-challenge-IA5.der", "csr-challenge-T61.der",
                                       "csr-challenge-BMP.der" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (DoorCsr) csr = load (names[i]);

      g_assert_cmpstr (door_csr_get_challenge (csr), ==, "Uky6rqTm+b2, /P=9");
    }
}

static void
assert_rejected (GBytes *der, DoorError code, DoorFault fault)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_csr_parse (der, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
}

static void
test_rejected (void)
{
  static const struct
  {
    const char *name;
    DoorError code;
    DoorFault fault;
  } bad[] = {
    { "bad-csr-rsa-1024.der", DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM },
    { "bad-csr-rsa-8448.der", DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM },
    { "bad-csr-p521.der", DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM },
    { "bad-csr-rsa-exponent.der", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
    { "bad-csr-large.der", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
    { "bad-csr-challenge.der", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
    { "bad-csr-ed25519.der", DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM },
    { "bad-csr-md5.der", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
    { "device.der", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
    { "ca.pem", DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) der = fixture_load (bad[i].name);

      assert_rejected (der, bad[i].code, bad[i].fault);
    }
}

static void
test_bad_signature (void)
{
  static const char *const names[] = { "csr-plain.der", "csr-ec.der" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) der = fixture_load (names[i]);
      size_t name_at = fixture_find (der, "asked", 5);
      g_autoptr (GBytes) renamed = fixture_replace (der, name_at, 'A');

      assert_rejected (renamed, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE);
    }
}

static void
test_truncated (void)
{
  g_autoptr (GBytes) whole = fixture_load ("csr-challenge-UTF8.der");

  for (size_t size = 0; size < g_bytes_get_size (whole); size++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, size);

      assert_rejected (part, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE);
    }
}

static EVP_PKEY *
load_key (const char *name)
{
  g_autoptr (DoorSecret) pem = fixture_load_secret (name);
  size_t size;
  const uint8_t *data = door_secret_get_data (pem, &size);
  BIO *bio = BIO_new_mem_buf (data, (int) size);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  BIO_free (bio);
  return key;
}

/* A public RSA key with a modulus of ours and the exponent given. */
static EVP_PKEY *
make_key (unsigned long exponent)
{
  EVP_PKEY *real = load_key ("rsa-2048.key"), *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  BIGNUM *n = NULL, *e = BN_new ();
  OSSL_PARAM *parameters;

  BN_set_word (e, exponent);
  g_assert_cmpint (EVP_PKEY_get_bn_param (real, OSSL_PKEY_PARAM_RSA_N, &n), ==, 1);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_E, e);
  parameters = OSSL_PARAM_BLD_to_param (builder);
  g_assert_cmpint (EVP_PKEY_fromdata_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters), ==, 1);
  OSSL_PARAM_free (parameters);
  OSSL_PARAM_BLD_free (builder);
  BN_free (n);
  BN_free (e);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (real);
  return key;
}

/* With the exponent 1 the padded digest is its own signature, so anybody can make this one. */
static GBytes *
sign_with_exponent_one (X509_REQ *request)
{
  static const uint8_t digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
  uint8_t block[256];
  uint8_t *der = NULL;
  ASN1_BIT_STRING *signature = ASN1_BIT_STRING_new ();
  X509_ALGOR *algorithm = X509_ALGOR_new ();
  int size = i2d_re_X509_REQ_tbs (request, &der);
  GBytes *bytes;

  memset (block, 0xff, sizeof block);
  block[0] = 0;
  block[1] = 1;
  block[sizeof block - 32 - sizeof digest_info - 1] = 0;
  memcpy (block + sizeof block - 32 - sizeof digest_info, digest_info, sizeof digest_info);
  g_assert_cmpint (EVP_Digest (der, (size_t) size, block + sizeof block - 32, NULL, EVP_sha256 (), NULL), ==,
                   1);
  OPENSSL_free (der);
  ASN1_BIT_STRING_set (signature, block, sizeof block);
  signature->flags = (signature->flags & ~0x0f) | ASN1_STRING_FLAG_BITS_LEFT;
  X509_REQ_set0_signature (request, signature);
  X509_ALGOR_set0 (algorithm, OBJ_nid2obj (NID_sha256WithRSAEncryption), V_ASN1_NULL, NULL);
  X509_REQ_set1_signature_algo (request, algorithm);
  X509_ALGOR_free (algorithm);
  der = NULL;
  size = i2d_X509_REQ (request, &der);
  bytes = g_bytes_new (der, (size_t) size);
  OPENSSL_free (der);
  return bytes;
}

static void
test_exponent (void)
{
  X509_REQ *request = X509_REQ_new ();
  EVP_PKEY *key = make_key (1);
  g_autoptr (GBytes) der = NULL;
  g_autoptr (GError) error = NULL;

  X509_REQ_set_version (request, X509_REQ_VERSION_1);
  X509_REQ_set_pubkey (request, key);
  der = sign_with_exponent_one (request);
  g_assert_null (door_csr_parse (der, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCEP_ALGORITHM);
  EVP_PKEY_free (key);
  X509_REQ_free (request);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/csr/accepted", test_accepted);
  g_test_add_func ("/csr/challenge", test_challenge);
  g_test_add_func ("/csr/rejected", test_rejected);
  g_test_add_func ("/csr/bad-signature", test_bad_signature);
  g_test_add_func ("/csr/truncated", test_truncated);
  g_test_add_func ("/csr/exponent", test_exponent);
  return g_test_run ();
}
