/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-journey.h"

/* What one scenario does differently. A hook that is NULL changes nothing. */
struct _SimMisbehaviour
{
  const char *name;
  const char *summary;
  SimStep needs;              /* the first station after which everything it expects has been seen */
  int delay_s;                /* before the first SAMLResponse is posted, when --delay says nothing */
  int repeats;                /* how often each request to the server is sent again */
  bool types_another_account; /* in Settings */
  bool expects_refusal;       /* of the SAMLResponse; the run ends there */

  gboolean (*before_answer) (SimJourney *journey, SimForm *answer, GError **error);
  gboolean (*after_certificate) (SimJourney *journey, GError **error);
  gboolean (*before_authenticate) (SimJourney *journey, GError **error);
  gboolean (*at_the_end) (SimJourney *journey, GError **error);
};

const SimMisbehaviour *sim_misbehaviour_lookup (const char *name);
char *sim_misbehaviour_dup_names (void);
char *sim_misbehaviour_dup_list (void);
