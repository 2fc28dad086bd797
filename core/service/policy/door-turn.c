/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-turn.h"

#include "door-error.h"
#include "door-rate-limit.h"

static const char *const names[] = {
  [DOOR_TURN_START] = "start",     [DOOR_TURN_ANSWER] = "acs",    [DOOR_TURN_ENTER] = "enter",
  [DOOR_TURN_FORWARD] = "forward", [DOOR_TURN_BEARER] = "bearer", [DOOR_TURN_LOGOUT_TOKEN] = "logout",
  [DOOR_TURN_SAML_LOGOUT] = "slo", [DOOR_TURN_AGENT] = "osquery",
};

static DoorRateLimit *
get_limit (const DoorContext *context, DoorTurn turn)
{
  return turn == DOOR_TURN_AGENT ? context->osquery_limit : context->sign_in_limit;
}

/**
 * door_turn_take:
 * @context: what every service needs
 * @turn: what is asked for
 * @who: who asks: an address, or what stands for a device that is known
 * @error: return location for an error
 *
 * Called before anything that costs more than this. Any thread.
 *
 * Returns: false with %DOOR_FAULT_FLOW_RATE when that was too often
 */
bool
door_turn_take (const DoorContext *context, DoorTurn turn, const char *who, GError **error)
{
  g_autofree char *key = door_rate_limit_dup_key (names[turn], who);

  if (door_rate_limit_take (get_limit (context, turn), key, door_clock_now_ms (context->clock)))
    return true;
  door_metrics_add (context->metrics,
                    turn == DOOR_TURN_AGENT ? DOOR_METRIC_LIMIT_AGENTS : DOOR_METRIC_LIMIT_SIGN_INS, 1);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_FLOW_RATE, "SignInsPerMinute reached (%s)",
                         names[turn]);
}

/**
 * door_turn_give_back:
 * @context: what every service needs
 * @turn: what was asked for
 * @who: as it was given to door_turn_take()
 *
 * What was good does not count: many devices, or all that a provider says, may come from one address. Any
 * thread.
 */
void
door_turn_give_back (const DoorContext *context, DoorTurn turn, const char *who)
{
  g_autofree char *key = door_rate_limit_dup_key (names[turn], who);

  door_rate_limit_give_back (get_limit (context, turn), key);
}
