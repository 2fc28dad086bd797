/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-saml-checks.h"
#include "door-saml-description.h"
#include "door-saml.h"
#include "test-data.h"

/* What is personal passes here, and nothing else does. */
static char *
show_cb (const char *value, gpointer data)
{
  g_ptr_array_add (data, g_strdup (value));
  return g_strdup ("<shown>");
}

static char *
describe (const char *xml, GPtrArray *shown)
{
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));

  return door_saml_describe (form, strlen (form), show_cb, shown);
}

static char *
load (const char *folder, const char *file)
{
  g_autoptr (GBytes) bytes = test_data_load (folder, file);

  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_line (const char *text, const char *line)
{
  g_autofree char *whole = g_strconcat ("\n", line, "\n", NULL), *all = g_strconcat ("\n", text, NULL);

  g_test_message ("%s", line);
  g_assert_nonnull (strstr (all, whole));
}

static void
test_good (void)
{
  static const char *const lines[] = {
    "message: Response",
    "response: signed, rsa-sha256, digest sha256",
    "destination: https://mdm.example.com/saml/okta/acs",
    "in response to: _5f1c9a7d20b84e6f93d1c0aa4be27e11",
    "status: urn:oasis:names:tc:SAML:2.0:status:Success",
    "assertion: signed, rsa-sha256, digest sha256",
    "assertion issuer: http://www.okta.com/exk1a2b3c4d5e6f7g8h9",
    "NameID: <shown>",
    "NameID format: urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "audience: https://mdm.example.com/saml/okta",
    "not on or after: 2026-01-01T12:05:00.311Z",
    "confirmation recipient: https://mdm.example.com/saml/okta/acs",
    "attribute groups: <shown>",
  };
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *xml = load ("okta", "response.xml"), *text = describe (xml, shown);

  for (size_t i = 0; i < G_N_ELEMENTS (lines); i++)
    assert_line (text, lines[i]);
  g_assert_cmpuint (shown->len, ==, 7); /* NameID, four attributes of one value, one of two */
  g_assert_cmpstr (g_ptr_array_index (shown, 0), ==, "ada@example.com");
  g_assert_null (strstr (text, "ada@example.com"));
  g_assert_null (strstr (text, "Lovelace"));
  g_assert_null (strstr (text, "mac-admins"));
}

/* Signature values, certificates, cipher texts and the session's index are nobody's business. */
static void
test_left_out (void)
{
  static const char *const tags[] = { "SignatureValue>", "X509Certificate>", "DigestValue>", "CipherValue>" };
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *clear = load ("saml/response", "both-signed.xml"),
                  *hidden = load ("saml/encrypted", "xmlsec-aes256-gcm.xml"), *a = describe (clear, shown),
                  *b = describe (hidden, shown);

  for (size_t i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      const char *at = strstr (i == 3 ? hidden : clear, tags[i]);
      g_autofree char *piece = at != NULL ? g_strndup (at + strlen (tags[i]), 12) : NULL;

      if (piece == NULL)
        continue;
      g_assert_null (strstr (a, piece));
      g_assert_null (strstr (b, piece));
    }
  g_assert_null (strstr (a, "session index"));
  assert_line (b, "assertion: encrypted, aes256-gcm, key by rsa-oaep-mgf1p");
}

/* What is missing is said; what is sent makes no line of its own, however it is written. */
static void
test_hostile (void)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *unsigned_xml = load ("authentik", "response-unsigned.xml"),
                  *unsigned_text = describe (unsigned_xml, shown),
                  *no_audience_xml = load ("authentik", "response-no-audience.xml"),
                  *no_audience_text = describe (no_audience_xml, shown);
  g_autofree char *many = g_strnfill (200 * 1024, 'x'), *large = NULL, *large_text = NULL,
                  *forged_text = NULL;
  static const char forged[] =
      "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_a&#10;status: fine\" "
      "Destination=\"&#10;audience: forged\"><saml:Issuer "
      "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">"
      "x&#13;&#10;NameID: eve</saml:Issuer></samlp:Response>";

  assert_line (unsigned_text, "response: not signed");
  assert_line (unsigned_text, "assertion: not signed");
  assert_line (no_audience_text, "audience: none");
  forged_text = describe (forged, shown);
  g_assert_null (strstr (forged_text, "\nstatus: fine"));
  g_assert_null (strstr (forged_text, "\naudience: forged"));
  g_assert_null (strstr (forged_text, "\nNameID: eve"));
  large =
      g_strdup_printf ("<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_a\">"
                       "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">%s</saml:Issuer>"
                       "</samlp:Response>",
                       many);
  large_text = describe (large, shown);
  g_assert_cmpuint (strlen (large_text), <, 1024);
}

static void
test_unreadable (void)
{
  static const char *const values[] = { "", "<", "<!DOCTYPE a><a/>", "<a", "not xml" };

  for (size_t i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *text = describe (values[i], shown);

      g_assert_cmpstr (text, ==, "");
      g_assert_cmpuint (shown->len, ==, 0);
    }
}

static void
test_checks (void)
{
  static const struct
  {
    DoorFault fault;
    const char *failed;
    const char *passed;
  } cases[] = {
    { DOOR_FAULT_SAML_FORM, "structure", "" },
    { DOOR_FAULT_SAML_STATUS, "status", "structure" },
    { DOOR_FAULT_SAML_DECRYPT, "decryption", "structure status" },
    { DOOR_FAULT_SAML_SIGNATURE, "signature", "structure status" },
    { DOOR_FAULT_SAML_AUDIENCE, "audience", "structure status signature issuer destination" },
    { DOOR_FAULT_SAML_AUTHN, "session",
      "structure status signature issuer destination audience time recipient in-response-to" },
    { DOOR_FAULT_ID_GROUP, NULL, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *passed = door_saml_checks_dup_passed (cases[i].fault);

      g_assert_cmpstr (door_saml_checks_get_failed (cases[i].fault), ==, cases[i].failed);
      g_assert_cmpstr (passed, ==, cases[i].passed);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  door_saml_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/saml/description/good", test_good);
  g_test_add_func ("/saml/description/left-out", test_left_out);
  g_test_add_func ("/saml/description/hostile", test_hostile);
  g_test_add_func ("/saml/description/unreadable", test_unreadable);
  g_test_add_func ("/saml/checks", test_checks);
  status = g_test_run ();
  door_saml_shutdown ();
  return status;
}
