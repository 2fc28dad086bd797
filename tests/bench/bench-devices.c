/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes identities of devices with the server's own authority, and requests that are signed beforehand. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <openssl/pem.h>

#include "sim-certificate.h"
#include "sim-cms.h"
#include "sim-plist.h"

#define KEY_BITS 2048
/* Making a key takes longer than all else; to the server each certificate has a key of its own anyway. */
#define KEYS 16
#define MS_PER_S INT64_C (1000)

typedef struct
{
  char *state;
  char *folder;
  char *topic;
  char *host;
  int count;
} Options;

/* Where the requests of one kind go. */
typedef struct
{
  const char *name;
  const char *content_type;
  bool modern; /* signed attributes, SHA-256 */
  bool idle;
  bool acknowledges; /* the command whose id is that of the enrollment */
  FILE *file;
} Kind;

static Kind kinds[] = {
  { "idle", "application/x-apple-aspen-mdm", false, true, false, NULL },
  { "token", "application/x-apple-aspen-mdm-checkin", false, false, false, NULL },
  { "idle-modern", "application/x-apple-aspen-mdm", true, true, false, NULL },
  { "token-modern", "application/x-apple-aspen-mdm-checkin", true, false, false, NULL },
  { "acknowledged", "application/x-apple-aspen-mdm", false, true, true, NULL },
};

static void G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN give_up (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  exit (EXIT_FAILURE);
}

static FILE *
open_file (const char *folder, const char *name, const char *suffix)
{
  g_autofree char *path = g_strdup_printf ("%s/%s%s", folder, name, suffix);
  FILE *file = fopen (path, "we");

  if (file == NULL)
    give_up ("%s: %s", path, g_strerror (errno));
  return file;
}

static BIO *
open_pem (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  BIO *bio = BIO_new_file (path, "r");

  if (bio == NULL)
    give_up ("cannot read %s", path);
  return bio;
}

static SimIssuer
load_authority (const char *state)
{
  g_autoptr (BIO) certificate = open_pem (state, "scep-ca.pem"), key = open_pem (state, "scep-ca.key");
  SimIssuer issuer = { PEM_read_bio_X509 (certificate, NULL, NULL, NULL),
                       PEM_read_bio_PrivateKey (key, NULL, NULL, NULL) };

  if (issuer.certificate == NULL || issuer.key == NULL)
    give_up ("%s holds no authority", state);
  return issuer;
}

static char *
hash (const unsigned char *data, int size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, (gsize) size);
}

static int64_t
to_ms (const ASN1_TIME *time)
{
  struct tm parts = { 0 };

  ASN1_TIME_to_tm (time, &parts);
  return (int64_t) timegm (&parts) * MS_PER_S;
}

/* A line of what a row of the table certificate needs. */
static void
write_row (FILE *rows, const char *enrollment_id, X509 *certificate)
{
  unsigned char *der = NULL, *key = NULL;
  int size = i2d_X509 (certificate, &der), key_size = i2d_PUBKEY (X509_get0_pubkey (certificate), &key);
  g_autofree char *sha256 = hash (der, size), *key_hash = hash (key, key_size),
                  *text = g_base64_encode (der, (gsize) size);
  BIGNUM *number = ASN1_INTEGER_to_BN (X509_get0_serialNumber (certificate), NULL);
  char *hex = BN_bn2hex (number);
  g_autofree char *serial = g_ascii_strdown (hex, -1);

  fprintf (rows, "%s\t%s\t%s\t%s\t%s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\n", enrollment_id, sha256,
           serial, key_hash, text, to_ms (X509_get0_notBefore (certificate)),
           to_ms (X509_get0_notAfter (certificate)));
  OPENSSL_free (hex);
  BN_free (number);
  OPENSSL_free (der);
  OPENSSL_free (key);
}

static GBytes *
build_body (const Kind *kind, const char *enrollment_id, const char *topic)
{
  g_autoptr (SimPlist) message = plist_new_dict ();
  g_autoptr (GBytes) token = sim_random_bytes (32);
  g_autofree char *magic = sim_random_uuid ();

  sim_plist_set_string (message, "EnrollmentID", enrollment_id);
  if (kind->idle)
    {
      sim_plist_set_string (message, "Status", kind->acknowledges ? "Acknowledged" : "Idle");
      if (kind->acknowledges)
        sim_plist_set_string (message, "CommandUUID", enrollment_id);
      return sim_plist_build (message);
    }
  sim_plist_set_bool (message, "AwaitingConfiguration", false);
  sim_plist_set_string (message, "MessageType", "TokenUpdate");
  sim_plist_set_string (message, "PushMagic", magic);
  sim_plist_set_data (message, "Token", token);
  sim_plist_set_string (message, "Topic", topic);
  return sim_plist_build (message);
}

static void
write_request (const Kind *kind, const Options *options, const char *enrollment_id, const SimSigner *signer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = build_body (kind, enrollment_id, options->topic);
  SimSigner by = { signer->key, signer->certificate, NULL, kind->modern ? EVP_sha256 () : EVP_sha1 () };
  g_autoptr (GBytes) signature = sim_cms_sign (
      body, &by, kind->modern ? SIM_CMS_DETACHED : SIM_CMS_DETACHED | SIM_CMS_AS_DEVICE, &error);
  g_autofree char *text = NULL, *head = NULL;
  gsize size, signature_size;
  const void *data = g_bytes_get_data (body, &size);
  uint32_t length;

  if (signature == NULL)
    give_up ("%s", error->message);
  text = g_base64_encode (g_bytes_get_data (signature, &signature_size), g_bytes_get_size (signature));
  head = g_strdup_printf ("PUT /mdm/apple/mdm HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n"
                          "User-Agent: MDM-OSX/1.0 mdmclient/1610\r\nAccept-Language: en-us\r\n"
                          "Content-Type: %s\r\nContent-Length: %zu\r\nMdm-Signature: %s\r\n\r\n",
                          options->host, kind->content_type, size, text);
  length = htonl ((uint32_t) (strlen (head) + size));
  fwrite (&length, sizeof length, 1, kind->file);
  fwrite (head, strlen (head), 1, kind->file);
  fwrite (data, size, 1, kind->file);
}

static void
make_device (const Options *options, const SimIssuer *issuer, EVP_PKEY *key, FILE *rows)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *enrollment_id = sim_random_uuid ();
  g_autoptr (X509) certificate = sim_certificate_new (enrollment_id, key, issuer, false, &error);
  const SimSigner signer = { key, certificate, NULL, NULL };

  if (certificate == NULL)
    give_up ("%s", error->message);
  write_row (rows, enrollment_id, certificate);
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    write_request (&kinds[i], options, enrollment_id, &signer);
}

static void
make_all (const Options *options)
{
  SimIssuer issuer = load_authority (options->state);
  FILE *rows = open_file (options->folder, "devices", ".tsv");
  EVP_PKEY *keys[KEYS] = { NULL };
  g_autoptr (GError) error = NULL;
  bool good = true;

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    kinds[i].file = open_file (options->folder, kinds[i].name, ".requests");
  for (int i = 0; i < options->count; i++)
    {
      EVP_PKEY **key = &keys[i % KEYS];

      if (*key == NULL && (*key = sim_key_new (KEY_BITS, &error)) == NULL)
        give_up ("%s", error->message);
      make_device (options, &issuer, *key, rows);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    good = fclose (kinds[i].file) == 0 && good;
  if (fclose (rows) != 0 || !good)
    give_up ("%s: %s", options->folder, g_strerror (errno));
  for (size_t i = 0; i < KEYS; i++)
    EVP_PKEY_free (keys[i]);
  X509_free (issuer.certificate);
  EVP_PKEY_free (issuer.key);
}

int
main (int argc, char **argv)
{
  Options options = { .count = 200 };
  const GOptionEntry entries[] = {
    { "state", 0, 0, G_OPTION_ARG_FILENAME, &options.state, "state folder of the server", "FOLDER" },
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &options.folder, "where the files go", "FOLDER" },
    { "topic", 0, 0, G_OPTION_ARG_STRING, &options.topic, "push topic of the server", "TOPIC" },
    { "host", 0, 0, G_OPTION_ARG_STRING, &options.host, "value of Host", "NAME" },
    { "count", 0, 0, G_OPTION_ARG_INT, &options.count, "devices (200)", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    give_up ("%s", error->message);
  if (options.state == NULL || options.folder == NULL || options.topic == NULL || options.host == NULL)
    give_up ("give --state, --folder, --topic and --host; see --help");
  make_all (&options);
  g_free (options.state);
  g_free (options.folder);
  g_free (options.topic);
  g_free (options.host);
  return EXIT_SUCCESS;
}
