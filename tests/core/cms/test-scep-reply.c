/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scep-reply.h"

#include <string.h>

#include <openssl/provider.h>

#include "door-error.h"
#include "scep-client.h"

#define OID "2.16.840.1.113733.1.9."

static const uint8_t serial[DOOR_SERIAL_BYTES] = { 1 };

/* One exchange, seen by the client. */
typedef struct
{
  CMS_ContentInfo *cms;
  CMS_SignerInfo *info;
  X509 *authority;
} Reply;

static Reply
reply_read (GBytes *message)
{
  const uint8_t *data = g_bytes_get_data (message, NULL);
  Reply reply = { .cms = d2i_CMS_ContentInfo (NULL, &data, (long) g_bytes_get_size (message)) };

  g_assert_nonnull (reply.cms);
  reply.info = sk_CMS_SignerInfo_value (CMS_get0_SignerInfos (reply.cms), 0);
  reply.authority = scep_client_load_x509 ("ca.pem");
  g_assert_cmpint (CMS_SignerInfo_cert_cmp (reply.info, reply.authority), ==, 0);
  return reply;
}

static void
reply_clear (Reply *reply)
{
  CMS_ContentInfo_free (reply->cms);
  X509_free (reply->authority);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reply, reply_clear)

static char *
dup_attribute (const Reply *reply, const char *oid, int type)
{
  ASN1_OBJECT *object = OBJ_txt2obj (oid, 1);
  const ASN1_STRING *value = CMS_signed_get0_data_by_OBJ (reply->info, object, -3, type);

  ASN1_OBJECT_free (object);
  return value != NULL ? g_strndup ((const char *) value->data, (size_t) value->length) : NULL;
}

static void
assert_attribute (const Reply *reply, const char *oid, int type, const char *expected)
{
  g_autofree char *value = dup_attribute (reply, oid, type);

  g_assert_cmpstr (value, ==, expected);
}

static void
assert_common (const Reply *reply, const char *status, const char *fail_info, const EVP_MD *digest_type)
{
  g_autofree char *nonce = dup_attribute (reply, OID "5", V_ASN1_OCTET_STRING);
  X509_ALGOR *digest = NULL, *algorithm = NULL;

  assert_attribute (reply, OID "2", V_ASN1_PRINTABLESTRING, "3");
  assert_attribute (reply, OID "3", V_ASN1_PRINTABLESTRING, status);
  assert_attribute (reply, OID "4", V_ASN1_PRINTABLESTRING, fail_info);
  assert_attribute (reply, OID "7", V_ASN1_PRINTABLESTRING, "C195B5B30AA23BF7");
  assert_attribute (reply, OID "6", V_ASN1_OCTET_STRING, "0123456789abcdef");
  g_assert_nonnull (nonce);
  g_assert_cmpstr (nonce, !=, "0123456789abcdef");
  CMS_SignerInfo_get0_algs (reply->info, NULL, NULL, &digest, &algorithm);
  g_assert_cmpint (OBJ_obj2nid (digest->algorithm), ==, EVP_MD_get_type (digest_type));
  /* strongSwan takes no other name for it */
  g_assert_cmpint (OBJ_obj2nid (algorithm->algorithm), ==, NID_rsaEncryption);
}

static BIO *
verify (const Reply *reply)
{
  STACK_OF (X509) *certificates = sk_X509_new_null ();
  BIO *out = BIO_new (BIO_s_mem ());
  bool attached = *CMS_get0_content (reply->cms) != NULL;
  BIO *nothing = attached ? NULL : BIO_new_mem_buf ("", 0);

  sk_X509_push (certificates, reply->authority);
  g_assert_cmpint (CMS_verify (reply->cms, certificates, NULL, nothing, out,
                               CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY),
                   ==, 1);
  BIO_free (nothing);
  sk_X509_free (certificates);
  return out;
}

/* Decrypts as the client does, and gives the certificates inside. */
static STACK_OF (X509) *
    open_content (const Reply *reply, const char *signer_name, const char *key_name, int cipher_nid)
{
  BIO *content = verify (reply), *plain = BIO_new (BIO_s_mem ());
  CMS_ContentInfo *envelope = d2i_CMS_bio (content, NULL);
  X509 *signer = scep_client_load_x509 (signer_name);
  EVP_PKEY *key = scep_client_load_key (key_name);
  CMS_ContentInfo *wrapped;
  STACK_OF (X509) * certificates;
  const uint8_t *start = (*CMS_get0_content (reply->cms))->data;
  PKCS7 *pkcs7 = d2i_PKCS7 (NULL, &start, (*CMS_get0_content (reply->cms))->length);

  g_assert_nonnull (envelope);
  g_assert_cmpint (CMS_decrypt (envelope, key, signer, NULL, plain, CMS_BINARY), ==, 1);
  wrapped = d2i_CMS_bio (plain, NULL);
  certificates = CMS_get1_certs (wrapped);
  g_assert_cmpint (sk_CMS_SignerInfo_num (CMS_get0_SignerInfos (wrapped)), <=, 0);

  g_assert_cmpint (OBJ_obj2nid (pkcs7->d.enveloped->enc_data->algorithm->algorithm), ==, cipher_nid);
  PKCS7_free (pkcs7);
  CMS_ContentInfo_free (wrapped);
  CMS_ContentInfo_free (envelope);
  EVP_PKEY_free (key);
  X509_free (signer);
  BIO_free (plain);
  BIO_free (content);
  return certificates;
}

static GBytes *
answer (GBytes *message, bool allow_des, DoorCertificate **issued)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (message, authority, &error);
  g_autoptr (DoorCsr) csr = NULL;
  GBytes *reply;

  g_assert_no_error (error);
  csr = door_scep_request_open (request, authority, allow_des, &error);
  g_assert_no_error (error);
  *issued = door_certificate_authority_issue (authority,
                                              &(const DoorIssueRequest){ csr, "device", "Example", serial,
                                                                         FIXTURE_NOW_MS,
                                                                         FIXTURE_NOW_MS + 86400000 },
                                              &error);
  g_assert_no_error (error);
  reply = door_scep_reply_build_success (request, authority, *issued, FIXTURE_NOW_MS, &error);
  g_assert_no_error (error);
  return reply;
}

static void
assert_has (STACK_OF (X509) * certificates, const DoorCertificate *certificate)
{
  for (int i = 0; i < sk_X509_num (certificates); i++)
    {
      unsigned char *der = NULL;
      int size = i2d_X509 (sk_X509_value (certificates, i), &der);
      g_autoptr (GBytes) bytes = g_bytes_new (der, (size_t) size);

      OPENSSL_free (der);
      if (g_bytes_equal (bytes, door_certificate_get_der (certificate)))
        return;
    }
  g_assert_not_reached ();
}

static void
assert_certificates (STACK_OF (X509) * certificates, const DoorCertificate *issued)
{
  g_autoptr (DoorCertificate) authority = fixture_load_certificate ("ca.pem");

  g_assert_cmpint (sk_X509_num (certificates), ==, 2);
  assert_has (certificates, issued);
  assert_has (certificates, authority);
  sk_X509_pop_free (certificates, X509_free);
}

static void
test_success (void)
{
  const struct
  {
    const EVP_CIPHER *cipher;
    const EVP_MD *digest;
    const EVP_MD *reply_digest;
  } cases[] = {
    { EVP_aes_128_cbc (), EVP_sha1 (), EVP_sha256 () },
    { EVP_aes_192_cbc (), EVP_sha256 (), EVP_sha256 () },
    { EVP_aes_256_cbc (), EVP_sha384 (), EVP_sha384 () },
    { EVP_des_ede3_cbc (), EVP_sha512 (), EVP_sha512 () },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ScepClient client = scep_client_default ();
      g_autoptr (GBytes) message = NULL, answered = NULL;
      g_autoptr (DoorCertificate) issued = NULL;
      g_auto (Reply) reply = { NULL };

      client.cipher = cases[i].cipher;
      client.digest = cases[i].digest;
      message = scep_client_build (&client);
      answered = answer (message, false, &issued);
      reply = reply_read (answered);
      assert_common (&reply, "0", NULL, cases[i].reply_digest);
      assert_certificates (
          open_content (&reply, client.signer, client.key, EVP_CIPHER_get_nid (client.cipher)), issued);
    }
}

/* Single DES is in a module of libcrypto that is loaded for this alone. */
static CMS_ContentInfo *
decrypt_des (BIO *content, EVP_PKEY *key)
{
  OSSL_LIB_CTX *context = OSSL_LIB_CTX_new ();
  OSSL_PROVIDER *legacy = OSSL_PROVIDER_load (context, "legacy");
  OSSL_PROVIDER *standard = OSSL_PROVIDER_load (context, "default");
  CMS_ContentInfo *envelope = CMS_ContentInfo_new_ex (context, NULL), *wrapped;
  BIO *plain = BIO_new (BIO_s_mem ());

  g_assert_nonnull (legacy);
  g_assert_nonnull (d2i_CMS_bio (content, &envelope));
  g_assert_cmpint (CMS_decrypt (envelope, key, NULL, NULL, plain, CMS_BINARY), ==, 1);
  wrapped = d2i_CMS_bio (plain, NULL);
  BIO_free (plain);
  CMS_ContentInfo_free (envelope);
  OSSL_PROVIDER_unload (standard);
  OSSL_PROVIDER_unload (legacy);
  OSSL_LIB_CTX_free (context);
  return wrapped;
}

static void
test_des (void)
{
  g_autoptr (GBytes) message = fixture_load ("scepclient-pkcsreq.der");
  g_autoptr (DoorCertificate) issued = NULL;
  g_autoptr (GBytes) answered = answer (message, true, &issued);
  g_auto (Reply) reply = reply_read (answered);
  BIO *content = verify (&reply);
  EVP_PKEY *key = scep_client_load_key ("scepclient.key");
  CMS_ContentInfo *wrapped = decrypt_des (content, key);

  assert_certificates (CMS_get1_certs (wrapped), issued);
  CMS_ContentInfo_free (wrapped);
  EVP_PKEY_free (key);
  BIO_free (content);
}

static void
test_failure (void)
{
  const ScepClient client = scep_client_default ();
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (GBytes) message = scep_client_build (&client);
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (message, authority, NULL);

  for (int info = DOOR_SCEP_FAIL_BAD_ALG; info <= DOOR_SCEP_FAIL_BAD_CERT_ID; info++)
    {
      const char digit[] = { (char) ('0' + info), '\0' };
      g_autoptr (GBytes) answered =
          door_scep_reply_build_failure (request, authority, (DoorScepFailInfo) info, FIXTURE_NOW_MS, NULL);
      g_auto (Reply) reply = reply_read (answered);

      assert_common (&reply, "2", digit, EVP_sha256 ());
      g_assert_null (*CMS_get0_content (reply.cms));
      BIO_free (verify (&reply));
    }
}

/* The nonce is fresh each time. */
static void
test_nonce (void)
{
  const ScepClient client = scep_client_default ();
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (GBytes) message = scep_client_build (&client);
  g_autoptr (DoorScepRequest) request = door_scep_request_parse (message, authority, NULL);
  g_autoptr (GBytes) first =
      door_scep_reply_build_failure (request, authority, DOOR_SCEP_FAIL_BAD_REQUEST, FIXTURE_NOW_MS, NULL);
  g_autoptr (GBytes) second =
      door_scep_reply_build_failure (request, authority, DOOR_SCEP_FAIL_BAD_REQUEST, FIXTURE_NOW_MS, NULL);
  g_auto (Reply) a = reply_read (first), b = reply_read (second);
  g_autofree char *a_nonce = dup_attribute (&a, OID "5", V_ASN1_OCTET_STRING);
  g_autofree char *b_nonce = dup_attribute (&b, OID "5", V_ASN1_OCTET_STRING);

  g_assert_cmpstr (a_nonce, !=, b_nonce);
}

static void
test_fail_info (void)
{
  static const struct
  {
    DoorFault fault;
    DoorScepFailInfo info;
  } cases[] = {
    { DOOR_FAULT_SCEP_ALGORITHM, DOOR_SCEP_FAIL_BAD_ALG },
    { DOOR_FAULT_SCEP_MESSAGE, DOOR_SCEP_FAIL_BAD_MESSAGE_CHECK },
    { DOOR_FAULT_SCEP_CHALLENGE, DOOR_SCEP_FAIL_BAD_REQUEST },
    { DOOR_FAULT_SCEP_KEY, DOOR_SCEP_FAIL_BAD_REQUEST },
    { DOOR_FAULT_SCEP_RENEWAL, DOOR_SCEP_FAIL_BAD_REQUEST },
    { DOOR_FAULT_INTERNAL, DOOR_SCEP_FAIL_BAD_REQUEST },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      door_error_set (&error, DOOR_ERROR_FAILED, cases[i].fault, "x");
      g_assert_cmpint (door_scep_fail_info_from_error (error), ==, cases[i].info);
    }
}

static void
test_ca_caps (void)
{
  g_auto (GStrv) words = g_strsplit (door_scep_ca_caps (false), "\n", -1);
  g_auto (GStrv) lax_words = g_strsplit (door_scep_ca_caps (true), "\n", -1);
  static const char *const needed[] = { "POSTPKIOperation", "Renewal", "SHA-1", "SHA-256",     "SHA-384",
                                        "SHA-512",          "AES",     "DES3",  "SCEPStandard" };

  for (size_t i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_assert_true (g_strv_contains ((const char *const *) words, needed[i]));
      g_assert_true (g_strv_contains ((const char *const *) lax_words, needed[i]));
    }
  g_assert_false (g_strv_contains ((const char *const *) words, "DES"));
  g_assert_true (g_strv_contains ((const char *const *) lax_words, "DES"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scep-reply/success", test_success);
  g_test_add_func ("/scep-reply/des", test_des);
  g_test_add_func ("/scep-reply/failure", test_failure);
  g_test_add_func ("/scep-reply/nonce", test_nonce);
  g_test_add_func ("/scep-reply/fail-info", test_fail_info);
  g_test_add_func ("/scep-reply/ca-caps", test_ca_caps);
  return g_test_run ();
}
