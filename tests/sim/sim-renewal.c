/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "sim-cms.h"
#include "sim-error.h"
#include "sim-journey.h"

#define LOOK_AGAIN_US (G_USEC_PER_SEC / 2)
#define MDM_PAYLOAD "<string>com.apple.mdm</string>"

/* A device does not take a profile that changes what it is known by; only the challenge is another. */
static const char *
find_difference (const SimProfile *before, SimProfile *fresh)
{
  char *challenge = fresh->challenge;
  const char *difference;

  if (g_strcmp0 (before->challenge, challenge) == 0)
    return "not another challenge";
  fresh->challenge = before->challenge;
  difference = sim_profile_find_difference (before, fresh);
  fresh->challenge = challenge;
  return difference;
}

static gboolean
renew (SimJourney *self, SimProfile *fresh, GError **error)
{
  const char *difference = find_difference (self->profile, fresh);

  if (difference != NULL)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the profile was sent again with another %s",
                   difference);
      sim_profile_free (fresh);
      return FALSE;
    }
  sim_profile_free (self->profile);
  self->profile = fresh;
  if (!sim_journey_get_certificate (self, error) || !sim_journey_authenticate (self, error) ||
      !sim_journey_update_token (self, error))
    return FALSE;
  self->renewed = true;
  sim_report_step (self->report, self->options->model_family, "InstallProfile", "the identity is renewed");
  return TRUE;
}

/**
 * sim_journey_install_profile:
 * @self: a journey that is enrolled
 * @payload: what InstallProfile brought
 * @error: return location for an error
 *
 * Installs a profile. When it is the enrollment profile again the device makes another key, gets a
 * certificate for it by the new challenge, and says so; else nothing is to be seen of it. Blocks.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_install_profile (SimJourney *self, GBytes *payload, GError **error)
{
  const char *anchors = self->options->profile_ca != NULL ? self->options->profile_ca : self->options->ca;
  g_autoptr (GBytes) xml = sim_cms_verify_chain (payload, anchors, NULL); /* others need not be signed */
  SimProfile *fresh;

  if (xml == NULL || memmem (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml), MDM_PAYLOAD,
                             strlen (MDM_PAYLOAD)) == NULL)
    return TRUE;
  fresh = sim_journey_parse_profile (self, xml, error);
  return fresh != NULL && renew (self, fresh, error);
}

/**
 * sim_journey_wait_for_renewal:
 * @self: a journey that is enrolled
 * @error: return location for an error
 *
 * Polls until the server has the device renew its identity, for as long as the options say. Blocks.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_wait_for_renewal (SimJourney *self, GError **error)
{
  gint64 until = g_get_monotonic_time () + (gint64) self->options->wait_s * G_USEC_PER_SEC;

  while (!self->renewed)
    {
      if (!sim_journey_poll (self, error))
        return FALSE;
      if (!self->renewed && g_get_monotonic_time () > until)
        {
          g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the device was not told to renew within %d s",
                       self->options->wait_s);
          return FALSE;
        }
      if (!self->renewed)
        g_usleep (LOOK_AGAIN_US);
    }
  return TRUE;
}
