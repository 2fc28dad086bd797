/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

/* What can go wrong with people who sign in, administrators, tokens and terms. */
const DoorFaultInfo door_fault_sign_in[DOOR_N_FAULTS] = {
  [DOOR_FAULT_FLOW_LATE] = { "DW-FLOW-LATE", 410, "info", N_ ("Sign-in took too long. Your device is fine."),
                             "The answer came after RequestLifetime; the flow is still good.",
                             "Nothing; raise [sign-in] RequestLifetime if it is frequent." },
  [DOOR_FAULT_FLOW_EXPIRED] = { "DW-FLOW-EXPIRED", 410, "info",
                                N_ ("This sign-in was started too long ago. Your device is fine."),
                                "The flow is older than FlowLifetime.", "Nothing: the user starts again." },
  [DOOR_FAULT_FLOW_UNKNOWN] = { "DW-FLOW-UNKNOWN", 400, "warning",
                                N_ ("This sign-in is not known any more. Your device is fine."),
                                "The answer names no pending request of this server, or RelayState does not "
                                "belong to it.",
                                "Nothing unless it is frequent; then check that all addresses lead to the "
                                "same database." },
  [DOOR_FAULT_FLOW_COOKIE] = { "DW-FLOW-COOKIE", 400, "warning",
                               N_ ("Cookies are switched off, so the sign-in cannot be finished here."),
                               "The answer came without the cookie of the browser that started it, or from "
                               "another browser.",
                               "Ask the user to allow cookies; frequent cases from one address point to "
                               "login forgery." },
  [DOOR_FAULT_FLOW_SPENT] = { "DW-FLOW-SPENT", 400, "warning", N_ ("This sign-in was used already."),
                              "A second answer came for a request that has been answered.",
                              "Nothing unless it is frequent; then look for a proxy that repeats requests." },
  [DOOR_FAULT_FLOW_RATE] = { "DW-FLOW-RATE", 429, "warning",
                             N_ ("Too many tries. Wait a minute and try again."),
                             "The address started more sign-ins than [listen] SignInsPerMinute allows, or "
                             "all addresses together 200 times as many.",
                             "Raise SignInsPerMinute if many people share the address." },
  [DOOR_FAULT_TOKEN_INVALID] = { "DW-TOKEN-INVALID", 401, "warning",
                                 N_ ("Please sign in again to set up this device."),
                                 "The access token is unknown, expired or revoked, or belongs to another "
                                 "team.",
                                 "Nothing: the device asks its user to sign in again." },
  [DOOR_FAULT_ADM_UNKNOWN] = { "DW-ADM-UNKNOWN", 403, "warning", N_ ("This account cannot sign in here."),
                               "Nobody with this identity or e-mail address administers the server, and "
                               "[admin] Jit is off.",
                               "Add them with doorctl admin add, or set Jit=true." },
  [DOOR_FAULT_ADM_DISABLED] = { "DW-ADM-DISABLED", 403, "warning", N_ ("This account cannot sign in here."),
                                "The administrator is deactivated, or single sign-on is switched off for "
                                "them.",
                                "doorctl admin show tells which; doorctl admin activate and set-sso change "
                                "it." },
  [DOOR_FAULT_ADM_EMAIL] = { "DW-ADM-EMAIL", 403, "warning", N_ ("This account cannot sign in here."),
                             "Neither the NameID nor the attribute of Email= is an e-mail address of plain "
                             "letters, or the provider says that it is not verified.",
                             "Let the provider send the e-mail address as NameID, or name the attribute in "
                             "Email=." },
  [DOOR_FAULT_ADM_ROLE] = { "DW-ADM-ROLE", 403, "warning", N_ ("The sign-in answer could not be accepted."),
                            "An attribute that gives a role has a name or value that is none; the log names "
                            "both.",
                            "Correct the attribute at the provider. docs/roles.md has the names and "
                            "values." },
  [DOOR_FAULT_ADM_ROLECONFLICT] = { "DW-ADM-ROLECONFLICT", 403, "warning",
                                    N_ ("The sign-in answer could not be accepted."),
                                    "The attributes give a role everywhere and one in a team.",
                                    "Let the provider send one kind, or null in place of the other." },
  [DOOR_FAULT_ADM_NOROLE] = { "DW-ADM-NOROLE", 403, "warning", N_ ("This account cannot sign in here."),
                              "The administrator has no role, and DefaultRole is none.",
                              "Give one with doorctl admin set-role, or let the provider name one." },
  [DOOR_FAULT_ADM_LINK] = { "DW-ADM-LINK", 403, "warning", N_ ("This account cannot sign in here."),
                            "Somebody signed in with the e-mail address of an administrator who has a "
                            "password or another identity, or through a provider that may not speak for the "
                            "domain.",
                            "If it is the same person, doorctl admin unlink, or name the domain in "
                            "EmailDomains of the provider; if a connection has another name now, doorctl "
                            "idp adopt; otherwise treat it as an attempt to take the account over." },
  [DOOR_FAULT_ADM_LASTADMIN] = { "DW-ADM-LASTADMIN", 409, "warning",
                                 N_ ("This would leave nobody who administers the server."),
                                 "The change would take away the last administrator with the role admin "
                                 "everywhere who can sign in.",
                                 "Give another one that role first." },
  [DOOR_FAULT_ADM_SESSION] = { "DW-ADM-SESSION", 401, "info", N_ ("You are not signed in."),
                               "The request has no session of an administrator, or one that has ended.",
                               "Nothing: sign in at /admin/login." },
  [DOOR_FAULT_ADM_FORBIDDEN] = { "DW-ADM-FORBIDDEN", 403, "info", N_ ("You are not allowed to do this."),
                                 "No role of the administrator allows the action, or not everywhere.",
                                 "docs/roles.md says which does." },
  [DOOR_FAULT_ADM_ORIGIN] = { "DW-ADM-ORIGIN", 403, "warning", N_ ("The request came from another site."),
                              "A request that changes something did not come from a page of this server.",
                              "Nothing unless it is frequent: then somebody tries to use the sessions of "
                              "administrators." },
  [DOOR_FAULT_ADM_PATH] = { "DW-ADM-PATH", 400, "info", N_ ("The request could not be understood."),
                            "The address to go to after the sign-in is not a path of this server.",
                            "Correct the link: a path begins with one slash." },
  [DOOR_FAULT_ADM_HANDOVER] = { "DW-ADM-HANDOVER", 400, "info", N_ ("This sign-in was used already."),
                                "The last step of a sign-in came twice, too late or from another browser.",
                                "Nothing: sign in again." },
  [DOOR_FAULT_ADM_TOKENS] = { "DW-ADM-TOKENS", 403, "info", NULL,
                              "Personal access tokens are not for people who sign in through an identity "
                              "provider (FederatedTokens=false or TokenMode=day in [admin]), nor made with "
                              "another such token, nor for who may not sign in, and count no more when the "
                              "provider of their maker is gone.",
                              "Sign in and use POST /api/v1/auth/token, or set TokenMode=short and "
                              "FederatedTokens=true." },
  [DOOR_FAULT_ADM_TOKENLIMIT] = { "DW-ADM-TOKENLIMIT", 409, "info", NULL,
                                  "An administrator has no more than 50 personal access tokens.",
                                  "Revoke one that is not needed: DELETE /api/v1/tokens/ID, or doorctl "
                                  "token revoke." },
  [DOOR_FAULT_ADM_REFRESH] = { "DW-ADM-REFRESH", 400, "info", NULL,
                               "The refresh token is unknown, was used already, or its session is over.",
                               "Sign in again and get new tokens. When the log says that it was used again, "
                               "a copy of it is in other hands, or a client keeps an old one: the session "
                               "was ended for that." },
  [DOOR_FAULT_SESSION_TOKEN] = { "DW-SESSION-TOKEN", 401, "info", NULL,
                                 "The token of a session is malformed, of another server, changed, or its "
                                 "time is over.",
                                 "Sign in again." },
  [DOOR_FAULT_ADM_PASSWORD] = { "DW-ADM-PASSWORD", 401, "warning",
                                N_ ("The e-mail address or the password is wrong."),
                                "Somebody gave a password that is not the one of the administrator, or an "
                                "address of nobody who signs in by password; the log says which.",
                                "If somebody has forgotten it: doorctl admin password. Who has single "
                                "sign-on switched on signs in through a provider." },
  [DOOR_FAULT_ADM_PASSWORDSOFF] = { "DW-ADM-PASSWORDSOFF", 404, "info",
                                    N_ ("Nobody signs in with a password here."),
                                    "Somebody tried to sign in with a password, and [admin] Passwords is "
                                    "false.",
                                    "Sign in through an identity provider, or set Passwords=true." },
  [DOOR_FAULT_ADM_PASSWORDRULES] = { "DW-ADM-PASSWORDRULES", 422, "info", N_ ("This cannot be a password."),
                                     "A password has at least 12 characters and at most 1024 bytes, in "
                                     "UTF-8; nothing else is asked of it.",
                                     "Choose a longer one: several words that have nothing to do with each "
                                     "other will do." },
  [DOOR_FAULT_ADM_TRIES] = { "DW-ADM-TRIES", 429, "warning",
                             N_ ("Too many attempts to sign in. Please try again in a minute."),
                             "Too many wrong passwords came from an address, or for an account from "
                             "addresses from which nobody has signed in to it.",
                             "Wait a minute. If it goes on, somebody guesses: block the addresses that the "
                             "log names." },
  [DOOR_FAULT_ADM_EXISTS] = { "DW-ADM-EXISTS", 409, "info", NULL,
                              "There is an administrator with this e-mail address already.",
                              "Change that one: GET /api/v1/administrators?email= or doorctl admin show "
                              "finds it." },
  [DOOR_FAULT_OAUTH_CLIENT] = { "DW-OAUTH-CLIENT", 400, "warning",
                                N_ ("The request could not be understood."),
                                "Something that is no device of ours asked for an authorization code: "
                                "client_id names no team, or redirect_uri is not the device's.",
                                "Begin the enrollment on the device once more. When a team was renamed, "
                                "devices that were on their way have to." },
  [DOOR_FAULT_OAUTH_GRANT] = { "DW-OAUTH-GRANT", 400, "info",
                               N_ ("Please sign in again to finish setting up this device."),
                               "An authorization code or refresh token of a device counts no more: it was "
                               "used, has expired, or its enrollment or its person has ended.",
                               "Sign in on the device again. When the log says that it was used again, a "
                               "copy is in other hands, or an answer was lost for longer than half a "
                               "minute: all that the sign-in gave was ended for that." },
  [DOOR_FAULT_OAUTH_BEARER] = { "DW-OAUTH-BEARER", 503, "error",
                                N_ ("Sign-in does not work at the moment. Please try again later."),
                                "With AccountSignIn=oauth2-forward, the access tokens that the provider "
                                "gives devices cannot be judged here: they are no JWT as AccessTokens=jwt "
                                "demands, the provider has no introspection endpoint, or they are too long. "
                                "An access token that cannot be judged lets nobody in.",
                                "Do what the log says: set AccessTokens= and AccessTokenAudience= as the "
                                "provider gives them, or AccountSignIn=oauth2, which works with every "
                                "provider." },
  [DOOR_FAULT_TOKEN_TICKET] = { "DW-TOKEN-TICKET", 403, "info",
                                N_ ("This sign-in can no longer be used. Please sign in again."),
                                "The ticket in the address is unknown, expired, revoked or used up, or its "
                                "person is deactivated; a newer sign-in on the same device revokes it.",
                                "Sign in again on the device. If the time is too short, raise "
                                "ProfileLinkLifetime in [sign-in]." },
  [DOOR_FAULT_FLOW_LINK] = { "DW-FLOW-LINK", 403, "info",
                             N_ ("This enrollment link can no longer be used. Please ask for a new one."),
                             "The enrollment link is unknown, revoked, expired or used up, or its team is "
                             "gone.",
                             "Make a new one: doorctl enroll-link create. doorctl enroll-link list shows "
                             "which ones there are." },
  [DOOR_FAULT_FLOW_NOLINK] = { "DW-FLOW-NOLINK", 409, "warning",
                               N_ ("Enrollment links are not in use here at the moment. Please tell whoever "
                                   "has given you this one."),
                               "Flows of [enrollment], or of the team of the link, lists no link, so no "
                               "device can come by an enrollment link. None is made then; those made before "
                               "do not work.",
                               "Add link to Flows and run doorctl config reload: then links can be made, "
                               "and those made before work again. Or name a team that has it." },
  [DOOR_FAULT_EULA_MISSING] = { "DW-EULA-MISSING", 503, "error",
                                N_ ("The document that you need to agree to cannot be shown at the moment."),
                                "The [eula/NAME] that Eula= named at the sign-in is gone, or its File could "
                                "not be read when the configuration was loaded.",
                                "Run doorctl config check, then doorctl config reload." },
  [DOOR_FAULT_EULA_CHANGED] = { "DW-EULA-CHANGED", 409, "info",
                                N_ ("The document has changed since this page was opened."),
                                "What was agreed to is not the document in force, in any of its languages.",
                                "Nothing: the page shows the new one." },
};
