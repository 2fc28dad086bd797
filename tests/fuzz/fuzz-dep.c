/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-dep-answer.h"
#include "door-dep-profile.h"
#include "door-dep-token.h"

static void
read_page (GBytes *bytes, bool changes)
{
  g_auto (DoorDepPage) page = { NULL };
  g_autoptr (GError) error = NULL;
  bool good = door_dep_answer_parse_page (bytes, changes, &page, &error);

  g_assert_true (good == (error == NULL));
  g_assert_true (good == (page.records != NULL));
  if (good)
    g_assert_cmpuint (page.records->len, <=, DOOR_DEP_PAGE);
}

static void
read_others (GBytes *bytes)
{
  g_auto (DoorDepStatuses) statuses = { NULL, 0 };
  g_auto (DoorDepAccount) account = { NULL };
  g_autoptr (GError) no_statuses = NULL, no_account = NULL, no_session = NULL, no_uuid = NULL;
  g_autofree char *code = door_dep_answer_dup_code (bytes);
  g_autofree char *session = door_dep_answer_parse_session (bytes, &no_session);
  g_autofree char *uuid = door_dep_answer_parse_profile (bytes, &no_uuid);

  g_assert_true (strlen (code) <= 64);
  g_assert_true ((session == NULL) == (no_session != NULL));
  g_assert_true ((uuid == NULL) == (no_uuid != NULL));
  g_assert_true (door_dep_answer_parse_statuses (bytes, &statuses, &no_statuses) == (no_statuses == NULL));
  g_assert_true (door_dep_answer_parse_account (bytes, &account, &no_account) == (no_account == NULL));
}

static void
read_token (const uint8_t *data, size_t size)
{
  g_autoptr (DoorSecret) text = door_secret_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) json = door_dep_token_take_message (text, &error);
  g_autoptr (DoorDepToken) token = json != NULL ? door_dep_token_parse (json, &error) : NULL;

  g_assert_true ((token == NULL) == (error != NULL));
}

/* What may be in a profile gives one, with our own address. */
static void
read_profile (GBytes *bytes)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const DoorDepProfileParts parts = { .custom = bytes,
                                      .name = "n",
                                      .org_magic = "m",
                                      .url = "https://a.example/e",
                                      .web_url = "https://a.example/w" };
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (GBytes) built = NULL;
  bool good = door_dep_profile_check (bytes, warnings, &error);

  built = door_dep_profile_build (&parts, &none);
  g_assert_true (good == (built != NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  read_page (bytes, false);
  read_page (bytes, true);
  read_others (bytes);
  read_token (data, size);
  read_profile (bytes);
  return 0;
}
