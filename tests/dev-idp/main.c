/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gio/gio.h>
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <libxml/parser.h>
#include <stdbool.h>
#include <stdio.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmlsec.h>

#include "idp-config.h"
#include "idp-key.h"
#include "idp-listener.h"
#include "idp-server.h"
#include "idp-signer.h"

typedef struct
{
  char *config;
  char **listen;
  char *tls_certificate;
  char *tls_key;
  char *base_url;
  char *state_dir;
  char *key_type;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->config);
  g_strfreev (options->listen);
  g_free (options->tls_certificate);
  g_free (options->tls_key);
  g_free (options->base_url);
  g_free (options->state_dir);
  g_free (options->key_type);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static bool
set_usage (GError **error, const char *text)
{
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
  return false;
}

static bool
complete_options (Options *options, GError **error)
{
  static const char *const default_listen[] = { "127.0.0.1:8444", NULL };

  if (options->config == NULL || options->tls_certificate == NULL || options->tls_key == NULL)
    return set_usage (error, "--config, --tls-certificate and --tls-key are needed");
  if (options->key_type != NULL && !g_str_equal (options->key_type, "rsa") &&
      !g_str_equal (options->key_type, "ecdsa"))
    return set_usage (error, "--key-type is rsa or ecdsa");
  if (options->listen == NULL)
    options->listen = g_strdupv ((char **) default_listen);
  if (options->state_dir == NULL)
    options->state_dir = g_build_filename (g_get_user_state_dir (), "doorward-dev-idp", NULL);
  return true;
}

static bool
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &options->config, "people and settings", "FILE" },
    { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->listen,
      "loopback address to listen on; may be repeated (127.0.0.1:8444)", "ADDRESS:PORT" },
    { "tls-certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_certificate, "certificate chain",
      "FILE" },
    { "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_key, "private key of the certificate", "FILE" },
    { "base-url", 0, 0, G_OPTION_ARG_STRING, &options->base_url,
      "where browsers reach this (https://idp.localhost:PORT)", "URL" },
    { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir, "where the signing key is kept", "DIR" },
    { "key-type", 0, 0, G_OPTION_ARG_STRING, &options->key_type, "rsa or ecdsa (rsa)", "TYPE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- SAML identity provider for development");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return false;
  if (*argc > 1)
    return set_usage (error, "there are no arguments, only options");
  return complete_options (options, error);
}

static gboolean
stop_cb (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
run (const char *base_url)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  unsigned int term = g_unix_signal_add (SIGTERM, stop_cb, loop);
  unsigned int interrupt = g_unix_signal_add (SIGINT, stop_cb, loop);

  printf ("ready %s\n", base_url);
  fflush (stdout);
  g_main_loop_run (loop);
  g_source_remove (term);
  g_source_remove (interrupt);
}

static bool
serve (const Options *options, const IdpConfig *config, GError **error)
{
  IdpKeyType type = g_strcmp0 (options->key_type, "ecdsa") == 0 ? IDP_KEY_ECDSA : IDP_KEY_RSA;
  g_autoptr (IdpKey) key = idp_key_load_or_create (options->state_dir, type, error);
  g_autoptr (IdpKey) other_key = key != NULL ? idp_key_new (type, error) : NULL;
  g_autoptr (IdpSigner) signer = other_key != NULL ? idp_signer_new (key, other_key, error) : NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (IdpServer) server = NULL;
  g_autoptr (SoupServer) soup = NULL;
  g_autofree char *base_url = NULL;
  uint16_t port = 0;

  if (signer == NULL)
    return false;
  certificate = g_tls_certificate_new_from_files (options->tls_certificate, options->tls_key, error);
  if (certificate == NULL)
    return false;
  soup = soup_server_new ("tls-certificate", certificate, "server-header", "doorward-dev-idp", NULL);
  if (!idp_listener_add_all (soup, (const char *const *) options->listen, &port, error))
    return false;
  base_url = options->base_url != NULL ? g_strdup (options->base_url)
                                       : g_strdup_printf ("https://idp.localhost:%u", port);
  server = idp_server_new (config, key, signer, base_url);
  idp_server_add_routes (server, soup);
  run (base_url);
  soup_server_disconnect (soup);
  return true;
}

static void
xmlsec_error_cb (const char *file, int line, const char *function, const char *object, const char *subject,
                 int reason, const char *text)
{
  g_debug ("xmlsec: %s: %s %s: %s (%d)", function, object, subject, text, reason);
}

static bool
serve_with_xmlsec (const Options *options, const IdpConfig *config, GError **error)
{
  bool served = false;

  xmlInitParser ();
  xmlSecErrorsSetCallback (xmlsec_error_cb);
  if (xmlSecInit () != 0 || xmlSecCryptoAppInit (NULL) != 0 || xmlSecCryptoInit () != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "xmlsec does not start");
      return false;
    }
  served = serve (options, config, error);
  xmlSecCryptoShutdown ();
  xmlSecCryptoAppShutdown ();
  xmlSecShutdown ();
  xmlCleanupParser ();
  return served;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (IdpConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  if (parse_options (&options, &argc, &argv, &error))
    config = idp_config_load (options.config, &error);
  if (config != NULL && serve_with_xmlsec (&options, config, &error))
    return EXIT_SUCCESS;
  g_printerr ("doorward-dev-idp: %s\n", error->message);
  return error->domain == G_OPTION_ERROR ? 64 : EXIT_FAILURE;
}
