/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-options.h"

#include <gio/gio.h>
#include <string.h>

#include "sim-error.h"
#include "sim-misbehaviour.h"

#define MAX_DELAY_S 120
#define MAX_TIMEOUT_S 300
#define MAX_WAIT_S 900
#define MAX_REFRESH_AFTER_S 900
#define MAX_PASSWORD_BYTES 1024

/* What GOption fills in before it is checked. */
typedef struct
{
  SimOptions *options;
  char *server;
  char *password_file;
  char *only_until;
  char *signature;
  char *digest;
} Raw;

static const char *const step_names[] = {
  [SIM_STEP_DISCOVERY] = "discovery",
  [SIM_STEP_CHALLENGE] = "challenge",
  [SIM_STEP_SIGN_IN] = "sign-in",
  [SIM_STEP_PROFILE] = "profile",
  [SIM_STEP_SCEP] = "scep",
  [SIM_STEP_AUTHENTICATE] = "authenticate",
  [SIM_STEP_TOKEN_UPDATE] = "token-update",
  [SIM_STEP_ALL] = NULL,
};

static const char *const way_names[] = {
  [SIM_WAY_BYOD] = "byod",   [SIM_WAY_OAUTH2] = "oauth2",    [SIM_WAY_ADDE] = "adde",
  [SIM_WAY_UNBOX] = "unbox", [SIM_WAY_LINK] = "enroll-link", [SIM_WAY_OTA] = "ota",
};

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_USAGE, text);
  return FALSE;
}

/* Says what there is; takes @choices. */
static gboolean
fail_choice (GError **error, const char *text, char *choices)
{
  g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "%s; there are %s", text, choices);
  g_free (choices);
  return FALSE;
}

static void
add_person_group (GOptionContext *context, Raw *raw)
{
  SimOptions *o = raw->options;
  const GOptionEntry entries[] = {
    { "server", 0, 0, G_OPTION_ARG_STRING, &raw->server, "base address of discovery", "URL" },
    { "discovery", 0, 0, G_OPTION_ARG_STRING, &o->discovery, "the same, stronger than --server", "URL" },
    { "enroll-url", 0, 0, G_OPTION_ARG_STRING, &o->enroll_url, "BaseURL; leaves discovery out", "URL" },
    { "account", 0, 0, G_OPTION_ARG_STRING, &o->account, "Managed Apple Account", "NAME@DOMAIN" },
    { "user", 0, 0, G_OPTION_ARG_STRING, &o->user, "user name at the identity provider", "NAME" },
    { "password", 0, 0, G_OPTION_ARG_STRING, &o->password, "password there", "TEXT" },
    { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &raw->password_file, "file whose first line is it",
      "FILE" },
    { "idp", 0, 0, G_OPTION_ARG_STRING, &o->idp, "identity provider to choose", "NAME" },
    { "idp-fault", 0, 0, G_OPTION_ARG_STRING, &o->idp_fault, "fault to ask the development provider for",
      "NAME" },
    { "product", 0, 0, G_OPTION_ARG_STRING, &o->product, "model identifier (of the family)", "ID" },
    { "model-family", 0, 0, G_OPTION_ARG_STRING, &o->model_family, "iPhone, iPad, Mac, … (of the product)",
      "NAME" },
    { "os-version", 0, 0, G_OPTION_ARG_STRING, &o->os_version, "version of its system (18.2.1)", "VERSION" },
    { "build", 0, 0, G_OPTION_ARG_STRING, &o->build, "build of its system (22C161)", "BUILD" },
    { "language", 0, 0, G_OPTION_ARG_STRING, &o->language, "its language (en)", "TAG" },
    { NULL },
  };
  const GOptionEntry device[] = {
    { "start", 0, 0, G_OPTION_ARG_STRING, &o->start, "unbox: the first page (server's /mdm/sso)", "URL" },
    { "link", 0, 0, G_OPTION_ARG_STRING, &o->link, "enroll-link, ota: the link", "URL" },
    { "serial", 0, 0, G_OPTION_ARG_STRING, &o->serial, "serial number (made up)", "TEXT" },
    { "udid", 0, 0, G_OPTION_ARG_STRING, &o->udid, "UDID (made up)", "TEXT" },
    { "device-ca", 0, 0, G_OPTION_ARG_FILENAME, &o->device_ca, "made by doorward-sim device-ca", "FOLDER" },
    { "wait", 0, 0, G_OPTION_ARG_INT, &o->wait_s, "longest wait to be let go, or to be told to renew (60)",
      "SECONDS" },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("person", "Person and device:", "Show these options", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_add_entries (group, device);
  g_option_context_add_group (context, group);
}

static void
add_run_group (GOptionContext *context, Raw *raw)
{
  SimOptions *o = raw->options;
  const GOptionEntry entries[] = {
    { "ca", 0, 0, G_OPTION_ARG_FILENAME, &o->ca, "the only TLS anchors (PEM)", "FILE" },
    { "profile-ca", 0, 0, G_OPTION_ARG_FILENAME, &o->profile_ca, "anchors of the profile's signer", "FILE" },
    { "header", 0, 0, G_OPTION_ARG_STRING_ARRAY, &o->headers, "sent to the server with each request",
      "'N: V'" },
    { "misbehave", 0, 0, G_OPTION_ARG_STRING, &o->misbehave, "scenario, see below", "NAME" },
    { "only-until", 0, 0, G_OPTION_ARG_STRING, &raw->only_until, "stop after this station", "STATION" },
    { "delay", 0, 0, G_OPTION_ARG_INT, &o->delay_s, "wait before the first SAMLResponse", "SECONDS" },
    { "refresh-after", 0, 0, G_OPTION_ARG_INT, &o->refresh_after_s, "oauth2: wait before the refresh",
      "SECONDS" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &o->timeout_s, "longest wait for one answer (30)", "SECONDS" },
    { "scep-get", 0, 0, G_OPTION_ARG_NONE, &o->scep_get, "SCEP by GET", NULL },
    { "mdm-signature", 0, 0, G_OPTION_ARG_STRING, &raw->signature, "device or modern", "SHAPE" },
    { "device-info-digest", 0, 0, G_OPTION_ARG_STRING, &raw->digest, "sha1 or sha256", "NAME" },
    { "until-renewed", 0, 0, G_OPTION_ARG_NONE, &o->until_renewed, "stay until the server has it renew",
      NULL },
    { "renew", 0, 0, G_OPTION_ARG_NONE, &o->renew, "renew the certificate after enrolling", NULL },
    { "escrow", 0, 0, G_OPTION_ARG_NONE, &o->escrow, "leave an unlock or bootstrap token with the server",
      NULL },
    { "check-out", 0, 0, G_OPTION_ARG_NONE, &o->check_out, "check out at the end", NULL },
    { "save", 0, 0, G_OPTION_ARG_FILENAME, &o->save, "write identity, token and profile there", "FOLDER" },
    { "server-log", 0, 0, G_OPTION_ARG_FILENAME, &o->server_log, "JSON lines of the server", "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &o->json, "one JSON document on stdout", NULL },
    { "quiet", 0, 0, G_OPTION_ARG_NONE, &o->quiet, "print nothing but errors", NULL },
    { NULL },
  };
  GOptionGroup *group = g_option_group_new ("run", "Run:", "Show the options of the run", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_context_add_group (context, group);
}

static GOptionContext *
build_context (Raw *raw)
{
  GOptionContext *context = g_option_context_new (NULL);
  g_autofree char *scenarios = sim_misbehaviour_dup_list ();
  g_autofree char *stations = g_strjoinv (", ", (char **) step_names);
  g_autofree char *description = NULL;

  description =
      g_strdup_printf ("Scenarios of --misbehave:\n%s\nStations of --only-until: %s\n", scenarios, stations);
  g_option_context_set_summary (
      context, "Enrolls a simulated Apple device, in the way that the subcommand names: byod, "
               "oauth2, adde, unbox, enroll-link or ota. fleet enrolls many, and device-ca makes "
               "the authority that vouches for them.");
  g_option_context_set_description (context, description);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_strict_posix (context, TRUE);
  add_person_group (context, raw);
  add_run_group (context, raw);
  return context;
}

static gboolean
read_password (SimOptions *options, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (path == NULL)
    return TRUE;
  if (options->password != NULL)
    return fail (error, "--password and --password-file exclude each other");
  if (!g_file_get_contents (path, &text, &length, NULL) || length > MAX_PASSWORD_BYTES)
    return fail (error, "--password-file cannot be read, or is too long");
  options->password = g_strndup (text, strcspn (text, "\r\n"));
  return TRUE;
}

/* Where a device that has no account begins. */
static gboolean
choose_start (Raw *raw, GError **error)
{
  SimOptions *options = raw->options;
  const char *url = sim_options_has_link (options) ? options->link : options->start;

  if (url == NULL && sim_options_has_link (options))
    return fail (error, "--link URL is needed");
  if (url == NULL && raw->server == NULL)
    return fail (error, "--server or --start is needed");
  if (url == NULL)
    options->start =
        g_strconcat (raw->server, g_str_has_suffix (raw->server, "/") ? "" : "/", "mdm/sso", NULL);
  if (!g_str_has_prefix (url != NULL ? url : options->start, "https://"))
    return fail (error, "the first page must begin with https://");
  return TRUE;
}

/* Where a device looks when nobody tells it: at the domain of the account. */
static gboolean
choose_discovery (Raw *raw, GError **error)
{
  SimOptions *options = raw->options;
  size_t length = 0;

  if (!sim_options_is_account_driven (options))
    return choose_start (raw, error);
  if (options->discovery == NULL)
    options->discovery = raw->server != NULL
                             ? g_strdup (raw->server)
                             : g_strconcat ("https://", strrchr (options->account, '@') + 1, NULL);
  length = strlen (options->discovery);
  if (length > 0 && options->discovery[length - 1] == '/')
    options->discovery[length - 1] = '\0';
  if (!g_str_has_prefix (options->discovery, "https://"))
    return fail (error, "the server's address must begin with https://");
  if (options->enroll_url != NULL && !g_str_has_prefix (options->enroll_url, "https://"))
    return fail (error, "--enroll-url must begin with https://");
  return TRUE;
}

static gboolean
choose_step (SimOptions *options, const char *name, GError **error)
{
  options->only_until = SIM_STEP_ALL;
  if (name == NULL)
    return TRUE;
  for (size_t i = 0; step_names[i] != NULL; i++)
    if (g_str_equal (step_names[i], name))
      {
        options->only_until = (SimStep) i;
        return TRUE;
      }
  return fail_choice (error, "--only-until: no such station", g_strjoinv (", ", (char **) step_names));
}

static gboolean
choose_shapes (Raw *raw, GError **error)
{
  const char *signature = raw->signature != NULL ? raw->signature : "device";
  const char *digest = raw->digest != NULL ? raw->digest : "sha1";

  raw->options->modern_signature = g_str_equal (signature, "modern");
  raw->options->sha256_device_info = g_str_equal (digest, "sha256");
  if (!raw->options->modern_signature && !g_str_equal (signature, "device"))
    return fail (error, "--mdm-signature is device or modern");
  if (!raw->options->sha256_device_info && !g_str_equal (digest, "sha1"))
    return fail (error, "--device-info-digest is sha1 or sha256");
  return TRUE;
}

static void
set_default (char **value, const char *text)
{
  if (*value == NULL)
    *value = g_strdup (text);
}

/* A family, the device that is played of it when none is named, and how its devices begin. */
typedef struct
{
  const char *name;
  const char *product;
  const char *prefixes[3];
} Family;

static const Family families[] = {
  { "iPhone", "iPhone15,4", { "iPhone", "iPod" } },
  { "iPad", "iPad14,8", { "iPad" } },
  { "Mac", "Mac15,7", { "Mac", "iMac", "VirtualMac" } },
  { "AppleTV", "AppleTV14,1", { "AppleTV" } },
  { "RealityDevice", "RealityDevice14,1", { "RealityDevice" } },
  { "Watch", "Watch7,5", { "Watch" } },
};

static const Family *
lookup_family (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i].name, name))
      return &families[i];
  return NULL;
}

/* %NULL for a product that none is known to have. */
static const Family *
lookup_family_of (const char *product)
{
  for (size_t i = 0; i < G_N_ELEMENTS (families); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (families[i].prefixes) && families[i].prefixes[j] != NULL; j++)
      if (g_str_has_prefix (product, families[i].prefixes[j]))
        return &families[i];
  return NULL;
}

/* A server that lets in some families goes by the product: the two must be of one device. */
static gboolean
choose_device (SimOptions *options, GError **error)
{
  const Family *of = options->product != NULL ? lookup_family_of (options->product) : NULL, *family;
  bool mac;

  set_default (&options->model_family, of != NULL ? of->name : "iPhone");
  family = lookup_family (options->model_family);
  if (family == NULL)
    return fail (error,
                 "--model-family: no such family; it is iPhone, iPad, Mac, AppleTV, RealityDevice or Watch");
  if (of != NULL && of != family)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE,
                   "--product %s is of the family %s and --model-family says %s; leave one of them out",
                   options->product, of->name, family->name);
      return FALSE;
    }
  mac = g_str_equal (family->name, "Mac");
  set_default (&options->product, family->product);
  set_default (&options->os_version, mac ? "15.2" : "18.2.1");
  set_default (&options->build, mac ? "24C101" : "22C161");
  return TRUE;
}

/* What one option demands of another. */
static gboolean
check_together (const SimOptions *options, GError **error)
{
  const SimMisbehaviour *misbehaviour = sim_misbehaviour_lookup (options->misbehave);

  if (misbehaviour == NULL)
    return fail_choice (error, "--misbehave: no such scenario", sim_misbehaviour_dup_names ());
  if (misbehaviour->types_another_account && !sim_options_is_account_driven (options))
    return fail (error, "--misbehave: the scenario types another account in Settings, and this way has none; "
                        "play it with doorward-sim byod, oauth2 or adde");
  if (g_strcmp0 (options->misbehave, "no-bearer") == 0 && !sim_options_is_account_driven (options))
    return fail (error,
                 "--misbehave: by this way a device carries no access token that it could leave out; play "
                 "it with doorward-sim byod, oauth2 or adde");
  if (options->only_until < misbehaviour->needs)
    return fail (error, "--only-until stops before the scenario of --misbehave has happened");
  if (options->only_until >= SIM_STEP_SIGN_IN && options->password == NULL)
    return fail (error, "--password or --password-file is needed to sign in");
  if ((options->renew || options->until_renewed) && options->only_until < SIM_STEP_ALL)
    return fail (error, "--renew, --until-renewed and --only-until exclude each other");
  if (options->escrow && options->way == SIM_WAY_BYOD)
    return fail (error, "--escrow: a user enrollment leaves no token; the other ways do");
  if (options->escrow && options->only_until < SIM_STEP_ALL)
    return fail (error, "--escrow and --only-until exclude each other");
  if (options->refresh_after_s > 0 && options->way != SIM_WAY_OAUTH2)
    return fail (error, "--refresh-after: only a device that signs in by oauth2 refreshes its tokens");
  if (options->refresh_after_s > 0 && options->only_until < SIM_STEP_ALL)
    return fail (error, "--refresh-after and --only-until exclude each other");
  if (options->check_out && options->only_until < SIM_STEP_TOKEN_UPDATE)
    return fail (error, "--check-out needs an enrollment: --only-until stops before");
  if (g_strcmp0 (options->misbehave, "no-bearer") == 0 && g_str_equal (options->model_family, "Mac"))
    return fail (error, "--misbehave no-bearer: a Mac sends no bearer on its device channel");
  return TRUE;
}

static gboolean
check (Raw *raw, GError **error)
{
  SimOptions *options = raw->options;
  const char *at = options->account != NULL ? strrchr (options->account, '@') : NULL;

  if (sim_options_is_account_driven (options) && (at == NULL || at == options->account || at[1] == '\0'))
    return fail (error, "--account NAME@DOMAIN is needed");
  if (!sim_options_is_account_driven (options) && options->account != NULL)
    return fail (error, "--account is for account-driven enrollment; this way begins with --user");
  if (options->account == NULL && options->user == NULL)
    return fail (error, "--user NAME is needed");
  set_default (&options->account, "");
  if (options->wait_s < 1 || options->wait_s > MAX_WAIT_S)
    return fail (error, "--wait is 1 to 900 seconds");
  if (options->delay_s < 0 || options->delay_s > MAX_DELAY_S)
    return fail (error, "--delay is 0 to 120 seconds");
  if (options->refresh_after_s < 0 || options->refresh_after_s > MAX_REFRESH_AFTER_S)
    return fail (error, "--refresh-after is 0 to 900 seconds");
  if (options->timeout_s < 1 || options->timeout_s > MAX_TIMEOUT_S)
    return fail (error, "--timeout is 1 to 300 seconds");
  if (options->user == NULL)
    options->user = g_strndup (options->account, (gsize) (at - options->account));
  set_default (&options->language, "en");
  return choose_device (options, error) && choose_discovery (raw, error) &&
         choose_step (options, raw->only_until, error) && choose_shapes (raw, error) &&
         read_password (options, raw->password_file, error) && check_together (options, error);
}

static void
raw_clear (Raw *raw)
{
  g_free (raw->server);
  g_free (raw->password_file);
  g_free (raw->only_until);
  g_free (raw->signature);
  g_free (raw->digest);
}

/**
 * sim_options_parse:
 * @argv: (array zero-terminated=1): program name and what follows the subcommand
 * @error: return location for an error
 *
 * Returns: (transfer full): the options, defaults filled in, or %NULL with %SIM_ERROR_USAGE
 */
SimOptions *
sim_options_parse (char **argv, GError **error)
{
  g_autoptr (SimOptions) options = g_new0 (SimOptions, 1);
  Raw raw = { .options = options };
  g_autoptr (GOptionContext) context = build_context (&raw);
  g_auto (GStrv) arguments = g_strdupv (argv);
  g_autoptr (GError) local = NULL;
  gboolean good = FALSE;

  options->timeout_s = 30;
  options->wait_s = 60;
  for (size_t i = 0; i < G_N_ELEMENTS (way_names); i++)
    if (argv[0] != NULL && g_str_equal (argv[0], way_names[i]))
      options->way = (SimWay) i;
  if (!g_option_context_parse_strv (context, &arguments, &local))
    fail (error, local->message);
  else if (g_strv_length (arguments) > 1)
    fail (error, "no arguments are expected behind the options");
  else
    good = check (&raw, error);
  raw_clear (&raw);
  return good ? g_steal_pointer (&options) : NULL;
}

/**
 * sim_options_has_link:
 * @self: the options
 *
 * Returns: whether an enrollment link is what it begins with
 */
bool
sim_options_has_link (const SimOptions *self)
{
  return self->way == SIM_WAY_LINK || self->way == SIM_WAY_OTA;
}

/**
 * sim_options_is_account_driven:
 * @self: options
 *
 * Returns: whether the person types an account in Settings first
 */
bool
sim_options_is_account_driven (const SimOptions *self)
{
  return self->way == SIM_WAY_BYOD || self->way == SIM_WAY_OAUTH2 || self->way == SIM_WAY_ADDE;
}

/**
 * sim_options_is_whole:
 * @self: options
 *
 * Returns: whether the device is managed as a whole from the first, whatever the server offers
 */
bool
sim_options_is_whole (const SimOptions *self)
{
  return self->way != SIM_WAY_BYOD && self->way != SIM_WAY_OAUTH2;
}

/**
 * sim_options_is_way:
 * @word: first word of a command line
 *
 * Returns: whether it is a subcommand that enrolls a device
 */
bool
sim_options_is_way (const char *word)
{
  for (size_t i = 0; i < G_N_ELEMENTS (way_names); i++)
    if (g_str_equal (word, way_names[i]))
      return true;
  return false;
}

/**
 * sim_options_dup_help:
 *
 * Returns: (transfer full): the help text
 */
char *
sim_options_dup_help (void)
{
  g_autoptr (SimOptions) options = g_new0 (SimOptions, 1);
  Raw raw = { .options = options };
  g_autoptr (GOptionContext) context = build_context (&raw);

  return g_option_context_get_help (context, FALSE, NULL);
}

/**
 * sim_options_free:
 * @self: (transfer full): options
 */
void
sim_options_free (SimOptions *self)
{
  char *const strings[] = { self->discovery,    self->enroll_url, self->account,   self->user,
                            self->password,     self->idp,        self->idp_fault, self->product,
                            self->model_family, self->os_version, self->build,     self->language,
                            self->ca,           self->profile_ca, self->save,      self->server_log,
                            self->misbehave,    self->link,       self->start,     self->serial,
                            self->udid,         self->device_ca };

  for (size_t i = 0; i < G_N_ELEMENTS (strings); i++)
    g_free (strings[i]);
  g_strfreev (self->headers);
  g_free (self);
}
