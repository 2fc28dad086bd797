/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-device.h"

#include "sim-cms.h"
#include "sim-plist.h"

struct _SimDevice
{
  const SimOptions *options; /* unowned */
  char *user_agent;
  char *accept_language;
  char *enrollment_id;
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

static GBytes *
build_machine_info (SimDevice *self, GError **error)
{
  g_autoptr (SimPlist) info = plist_new_dict ();
  g_autoptr (GBytes) xml = NULL;
  const SimSigner signer = { self->key, self->certificate, self->authorities,
                             self->options->sha256_device_info ? EVP_sha256 () : EVP_sha1 () };

  sim_plist_set_string (info, "LANGUAGE", self->options->language);
  sim_plist_set_string (info, "OS_VERSION", self->options->os_version);
  sim_plist_set_string (info, "PRODUCT", self->options->product);
  sim_plist_set_string (info, "VERSION", self->options->build);
  xml = sim_plist_build (info);
  return sim_cms_sign (xml, &signer, SIM_CMS_EMBEDDED, error);
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
  self->enrollment_id = sim_random_uuid ();
  if (!build_chain (self, error))
    return NULL;
  self->machine_info = build_machine_info (self, error);
  return self->machine_info != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * sim_device_free:
 * @self: (transfer full): a device
 */
void
sim_device_free (SimDevice *self)
{
  g_free (self->user_agent);
  g_free (self->accept_language);
  g_free (self->enrollment_id);
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
  sim_certificates_free (self->authorities);
  g_clear_pointer (&self->machine_info, g_bytes_unref);
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
 * Returns: (transfer none): the identifier it made up for this enrollment
 */
const char *
sim_device_get_enrollment_id (const SimDevice *self)
{
  return self->enrollment_id;
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
