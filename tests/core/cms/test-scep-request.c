/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scep-request.h"

#include <string.h>

#include <openssl/rsa.h>

#include "door-error.h"
#include "door-scep-reply.h"
#include "scep-client.h"

#define UNIFORM "SCEP: the content is not a certificate request encrypted to this authority"

static DoorScepRequest *
parse (GBytes *message)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (GError) error = NULL;
  DoorScepRequest *request = door_scep_request_parse (message, authority, &error);

  g_assert_no_error (error);
  return request;
}

static void
assert_not_parsed (GBytes *message, DoorError code)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (GError) error = NULL;

  g_assert_null (door_scep_request_parse (message, authority, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCEP_MESSAGE);
}

/* A message whose outer part is good and whose inside is not. */
static GError *
assert_not_opened (GBytes *message, DoorError code, DoorFault fault)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorScepRequest) request = parse (message);
  GError *error = NULL;

  g_assert_null (door_scep_request_open (request, authority, false, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
  return error;
}

static void
assert_opened (GBytes *message, bool allow_des, bool renewal, const char *challenge)
{
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();
  g_autoptr (DoorScepRequest) request = parse (message);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCsr) csr = door_scep_request_open (request, authority, allow_des, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_scep_request_is_renewal (request), ==, renewal);
  g_assert_cmpstr (door_csr_get_challenge (csr), ==, challenge);
}

static void
test_values (void)
{
  const ScepClient client = scep_client_default ();
  g_autoptr (GBytes) message = scep_client_build (&client);
  g_autoptr (DoorScepRequest) request = parse (message);
  g_autoptr (DoorCertificate) signer = fixture_load_certificate ("rsa-2048.pem");
  GBytes *nonce = door_scep_request_get_sender_nonce (request);

  g_assert_cmpstr (door_scep_request_get_transaction_id (request), ==, "C195B5B30AA23BF7");
  g_assert_cmpmem (g_bytes_get_data (nonce, NULL), g_bytes_get_size (nonce), "0123456789abcdef", 16);
  g_assert_cmpstr (door_certificate_get_sha256 (door_scep_request_get_signer (request)), ==,
                   door_certificate_get_sha256 (signer));
  g_assert_false (door_scep_request_is_renewal (request));
  assert_opened (message, false, false, "Uky6rqTm+b2, /P=9");
}

static void
test_algorithms (void)
{
  const EVP_CIPHER *const ciphers[] = { EVP_aes_128_cbc (), EVP_aes_192_cbc (), EVP_aes_256_cbc (),
                                        EVP_des_ede3_cbc () };
  const EVP_MD *const digests[] = { EVP_sha1 (), EVP_sha256 (), EVP_sha384 (), EVP_sha512 () };

  for (size_t i = 0; i < G_N_ELEMENTS (ciphers); i++)
    for (int indefinite = 0; indefinite <= 1; indefinite++)
      {
        ScepClient client = scep_client_default ();
        g_autoptr (GBytes) message = NULL;

        client.cipher = ciphers[i];
        client.digest = digests[i];
        client.indefinite = indefinite != 0;
        message = scep_client_build (&client);
        assert_opened (message, false, false, "Uky6rqTm+b2, /P=9");
      }
}

static void
test_captures (void)
{
  g_autoptr (GBytes) scepclient = fixture_load ("scepclient-pkcsreq.der");
  g_autoptr (GBytes) strongswan = fixture_load ("strongswan-pkcsreq.der");
  g_autoptr (GBytes) renewal = fixture_load ("strongswan-renewal.der");

  assert_opened (scepclient, true, false, "secret");
  g_error_free (assert_not_opened (scepclient, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM));
  assert_opened (strongswan, false, false, "secret");
  assert_opened (renewal, false, true, NULL);
}

/* Made by the openssl command, and signed here because the requests in them are for that key. */
static void
test_envelopes (void)
{
  static const char *const names[] = { "envelope-aes256-indef.der", "envelope-des3.der" };
  const ScepClient client = scep_client_default ();

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) envelope = fixture_load (names[i]);
      g_autoptr (GBytes) message = scep_client_sign (&client, envelope);

      assert_opened (message, false, false, NULL);
    }
}

/* By the signer's certificate, whatever the type says; a new key is as good as the old one. */
static void
test_renewal (void)
{
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) renewal = NULL, as_first = NULL, self_signed = NULL, impostor = NULL,
                     impostor_first = NULL;

  client.signer = "device.pem";
  client.key = "device.key";
  as_first = scep_client_build (&client);
  assert_opened (as_first, false, true, "Uky6rqTm+b2, /P=9");
  client.message_type = "17";
  renewal = scep_client_build (&client);
  assert_opened (renewal, false, true, "Uky6rqTm+b2, /P=9");

  client.signer = "impostor.pem";
  impostor = scep_client_build (&client);
  g_error_free (assert_not_opened (impostor, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_RENEWAL));
  client.message_type = "19";
  impostor_first = scep_client_build (&client);
  g_error_free (assert_not_opened (impostor_first, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SCEP_MESSAGE));

  client = scep_client_default ();
  client.message_type = "17";
  self_signed = scep_client_build (&client);
  g_error_free (assert_not_opened (self_signed, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_RENEWAL));
}

/* Somebody else's envelope under one's own signature. */
static void
test_key_mismatch (void)
{
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) message = NULL;

  client.content = "csr-ec.der";
  message = scep_client_build (&client);
  g_error_free (assert_not_opened (message, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SCEP_MESSAGE));
}

static void
test_attributes (void)
{
  static const struct
  {
    const char *message_type;
    const char *transaction_id;
    size_t nonce_bytes;
  } bad[] = {
    { NULL, "x", 16 },     { "", "x", 16 },    { "3", "x", 16 },   { "16", "x", 16 }, { "23", "x", 16 },
    { "1x", "x", 16 },     { "019", "x", 16 }, { "19", NULL, 16 }, { "19", "", 16 },  { "19", "a\nb", 16 },
    { "19", "x\x7f", 16 }, { "19", "x", 0 },   { "19", "x", 65 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ScepClient client = scep_client_default ();
      g_autoptr (GBytes) message = NULL;

      client.message_type = bad[i].message_type;
      client.transaction_id = bad[i].transaction_id;
      client.nonce_bytes = bad[i].nonce_bytes;
      message = scep_client_build (&client);
      assert_not_parsed (message, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_two_nonces (void)
{
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) message = NULL;

  client.two_nonces = true;
  message = scep_client_build (&client);
  assert_not_parsed (message, DOOR_ERROR_INVALID_DATA);
}

static void
test_transaction_id_length (void)
{
  g_autofree char *longest = g_strnfill (128, 'x'), *longer = g_strnfill (129, 'x');
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) good = NULL, bad = NULL;
  g_autoptr (DoorScepRequest) request = NULL;

  client.transaction_id = longest;
  good = scep_client_build (&client);
  request = parse (good);
  g_assert_cmpstr (door_scep_request_get_transaction_id (request), ==, longest);
  client.transaction_id = longer;
  bad = scep_client_build (&client);
  assert_not_parsed (bad, DOOR_ERROR_INVALID_DATA);
}

static void
test_outer (void)
{
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) good = scep_client_build (&client);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) plain = NULL, detached = NULL, hollow = NULL;
  size_t at = fixture_find (good, "C195B5B30AA23BF7", 16);
  g_autoptr (GBytes) tampered = fixture_replace (good, at, 'D');

  assert_not_parsed (tampered, DOOR_ERROR_NOT_AUTHENTICATED);
  hollow = scep_client_sign (&client, empty);
  assert_not_parsed (hollow, DOOR_ERROR_INVALID_DATA);
  client.without_attributes = true;
  plain = scep_client_build (&client);
  assert_not_parsed (plain, DOOR_ERROR_INVALID_DATA);
  client.without_attributes = false;
  client.without_content = true;
  detached = scep_client_build (&client);
  assert_not_parsed (detached, DOOR_ERROR_INVALID_DATA);
}

static void
test_truncated (void)
{
  const ScepClient client = scep_client_default ();
  g_autoptr (GBytes) whole = scep_client_build (&client);
  g_autoptr (DoorCertificateAuthority) authority = fixture_load_authority ();

  for (size_t size = 0; size < g_bytes_get_size (whole); size++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (whole, 0, size);

      g_assert_null (door_scep_request_parse (part, authority, NULL));
    }
}

static void
test_oversized (void)
{
  const ScepClient client = scep_client_default ();
  g_autoptr (GBytes) first = g_bytes_new_take (g_malloc0 (DOOR_SCEP_MAX_BYTES / 2), DOOR_SCEP_MAX_BYTES / 2);
  g_autoptr (GBytes) message = scep_client_sign (&client, first);
  size_t size = DOOR_SCEP_MAX_BYTES - (g_bytes_get_size (message) - DOOR_SCEP_MAX_BYTES / 2);
  g_autoptr (GBytes) largest = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr (GBytes) larger = g_bytes_new_take (g_malloc0 (size + 1), size + 1);
  g_autoptr (GBytes) good = scep_client_sign (&client, largest), bad = scep_client_sign (&client, larger);
  g_autoptr (DoorScepRequest) request = parse (good);

  g_assert_nonnull (request);
  assert_not_parsed (bad, DOOR_ERROR_INVALID_DATA);
}

/* What is visible from outside may be told apart. */
static void
test_visible (void)
{
  static const char *const types[] = { "18", "20", "21", "22" };
  ScepClient client = scep_client_default ();
  g_autoptr (GBytes) garbage = fixture_load ("body.plist");
  g_autoptr (GBytes) unwrapped = scep_client_sign (&client, garbage);
  g_autoptr (GBytes) oaep = NULL, camellia = NULL, small = NULL, ec = NULL;

  g_error_free (assert_not_opened (unwrapped, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE));
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GBytes) message = NULL;

      client.message_type = types[i];
      message = scep_client_build (&client);
      g_error_free (assert_not_opened (message, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_MESSAGE));
    }
  client = scep_client_default ();
  client.oaep = true;
  oaep = scep_client_build (&client);
  g_error_free (assert_not_opened (oaep, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM));
  client = scep_client_default ();
  client.cipher = EVP_camellia_128_cbc ();
  camellia = scep_client_build (&client);
  g_error_free (assert_not_opened (camellia, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM));
  client = scep_client_default ();
  client.content = "bad-csr-rsa-1024.der";
  client.signer = "rsa-1024.pem";
  client.key = "rsa-1024.key";
  small = scep_client_build (&client);
  g_error_free (assert_not_opened (small, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM));
  client.content = "csr-ec.der";
  client.signer = "ec.pem";
  client.key = "ec.key";
  ec = scep_client_build (&client);
  g_error_free (assert_not_opened (ec, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM));
}

/* Known by name and serial number, both. */
static void
test_recipient (void)
{
  static const char *const names[] = { "other-ca.pem", "other-name.pem" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      ScepClient client = scep_client_default ();
      g_autoptr (GBytes) message = NULL;
      g_autoptr (GError) error = NULL;

      client.recipient = names[i];
      message = scep_client_build (&client);
      error = assert_not_opened (message, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE);
      g_assert_cmpstr (error->message, ==, "EnvelopedData: not for this certificate authority");
    }
}

static void
test_inner_content_type (void)
{
  const ScepClient client = scep_client_default ();
  PKCS7 *envelope = scep_client_seal_pkcs7 (&client);
  g_autoptr (GBytes) bytes = NULL, message = NULL;

  envelope->d.enveloped->enc_data->content_type = OBJ_nid2obj (NID_pkcs7_signed);
  bytes = scep_client_encode_pkcs7 (envelope);
  message = scep_client_sign (&client, bytes);
  g_error_free (assert_not_opened (message, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE));
  PKCS7_free (envelope);
}

static void
test_elements (void)
{
  static const uint8_t head[] = { 0xa0, 0x80, 0x04 };
  const ScepClient client = scep_client_default ();
  g_autoptr (GBytes) envelope = fixture_load ("envelope-aes256-indef.der");
  size_t at = fixture_find (envelope, head, sizeof head) + 2;
  g_autoptr (GBytes) few = fixture_insert_empty (envelope, at, 1000);
  g_autoptr (GBytes) many = fixture_insert_empty (envelope, at, 2100);
  g_autoptr (GBytes) good = scep_client_sign (&client, few), bad = scep_client_sign (&client, many);

  assert_opened (good, false, false, NULL);
  g_error_free (assert_not_opened (bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE));
}

static void
test_lengths (void)
{
  const ScepClient client = scep_client_default ();
  static const int iv_lengths[] = { 0, 8, 15, 17 }, content_lengths[] = { 0, 1, 15, 17 };

  for (size_t i = 0; i < G_N_ELEMENTS (iv_lengths); i++)
    {
      PKCS7 *envelope = scep_client_seal_pkcs7 (&client);
      PKCS7_ENC_CONTENT *content = envelope->d.enveloped->enc_data;
      g_autoptr (GBytes) bytes = NULL, message = NULL;

      ASN1_OCTET_STRING_set (content->algorithm->parameter->value.octet_string,
                             (const unsigned char *) "0123456789abcdefg", iv_lengths[i]);
      bytes = scep_client_encode_pkcs7 (envelope);
      message = scep_client_sign (&client, bytes);
      g_error_free (assert_not_opened (message, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM));
      PKCS7_free (envelope);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (content_lengths); i++)
    {
      PKCS7 *envelope = scep_client_seal_pkcs7 (&client);
      g_autoptr (GBytes) bytes = NULL, message = NULL;
      g_autoptr (GError) error = NULL;

      envelope->d.enveloped->enc_data->enc_data->length = content_lengths[i];
      bytes = scep_client_encode_pkcs7 (envelope);
      message = scep_client_sign (&client, bytes);
      error = assert_not_opened (message, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE);
      g_assert_cmpstr (error->message, ==, "EnvelopedData: the content is not whole blocks");
      PKCS7_free (envelope);
    }
}

static PKCS7_RECIP_INFO *
get_recipient (PKCS7 *envelope)
{
  return sk_PKCS7_RECIP_INFO_value (envelope->d.enveloped->recipientinfo, 0);
}

static void
wrap_key (PKCS7 *envelope, const uint8_t *key, size_t size)
{
  X509 *recipient = scep_client_load_x509 ("ca.pem");
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (X509_get0_pubkey (recipient), NULL);
  uint8_t wrapped[256];
  size_t wrapped_size = sizeof wrapped;

  g_assert_cmpint (EVP_PKEY_encrypt_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_encrypt (context, wrapped, &wrapped_size, key, size), ==, 1);
  ASN1_OCTET_STRING_set (get_recipient (envelope)->enc_key, wrapped, (int) wrapped_size);
  EVP_PKEY_CTX_free (context);
  X509_free (recipient);
}

/* Encrypts whole blocks with a key of our own, so the padding is ours as well. */
static void
set_content (PKCS7 *envelope, const uint8_t *plain, size_t size)
{
  static const uint8_t key[32] = "an AES key";
  PKCS7_ENC_CONTENT *content = envelope->d.enveloped->enc_data;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  g_autofree uint8_t *out = g_malloc (size);
  int written = 0;

  EVP_EncryptInit_ex (context, EVP_aes_256_cbc (), NULL, key,
                      content->algorithm->parameter->value.octet_string->data);
  EVP_CIPHER_CTX_set_padding (context, 0);
  EVP_EncryptUpdate (context, out, &written, plain, (int) size);
  g_assert_cmpint (written, ==, (int) size);
  ASN1_OCTET_STRING_set (content->enc_data, out, written);
  EVP_CIPHER_CTX_free (context);
  wrap_key (envelope, key, sizeof key);
}

/* The request of the fixture, padded to whole blocks with the bytes given at the very end. */
static void
set_padding (PKCS7 *envelope, uint8_t last, uint8_t others)
{
  g_autoptr (GBytes) csr = fixture_load ("csr-plain.der");
  size_t size = g_bytes_get_size (csr), whole = (size / 16 + 1) * 16;
  g_autofree uint8_t *plain = g_malloc (whole);

  memset (plain, others, whole);
  memcpy (plain, g_bytes_get_data (csr, NULL), size);
  plain[whole - 1] = last;
  set_content (envelope, plain, whole);
}

static uint8_t
right_padding (void)
{
  g_autoptr (GBytes) csr = fixture_load ("csr-plain.der");

  return (uint8_t) (16 - g_bytes_get_size (csr) % 16);
}

static void
spoil_key_form (PKCS7 *envelope)
{
  get_recipient (envelope)->enc_key->data[200] ^= 1;
}

static void
spoil_key_range (PKCS7 *envelope)
{
  memset (get_recipient (envelope)->enc_key->data, 0xff, 256);
}

static void
spoil_key_zero (PKCS7 *envelope)
{
  memset (get_recipient (envelope)->enc_key->data, 0, 256);
}

static void
spoil_key_short (PKCS7 *envelope)
{
  get_recipient (envelope)->enc_key->length = 255;
}

static void
spoil_key_size (PKCS7 *envelope)
{
  wrap_key (envelope, (const uint8_t *) "0123456789abcdef", 16);
}

static void
spoil_key_value (PKCS7 *envelope)
{
  wrap_key (envelope, (const uint8_t *) "0123456789abcdef0123456789abcdef", 32);
}

/* A block that is right but for one byte, which alone speaks against it: all else would be accepted. */
static void
wrap_block (PKCS7 *envelope, size_t at, uint8_t byte)
{
  static const uint8_t key[32] = "an AES key";
  X509 *recipient = scep_client_load_x509 ("ca.pem");
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (X509_get0_pubkey (recipient), NULL);
  uint8_t block[256], wrapped[256];
  size_t size = sizeof wrapped;

  set_padding (envelope, right_padding (), right_padding ());
  memset (block, 0x55, sizeof block);
  block[0] = 0;
  block[1] = 2;
  block[sizeof block - sizeof key - 1] = 0;
  memcpy (block + sizeof block - sizeof key, key, sizeof key);
  block[at] = byte;
  g_assert_cmpint (EVP_PKEY_encrypt_init (context), ==, 1);
  g_assert_cmpint (EVP_PKEY_CTX_set_rsa_padding (context, RSA_NO_PADDING), ==, 1);
  g_assert_cmpint (EVP_PKEY_encrypt (context, wrapped, &size, block, sizeof block), ==, 1);
  ASN1_OCTET_STRING_set (get_recipient (envelope)->enc_key, wrapped, (int) size);
  EVP_PKEY_CTX_free (context);
  X509_free (recipient);
}

static void
spoil_block_start (PKCS7 *envelope)
{
  wrap_block (envelope, 0, 1);
}

static void
spoil_block_type (PKCS7 *envelope)
{
  wrap_block (envelope, 1, 1);
}

static void
spoil_block_padding_first (PKCS7 *envelope)
{
  wrap_block (envelope, 2, 0);
}

static void
spoil_block_padding_last (PKCS7 *envelope)
{
  wrap_block (envelope, 256 - 32 - 2, 0);
}

static void
spoil_block_separator (PKCS7 *envelope)
{
  wrap_block (envelope, 256 - 32 - 1, 1);
}

static void
spoil_first_block (PKCS7 *envelope)
{
  envelope->d.enveloped->enc_data->enc_data->data[0] ^= 1;
}

static void
spoil_last_block (PKCS7 *envelope)
{
  ASN1_OCTET_STRING *content = envelope->d.enveloped->enc_data->enc_data;

  content->data[content->length - 1] ^= 1;
}

static void
spoil_padding_zero (PKCS7 *envelope)
{
  set_padding (envelope, 0, 0);
}

static void
spoil_padding_long (PKCS7 *envelope)
{
  set_padding (envelope, 17, 17);
}

static void
spoil_padding_mixed (PKCS7 *envelope)
{
  set_padding (envelope, right_padding (), 99);
}

static void
spoil_signature (PKCS7 *envelope)
{
  g_autoptr (GBytes) csr = fixture_load ("csr-plain.der");
  size_t size = g_bytes_get_size (csr), whole = (size / 16 + 1) * 16;
  g_autofree uint8_t *plain = g_malloc (whole);

  memset (plain, (int) (whole - size), whole);
  memcpy (plain, g_bytes_get_data (csr, NULL), size);
  plain[fixture_find (csr, "asked", 5)] = 'A';
  set_content (envelope, plain, whole);
}

static void
spoil_content (PKCS7 *envelope)
{
  set_content (envelope, (const uint8_t *) "not a request\3\3\3", 16);
}

static void
spoil_nothing_left (PKCS7 *envelope)
{
  set_content (envelope, (const uint8_t *) "\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20\20", 16);
}

/* Whatever is wrong with what only the authority can decrypt, the answer is the same. */
static void
test_uniform (void)
{
  static void (*const spoil[]) (PKCS7 * envelope) = {
    spoil_key_form,           spoil_key_range,
    spoil_key_zero,           spoil_key_short,
    spoil_key_size,           spoil_key_value,
    spoil_first_block,        spoil_last_block,
    spoil_padding_zero,       spoil_padding_long,
    spoil_padding_mixed,      spoil_block_start,
    spoil_block_type,         spoil_block_padding_first,
    spoil_block_padding_last, spoil_block_separator,
    spoil_signature,          spoil_content,
    spoil_nothing_left,
  };
  const ScepClient client = scep_client_default ();

  for (size_t i = 0; i < G_N_ELEMENTS (spoil); i++)
    {
      PKCS7 *envelope = scep_client_seal_pkcs7 (&client);
      g_autoptr (GBytes) bytes = NULL, message = NULL;
      g_autoptr (GError) error = NULL;

      spoil[i](envelope);
      bytes = scep_client_encode_pkcs7 (envelope);
      message = scep_client_sign (&client, bytes);
      error = assert_not_opened (message, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE);
      g_assert_cmpstr (error->message, ==, UNIFORM);
      g_assert_cmpint (door_scep_fail_info_from_error (error), ==, DOOR_SCEP_FAIL_BAD_MESSAGE_CHECK);
      PKCS7_free (envelope);
    }
}

/* That the fields above are the right ones: set as they should be, the message is accepted. */
static void
test_unspoiled (void)
{
  const ScepClient client = scep_client_default ();
  PKCS7 *envelope = scep_client_seal_pkcs7 (&client);
  g_autoptr (GBytes) bytes = NULL, message = NULL;

  wrap_block (envelope, 1, 2);
  bytes = scep_client_encode_pkcs7 (envelope);
  message = scep_client_sign (&client, bytes);
  assert_opened (message, false, false, NULL);
  PKCS7_free (envelope);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scep-request/values", test_values);
  g_test_add_func ("/scep-request/algorithms", test_algorithms);
  g_test_add_func ("/scep-request/captures", test_captures);
  g_test_add_func ("/scep-request/envelopes", test_envelopes);
  g_test_add_func ("/scep-request/renewal", test_renewal);
  g_test_add_func ("/scep-request/key-mismatch", test_key_mismatch);
  g_test_add_func ("/scep-request/attributes", test_attributes);
  g_test_add_func ("/scep-request/two-nonces", test_two_nonces);
  g_test_add_func ("/scep-request/transaction-id-length", test_transaction_id_length);
  g_test_add_func ("/scep-request/outer", test_outer);
  g_test_add_func ("/scep-request/truncated", test_truncated);
  g_test_add_func ("/scep-request/oversized", test_oversized);
  g_test_add_func ("/scep-request/visible", test_visible);
  g_test_add_func ("/scep-request/recipient", test_recipient);
  g_test_add_func ("/scep-request/inner-content-type", test_inner_content_type);
  g_test_add_func ("/scep-request/elements", test_elements);
  g_test_add_func ("/scep-request/lengths", test_lengths);
  g_test_add_func ("/scep-request/uniform", test_uniform);
  g_test_add_func ("/scep-request/unspoiled", test_unspoiled);
  return g_test_run ();
}
