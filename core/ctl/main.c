/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>

#include "door-ctl.h"
#include "door-log.h"

int
main (int argc, char **argv)
{
  static const char *const none[] = { NULL };

  setlocale (LC_ALL, "");
  door_log_start_beside ();
  return (int) door_ctl_run (argc > 0 ? (const char *const *) argv + 1 : none);
}
