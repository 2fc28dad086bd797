/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-signer-cache.h"

#include <pthread.h>

#include <openssl/cms.h>
#include <openssl/pem.h>

#include "cms-fixture.h"
#include "door-cms.h"
#include "door-error.h"

static const char *const good[] = { "detached-sha1-plain-indef.der", "detached-sha1-plain.der",
                                    "detached-sha1-attr.der", "detached-sha1-attr-indef.der" };

static DoorSignerCache *
new_cache (size_t max)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();

  return door_signer_cache_new (authority, max);
}

static void
assert_accepted (DoorSignerCache *cache, GBytes *message, GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCertificate) device = fixture_load_certificate ("device.pem");
  g_autoptr (DoorCertificate) signer = door_signer_cache_verify_detached (cache, message, body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_certificate_get_sha256 (signer), ==, door_certificate_get_sha256 (device));
}

static void
assert_refused (DoorSignerCache *cache, GBytes *message, GBytes *body, DoorFault fault)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_signer_cache_verify_detached (cache, message, body, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
}

/* One certificate, four forms of message: the first is remembered, all others are known. */
static void
test_known (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (8);
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) tampered = fixture_replace (body, 5, 'X');

  for (size_t i = 0; i < 2 * G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i % G_N_ELEMENTS (good)]);

      assert_accepted (cache, message, body);
      g_assert_cmpuint (door_signer_cache_get_hits (cache), ==, 2 * i);
      assert_refused (cache, message, tampered, DOOR_FAULT_DEV_BADSIG);
      g_assert_cmpuint (door_signer_cache_get_size (cache), ==, 1);
    }
}

/* Of a signature that does not fit nothing is remembered. */
static void
test_bad_first (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (8);
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) tampered = fixture_replace (body, 5, 'X');
  g_autoptr (GBytes) message = fixture_load (good[0]);

  assert_refused (cache, message, tampered, DOOR_FAULT_DEV_BADSIG);
  g_assert_cmpuint (door_signer_cache_get_size (cache), ==, 0);
  assert_accepted (cache, message, body);
}

/* The same certificate under another authority is a stranger, each time. */
static void
test_not_ours (void)
{
  g_autoptr (GBytes) pem = fixture_load ("other-ca.pem"), body = fixture_load ("body.plist");
  g_autoptr (DoorSecret) key = fixture_load_secret ("other-ca.key");
  g_autoptr (DoorCertificateAuthority) other = door_certificate_authority_load (pem, key, NULL);
  g_autoptr (DoorSignerCache) cache = door_signer_cache_new (other, 8);

  for (size_t i = 0; i < 2 * G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i % G_N_ELEMENTS (good)]);

      assert_refused (cache, message, body, DOOR_FAULT_DEV_UNKNOWN);
      g_assert_cmpuint (door_signer_cache_get_size (cache), ==, 0);
      g_assert_cmpuint (door_signer_cache_get_hits (cache), ==, 0);
    }
}

static void
test_with_content (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (8);
  g_autoptr (GBytes) body = fixture_load ("body.plist"), first = fixture_load (good[0]);
  g_autoptr (GBytes) attached = fixture_load ("attached-sha1-plain.der");
  g_autoptr (GBytes) large = fixture_load ("bad-large-detached.der");

  assert_accepted (cache, first, body);
  assert_refused (cache, attached, body, DOOR_FAULT_DEV_BADSIG);
  assert_refused (cache, large, body, DOOR_FAULT_DEV_BADSIG);
}

/* Whatever is changed in a message: with the certificate remembered nothing is accepted that is refused
 * without, and no other certificate comes out. */
static void
test_every_byte (void)
{
  static const uint8_t masks[] = { 0x01, 0x02, 0x80, 0xff };
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  unsigned int accepted = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorSignerCache) cache = door_signer_cache_new (authority, 8);
      g_autoptr (GBytes) message = fixture_load (good[i]);
      const uint8_t *data = g_bytes_get_data (message, NULL);

      assert_accepted (cache, message, body);
      for (size_t at = 0; at < g_bytes_get_size (message) * G_N_ELEMENTS (masks); at++)
        {
          size_t where = at / G_N_ELEMENTS (masks);
          g_autoptr (GBytes) changed =
              fixture_replace (message, where, data[where] ^ masks[at % G_N_ELEMENTS (masks)]);
          g_autoptr (DoorCertificate) known = door_signer_cache_verify_detached (cache, changed, body, NULL);
          g_autoptr (DoorCertificate) signer = NULL;

          if (known == NULL)
            continue;
          accepted++;
          g_assert_true (door_cms_verify_detached (changed, body, &signer, NULL));
          g_assert_true (door_certificate_authority_issued (authority, signer, NULL));
          g_assert_cmpstr (door_certificate_get_sha256 (known), ==, door_certificate_get_sha256 (signer));
        }
    }
  /* some bytes mean nothing, such as the parameters of an algorithm */
  g_assert_cmpuint (accepted, >, 0);
}

static void
test_truncated (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (8);
  g_autoptr (GBytes) body = fixture_load ("body.plist");

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i]);

      assert_accepted (cache, message, body);
      for (size_t size = 0; size < g_bytes_get_size (message); size++)
        {
          g_autoptr (GBytes) part = g_bytes_new_from_bytes (message, 0, size);

          assert_refused (cache, part, body, DOOR_FAULT_DEV_BADSIG);
        }
    }
}

/* A known certificate beside a signature that its key has not made. */
static void
test_signature (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (8);
  g_autoptr (GBytes) body = fixture_load ("body.plist"), message = fixture_load (good[1]);
  g_autoptr (GBytes) der = fixture_load ("device.der");
  size_t at = fixture_find (message, g_bytes_get_data (der, NULL), g_bytes_get_size (der));
  size_t signature = g_bytes_get_size (message) - 100;
  g_autoptr (GBytes) forged = NULL;

  assert_accepted (cache, message, body);
  g_assert_cmpuint (at + g_bytes_get_size (der), <, signature);
  forged = fixture_replace (message, signature,
                            (uint8_t) ~((const uint8_t *) g_bytes_get_data (message, NULL))[signature]);
  assert_refused (cache, forged, body, DOOR_FAULT_DEV_BADSIG);
  g_assert_cmpuint (door_signer_cache_get_hits (cache), ==, 1);
}

/* A message by a certificate that the authority has just issued for the key of the fixtures' request, with so
 * many bytes that no signature covers. */
static GBytes *
sign_as_new (const DoorCertificateAuthority *authority, uint8_t number, GBytes *body, int padding)
{
  g_autoptr (GBytes) der = fixture_load ("csr-plain.der"), pem = fixture_load ("rsa-2048.key"),
                     content = NULL;
  g_autoptr (DoorCsr) csr = door_csr_parse (der, NULL);
  const uint8_t serial[DOOR_SERIAL_BYTES] = { 1, number };
  const DoorIssueRequest wish = { csr, "x", "y", serial, FIXTURE_NOW_MS, FIXTURE_NOW_MS + 86400000 };
  g_autoptr (DoorCertificate) issued = door_certificate_authority_issue (authority, &wish, NULL);
  const unsigned char *at = g_bytes_get_data (door_certificate_get_der (issued), NULL);
  X509 *x509 = d2i_X509 (NULL, &at, (long) g_bytes_get_size (door_certificate_get_der (issued)));
  BIO *key_text = BIO_new_mem_buf (g_bytes_get_data (pem, NULL), (int) g_bytes_get_size (pem));
  BIO *in = BIO_new_mem_buf (g_bytes_get_data (body, NULL), (int) g_bytes_get_size (body));
  EVP_PKEY *key = PEM_read_bio_PrivateKey (key_text, NULL, NULL, NULL);
  CMS_ContentInfo *cms = CMS_sign (x509, key, NULL, in, CMS_DETACHED | CMS_BINARY);
  g_autofree char *zeros = g_malloc0 (MAX (padding, 1));
  unsigned char *out = NULL;
  int size;

  if (padding > 0)
    g_assert_cmpint (CMS_unsigned_add1_attr_by_txt (sk_CMS_SignerInfo_value (CMS_get0_SignerInfos (cms), 0),
                                                    "1.2.3.4", V_ASN1_OCTET_STRING, zeros, padding),
                     ==, 1);
  size = i2d_CMS_ContentInfo (cms, &out);

  content = g_bytes_new (out, (gsize) size);
  OPENSSL_free (out);
  CMS_ContentInfo_free (cms);
  EVP_PKEY_free (key);
  BIO_free (in);
  BIO_free (key_text);
  X509_free (x509);
  return g_steal_pointer (&content);
}

/* More signers than there is room for: all are served, some are remembered. */
static void
test_full (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorSignerCache) cache = door_signer_cache_new (authority, 3);
  g_autoptr (GBytes) body = fixture_load ("body.plist"), tampered = fixture_replace (body, 5, 'X');
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (uint8_t i = 0; i < 5; i++)
    g_ptr_array_add (messages, sign_as_new (authority, i, body, 0));
  for (size_t i = 0; i < 50; i++)
    {
      g_autoptr (DoorCertificate) signer = NULL;
      g_autoptr (GError) error = NULL;

      signer = door_signer_cache_verify_detached (cache, messages->pdata[i % 5], body, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (door_signer_cache_get_size (cache), ==, MIN (i + 1, 3));
      assert_refused (cache, messages->pdata[i % 5], tampered, DOOR_FAULT_DEV_BADSIG);
    }
  /* the second message of a pair always finds the first; beyond that, devices that come in turns are still
   * known */
  g_assert_cmpuint (door_signer_cache_get_hits (cache), >, 50);
}

/* Who is remembered may not say more than a stranger. */
static void
test_size (void)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorSignerCache) cache = door_signer_cache_new (authority, 3);
  g_autoptr (GBytes) body = fixture_load ("body.plist");
  g_autoptr (GBytes) wide = sign_as_new (authority, 1, body, 8192);
  g_autoptr (GBytes) large = sign_as_new (authority, 1, body, DOOR_CMS_MAX_DETACHED_BYTES);

  for (size_t i = 0; i < 2; i++)
    {
      g_autoptr (DoorCertificate) signer = door_signer_cache_verify_detached (cache, wide, body, NULL);

      g_assert_nonnull (signer);
      assert_refused (cache, large, body, DOOR_FAULT_DEV_BADSIG);
    }
  g_assert_cmpuint (door_signer_cache_get_hits (cache), ==, 1);
}

static void *
run_many (void *data)
{
  DoorSignerCache *cache = data;
  g_autoptr (GBytes) body = fixture_load ("body.plist");

  for (size_t i = 0; i < 100; i++)
    {
      g_autoptr (GBytes) message = fixture_load (good[i % G_N_ELEMENTS (good)]);

      assert_accepted (cache, message, body);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (DoorSignerCache) cache = new_cache (2);
  pthread_t threads[4];

  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, run_many, cache), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpuint (door_signer_cache_get_size (cache), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/signer-cache/known", test_known);
  g_test_add_func ("/signer-cache/bad-first", test_bad_first);
  g_test_add_func ("/signer-cache/not-ours", test_not_ours);
  g_test_add_func ("/signer-cache/with-content", test_with_content);
  g_test_add_func ("/signer-cache/every-byte", test_every_byte);
  g_test_add_func ("/signer-cache/truncated", test_truncated);
  g_test_add_func ("/signer-cache/signature", test_signature);
  g_test_add_func ("/signer-cache/full", test_full);
  g_test_add_func ("/signer-cache/size", test_size);
  g_test_add_func ("/signer-cache/threads", test_threads);
  return g_test_run ();
}
