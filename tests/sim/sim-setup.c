/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-error.h"
#include "sim-journey.h"

#define LOOK_AGAIN_US (G_USEC_PER_SEC / 2)

/**
 * sim_journey_open:
 * @self: a journey that begins with a page
 * @error: return location for an error
 *
 * Opens the first page, as Setup Assistant opens configuration_web_url or Safari a link, and goes on until a
 * profile comes. Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED when the server said no
 */
gboolean
sim_journey_open (SimJourney *self, GError **error)
{
  const SimOptions *options = self->options;

  self->sign_in_url = sim_uri_parse (sim_options_has_link (options) ? options->link : options->start, error);
  if (self->sign_in_url == NULL)
    return FALSE;
  sim_http_add_server (self->http, self->sign_in_url);
  return sim_journey_sign_in (self, error) && sim_journey_save_ids (self, error);
}

/**
 * sim_journey_take_delivered:
 * @self: a journey whose web view was given a profile
 * @error: return location for an error
 *
 * Reads the profile, and fetches it again where the journey repeats itself: it must be the same.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_take_delivered (SimJourney *self, GError **error)
{
  g_autoptr (SimVisit) visit = sim_visit_new_opened (self->delivered->uri);
  g_autoptr (SimReply) again = NULL;
  g_autoptr (SimProfile) second = NULL;
  const char *difference;

  sim_http_add_server (self->http, self->delivered->uri);
  self->profile = sim_journey_read_profile (self, self->delivered, error);
  if (self->profile == NULL)
    return FALSE;
  /* a web view may lose an answer; without cookies, for it may lose them too */
  sim_browser_forget_cookies (self->browser);
  again = sim_browser_visit (self->browser, visit, error);
  second = again != NULL ? sim_journey_read_profile (self, again, error) : NULL;
  if (second == NULL)
    return FALSE;
  difference = sim_profile_find_difference (self->profile, second);
  if (difference != NULL)
    g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the profile was fetched again with another %s",
                 difference);
  return difference == NULL;
}

/**
 * sim_journey_wait_for_release:
 * @self: a journey that is enrolled and waits in Setup Assistant
 * @error: return location for an error
 *
 * Polls until DeviceConfigured lets the device go, for as long as the options say; a push would make it poll.
 * Then it says that it waits no more. Blocks.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_wait_for_release (SimJourney *self, GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) self->options->wait_s * G_USEC_PER_SEC;

  while (self->awaiting)
    {
      if (!sim_journey_poll (self, error))
        return FALSE;
      if (self->awaiting && g_get_monotonic_time () > until)
        {
          g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                       "the device still waits in Setup Assistant after %d seconds", self->options->wait_s);
          return FALSE;
        }
      if (self->awaiting)
        g_usleep (LOOK_AGAIN_US);
    }
  sim_report_step (self->report, self->options->model_family, "Setup Assistant",
                   "goes on: the device is released");
  return sim_journey_update_token (self, error) && sim_journey_poll (self, error);
}
