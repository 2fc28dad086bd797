/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Put before the C library's own by LD_PRELOAD: the wall clock of one process goes wrong by as many seconds
 * as the file WALL_CLOCK_OFFSET holds at the moment, a number of 64 bits. Time that only passes
 * (CLOCK_MONOTONIC) and whoever waits by it are left alone, as they are when an administrator or a time
 * service sets the clock. */

static volatile const int64_t *offset_s;

static void
map_offset (void)
{
  const char *path = getenv ("WALL_CLOCK_OFFSET");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *page = fd >= 0 ? mmap (NULL, sizeof *offset_s, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

  if (fd >= 0)
    close (fd);
  if (page == MAP_FAILED)
    abort ();
  offset_s = page;
}

static int64_t
read_offset (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  pthread_once (&once, map_offset);
  return *offset_s;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  static int (*real) (clockid_t, struct timespec *);
  int status;

  if (real == NULL)
    *(void **) (&real) = dlsym (RTLD_NEXT, "clock_gettime");
  status = real (clock, now);
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += read_offset ();
  return status;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec precise;

  clock_gettime (CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t
time (time_t *now)
{
  struct timespec precise;

  clock_gettime (CLOCK_REALTIME, &precise);
  if (now != NULL)
    *now = precise.tv_sec;
  return precise.tv_sec;
}
