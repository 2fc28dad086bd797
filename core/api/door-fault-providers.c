/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

/* What can go wrong with identity providers and the connections to them. */
const DoorFaultInfo door_fault_providers[DOOR_N_FAULTS] = {
  [DOOR_FAULT_SAML_FORM] = { "DW-SAML-FORM", 400, "warning", N_ ("The sign-in answer could not be read."),
                             "The form has no SAMLResponse, several, or one that is not base64, or it is "
                             "too large.",
                             "See the log line; check the identity provider's binding (HTTP-POST)." },
  [DOOR_FAULT_SAML_XML] = { "DW-SAML-XML", 400, "warning", N_ ("The sign-in answer could not be read."),
                            "The SAML message is not acceptable XML (size, depth, document type, encoding).",
                            "A real identity provider never sends this; treat it as an attack." },
  [DOOR_FAULT_SAML_STRUCTURE] = { "DW-SAML-STRUCTURE", 400, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "The response has the wrong root, version, number of assertions or "
                                  "repeated IDs.",
                                  "A real identity provider never sends this; treat it as an attack." },
  [DOOR_FAULT_SAML_ENCRYPTED] = { "DW-SAML-ENCRYPTED", 400, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "The assertion is encrypted and Encryption= is off for this connection, or "
                                  "a part inside of it, the subject or an attribute, is encrypted by itself.",
                                  "Switch encryption off at the identity provider, or set Encryption=true "
                                  "and give it this connection's metadata; only whole assertions can be "
                                  "encrypted." },
  [DOOR_FAULT_SAML_UNSIGNED] = { "DW-SAML-UNSIGNED", 403, "warning",
                                 N_ ("The sign-in answer could not be accepted."),
                                 "Neither the assertion nor the response around it is signed, or not the "
                                 "part that is required.",
                                 "Let the identity provider sign the part named in WantSigned." },
  [DOOR_FAULT_SAML_SIGNATURE] = { "DW-SAML-SIGNATURE", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "The signature does not verify with any signing key of the provider's "
                                  "metadata.",
                                  "If the provider changed its certificate, try again in a minute: the "
                                  "server reads MetadataUrl again by itself. Renew MetadataFile, or run "
                                  "doorctl idp set-metadata. Otherwise treat it as an attack." },
  [DOOR_FAULT_SAML_ALGORITHM] = { "DW-SAML-ALGORITHM", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "The signature uses an algorithm, digest, transform or key size that is "
                                  "not allowed.",
                                  "Choose RSA-SHA256 at the identity provider (or AllowSha1=true for a "
                                  "provider that cannot)." },
  [DOOR_FAULT_SAML_ISSUER] = { "DW-SAML-ISSUER", 403, "warning",
                               N_ ("The sign-in answer could not be accepted."),
                               "The issuer is not the entity id of the provider that was asked.",
                               "Compare the Issuer in the log with the entity id in the metadata." },
  [DOOR_FAULT_SAML_STATUS] = { "DW-SAML-STATUS", 403, "info",
                               N_ ("Your organisation's sign-in refused. You may not be assigned to this "
                                   "app."),
                               "The identity provider answered with a status other than Success.",
                               "See the provider's own text in the record; usually the user is not assigned "
                               "to the application." },
  [DOOR_FAULT_SAML_DESTINATION] = { "DW-SAML-DESTINATION", 403, "warning",
                                    N_ ("The sign-in answer could not be accepted."),
                                    "Destination is missing in a signed response or is not our ACS address.",
                                    "Compare the ACS address registered at the provider with doorctl idp "
                                    "show NAME." },
  [DOOR_FAULT_SAML_AUDIENCE] = { "DW-SAML-AUDIENCE", 403, "warning",
                                 N_ ("The sign-in answer could not be accepted."),
                                 "The audience does not contain our entity id.",
                                 "Set the audience (SP entity id) at the provider to the value of doorctl "
                                 "idp show NAME." },
  [DOOR_FAULT_SAML_CONDITIONS] = { "DW-SAML-CONDITIONS", 403, "warning",
                                   N_ ("The sign-in answer could not be accepted."),
                                   "Conditions are missing or contain one that is not understood.",
                                   "Check the provider's profile of the assertion." },
  [DOOR_FAULT_SAML_EARLY] = { "DW-SAML-EARLY", 403, "warning",
                              N_ ("The sign-in answer could not be accepted because of a wrong clock."),
                              "The assertion is not valid yet.",
                              "Compare the clocks of this server and of the provider; ClockSkew is the "
                              "tolerance." },
  [DOOR_FAULT_SAML_LATE] = { "DW-SAML-LATE", 403, "warning",
                             N_ ("The sign-in answer arrived too late. Your device is fine."),
                             "The assertion or its confirmation has expired.",
                             "Compare the clocks of this server and of the provider." },
  [DOOR_FAULT_SAML_RECIPIENT] = { "DW-SAML-RECIPIENT", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "No bearer confirmation names our ACS address as Recipient.",
                                  "Compare the ACS address registered at the provider with doorctl idp show "
                                  "NAME." },
  [DOOR_FAULT_SAML_INRESPONSETO] = { "DW-SAML-INRESPONSETO", 403, "warning",
                                     N_ ("The sign-in answer could not be accepted."),
                                     "InResponseTo differs between response and confirmation, or names "
                                     "another request.",
                                     "Treat frequent cases as an attack." },
  [DOOR_FAULT_SAML_UNSOLICITED] = { "DW-SAML-UNSOLICITED", 403, "info",
                                    N_ ("Start on your device, not at the identity provider."),
                                    "The answer belongs to no request (identity-provider-initiated sign-in).",
                                    "Users must start on the device." },
  [DOOR_FAULT_SAML_NAMEID] = { "DW-SAML-NAMEID", 403, "warning",
                               N_ ("The sign-in answer does not say who you are."),
                               "The subject has no NameID, or one with markup inside.",
                               "Let the provider send a NameID." },
  [DOOR_FAULT_SAML_AUTHN] = { "DW-SAML-AUTHN", 403, "warning",
                              N_ ("The sign-in answer could not be accepted."),
                              "The assertion has no usable AuthnStatement, or its session has ended.",
                              "Check the provider's profile of the assertion." },
  [DOOR_FAULT_SAML_REPLAY] = { "DW-SAML-REPLAY", 403, "warning", N_ ("This sign-in was used already."),
                               "The assertion was accepted before.", "Treat frequent cases as an attack." },
  [DOOR_FAULT_IDP_UNKNOWN] = { "DW-IDP-UNKNOWN", 404, "warning", N_ ("This way to sign in does not exist."),
                               "The address names no configured identity provider.",
                               "Check the link or the name; doorctl connection list shows them." },
  [DOOR_FAULT_IDP_DISABLED] = { "DW-IDP-DISABLED", 503, "error",
                                N_ ("Sign-in is being set up and does not work yet. Please contact support."),
                                "No identity provider is usable here, or this one failed its configuration.",
                                "Run doorctl config check." },
  [DOOR_FAULT_IDP_METADATA] = { "DW-IDP-METADATA", 503, "error",
                                N_ ("Sign-in does not work at the moment. Please try again later."),
                                "The provider's metadata cannot be used.",
                                "Check MetadataFile=, or that this machine reaches MetadataUrl= and its "
                                "system-wide authorities vouch for the certificate there." },
  [DOOR_FAULT_IDP_GROUPS] = { "DW-IDP-GROUPS", 503, "error",
                              N_ ("Sign-in does not work at the moment. Please try again later."),
                              "Groups decide here, the provider's answer did not have all of the person's, "
                              "and its own API did not give them either.",
                              "The record has the provider's reason: check the secret and the permissions "
                              "of the application or service account, and that this machine reaches the "
                              "API." },
  [DOOR_FAULT_SAML_DECRYPT] = { "DW-SAML-DECRYPT", 403, "warning",
                                N_ ("The sign-in answer could not be accepted."),
                                "The assertion could not be decrypted, or nothing signed was inside. Which "
                                "of the two is not said, because an attacker could decrypt with that.",
                                "Give the identity provider the current metadata of this connection, and "
                                "make it sign the assertion or the response." },
  [DOOR_FAULT_SAML_CLEAR] = { "DW-SAML-CLEAR", 403, "warning",
                              N_ ("The sign-in answer could not be accepted."),
                              "The assertion is not encrypted, and this connection requires that it is.",
                              "Switch encryption on at the identity provider, with the certificate of this "
                              "connection's metadata." },
  [DOOR_FAULT_OIDC_ANSWER] = { "DW-OIDC-ANSWER", 400, "warning", N_ ("The sign-in answer could not be read."),
                               "The answer of the provider, in the address it sent the browser to or from "
                               "one of its endpoints, lacks a part, has one twice, or has one that makes no "
                               "sense.",
                               "See the log line for the part." },
  [DOOR_FAULT_OIDC_DENIED] = { "DW-OIDC-DENIED", 403, "info",
                               N_ ("Your organisation's sign-in refused. You may not be assigned to this "
                                   "app."),
                               "The provider answered the request with an error that concerns the person: "
                               "access_denied, login_required, or one like them.",
                               "Assign the person to the application at the provider; its own sign-in log "
                               "says why." },
  [DOOR_FAULT_OIDC_REQUEST] = { "DW-OIDC-REQUEST", 503, "error",
                                N_ ("Sign-in does not work at the moment. Please try again later."),
                                "The provider refuses the request itself: invalid_request, "
                                "unauthorized_client, invalid_scope, or one like them.",
                                "Compare ClientId=, Scopes= and the redirect URI with the application at "
                                "the provider." },
  [DOOR_FAULT_OIDC_CLIENT] = { "DW-OIDC-CLIENT", 503, "error",
                               N_ ("Sign-in does not work at the moment. Please try again later."),
                               "The provider does not accept our client id with our client secret or key "
                               "(invalid_client), or does not offer what ClientAuth= wants.",
                               "Make a new secret at the provider and put it where ClientSecret= points; "
                               "secrets expire. With a key, let the provider read "
                               "ExternalUrl/oidc/NAME/jwks.json, and compare ClientAudience=." },
  [DOOR_FAULT_OIDC_CODE] = { "DW-OIDC-CODE", 403, "warning",
                             N_ ("The sign-in answer arrived too late. Your device is fine."),
                             "The provider does not accept the authorization code (invalid_grant): used "
                             "before, too old, of another client, or sent with another redirect URI.",
                             "Nothing when it is rare; else compare the redirect URI, and treat frequent "
                             "cases as an attack." },
  [DOOR_FAULT_OIDC_PROVIDER] = { "DW-OIDC-PROVIDER", 503, "error",
                                 N_ ("Sign-in does not work at the moment. Please try again later."),
                                 "An endpoint of the provider cannot be reached, is too slow, or answers "
                                 "with an error of its own.",
                                 "Check that this machine reaches the address in the log, and the "
                                 "provider's status page." },
  [DOOR_FAULT_OIDC_DISCOVERY] = { "DW-OIDC-DISCOVERY", 503, "error",
                                  N_ ("Sign-in does not work at the moment. Please try again later."),
                                  "The provider's discovery document or its key set cannot be used.",
                                  "Check Issuer=: the document must name exactly this issuer. The log says "
                                  "what is missing." },
  [DOOR_FAULT_OIDC_TOKEN] = { "DW-OIDC-TOKEN", 403, "warning", N_ ("The sign-in answer could not be read."),
                              "A token is not a signed JWT in compact form, has a header that must be "
                              "understood and is not, or has a claim of the wrong type.",
                              "Check the application at the provider: ID tokens are to be signed and not "
                              "encrypted." },
  [DOOR_FAULT_OIDC_ALGORITHM] = { "DW-OIDC-ALGORITHM", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "A token is signed with an algorithm that this connection does not allow, "
                                  "that is none, or that uses a shared secret.",
                                  "Let the provider sign with RS256, ES256, PS256, EdDSA or a longer one of "
                                  "their kind." },
  [DOOR_FAULT_OIDC_KEY] = { "DW-OIDC-KEY", 403, "warning", N_ ("The sign-in answer could not be accepted."),
                            "A token is signed with a key that is not in the provider's key set, or the "
                            "token does not say with which of several.",
                            "Nothing when it is rare: the keys are fetched again. Else check that Issuer= "
                            "is the provider that answers." },
  [DOOR_FAULT_OIDC_SIGNATURE] = { "DW-OIDC-SIGNATURE", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "The signature of a token does not verify.",
                                  "Treat as an attack unless the provider has just changed its keys." },
  [DOOR_FAULT_OIDC_ISSUER] = { "DW-OIDC-ISSUER", 403, "warning",
                               N_ ("The sign-in answer could not be accepted."),
                               "The answer or its token comes from another issuer than the one that was "
                               "asked, or from a tenant that is not allowed.",
                               "Compare Issuer= with the value in the log; if they are not alike, treat it "
                               "as an attack." },
  [DOOR_FAULT_OIDC_AUDIENCE] = { "DW-OIDC-AUDIENCE", 403, "warning",
                                 N_ ("The sign-in answer could not be accepted."),
                                 "The token is for another client, or for others beside us.",
                                 "Compare ClientId= with the application at the provider." },
  [DOOR_FAULT_OIDC_EARLY] = { "DW-OIDC-EARLY", 403, "warning",
                              N_ ("The sign-in answer could not be accepted because of a wrong clock."),
                              "The token is not valid yet.",
                              "Set the clocks of this machine and of the provider by NTP." },
  [DOOR_FAULT_OIDC_LATE] = { "DW-OIDC-LATE", 403, "warning",
                             N_ ("The sign-in answer arrived too late. Your device is fine."),
                             "The token has expired.",
                             "Set the clocks of this machine and of the provider by NTP." },
  [DOOR_FAULT_OIDC_NONCE] = { "DW-OIDC-NONCE", 403, "warning",
                              N_ ("The sign-in answer could not be accepted."),
                              "The token does not carry the nonce of this request.",
                              "Treat frequent cases as an attack." },
  [DOOR_FAULT_OIDC_HASH] = { "DW-OIDC-HASH", 403, "warning", N_ ("The sign-in answer could not be accepted."),
                             "at_hash does not fit the access token that came along.",
                             "Treat frequent cases as an attack." },
  [DOOR_FAULT_OIDC_AUTHN] = { "DW-OIDC-AUTHN", 403, "warning",
                              N_ ("The sign-in answer could not be accepted."),
                              "auth_time is missing or too long ago, although the provider was asked for a "
                              "fresh sign-in.",
                              "Check whether the provider honours max_age and prompt=login." },
  [DOOR_FAULT_OIDC_SUBJECT] = { "DW-OIDC-SUBJECT", 403, "warning",
                                N_ ("The sign-in answer does not say who you are."),
                                "sub is missing or too long, or the userinfo endpoint speaks of another "
                                "person than the ID token.",
                                "Check the provider; treat a difference as an attack." },
  [DOOR_FAULT_OIDC_LOGOUT] = { "DW-OIDC-LOGOUT", 400, "warning", NULL,
                               "A back-channel logout token lacks the logout event, a person or session, or "
                               "carries a nonce.",
                               "Check the provider's back-channel logout." },
  [DOOR_FAULT_IDP_NOMETADATA] = { "DW-IDP-NOMETADATA", 422, "warning",
                                  N_ ("Sign-in with this provider is not set up completely yet."),
                                  "The connection exists, but the metadata of its identity provider has not "
                                  "been uploaded.",
                                  "Upload it: doorctl connection set-metadata NAME FILE, or PUT "
                                  "/api/v1/connections/NAME/metadata." },
  [DOOR_FAULT_CONN_EXISTS] = { "DW-CONN-EXISTS", 409, "info", NULL,
                               "The name is taken, or was taken by a connection that is gone: people may "
                               "still be known by it, so it is never given again.",
                               "Choose another name." },
  [DOOR_FAULT_CONN_FILE] = { "DW-CONN-FILE", 409, "info", NULL,
                             "A group that stands in a file is changed there, not in the database.",
                             "Change the file that is named, then doorctl config reload." },
  [DOOR_FAULT_CONN_ENTITY] = { "DW-CONN-ENTITY", 409, "info", NULL,
                               "There is a connection to a provider of the same entity id: nobody could "
                               "tell by which of them a person came.",
                               "Use the connection that is named. If there must be two, for different "
                               "purposes, give the new one another Use= and SharedEntityId=true." },
  [DOOR_FAULT_CONN_INVALID] = { "DW-CONN-INVALID", 422, "info", NULL,
                                "What was asked for is no valid connection.",
                                "Correct what the text names; doorward.conf(5) has the keys of [idp/NAME]." },
  [DOOR_FAULT_SAML_ARTIFACT] = { "DW-SAML-ARTIFACT", 400, "warning",
                                 N_ ("The sign-in answer could not be read."),
                                 "An artifact came that is malformed, of another provider, or by a "
                                 "connection that does not ask for artifacts.",
                                 "Compare the provider's entity id with its metadata, and set "
                                 "ResponseBinding=artifact if it cannot answer otherwise." },
  [DOOR_FAULT_SAML_ARTINDEX] = { "DW-SAML-ARTINDEX", 503, "error",
                                 N_ ("Sign-in does not work at the moment. Please try again later."),
                                 "The provider's metadata has no ArtifactResolutionService over SOAP with "
                                 "the index that the artifact names.",
                                 "Load the provider's current metadata, or set ResponseBinding=post." },
  [DOOR_FAULT_SAML_ARTUSED] = { "DW-SAML-ARTUSED", 403, "warning", N_ ("This sign-in was used already."),
                                "The artifact was presented before, or its request has had its three tries "
                                "to resolve one.",
                                "Sign in again. If this happens often, somebody may be sending stolen "
                                "answers: look at the log." },
  [DOOR_FAULT_SAML_ARTPROVIDER] = { "DW-SAML-ARTPROVIDER", 503, "error",
                                    N_ ("Sign-in does not work at the moment. Please try again later."),
                                    "The provider's artifact resolution service cannot be reached, is too "
                                    "slow, answers with an error or with too much.",
                                    "Check that this machine reaches the address of "
                                    "ArtifactResolutionService in the provider's metadata, or set "
                                    "ResponseBinding=post." },
  [DOOR_FAULT_SAML_ARTANSWER] = { "DW-SAML-ARTANSWER", 403, "warning",
                                  N_ ("The sign-in answer could not be accepted."),
                                  "What the artifact resolution service answered is not an answer of this "
                                  "provider to our question, or it is a refusal.",
                                  "The log says which check failed. Give the provider the current metadata "
                                  "of this connection, so that it knows the key of our question." },
  [DOOR_FAULT_SAML_ARTUNKNOWN] = { "DW-SAML-ARTUNKNOWN", 403, "warning",
                                   N_ ("The sign-in answer could not be accepted."),
                                   "The provider has no message for the artifact: it was used, has expired, "
                                   "was never made, or is kept by another of its servers.",
                                   "Sign in again. If it stays so, the provider's servers do not share "
                                   "their artifacts." },
};
