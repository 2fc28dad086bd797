/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An engine with a few routes behind unix sockets, for the test of the nginx site:
 *   nginx-server GROUP SOCKET...
 * Says "ready", ends at SIGTERM, and then says how many requests its handlers have answered. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "door-http-engine.h"
#include "door-limits.h"

/* requests to /gate wait here until one comes to /open */
typedef struct
{
  atomic_uint answered;
  GMutex lock;
  GCond changed;
  unsigned int opened;
  bool stopping;
} State;

static DoorResponse *
answer (State *state, const char *text)
{
  atomic_fetch_add (&state->answered, 1);
  return door_response_new_text (200, "text/plain", text);
}

static DoorResponse *
handle_echo (gpointer context, DoorRequest *request, GError **error)
{
  const char *signature = door_request_get_header (request, "Mdm-Signature");
  const char *odd = door_request_get_header (request, "X-Odd");
  g_autofree char *text = g_strdup_printf (
      "%s %s peer=%s scheme=%s host=%s body=%zu signature=%zu certificate=%s odd=%s.\n",
      door_request_get_method (request), door_request_get_path (request), door_request_get_peer (request),
      door_request_get_scheme (request), door_request_get_host (request),
      g_bytes_get_size (door_request_get_body (request)), signature == NULL ? 0 : strlen (signature),
      door_request_get_client_certificate (request) == NULL ? "no" : "yes", odd == NULL ? "-" : odd);

  return answer (context, text);
}

static DoorResponse *
handle_gate (gpointer context, DoorRequest *request, GError **error)
{
  State *state = context;
  unsigned int before;

  g_mutex_lock (&state->lock);
  before = state->opened;
  while (state->opened == before && !state->stopping)
    g_cond_wait (&state->changed, &state->lock);
  g_mutex_unlock (&state->lock);
  return answer (state, "gate\n");
}

static void
open_gate (State *state, bool stopping)
{
  g_mutex_lock (&state->lock);
  state->opened++;
  state->stopping = stopping;
  g_cond_broadcast (&state->changed);
  g_mutex_unlock (&state->lock);
}

static DoorResponse *
handle_open (gpointer context, DoorRequest *request, GError **error)
{
  open_gate (context, false);
  return answer (context, "open\n");
}

static const DoorRoute routes[] = {
  { DOOR_METHOD_GET | DOOR_METHOD_POST, "/", DOOR_LIMIT_SMALL_BYTES, DOOR_POOL_WORKER, handle_echo, "root" },
  { DOOR_METHOD_POST, "/mdm/apple/mdm", DOOR_LIMIT_MDM_BYTES, DOOR_POOL_WORKER, handle_echo, "mdm" },
  { DOOR_METHOD_POST, "/mdm/apple/scep", DOOR_LIMIT_SCEP_BYTES, DOOR_POOL_WORKER, handle_echo, "scep" },
  { DOOR_METHOD_GET, "/saml/{idp}/start", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, handle_echo, "start" },
  { DOOR_METHOD_POST, "/saml/{idp}/acs", DOOR_LIMIT_SAML_BYTES, DOOR_POOL_WORKER, handle_echo, "acs" },
  { DOOR_METHOD_POST, "/scim/v2/{name}/Users", DOOR_LIMIT_SCIM_BYTES, DOOR_POOL_WORKER, handle_echo, "scim" },
  { DOOR_METHOD_GET, "/gate", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_WORKER, handle_gate, "gate" },
  { DOOR_METHOD_POST, "/open", DOOR_LIMIT_NONE_BYTES, DOOR_POOL_CRYPTO, handle_open, "open" },
};

static DoorHttpEngine *
make_engine (const char *group, char **paths, State *state)
{
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, NULL, "Client-Cert", NULL);
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorRouter) router = door_router_new (routes, G_N_ELEMENTS (routes), state, NULL, NULL);
  g_autoptr (GError) error = NULL;
  DoorHttpOptions options = {
    .unix_sockets = (const char *const *) paths,
    .socket_group = *group == '\0' ? NULL : group,
    .trust = trust,
    .random = random,
    .n_io_threads = g_strv_length (paths),
    .n_workers = 2,
    .n_crypto_workers = 1,
    .n_waiting_workers = 1,
    .max_queue = 8,
    .max_connections = 512,
    .client_timeout_s = 75,
    .handler_timeout_s = 30,
  };
  DoorHttpEngine *engine = door_http_engine_new (&options, router, &error);

  if (engine == NULL)
    g_error ("%s", error->message);
  return engine;
}

int
main (int argc, char **argv)
{
  State state = { 0 };
  DoorHttpEngine *engine;
  sigset_t signals;
  int received;

  if (argc < 3)
    return 64;
  sigemptyset (&signals);
  sigaddset (&signals, SIGTERM);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  engine = make_engine (argv[1], argv + 2, &state);
  door_http_engine_start (engine);
  puts ("ready");
  fflush (stdout);
  sigwait (&signals, &received);
  open_gate (&state, true);
  door_http_engine_stop (engine, 10);
  door_http_engine_free (engine);
  printf ("%u\n", atomic_load (&state.answered));
  return 0;
}
