/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <door.h>

/* What a provider's API answers, in order. */
typedef struct
{
  const char *url;
  const char *sent; /* JSON; NULL: by GET */
  const char *file; /* under the vendor's folder of tests/data; NULL: refused with @code */
  DoorError code;
} FakeReply;

#define FAKE_TYPE_FETCHER (fake_fetcher_get_type ())
G_DECLARE_FINAL_TYPE (FakeFetcher, fake_fetcher, FAKE, FETCHER, GObject)

FakeFetcher *fake_fetcher_new (const char *folder, const FakeReply *replies);
unsigned int fake_fetcher_count (const FakeFetcher *self);
