/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers with an encrypted assertion (SAML core 2.3.4; W3C xmlenc-core1). */
#include <string.h>

#include <libxml/parser.h>

#include "door-saml-decrypt.h"
#include "door-saml-xml.h"
#include "saml-encrypt.h"

#define SHA1 "http://www.w3.org/2000/09/xmldsig#sha1"
#define SHA384 "http://www.w3.org/2001/04/xmldsig-more#sha384"
#define DECRYPT_TEXT "response: the assertion cannot be decrypted, or what was inside is not signed"
#define OAEP XMLENC11 "rsa-oaep"

static const char *const right_key[] = { "rsa-other", NULL };
static const char *const wrong_key[] = { "rsa", NULL };
static const char *const rollover[] = { "rsa", "rsa-other", NULL };
static const char *const rollover_back[] = { "rsa-other", "rsa", NULL };

/* One answer and what becomes of it. */
typedef struct
{
  const char *name;
  Edit before[2];    /* of the template, before signing */
  Edit inside[2];    /* of the assertion, before it is encrypted */
  Edit after[2];     /* of the whole document */
  const char *plain; /* what is encrypted instead */
  const char *sign;  /* NULL is "A" */
  Signer signer;
  Encrypt how;
  const char *const *keys; /* NULL is right_key */
  const char *decrypt_for; /* NULL is "_q1"; "" for NULL */
  bool no_keys;
  bool want_encrypted;
  bool captured;
  bool allow_rsa15;
  DoorSignedPart part;
  DoorFault fault; /* 0: accepted */
  const char *reason;
} EncryptCase;

#define ACCEPT(what, ...)                                                                                    \
  {                                                                                                          \
    .name = what, .how = { __VA_ARGS__ }                                                                     \
  }
#define REFUSE(what, why, text, ...)                                                                         \
  {                                                                                                          \
    .name = what, .fault = why, .reason = text, .how = { __VA_ARGS__ }                                       \
  }
#define SPOILT(what, ...) REFUSE (what, DOOR_FAULT_SAML_DECRYPT, DECRYPT_TEXT, __VA_ARGS__)

static const EncryptCase cases[] = {
  ACCEPT ("usual", 0),
  ACCEPT ("aes192-gcm", .cipher = XMLENC11 "aes192-gcm"),
  ACCEPT ("aes128-gcm", .cipher = XMLENC11 "aes128-gcm"),
  ACCEPT ("aes256-cbc", .cipher = XMLENC "aes256-cbc"),
  ACCEPT ("aes192-cbc", .cipher = XMLENC "aes192-cbc"),
  ACCEPT ("aes128-cbc", .cipher = XMLENC "aes128-cbc"),
  ACCEPT ("mgf1p-sha1", .digest = SHA1),
  ACCEPT ("mgf1p-sha256", .digest = XMLENC "sha256"),
  ACCEPT ("oaep-plain", .wrap = OAEP),
  ACCEPT ("oaep-sha256-mgf-sha256", .wrap = OAEP, .digest = XMLENC "sha256", .mgf = XMLENC11 "mgf1sha256"),
  ACCEPT ("oaep-sha384-mgf-sha1", .wrap = OAEP, .digest = SHA384, .mgf = XMLENC11 "mgf1sha1"),
  ACCEPT ("oaep-sha512-mgf-sha384", .wrap = OAEP, .digest = XMLENC "sha512", .mgf = XMLENC11 "mgf1sha384"),
  ACCEPT ("oaep-sha256-mgf-sha512", .wrap = OAEP, .digest = XMLENC "sha256", .mgf = XMLENC11 "mgf1sha512"),
  ACCEPT ("key-beside", .beside = true, .attributes = " Id=\"_k\" Recipient=\"" SAML_SP "\""),
  { .name = "rollover", .keys = rollover },
  { .name = "rollover-back", .keys = rollover_back },
  { .name = "response-signed", .sign = "R", .part = DOOR_SIGNED_RESPONSE },
  { .name = "both-signed", .sign = "AR", .part = DOOR_SIGNED_BOTH },
  { .name = "assertion-signed", .part = DOOR_SIGNED_ASSERTION, .want_encrypted = true },
  REFUSE ("rsa-1_5", DOOR_FAULT_SAML_ALGORITHM, "RSA-OAEP", .wrap = XMLENC "rsa-1_5"),
  { .name = "rsa-1_5-captured",
    .how = { .wrap = XMLENC "rsa-1_5" },
    .decrypt_for = "",
    .captured = true,
    .allow_rsa15 = true },
  { .name = "rsa-1_5-not-captured",
    .how = { .wrap = XMLENC "rsa-1_5" },
    .allow_rsa15 = true,
    .fault = DOOR_FAULT_SAML_ALGORITHM,
    .reason = "RSA-OAEP" },
  { .name = "rsa-1_5-not-allowed",
    .how = { .wrap = XMLENC "rsa-1_5" },
    .captured = true,
    .fault = DOOR_FAULT_SAML_ALGORITHM,
    .reason = "RSA-OAEP" },
  { .name = "captured", .decrypt_for = "", .captured = true },
  REFUSE ("triple-des", DOOR_FAULT_SAML_ALGORITHM, "AES", .cipher = XMLENC "tripledes-cbc"),
  REFUSE ("unknown-cipher", DOOR_FAULT_SAML_ALGORITHM, "AES", .cipher = "urn:x#rot13"),
  REFUSE ("unknown-digest", DOOR_FAULT_SAML_ALGORITHM, "digest", .digest = "urn:x#md5"),
  REFUSE ("unknown-mgf", DOOR_FAULT_SAML_ALGORITHM, "digest", .wrap = OAEP, .mgf = "urn:x#sha512"),
  REFUSE ("mgf-of-mgf1p", DOOR_FAULT_SAML_ALGORITHM, "digest", .mgf = XMLENC11 "mgf1sha256"),
  REFUSE ("oaep-params", DOOR_FAULT_SAML_STRUCTURE, "an element stands",
          .extra = "<xenc:OAEPparams>AA==</xenc:OAEPparams>"),
  REFUSE ("too-many-keys", DOOR_FAULT_SAML_STRUCTURE, "too many EncryptedKeys", .twice = true),
  REFUSE ("another-recipient", DOOR_FAULT_SAML_STRUCTURE, "no EncryptedKey for us",
          .attributes = " Recipient=\"https://other.example.com/\""),
  SPOILT ("spoilt-key", .spoil_key = 20),
  SPOILT ("spoilt-key-cbc", .spoil_key = 20, .cipher = XMLENC "aes128-cbc"),
  SPOILT ("short-key", .key_bytes = 16),
  SPOILT ("long-key", .key_bytes = 64, .cipher = XMLENC "aes128-cbc"),
  SPOILT ("spoilt-data", .spoil_data = 40),
  SPOILT ("spoilt-tag", .spoil_data = -1),
  SPOILT ("spoilt-block", .spoil_data = 40, .cipher = XMLENC "aes128-cbc"),
  SPOILT ("no-padding", .padding = 17, .cipher = XMLENC "aes128-cbc"),
  { .name = "key-of-another", .keys = wrong_key, .fault = DOOR_FAULT_SAML_DECRYPT, .reason = DECRYPT_TEXT },
  { .name = "unsigned", .sign = "", .fault = DOOR_FAULT_SAML_DECRYPT, .reason = DECRYPT_TEXT },
  { .name = "signed-by-another",
    .signer = { .key = "rsa-other" },
    .fault = DOOR_FAULT_SAML_DECRYPT,
    .reason = DECRYPT_TEXT },
  { .name = "changed-inside",
    .inside = { { "ada@example.com", "eve@example.com" } },
    .fault = DOOR_FAULT_SAML_DECRYPT,
    .reason = DECRYPT_TEXT },
  { .name = "changed-inside-response-signed",
    .sign = "AR",
    .inside = { { "ada@example.com", "eve@example.com" } },
    .fault = DOOR_FAULT_SAML_SIGNATURE,
    .reason = "digest" },
  { .name = "not-xml", .plain = "nonsense", .fault = DOOR_FAULT_SAML_DECRYPT, .reason = DECRYPT_TEXT },
  { .name = "not-xml-response-signed", .plain = "<", .sign = "R", .fault = DOOR_FAULT_SAML_XML },
  { .name = "nothing-response-signed",
    .plain = " ",
    .sign = "R",
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "nothing was encrypted" },
  { .name = "document-type",
    .plain = "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>",
    .sign = "R",
    .fault = DOOR_FAULT_SAML_XML },
  { .name = "out-of-the-element",
    .plain = "<saml:Assertion/></inner><inner>",
    .sign = "R",
    .fault = DOOR_FAULT_SAML_XML },
  { .name = "another-element",
    .plain = "<saml:Advice/>",
    .sign = "R",
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "not one Assertion" },
  { .name = "two-inside",
    .plain = "<saml:Assertion ID=\"_a1\"/><saml:Assertion ID=\"_a2\"/>",
    .sign = "R",
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "not one Assertion" },
  { .name = "one-in-the-other",
    .sign = "R",
    .inside = { { "</saml:Assertion>",
                  "<saml:Advice><saml:Assertion ID=\"_a2\"/></saml:Advice></saml:Assertion>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "not exactly one Assertion inside" },
  { .name = "id-inside-and-outside",
    .sign = "R",
    .inside = { { "ID=\"_a1\"", "ID=\"_r1\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "stands there twice" },
  { .name = "clear-beside",
    .after = { { "</saml:EncryptedAssertion>", "</saml:EncryptedAssertion><saml:Assertion/>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "exactly one Assertion" },
  { .name = "two-encrypted",
    .after = { { "</saml:EncryptedAssertion>", "</saml:EncryptedAssertion><saml:EncryptedAssertion/>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "exactly one Assertion" },
  { .name = "two-data",
    .after = { { "</saml:EncryptedAssertion>",
                 "<xenc:EncryptedData xmlns:xenc=\"" XMLENC "\"/></saml:EncryptedAssertion>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE },
  { .name = "cipher-reference",
    .after = { { "<xenc:CipherData>",
                 "<xenc:CipherData><xenc:CipherReference URI=\"file:///etc/passwd\"/>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE },
  { .name = "changed-outside",
    .sign = "R",
    .after = { { "Type=\"" XMLENC "Element\"", "" } },
    .fault = DOOR_FAULT_SAML_SIGNATURE,
    .reason = "digest of the Response" },
  { .name = "no-response-signature",
    .part = DOOR_SIGNED_RESPONSE,
    .keys = wrong_key,
    .fault = DOOR_FAULT_SAML_UNSIGNED,
    .reason = "the Response is not signed" },
  { .name = "no-assertion-signature",
    .sign = "R",
    .part = DOOR_SIGNED_ASSERTION,
    .fault = DOOR_FAULT_SAML_UNSIGNED,
    .reason = "the Assertion is not signed" },
  { .name = "encryption-off", .no_keys = true, .fault = DOOR_FAULT_SAML_ENCRYPTED },
  { .name = "no-pending-request", .decrypt_for = "", .fault = DOOR_FAULT_SAML_ENCRYPTED },
  { .name = "another-request",
    .decrypt_for = "_q2",
    .keys = wrong_key,
    .fault = DOOR_FAULT_SAML_INRESPONSETO,
    .reason = "not to the pending request" },
  { .name = "no-request",
    .after = { { " InResponseTo=\"_q1\"", "" } },
    .keys = wrong_key,
    .fault = DOOR_FAULT_SAML_UNSOLICITED },
  { .name = "encrypted-subject",
    .before = { { "<saml:NameID ", "<saml:EncryptedID/><saml:NameID " } },
    .fault = DOOR_FAULT_SAML_ENCRYPTED,
    .reason = "the subject is encrypted" },
  { .name = "late",
    .before = { { "NotOnOrAfter=\"2026-01-01T12:05:00Z\"", "NotOnOrAfter=\"2026-01-01T11:59:00Z\"" } },
    .fault = DOOR_FAULT_SAML_LATE },
  { .name = "audience", .before = { { SAML_SP "<", SAML_SP "/<" } }, .fault = DOOR_FAULT_SAML_AUDIENCE },
};

static char *
edit (char *text, const Edit edits[2])
{
  for (size_t i = 0; i < 2 && edits[i].find != NULL; i++)
    {
      char *edited = fixture_replace (text, edits[i].find, edits[i].replace);
      g_free (text);
      text = edited;
    }
  return text;
}

/* Signed inside first, then encrypted, then signed outside, as providers do. */
static char *
build (const EncryptCase *test)
{
  const char *sign = test->sign != NULL ? test->sign : "A";
  g_autofree char *template = edit (fixture_template (), test->before);
  g_autofree char *marked = fixture_replace (template, "@R@", "@later@");
  g_autofree char *inner = fixture_sign (marked, strchr (sign, 'A') != NULL ? "A" : "", &test->signer);
  g_autofree char *clear = fixture_cut (inner, "<saml:Assertion", "</saml:Assertion>");
  g_autofree char *plain = edit (g_strdup (test->plain != NULL ? test->plain : clear), test->inside);
  g_autofree char *encrypted = fixture_encrypt (plain, &test->how);
  g_autofree char *whole = fixture_replace (inner, clear, encrypted);
  g_autofree char *last = fixture_replace (whole, "@later@", "@R@");

  return edit (fixture_sign (last, strchr (sign, 'R') != NULL ? "R" : "", &test->signer), test->after);
}

static DoorSamlResponse *
verify (const EncryptCase *test, const char *xml, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GPtrArray) keys = fixture_sp_keys (test->keys != NULL ? test->keys : right_key);

  expect.decryption_keys = test->no_keys ? NULL : keys;
  expect.decrypt_for = "_q1";
  if (test->decrypt_for != NULL)
    expect.decrypt_for = *test->decrypt_for != '\0' ? test->decrypt_for : NULL;
  expect.want_encrypted = test->want_encrypted;
  expect.captured = test->captured;
  expect.allow_rsa15 = test->allow_rsa15;
  expect.signed_part = test->part;
  return fixture_verify (xml, &expect, error);
}

static void
run_case (gconstpointer data)
{
  const EncryptCase *test = data;
  g_autofree char *xml = build (test);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlResponse) response = verify (test, xml, &error);

  if (test->fault == DOOR_FAULT_NONE)
    {
      g_assert_no_error (error);
      g_assert_cmpstr (door_claims_get_subject (door_saml_response_get_claims (response))->value, ==,
                       "ada@example.com");
      g_assert_true (g_strv_contains (door_saml_response_get_checks (response), "decryption"));
      return;
    }
  g_assert_null (response);
  g_assert_error (error, DOOR_ERROR, error->code);
  g_assert_cmpstr (door_error_get_info (error)->id, ==, door_fault_get_info (test->fault)->id);
  if (test->fault == DOOR_FAULT_SAML_DECRYPT)
    g_assert_cmpstr (error->message, ==, DECRYPT_TEXT);
  else if (test->reason != NULL && strstr (error->message, test->reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", test->reason, error->message);
}

/* Refusing clear assertions is what keeps somebody who can sign for the provider, but not read, outside. */
static void
test_clear_where_encrypted_is_wanted (void)
{
  g_autofree char *template = fixture_template ();
  g_autofree char *xml = fixture_sign (template, "A", &(Signer){ NULL });
  EncryptCase test = { .want_encrypted = true };
  g_autoptr (GError) error = NULL;

  g_assert_null (verify (&test, xml, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_CLEAR);
}

typedef struct
{
  unsigned int unwraps;
  size_t deciphered;
  bool ok;
} Cost;

static Cost
measure (const Encrypt *how, const char *const *names)
{
  g_autofree char *plain = g_strnfill (1000, 'p');
  g_autofree char *inner = fixture_encrypt (plain, how);
  g_autofree char *xml =
      fixture_replace (inner, "EncryptedAssertion>",
                       "EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">");
  g_autoptr (xmlDoc) doc = xmlReadMemory (xml, (int) strlen (xml), NULL, "UTF-8", 0);
  g_autoptr (GPtrArray) keys = fixture_sp_keys (names);
  DoorSamlDecryption decryption = { .keys = keys, .recipient = SAML_SP };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = door_saml_decrypt (xmlDocGetRootElement (doc), &decryption, &error);

  if (bytes == NULL)
    g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_DECRYPT);
  else
    g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), plain, 1000);
  return (Cost){ decryption.unwraps, decryption.deciphered, bytes != NULL };
}

/* Whether a key fits, which of several, and what is wrong with it must not show in the time it takes. */
static void
test_cost (void)
{
  static const Encrypt same[] = {
    { .cipher = NULL },  { .spoil_key = 1 },  { .spoil_key = 256 }, { .key_bytes = 16 },
    { .key_bytes = 64 }, { .spoil_data = 1 }, { .spoil_data = -1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (same); i++)
    {
      Cost here = measure (&same[i], rollover), there = measure (&same[i], rollover_back);

      g_assert_cmpuint (here.unwraps, ==, 2);
      g_assert_cmpuint (there.unwraps, ==, 2);
      g_assert_cmpuint (here.deciphered, ==, 1000);
      g_assert_cmpuint (there.deciphered, ==, 1000);
      g_assert_true (here.ok == (i == 0) && there.ok == (i == 0));
    }
}

/* A count of padding that no padding can have is a failure like any other, and never more than there is. */
static void
test_padding (void)
{
  static const int counts[] = { 17, 32, 255, 256 };

  for (size_t i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      const Encrypt how = { .cipher = XMLENC "aes128-cbc", .padding = counts[i] };
      Cost cost = measure (&how, right_key);

      g_assert_false (cost.ok);
      g_assert_cmpuint (cost.deciphered, ==, 1008);
    }
}

/* Made by the xmlsec1 program (tests/data/saml/make-encrypted.sh). */
static void
test_vectors (void)
{
  static const char *const names[] = { "encrypted/xmlsec-aes256-gcm.xml", "encrypted/xmlsec-aes128-gcm.xml",
                                       "encrypted/xmlsec-aes256-cbc.xml", "encrypted/xmlsec-aes128-cbc.xml" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *xml = fixture_read (names[i]);
      EncryptCase test = { NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlResponse) response = verify (&test, xml, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_saml_response_get_assertion_id (response), ==, "_a1");
    }
}

static void
add (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/saml/encryption/%s", cases[i].name);
      g_test_add_data_func (path, &cases[i], run_case);
    }
  g_test_add_func ("/saml/encryption/clear-where-encrypted-is-wanted", test_clear_where_encrypted_is_wanted);
  g_test_add_func ("/saml/encryption/cost", test_cost);
  g_test_add_func ("/saml/encryption/padding", test_padding);
  g_test_add_func ("/saml/encryption/vectors", test_vectors);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add);
}
