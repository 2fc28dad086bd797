/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>

typedef struct _SimCookies SimCookies;

/* How far the page that caused a request is from where the request goes; the Sec-Fetch-Site values. */
typedef enum
{
  SIM_SITE_NONE, /* typed, or opened by the system */
  SIM_SITE_SAME_ORIGIN,
  SIM_SITE_SAME_SITE,
  SIM_SITE_CROSS_SITE,
} SimSite;

SimCookies *sim_cookies_new (void);
void sim_cookies_free (SimCookies *self);
gboolean sim_cookies_store (SimCookies *self, GUri *origin, const char *set_cookie, GDateTime *now,
                            GError **error);
char *sim_cookies_dup_header (SimCookies *self, GUri *uri, const char *method, SimSite site, GDateTime *now);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCookies, sim_cookies_free)

SimSite sim_site_between (GUri *from, GUri *to);
const char *sim_site_to_string (SimSite site);
