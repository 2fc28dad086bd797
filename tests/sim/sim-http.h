/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>
#include <stdbool.h>

typedef struct _SimHttp SimHttp;

/* One request as it goes out; owned by its maker. */
typedef struct
{
  char *method;
  GUri *uri;
  SoupMessageHeaders *headers;
  char *content_type;
  GBytes *body;
} SimRequest;

/* One answer. `earlier` holds the answers that were thrown away when requests are repeated, oldest first. */
typedef struct
{
  GUri *uri;
  int status;
  SoupMessageHeaders *headers;
  GBytes *body;
  GPtrArray *earlier;
} SimReply;

SimRequest *sim_request_new (const char *method, GUri *uri);
void sim_request_set_header (SimRequest *self, const char *name, const char *value);
void sim_request_take_body (SimRequest *self, const char *content_type, GBytes *body);
void sim_request_free (SimRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimRequest, sim_request_free)

const char *sim_reply_get_header (const SimReply *self, const char *name);
bool sim_reply_has_type (const SimReply *self, const char *content_type);
SimReply *sim_reply_dup (const SimReply *self);
void sim_reply_free (SimReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimReply, sim_reply_free)

SimHttp *sim_http_new (const char *ca_file, const char *const *extra_headers, int timeout_s, GError **error);
void sim_http_free (SimHttp *self);
void sim_http_add_server (SimHttp *self, GUri *uri);
bool sim_http_is_server (SimHttp *self, GUri *uri);
void sim_http_set_repeats (SimHttp *self, int repeats);
SimReply *sim_http_send (SimHttp *self, const SimRequest *request, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimHttp, sim_http_free)

GUri *sim_uri_parse (const char *text, GError **error);
GUri *sim_uri_add_query (GUri *uri, const char *name, const char *value);
char *sim_uri_dup_origin (GUri *uri);
