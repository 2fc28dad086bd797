/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth1.h"

#include <string.h>

#define SHA1_SIZE 20

/* Name and value, both encoded. */
typedef struct
{
  char *name;
  char *value;
} Param;

static void
param_free (gpointer data)
{
  Param *param = data;

  g_free (param->name);
  g_free (param->value);
  g_free (param);
}

/* RFC 5849, 3.6: nothing but unreserved characters stays as it is */
static char *
encode (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

static void
add (GPtrArray *params, const char *name, const char *value)
{
  Param *param = g_new (Param, 1);

  param->name = encode (name);
  param->value = encode (value);
  g_ptr_array_add (params, param);
}

/* RFC 5849, 3.4.1.3.2: by the encoded name, then by the encoded value */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Param *left = *(Param *const *) a, *right = *(Param *const *) b;
  int by_name = strcmp (left->name, right->name);

  return by_name != 0 ? by_name : strcmp (left->value, right->value);
}

static GPtrArray *
list_protocol_params (const DoorOauth1Request *request)
{
  GPtrArray *params = g_ptr_array_new_with_free_func (param_free);
  g_autofree char *timestamp = g_strdup_printf ("%" G_GINT64_FORMAT, request->timestamp_s);

  add (params, "oauth_consumer_key", request->consumer_key);
  add (params, "oauth_token", request->token);
  add (params, "oauth_signature_method", "HMAC-SHA1");
  add (params, "oauth_timestamp", timestamp);
  add (params, "oauth_nonce", request->nonce);
  if (request->version)
    add (params, "oauth_version", "1.0");
  return params;
}

static void
add_query (GPtrArray *params, const char *query)
{
  GUriParamsIter iter;
  char *name, *value;

  g_uri_params_iter_init (&iter, query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &name, &value, NULL))
    {
      add (params, name, value);
      g_free (name);
      g_free (value);
    }
}

/* RFC 5849, 3.4.1.2: scheme and host in lower case, no standard port, no query */
static char *
dup_base_url (GUri *uri)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);
  const char *scheme = g_uri_get_scheme (uri), *path = g_uri_get_path (uri);
  int port = g_uri_get_port (uri);
  g_autofree char *behind = NULL;

  if (port > 0 && port != (g_str_equal (scheme, "https") ? 443 : 80))
    behind = g_strdup_printf (":%d", port);
  return g_strconcat (scheme, "://", host, behind != NULL ? behind : "", *path != '\0' ? path : "/", NULL);
}

/* RFC 5849, 3.4.1.1 */
static char *
build_base_string (const DoorOauth1Request *request, const GPtrArray *protocol_params)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, G_URI_FLAGS_ENCODED, NULL); /* we built it */
  g_autofree char *url = dup_base_url (uri), *encoded_url = encode (url), *encoded_params = NULL;
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (param_free);
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < protocol_params->len; i++)
    {
      const Param *param = g_ptr_array_index (protocol_params, i);
      Param *copy = g_new (Param, 1);

      copy->name = g_strdup (param->name);
      copy->value = g_strdup (param->value);
      g_ptr_array_add (all, copy);
    }
  if (g_uri_get_query (uri) != NULL)
    add_query (all, g_uri_get_query (uri));
  g_ptr_array_sort (all, compare);
  for (guint i = 0; i < all->len; i++)
    {
      const Param *param = g_ptr_array_index (all, i);

      g_string_append_printf (joined, "%s%s=%s", i > 0 ? "&" : "", param->name, param->value);
    }
  encoded_params = encode (joined->str);
  return g_strconcat (request->method, "&", encoded_url, "&", encoded_params, NULL);
}

/* RFC 5849, 3.4.2 */
static char *
sign (const DoorOauth1Request *request, const char *base_string)
{
  g_autofree char *consumer = encode (request->consumer_secret), *token = encode (request->token_secret);
  g_autofree char *key = g_strconcat (consumer, "&", token, NULL);
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) key, strlen (key));
  guint8 digest[SHA1_SIZE];
  gsize size = sizeof digest;

  g_hmac_update (hmac, (const guchar *) base_string, -1);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  explicit_bzero (key, strlen (key));
  explicit_bzero (consumer, strlen (consumer));
  explicit_bzero (token, strlen (token));
  return g_base64_encode (digest, size);
}

/**
 * door_oauth1_build_authorization:
 * @request: a request whose address is one we built
 *
 * Builds the header Authorization of a request that OAuth 1.0 signs with HMAC-SHA1 (RFC 5849, 3.5.1). Pure;
 * any thread.
 *
 * Returns: (transfer full): its value
 */
char *
door_oauth1_build_authorization (const DoorOauth1Request *request)
{
  g_autoptr (GPtrArray) params = list_protocol_params (request);
  g_autofree char *base_string = build_base_string (request, params);
  g_autofree char *signature = sign (request, base_string), *encoded = encode (signature);
  GString *header = g_string_new ("OAuth ");

  if (request->realm != NULL)
    g_string_append_printf (header, "realm=\"%s\", ", request->realm);
  for (guint i = 0; i < params->len; i++)
    {
      const Param *param = g_ptr_array_index (params, i);

      g_string_append_printf (header, "%s=\"%s\", ", param->name, param->value);
    }
  g_string_append_printf (header, "oauth_signature=\"%s\"", encoded);
  return g_string_free (header, FALSE);
}
