/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-pages.h"
#include "door-router.h"

#define DOOR_FLOW_COOKIE "__Host-dw_flow"

/**
 * DoorWeb:
 * @service: what the services need
 * @pages: what people see
 * @translations: in which languages
 *
 * What every handler gets. Constant once requests are served.
 */
typedef struct
{
  const DoorContext *service;
  DoorPages *pages;
  DoorTranslations *translations;
} DoorWeb;

/**
 * DoorErrorPage:
 * @code: (nullable): code of the record, or the id of the request
 * @retry_path: (nullable): path that starts once more
 * @administration: whether an administrator reads it, not somebody with a device
 *
 * What an error page shows beside the text of its fault.
 */
typedef struct
{
  const char *code;
  const char *retry_path;
  bool administration;
} DoorErrorPage;

const char *door_web_get_language (const DoorWeb *web, DoorRequest *request);
char *door_web_dup_bearer (DoorRequest *request);
DoorResponse *door_web_render (const DoorWeb *web, DoorRequest *request, const char *page, GVariant *data,
                               GError **error);
DoorResponse *door_web_render_failure (const DoorWeb *web, DoorRequest *request, const DoorErrorPage *page,
                                       const GError *failure);
DoorResponse *door_web_render_error (gpointer context, DoorRequest *request, const DoorRoute *route,
                                     const char *request_id, const GError *error);
bool door_web_set_flow_cookie (const DoorWeb *web, DoorResponse *response, const char *value);
bool door_web_check_signed (DoorRequest *request, GError **error);
DoorResponse *door_web_answer_profile (GBytes *profile);
DoorResponse *door_web_ask_for_update (const char *os_version, const char *build);
DoorResponse *door_web_refuse_ticket (const DoorWeb *web, DoorRequest *request, const GError *failure,
                                      GError **error);
DoorResponse *door_web_send_onward (const DoorWeb *web, DoorRequest *request, const char *ticket,
                                    GError **error);
DoorResponse *door_web_refuse_device (const DoorWeb *web, DoorRequest *request, const char *team,
                                      const GError *failure, GError **error);

extern const DoorRoute door_routes[];
extern const size_t door_n_routes;
