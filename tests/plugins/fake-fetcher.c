/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-fetcher.h"

#include "door-api-document.h"
#include "test-data.h"

struct _FakeFetcher
{
  GObject parent_instance;
  const char *folder;
  const FakeReply *replies;
  unsigned int n_asked;
};

static JsonNode *
fetch (DoorFetcher *fetcher, const char *url, JsonNode *body, GCancellable *cancellable, GError **error)
{
  FakeFetcher *self = FAKE_FETCHER (fetcher);
  const FakeReply *reply = &self->replies[self->n_asked++];
  g_autofree char *sent = body != NULL ? json_to_string (body, FALSE) : NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_cmpstr (url, ==, reply->url);
  g_assert_cmpstr (sent, ==, reply->sent);
  if (reply->file == NULL)
    {
      door_error_set (error, reply->code, DOOR_FAULT_IDP_GROUPS, "refused");
      return NULL;
    }
  bytes = test_data_load (self->folder, reply->file);
  return door_api_document_parse (bytes, error);
}

static void
init_fetcher (DoorFetcherInterface *iface)
{
  iface->fetch = fetch;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeFetcher, fake_fetcher, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (DOOR_TYPE_FETCHER, init_fetcher))

static void
fake_fetcher_class_init (FakeFetcherClass *klass)
{
}

static void
fake_fetcher_init (FakeFetcher *self)
{
}

FakeFetcher *
fake_fetcher_new (const char *folder, const FakeReply *replies)
{
  FakeFetcher *self = g_object_new (FAKE_TYPE_FETCHER, NULL);

  self->folder = folder;
  self->replies = replies;
  return self;
}

unsigned int
fake_fetcher_count (const FakeFetcher *self)
{
  return self->n_asked;
}
