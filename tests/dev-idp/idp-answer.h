/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

#include "idp-config.h"
#include "idp-request.h"

#define IDP_EVIL_EMAIL "eve@evil.example"

typedef enum
{
  IDP_SHAPE_NO_AUDIENCE = 1 << 0,
  IDP_SHAPE_NO_CONDITIONS = 1 << 1,
  IDP_SHAPE_NO_NAME_ID = 1 << 2,
  IDP_SHAPE_NO_AUTHN_STATEMENT = 1 << 3,
  IDP_SHAPE_NO_CONFIRMATION_DATA = 1 << 4,
  IDP_SHAPE_COMMENT_IN_NAME_ID = 1 << 5,
  IDP_SHAPE_TWO_ASSERTIONS = 1 << 6,
  IDP_SHAPE_ONE_TIME_USE = 1 << 7,
  IDP_SHAPE_PROXY_RESTRICTION = 1 << 8,
  IDP_SHAPE_UNKNOWN_CONDITION = 1 << 9,
  IDP_SHAPE_DEEP_NESTING = 1 << 10,
  IDP_SHAPE_MANY_ATTRIBUTES = 1 << 11,
  IDP_SHAPE_HUGE = 1 << 12,
} IdpShape;

typedef enum
{
  IDP_TIME_UTC,
  IDP_TIME_OFFSET,
  IDP_TIME_FRACTION,
} IdpTimeForm;

typedef struct
{
  const char *code;
  const char *detail;
  const char *message;
} IdpStatus;

typedef struct
{
  const IdpUser *user;
  char *response_id;
  char *assertion_id;
  char *session_index;
  char *response_issuer;
  char *assertion_issuer;
  char *destination;
  char *recipient;
  char *audience;
  char *in_response_to;
  char *name_id;
  char *name_id_format;
  const char *confirmation_method;
  GDateTime *issued;
  GDateTime *authenticated;
  GDateTime *not_before;
  GDateTime *not_on_or_after;
  IdpStatus status;
  IdpTimeForm time_form;
  unsigned int shape;
} IdpAnswer;

IdpAnswer *idp_answer_new (const IdpRequest *request, const IdpUser *user, const char *entity_id,
                           GDateTime *now);
void idp_answer_free (IdpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpAnswer, idp_answer_free)

void idp_answer_set_session (IdpAnswer *answer, const char *index, GDateTime *authenticated);
void idp_answer_refuse (IdpAnswer *answer, const char *code, const char *detail, const char *message);
void idp_answer_shift_times (IdpAnswer *answer, int seconds);
xmlDoc *idp_answer_build (const IdpAnswer *answer);
