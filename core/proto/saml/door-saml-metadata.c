/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-metadata.h"

#include <string.h>

#include <glib.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-host.h"
#include "door-saml-key.h"
#include "door-saml-signature.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

#define MAX_WORK 16000000 /* nothing is canonicalised here */
#define MAX_CERTIFICATE_BYTES (16 * 1024)
#define MAX_ENTITY_ID_BYTES 1024
#define BINDING_REDIRECT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
#define BINDING_POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
#define BINDING_SOAP "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
#define MAX_RESOLVERS 16
#define MAX_INDEX 65535 /* two bytes in an artifact */

/* Where logout messages go by one binding; both %NULL when it is not offered. */
typedef struct
{
  char *url;
  char *response_url;
} Logout;

/* Where artifacts with one index are resolved. */
typedef struct
{
  unsigned int index;
  char *url;
} Resolver;

struct _DoorSamlMetadata
{
  char *entity_id;
  char *sso_redirect_url;
  char *sso_post_url;
  Logout logout_redirect;
  Logout logout_post;
  GPtrArray *resolvers; /* of Resolver */
  bool wants_signed_requests;
  int64_t valid_until_ms;
  int64_t cache_duration_s;
  GPtrArray *keys; /* of DoorSamlKey */
};

static void
resolver_free (gpointer data)
{
  Resolver *self = data;

  g_free (self->url);
  g_free (self);
}

static void
metadata_clear (gpointer box)
{
  DoorSamlMetadata *self = box;

  g_free (self->entity_id);
  g_free (self->sso_redirect_url);
  g_free (self->sso_post_url);
  g_free (self->logout_redirect.url);
  g_free (self->logout_redirect.response_url);
  g_free (self->logout_post.url);
  g_free (self->logout_post.response_url);
  g_ptr_array_unref (self->resolvers);
  g_ptr_array_unref (self->keys);
}

static DoorSamlMetadata *
metadata_new (const char *entity_id)
{
  DoorSamlMetadata *self = g_atomic_rc_box_new0 (DoorSamlMetadata);

  self->entity_id = g_strdup (entity_id);
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_key_free);
  self->resolvers = g_ptr_array_new_with_free_func (resolver_free);
  return self;
}

static bool G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_METADATA, "metadata: %s", reason);
  return false;
}

static bool
is_printable_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isgraph (*text))
      return false;
  return true;
}

/* The address a browser is sent to with our request. */
static bool
check_sso_url (const char *url, bool allow_http, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  const char *scheme, *host;

  if (is_printable_ascii (url))
    uri =
        g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* why it failed is of no use beside the address itself */
  if (uri == NULL)
    return refuse (error, "the sign-in address is not a URL");
  scheme = g_uri_get_scheme (uri);
  host = g_uri_get_host (uri);
  if (host == NULL || *host == '\0' || g_uri_get_userinfo (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return refuse (error, "the sign-in address has no host, or a user name or a fragment");
  if (g_str_equal (scheme, "https"))
    return true;
  if (!g_str_equal (scheme, "http") || !allow_http || !door_host_is_this_machine (host))
    return refuse (error, "the sign-in address is not https");
  return true;
}

static bool
check_entity_id (const char *entity_id, GError **error)
{
  if (entity_id == NULL || *entity_id == '\0' || strlen (entity_id) > MAX_ENTITY_ID_BYTES)
    return refuse (error, "the entity id is missing, empty or longer than 1024 bytes");
  return true;
}

static bool
has_word (const char *list, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (list != NULL ? list : "", " \t\r\n", -1);

  return g_strv_contains ((const char *const *) words, word);
}

/* The SAML 2.0 identity provider role of an entity; metadata 2.4.1 allows one for each protocol. */
static bool
lookup_role (const xmlNode *entity, xmlNode **role, GError **error)
{
  xmlNode *found = NULL;

  for (xmlNode *at = door_saml_xml_lookup_child (entity, DOOR_SAML_NS_METADATA, "IDPSSODescriptor", NULL);
       at != NULL; at = door_saml_xml_lookup_child (entity, DOOR_SAML_NS_METADATA, "IDPSSODescriptor", at))
    {
      if (!has_word (door_saml_xml_get_attribute (at, "protocolSupportEnumeration"), DOOR_SAML_NS_PROTOCOL))
        continue;
      if (found != NULL)
        return refuse (error, "an entity has two SAML 2.0 identity provider roles");
      found = at;
    }
  *role = found;
  return true;
}

/* An entity stands at the top or in a group, not in somebody's extension. */
static bool
is_entity (const xmlNode *node, const xmlNode *root)
{
  return door_saml_xml_is (node, DOOR_SAML_NS_METADATA, "EntityDescriptor") &&
         (node == root || door_saml_xml_is (node->parent, DOOR_SAML_NS_METADATA, "EntitiesDescriptor"));
}

/* The entity that is meant: the one named, else the only one that is an identity provider. */
static bool
choose_entity (const xmlNode *root, const char *entity_id, xmlNode **role, GError **error)
{
  for (const xmlNode *node = root; node != NULL; node = door_saml_xml_next_in_tree (node, root))
    {
      const char *id;
      xmlNode *here = NULL;

      if (!is_entity (node, root))
        continue;
      id = door_saml_xml_get_attribute (node, "entityID");
      if (entity_id != NULL && g_strcmp0 (id, entity_id) != 0)
        continue;
      if (!lookup_role (node, &here, error))
        return false;
      if (here == NULL)
        continue;
      if (*role != NULL)
        return refuse (error, entity_id != NULL ? "the entity id stands there twice"
                                                : "there are several identity providers; name the entity id");
      *role = here;
    }
  if (*role == NULL)
    return refuse (error, entity_id != NULL ? "the entity id is not there as a SAML 2.0 identity provider"
                                            : "there is no SAML 2.0 identity provider in it");
  return true;
}

/* validUntil and cacheDuration of the role and of everything around it: the earliest counts. */
static bool
read_validity (DoorSamlMetadata *self, const xmlNode *role, GError **error)
{
  for (const xmlNode *at = role; at != NULL && at->type == XML_ELEMENT_NODE; at = at->parent)
    {
      const char *until = door_saml_xml_get_attribute (at, "validUntil");
      const char *duration = door_saml_xml_get_attribute (at, "cacheDuration");
      int64_t ms, seconds;

      if (until != NULL && !door_saml_time_parse (until, &ms))
        return refuse (error, "validUntil is not a time");
      if (until != NULL && (self->valid_until_ms == 0 || ms < self->valid_until_ms))
        self->valid_until_ms = MAX (ms, 1);
      if (duration != NULL && !door_saml_duration_parse (duration, &seconds))
        return refuse (error, "cacheDuration is not a duration");
      if (duration != NULL && (self->cache_duration_s == 0 || seconds < self->cache_duration_s))
        self->cache_duration_s = MAX (seconds, 1);
    }
  return true;
}

/* The first address for a binding; it stays %NULL when there is none. */
static bool
read_sso_url (const xmlNode *role, const char *binding, bool allow_http, char **url, GError **error)
{
  const xmlNode *at = NULL;

  while ((at = door_saml_xml_lookup_child (role, DOOR_SAML_NS_METADATA, "SingleSignOnService", at)) != NULL)
    {
      const char *location = door_saml_xml_get_attribute (at, "Location");

      if (g_strcmp0 (door_saml_xml_get_attribute (at, "Binding"), binding) != 0)
        continue;
      if (!check_sso_url (location != NULL ? location : "", allow_http, error))
        return false;
      *url = g_strdup (location);
      return true;
    }
  return true;
}

static bool
read_sso_urls (DoorSamlMetadata *self, const xmlNode *role, bool allow_http, GError **error)
{
  if (!read_sso_url (role, BINDING_REDIRECT, allow_http, &self->sso_redirect_url, error) ||
      !read_sso_url (role, BINDING_POST, allow_http, &self->sso_post_url, error))
    return false;
  if (self->sso_redirect_url == NULL && self->sso_post_url == NULL)
    return refuse (error, "there is no sign-in address for the HTTP-Redirect or the HTTP-POST binding");
  return true;
}

/* The first address for a binding that a browser may be sent to. Nobody needs it to sign in, so what is wrong
 * with one only leaves it out. */
static void
read_logout (const xmlNode *role, const char *binding, bool allow_http, Logout *logout)
{
  const xmlNode *at = NULL;

  while (logout->url == NULL &&
         (at = door_saml_xml_lookup_child (role, DOOR_SAML_NS_METADATA, "SingleLogoutService", at)) != NULL)
    {
      const char *url = door_saml_xml_get_attribute (at, "Location");
      const char *response_url = door_saml_xml_get_attribute (at, "ResponseLocation");

      if (g_strcmp0 (door_saml_xml_get_attribute (at, "Binding"), binding) != 0 || url == NULL ||
          !check_sso_url (url, allow_http, NULL) ||
          (response_url != NULL && !check_sso_url (response_url, allow_http, NULL)))
        continue;
      logout->url = g_strdup (url);
      logout->response_url = g_strdup (response_url != NULL ? response_url : url);
    }
}

/* An xs:unsignedShort (metadata 2.2.3). */
static bool
read_index (const char *text, unsigned int *index)
{
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, MAX_INDEX, &value, NULL))
    return false;
  *index = (unsigned int) value;
  return true;
}

/* Where this server itself asks for the message of an artifact. Like an address for logout, what is wrong
 * with one only leaves it out; of two with the same index the first counts. */
static void
read_resolvers (DoorSamlMetadata *self, const xmlNode *role, bool allow_http)
{
  const xmlNode *at = NULL;

  while (self->resolvers->len < MAX_RESOLVERS &&
         (at = door_saml_xml_lookup_child (role, DOOR_SAML_NS_METADATA, "ArtifactResolutionService", at)) !=
             NULL)
    {
      const char *url = door_saml_xml_get_attribute (at, "Location");
      unsigned int index;
      Resolver *resolver;

      if (g_strcmp0 (door_saml_xml_get_attribute (at, "Binding"), BINDING_SOAP) != 0 || url == NULL ||
          !read_index (door_saml_xml_get_attribute (at, "index"), &index) ||
          !check_sso_url (url, allow_http, NULL))
        continue;
      resolver = g_new0 (Resolver, 1);
      resolver->index = index;
      resolver->url = g_strdup (url);
      g_ptr_array_add (self->resolvers, resolver);
    }
}

static bool
add_key_of_x509_data (DoorSamlMetadata *self, const xmlNode *x509_data, GError **error)
{
  /* the first certificate carries the key; what follows would be its chain, which nobody may sign with */
  const xmlNode *certificate =
      door_saml_xml_lookup_child (x509_data, DOOR_SAML_NS_SIGNATURE, "X509Certificate", NULL);
  g_autofree char *text = certificate != NULL ? door_saml_xml_dup_text (certificate) : NULL;
  g_autoptr (GBytes) der =
      text != NULL ? door_base64_decode_strict (text, strlen (text), MAX_CERTIFICATE_BYTES) : NULL;

  if (der == NULL)
    return refuse (error, "a signing certificate is not base64");
  return door_saml_keys_add_certificate (self->keys, g_bytes_get_data (der, NULL), g_bytes_get_size (der),
                                         error);
}

/* Keeps every key that can be used; what is wrong with another one matters only when none is left. */
static bool
read_keys (DoorSamlMetadata *self, const xmlNode *role, GError **error)
{
  g_autoptr (GError) first = NULL;
  const xmlNode *descriptor = NULL;

  while ((descriptor =
              door_saml_xml_lookup_child (role, DOOR_SAML_NS_METADATA, "KeyDescriptor", descriptor)) != NULL)
    {
      const char *use = door_saml_xml_get_attribute (descriptor, "use");
      const xmlNode *info = door_saml_xml_lookup_child (descriptor, DOOR_SAML_NS_SIGNATURE, "KeyInfo", NULL);
      const xmlNode *data = NULL;

      if ((use != NULL && strcmp (use, "signing") != 0) || info == NULL)
        continue;
      while ((data = door_saml_xml_lookup_child (info, DOOR_SAML_NS_SIGNATURE, "X509Data", data)) != NULL)
        {
          g_autoptr (GError) local = NULL;

          if (!add_key_of_x509_data (self, data, &local) && first == NULL)
            first = g_steal_pointer (&local);
        }
    }
  if (self->keys->len > 0)
    return true;
  if (first == NULL)
    return refuse (error, "there is no signing certificate in it");
  g_propagate_error (error, g_steal_pointer (&first));
  return false;
}

/* What comes instead when the address is that of a sign-in page or of an administrator's console. */
static bool
is_web_page (const char *data, size_t size)
{
  static const char *const starts[] = { "<!doctype html", "<html" };
  size_t at = size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

  while (at < size && g_ascii_isspace (data[at]))
    at++;
  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    if (size - at >= strlen (starts[i]) &&
        g_ascii_strncasecmp (data + at, starts[i], strlen (starts[i])) == 0)
      return true;
  return false;
}

/* An xs:boolean. */
static bool
is_true (const char *text)
{
  return text != NULL && (g_str_equal (text, "true") || g_str_equal (text, "1"));
}

/* What signs the root covers all that is read. The same form as in a sign-in answer: one signature, a direct
 * child, over this element and nothing else. */
static bool
check_signer (xmlNode *root, const DoorSamlSigner *signer, GError **error)
{
  DoorSamlSignature signature = { .element = root, .id = door_saml_xml_get_attribute (root, "ID") };
  g_autoptr (GError) local = NULL;

  signature.node = door_saml_xml_lookup_child (root, DOOR_SAML_NS_SIGNATURE, "Signature", NULL);
  if (signature.node == NULL || signature.id == NULL)
    return refuse (error, "its root element is not signed, but MetadataSigner demands it");
  if (door_saml_xml_lookup_child (root, DOOR_SAML_NS_SIGNATURE, "Signature", signature.node) != NULL)
    return refuse (error, "its root element has two signatures");
  return (door_saml_signature_check_form (&signature, false, &local) &&
          door_saml_signature_check_value (&signature, door_saml_signer_get_keys (signer), &local)) ||
         refuse (error, "not signed by MetadataSigner: %s", local->message);
}

static DoorSamlMetadata *
parse (GBytes *xml, const char *entity_id, bool allow_http, const DoorSamlSigner *signer, GError **error)
{
  static const DoorSamlLimits limits = { .max_bytes = DOOR_SAML_METADATA_MAX_BYTES,
                                         .max_work = MAX_WORK,
                                         .allow_instructions = true,
                                         .fault = DOOR_FAULT_IDP_METADATA };
  g_autoptr (xmlDoc) doc = NULL;
  g_autoptr (DoorSamlMetadata) self = NULL;
  xmlNode *root;
  xmlNode *role = NULL;
  gsize size;
  const char *data = g_bytes_get_data (xml, &size);

  if (is_web_page (data, size))
    {
      refuse (error, "this is a web page (HTML), not SAML metadata; give the address or the file of the "
                     "metadata itself");
      return NULL;
    }
  doc = door_saml_xml_parse (data != NULL ? data : "", size, &limits, error);
  if (doc == NULL)
    return NULL;
  root = xmlDocGetRootElement (doc);
  if (!door_saml_xml_is (root, DOOR_SAML_NS_METADATA, "EntityDescriptor") &&
      !door_saml_xml_is (root, DOOR_SAML_NS_METADATA, "EntitiesDescriptor"))
    {
      refuse (error, "this is not SAML 2.0 metadata");
      return NULL;
    }
  if (signer != NULL && !check_signer (root, signer, error))
    return NULL;
  if (!choose_entity (root, entity_id, &role, error) ||
      !check_entity_id (door_saml_xml_get_attribute (role->parent, "entityID"), error))
    return NULL;
  self = metadata_new (door_saml_xml_get_attribute (role->parent, "entityID"));
  self->wants_signed_requests = is_true (door_saml_xml_get_attribute (role, "WantAuthnRequestsSigned"));
  read_logout (role, BINDING_REDIRECT, allow_http, &self->logout_redirect);
  read_logout (role, BINDING_POST, allow_http, &self->logout_post);
  read_resolvers (self, role, allow_http);
  if (!read_validity (self, role, error) || !read_sso_urls (self, role, allow_http, error) ||
      !read_keys (self, role, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_saml_metadata_parse:
 * @xml: the metadata as received, at most 1 MiB
 * @entity_id: (nullable): entity to look for, %NULL for the only identity provider in @xml
 * @allow_http: whether a sign-in address may be plain http on a loopback host or under `.localhost`
 * @error: return location for an error
 *
 * Reads SAML 2.0 metadata (saml-metadata-2.0-os): an EntityDescriptor, or EntitiesDescriptor with several.
 * Keys come from the IDPSSODescriptor with SAML 2.0 support only, from every KeyDescriptor for signing or
 * without use. A signature on the metadata is not looked at: where it came from is the caller's to trust,
 * and so are the age of it and a change of the entity id. Pure; any thread.
 *
 * Returns: (transfer full): the metadata, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_IDP_METADATA
 */
DoorSamlMetadata *
door_saml_metadata_parse (GBytes *xml, const char *entity_id, bool allow_http, GError **error)
{
  return parse (xml, entity_id, allow_http, NULL, error);
}

/**
 * door_saml_metadata_parse_signed:
 * @xml: the metadata as received, at most 1 MiB
 * @entity_id: (nullable): as for door_saml_metadata_parse()
 * @allow_http: as for door_saml_metadata_parse()
 * @signer: (nullable): who must have signed the root element; %NULL looks at no signature
 * @error: return location for an error
 *
 * Reads metadata of which somebody's signature is demanded (saml-metadata-2.0-os, 3). What is read stands in
 * the element that was verified. CPU-bound; any thread.
 *
 * Returns: (transfer full): the metadata, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_IDP_METADATA
 */
DoorSamlMetadata *
door_saml_metadata_parse_signed (GBytes *xml, const char *entity_id, bool allow_http,
                                 const DoorSamlSigner *signer, GError **error)
{
  return parse (xml, entity_id, allow_http, signer, error);
}

/**
 * door_saml_metadata_keep_keys:
 * @self: metadata that nobody uses yet
 * @before: what was read there before
 *
 * Goes on with the signing keys that were there before.
 */
void
door_saml_metadata_keep_keys (DoorSamlMetadata *self, const DoorSamlMetadata *before)
{
  door_saml_keys_keep (self->keys, before->keys);
}

/**
 * door_saml_metadata_new_static:
 * @entity_id: entity id of the identity provider
 * @sso_url: its sign-in address for the HTTP-Redirect binding
 * @certificates: (element-type GBytes): its signing certificates, each PEM (one or several) or DER
 * @allow_http: whether @sso_url may be plain http on a loopback host or under `.localhost`
 * @error: return location for an error
 *
 * Makes metadata of what an administrator typed in. Every certificate must be usable. Pure; any thread.
 *
 * Returns: (transfer full): the metadata, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_IDP_METADATA
 */
DoorSamlMetadata *
door_saml_metadata_new_static (const char *entity_id, const char *sso_url, GPtrArray *certificates,
                               bool allow_http, GError **error)
{
  g_autoptr (DoorSamlMetadata) self = NULL;

  if (!check_entity_id (entity_id, error) || !check_sso_url (sso_url, allow_http, error))
    return NULL;
  self = metadata_new (entity_id);
  self->sso_redirect_url = g_strdup (sso_url);
  for (unsigned int i = 0; i < certificates->len; i++)
    if (!door_saml_keys_add_certificates (self->keys, g_ptr_array_index (certificates, i), error))
      return NULL;
  if (self->keys->len == 0)
    {
      refuse (error, "there is no signing certificate");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_saml_metadata_ref:
 * @self: metadata
 *
 * Returns: (transfer full): @self
 */
DoorSamlMetadata *
door_saml_metadata_ref (DoorSamlMetadata *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_saml_metadata_unref:
 * @self: (transfer full): metadata
 */
void
door_saml_metadata_unref (DoorSamlMetadata *self)
{
  g_atomic_rc_box_release_full (self, metadata_clear);
}

/**
 * door_saml_metadata_get_entity_id:
 * @self: metadata
 *
 * Returns: (transfer none): the identity provider's entity id
 */
const char *
door_saml_metadata_get_entity_id (const DoorSamlMetadata *self)
{
  return self->entity_id;
}

/**
 * door_saml_metadata_get_sso_redirect_url:
 * @self: metadata
 *
 * Returns: (transfer none) (nullable): where AuthnRequests go by the HTTP-Redirect binding, %NULL when the
 *   metadata names no such address
 */
const char *
door_saml_metadata_get_sso_redirect_url (const DoorSamlMetadata *self)
{
  return self->sso_redirect_url;
}

/**
 * door_saml_metadata_get_sso_post_url:
 * @self: metadata
 *
 * Metadata of Google Workspace and OneLogin has been seen to name this address only, which answers requests
 * by the HTTP-Redirect binding as well.
 *
 * Returns: (transfer none) (nullable): where AuthnRequests go by the HTTP-POST binding, %NULL when the
 *   metadata names no such address
 */
const char *
door_saml_metadata_get_sso_post_url (const DoorSamlMetadata *self)
{
  return self->sso_post_url;
}

/**
 * door_saml_metadata_get_logout_url:
 * @self: metadata
 * @post: whether by the HTTP-POST binding, else by HTTP-Redirect
 * @answer: whether for a LogoutResponse, else for a LogoutRequest
 *
 * Returns: (transfer none) (nullable): where such a message goes, %NULL when the metadata names no such
 *   address
 */
const char *
door_saml_metadata_get_logout_url (const DoorSamlMetadata *self, bool post, bool answer)
{
  const Logout *logout = post ? &self->logout_post : &self->logout_redirect;

  return answer ? logout->response_url : logout->url;
}

/**
 * door_saml_metadata_lookup_resolver_url:
 * @self: metadata
 * @index: index of an artifact resolution service
 *
 * Returns: (transfer none) (nullable): where artifacts with this index are resolved over SOAP; %NULL when the
 *   provider names no such service
 */
const char *
door_saml_metadata_lookup_resolver_url (const DoorSamlMetadata *self, unsigned int index)
{
  for (unsigned int i = 0; i < self->resolvers->len; i++)
    {
      const Resolver *resolver = g_ptr_array_index (self->resolvers, i);

      if (resolver->index == index)
        return resolver->url;
    }
  return NULL;
}

/**
 * door_saml_metadata_resolves_artifacts:
 * @self: metadata
 *
 * Returns: whether the provider names any artifact resolution service
 */
bool
door_saml_metadata_resolves_artifacts (const DoorSamlMetadata *self)
{
  return self->resolvers->len > 0;
}

/**
 * door_saml_metadata_wants_signed_requests:
 * @self: metadata
 *
 * Returns: whether the provider answers signed requests only (metadata 2.4.3)
 */
bool
door_saml_metadata_wants_signed_requests (const DoorSamlMetadata *self)
{
  return self->wants_signed_requests;
}

/**
 * door_saml_metadata_get_valid_until_ms:
 * @self: metadata
 *
 * Returns: the earliest validUntil that applies, milliseconds since 1970, UTC; 0 when there is none
 */
int64_t
door_saml_metadata_get_valid_until_ms (const DoorSamlMetadata *self)
{
  return self->valid_until_ms;
}

/**
 * door_saml_metadata_get_cache_duration_s:
 * @self: metadata
 *
 * Returns: the shortest cacheDuration that applies, in seconds; 0 when there is none
 */
int64_t
door_saml_metadata_get_cache_duration_s (const DoorSamlMetadata *self)
{
  return self->cache_duration_s;
}

/**
 * door_saml_metadata_list_keys:
 * @self: metadata
 *
 * Returns: (transfer container) (element-type DoorSamlKeyInfo): its signing keys, in the order of the
 *   document; the entries belong to @self
 */
GPtrArray *
door_saml_metadata_list_keys (const DoorSamlMetadata *self)
{
  GPtrArray *list = g_ptr_array_new ();

  for (unsigned int i = 0; i < self->keys->len; i++)
    g_ptr_array_add (list, &((DoorSamlKey *) g_ptr_array_index (self->keys, i))->info);
  return list;
}

/**
 * door_saml_metadata_get_keys: (skip)
 * @self: metadata
 *
 * Returns: (transfer none) (element-type DoorSamlKey): its signing keys
 */
const GPtrArray *
door_saml_metadata_get_keys (const DoorSamlMetadata *self)
{
  return self->keys;
}
