/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* A backend that keeps nothing, counts everything and fails when told to. Any thread. */
#define FAKE_TYPE_STORAGE (fake_storage_get_type ())
G_DECLARE_FINAL_TYPE (FakeStorage, fake_storage, FAKE, STORAGE, GObject)

typedef struct
{
  unsigned int n_begun;
  unsigned int n_committed;
  unsigned int n_rolled_back;
  unsigned int n_undone; /* ROLLBACK TO */
} FakeCounts;

FakeStorage *fake_storage_new (void);
/* After @n_pass more, @n_fail calls of a kind fail with UNAVAILABLE: "begin", "commit", "rollback", or a
 * statement as it stands. */
void fake_storage_fail (FakeStorage *self, const char *what, unsigned int n_pass, unsigned int n_fail);
FakeCounts fake_storage_get_counts (FakeStorage *self);
