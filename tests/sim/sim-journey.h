/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-browser.h"
#include "sim-device.h"
#include "sim-discovery.h"
#include "sim-profile.h"
#include "sim-report.h"
#include "sim-scep-message.h"

typedef struct _SimMisbehaviour SimMisbehaviour;

/* One enrollment from the first question to the last poll. Everything is owned unless marked. */
typedef struct
{
  const SimOptions *options;           /* unowned */
  const SimMisbehaviour *misbehaviour; /* unowned */
  SimReport *report;                   /* unowned */
  SimDevice *device;
  SimHttp *http;
  SimBrowser *browser;

  bool awaiting;       /* it waits in Setup Assistant */
  bool renewed;        /* the server had it renew its identity */
  SimReply *delivered; /* (nullable) what ended the web view in place of a token */
  SimChallenge *challenge;
  char *refresh_token; /* (nullable) */
  char *state;         /* (nullable) of the authorization request */
  char *typed_account; /* what the person typed in Settings */
  GUri *base_url;
  GUri *sign_in_url;
  SimVisit *answer; /* the posted SAMLResponse */
  int retries;      /* how often Try again was followed */
  char *token;
  SimProfile *profile;
  SimCertificates *authorities;
  SimScepCaps caps;
  EVP_PKEY *key;
  X509 *certificate;
} SimJourney;

SimJourney *sim_journey_new (const SimOptions *options, SimReport *report, GError **error);
void sim_journey_free (SimJourney *self);
gboolean sim_journey_run (SimJourney *self, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimJourney, sim_journey_free)

void sim_journey_tell (SimJourney *self, const SimReply *reply, const char *method, const char *result);
void sim_journey_set_refused (SimJourney *self, const SimReply *reply, GError **error);
gboolean sim_journey_save_ids (SimJourney *self, GError **error);
gboolean sim_journey_save (SimJourney *self, const char *name, GBytes *content, GError **error);
SimRequest *sim_journey_new_request (SimJourney *self, const char *method, GUri *uri, const char *user_agent);

/* The stations that have a file of their own. */
gboolean sim_journey_open (SimJourney *self, GError **error);
gboolean sim_journey_take_delivered (SimJourney *self, GError **error);
gboolean sim_journey_take_service (SimJourney *self, GError **error);
gboolean sim_journey_wait_for_release (SimJourney *self, GError **error);
GUri *sim_journey_dup_authorization_uri (SimJourney *self, GError **error);
gboolean sim_journey_exchange_code (SimJourney *self, const char *location, GError **error);
gboolean sim_journey_refresh (SimJourney *self, GError **error);
SimProfile *sim_journey_parse_profile (SimJourney *self, GBytes *xml, GError **error);
SimProfile *sim_journey_read_profile (SimJourney *self, const SimReply *reply, GError **error);
gboolean sim_journey_sign_in (SimJourney *self, GError **error);
gboolean sim_journey_get_authorities (SimJourney *self, GError **error);
gboolean sim_journey_get_certificate (SimJourney *self, GError **error);
gboolean sim_journey_renew_certificate (SimJourney *self, GError **error);
SimScepReply *sim_journey_request_certificate (SimJourney *self, EVP_PKEY *key, bool renewal, GError **error);
gboolean sim_journey_authenticate (SimJourney *self, GError **error);
gboolean sim_journey_update_token (SimJourney *self, GError **error);
gboolean sim_journey_poll (SimJourney *self, GError **error);
gboolean sim_journey_install_profile (SimJourney *self, GBytes *payload, GError **error);
gboolean sim_journey_wait_for_renewal (SimJourney *self, GError **error);
gboolean sim_journey_escrow (SimJourney *self, GError **error);
gboolean sim_journey_check_out (SimJourney *self, GError **error);
