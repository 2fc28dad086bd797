/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-device.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <string.h>

#include "sim-cms.h"
#include "sim-error.h"
#include "sim-plist.h"

#define AUTHORITY_CERTIFICATE "device-ca.pem"
#define AUTHORITY_KEY "device-ca.key"

struct _SimDevice
{
  const SimOptions *options; /* unowned */
  bool whole;                /* it is managed as a whole, and says which one it is */
  char *user_agent;
  char *accept_language;
  char *enrollment_id; /* what it calls itself: EnrollmentID or UDID */
  char *serial;
  EVP_PKEY *key;
  X509 *certificate;
  SimCertificates *authorities; /* the chain above the certificate, root last */
  GBytes *machine_info;
};

static char *
build_user_agent (const SimOptions *options)
{
  g_auto (GStrv) parts = g_strsplit (options->os_version, ".", -1);
  g_autofree char *underscored = g_strjoinv ("_", parts);
  g_autofree char *version = g_strjoin (".", parts[0], parts[0] != NULL ? parts[1] : NULL, NULL);
  const char *engine = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

  if (g_str_equal (options->model_family, "Mac"))
    return g_strdup_printf ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) %s Version/%s Safari/605.1.15",
                            engine, version);
  if (g_str_equal (options->model_family, "iPad"))
    return g_strdup_printf (
        "Mozilla/5.0 (iPad; CPU OS %s like Mac OS X) %s Version/%s Mobile/15E148 Safari/604.1", underscored,
        engine, version);
  return g_strdup_printf (
      "Mozilla/5.0 (iPhone; CPU iPhone OS %s like Mac OS X) %s Version/%s Mobile/15E148 Safari/604.1",
      underscored, engine, version);
}

/* A device in one language names its region first, then the language alone. */
static char *
build_accept_language (const char *language)
{
  static const char *const regions[][2] = { { "en", "US" }, { "ja", "JP" }, { "cs", "CZ" }, { "ar", "SA" },
                                            { "pt", "BR" }, { "de", "DE" }, { "fr", "FR" }, { "es", "ES" },
                                            { "it", "IT" }, { "nl", "NL" } };
  g_auto (GStrv) parts = g_strsplit (language, "-", 2);

  if (parts[1] != NULL)
    return g_strdup_printf ("%s,%s;q=0.9", language, parts[0]);
  for (size_t i = 0; i < G_N_ELEMENTS (regions); i++)
    if (g_str_equal (regions[i][0], language))
      return g_strdup_printf ("%s-%s,%s;q=0.9", language, regions[i][1], language);
  return g_strdup (language);
}

/* Ten letters and digits, without those that are read wrongly. */
static char *
make_serial (void)
{
  static const char letters[] = "CDFGHJKLMNPQRTVWXY0123456789";
  g_autoptr (GBytes) random = sim_random_bytes (10);
  const uint8_t *bytes = g_bytes_get_data (random, NULL);
  char *serial = g_malloc0 (11);

  for (size_t i = 0; i < 10; i++)
    serial[i] = letters[bytes[i] % (sizeof letters - 1)];
  return serial;
}

/* A Mac has a UUID, the others the number of their chip and one of their own. */
static char *
make_udid (const SimOptions *options)
{
  g_autofree char *uuid = sim_random_uuid ();
  g_auto (GStrv) parts = g_strsplit (uuid, "-", -1);

  if (g_str_equal (options->model_family, "Mac"))
    return g_steal_pointer (&uuid);
  return g_strdup_printf ("00008101-%s%s%.8s", parts[1], parts[2], parts[4]);
}

static BIO *
open_part (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  BIO *file = BIO_new_file (path, "r");

  if (file == NULL)
    g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "--device-ca: %s cannot be read", path);
  return file;
}

/* A device whose maker the server was told of. */
static gboolean
build_vouched_chain (SimDevice *self, GError **error)
{
  g_autoptr (BIO) certificate_file = open_part (self->options->device_ca, AUTHORITY_CERTIFICATE, error);
  g_autoptr (BIO) key_file =
      certificate_file != NULL ? open_part (self->options->device_ca, AUTHORITY_KEY, error) : NULL;
  g_autoptr (X509) root = NULL;
  g_autoptr (EVP_PKEY) root_key = NULL;

  if (key_file == NULL)
    return FALSE;
  root = PEM_read_bio_X509 (certificate_file, NULL, NULL, NULL);
  root_key = PEM_read_bio_PrivateKey (key_file, NULL, NULL, NULL);
  self->key = root != NULL && root_key != NULL ? sim_key_new (2048, error) : NULL;
  if (root == NULL || root_key == NULL)
    g_set_error_literal (error, SIM_ERROR, SIM_ERROR_USAGE, "--device-ca: no certificate or no key");
  if (self->key == NULL)
    return FALSE;
  self->certificate =
      sim_certificate_new (self->enrollment_id, self->key, &(SimIssuer){ root, root_key }, false, error);
  self->authorities = sk_X509_new_null ();
  sk_X509_push (self->authorities, g_steal_pointer (&root));
  return self->certificate != NULL;
}

/* Root, intermediate and device certificate, as the chain in the messages of real devices. */
static gboolean
build_chain (SimDevice *self, GError **error)
{
  g_autoptr (EVP_PKEY) root_key = sim_key_new (2048, error);
  g_autoptr (EVP_PKEY) middle_key = root_key != NULL ? sim_key_new (2048, error) : NULL;
  g_autoptr (X509) root = NULL;
  g_autoptr (X509) middle = NULL;

  self->key = middle_key != NULL ? sim_key_new (2048, error) : NULL;
  if (self->key == NULL)
    return FALSE;
  root =
      sim_certificate_new ("Simulated Device Root CA", root_key, &(SimIssuer){ NULL, root_key }, true, error);
  if (root == NULL)
    return FALSE;
  middle =
      sim_certificate_new ("Simulated Device CA", middle_key, &(SimIssuer){ root, root_key }, true, error);
  if (middle == NULL)
    return FALSE;
  self->certificate =
      sim_certificate_new (self->enrollment_id, self->key, &(SimIssuer){ middle, middle_key }, false, error);
  self->authorities = sk_X509_new_null ();
  sk_X509_push (self->authorities, g_steal_pointer (&middle));
  sk_X509_push (self->authorities, g_steal_pointer (&root));
  return self->certificate != NULL;
}

/**
 * sim_device_sign:
 * @self: a device
 * @content: what it says of itself
 * @error: return location for an error
 *
 * Returns: (transfer full): that, signed with the certificate it left the factory with
 */
GBytes *
sim_device_sign (const SimDevice *self, GBytes *content, GError **error)
{
  const SimSigner signer = { self->key, self->certificate, self->authorities,
                             self->options->sha256_device_info ? EVP_sha256 () : EVP_sha1 () };

  return sim_cms_sign (content, &signer, SIM_CMS_EMBEDDED, error);
}

static GBytes *
build_machine_info (SimDevice *self, GError **error)
{
  g_autoptr (SimPlist) info = plist_new_dict ();
  g_autoptr (GBytes) xml = NULL;

  sim_plist_set_string (info, "LANGUAGE", self->options->language);
  sim_plist_set_string (info, "OS_VERSION", self->options->os_version);
  sim_plist_set_string (info, "PRODUCT", self->options->product);
  sim_plist_set_string (info, "VERSION", self->options->build);
  if (!sim_options_is_account_driven (self->options))
    {
      sim_plist_set_bool (info, "MDM_CAN_REQUEST_SOFTWARE_UPDATE", true);
      sim_plist_set_string (info, "SERIAL", self->serial);
      sim_plist_set_string (info, "UDID", self->enrollment_id);
    }
  xml = sim_plist_build (info);
  return sim_device_sign (self, xml, error);
}

static void
clear_identity (SimDevice *self)
{
  g_clear_pointer (&self->enrollment_id, g_free);
  g_clear_pointer (&self->key, EVP_PKEY_free);
  g_clear_pointer (&self->certificate, X509_free);
  g_clear_pointer (&self->authorities, sim_certificates_free);
  g_clear_pointer (&self->machine_info, g_bytes_unref);
}

/* What it calls itself, the chain that vouches for it, and what it says of itself. */
static gboolean
build_identity (SimDevice *self, GError **error)
{
  const SimOptions *options = self->options;

  clear_identity (self);
  if (!self->whole)
    self->enrollment_id = sim_random_uuid ();
  else
    self->enrollment_id = options->udid != NULL ? g_strdup (options->udid) : make_udid (options);
  if (options->device_ca != NULL ? !build_vouched_chain (self, error) : !build_chain (self, error))
    return FALSE;
  self->machine_info = build_machine_info (self, error);
  return self->machine_info != NULL;
}

/**
 * sim_device_new:
 * @options: what the device is; must outlive it
 * @error: return location for an error
 *
 * Makes the device's keys, its certificate chain and the signed MachineInfo that it sends.
 *
 * Returns: (transfer full): the device
 */
SimDevice *
sim_device_new (const SimOptions *options, GError **error)
{
  g_autoptr (SimDevice) self = g_new0 (SimDevice, 1);

  self->options = options;
  self->user_agent = build_user_agent (options);
  self->accept_language = build_accept_language (options->language);
  self->serial = options->serial != NULL ? g_strdup (options->serial) : make_serial ();
  self->whole = sim_options_is_whole (options);
  return build_identity (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * sim_device_make_whole:
 * @self: a device that has not said yet who it is
 * @error: return location for an error
 *
 * Has it be managed as a whole from now on, and say which one it is.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_device_make_whole (SimDevice *self, GError **error)
{
  if (self->whole)
    return TRUE;
  self->whole = true;
  return build_identity (self, error);
}

/**
 * sim_device_is_whole:
 * @self: a device
 *
 * Returns: whether it is managed as a whole, and says which one it is
 */
bool
sim_device_is_whole (const SimDevice *self)
{
  return self->whole;
}

/**
 * sim_device_free:
 * @self: (transfer full): a device
 */
void
sim_device_free (SimDevice *self)
{
  clear_identity (self);
  g_free (self->user_agent);
  g_free (self->accept_language);
  g_free (self->serial);
  g_free (self);
}

/**
 * sim_device_get_marketing_name:
 * @self: a device
 *
 * Returns: (transfer none): the name in the shop, or the model identifier where it is not known here
 */
const char *
sim_device_get_marketing_name (const SimDevice *self)
{
  static const char *const names[][2] = {
    { "iPhone12,1", "iPhone 11" },        { "iPhone15,4", "iPhone 15" },
    { "iPhone15,5", "iPhone 15 Plus" },   { "iPhone16,1", "iPhone 15 Pro" },
    { "iPhone17,3", "iPhone 16" },        { "iPad13,18", "iPad (10th generation)" },
    { "iPad16,3", "iPad Pro 11" },        { "Mac15,7", "MacBook Pro 16 (M3)" },
    { "Mac16,1", "MacBook Pro 14 (M4)" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (names[i][0], self->options->product))
      return names[i][1];
  return self->options->product;
}

/**
 * sim_device_get_user_agent:
 * @self: a device
 *
 * Returns: (transfer none): what its browser calls itself
 */
const char *
sim_device_get_user_agent (const SimDevice *self)
{
  return self->user_agent;
}

/**
 * sim_device_get_mdm_user_agent:
 * @self: a device
 *
 * Returns: (transfer none): what its MDM client calls itself
 */
const char *
sim_device_get_mdm_user_agent (const SimDevice *self)
{
  return sim_device_is_mac (self) ? "MDM-OSX/1.0 mdmclient/1642" : "MDM/1.0";
}

/**
 * sim_device_get_accept_language:
 * @self: a device
 *
 * Returns: (transfer none): its languages as the header wants them
 */
const char *
sim_device_get_accept_language (const SimDevice *self)
{
  return self->accept_language;
}

/**
 * sim_device_get_enrollment_id:
 * @self: a device
 *
 * Returns: (transfer none): the identifier it made up for this enrollment, or the UDID of a device that is
 * managed as a whole
 */
const char *
sim_device_get_enrollment_id (const SimDevice *self)
{
  return self->enrollment_id;
}

/**
 * sim_device_get_serial:
 * @self: a device
 *
 * Returns: (transfer none): its serial number
 */
const char *
sim_device_get_serial (const SimDevice *self)
{
  return self->serial;
}

static gboolean
write_part (const char *folder, const char *name, GBytes *content, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  gsize size = 0;
  const char *data = g_bytes_get_data (content, &size);
  g_autoptr (GError) local = NULL;

  if (g_file_set_contents_full (path, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &local))
    return TRUE;
  g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "cannot write %s: %s", path, local->message);
  return FALSE;
}

/**
 * sim_device_make_authority:
 * @folder: where to; it is made
 * @error: return location for an error
 *
 * Makes the authority of a maker of devices, which a server in development mode may be told of. Writes files.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_device_make_authority (const char *folder, GError **error)
{
  g_autoptr (EVP_PKEY) key = sim_key_new (2048, error);
  g_autoptr (X509) certificate = NULL;
  g_autoptr (GBytes) certificate_pem = NULL, key_pem = NULL;

  if (key == NULL)
    return FALSE;
  certificate = sim_certificate_new ("Simulated Device CA", key, &(SimIssuer){ NULL, key }, true, error);
  if (certificate == NULL)
    return FALSE;
  certificate_pem = sim_certificate_to_pem (certificate);
  key_pem = sim_key_to_pem (key);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "cannot make the folder %s", folder);
      return FALSE;
    }
  return write_part (folder, AUTHORITY_CERTIFICATE, certificate_pem, error) &&
         write_part (folder, AUTHORITY_KEY, key_pem, error);
}

/**
 * sim_device_get_options:
 * @self: a device
 *
 * Returns: (transfer none): what it is
 */
const SimOptions *
sim_device_get_options (const SimDevice *self)
{
  return self->options;
}

/**
 * sim_device_is_mac:
 * @self: a device
 *
 * Returns: whether it behaves as macOS does
 */
bool
sim_device_is_mac (const SimDevice *self)
{
  return g_str_equal (self->options->model_family, "Mac");
}

/**
 * sim_device_get_machine_info:
 * @self: a device
 *
 * Returns: (transfer none): its signed MachineInfo
 */
GBytes *
sim_device_get_machine_info (const SimDevice *self)
{
  return self->machine_info;
}

/**
 * sim_device_dup_authority:
 * @self: a device
 *
 * Returns: (transfer full): the root of its certificate chain in PEM form
 */
GBytes *
sim_device_dup_authority (const SimDevice *self)
{
  return sim_certificate_to_pem (sk_X509_value (self->authorities, sk_X509_num (self->authorities) - 1));
}
