/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-oauth2.h"
#include "door-oidc-sign-in.h"
#include "door-purpose.h"
#include "door-saml-message.h"

/**
 * DoorFlowDevice:
 * @way: how it comes, %DOOR_WAY_ADE or another
 * @serial: its serial number, "" where it is not known
 * @udid: its UDID, "" where it is not known
 * @product: its model identifier, "" where it is not known
 * @link: (nullable): for %DOOR_WAY_LINK: id of the enrollment link
 *
 * A device that begins a sign-in.
 */
typedef struct
{
  const char *way;
  const char *serial;
  const char *udid;
  const char *product;
  const char *link;
} DoorFlowDevice;

/**
 * DoorLoginStart:
 * @cookie: (nullable): value of the flow's cookie
 * @purpose: (nullable): what it leads to, %DOOR_PURPOSE_ENROLLMENT or another; %NULL
 * takes what the cookie's flow has
 * @return_path: (nullable): path of this server where it goes on afterwards; %NULL takes what the cookie's
 * flow has
 * @team: (nullable): name of the team, "" for none; %NULL takes what the cookie's flow has
 * @user_identifier: (nullable): account typed on the device; goes with @team
 * @flow: (nullable): name of the flow in the address, for a device that has lost its cookie
 * @device: (nullable): the device that begins, as far as it has proved what it is; goes with @team
 * @idp: (nullable): identity provider the person chose
 * @address: where the request came from, for the limit
 * @force_authn: the person wants to sign in as somebody else
 * @shared_acs: the answer shall come to the address that all connections share
 * @may_wait: this thread may wait for the identity provider
 * @test_token: (nullable): for %DOOR_PURPOSE_TEST, what the start address ends with
 * @oauth2: (nullable): what a device asks for that wants a code; a flow begins then in any case
 * @take_only_idp: go to the only identity provider even where a page would come first
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A wish to sign in.
 */
typedef struct
{
  const char *cookie;
  const char *purpose;
  const char *return_path;
  const char *team;
  const char *user_identifier;
  const char *flow;
  const DoorFlowDevice *device;
  const char *idp;
  const char *address;
  bool force_authn;
  bool shared_acs;
  bool may_wait;
  const char *test_token;
  const DoorOauth2Ask *oauth2;
  bool take_only_idp;
  GCancellable *cancellable;
} DoorLoginStart;

/**
 * DoorLoginKind:
 * @DOOR_LOGIN_REDIRECT: go to the identity provider
 * @DOOR_LOGIN_POST: go there with a form
 * @DOOR_LOGIN_CHOOSE: let the person choose or continue
 * @DOOR_LOGIN_ASK_ACCOUNT: ask for the account, to find the identity provider by its domain
 */
typedef enum
{
  DOOR_LOGIN_REDIRECT,
  DOOR_LOGIN_POST,
  DOOR_LOGIN_CHOOSE,
  DOOR_LOGIN_ASK_ACCOUNT,
} DoorLoginKind;

/**
 * DoorLoginStep:
 * @kind: what comes next
 * @url: for a redirect, the identity provider's address with the request
 * @form: for a form, what it posts
 * @connection: (nullable): the identity provider that comes next
 * @cookie: (nullable): value of a new cookie
 * @choices: (element-type DoorConnection): identity providers to choose from
 * @first_with_intro: the flow is new, and its team has something to read first
 * @team: team of the flow
 * @user_identifier: account of the flow, "" when none was typed
 * @flow: (nullable): name of the flow, for a device
 */
typedef struct
{
  DoorLoginKind kind;
  char *url;
  DoorSamlForm form;
  const DoorConnection *connection;
  char *cookie;
  GPtrArray *choices;
  bool first_with_intro;
  char *team;
  char *user_identifier;
  char *flow;
} DoorLoginStep;

DoorLoginStep *door_login_begin (const DoorContext *context, const DoorLoginStart *start, GError **error);
void door_login_step_free (DoorLoginStep *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorLoginStep, door_login_step_free)

/**
 * DoorLoginAnswer:
 * @connection: (nullable): name in the address; %NULL at an address that all providers share
 * @purpose: (nullable): what flows the address is for; %NULL: for all
 * @cookie: (nullable): value of the flow's cookie
 * @state: (nullable): what was sent along with the request: RelayState
 * @saml_response: (nullable): form value, base64
 * @artifact: (nullable): instead of that, what stands for it and is to be resolved
 * @oidc: (nullable): instead of that, what came by OpenID Connect
 * @address: where the request came from, for the limit
 * @request_id: id of the HTTP request
 * @may_wait: this thread may wait for the identity provider
 * @again: the same answer was judged already, up to where the provider must be asked
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * An identity provider's answer, carried by a browser.
 */
typedef struct
{
  const char *connection;
  const char *purpose;
  const char *cookie;
  const char *state;
  const char *saml_response;
  const char *artifact;
  const DoorOidcAnswer *oidc;
  const char *address;
  const char *request_id;
  bool may_wait;
  bool again;
  GCancellable *cancellable;
} DoorLoginAnswer;

/**
 * DoorLoginOutcome:
 * @access_token: (nullable): access token or ticket, see door_onward_find(); %NULL when refused, and for
 *   administrators
 * @next_path: (nullable): path of this server to which an administrator's browser goes next
 * @cookie: (nullable): value of a new cookie for the flow
 * @test_result: (nullable): what a test shows, also when the answer was refused
 * @administration: whether an administrator sits before the browser, as far as that is known
 * @code: code of the record, to read out to the help desk
 * @retry_path: (nullable): path that starts once more in the same flow
 * @must_wait: nothing is decided: the provider must be asked, in a thread that may wait
 */
typedef struct
{
  char *access_token;
  char *next_path;
  char *cookie;
  GVariant *test_result;
  bool administration;
  char *code;
  char *retry_path;
  bool must_wait;
} DoorLoginOutcome;

bool door_login_finish (const DoorContext *context, const DoorLoginAnswer *answer, DoorLoginOutcome *out,
                        GError **error);
char *door_login_dup_retry_path (const DoorContext *context, const char *cookie, GCancellable *cancellable);
void door_login_outcome_clear (DoorLoginOutcome *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorLoginOutcome, door_login_outcome_clear)
