/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-software-updates.h"

#include <pthread.h>

#include "door-error.h"
#include "door-update-catalog.h"

#define URL "https://gdmf.apple.com/v2/pmv"
#define TIMEOUT_S 30
#define PAUSE_S (6 * 60 * 60)
#define RETRY_S (5 * 60)
/* Older than that it may name what Apple offers to nobody any more. */
#define MAX_AGE_S (3 * 24 * 60 * 60)

/* "Apple Root CA", SHA-256 b0b1730ecbc7ff4505142c49f1295e6eda6bcaed7e2c68c5be91b5a11001f024. It certifies the
 * service, and is none of the authorities that a system trusts. */
static const char apple_root[] = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIEuzCCA6OgAwIBAgIBAjANBgkqhkiG9w0BAQUFADBiMQswCQYDVQQGEwJVUzET\n"
                                 "MBEGA1UEChMKQXBwbGUgSW5jLjEmMCQGA1UECxMdQXBwbGUgQ2VydGlmaWNhdGlv\n"
                                 "biBBdXRob3JpdHkxFjAUBgNVBAMTDUFwcGxlIFJvb3QgQ0EwHhcNMDYwNDI1MjE0\n"
                                 "MDM2WhcNMzUwMjA5MjE0MDM2WjBiMQswCQYDVQQGEwJVUzETMBEGA1UEChMKQXBw\n"
                                 "bGUgSW5jLjEmMCQGA1UECxMdQXBwbGUgQ2VydGlmaWNhdGlvbiBBdXRob3JpdHkx\n"
                                 "FjAUBgNVBAMTDUFwcGxlIFJvb3QgQ0EwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAw\n"
                                 "ggEKAoIBAQDkkakJH5HbHkdQ6wXtXnmELes2oldMVeyLGYne+Uts9QerIjAC6Bg+\n"
                                 "+FAJ039BqJj50cpmnCRrEdCju+QbKsMflZ56DKRHi1vUFjczy8QPTc4UadHJGXL1\n"
                                 "XQ7Vf1+b8iUDulWPTV0N8WQ1IxVLFVkds5T39pyez1C6wVhQZ48ItCD3y6wsIG9w\n"
                                 "tj8BMIy3Q88PnT3zK0koGsj+zrW5DtleHNbLPbU6rfQPDgCSC7EhFi501TwN22IW\n"
                                 "q6NxkkdTVcGvL0Gz+PvjcM3mo0xFfh9Ma1CWQYnEdGILEINBhzOKgbEwWOxaBDKM\n"
                                 "aLOPHd5lc/9nXmW8Sdh2nzMUZaF3lMktAgMBAAGjggF6MIIBdjAOBgNVHQ8BAf8E\n"
                                 "BAMCAQYwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUK9BpR5R2Cf70a40uQKb3\n"
                                 "R01/CF4wHwYDVR0jBBgwFoAUK9BpR5R2Cf70a40uQKb3R01/CF4wggERBgNVHSAE\n"
                                 "ggEIMIIBBDCCAQAGCSqGSIb3Y2QFATCB8jAqBggrBgEFBQcCARYeaHR0cHM6Ly93\n"
                                 "d3cuYXBwbGUuY29tL2FwcGxlY2EvMIHDBggrBgEFBQcCAjCBthqBs1JlbGlhbmNl\n"
                                 "IG9uIHRoaXMgY2VydGlmaWNhdGUgYnkgYW55IHBhcnR5IGFzc3VtZXMgYWNjZXB0\n"
                                 "YW5jZSBvZiB0aGUgdGhlbiBhcHBsaWNhYmxlIHN0YW5kYXJkIHRlcm1zIGFuZCBj\n"
                                 "b25kaXRpb25zIG9mIHVzZSwgY2VydGlmaWNhdGUgcG9saWN5IGFuZCBjZXJ0aWZp\n"
                                 "Y2F0aW9uIHByYWN0aWNlIHN0YXRlbWVudHMuMA0GCSqGSIb3DQEBBQUAA4IBAQBc\n"
                                 "NplMLXi37Yyb3PN3m/J20ncwT8EfhYOFG5k9RzfyqZtAjizUsZAS2L70c5vu0mQP\n"
                                 "y3lPNNiiPvl4/2vIB+x9OYOLUyDTOMSxv5pPCmv/K/xZpwUJfBdAVhEedNO3iyM7\n"
                                 "R6PVbyTi69G3cN8PReEnyvFteO3ntRcXqNx+IjXKJdXZD9Zr1KIkIxH3oayPc4Fg\n"
                                 "xhtbCS+SsvhESPBgOJ4V9T0mZyCKM2r3DYLP3uujL/lTaltkwGMzd/c6ByxW69oP\n"
                                 "IQ7aunMZT7XZNn/Bh1XZp5m5MkL72NVxnn6hUrcbvZNCJBIqxw8dtk2cXmPIS4AX\n"
                                 "UKqK1drk/NAJBzewdXUh\n"
                                 "-----END CERTIFICATE-----\n";

struct _DoorSoftwareUpdates
{
  pthread_mutex_t lock; /* guards what follows */
  DoorUpdateCatalog *catalog;
  int64_t fetched_s;
  int64_t due_s;
};

/**
 * door_software_updates_new:
 *
 * Returns: (transfer full): a place for the list of updates, empty at first
 */
DoorSoftwareUpdates *
door_software_updates_new (void)
{
  DoorSoftwareUpdates *self = g_new0 (DoorSoftwareUpdates, 1);

  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_software_updates_free:
 * @self: (transfer full): a place
 */
void
door_software_updates_free (DoorSoftwareUpdates *self)
{
  g_clear_pointer (&self->catalog, door_update_catalog_free);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static DoorUpdateCatalog *
fetch (const DoorContext *context, GCancellable *cancellable, GError **error)
{
  const char *other = context->development ? door_policy_get_update_list (context->policy) : NULL;
  const DoorFetchRequest request = {
    .url = other != NULL ? other : URL,
    .max_bytes = DOOR_UPDATE_CATALOG_MAX_BYTES,
    .timeout_s = TIMEOUT_S,
    .allow_http = context->development,
    .allow_private = context->development,
    .take_redirect = true,
    .trust = apple_root,
  };
  g_auto (DoorFetchAnswer) answer = { 0 };

  if (!context->fetch (&request, &answer, cancellable, error))
    return NULL;
  if (answer.status == 200)
    return door_update_catalog_parse (answer.body, error);
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: answered %u", request.url,
                  answer.status);
  return NULL;
}

static bool
is_due (DoorSoftwareUpdates *self, int64_t now_s)
{
  bool due;

  pthread_mutex_lock (&self->lock);
  due = self->due_s <= now_s;
  pthread_mutex_unlock (&self->lock);
  return due;
}

/* What was there before a failure stays, until it is too old. */
static void
keep (DoorSoftwareUpdates *self, DoorUpdateCatalog *catalog, int64_t now_s)
{
  DoorUpdateCatalog *before = NULL;

  pthread_mutex_lock (&self->lock);
  self->due_s = now_s + (catalog != NULL ? PAUSE_S : RETRY_S);
  if (catalog != NULL)
    {
      before = self->catalog;
      self->catalog = catalog;
      self->fetched_s = now_s;
    }
  pthread_mutex_unlock (&self->lock);
  g_clear_pointer (&before, door_update_catalog_free);
}

static bool
wants_newest (const DoorTeam *team)
{
  for (size_t i = 0; team->minimum_os[i] != NULL; i++)
    if (g_str_has_suffix (team->minimum_os[i], ":" DOOR_MINIMUM_OS_LATEST))
      return true;
  return false;
}

static bool
is_wanted (const DoorPolicy *policy)
{
  const GPtrArray *teams = door_policy_get_teams (policy);

  for (guint i = 0; i < teams->len; i++)
    if (wants_newest (g_ptr_array_index (teams, i)))
      return true;
  return wants_newest (door_policy_lookup_team (policy, ""));
}

/**
 * door_software_updates_round:
 * @context: what every service needs
 * @cancellable: (nullable): ends it early
 *
 * Fetches which updates Apple offers, when a team wants devices to have the newest one (MinimumOs=) and what
 * is known is some hours old. Blocks on the network then, for half a minute at most: for a thread of its own.
 * One thread at a time.
 */
void
door_software_updates_round (const DoorContext *context, GCancellable *cancellable)
{
  int64_t now_s = door_clock_monotonic_s (context->clock);
  DoorUpdateCatalog *catalog;
  g_autoptr (GError) error = NULL;

  if (!is_wanted (context->policy) || !is_due (context->updates, now_s))
    return;
  catalog = fetch (context, cancellable, &error);
  if (catalog == NULL && !g_cancellable_is_cancelled (cancellable))
    g_warning ("MinimumOs=latest: the list of updates was not fetched, and without one devices enroll with "
               "any system; this server must reach gdmf.apple.com, port 443: %s",
               error->message);
  keep (context->updates, catalog, now_s);
  if (catalog != NULL)
    g_message ("MinimumOs=latest: the list of updates was read");
}

/* Models are named by what updates call them, some by what they call themselves. */
static const DoorUpdateRelease *
lookup (const DoorUpdateCatalog *catalog, const DoorMachineInfo *info)
{
  const char *device = door_machine_info_get (info, DOOR_MACHINE_SOFTWARE_UPDATE_DEVICE_ID);
  const DoorUpdateRelease *release = device != NULL ? door_update_catalog_lookup (catalog, device) : NULL;

  return release != NULL ? release
                         : door_update_catalog_lookup (catalog, door_machine_info_get_product (info));
}

/**
 * door_software_updates_choose:
 * @context: what every service needs
 * @info: what a device says of itself
 * @version: (out) (transfer full): version of the newest system for it
 * @build: (out) (transfer full): its build
 *
 * Never blocks for long; any thread.
 *
 * Returns: false when it is not known, which is in the log
 */
bool
door_software_updates_choose (const DoorContext *context, const DoorMachineInfo *info, char **version,
                              char **build)
{
  DoorSoftwareUpdates *self = context->updates;
  int64_t now_s = door_clock_monotonic_s (context->clock);
  const DoorUpdateRelease *release = NULL;
  bool known = false;

  if (self != NULL)
    {
      pthread_mutex_lock (&self->lock);
      known = self->catalog != NULL && now_s - self->fetched_s <= MAX_AGE_S;
      release = known ? lookup (self->catalog, info) : NULL;
      *version = release != NULL ? g_strdup (release->version) : NULL;
      *build = release != NULL ? g_strdup (release->build) : NULL;
      pthread_mutex_unlock (&self->lock);
    }
  if (release != NULL)
    return true;
  g_message ("MinimumOs=latest: %s: a %s may enroll with the system it has",
             known ? "the list of updates does not name the model" : "there is no list of updates",
             door_machine_info_get_product (info));
  return false;
}
