/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "world.h"

#define OKTA_ACS "/saml/okta/acs"
#define SHARED_ACS "/api/v1/fleet/mdm/sso/callback"

/* A sign-in that waits for the identity provider's answer. */
typedef struct
{
  char *cookie;
  char *request_id;
  char *relay_state;
  char *url;
  char *xml; /* the request itself */
} Pending;

/* What the identity provider says; what is %NULL is as usual. */
typedef struct
{
  const char *in_response_to; /* "" for none */
  const char *assertion_id;
  const char *issuer;
  const char *acs_path;
  const char *audience;
  const char *subject;
  const char *mail;   /* "" for none */
  const char *name;   /* "" for none */
  const char *groups; /* separated by ";" */
  const char *status;
  const char *key;
  const char *attributes; /* more elements of the AttributeStatement */
  const char *session;    /* more attributes of the AuthnStatement */
  int64_t at_ms;          /* 0: now */
} Answer;

/* An answer on its way, carried by a browser. */
typedef struct
{
  const char *acs_path;
  const char *saml_response;
  const char *relay_state;
  const char *cookie;
  const char *peer;
} Carried;

Pending *pending_from_url (const char *url, const char *cookie);
Pending *sign_in_begin (World *world, const char *target, const char *cookie);
void pending_free (Pending *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pending, pending_free)

char *answer_build (World *world, const Answer *answer);
DoorResponse *sign_in_post (World *world, const Carried *carried);
DoorResponse *sign_in_answer (World *world, const Pending *pending, const Answer *answer);
char *sign_in_dup_token (const DoorResponse *response);
char *sign_in_dup_code (const DoorResponse *response);
char *sign_in_dup_retry_path (const DoorResponse *response);
char *sign_in (World *world, const char *target, const Answer *answer);
void sign_in_assert_refused (World *world, const DoorResponse *response, unsigned int status,
                             const char *fault);
