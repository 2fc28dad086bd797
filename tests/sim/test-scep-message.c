/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <string.h>

#include "sim-error.h"
#include "sim-scep-message.h"

/* An authority made by openssl(1), a request made by us, and a certificate issued by openssl(1) from it. */
typedef struct
{
  char *folder;
  EVP_PKEY *ca_key;
  SimCertificates *authorities;
  EVP_PKEY *key;
  SimScepRequest *request;
} Fixture;

/* What a CertRep says; NULL leaves an attribute or the content out. */
typedef struct
{
  const char *type;
  const char *transaction_id;
  GBytes *nonce;
  const char *status;
  const char *fail_info;
  GBytes *envelope;
  X509 *signer;
  EVP_PKEY *signer_key;
} Answer;

/* Runs openssl in the fixture's folder. The last argument is NULL. */
static char *G_GNUC_NULL_TERMINATED
openssl (Fixture *fixture, const char *command, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *complaint = NULL;
  char *output = NULL;
  int status = 0;
  va_list arguments;

  g_ptr_array_add (argv, (char *) g_getenv ("OPENSSL"));
  g_ptr_array_add (argv, (char *) command);
  va_start (arguments, command);
  do
    g_ptr_array_add (argv, va_arg (arguments, char *));
  while (g_ptr_array_index (argv, argv->len - 1) != NULL);
  va_end (arguments);
  g_spawn_sync (fixture->folder, (char **) argv->pdata, NULL, 0, NULL, NULL, &output, &complaint, &status,
                &error);
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("%s", complaint);
  g_assert_cmpint (status, ==, 0);
  return output;
}

static GBytes *
load (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  char *data = NULL;
  gsize size = 0;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  return g_bytes_new_take (data, size);
}

static void
save (Fixture *fixture, const char *name, GBytes *content)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, g_bytes_get_data (content, NULL),
                                      (gssize) g_bytes_get_size (content), NULL));
}

static SimScepRequest *
make_request (Fixture *fixture, SimScepCaps caps)
{
  char *common_name[] = { (char *) "CN", (char *) "device", NULL };
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  g_autoptr (X509_NAME) subject = NULL;
  g_autoptr (X509) self_signed = NULL;
  g_autoptr (GBytes) csr = NULL;
  g_autoptr (GError) error = NULL;
  SimScepRequest *request = NULL;

  g_ptr_array_add (pairs, common_name);
  subject = sim_scep_subject_new (pairs, NULL);
  self_signed = sim_certificate_new_for_scep (subject, fixture->key, NULL);
  csr = sim_scep_csr_new (subject, fixture->key, "one-time", NULL);
  request = sim_scep_request_new (SIM_SCEP_PKCS_REQ, csr, (SimIssuer){ self_signed, fixture->key },
                                  fixture->authorities, caps, &error);
  g_assert_no_error (error);
  return request;
}

static void
set_up (Fixture *fixture)
{
  g_autofree char *output = NULL;
  g_autofree char *der = NULL;
  g_autoptr (GBytes) certificate = NULL;
  g_autoptr (GBytes) key = NULL;
  g_autoptr (BIO) key_bio = NULL;

  fixture->folder = g_dir_make_tmp ("sim-scep-XXXXXX", NULL);
  output = openssl (fixture, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
                    "ca.pem", "-subj", "/CN=Test CA", "-days", "30", "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign,digitalSignature,keyEncipherment", NULL);
  der = openssl (fixture, "x509", "-in", "ca.pem", "-outform", "DER", "-out", "ca.der", NULL);
  certificate = load (fixture, "ca.der");
  fixture->authorities = sim_scep_authorities_parse (certificate, false, NULL);
  key = load (fixture, "ca.key");
  key_bio = sim_bio_new (key);
  fixture->ca_key = PEM_read_bio_PrivateKey (key_bio, NULL, NULL, NULL);
  fixture->key = sim_key_new (2048, NULL);
  fixture->request = make_request (fixture, (SimScepCaps){ .aes = true, .sha256 = true });
}

static void
tear_down (Fixture *fixture)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->folder, 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_remove (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  EVP_PKEY_free (fixture->ca_key);
  EVP_PKEY_free (fixture->key);
  sim_certificates_free (fixture->authorities);
  sim_scep_request_free (fixture->request);
}

static void
add_attribute (CMS_SignerInfo *signer, const char *oid, int type, const void *data, size_t length)
{
  ASN1_OBJECT *object = OBJ_txt2obj (oid, 1);

  g_assert_cmpint (CMS_signed_add1_attr_by_OBJ (signer, object, type, data, (int) length), ==, 1);
  ASN1_OBJECT_free (object);
}

static void
add_text (CMS_SignerInfo *signer, const char *oid, const char *text)
{
  if (text != NULL)
    add_attribute (signer, oid, V_ASN1_PRINTABLESTRING, text, strlen (text));
}

static GBytes *
build_answer (const Answer *answer)
{
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (
      NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL | (answer->envelope == NULL ? CMS_DETACHED : 0));
  CMS_SignerInfo *signer =
      CMS_add1_signer (cms, answer->signer, answer->signer_key, EVP_sha256 (), CMS_BINARY | CMS_PARTIAL);
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);
  g_autoptr (BIO) in = sim_bio_new (answer->envelope != NULL ? answer->envelope : nothing);

  add_text (signer, SIM_SCEP_OID_MESSAGE_TYPE, answer->type);
  add_text (signer, SIM_SCEP_OID_TRANSACTION_ID, answer->transaction_id);
  add_text (signer, SIM_SCEP_OID_PKI_STATUS, answer->status);
  add_text (signer, SIM_SCEP_OID_FAIL_INFO, answer->fail_info);
  if (answer->nonce != NULL)
    add_attribute (signer, SIM_SCEP_OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING,
                   g_bytes_get_data (answer->nonce, NULL), g_bytes_get_size (answer->nonce));
  g_assert_cmpint (CMS_final (cms, in, NULL, CMS_BINARY), ==, 1);
  return sim_cms_to_bytes (cms, false);
}

/* openssl(1) opens our request and issues the certificate it asks for. */
static void
issue (Fixture *fixture)
{
  g_autofree char *verified = NULL;
  g_autofree char *opened = NULL;
  g_autofree char *text = NULL;
  g_autofree char *issued = NULL;

  save (fixture, "request.der", fixture->request->message);
  verified = openssl (fixture, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in",
                      "request.der", "-signer", "signer.pem", "-out", "envelope.der", NULL);
  opened = openssl (fixture, "cms", "-decrypt", "-inform", "DER", "-in", "envelope.der", "-recip", "ca.pem",
                    "-inkey", "ca.key", "-out", "csr.der", NULL);
  text = openssl (fixture, "req", "-inform", "DER", "-in", "csr.der", "-verify", "-noout", "-text", NULL);
  g_assert_nonnull (strstr (text, "Subject: CN = device"));
  g_assert_nonnull (strstr (text, "one-time"));
  issued = openssl (fixture, "x509", "-req", "-inform", "DER", "-in", "csr.der", "-CA", "ca.pem", "-CAkey",
                    "ca.key", "-set_serial", "7", "-days", "30", "-out", "cert.pem", NULL);
}

/* The envelope for our request with the certificate in a PEM file of the folder. */
static GBytes *
build_envelope (Fixture *fixture, const char *certificate)
{
  g_autofree char *list = openssl (fixture, "crl2pkcs7", "-nocrl", "-certfile", certificate, "-outform",
                                   "DER", "-out", "list.der", NULL);
  g_autofree char *encrypted = openssl (fixture, "cms", "-encrypt", "-binary", "-outform", "DER", "-aes256",
                                        "-in", "list.der", "-out", "answer.der", "signer.pem", NULL);

  return load (fixture, "answer.der");
}

static Answer
good_answer (Fixture *fixture, GBytes *envelope)
{
  return (Answer){ .type = "3",
                   .transaction_id = fixture->request->transaction_id,
                   .nonce = fixture->request->sender_nonce,
                   .status = "0",
                   .envelope = envelope,
                   .signer = sk_X509_value (fixture->authorities, 0),
                   .signer_key = fixture->ca_key };
}

static SimScepReply *
parse (Fixture *fixture, const Answer *answer, GError **error)
{
  g_autoptr (GBytes) message = build_answer (answer);

  return sim_scep_reply_parse (message, fixture->request, fixture->authorities, fixture->key, error);
}

static void
assert_refused (Fixture *fixture, const Answer *answer, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse (fixture, answer, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_round_trip (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (SimScepReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  Answer answer;

  issue (fixture);
  envelope = build_envelope (fixture, "cert.pem");
  answer = good_answer (fixture, envelope);
  reply = parse (fixture, &answer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reply->status, ==, SIM_SCEP_SUCCESS);
  g_assert_nonnull (reply->certificate);
  g_assert_true (EVP_PKEY_eq (X509_get0_pubkey (reply->certificate), fixture->key) == 1);
}

static void
test_bad_attributes (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) nonce = g_bytes_new_static ("0123456789abcdef", 16);
  Answer good;
  Answer bad;

  issue (fixture);
  envelope = build_envelope (fixture, "cert.pem");
  good = good_answer (fixture, envelope);
  bad = good;
  bad.type = "19";
  assert_refused (fixture, &bad, "messageType");
  bad = good;
  bad.transaction_id = "0";
  assert_refused (fixture, &bad, "transactionID");
  bad = good;
  bad.transaction_id = NULL;
  assert_refused (fixture, &bad, "transactionID");
  bad = good;
  bad.nonce = nonce;
  assert_refused (fixture, &bad, "recipientNonce");
  bad = good;
  bad.nonce = NULL;
  assert_refused (fixture, &bad, "recipientNonce");
  bad = good;
  bad.status = "1";
  assert_refused (fixture, &bad, "pkiStatus");
  bad = good;
  bad.status = NULL;
  assert_refused (fixture, &bad, "pkiStatus");
}

static void
test_foreign_signer (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (EVP_PKEY) key = sim_key_new (2048, NULL);
  g_autoptr (X509) other = sim_certificate_new ("Test CA", key, &(SimIssuer){ NULL, key }, true, NULL);
  g_autoptr (GBytes) envelope = NULL;
  Answer answer;

  issue (fixture);
  envelope = build_envelope (fixture, "cert.pem");
  answer = good_answer (fixture, envelope);
  answer.signer = other;
  answer.signer_key = key;
  assert_refused (fixture, &answer, "not signed by");
}

/* The right key, but signed by an authority that GetCACert does not name; then the right authority, another
 * key. */
static void
test_bad_certificates (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (EVP_PKEY) other_key = sim_key_new (2048, NULL);
  const SimIssuer self = { NULL, other_key };
  const SimIssuer ca = { sk_X509_value (fixture->authorities, 0), fixture->ca_key };
  g_autoptr (X509) foreign_ca = sim_certificate_new ("Test CA", other_key, &self, true, NULL);
  g_autoptr (X509) foreign =
      sim_certificate_new ("d", fixture->key, &(SimIssuer){ foreign_ca, other_key }, false, NULL);
  g_autoptr (X509) other = sim_certificate_new ("d", other_key, &ca, false, NULL);
  g_autoptr (X509) powerful = sim_certificate_new ("d", fixture->key, &ca, true, NULL);
  const struct
  {
    X509 *certificate;
    const char *word;
  } cases[] = { { foreign, "not signed by an authority" }, { other, "new key" }, { powerful, "may sign" } };

  issue (fixture);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) pem = sim_certificate_to_pem (cases[i].certificate);
      g_autoptr (GBytes) envelope = NULL;
      Answer answer;

      save (fixture, "bad.pem", pem);
      envelope = build_envelope (fixture, "bad.pem");
      answer = good_answer (fixture, envelope);
      assert_refused (fixture, &answer, cases[i].word);
    }
}

static void
test_expired (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  const SimIssuer ca = { sk_X509_value (fixture->authorities, 0), fixture->ca_key };
  g_autoptr (X509) expired = sim_certificate_new ("d", fixture->key, &ca, false, NULL);
  g_autoptr (GBytes) pem = NULL;
  g_autoptr (GBytes) envelope = NULL;
  Answer answer;

  issue (fixture);
  X509_gmtime_adj (X509_getm_notAfter (expired), -60);
  g_assert_cmpint (X509_sign (expired, fixture->ca_key, EVP_sha256 ()), >, 0);
  pem = sim_certificate_to_pem (expired);
  save (fixture, "bad.pem", pem);
  envelope = build_envelope (fixture, "bad.pem");
  answer = good_answer (fixture, envelope);
  assert_refused (fixture, &answer, "not valid now");
}

/* A failure has no content (RFC 8894, 3.3.2.2) and says why. */
static void
test_failure (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  Answer answer = good_answer (fixture, NULL);
  g_autoptr (SimScepReply) failure = NULL;
  g_autoptr (SimScepReply) pending = NULL;
  g_autoptr (GError) error = NULL;

  answer.status = "2";
  answer.fail_info = "2";
  failure = parse (fixture, &answer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (failure->status, ==, SIM_SCEP_FAILURE);
  g_assert_cmpstr (failure->fail_info, ==, "badRequest");
  g_assert_null (failure->certificate);
  answer.fail_info = NULL;
  assert_refused (fixture, &answer, "failInfo");
  answer.fail_info = "5";
  assert_refused (fixture, &answer, "failInfo");
  answer.fail_info = NULL;
  answer.status = "3";
  pending = parse (fixture, &answer, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pending->status, ==, SIM_SCEP_PENDING);
  answer.status = "0";
  assert_refused (fixture, &answer, "not a CMS message");
}

/* Changes the byte @offset behind the start of @pattern in the message and expects the signature to notice.
 */
static void
assert_notices (Fixture *fixture, GBytes *message, GBytes *pattern, size_t offset)
{
  gsize size = g_bytes_get_size (message);
  g_autofree unsigned char *copy = g_memdup2 (g_bytes_get_data (message, NULL), size);
  unsigned char *at = memmem (copy, size, g_bytes_get_data (pattern, NULL), g_bytes_get_size (pattern));
  g_autoptr (GBytes) changed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (at);
  at[offset] ^= 1;
  changed = g_bytes_new (copy, size);
  g_assert_null (
      sim_scep_reply_parse (changed, fixture->request, fixture->authorities, fixture->key, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_nonnull (strstr (error->message, "not signed by"));
}

static void
test_tampered (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  /* the object identifier of failInfo, and its value: a set with one printable string of one letter */
  static const unsigned char fail_info[] = { 0x06, 0x0a, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8,
                                             0x45, 0x01, 0x09, 0x04, 0x31, 0x03, 0x13, 0x01 };
  g_autoptr (GBytes) attribute = g_bytes_new_static (fail_info, sizeof fail_info);
  g_autoptr (GBytes) envelope = NULL;
  g_autoptr (GBytes) success = NULL;
  g_autoptr (GBytes) failure = NULL;
  Answer answer;

  issue (fixture);
  envelope = build_envelope (fixture, "cert.pem");
  answer = good_answer (fixture, envelope);
  success = build_answer (&answer);
  assert_notices (fixture, success, envelope, g_bytes_get_size (envelope) - 1);
  answer.envelope = NULL;
  answer.status = "2";
  answer.fail_info = "2";
  failure = build_answer (&answer);
  assert_notices (fixture, failure, attribute, sizeof fail_info);
}

static void
assert_algorithms (Fixture *fixture, SimScepCaps caps, const char *cipher, const char *digest)
{
  g_autoptr (SimScepRequest) request = make_request (fixture, caps);
  g_autofree char *outer = NULL;
  g_autofree char *opened = NULL;
  g_autofree char *inner = NULL;

  save (fixture, "request.der", request->message);
  outer =
      openssl (fixture, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "request.der", NULL);
  opened = openssl (fixture, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", "request.der",
                    "-out", "envelope.der", NULL);
  inner =
      openssl (fixture, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "envelope.der", NULL);
  g_assert_nonnull (strstr (outer, digest));
  g_assert_nonnull (strstr (inner, cipher));
}

static void
test_algorithms (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  assert_algorithms (fixture, (SimScepCaps){ .aes = true, .sha256 = true }, "aes-256-cbc",
                     "algorithm: sha256");
  assert_algorithms (fixture, (SimScepCaps){ .aes = false, .sha256 = false }, "des-ede3-cbc",
                     "algorithm: sha1");
}

/* Encrypting to a certificate that may not encipher keys is what macOS cannot do either. */
static void
test_recipient (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (X509) weak =
      sim_certificate_new ("CA", fixture->key, &(SimIssuer){ NULL, fixture->key }, true, NULL);
  g_autoptr (SimCertificates) authorities = sk_X509_new_null ();

  X509_up_ref (weak);
  sk_X509_push (authorities, weak);
  g_assert_null (sim_scep_authorities_get_recipient (authorities));
  g_assert_nonnull (sim_scep_authorities_get_recipient (fixture->authorities));
}

static void
test_fingerprint (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  g_autoptr (GBytes) good = NULL;
  g_autoptr (GBytes) bad = NULL;
  g_autoptr (GError) error = NULL;

  X509_digest (sk_X509_value (fixture->authorities, 0), EVP_sha1 (), hash, &length);
  good = g_bytes_new (hash, length);
  hash[0] ^= 1;
  bad = g_bytes_new (hash, length);
  g_assert_true (sim_scep_authorities_check_fingerprint (fixture->authorities, good, NULL));
  g_assert_false (sim_scep_authorities_check_fingerprint (fixture->authorities, bad, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

static void
test_without_openssl (void)
{
  g_test_skip ("openssl(1) was not found, nothing was tested against it");
}

static void
test_caps (void)
{
  g_autoptr (GBytes) standard = g_bytes_new_static ("SCEPStandard\r\nRenewal\r\n", 23);
  g_autoptr (GBytes) old = g_bytes_new_static ("sha-1\nDES3", 10);
  g_autoptr (GBytes) empty = g_bytes_new_static (NULL, 0);
  SimScepCaps caps = sim_scep_caps_parse (standard);

  g_assert_true (caps.aes && caps.sha256 && caps.post && caps.renewal);
  caps = sim_scep_caps_parse (old);
  g_assert_false (caps.aes || caps.sha256 || caps.post || caps.renewal);
  caps = sim_scep_caps_parse (empty);
  g_assert_false (caps.aes || caps.sha256 || caps.post || caps.renewal);
}

/* The header of a real device: indefinite length, SHA-1, no signed attributes, one certificate, detached. */
static void
test_device_signature (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  g_autoptr (X509) certificate =
      sim_certificate_new ("device", fixture->key, &(SimIssuer){ NULL, fixture->key }, false, NULL);
  g_autoptr (GBytes) body = g_bytes_new_static ("line\nline\n", 10);
  const SimSigner signer = { fixture->key, certificate, NULL, EVP_sha1 () };
  g_autoptr (GBytes) signature = sim_cms_sign (body, &signer, SIM_CMS_DETACHED | SIM_CMS_AS_DEVICE, NULL);
  g_autofree char *header =
      g_base64_encode (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
  g_autofree char *shape = NULL;
  g_autofree char *print = NULL;
  g_autofree char *verified = NULL;

  save (fixture, "signature.ber", signature);
  save (fixture, "body", body);
  shape = openssl (fixture, "asn1parse", "-inform", "DER", "-in", "signature.ber", NULL);
  print =
      openssl (fixture, "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", "signature.ber", NULL);
  verified = openssl (fixture, "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in",
                      "signature.ber", "-content", "body", NULL);
  g_assert_true (
      g_str_has_prefix (header, "MIAGCSqGSIb3DQEHAqCAMIACAQExCzAJBgUrDgMCGgUAMIAGCSqGSIb3DQEHAQAAoII"));
  g_assert_nonnull (strstr (print, "algorithm: sha1WithRSAEncryption"));
  g_assert_true (g_str_has_prefix (shape, "    0:d=0  hl=2 l=inf  cons: SEQUENCE"));
  g_assert_nonnull (strstr (print, "eContent: <ABSENT>"));
  g_assert_nonnull (strstr (print, "algorithm: sha1 (1.3.14.3.2.26)"));
  g_assert_nonnull (strstr (print, "signedAttrs:\n          <ABSENT>"));
  g_assert_cmpstr (verified, ==, "line\nline\n");
}

/* A profile's signature: good, by a stranger, and over other bytes. */
static void
test_verify_chain (gconstpointer data)
{
  Fixture *fixture = (Fixture *) data;
  const SimIssuer ca = { sk_X509_value (fixture->authorities, 0), fixture->ca_key };
  g_autoptr (X509) trusted = sim_certificate_new ("door", fixture->key, &ca, false, NULL);
  g_autoptr (X509) stranger =
      sim_certificate_new ("door", fixture->key, &(SimIssuer){ NULL, fixture->key }, false, NULL);
  g_autoptr (GBytes) content = g_bytes_new_static ("the content", 11);
  const SimSigner good = { fixture->key, trusted, NULL, EVP_sha256 () };
  const SimSigner bad = { fixture->key, stranger, NULL, EVP_sha256 () };
  g_autoptr (GBytes) message = sim_cms_sign (content, &good, SIM_CMS_EMBEDDED, NULL);
  g_autoptr (GBytes) strange = sim_cms_sign (content, &bad, SIM_CMS_EMBEDDED, NULL);
  g_autofree char *anchors = g_build_filename (fixture->folder, "ca.pem", NULL);
  g_autoptr (GBytes) verified = sim_cms_verify_chain (message, anchors, NULL);
  g_autoptr (GError) no_chain = NULL;
  g_autoptr (GError) no_signature = NULL;
  gsize size = 0;
  g_autofree char *bytes = g_memdup2 (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  g_autoptr (GBytes) tampered = NULL;
  char *at = NULL;

  g_assert_nonnull (verified);
  g_assert_true (g_bytes_equal (verified, content));
  g_assert_null (sim_cms_verify_chain (strange, anchors, &no_chain));
  g_assert_error (no_chain, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  size = g_bytes_get_size (message);
  at = memmem (bytes, size, "the content", 11);
  g_assert_nonnull (at);
  at[0] = 'T';
  tampered = g_bytes_new (bytes, size);
  g_assert_null (sim_cms_verify_chain (tampered, anchors, &no_signature));
  g_assert_error (no_signature, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

int
main (int argc, char **argv)
{
  Fixture fixture = { 0 };
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/scep/caps", test_caps);
  if (g_getenv ("OPENSSL") == NULL)
    {
      g_test_add_func ("/sim/scep/openssl", test_without_openssl);
      return g_test_run ();
    }
  set_up (&fixture); /* once: keys are dear */
  g_test_add_data_func ("/sim/scep/round-trip", &fixture, test_round_trip);
  g_test_add_data_func ("/sim/scep/bad-attributes", &fixture, test_bad_attributes);
  g_test_add_data_func ("/sim/scep/foreign-signer", &fixture, test_foreign_signer);
  g_test_add_data_func ("/sim/scep/bad-certificates", &fixture, test_bad_certificates);
  g_test_add_data_func ("/sim/scep/expired", &fixture, test_expired);
  g_test_add_data_func ("/sim/scep/failure", &fixture, test_failure);
  g_test_add_data_func ("/sim/scep/tampered", &fixture, test_tampered);
  g_test_add_data_func ("/sim/scep/algorithms", &fixture, test_algorithms);
  g_test_add_data_func ("/sim/scep/recipient", &fixture, test_recipient);
  g_test_add_data_func ("/sim/scep/fingerprint", &fixture, test_fingerprint);
  g_test_add_data_func ("/sim/cms/device-signature", &fixture, test_device_signature);
  g_test_add_data_func ("/sim/cms/verify-chain", &fixture, test_verify_chain);
  status = g_test_run ();
  tear_down (&fixture);
  return status;
}
