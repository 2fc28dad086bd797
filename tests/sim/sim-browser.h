/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-cookies.h"
#include "sim-http.h"
#include "sim-page.h"

/* The web view a person signs in with: headers of Safari, cookies by site, one navigation at a time. */
typedef struct _SimBrowser SimBrowser;

/* One navigation that is about to happen. */
typedef struct
{
  char *method;
  GUri *uri;
  char *form;        /* (nullable) encoded body */
  GUri *initiator;   /* (nullable) page that caused it */
  SimSite site;      /* the farthest hop so far */
  bool no_referrer;  /* policy of that page */
  char *device_info; /* (nullable) of the first page in Setup Assistant: base64 of the signed MachineInfo */
  char *form_action; /* (nullable) where the page's policy lets its forms go */
} SimVisit;

SimBrowser *sim_browser_new (SimHttp *http, const char *user_agent, const char *accept_language);
void sim_browser_free (SimBrowser *self);
void sim_browser_forget_cookies (SimBrowser *self);
SimReply *sim_browser_visit (SimBrowser *self, const SimVisit *visit, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimBrowser, sim_browser_free)

SimVisit *sim_visit_new_opened (GUri *uri);
SimVisit *sim_visit_new_link (const SimReply *page, GUri *target);
SimVisit *sim_visit_new_form (const SimReply *page, const SimForm *form, GError **error);
SimVisit *sim_visit_new_redirect (const SimVisit *from, const SimReply *reply, GError **error);
bool sim_policy_allows_form (const char *form_action, GUri *page, GUri *target);
void sim_visit_free (SimVisit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimVisit, sim_visit_free)
