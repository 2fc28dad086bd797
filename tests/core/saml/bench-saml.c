/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Complete verifications for each second of CPU time, and xmlsec1 alone on the same documents; not a test.
 * First argument: seconds for each figure, 5 by default. */
#include "saml-fixture.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
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
make_form (const char *parts)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_autofree char *start = fixture_replace (pem, "-----BEGIN CERTIFICATE-----", "");
  g_autofree char *base64 = fixture_replace (start, "-----END CERTIFICATE-----", "");
  g_autofree char *info = g_strdup_printf (
      "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
      base64);
  Signer signer = { .key_info = info };
  g_autofree char *whole = fixture_template ();
  g_autofree char *text = fixture_replace (
      whole, "</saml:AttributeStatement>",
      ATTRIBUTE ("givenname", "Ada") ATTRIBUTE ("surname", "Lovelace") ATTRIBUTE ("name", "ada@example.com")
          ATTRIBUTE ("upn", "ada@example.com") "</saml:AttributeStatement>");
  g_autofree char *xml = fixture_sign (text, parts, &signer);

  printf ("signed %-2s  %zu bytes  ", parts, strlen (xml));
  return g_base64_encode ((const guchar *) xml, strlen (xml));
}

/* One document and who may have signed it. */
typedef struct
{
  char *xml;
  char *form;
  const DoorSamlExpectation *expect;
  xmlSecKeyPtr key;
} Document;

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

/* What any program does that asks xmlsec1: read the document, mark the identifiers, verify. */
static void
verify_bare (const Document *document)
{
  static const xmlChar *const ids[] = { (const xmlChar *) "ID", NULL };
  xmlDoc *doc = xmlReadMemory (document->xml, (int) strlen (document->xml), NULL, NULL, XML_PARSE_NONET);

  xmlSecAddIDs (doc, xmlDocGetRootElement (doc), (const xmlChar **) (gpointer) ids);
  g_assert_cmpuint (verify_below (xmlDocGetRootElement (doc), document), >, 0);
  xmlFreeDoc (doc);
}

/* In turns, so that both see the same machine. */
static void
measure (const char *parts, const DoorSamlExpectation *expect, double seconds)
{
  g_autofree char *form = make_form (parts), *path = NULL;
  g_autofree guchar *xml = NULL;
  gsize length;
  Document document = { .form = form, .expect = expect };
  double whole = 0, bare = 0;
  unsigned int count = 0;

  xml = g_base64_decode (form, &length);
  xml = g_realloc (xml, length + 1);
  xml[length] = '\0';
  document.xml = (char *) xml;
  path = g_test_build_filename (G_TEST_DIST, "data", "saml", "keys", "rsa.crt.pem", NULL);
  document.key = xmlSecCryptoAppKeyLoad (path, xmlSecKeyDataFormatCertPem, NULL, NULL, NULL);
  g_assert_nonnull (document.key);
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
  printf ("engine %.0f, xmlsec1 alone %.0f verifications per CPU second, ratio %.2f\n", count / whole,
          count / bare, bare / whole);
  xmlSecKeyDestroy (document.key);
}

int
main (int argc, char **argv)
{
  double seconds = argc > 1 ? g_ascii_strtod (argv[1], NULL) : 5;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  DoorSamlExpectation expect;

  g_test_init (&argc, &argv, NULL);
  if (!door_saml_init (&error))
    g_error ("%s", error->message);
  metadata = fixture_metadata (NULL);
  expect = fixture_expectation (metadata);
  measure ("A", &expect, seconds);
  measure ("AR", &expect, seconds);
  door_saml_shutdown ();
  return 0;
}
