/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-cookies.h"

#include "sim-error.h"
#include "sim-http.h"

struct _SimCookies
{
  GPtrArray *cookies; /* element type SoupCookie */
};

/**
 * sim_cookies_new:
 *
 * An empty cookie jar with the rules of a current browser (RFC 6265bis): prefixes, Secure and SameSite,
 * where a cookie that names no SameSite is Lax.
 *
 * Returns: (transfer full): the jar
 */
SimCookies *
sim_cookies_new (void)
{
  SimCookies *self = g_new0 (SimCookies, 1);

  self->cookies = g_ptr_array_new_with_free_func ((GDestroyNotify) soup_cookie_free);
  return self;
}

/**
 * sim_cookies_free:
 * @self: (transfer full): a jar
 */
void
sim_cookies_free (SimCookies *self)
{
  g_ptr_array_unref (self->cookies);
  g_free (self);
}

/* (transfer full) (nullable): value of one attribute of a Set-Cookie line, "" when it has none */
static char *
dup_attribute (const char *set_cookie, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (set_cookie, ";", -1);

  for (size_t i = 1; parts[0] != NULL && parts[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (parts[i], "=", 2);

      if (pair[0] != NULL && g_ascii_strcasecmp (g_strstrip (pair[0]), name) == 0)
        return g_strdup (pair[1] != NULL ? g_strstrip (pair[1]) : "");
    }
  return NULL;
}

/* (nullable): why a browser drops this cookie */
static const char *
find_fault (SoupCookie *cookie, GUri *origin, const char *set_cookie)
{
  bool https = g_str_equal (g_uri_get_scheme (origin), "https");
  const char *name = soup_cookie_get_name (cookie);
  g_autofree char *path = dup_attribute (set_cookie, "path");
  g_autofree char *domain = dup_attribute (set_cookie, "domain");
  g_autofree char *same_site = dup_attribute (set_cookie, "samesite");

  if (*name == '\0')
    return "it has no name";
  if (domain != NULL && soup_tld_domain_is_public_suffix (domain + (*domain == '.')))
    return "for a public suffix";
  if (soup_cookie_get_secure (cookie) && !https)
    return "Secure, but set over plain http";
  /* Safari keeps these, other browsers do not; plain http, where a test provider may live, has no choice. */
  if (https && same_site != NULL && g_ascii_strcasecmp (same_site, "none") == 0 &&
      !soup_cookie_get_secure (cookie))
    return "SameSite=None without Secure";
  if (g_ascii_strncasecmp (name, "__Secure-", 9) == 0 && !soup_cookie_get_secure (cookie))
    return "a __Secure- cookie must be Secure";
  if (g_ascii_strncasecmp (name, "__Host-", 7) != 0)
    return NULL;
  if (!soup_cookie_get_secure (cookie))
    return "a __Host- cookie must be Secure";
  if (domain != NULL)
    return "a __Host- cookie must not name a Domain";
  if (path == NULL || !g_str_equal (path, "/"))
    return "a __Host- cookie must have Path=/";
  return NULL;
}

static bool
is_expired (SoupCookie *cookie, GDateTime *now)
{
  GDateTime *expires = soup_cookie_get_expires (cookie);

  return expires != NULL && g_date_time_compare (expires, now) <= 0;
}

/**
 * sim_cookies_store:
 * @self: a jar
 * @origin: the address whose answer carried the cookie
 * @set_cookie: one Set-Cookie line
 * @now: the present
 * @error: return location for an error
 *
 * Keeps a cookie, replaces the one of the same name, domain and path, or removes it when it has expired.
 *
 * Returns: %FALSE with %SIM_ERROR_UNEXPECTED for a cookie that a browser would drop
 */
gboolean
sim_cookies_store (SimCookies *self, GUri *origin, const char *set_cookie, GDateTime *now, GError **error)
{
  g_autoptr (SoupCookie) cookie = soup_cookie_parse (set_cookie, origin);
  const char *fault =
      cookie != NULL ? find_fault (cookie, origin, set_cookie) : "not readable, or for another host";
  g_autofree char *same_site = NULL;

  if (fault != NULL)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "a browser drops the cookie %s of %s: %s",
                   cookie != NULL ? soup_cookie_get_name (cookie) : "", g_uri_get_host (origin), fault);
      return FALSE;
    }
  same_site = dup_attribute (set_cookie, "samesite");
  if (same_site == NULL ||
      (g_ascii_strcasecmp (same_site, "none") != 0 && g_ascii_strcasecmp (same_site, "strict") != 0))
    soup_cookie_set_same_site_policy (cookie, SOUP_SAME_SITE_POLICY_LAX);
  for (guint i = self->cookies->len; i > 0; i--)
    {
      SoupCookie *old = g_ptr_array_index (self->cookies, i - 1);

      if (g_str_equal (soup_cookie_get_name (old), soup_cookie_get_name (cookie)) &&
          g_str_equal (soup_cookie_get_domain (old), soup_cookie_get_domain (cookie)) &&
          g_str_equal (soup_cookie_get_path (old), soup_cookie_get_path (cookie)))
        g_ptr_array_remove_index (self->cookies, i - 1);
    }
  if (!is_expired (cookie, now))
    g_ptr_array_add (self->cookies, g_steal_pointer (&cookie));
  return TRUE;
}

static bool
may_travel (SoupCookie *cookie, const char *method, SimSite site)
{
  bool safe = g_str_equal (method, "GET") || g_str_equal (method, "HEAD");

  if (site != SIM_SITE_CROSS_SITE)
    return true;
  switch (soup_cookie_get_same_site_policy (cookie))
    {
    case SOUP_SAME_SITE_POLICY_NONE:
      return true;
    case SOUP_SAME_SITE_POLICY_LAX:
      return safe;
    case SOUP_SAME_SITE_POLICY_STRICT:
    default:
      return false;
    }
}

/**
 * sim_cookies_dup_header:
 * @self: a jar
 * @uri: where a navigation goes
 * @method: its method
 * @site: how far the page that causes it is away
 * @now: the present
 *
 * Returns: (transfer full) (nullable): the Cookie header of this navigation
 */
char *
sim_cookies_dup_header (SimCookies *self, GUri *uri, const char *method, SimSite site, GDateTime *now)
{
  g_autoptr (GString) header = g_string_new (NULL);

  for (guint i = 0; i < self->cookies->len; i++)
    {
      SoupCookie *cookie = g_ptr_array_index (self->cookies, i);

      if (is_expired (cookie, now) || !soup_cookie_domain_matches (cookie, g_uri_get_host (uri)) ||
          !soup_cookie_applies_to_uri (cookie, uri) || !may_travel (cookie, method, site))
        continue;
      g_string_append_printf (header, "%s%s=%s", header->len > 0 ? "; " : "", soup_cookie_get_name (cookie),
                              soup_cookie_get_value (cookie));
    }
  return header->len > 0 ? g_string_free (g_steal_pointer (&header), FALSE) : NULL;
}

/* (transfer none): registrable domain, or the whole host where there is none (addresses, "localhost") */
static const char *
get_site (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  const char *base = g_hostname_is_ip_address (host) ? NULL : soup_tld_get_base_domain (host, NULL);

  return base != NULL ? base : host;
}

/**
 * sim_site_between:
 * @from: (nullable): the page that causes a navigation, %NULL when a person or the system does
 * @to: where it goes
 *
 * Returns: how far apart they are
 */
SimSite
sim_site_between (GUri *from, GUri *to)
{
  g_autofree char *from_origin = NULL;
  g_autofree char *to_origin = NULL;

  if (from == NULL)
    return SIM_SITE_NONE;
  from_origin = sim_uri_dup_origin (from);
  to_origin = sim_uri_dup_origin (to);
  if (g_str_equal (from_origin, to_origin))
    return SIM_SITE_SAME_ORIGIN;
  if (g_str_equal (g_uri_get_scheme (from), g_uri_get_scheme (to)) &&
      g_ascii_strcasecmp (get_site (from), get_site (to)) == 0)
    return SIM_SITE_SAME_SITE;
  return SIM_SITE_CROSS_SITE;
}

/**
 * sim_site_to_string:
 * @site: a distance
 *
 * Returns: (transfer none): the word for Sec-Fetch-Site
 */
const char *
sim_site_to_string (SimSite site)
{
  switch (site)
    {
    case SIM_SITE_NONE:
      return "none";
    case SIM_SITE_SAME_ORIGIN:
      return "same-origin";
    case SIM_SITE_SAME_SITE:
      return "same-site";
    case SIM_SITE_CROSS_SITE:
    default:
      return "cross-site";
    }
}
