/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>

#include <pthread.h>

#include "door-apns.h"
#include "door-control.h"
#include "door-daemon.h"
#include "door-generation.h"
#include "door-http-engine.h"
#include "door-job-pool.h"
#include "door-metadata-refresh.h"
#include "door-monitor.h"
#include "door-objects.h"
#include "door-watch.h"
#include "door-watchdog.h"

struct _DoorDaemon
{
  const DoorSetup *setup;
  bool development;
  DoorLogOutput *log;
  GMainLoop *loop; /* (nullable): of who started it */
  atomic_bool failed;
  DoorContext lasting; /* what generations share; the rest of it is empty */
  DoorPages *pages;
  DoorTranslations *translations;
  DoorGenerationParts parts;
  DoorGenerations *generations;
  bool saml_ready;
  DoorRouter *router;
  DoorMonitor *monitor;
  DoorHttpEngine *engine;
  DoorApns *apns;      /* sends for lasting.push */
  DoorJobPool *chores; /* what must not hold up the main loop, one at a time */
  DoorObjects *objects;
  guint setup_source;
  guint objects_source;
  DoorJobPool *devices; /* looks after devices, and never holds up a reload */
  guint devices_source;
  atomic_bool looking_after; /* declarations and identities are being looked at */
  atomic_bool telling_fails; /* the last round of each of them failed */
  atomic_bool renewing_fails;
  atomic_bool looking_fails;
  atomic_bool setting_up;     /* whether devices in Setup Assistant are being looked at */
  atomic_bool looking;        /* whether the objects have changed is being asked */
  DoorJobPool *liveness;      /* asks providers about sessions, and waits for them */
  GCancellable *liveness_end; /* ends this and the rounds with Apple */
  guint liveness_source;
  DoorJobPool *dep; /* asks Apple about devices, and waits for it */
  guint dep_source;
  atomic_bool syncing;  /* a round with Apple waits or runs */
  atomic_bool checking; /* a round waits or runs */
  guint housekeeping_source;
  atomic_bool sweeping;      /* a sweep waits or runs, or there is more of it */
  DoorWatchdog *watchdog;    /* NULL: nobody asks for signs of life */
  atomic_bool reload_waits;  /* a reload is queued and has not begun */
  DoorControl *control;      /* NULL: nobody can ask */
  atomic_uint n_asked;       /* reloads that somebody waits for, or has waited */
  pthread_mutex_t said_lock; /* guards said and n_done */
  pthread_cond_t done;       /* when n_done rises; waits by the monotonic clock */
  unsigned int n_done;       /* all that were asked for up to this one are done */
  GPtrArray *said;           /* what came of reloads and the main loop has not passed on yet */
  DoorWatch *watch;
  GTlsCertificate *certificate; /* the last one set while running; of the thread of the chores */
};

void door_daemon_watch (DoorDaemon *self);
void door_daemon_note_config (DoorDaemon *self, bool good);
bool door_daemon_reload_wait (DoorDaemon *self, unsigned int patience_s);
void door_daemon_open_control (DoorDaemon *self);
void door_daemon_init_said (DoorDaemon *self);
void door_daemon_clear_said (DoorDaemon *self);
