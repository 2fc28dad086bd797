/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Over-the-air enrollment, as a device does it: Apple, "Over-the-Air Profile Delivery and Configuration". */
#include "sim-cms.h"
#include "sim-error.h"
#include "sim-journey.h"
#include "sim-plist.h"

#define USER_AGENT "DeviceManagementClient/1.0"

/* Where to, and what is to be repeated there. */
typedef struct
{
  GUri *uri;
  char *challenge;
} Service;

static void
service_clear (Service *self)
{
  g_clear_pointer (&self->uri, g_uri_unref);
  g_free (self->challenge);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Service, service_clear)

static GBytes *
open_signed (SimJourney *self, const SimReply *reply, GError **error)
{
  const char *anchors = self->options->profile_ca != NULL ? self->options->profile_ca : self->options->ca;

  if (sim_reply_has_type (reply, "application/x-apple-aspen-config"))
    return sim_cms_verify_chain (reply->body, anchors, error);
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                       "what the Profile Service gives is no profile");
  return NULL;
}

static gboolean
read_service (SimJourney *self, Service *service, GError **error)
{
  g_autoptr (GBytes) xml = open_signed (self, self->delivered, error);
  g_autoptr (SimPlist) root = xml != NULL ? sim_plist_parse (xml, error) : NULL;
  plist_t content = root != NULL ? sim_plist_lookup (root, "PayloadContent", PLIST_DICT) : NULL;
  g_autofree char *type = root != NULL ? sim_plist_dup_string (root, "PayloadType") : NULL;
  g_autofree char *url = sim_plist_dup_string (content, "URL");

  if (root == NULL)
    return FALSE;
  service->challenge = sim_plist_dup_string (content, "Challenge");
  if (g_strcmp0 (type, "Profile Service") != 0 || url == NULL || service->challenge == NULL)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           g_strcmp0 (type, "Configuration") == 0
                               ? "the link gives the enrollment profile itself and no Profile Service; set "
                                 "Ota=true in [enrollment] or the team, or play it with doorward-sim "
                                 "enroll-link"
                               : "no Profile Service with URL and Challenge");
      return FALSE;
    }
  service->uri = sim_uri_parse (url, error);
  return service->uri != NULL;
}

static GBytes *
build_attributes (SimJourney *self, const Service *service)
{
  g_autoptr (SimPlist) dict = plist_new_dict ();

  sim_plist_set_string (dict, "CHALLENGE", service->challenge);
  sim_plist_set_string (dict, "PRODUCT", self->options->product);
  sim_plist_set_string (dict, "SERIAL", sim_device_get_serial (self->device));
  sim_plist_set_string (dict, "UDID", sim_device_get_enrollment_id (self->device));
  sim_plist_set_string (dict, "VERSION", self->options->build);
  return sim_plist_build (dict);
}

/* (transfer full): an answer of 200. */
static SimReply *
post (SimJourney *self, const Service *service, GBytes *message, const char *who, GError **error)
{
  g_autoptr (SimRequest) request = sim_journey_new_request (self, "POST", service->uri, USER_AGENT);
  g_autoptr (SimReply) reply = NULL;

  sim_http_add_server (self->http, service->uri);
  sim_request_take_body (request, "application/pkcs7-signature", g_bytes_ref (message));
  reply = sim_http_send (self->http, request, error);
  if (reply == NULL)
    return NULL;
  sim_journey_tell (self, reply, "POST", who);
  if (reply->status == 200)
    return g_steal_pointer (&reply);
  sim_journey_set_refused (self, reply, error);
  return NULL;
}

static gboolean
get_identity (SimJourney *self, const Service *service, GBytes *attributes, GError **error)
{
  g_autoptr (GBytes) message = sim_device_sign (self->device, attributes, error);
  g_autoptr (SimReply) reply =
      message != NULL ? post (self, service, message, "Profile Service: by Apple's certificate", error)
                      : NULL;
  g_autoptr (GBytes) xml = reply != NULL ? open_signed (self, reply, error) : NULL;

  self->profile = xml != NULL ? sim_profile_parse_identity (xml, error) : NULL;
  return self->profile != NULL && sim_journey_get_authorities (self, error) &&
         sim_journey_get_certificate (self, error);
}

static gboolean
get_profile (SimJourney *self, const Service *service, GBytes *attributes, GError **error)
{
  const SimSigner signer = { self->key, self->certificate, NULL, EVP_sha256 () };
  g_autoptr (GBytes) message = sim_cms_sign (attributes, &signer, SIM_CMS_EMBEDDED, error);
  g_autoptr (SimReply) reply =
      message != NULL ? post (self, service, message, "Profile Service: by the identity", error) : NULL;

  g_clear_pointer (&self->profile, sim_profile_free);
  g_clear_pointer (&self->authorities, sim_certificates_free); /* asked for again, by the profile */
  self->profile = reply != NULL ? sim_journey_read_profile (self, reply, error) : NULL;
  return self->profile != NULL;
}

/**
 * sim_journey_take_service:
 * @self: a journey whose browser was given a way to the Profile Service
 * @error: return location for an error
 *
 * Says there which device it is, by the certificate of its maker; gets an identity for that, and by it the
 * enrollment profile. Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED when the server said no
 */
gboolean
sim_journey_take_service (SimJourney *self, GError **error)
{
  g_auto (Service) service = { NULL };
  g_autoptr (GBytes) attributes = NULL;

  if (!read_service (self, &service, error))
    return FALSE;
  attributes = build_attributes (self, &service);
  return get_identity (self, &service, attributes, error) && get_profile (self, &service, attributes, error);
}
