/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <pthread.h>

#include "door-http-engine.h"

/* Holds handlers back until the test lets them go. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  unsigned int waiting; /* handlers that have come */
  bool open;
} Gate;

/* An engine on a unix socket and a TCP port of its own, with the routes of the tests. */
typedef struct
{
  Gate gate;
  char *dir;
  char *path;
  DoorRouter *router;
  DoorRouteTimes *times;
  DoorHttpEngine *engine;
} Fixture;

void fixture_init (Fixture *self, const DoorHttpOptions *options);
void fixture_clear (Fixture *self);
int fixture_connect (const Fixture *self);
int fixture_connect_tcp (const Fixture *self);

void gate_wait_for (Gate *self, unsigned int waiting);
void gate_open (Gate *self);

void client_send (int fd, const char *text, size_t length);
char *client_read_answer (int fd);
char *client_read_all (int fd);
char *client_ask (int fd, const char *text);
unsigned int client_status (const char *answer);
