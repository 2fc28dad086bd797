/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complete verifications for each second of CPU time, and xmlsec1 alone on the same documents; then what is
 * forged or too large, which must cost less than what is good; not a test.
 * First argument: seconds for each figure, 5 by default. With a folder as the second the good documents are
 * written there as form values, for other programs to verify, and nothing is measured. */
#include "saml-encrypt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/keysmngr.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "door-saml.h"

#define ROUND 20

#define ATTRIBUTE(name, value)                                                                               \
  "<saml:Attribute Name=\"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/" name                       \
  "\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\"><saml:AttributeValue "                  \
  "xsi:type=\"xs:string\">" value "</saml:AttributeValue></saml:Attribute>"

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

/* About 5 KB, as providers send it: a certificate in KeyInfo and some attributes. */
static char *
make_xml (const char *parts, const char *key)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "");
  g_autofree char *base64 = fixture_replace (start, "-----END CERTIFICATE-----", "");
  g_autofree char *info = g_strdup_printf (
      "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
      base64);
  Signer signer = { .key = key, .key_info = info };
  g_autofree char *whole = fixture_template ();
  g_autofree char *text = fixture_replace (
      whole, "</saml:AttributeStatement>",
      ATTRIBUTE ("givenname", "Ada") ATTRIBUTE ("surname", "Lovelace") ATTRIBUTE ("name", "ada@example.com")
          ATTRIBUTE ("upn", "ada@example.com") "</saml:AttributeStatement>");

  return fixture_sign (text, parts, &signer);
}

/* AES-256-GCM and RSA-OAEP with SHA-1, the best that xmlsec1 of Debian 12 knows. */
static char *
make_encrypted (const Encrypt *how)
{
  g_autofree char *xml = make_xml ("A", NULL);
  g_autofree char *clear = fixture_cut (xml, "<saml:Assertion ", "</saml:Assertion>");
  g_autofree char *encrypted = fixture_encrypt (clear, how);

  return fixture_replace (xml, clear, encrypted);
}

/* One document and who may have signed it. */
typedef struct
{
  char *xml;
  char *form;
  const DoorSamlExpectation *expect;
  xmlSecKeyPtr key;
  xmlSecKeysMngrPtr private_keys;
} Document;

static void
refuse_whole (const char *form, size_t length, const DoorSamlExpectation *expect)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlResponse) response = door_saml_response_verify (form, length, expect, &error);

  g_assert_null (response);
}

static void
verify_whole (const Document *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlResponse) response =
      door_saml_response_verify (document->form, strlen (document->form), document->expect, &error);

  g_assert_no_error (error);
  g_assert_nonnull (response);
}

/* Every signature below the node; gives how many. */
static unsigned int
verify_below (xmlNode *node, const Document *document)
{
  unsigned int count = 0;

  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      xmlSecDSigCtx *context;

      if (child->type != XML_ELEMENT_NODE)
        continue;
      count += verify_below (child, document);
      if (strcmp ((const char *) child->name, "Signature") != 0)
        continue;
      context = xmlSecDSigCtxCreate (NULL);
      context->signKey = document->key;
      g_assert_cmpint (xmlSecDSigCtxVerify (context, child), ==, 0);
      g_assert_cmpint (context->status, ==, xmlSecDSigStatusSucceeded);
      context->signKey = NULL; /* it stays ours */
      xmlSecDSigCtxDestroy (context);
      count++;
    }
  return count;
}

static xmlNode *
find_encrypted (xmlNode *node)
{
  for (; node != NULL; node = node->next)
    {
      xmlNode *found;

      if (node->type == XML_ELEMENT_NODE && strcmp ((const char *) node->name, "EncryptedData") == 0)
        return node;
      found = find_encrypted (node->children);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
decrypt_bare (xmlDoc *doc, const Document *document)
{
  xmlSecEncCtx *context = xmlSecEncCtxCreate (document->private_keys);

  g_assert_cmpint (xmlSecEncCtxDecrypt (context, find_encrypted (xmlDocGetRootElement (doc))), ==, 0);
  xmlSecEncCtxDestroy (context);
}

/* What any program does that asks xmlsec1: read the document, mark the identifiers, verify. */
static void
verify_bare (const Document *document)
{
  static const xmlChar *const ids[] = { (const xmlChar *) "ID", NULL };
  xmlDoc *doc = xmlReadMemory (document->xml, (int) strlen (document->xml), NULL, NULL, XML_PARSE_NONET);

  if (strstr (document->xml, "EncryptedData") != NULL)
    decrypt_bare (doc, document);
  xmlSecAddIDs (doc, xmlDocGetRootElement (doc), (const xmlChar **) (gpointer) ids);
  g_assert_cmpuint (verify_below (xmlDocGetRootElement (doc), document), >, 0);
  xmlFreeDoc (doc);
}

static xmlSecKeyPtr
load_key (const char *name, xmlSecKeyDataFormat format)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "saml", "keys", name, NULL);
  xmlSecKeyPtr key = xmlSecCryptoAppKeyLoad (path, format, NULL, NULL, NULL);

  g_assert_nonnull (key);
  return key;
}

/* In turns, so that both see the same machine. */
static void
measure (const char *name, char *xml, const DoorSamlExpectation *expect, double seconds)
{
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));
  Document document = { .xml = xml, .form = form, .expect = expect };
  double whole = 0, bare = 0;
  unsigned int count = 0;

  document.key = load_key ("rsa.crt.pem", xmlSecKeyDataFormatCertPem);
  document.private_keys = xmlSecKeysMngrCreate ();
  g_assert_cmpint (xmlSecCryptoAppDefaultKeysMngrInit (document.private_keys), ==, 0);
  xmlSecCryptoAppDefaultKeysMngrAdoptKey (document.private_keys,
                                          load_key ("rsa-other.key.pem", xmlSecKeyDataFormatPem));
  for (; whole < seconds; count += ROUND)
    {
      double from = cpu_seconds (), middle;

      for (int i = 0; i < ROUND; i++)
        verify_whole (&document);
      middle = cpu_seconds ();
      for (int i = 0; i < ROUND; i++)
        verify_bare (&document);
      whole += middle - from;
      bare += cpu_seconds () - middle;
    }
  printf ("%s  %zu bytes  engine %.0f, xmlsec1 alone %.0f verifications per CPU second, ratio %.2f\n", name,
          strlen (xml), count / whole, count / bare, bare / whole);
  xmlSecKeysMngrDestroy (document.private_keys);
  xmlSecKeyDestroy (document.key);
}

/* In turns with an answer that is good. */
static void
measure_refusal (const char *name, const char *form, const char *good_xml, const DoorSamlExpectation *expect,
                 double seconds)
{
  g_autofree char *good = g_base64_encode ((const guchar *) good_xml, strlen (good_xml));
  Document document = { .form = good, .expect = expect };
  size_t length = strlen (form);
  double refused = 0, whole = 0;
  unsigned int count = 0;

  for (; whole < seconds; count += ROUND)
    {
      double from = cpu_seconds (), middle;

      for (int i = 0; i < ROUND; i++)
        refuse_whole (form, length, expect);
      middle = cpu_seconds ();
      for (int i = 0; i < ROUND; i++)
        verify_whole (&document);
      refused += middle - from;
      whole += cpu_seconds () - middle;
    }
  printf ("%s  %zu bytes  engine %.0f refusals, %.0f good ones per CPU second, times a good one %.2f\n", name,
          length / 4 * 3, count / refused, count / whole, whole / refused);
}

static void
refuse_xml (const char *name, const char *xml, const char *good, const DoorSamlExpectation *expect,
            double seconds)
{
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));

  measure_refusal (name, form, good, expect, seconds);
}

static void
write_form (const char *folder, const char *name, const char *xml)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, form, -1, &error);
  g_assert_no_error (error);
}

static void
write_all (const char *folder)
{
  g_autofree char *one = make_xml ("A", NULL), *two = make_xml ("AR", NULL);

  write_form (folder, "signed-A.form", one);
  write_form (folder, "signed-AR.form", two);
}

static void
measure_all (DoorSamlExpectation *expect, double seconds)
{
  static const char *const names[] = { "rsa-other", NULL };
  g_autoptr (GPtrArray) keys = fixture_sp_keys (names);
  g_autofree char *one = make_xml ("A", NULL), *two = make_xml ("AR", NULL),
                  *other = make_xml ("A", "rsa-other");
  g_autofree char *encrypted = make_encrypted (&(Encrypt){ NULL });
  g_autofree char *spoilt = make_encrypted (&(Encrypt){ .spoil_key = 9 });
  g_autofree char *changed = fixture_replace (one, "Lovelace", "Love1ace");
  g_autofree char *huge = g_strnfill (512 * 1024, 'A');

  measure ("signed A ", one, expect, seconds);
  measure ("signed AR", two, expect, seconds);
  expect->decryption_keys = keys;
  expect->decrypt_for = "_q1";
  measure ("encrypted", encrypted, expect, seconds);
  refuse_xml ("forged text", changed, one, expect, seconds);
  refuse_xml ("forged key", other, one, expect, seconds);
  refuse_xml ("forged encryption", spoilt, encrypted, expect, seconds);
  measure_refusal ("oversized", huge, one, expect, seconds);
}

/* What a server does with messages for debugging, which it is not asked for. */
static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

static void
drop_message (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
}

int
main (int argc, char **argv)
{
  double seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 5;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  DoorSamlExpectation expect;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (drop_log, NULL, NULL);
  g_log_set_default_handler (drop_message, NULL);
  if (!door_saml_init (&error))
    g_error ("%s", error->message);
  metadata = fixture_metadata (NULL);
  expect = fixture_expectation (metadata);
  if (argc > 2)
    write_all (argv[2]);
  else
    measure_all (&expect, seconds);
  door_saml_shutdown ();
  return 0;
}
