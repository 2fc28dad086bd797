/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <string.h>
#include <sys/un.h>

#include "door-config-private.h"
#include "door-host.h"
#include "door-local-account.h"
#include "door-local-path.h"
#include "door-name.h"
#include "door-protocol.h"
#include "door-suggest.h"

#define DAY_S (24 * 60 * 60)

/* A rule looks at one group whose keys are right one by one. */
typedef void (*Rule) (DoorConfig *self, DoorConfigGroup *group);

typedef bool (*ItemCheck) (const char *item);

/* Tokens, assertions and keys must not travel in the clear. */
static void
demand_https (DoorConfig *self, DoorConfigGroup *group, const char *key)
{
  const char *text = door_settings_get_string (group->settings, key);
  g_autoptr (GUri) uri =
      text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL; /* checked before */

  if (uri != NULL && strcmp (g_uri_get_scheme (uri), "https") != 0 &&
      !door_host_is_this_machine (g_uri_get_host (uri)))
    door_config_report (self, group, key, DOOR_FAULT_CFG_VALUE, "%s must begin with https://", key);
}

static void
demand_bare_address (DoorConfig *self, DoorConfigGroup *group, const char *key)
{
  const char *text = door_settings_get_string (group->settings, key);
  g_autoptr (GUri) uri =
      text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL; /* checked before */

  if (uri != NULL && (*g_uri_get_path (uri) != '\0' || g_uri_get_query (uri) != NULL))
    door_config_report (self, group, key, DOOR_FAULT_CFG_VALUE,
                        "%s must end behind the host or port: no path, no slash", key);
}

/* The last two labels: "example.com" of "mdm.example.com". An address has no labels. */
static char *
host_suffix (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL); /* checked before */
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);
  char *dot;

  if (g_str_has_suffix (host, "."))
    host[strlen (host) - 1] = '\0';
  dot = g_hostname_is_ip_address (host) ? NULL : strrchr (host, '.');

  while (dot != NULL && dot > host && dot[-1] != '.')
    dot--;
  return g_strdup (dot != NULL ? dot : host);
}

/* It becomes a link on pages: one "@" with something on both sides, and nothing that ends an address. */
static bool
looks_like_email (const char *text)
{
  const char *at = strchr (text, '@');

  return at != NULL && at != text && at[1] != '\0' && strchr (at + 1, '@') == NULL &&
         strpbrk (text, " \t<>\"?&") == NULL;
}

static void
check_doorward (DoorConfig *self, DoorConfigGroup *group)
{
  g_autofree char *external = host_suffix (door_settings_get_string (group->settings, "ExternalUrl"));
  g_autofree char *mdm = host_suffix (door_settings_get_string (group->settings, "MdmUrl"));
  g_autoptr (DoorSettings) settings = door_settings_ref (group->settings);
  static const char *const urls[] = { "ExternalUrl", "MdmUrl" };
  const char *email;

  if (!door_settings_is_set (settings, "SupportEmail") && !door_settings_is_set (settings, "SupportPhone") &&
      !door_settings_is_set (settings, "SupportUrl"))
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_REQUIRED,
                        "[doorward] needs one of SupportEmail, SupportPhone and SupportUrl");
  email = door_settings_get_string (settings, "SupportEmail");
  if (email != NULL && *email != '\0' && !looks_like_email (email))
    door_config_report (self, group, "SupportEmail", DOOR_FAULT_CFG_VALUE, "\"%s\" is not a mail address",
                        email);
  if (strcmp (external, mdm) != 0)
    door_config_report (self, group, "MdmUrl", DOOR_FAULT_CFG_HOSTS,
                        "the host names of ExternalUrl and MdmUrl must end in the same two labels "
                        "(%s and %s differ)",
                        external, mdm);
  for (size_t i = 0; i < G_N_ELEMENTS (urls) && group->settings != NULL; i++)
    demand_https (self, group, urls[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (urls) && group->settings != NULL; i++)
    demand_bare_address (self, group, urls[i]);
}

static void
check_items (DoorConfig *self, DoorConfigGroup *group, const char *key, ItemCheck is_good, const char *form)
{
  g_auto (GStrv) items = NULL;

  if (group->settings == NULL)
    return;
  items = door_settings_dup_list (group->settings, key);
  for (char **item = items; *item != NULL; item++)
    if (!is_good (*item))
      {
        door_config_report (self, group, key, DOOR_FAULT_CFG_TYPE, "%s: \"%s\" is not %s%s", key, *item, form,
                            strchr (*item, ',') != NULL ? "; a list is separated by ; and not by commas"
                                                        : "");
        return;
      }
}

static void
check_plugins (DoorConfig *self, DoorConfigGroup *group)
{
  check_items (self, group, "Load", door_name_is_valid, "the name of a plugin");
}

static bool
is_domain (const char *item)
{
  size_t length = strlen (item);

  if (length == 0 || length > 253 || item[0] == '.' || item[length - 1] == '.' || strstr (item, "..") != NULL)
    return false;
  return strchr (item, '.') != NULL &&
         item[strspn (item, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-.")] == '\0';
}

static bool
is_endpoint (const char *item)
{
  g_autofree char *host = NULL;
  uint16_t port;

  return door_host_split_endpoint (item, &host, &port) && g_hostname_is_ip_address (host);
}

static bool
is_network (const char *item)
{
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (item, NULL); /* NULL says enough */

  return mask != NULL;
}

static bool
is_socket_path (const char *item)
{
  return g_path_is_absolute (item) && strlen (item) < sizeof ((struct sockaddr_un *) NULL)->sun_path;
}

/* what operators are told is not for the network */
static bool
is_local (const char *item)
{
  return is_socket_path (item) || (is_endpoint (item) && door_host_of_endpoint_is_this_machine (item));
}

static void
demand_both (DoorConfig *self, DoorConfigGroup *group, const char *one, const char *other)
{
  bool has_one, has_other;

  if (group->settings == NULL)
    return;
  has_one = door_settings_is_set (group->settings, one);
  has_other = door_settings_is_set (group->settings, other);
  if (has_one != has_other)
    door_config_report (self, group, has_one ? one : other, DOOR_FAULT_CFG_REQUIRED, "%s needs %s too",
                        has_one ? one : other, has_one ? other : one);
}

static void
check_listen (DoorConfig *self, DoorConfigGroup *group)
{
  g_autoptr (DoorSettings) settings = door_settings_ref (group->settings);
  bool files = strcmp (door_settings_get_string (settings, "TlsMode"), "files") == 0;

  demand_both (self, group, "TlsCertificate", "TlsKey");
  if (files && !door_settings_is_set (settings, "TlsCertificate"))
    door_config_report (self, group, "TlsMode", DOOR_FAULT_CFG_REQUIRED,
                        "TlsMode=files needs TlsCertificate and TlsKey");
  if (files && !door_settings_is_set (settings, "Https"))
    door_config_report (self, group, "TlsMode", DOOR_FAULT_CFG_REQUIRED, "TlsMode=files needs Https");
  if (!files && door_settings_is_set (settings, "TlsCertificate"))
    door_config_report (self, group, "TlsCertificate", DOOR_FAULT_CFG_VALUE,
                        "TlsCertificate is used with TlsMode=files only");
  if (!files && door_settings_is_set (settings, "Https"))
    door_config_report (self, group, "Https", DOOR_FAULT_CFG_VALUE, "Https needs TlsMode=files");
  check_items (self, group, "Https", is_endpoint, "ADDRESS:PORT, such as 127.0.0.1:8443 or [::]:8443");
  check_items (self, group, "Http", is_endpoint, "ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080");
  check_items (self, group, "TrustedProxies", is_network, "an address or a network such as 192.0.2.0/24");
  check_items (self, group, "Management", is_local,
               "ADDRESS:PORT on loopback, such as 127.0.0.1:9280, or an absolute file name");
  check_items (self, group, "Sockets", is_socket_path, "an absolute file name of at most 107 bytes");
}

static void
check_sign_in (DoorConfig *self, DoorConfigGroup *group)
{
  if (door_settings_get_duration_s (group->settings, "RequestLifetime") >
      door_settings_get_duration_s (group->settings, "FlowLifetime"))
    door_config_report (self, group, "RequestLifetime", DOOR_FAULT_CFG_VALUE,
                        "RequestLifetime must not be longer than FlowLifetime");
}

static void
check_apple (DoorConfig *self, DoorConfigGroup *group)
{
  demand_both (self, group, "SigningCertificate", "SigningKey");
  if (group->settings != NULL)
    demand_both (self, group, "PushCertificate", "PushKey");
}

static void
check_scep (DoorConfig *self, DoorConfigGroup *group)
{
  demand_both (self, group, "CaCertificate", "CaKey");
}

/* @kind is "idp" or "eula": the other groups of that kind may be what was meant. */
static void
report_unknown (DoorConfig *self, DoorConfigGroup *group, const char *key, const char *kind, const char *name)
{
  g_autoptr (DoorSuggest) suggest = door_suggest_new (name);
  g_autofree char *prefix = g_strconcat (kind, "/", NULL);

  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    if (g_str_has_prefix (g_tree_node_key (node), prefix))
      door_suggest_add (suggest, (const char *) g_tree_node_key (node) + strlen (prefix));
  if (door_suggest_get_best (suggest) != NULL)
    door_config_report (self, group, key, DOOR_FAULT_CFG_VALUE,
                        "%s: there is no [%s/%s] (did you mean \"%s\"?)", key, kind, name,
                        door_suggest_get_best (suggest));
  else
    door_config_report (self, group, key, DOOR_FAULT_CFG_VALUE, "%s: there is no [%s/%s]", key, kind, name);
}

/* A kind of device that may not enroll is not managed as a whole either, so listing it is a mistake. */
static void
check_device_families (DoorConfig *self, DoorConfigGroup *group)
{
  const DoorConfigGroup *base = g_tree_lookup (self->groups, "enrollment");
  const DoorSettings *source = group->settings;
  g_auto (GStrv) families = NULL, allowed = NULL;

  if (!door_settings_is_set (source, "AccountDeviceFamilies"))
    return;
  if (!door_settings_is_set (source, "ModelFamilies") && base != NULL && base->settings != NULL)
    source = base->settings;
  families = door_settings_dup_list (group->settings, "AccountDeviceFamilies");
  allowed = door_settings_dup_list (source, "ModelFamilies");
  for (char **family = families; *family != NULL; family++)
    if (!g_strv_contains ((const char *const *) allowed, *family))
      {
        door_config_report (self, group, "AccountDeviceFamilies", DOOR_FAULT_CFG_VALUE,
                            "AccountDeviceFamilies: %s is not in ModelFamilies", *family);
        return;
      }
}

static bool
is_version (const char *text)
{
  return g_ascii_isdigit (*text) && text[strspn (text, G_CSET_DIGITS ".")] == '\0' &&
         strstr (text, "..") == NULL && !g_str_has_suffix (text, ".") && strlen (text) <= 16;
}

static bool
is_minimum_os (const char *item)
{
  static const char *const families[] = { "iPhone", "iPad", "Mac", "RealityDevice", NULL };
  g_auto (GStrv) parts = g_strsplit (item, ":", 2);
  const char *version = parts[0] != NULL ? parts[1] : NULL;

  return version != NULL && g_strv_contains ((const char *const *) families, parts[0]) &&
         (g_str_equal (version, "latest") || is_version (version));
}

/* A provider that is switched off by an error of its own is known; a misspelt one is not. */
static void
check_idps (DoorConfig *self, DoorConfigGroup *group)
{
  g_auto (GStrv) idps = door_settings_dup_list (group->settings, "Idps");

  for (char **idp = idps; *idp != NULL; idp++)
    {
      g_autofree char *name = g_strconcat ("idp/", *idp, NULL);

      if (g_tree_lookup (self->groups, name) == NULL && !self->incomplete && !self->objects_later)
        {
          report_unknown (self, group, "Idps", "idp", *idp);
          return;
        }
    }
}

/* Nobody could agree to a document that there is not. */
static void
check_eula_name (DoorConfig *self, DoorConfigGroup *group)
{
  const char *eula = door_settings_get_string (group->settings, "Eula");
  g_autofree char *name = g_strconcat ("eula/", eula, NULL);

  if (eula != NULL && !g_str_equal (eula, "none") && g_tree_lookup (self->groups, name) == NULL &&
      !self->incomplete)
    report_unknown (self, group, "Eula", "eula", eula);
  else if (eula != NULL && !g_str_equal (eula, "none") &&
           !door_settings_get_boolean (group->settings, "RequireSignIn"))
    door_config_report (self, group, "Eula", DOOR_FAULT_CFG_VALUE,
                        "Eula needs RequireSignIn=true: without a sign-in nobody is shown a page");
}

static void
check_pattern (DoorConfig *self, DoorConfigGroup *group, const char *key)
{
  const char *pattern = door_settings_get_string (group->settings, key);
  g_autofree char *problem = pattern != NULL ? door_local_account_dup_problem (pattern) : NULL;

  if (problem != NULL)
    door_config_report (
        self, group, key, DOOR_FAULT_CFG_VALUE,
        "%s: {%s} is no word of a name; there are email-prefix, user-name, full-name, given-name, "
        "family-name, given-initial and family-initial",
        key, problem);
}

/* Who makes no administrator needs one: else nobody could administer the Mac. */
static void
check_managed_admin (DoorConfig *self, DoorConfigGroup *group)
{
  const char *admin = door_settings_get_string (group->settings, "ManagedAdmin");
  const char *primary = door_settings_get_string (group->settings, "PrimaryAccount");

  if (admin == NULL || g_str_equal (admin, "none"))
    {
      if (!g_str_equal (primary, "admin"))
        door_config_report (self, group, "PrimaryAccount", DOOR_FAULT_CFG_REQUIRED,
                            "PrimaryAccount=%s needs ManagedAdmin too", primary);
    }
  else if (!door_local_account_is_name (admin))
    door_config_report (
        self, group, "ManagedAdmin", DOOR_FAULT_CFG_VALUE,
        "ManagedAdmin=%s is no short name: small letters, digits, dots, minus and underscore, "
        "with a letter first and none of the signs last, at most %d",
        admin, DOOR_LOCAL_ACCOUNT_MAX);
}

static void
check_setup (DoorConfig *self, DoorConfigGroup *group)
{
  check_pattern (self, group, "LocalAccountName");
  if (group->settings != NULL)
    check_pattern (self, group, "LocalAccountFullName");
  if (group->settings != NULL)
    check_managed_admin (self, group);
}

static void
check_enrollment (DoorConfig *self, DoorConfigGroup *group)
{
  check_device_families (self, group);
  if (group->settings != NULL)
    check_items (self, group, "AllowedDomains", is_domain, "a domain such as example.com");
  if (group->settings != NULL)
    check_items (self, group, "MinimumOs", is_minimum_os,
                 "FAMILY:VERSION, such as Mac:14.0 or Mac:latest, where the family is one of iPhone, iPad, "
                 "Mac and RealityDevice");
  if (group->settings != NULL)
    check_idps (self, group);
  if (group->settings != NULL)
    check_eula_name (self, group);
  if (group->settings != NULL)
    check_setup (self, group);
  if (group->settings != NULL)
    door_config_check_forward (self, group);
}

/* The word with which a team asks for no document. */
static void
check_eula (DoorConfig *self, DoorConfigGroup *group)
{
  if (g_str_equal (group->name, "eula/none"))
    door_config_report (
        self, group, NULL, DOOR_FAULT_CFG_VALUE,
        "[eula/none] can never be asked for: Eula=none means that there is nothing to agree to");
}

/* A type that brings keys of its own may work out where the metadata is; its configure() then decides. */
static bool
has_plugin_keys (const DoorConfigGroup *group)
{
  const DoorKey *table = group->tables->len > 2 ? g_ptr_array_index (group->tables, 1) : NULL;

  return table != NULL && table->name != NULL;
}

static void
check_metadata_source (DoorConfig *self, DoorConfigGroup *group)
{
  static const char *const by_hand[] = { "EntityId", "SsoUrl", "Certificates" };
  const char *first = NULL, *missing = NULL;
  size_t n_hand = 0, n_sources = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (by_hand); i++)
    {
      bool set = door_settings_is_set (group->settings, by_hand[i]);

      n_hand += set;
      first = first == NULL && set ? by_hand[i] : first;
      missing = missing == NULL && !set ? by_hand[i] : missing;
    }
  n_sources = (size_t) door_settings_is_set (group->settings, "MetadataUrl") +
              (size_t) door_settings_is_set (group->settings, "MetadataFile") +
              (size_t) door_settings_get_boolean (group->settings, "MetadataUpload");
  /* beside metadata it names the one provider that is meant */
  if (n_sources == 1 && n_hand == 1 && g_str_equal (first, "EntityId"))
    return;
  n_sources += n_hand > 0;
  if (n_sources > 1)
    door_config_report (
        self, group, first, DOOR_FAULT_CFG_VALUE,
        "[%s] must have one source of metadata: MetadataUrl, MetadataFile, MetadataUpload, or "
        "EntityId with SsoUrl and Certificates",
        group->name);
  else if (n_hand > 0 && missing != NULL)
    door_config_report (self, group, first, DOOR_FAULT_CFG_REQUIRED, "%s needs %s too", first, missing);
  else if (n_sources == 0 && !has_plugin_keys (group))
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_REQUIRED,
                        "[%s] needs MetadataUrl, MetadataFile, MetadataUpload, or EntityId with SsoUrl and "
                        "Certificates",
                        group->name);
}

/* The number is all that an identity provider says of a team. */
static void
check_team_id (DoorConfig *self, DoorConfigGroup *group)
{
  const char *id = door_settings_get_string (group->settings, "Id");

  if (id == NULL)
    return;
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    {
      const DoorConfigGroup *other = g_tree_node_value (node);

      if (other == group || other->settings == NULL || !g_str_has_prefix (other->name, "team/") ||
          !door_settings_is_set (other->settings, "Id") ||
          door_settings_get_integer (other->settings, "Id") !=
              door_settings_get_integer (group->settings, "Id"))
        continue;
      door_config_report (self, group, "Id", DOOR_FAULT_CFG_DUPLICATE, "[%s] has the Id %s already",
                          other->name, id);
      return;
    }
}

static void
check_team (DoorConfig *self, DoorConfigGroup *group)
{
  check_enrollment (self, group);
  if (group->settings != NULL)
    check_team_id (self, group);
}

/* Each of these would be without effect, or say the opposite. */
static void
check_token_mode (DoorConfig *self, DoorConfigGroup *group)
{
  const DoorSettings *admin = group->settings;

  if (!g_str_equal (door_settings_get_string (admin, "TokenMode"), "day"))
    return;
  if (door_settings_is_set (admin, "TokenLifetime"))
    door_config_report (self, group, "TokenLifetime", DOOR_FAULT_CFG_VALUE,
                        "with TokenMode=day a token lives for 24 hours: leave TokenLifetime out");
  else if (door_settings_is_set (admin, "FederatedTokens") &&
           door_settings_get_boolean (admin, "FederatedTokens"))
    door_config_report (self, group, "FederatedTokens", DOOR_FAULT_CFG_VALUE,
                        "with TokenMode=day who signs in through a provider has no personal access tokens");
  else if (door_settings_is_set (admin, "SessionLifetime") &&
           door_settings_get_duration_s (admin, "SessionLifetime") < DAY_S)
    door_config_report (self, group, "SessionLifetime", DOOR_FAULT_CFG_VALUE,
                        "with TokenMode=day a session lives for 24 hours at least");
}

static void
check_admin (DoorConfig *self, DoorConfigGroup *group)
{
  if (door_settings_get_duration_s (group->settings, "SessionIdle") >
      door_settings_get_duration_s (group->settings, "SessionLifetime"))
    door_config_report (self, group, "SessionIdle", DOOR_FAULT_CFG_VALUE,
                        "SessionIdle must not be longer than SessionLifetime");
  if (group->settings != NULL)
    check_token_mode (self, group);
}

/* What only administrators' sign-ins have. */
static void
check_idp_use (DoorConfig *self, DoorConfigGroup *group)
{
  g_auto (GStrv) use = door_settings_dup_list (group->settings, "Use");
  bool initiated = door_settings_get_boolean (group->settings, "AllowIdpInitiated");

  if (use[0] == NULL)
    door_config_report (self, group, "Use", DOOR_FAULT_CFG_VALUE,
                        "Use is empty; Enabled=false switches a provider off");
  else if (initiated && !g_strv_contains ((const char *const *) use, "admin"))
    door_config_report (self, group, "AllowIdpInitiated", DOOR_FAULT_CFG_VALUE,
                        "AllowIdpInitiated needs Use=admin; no device enrolls that way");
  else if (!initiated && door_settings_is_set (group->settings, "RelayStatePaths"))
    door_config_report (self, group, "RelayStatePaths", DOOR_FAULT_CFG_REQUIRED,
                        "RelayStatePaths needs AllowIdpInitiated=true");
  else
    check_items (self, group, "RelayStatePaths", door_local_path_is_valid,
                 "a path of this server, such as /admin");
}

/* What means nothing in the protocol was meant for another provider. */
static void
refuse_keys_of_other_protocol (DoorConfig *self, DoorConfigGroup *group)
{
  static const char *const saml[] = {
    "MetadataUrl",   "MetadataFile",  "MetadataUpload",    "MetadataSigner",  "EntityId",
    "SsoUrl",        "Certificates",  "SignRequests",      "RequestBinding",  "ResponseBinding",
    "AuthnContext",  "NameIdFormat",  "WantSigned",        "AllowSha1",       "Encryption",
    "WantEncrypted", "LogoutIssuers", "AllowIdpInitiated", "RelayStatePaths", NULL,
  };
  static const char *const oidc[] = {
    "Issuer",       "DiscoveryUrl",        "ClientId",      "ClientSecret", "ClientAuth", "ClientAudience",
    "AccessTokens", "AccessTokenAudience", "LivenessCheck", "Scopes",       "UserInfo",   NULL
  };
  bool is_oidc = door_protocol_read (group->settings) == DOOR_PROTOCOL_OIDC;

  for (const char *const *key = is_oidc ? saml : oidc; group->settings != NULL && *key != NULL; key++)
    if (door_settings_is_set (group->settings, *key))
      door_config_report (self, group, *key, DOOR_FAULT_CFG_VALUE, "%s has no meaning with Protocol=%s", *key,
                          is_oidc ? "oidc" : "saml");
}

/* Whoever sets a secret believes that it counts. */
static void
check_client_secret (DoorConfig *self, DoorConfigGroup *group)
{
  const char *auth = door_settings_get_string (group->settings, "ClientAuth");
  bool set = door_settings_is_set (group->settings, "ClientSecret");
  bool used = door_protocol_uses_secret (auth);

  if (used && !set)
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_REQUIRED,
                        "[%s] needs ClientSecret for OpenID Connect", group->name);
  else if (set && !used)
    door_config_report (self, group, "ClientSecret", DOOR_FAULT_CFG_VALUE,
                        "ClientSecret has no meaning with ClientAuth=%s", auth);
}

static void
check_oidc (DoorConfig *self, DoorConfigGroup *group)
{
  if (!door_settings_is_set (group->settings, "ClientId"))
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_REQUIRED, "[%s] needs ClientId for OpenID Connect",
                        group->name);
  if (group->settings != NULL)
    check_client_secret (self, group);
  if (group->settings != NULL && !door_settings_is_set (group->settings, "Issuer") &&
      !has_plugin_keys (group))
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_REQUIRED, "[%s] needs Issuer for OpenID Connect",
                        group->name);
}

/* Without a key of ours nobody can encrypt, so every sign-in would be refused. */
static void
check_encryption (DoorConfig *self, DoorConfigGroup *group)
{
  if (door_settings_get_boolean (group->settings, "WantEncrypted") &&
      !door_settings_get_boolean (group->settings, "Encryption"))
    door_config_report (self, group, "WantEncrypted", DOOR_FAULT_CFG_REQUIRED,
                        "WantEncrypted needs Encryption=true too");
}

static bool
is_absolute_path (const char *item)
{
  return g_path_is_absolute (item);
}

static void
check_idp (DoorConfig *self, DoorConfigGroup *group)
{
  demand_https (self, group, "MetadataUrl");
  if (group->settings != NULL)
    demand_https (self, group, "SsoUrl");
  check_items (self, group, "EmailDomains", is_domain, "a domain such as example.com");
  check_items (self, group, "Certificates", is_absolute_path, "an absolute file name");
  if (group->settings == NULL)
    return;
  demand_https (self, group, "Issuer");
  if (group->settings != NULL)
    demand_https (self, group, "DiscoveryUrl");
  if (group->settings != NULL)
    refuse_keys_of_other_protocol (self, group);
  if (group->settings != NULL)
    check_encryption (self, group);
  if (group->settings == NULL)
    return; /* the first problem switches the group off */
  if (door_protocol_read (group->settings) == DOOR_PROTOCOL_OIDC)
    check_oidc (self, group);
  else
    check_metadata_source (self, group);
  if (group->settings != NULL)
    check_idp_use (self, group);
}

/* Its devices would enroll by the rules of no team. */
static void
check_ade (DoorConfig *self, DoorConfigGroup *group)
{
  static const char *const keys[] = { "DefaultTeam",     "DefaultTeamMac",  "DefaultTeamIPhone",
                                      "DefaultTeamIPad", "DefaultTeamIPod", "DefaultTeamVision" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys) && group->settings != NULL; i++)
    {
      const char *team = door_settings_get_string (group->settings, keys[i]);
      g_autofree char *name = g_strconcat ("team/", team, NULL);

      if (team != NULL && g_tree_lookup (self->groups, name) == NULL)
        door_config_report (self, group, keys[i], DOOR_FAULT_CFG_VALUE, "%s: there is no [%s]", keys[i],
                            name);
    }
  if (group->settings != NULL && door_settings_is_set (group->settings, "Server") && !self->allow_env)
    door_config_report (self, group, "Server", DOOR_FAULT_CFG_VALUE,
                        "Server is understood in development mode only");
}

static const struct
{
  const char *group;
  Rule rule;
} rules[] = {
  { "doorward", check_doorward },     { "plugins", check_plugins }, { "listen", check_listen },
  { "sign-in", check_sign_in },       { "apple", check_apple },     { "scep", check_scep },
  { "enrollment", check_enrollment }, { "team", check_team },       { "idp", check_idp },
  { "admin", check_admin },           { "ade", check_ade },         { "eula", check_eula },
};

/**
 * door_config_apply_rules:
 * @self: a configuration whose groups are right one key at a time
 *
 * Checks what keys must be to each other. A group that breaks a rule is switched off.
 */
void
door_config_apply_rules (DoorConfig *self)
{
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    {
      DoorConfigGroup *group = g_tree_node_value (node);

      for (size_t i = 0; i < G_N_ELEMENTS (rules) && group->settings != NULL; i++)
        if (strcmp (rules[i].group, group->option->name) == 0)
          rules[i].rule (self, group);
    }
}
