/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In front of GLib's functions in builds with the thread sanitizer, which does not see the counters of GLib:
 * whoever frees a thing that is counted comes after all who have let it go, and after nobody else. */
#include <dlfcn.h>

#include <glib.h>
#include <sanitizer/tsan_interface.h>

#define REAL(function) *(void **) (&real) = dlsym (RTLD_NEXT, function)

static _Thread_local GDestroyNotify current_clear;

static void
clear_after_all (gpointer box)
{
  GDestroyNotify clear = current_clear; /* which may let other things go */

  __tsan_acquire (box);
  if (clear != NULL)
    clear (box);
}

void
g_atomic_rc_box_release_full (gpointer box, GDestroyNotify clear)
{
  void (*real) (gpointer, GDestroyNotify);

  REAL ("g_atomic_rc_box_release_full");
  __tsan_release (box);
  current_clear = clear;
  real (box, clear_after_all);
}

void
g_atomic_rc_box_release (gpointer box)
{
  g_atomic_rc_box_release_full (box, NULL);
}
