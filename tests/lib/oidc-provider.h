/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "oidc-fixture.h"
#include "world.h"

#define PROVIDER_ISSUER "https://login.campus.example"
#define PROVIDER_KEYS                                                                                        \
  "[idp/campus]\nType=oidc\nIssuer=" PROVIDER_ISSUER "\nClientId=" OIDC_CLIENT "\nClientSecret=file:%s\n"

/* What a provider without a socket says; what is %NULL is as usual. */
typedef struct
{
  Key key;
  const char *kid;
  const char *header;   /* of the ID token, whole */
  const char *issuer;   /* in the ID token */
  const char *audience; /* in the ID token */
  const char *nonce;    /* in the ID token */
  const char *subject;  /* in the ID token */
  const char *email;
  const char *more;          /* further claims, each with a comma in front */
  int64_t age_s;             /* of the ID token */
  const char *discovery;     /* further members, each with a comma in front */
  const char *userinfo;      /* whole */
  const char *tokens;        /* whole answer of the token endpoint */
  unsigned int token_status; /* 0: 200 */
  bool away;                 /* nothing but the token endpoint answers */
  bool hmac;                 /* sign with the client secret */
  bool assertion;            /* the client proves itself by a key */
  const char *refresh_token; /* given for a code; none as usual */
  const char *refreshed;     /* whole answer to a refresh token */
  unsigned int refreshed_status;
  bool refreshed_token;      /* with an ID token */
  bool refresh_away;         /* no answer to a refresh token */
  bool forwarded;            /* codes are those of devices */
  const char *bearer;        /* what the userinfo endpoint is asked with */
  const char *introspection; /* whole answer */
  unsigned int introspection_status;
} Provider;

/* How often each endpoint was asked. */
typedef struct
{
  unsigned int discovery;
  unsigned int keys;
  unsigned int token;
  unsigned int userinfo;
  unsigned int refresh;
  unsigned int introspection;
} Asked;

/* A sign-in that waits for the provider's answer. */
typedef struct
{
  char *cookie;
  char *url;
  char *state;
  char *nonce;
  char *challenge;
} OidcPending;

World *provider_world_new (const char *keys, const char *more);
void provider_set (const Provider *provider);
Asked provider_get_asked (void);
const char *provider_get_presented (void); /* the last refresh token */
const char *provider_get_assertion (void); /* the last of the client */
void oidc_pending_free (OidcPending *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OidcPending, oidc_pending_free)

OidcPending *provider_begin (World *world, const char *target, const char *cookie);
DoorResponse *provider_answer (World *world, const OidcPending *pending, const char *query);
DoorResponse *provider_sign_in (World *world);
void provider_end (void);
