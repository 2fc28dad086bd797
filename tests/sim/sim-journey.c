/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-journey.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "sim-cms.h"
#include "sim-discovery.h"
#include "sim-error.h"
#include "sim-misbehaviour.h"
#include "sim-refusal.h"

#define MAX_REDIRECTS 5
#define MAX_SHOWN_PART 40 /* a ticket has 43 characters */
#define PROFILE_TYPE "application/x-apple-aspen-config"
#define DEVICE_USER_AGENT "DeviceManagementClient/1.0"
#define UNVOUCHED_HINT                                                                                       \
  "\nWithout --device-ca nobody vouches for the device: make an authority with doorward-sim device-ca "      \
  "FOLDER, "                                                                                                 \
  "name FOLDER/device-ca.pem in DeviceAnchor= of [apple] (development mode), and give --device-ca FOLDER"
#define OTHER_CA_HINT                                                                                        \
  "\nIf it does not know who vouches for the device: is the device-ca.pem in the folder of --device-ca the " \
  "one that DeviceAnchor= of [apple] names?"

/**
 * sim_journey_new:
 * @options: what to do; must outlive the journey
 * @report: where to tell of it; must outlive the journey
 * @error: return location for an error
 *
 * Returns: (transfer full): a journey that has not begun, or %NULL with %SIM_ERROR_USAGE
 */
SimJourney *
sim_journey_new (const SimOptions *options, SimReport *report, GError **error)
{
  g_autoptr (SimJourney) self = g_new0 (SimJourney, 1);

  self->options = options;
  self->report = report;
  self->misbehaviour = sim_misbehaviour_lookup (options->misbehave);
  self->typed_account = self->misbehaviour->types_another_account
                            ? g_strconcat ("not-", options->account, NULL)
                            : g_strdup (options->account);
  self->http = sim_http_new (options->ca, (const char *const *) options->headers, options->timeout_s, error);
  if (self->http == NULL)
    return NULL;
  sim_http_set_repeats (self->http, self->misbehaviour->repeats);
  self->device = sim_device_new (options, error);
  if (self->device == NULL)
    return NULL;
  self->browser = sim_browser_new (self->http, sim_device_get_user_agent (self->device),
                                   sim_device_get_accept_language (self->device));
  return g_steal_pointer (&self);
}

/**
 * sim_journey_free:
 * @self: (transfer full): a journey
 */
void
sim_journey_free (SimJourney *self)
{
  g_clear_pointer (&self->browser, sim_browser_free);
  g_clear_pointer (&self->device, sim_device_free);
  g_clear_pointer (&self->http, sim_http_free);
  g_free (self->typed_account);
  g_clear_pointer (&self->base_url, g_uri_unref);
  g_clear_pointer (&self->sign_in_url, g_uri_unref);
  g_clear_pointer (&self->answer, sim_visit_free);
  g_clear_pointer (&self->delivered, sim_reply_free);
  g_clear_pointer (&self->challenge, sim_challenge_free);
  g_free (self->refresh_token);
  g_free (self->state);
  g_free (self->token);
  g_clear_pointer (&self->profile, sim_profile_free);
  g_clear_pointer (&self->authorities, sim_certificates_free);
  EVP_PKEY_free (self->key);
  X509_free (self->certificate);
  g_free (self);
}

/* What stands in an address in place of a password is not for the eyes. */
static char *
dup_shown_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (char **part = parts; *part != NULL; part++)
    if (strlen (*part) > MAX_SHOWN_PART)
      {
        g_free (*part);
        *part = g_strdup ("…");
      }
  return g_strjoinv ("/", parts);
}

/**
 * sim_journey_tell:
 * @self: a journey
 * @reply: the answer that came
 * @method: method of the request
 * @result: what came of it
 *
 * Reports one exchange. Queries are left out: they name the person.
 */
void
sim_journey_tell (SimJourney *self, const SimReply *reply, const char *method, const char *result)
{
  const char *who =
      sim_http_is_server (self->http, reply->uri) ? self->options->model_family : g_uri_get_host (reply->uri);
  const char *path = g_uri_get_path (reply->uri);
  g_autofree char *shown = dup_shown_path (*path != '\0' ? path : "/");
  g_autofree char *what = g_strdup_printf ("%-4s %s", method, shown);

  sim_report_step (self->report, who, what, result);
}

/**
 * sim_journey_set_refused:
 * @self: a journey
 * @reply: an answer that is not the one a device goes on with
 * @error: return location for the error
 *
 * Sets %SIM_ERROR_REFUSED for a status of the 400s, with the code and the words of the page or of the body
 * for devices if it is one, and %SIM_ERROR_UNEXPECTED for any other.
 */
void
sim_journey_set_refused (SimJourney *self, const SimReply *reply, GError **error)
{
  bool refused = reply->status >= 400 && reply->status < 500;
  g_autoptr (SimPage) page =
      sim_reply_has_type (reply, "text/html") ? sim_page_parse (reply->body, reply->uri, NULL) : NULL;
  g_autofree char *details = NULL, *reason = refused && sim_reply_has_type (reply, "application/json")
                                                 ? sim_refusal_parse (reply->body, &details)
                                                 : NULL;
  const char *code = page != NULL ? page->code : reason;
  const char *sentence = page != NULL ? page->sentence : details, *hint;
  const SimOptions *options = self->options;
  g_autofree char *path = dup_shown_path (g_uri_get_path (reply->uri));
  SimRefusal *refusal = g_new0 (SimRefusal, 1);

  refusal->status = reply->status;
  refusal->code = g_strdup (code);
  refusal->sentence = g_strdup (sentence);
  refusal->request_id = g_strdup (sim_reply_get_header (reply, "X-Request-Id"));
  hint = reply->status != 403 || (options->way != SIM_WAY_UNBOX && options->way != SIM_WAY_OTA) ? ""
         : options->device_ca == NULL ? UNVOUCHED_HINT
                                      : OTHER_CA_HINT;
  g_set_error (error, SIM_ERROR, refused ? SIM_ERROR_REFUSED : SIM_ERROR_UNEXPECTED,
               "%s%s answered %d%s%s%s%s%s", g_uri_get_host (reply->uri), path, reply->status,
               code != NULL ? " " : "", code != NULL ? code : "", sentence != NULL ? ": " : "",
               sentence != NULL ? sentence : "", hint);
  sim_report_take_refusal (self->report, refusal);
}

/**
 * sim_journey_save:
 * @self: a journey
 * @name: file name
 * @content: what to write
 * @error: return location for an error
 *
 * Writes a file, readable by its owner only, into the folder of --save; does nothing without one.
 *
 * Returns: %FALSE with %SIM_ERROR_USAGE when that is not possible
 */
gboolean
sim_journey_save (SimJourney *self, const char *name, GBytes *content, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) local = NULL;
  gsize size = 0;
  const char *data = g_bytes_get_data (content, &size);

  if (self->options->save == NULL)
    return TRUE;
  path = g_build_filename (self->options->save, name, NULL);
  if (g_mkdir_with_parents (self->options->save, 0700) == 0 &&
      g_file_set_contents_full (path, data != NULL ? data : "", (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT,
                                0600, &local))
    return TRUE;
  g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "cannot write %s: %s", path,
               local != NULL ? local->message : "no such folder");
  return FALSE;
}

/**
 * sim_journey_new_request:
 * @self: a journey
 * @method: HTTP method
 * @uri: where to
 * @user_agent: which of the device's clients asks
 *
 * Returns: (transfer full): a request with the headers of a request that no browser makes
 */
SimRequest *
sim_journey_new_request (SimJourney *self, const char *method, GUri *uri, const char *user_agent)
{
  SimRequest *request = sim_request_new (method, uri);

  sim_request_set_header (request, "Accept", "*/*");
  sim_request_set_header (request, "Accept-Language", sim_device_get_accept_language (self->device));
  sim_request_set_header (request, "User-Agent", user_agent);
  return request;
}

/* Redirects are followed as they are: the query is not added again (Apple, "Implementing service discovery").
 */
static SimReply *
follow_discovery (SimJourney *self, GUri *uri, GError **error)
{
  g_autoptr (GUri) at = g_uri_ref (uri);

  for (int i = 0; i <= MAX_REDIRECTS; i++)
    {
      g_autoptr (SimRequest) request = sim_journey_new_request (self, "GET", at, DEVICE_USER_AGENT);
      g_autoptr (SimReply) reply = NULL;
      const char *location = NULL;
      g_autoptr (GUri) target = NULL;

      sim_http_add_server (self->http, at);
      reply = sim_http_send (self->http, request, error);
      if (reply == NULL)
        return NULL;
      location =
          reply->status >= 301 && reply->status <= 308 ? sim_reply_get_header (reply, "Location") : NULL;
      if (location == NULL)
        return g_steal_pointer (&reply);
      sim_journey_tell (self, reply, "GET", "redirect");
      target = g_uri_parse_relative (at, location, SOUP_HTTP_URI_FLAGS, NULL);
      if (target == NULL || !g_str_equal (g_uri_get_scheme (target), "https"))
        {
          g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "discovery is redirected to “%s”", location);
          return NULL;
        }
      g_uri_unref (at);
      at = g_steal_pointer (&target);
    }
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "discovery is redirected too often");
  return NULL;
}

static gboolean
take_base_url (SimJourney *self, const char *url, GError **error)
{
  self->base_url = sim_uri_parse (url, error);
  if (self->base_url == NULL)
    return FALSE;
  sim_http_add_server (self->http, self->base_url);
  return TRUE;
}

/* The server knows the account, and wants to manage the kind of device in the other way. */
static void
explain_version (SimJourney *self, const SimReply *reply, GError **error)
{
  bool whole = sim_device_is_whole (self->device);
  g_autofree char *other = sim_discovery_parse (reply->body, whole ? "mdm-byod" : "mdm-adde", NULL);

  if (other == NULL)
    return;
  g_clear_error (error);
  if (whole)
    g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                 "the server offers this %s mdm-byod and no mdm-adde; set AccountDeviceFamilies=%s in "
                 "[enrollment] or the team, or play it with doorward-sim byod",
                 self->options->model_family, self->options->model_family);
  else
    g_set_error (
        error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
        "the server offers this %s mdm-adde and no mdm-byod: AccountDeviceFamilies lists it; play it "
        "with doorward-sim adde",
        self->options->model_family);
}

/* (transfer full): the address in the document for the way it is played; by apple-oauth2 a device comes in
 * either, as the server offers. */
static char *
read_document (SimJourney *self, const SimReply *reply, const char **version, GError **error)
{
  bool oauth2 = self->options->way == SIM_WAY_OAUTH2;
  char *base_url;

  *version = sim_device_is_whole (self->device) ? "mdm-adde" : "mdm-byod";
  base_url = sim_discovery_parse (reply->body, *version, error);
  if (base_url != NULL)
    return base_url;
  base_url = oauth2 ? sim_discovery_parse (reply->body, "mdm-adde", NULL) : NULL;
  if (base_url == NULL)
    {
      explain_version (self, reply, error);
      return NULL;
    }
  *version = "mdm-adde";
  g_clear_error (error);
  if (!sim_device_make_whole (self->device, error))
    g_clear_pointer (&base_url, g_free);
  return base_url;
}

static gboolean
check_escrow (const SimJourney *self, GError **error)
{
  if (!self->options->escrow || sim_device_is_whole (self->device))
    return TRUE;
  g_set_error (
      error, SIM_ERROR, SIM_ERROR_USAGE,
      "--escrow: a user enrollment leaves no token, and that is what the server offers this %s; leave "
      "it out, or set AccountDeviceFamilies=%s in [enrollment] or the team",
      self->options->model_family, self->options->model_family);
  return FALSE;
}

static gboolean
discover (SimJourney *self, GError **error)
{
  g_autofree char *address =
      g_strconcat (self->options->discovery, "/.well-known/com.apple.remotemanagement", NULL);
  g_autoptr (GUri) bare = NULL;
  g_autoptr (GUri) named = NULL;
  g_autoptr (GUri) full = NULL;
  g_autoptr (SimReply) reply = NULL;
  g_autofree char *base_url = NULL;
  const char *version = NULL;

  if (self->options->enroll_url != NULL)
    return check_escrow (self, error) && take_base_url (self, self->options->enroll_url, error);
  bare = sim_uri_parse (address, error);
  if (bare == NULL)
    return FALSE;
  named = sim_uri_add_query (bare, "user-identifier", self->typed_account);
  full = sim_uri_add_query (named, "model-family", self->options->model_family);
  reply = follow_discovery (self, full, error);
  if (reply == NULL)
    return FALSE;
  if (reply->status != 200)
    {
      sim_journey_tell (self, reply, "GET", "no server for this account");
      sim_journey_set_refused (self, reply, error);
      return FALSE;
    }
  if (!sim_reply_has_type (reply, "application/json"))
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "the discovery document is not application/json");
      return FALSE;
    }
  base_url = read_document (self, reply, &version, error);
  if (base_url == NULL)
    return FALSE;
  sim_journey_tell (self, reply, "GET", version);
  return check_escrow (self, error) && take_base_url (self, base_url, error);
}

/* The device's own request for a profile, the same bytes each time. */
static SimReply *
ask_for_profile (SimJourney *self, GError **error)
{
  g_autoptr (SimRequest) request = sim_journey_new_request (self, "POST", self->base_url, DEVICE_USER_AGENT);
  g_autofree char *bearer = self->token != NULL ? g_strconcat ("Bearer ", self->token, NULL) : NULL;

  sim_request_set_header (request, "Authorization", bearer);
  sim_request_take_body (request, "application/pkcs7-signature",
                         g_bytes_ref (sim_device_get_machine_info (self->device)));
  return sim_http_send (self->http, request, error);
}

/* Whose tokens are from the server may still sign in at the provider itself. */
static bool
is_of_server (const SimChallenge *challenge)
{
  g_autoptr (GUri) there = g_uri_parse (challenge->authorization_url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GUri) here = g_uri_parse (challenge->token_url, G_URI_FLAGS_ENCODED, NULL);

  return there != NULL && here != NULL && g_strcmp0 (g_uri_get_host (there), g_uri_get_host (here)) == 0;
}

static gboolean
get_challenge (SimJourney *self, GError **error)
{
  g_autoptr (SimReply) reply = ask_for_profile (self, error);
  const char *header = reply != NULL ? sim_reply_get_header (reply, "WWW-Authenticate") : NULL;
  g_autoptr (GUri) url = NULL;
  bool oauth2;

  if (reply == NULL)
    return FALSE;
  if (reply->status != 401 || header == NULL)
    {
      sim_journey_tell (self, reply, "POST", "no challenge");
      sim_journey_set_refused (self, reply, error);
      return FALSE;
    }
  self->challenge = sim_challenge_parse (header, error);
  if (self->challenge == NULL)
    return FALSE;
  oauth2 = self->challenge->url == NULL;
  if (oauth2 != (self->options->way == SIM_WAY_OAUTH2))
    {
      const char *other = oauth2 ? "oauth2" : sim_device_is_whole (self->device) ? "adde" : "byod";

      g_set_error (
          error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
          "the server asks for a sign-in by %s; play it with doorward-sim %s, or set AccountSignIn=%s "
          "in [enrollment] or the team",
          self->challenge->method, other, oauth2 ? "web" : "oauth2");
      return FALSE;
    }
  url =
      oauth2 ? sim_journey_dup_authorization_uri (self, error) : sim_uri_parse (self->challenge->url, error);
  if (url == NULL)
    return FALSE;
  if (!oauth2 || is_of_server (self->challenge))
    sim_http_add_server (self->http, url);
  self->sign_in_url =
      oauth2 ? g_uri_ref (url) : sim_uri_add_query (url, "user-identifier", self->typed_account);
  sim_journey_tell (self, reply, "POST", oauth2 ? "401 apple-oauth2" : "401 apple-as-web");
  return TRUE;
}

/**
 * sim_journey_parse_profile:
 * @self: a journey
 * @xml: an enrollment profile without its signature
 * @error: return location for an error
 *
 * Returns: (transfer full): what a device that enrolls in this way takes from it, or %NULL with an error
 */
SimProfile *
sim_journey_parse_profile (SimJourney *self, GBytes *xml, GError **error)
{
  SimProfileKind kind = !sim_device_is_whole (self->device)             ? SIM_PROFILE_USER
                        : sim_options_is_account_driven (self->options) ? SIM_PROFILE_ADDE
                                                                        : SIM_PROFILE_DEVICE;

  return sim_profile_parse (xml, kind, self->typed_account, error);
}

/**
 * sim_journey_read_profile:
 * @self: a journey
 * @reply: an answer with a profile
 * @error: return location for an error
 *
 * Verifies who has signed it and reads it.
 *
 * Returns: (transfer full): the profile, or %NULL with an error
 */
SimProfile *
sim_journey_read_profile (SimJourney *self, const SimReply *reply, GError **error)
{
  const SimOptions *options = self->options;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (SimProfile) profile = NULL;

  if (!sim_reply_has_type (reply, PROFILE_TYPE))
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the profile is not " PROFILE_TYPE);
      return NULL;
    }
  xml = sim_cms_verify_chain (reply->body, options->profile_ca != NULL ? options->profile_ca : options->ca,
                              error);
  if (xml == NULL)
    {
      g_prefix_error (error, "enrollment profile: ");
      return NULL;
    }
  profile = sim_journey_parse_profile (self, xml, error);
  if (profile == NULL || !sim_journey_save (self, "profile.plist", xml, error) ||
      !sim_journey_save (self, "profile.mobileconfig", reply->body, error))
    return NULL;
  return g_steal_pointer (&profile);
}

static gboolean
get_profile (SimJourney *self, GError **error)
{
  g_autoptr (SimReply) reply = ask_for_profile (self, error);
  g_autofree char *result = NULL;
  g_autofree char *size = NULL;

  if (reply == NULL)
    return FALSE;
  if (reply->status != 200)
    {
      sim_journey_tell (self, reply, "POST", "no profile");
      sim_journey_set_refused (self, reply, error);
      return FALSE;
    }
  self->profile = sim_journey_read_profile (self, reply, error);
  if (self->profile == NULL)
    return FALSE;
  for (guint i = 0; i < reply->earlier->len; i++)
    {
      g_autoptr (SimProfile) lost =
          sim_journey_read_profile (self, g_ptr_array_index (reply->earlier, i), error);
      const char *difference = lost != NULL ? sim_profile_find_difference (self->profile, lost) : NULL;

      if (difference != NULL)
        g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the profile was fetched again with another %s",
                     difference);
      if (lost == NULL || difference != NULL)
        return FALSE;
    }
  size = g_format_size (g_bytes_get_size (reply->body));
  result = g_strdup_printf ("200 enrollment profile, signed, %s", size);
  sim_journey_tell (self, reply, "POST", result);
  return TRUE;
}

/**
 * sim_journey_save_ids:
 * @self: a journey
 * @error: return location for an error
 *
 * Writes what the device calls itself, and who vouches for it, into the folder of --save.
 *
 * Returns: %FALSE with %SIM_ERROR_USAGE when that is not possible
 */
gboolean
sim_journey_save_ids (SimJourney *self, GError **error)
{
  const char *id = sim_device_get_enrollment_id (self->device);
  g_autoptr (GBytes) enrollment_id = g_bytes_new (id, strlen (id));
  g_autoptr (GBytes) device_ca = sim_device_dup_authority (self->device);

  return sim_journey_save (self, "enrollment-id", enrollment_id, error) &&
         sim_journey_save (self, "device-ca.pem", device_ca, error);
}

static gboolean
save_token (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) token = g_bytes_new (self->token, strlen (self->token));

  return sim_journey_save (self, "access-token", token, error) && sim_journey_save_ids (self, error);
}

static gboolean
sign_in (SimJourney *self, GError **error)
{
  return sim_journey_sign_in (self, error) && save_token (self, error);
}

static gboolean
get_identity (SimJourney *self, GError **error)
{
  return sim_journey_get_authorities (self, error) && sim_journey_get_certificate (self, error) &&
         (self->misbehaviour->after_certificate == NULL ||
          self->misbehaviour->after_certificate (self, error));
}

static gboolean
authenticate (SimJourney *self, GError **error)
{
  return (self->misbehaviour->before_authenticate == NULL ||
          self->misbehaviour->before_authenticate (self, error)) &&
         sim_journey_authenticate (self, error);
}

/* Time for an administrator to close the account meanwhile. */
static void
wait_before_refresh (SimJourney *self)
{
  g_autofree char *result = NULL;

  if (self->options->refresh_after_s == 0)
    return;
  result = g_strdup_printf ("%d s, then the tokens are refreshed", self->options->refresh_after_s);
  sim_report_step (self->report, self->options->model_family, "waits", result);
  fflush (stdout);
  g_usleep ((gulong) self->options->refresh_after_s * G_USEC_PER_SEC);
}

static gboolean
renew_tokens (SimJourney *self, GError **error)
{
  wait_before_refresh (self);
  return sim_journey_refresh (self, error) && sim_journey_poll (self, error);
}

/* What follows the enrollment itself. */
static gboolean
live (SimJourney *self, GError **error)
{
  return (self->options->way == SIM_WAY_UNBOX ? sim_journey_wait_for_release (self, error)
                                              : sim_journey_poll (self, error)) &&
         sim_journey_escrow (self, error) &&
         (self->options->way != SIM_WAY_OAUTH2 || renew_tokens (self, error)) &&
         (!self->options->until_renewed || sim_journey_wait_for_renewal (self, error)) &&
         (!self->options->renew ||
          (sim_journey_renew_certificate (self, error) && sim_journey_poll (self, error)));
}

static const char *const way_titles[] = {
  [SIM_WAY_BYOD] = "account-driven user enrollment",
  [SIM_WAY_OAUTH2] = "account-driven enrollment, apple-oauth2",
  [SIM_WAY_ADDE] = "account-driven device enrollment",
  [SIM_WAY_UNBOX] = "Automated Device Enrollment",
  [SIM_WAY_LINK] = "enrollment link",
  [SIM_WAY_OTA] = "enrollment link, over the air",
};

/**
 * sim_journey_run:
 * @self: a journey
 * @error: return location for an error
 *
 * Enrolls the device, up to the station the options name. Blocks until it is there or something fails.
 *
 * Returns: %FALSE with the error that ended it
 */
gboolean
sim_journey_run (SimJourney *self, GError **error)
{
  gboolean (*stations[]) (SimJourney *, GError **) = {
    [SIM_STEP_DISCOVERY] = discover,
    [SIM_STEP_CHALLENGE] = get_challenge,
    [SIM_STEP_SIGN_IN] = sign_in,
    [SIM_STEP_PROFILE] = get_profile,
    [SIM_STEP_SCEP] = get_identity,
    [SIM_STEP_AUTHENTICATE] = authenticate,
    [SIM_STEP_TOKEN_UPDATE] = sim_journey_update_token,
    [SIM_STEP_ALL] = live,
  };

  if (!sim_options_is_account_driven (self->options))
    {
      stations[SIM_STEP_DISCOVERY] = NULL;
      stations[SIM_STEP_CHALLENGE] = NULL;
      stations[SIM_STEP_SIGN_IN] = sim_journey_open;
      stations[SIM_STEP_PROFILE] =
          self->options->way == SIM_WAY_OTA ? sim_journey_take_service : sim_journey_take_delivered;
    }
  self->awaiting = self->options->way == SIM_WAY_UNBOX;
  sim_report_heading (self->report, sim_device_get_marketing_name (self->device),
                      way_titles[self->options->way],
                      *self->typed_account != '\0' ? self->typed_account : self->options->user);
  for (SimStep step = SIM_STEP_DISCOVERY; step <= self->options->only_until; step++)
    if (stations[step] != NULL && !stations[step](self, error))
      return FALSE;
  if (self->misbehaviour->at_the_end != NULL && !self->misbehaviour->at_the_end (self, error))
    return FALSE;
  return !self->options->check_out || sim_journey_check_out (self, error);
}
