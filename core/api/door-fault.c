/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault.h"

/* marks a text for translation without translating it */
#define N_(text) text

static const DoorFaultInfo catalogue[DOOR_N_FAULTS] = {
  [DOOR_FAULT_DEV_BADSIG] = { "DW-DEV-BADSIG", 403, "warning", N_ ("This device could not prove what it is."),
                              "The CMS signature of the device (enrollment body or Mdm-Signature) does not "
                              "verify.",
                              "Check that no proxy changes bodies or drops long headers; otherwise treat it "
                              "as an attack." },
  [DOOR_FAULT_DEV_INFO] = { "DW-DEV-INFO", 400, "warning",
                            N_ ("This device sent information that could not be read."),
                            "The enrollment body is not a CMS-signed property list with PRODUCT and VERSION.",
                            "See the log line for the part that is wrong; a real device never sends this." },
  [DOOR_FAULT_DEV_UNKNOWN] = { "DW-DEV-UNKNOWN", 403, "warning", N_ ("This device is not enrolled here."),
                               "The identity certificate was not issued by this server or belongs to no "
                               "enrollment.",
                               "Remove the management profile on the device and enroll again." },
  [DOOR_FAULT_DEV_CERTIFICATE] = { "DW-DEV-CERTIFICATE", 403, "warning",
                                   N_ ("The certificate of this device is no longer valid."),
                                   "The identity certificate has expired, is not yet valid or was revoked.",
                                   "Enroll the device again." },
  [DOOR_FAULT_DEV_MISMATCH] = { "DW-DEV-MISMATCH", 403, "warning", N_ ("This device is not enrolled here."),
                                "The identity certificate is pinned to another enrollment than the message "
                                "names.",
                                "Enroll the device again; repeated cases point to a copied key." },
  [DOOR_FAULT_DEV_BEARER] = { "DW-DEV-BEARER", 401, "info",
                              N_ ("Please sign in again to finish setting up this device."),
                              "The message needs the access token of the sign-in and carries none that is "
                              "valid.",
                              "Nothing: the device asks its user to sign in again." },
  [DOOR_FAULT_DEV_MESSAGE] = { "DW-DEV-MESSAGE", 400, "warning",
                               N_ ("This device sent a message that could not be read."),
                               "The check-in message is malformed or lacks a required key.",
                               "See the log line for the key; a real device never sends this." },
  [DOOR_FAULT_DEV_ENDED] = { "DW-DEV-ENDED", 403, "warning", N_ ("This device is no longer managed here."),
                             "The enrollment has ended (CheckOut, replaced or removed).",
                             "Enroll the device again." },
  [DOOR_FAULT_DEV_TOPIC] = { "DW-DEV-TOPIC", 403, "warning", N_ ("This device is not enrolled here."),
                             "The message's Topic is not the one of this server.",
                             "Compare [apple] Topic with the enrollment profile on the device." },
  [DOOR_FAULT_DISC_USER] = { "DW-DISC-USER", 403, "info",
                             N_ ("Enter your work account in the form name@company."),
                             "Service discovery came without a usable user-identifier.",
                             "Ask the user to type the whole Managed Apple Account." },
  [DOOR_FAULT_DISC_FAMILY] = { "DW-DISC-FAMILY", 403, "info",
                               N_ ("This kind of device cannot be set up with a work account here."),
                               "The model family may not enroll with an account, or not in the way the "
                               "device tried.",
                               "Extend [enrollment] ModelFamilies if it should. A kind of device in "
                               "AccountDeviceFamilies needs iOS 17, macOS 14 or visionOS 1.1." },
  [DOOR_FAULT_DISC_DOMAIN] = { "DW-DISC-DOMAIN", 403, "info",
                               N_ ("This account cannot be used to set up a device here."),
                               "The account's domain is in no AllowedDomains, or in the EmailDomains of no "
                               "provider that is offered.",
                               "Extend AllowedDomains of [enrollment] or of a team, or EmailDomains of a "
                               "provider, whichever the log names." },
  [DOOR_FAULT_DISC_OFF] = { "DW-DISC-OFF", 403, "info",
                            N_ ("Devices cannot be set up with a work account here."),
                            "Flows of [enrollment] or of the team does not list the way by which the device "
                            "comes: account, ade or link.",
                            "Add the way that the log names to Flows, if devices may come by it." },
  [DOOR_FAULT_TEAM_UNKNOWN] = { "DW-TEAM-UNKNOWN", 404, "warning", N_ ("This address is not in use."),
                                "The path names a team that is not configured.",
                                "Create [team/NAME] or correct the service discovery file." },
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
  [DOOR_FAULT_SAML_FORM] = { "DW-SAML-FORM", 400, "warning", N_ ("The sign-in answer could not be read."),
                             "The form has no SAMLResponse, several, or one that is not base64, or it is too "
                             "large.",
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
                                  "server "
                                  "reads MetadataUrl again by itself. Renew MetadataFile, or run doorctl idp "
                                  "set-metadata. Otherwise treat it as an attack." },
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
  [DOOR_FAULT_ID_SUBJECT] = { "DW-ID-SUBJECT", 403, "warning",
                              N_ ("Your account lacks information that is needed here."),
                              "The claim that is the stable subject is missing.",
                              "Let the provider send the claim named in the log." },
  [DOOR_FAULT_ID_NOACCOUNT] = { "DW-ID-NOACCOUNT", 403, "warning",
                                N_ ("Your account lacks a Managed Apple Account."),
                                "No claim gives the Managed Apple Account that account-driven enrollment "
                                "needs.",
                                "Let the provider send an e-mail address, or set ManagedAccount= in the "
                                "group of the provider." },
  [DOOR_FAULT_ID_MISMATCH] = { "DW-ID-MISMATCH", 403, "info",
                               N_ ("You signed in as somebody else than this device expects."),
                               "The verified Managed Apple Account differs from the one typed on the device.",
                               "Ask the user to sign in with the account typed on the device." },
  [DOOR_FAULT_ID_DOMAIN] = { "DW-ID-DOMAIN", 403, "info", N_ ("Your account may not set up devices here."),
                             "The account's domain is not in AllowedDomains, or the provider may not speak "
                             "for it.",
                             "Extend AllowedDomains or EmailDomains." },
  [DOOR_FAULT_ID_GROUP] = { "DW-ID-GROUP", 403, "info", N_ ("Your account may not set up devices here."),
                            "The person is in none of AllowedGroups, or in one of DeniedGroups.",
                            "Change the groups at the provider or the keys of the team." },
  [DOOR_FAULT_ID_NOTALLOWED] = { "DW-ID-NOTALLOWED", 403, "info",
                                 N_ ("Your account may not set up devices here."),
                                 "The plugin of the provider refused this person: tenant, domain, or a rule "
                                 "of its own.",
                                 "The log line and doorctl explain CODE say which; the keys of [idp/NAME] "
                                 "change it." },
  [DOOR_FAULT_ID_INACTIVE] = { "DW-ID-INACTIVE", 403, "info", N_ ("Your account is deactivated."),
                               "The person is deactivated.", "Activate the person in the directory." },
  [DOOR_FAULT_IDP_UNKNOWN] = { "DW-IDP-UNKNOWN", 404, "warning", N_ ("This way to sign in does not exist."),
                               "The address names no configured identity provider.",
                               "Check the link or [idp/NAME]." },
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
                              "The record has the provider's reason: check the secret and the permissions of "
                              "the application or service account, and that this machine reaches the API." },
  [DOOR_FAULT_TOKEN_INVALID] = { "DW-TOKEN-INVALID", 401, "warning",
                                 N_ ("Please sign in again to set up this device."),
                                 "The access token is unknown, expired or revoked, or belongs to another "
                                 "team.",
                                 "Nothing: the device asks its user to sign in again." },
  [DOOR_FAULT_SCEP_MESSAGE] = { "DW-SCEP-MESSAGE", 400, "warning",
                                N_ ("This device sent a certificate request that could not be read."),
                                "The SCEP message is malformed, or its signature does not verify.",
                                "See the log line; a real device never sends this." },
  [DOOR_FAULT_SCEP_CHALLENGE] = { "DW-SCEP-CHALLENGE", 403, "warning",
                                  N_ ("This device may not have a certificate."),
                                  "The challenge password is unknown or expired.",
                                  "Enroll the device again." },
  [DOOR_FAULT_SCEP_KEY] = { "DW-SCEP-KEY", 403, "warning", N_ ("This device may not have a certificate."),
                            "The challenge was used before with another key.",
                            "Enroll the device again; treat frequent cases as an attack." },
  [DOOR_FAULT_SCEP_ALGORITHM] = { "DW-SCEP-ALGORITHM", 400, "warning",
                                  N_ ("This device uses an encryption that is not allowed."),
                                  "The request uses single DES, an unknown algorithm or a key that is too "
                                  "short.",
                                  "Use AES or 3DES; [scep] AllowDes=true for laboratories only." },
  [DOOR_FAULT_SCEP_RENEWAL] = { "DW-SCEP-RENEWAL", 403, "warning",
                                N_ ("This device may not renew its certificate."),
                                "The certificate that signed the renewal is not ours, has expired or belongs "
                                "to an ended enrollment.",
                                "Enroll the device again." },
  [DOOR_FAULT_CFG_SYNTAX] = { "DW-CFG-SYNTAX", 500, "error", NULL, "The file is not a keyfile.",
                              "Correct the line named." },
  [DOOR_FAULT_CFG_UNKNOWNKEY] = { "DW-CFG-UNKNOWNKEY", 500, "error", NULL, "The key does not exist.",
                                  "Correct its spelling; doorward.conf(5) lists all keys." },
  [DOOR_FAULT_CFG_UNKNOWNGROUP] = { "DW-CFG-UNKNOWNGROUP", 500, "error", NULL, "The group does not exist.",
                                    "Correct its spelling; doorward.conf(5) lists all groups." },
  [DOOR_FAULT_CFG_TYPE] = { "DW-CFG-TYPE", 500, "error", NULL, "The value does not fit the type of the key.",
                            "See doorward.conf(5) for the form of the value." },
  [DOOR_FAULT_CFG_REQUIRED] = { "DW-CFG-REQUIRED", 500, "error", NULL, "A required key is missing.",
                                "Add what is missing; doorward.conf(5) has an example." },
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
  [DOOR_FAULT_CFG_FORMERKEY] = { "DW-CFG-FORMERKEY", 500, "warning", NULL,
                                 "A key stands under the name it had in an earlier version.",
                                 "Write the name that the message names; a later version will not know the "
                                 "former one." },
  [DOOR_FAULT_CFG_DUPLICATE] = { "DW-CFG-DUPLICATE", 500, "error", NULL,
                                 "A group or key stands twice in one file, or a key under two names.",
                                 "Remove one of the two." },
  [DOOR_FAULT_CFG_PERMISSIONS] = { "DW-CFG-PERMISSIONS", 500, "error", NULL,
                                   "A file may be read or written by the wrong users.",
                                   "Run the command that the message names." },
  [DOOR_FAULT_CFG_INLINE_SECRET] = { "DW-CFG-INLINE-SECRET", 500, "error", NULL,
                                     "A secret stands in the file itself.",
                                     "Move it to a file of its own and write credential:NAME or "
                                     "file:/PATH." },
  [DOOR_FAULT_CFG_SECRET] = { "DW-CFG-SECRET", 500, "error", NULL,
                              "The secret a key refers to cannot be read.",
                              "Create the credential or file named." },
  [DOOR_FAULT_CFG_HOSTS] = { "DW-CFG-HOSTS", 500, "error", NULL,
                             "ExternalUrl and MdmUrl differ in their last two labels.",
                             "Use host names of the same domain; devices insist on it." },
  [DOOR_FAULT_CFG_VALUE] = { "DW-CFG-VALUE", 500, "error", NULL,
                             "Keys contradict each other or a value cannot be used.",
                             "Correct the value; doorward.conf(5) says what each key is for." },
  [DOOR_FAULT_CFG_PLUGIN] = { "DW-CFG-PLUGIN", 500, "error", NULL,
                              "A plugin cannot be loaded, or no loaded plugin has the type named.",
                              "Check [plugins] Load=; doorctl plugin list shows what is installed." },
  [DOOR_FAULT_CFG_INUSE] = { "DW-CFG-INUSE", 500, "error", NULL,
                             "Another program listens at the address already.",
                             "Find it with ss -ltnp (ss -lxp for a socket file) and stop it, or change "
                             "Http=, Https=, Sockets= or Management= in [listen]." },
  [DOOR_FAULT_HTTP_BADREQUEST] = { "DW-HTTP-BADREQUEST", 400, "info",
                                   N_ ("The request could not be understood."), "The request is malformed.",
                                   "Correct what the text names; where there is none, the log line has it." },
  [DOOR_FAULT_HTTP_NOTFOUND] = { "DW-HTTP-NOTFOUND", 404, "info", N_ ("There is nothing at this address."),
                                 "No route has this path.", "Check the link." },
  [DOOR_FAULT_HTTP_METHOD] = { "DW-HTTP-METHOD", 405, "info", N_ ("This address does not work that way."),
                               "The route exists but not for this method.", "Check the client." },
  [DOOR_FAULT_HTTP_TOOLARGE] = { "DW-HTTP-TOOLARGE", 413, "warning", N_ ("The request is too large."),
                                 "The body exceeds the limit of the route.",
                                 "A real device never sends this." },
  [DOOR_FAULT_HTTP_MEDIATYPE] = { "DW-HTTP-MEDIATYPE", 415, "info",
                                  N_ ("The request has an unexpected content type."),
                                  "The Content-Type is not the one the route takes.", "Check the client." },
  [DOOR_FAULT_HTTP_BUSY] = { "DW-HTTP-BUSY", 503, "error",
                             N_ ("The service is busy. Please try again in a moment."),
                             "The worker queue is full.",
                             "Look for a flood of requests; otherwise give the server more cores." },
  [DOOR_FAULT_DB_UNAVAILABLE] = { "DW-DB-UNAVAILABLE", 503, "error",
                                  N_ ("The service is busy. Please try again in a moment."),
                                  "The database cannot be reached or does not answer in time.",
                                  "Check the database server, disk space and permissions; the server "
                                  "recovers by itself." },
  [DOOR_FAULT_DB_WRITE] = { "DW-DB-WRITE", 503, "error",
                            N_ ("The service is busy. Please try again in a moment."),
                            "The database cannot be written: its disk is full or broken, it was made "
                            "read-only, or it is away. Said once in the log, and again when it is over.",
                            "Check disk space, the kernel's log, mount options and the owner of the file and "
                            "its folder, or the database server; the server recovers by itself." },
  [DOOR_FAULT_DB_SCHEMA] = { "DW-DB-SCHEMA", 503, "critical",
                             N_ ("The service is being updated. Please try again later."),
                             "The database schema does not fit this version.",
                             "Start the newer version once, or restore the backup that fits." },
  [DOOR_FAULT_DB_START] = { "DW-DB-START", 503, "critical", NULL,
                            "The database could not be opened at the start, so the server has ended.",
                            "Check the keys of [database], that the database server runs, or that the folder "
                            "exists, may be written and has space; then start the server again." },
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
                                "Compare ClientId=, Scopes= and the redirect URI with the application at the "
                                "provider." },
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
                                 "Check that this machine reaches the address in the log, and the provider's "
                                 "status page." },
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
                            "Nothing when it is rare: the keys are fetched again. Else check that Issuer= is "
                            "the provider that answers." },
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
  [DOOR_FAULT_INTERNAL] = { "DW-INT-ERROR", 500, "critical",
                            N_ ("Something went wrong here. Your device is fine."), "A bug in Doorward.",
                            "Report the log lines of this request." },
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
                            "EmailDomains of the provider; if a connection has another name now, doorctl idp "
                            "adopt; otherwise treat it as an attempt to take the "
                            "account over." },
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
                                  "Revoke one that is not needed: DELETE /api/v1/tokens/ID, or doorctl token "
                                  "revoke." },
  [DOOR_FAULT_ADM_REFRESH] = { "DW-ADM-REFRESH", 400, "info", NULL,
                               "The refresh token is unknown, was used already, or its session is over.",
                               "Sign in again and get new tokens. When the log says that it was used again, "
                               "a "
                               "copy of it is in other hands, or a client keeps an old one: the session was "
                               "ended for that." },
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
                               "There is a connection to a provider of the same entity id: nobody could tell "
                               "by which of them a person came.",
                               "Use the connection that is named. If there must be two, for different "
                               "purposes, give the new one another Use= and SharedEntityId=true." },
  [DOOR_FAULT_CONN_INVALID] = { "DW-CONN-INVALID", 422, "info", NULL,
                                "What was asked for is no valid connection.",
                                "Correct what the text names; doorward.conf(5) has the keys of [idp/NAME]." },
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
                                     "UTF-8; "
                                     "nothing else is asked of it.",
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
                              "finds "
                              "it." },
  [DOOR_FAULT_SAML_ARTIFACT] = { "DW-SAML-ARTIFACT", 400, "warning",
                                 N_ ("The sign-in answer could not be read."),
                                 "An artifact came that is malformed, of another provider, or by a "
                                 "connection "
                                 "that does not ask for artifacts.",
                                 "Compare the provider's entity id with its metadata, and set "
                                 "ResponseBinding=artifact if it cannot answer otherwise." },
  [DOOR_FAULT_SAML_ARTINDEX] = { "DW-SAML-ARTINDEX", 503, "error",
                                 N_ ("Sign-in does not work at the moment. Please try again later."),
                                 "The provider's metadata has no ArtifactResolutionService over SOAP with "
                                 "the "
                                 "index that the artifact names.",
                                 "Load the provider's current metadata, or set ResponseBinding=post." },
  [DOOR_FAULT_SAML_ARTUSED] = { "DW-SAML-ARTUSED", 403, "warning", N_ ("This sign-in was used already."),
                                "The artifact was presented before, or its request has had its three tries "
                                "to "
                                "resolve one.",
                                "Sign in again. If this happens often, somebody may be sending stolen "
                                "answers: "
                                "look at the log." },
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
                                  "of "
                                  "this connection, so that it knows the key of our question." },
  [DOOR_FAULT_SAML_ARTUNKNOWN] = { "DW-SAML-ARTUNKNOWN", 403, "warning",
                                   N_ ("The sign-in answer could not be accepted."),
                                   "The provider has no message for the artifact: it was used, has expired, "
                                   "was never made, or is kept by another of its servers.",
                                   "Sign in again. If it stays so, the provider's servers do not share their "
                                   "artifacts." },
  [DOOR_FAULT_DEP_TERMS] = { "DW-DEP-TERMS", 503, "error", NULL,
                             "Apple answers T_C_NOT_SIGNED: the organization has not agreed to the present "
                             "terms, so Apple gives no devices and takes no profiles.",
                             "Sign in at business.apple.com (or school.apple.com) with an account that may "
                             "agree to terms, agree, then run doorctl dep sync NAME." },
  [DOOR_FAULT_DEP_DENIED] = { "DW-DEP-DENIED", 503, "error", NULL,
                              "Apple refuses the server token: it was revoked, the server was deleted at "
                              "Apple, or the token is of another organization.",
                              "Download a new server token at Apple and run doorctl dep import-token NAME "
                              "FILE." },
  [DOOR_FAULT_DEP_TOKEN] = { "DW-DEP-TOKEN", 400, "error", NULL,
                             "This is no server token for this server: not a file that Apple Business "
                             "Manager gave, or encrypted for another key.",
                             "Upload the certificate of doorctl dep keypair NAME at Apple, download the "
                             "server token there, and import that file unchanged." },
  [DOOR_FAULT_DEP_EXPIRED] = { "DW-DEP-EXPIRED", 503, "error", NULL,
                               "The server token has expired. Devices are still enrolled by the profiles "
                               "they have, but none is added or changed.",
                               "Download a new server token at Apple and run doorctl dep import-token NAME "
                               "FILE." },
  [DOOR_FAULT_DEP_ANSWER] = { "DW-DEP-ANSWER", 503, "error", NULL,
                              "Apple's service answered something that cannot be understood. Nothing of it "
                              "was stored.",
                              "The log says what was wrong with it. It is tried again; if it stays so, run "
                              "doorctl dep sync NAME --full and report it." },
  [DOOR_FAULT_DEP_UNAVAILABLE] = { "DW-DEP-UNAVAILABLE", 503, "warning", NULL,
                                   "Apple's service cannot be reached, is too slow, or wants to be left "
                                   "alone for now. The list of devices stays as it was.",
                                   "Check that this machine reaches mdmenrollment.apple.com on port 443. It "
                                   "is tried again by itself." },
  [DOOR_FAULT_DEP_PROFILE] = { "DW-DEP-PROFILE", 400, "error", NULL,
                               "The profile for new devices cannot be used: the file of Profile= in "
                               "[ade/NAME] is wrong, or Apple refuses what it says.",
                               "The log and doorctl dep show NAME name the member. Change the file, then run "
                               "doorctl dep sync NAME." },
  [DOOR_FAULT_DEP_DISCOVERY] = { "DW-DEP-DISCOVERY", 503, "warning", NULL,
                                 "Apple does not take the address of service discovery, by which accounts of "
                                 "the organization find this server.",
                                 "ORG_NOT_SUPPORTED: the organization cannot do this; set "
                                 "ServiceDiscovery=false in [ade/NAME]. Otherwise ExternalUrl must be an "
                                 "https address that Apple reaches." },
  [DOOR_FAULT_PUSH_CERTIFICATE] = { "DW-PUSH-CERTIFICATE", 500, "error", NULL,
                                    "There is no usable push certificate, or APNs does not take it: no "
                                    "device "
                                    "is told that something waits for it.",
                                    "See doorctl apns list. Renew it at identity.apple.com/pushcert with "
                                    "the "
                                    "same Apple ID, then doorctl apns import." },
  [DOOR_FAULT_PUSH_TOPIC] = { "DW-PUSH-TOPIC", 500, "error", NULL,
                              "The topic of a push certificate is not the one that devices are enrolled "
                              "with, "
                              "or not the one of the configuration.",
                              "Renew the certificate that devices know at identity.apple.com/pushcert, in "
                              "place of making a new one; take Topic= out of [apple], since it follows from "
                              "the certificate." },
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
                               "copy "
                               "is in other hands, or an answer was lost for longer than half a minute: all "
                               "that the sign-in gave was ended for that." },
  [DOOR_FAULT_TOKEN_TICKET] = { "DW-TOKEN-TICKET", 403, "info",
                                N_ ("This sign-in can no longer be used. Please sign in again."),
                                "The ticket in the address is unknown, expired, revoked or used up, or its "
                                "person is deactivated; a newer sign-in on the same device revokes it.",
                                "Sign in again on the device. If the time is too short, raise "
                                "ProfileLinkLifetime in [sign-in]." },
  [DOOR_FAULT_DEV_OUTDATED] = { "DW-DEV-OUTDATED", 403, "info",
                                N_ ("This device needs a newer system before it can be set up."),
                                "The system is older than MinimumOs of [enrollment] or of the team.",
                                "Update the device, or lower MinimumOs. A device that can, updates itself." },
  [DOOR_FAULT_DEV_UNASSIGNED] = { "DW-DEV-UNASSIGNED", 403, "warning",
                                  N_ ("This device is not one of this organisation's."),
                                  "A device came by Automated Device Enrollment that no server of Apple "
                                  "Business Manager has assigned here.",
                                  "Assign it to this server in Apple Business Manager and wait for the next "
                                  "synchronisation." },
  [DOOR_FAULT_DEV_NOSIGNIN] = { "DW-DEV-NOSIGNIN", 403, "warning",
                                N_ ("Please sign in to set up this device."),
                                "A device asked for its profile without a sign-in, which RequireSignIn asks "
                                "for. Its enrollment profile at Apple may be an old one, without "
                                "configuration_web_url.",
                                "Assign the device its profile again, then erase it. With "
                                "RequireSignIn=false "
                                "it may enroll without a person." },
  [DOOR_FAULT_FLOW_LINK] = { "DW-FLOW-LINK", 403, "info",
                             N_ ("This enrollment link can no longer be used. Please ask for a new one."),
                             "The enrollment link is unknown, revoked, expired or used up, or its team is "
                             "gone or "
                             "has no link in Flows.",
                             "Make a new one: doorctl enroll-link create. doorctl enroll-link list shows "
                             "which "
                             "ones there are." },
  [DOOR_FAULT_EULA_MISSING] = { "DW-EULA-MISSING", 503, "error",
                                N_ ("The document that you need to agree to cannot be shown at the moment."),
                                "The [eula/NAME] that Eula= named at the sign-in is gone, or its File could "
                                "not be read when the configuration was loaded.",
                                "Run doorctl config check, then doorctl config reload." },
  [DOOR_FAULT_EULA_CHANGED] = { "DW-EULA-CHANGED", 409, "info",
                                N_ ("The document has changed since this page was opened."),
                                "What was agreed to is not the document in force, in any of its languages.",
                                "Nothing: the page shows the new one." },
  [DOOR_FAULT_DEV_USER] = { "DW-DEV-USER", 410, "info", N_ ("Your account is not managed on this Mac."),
                            "Somebody with a network account signed in to a Mac, and the team manages no "
                            "such "
                            "users.",
                            "Nothing, or set [enrollment] UserAuthenticate=accept." },
  [DOOR_FAULT_DEV_DECLARATION] = { "DW-DEV-DECLARATION", 404, "info", N_ ("This does not exist."),
                                   "A device asked for a declaration that its team does not have, or not any "
                                   "more.",
                                   "Nothing: the device asks again for the list. doorctl declaration list "
                                   "shows what there is." },
  [DOOR_FAULT_CMD_INVALID] = { "DW-CMD-INVALID", 400, "info",
                               N_ ("The command is not one that the device would take."),
                               "A command does not have the keys, types or values that Apple publishes for"
                               " it, or is not for this kind of device.",
                               "The detail names the key and what is expected. A command that is newer "
                               "than this server can be given as a property list with force." },
  [DOOR_FAULT_CMD_CONFLICT] = { "DW-CMD-CONFLICT", 409, "info",
                                N_ ("The command cannot be queued or taken back as things are."),
                                "The device is not enrolled, the id is that of another command, or the "
                                "command was sent already.",
                                "The detail says which. Look at the commands of the device." },
  [DOOR_FAULT_DEV_CHANNEL] = { "DW-DEV-CHANNEL", 403, "warning",
                               N_ ("Your account is not managed on this Mac."),
                               "A user of a Mac speaks on a channel that has ended, which the Mac itself has "
                               "not.",
                               "Let the user sign in to the Mac again." },
  [DOOR_FAULT_DECL_CONFLICT] = { "DW-DECL-CONFLICT", 409, "info",
                                 N_ ("The declaration does not fit to the others of the team."),
                                 "A declaration is of another Type than before, names a configuration that"
                                 " is not there or is needed by an activation, or the team has as many as "
                                 "it can.",
                                 "The detail says which. doorctl declaration list shows what there is." },
};

/**
 * door_fault_get_info:
 * @fault: an entry of the catalogue, not %DOOR_FAULT_NONE
 *
 * Gets what the catalogue says about an entry. Never blocks.
 *
 * Returns: (transfer none): its texts
 */
const DoorFaultInfo *
door_fault_get_info (DoorFault fault)
{
  g_return_val_if_fail (fault > DOOR_FAULT_NONE && fault < DOOR_N_FAULTS, &catalogue[DOOR_FAULT_INTERNAL]);
  return &catalogue[fault];
}

/**
 * door_fault_from_id:
 * @id: a stable name, "DW-SAML-AUDIENCE"; letter case does not matter
 *
 * Looks an entry up by its stable name. Never blocks.
 *
 * Returns: the entry, %DOOR_FAULT_NONE when there is none of that name
 */
DoorFault
door_fault_from_id (const char *id)
{
  for (int i = DOOR_FAULT_NONE + 1; i < DOOR_N_FAULTS; i++)
    if (g_ascii_strcasecmp (catalogue[i].id, id) == 0)
      return (DoorFault) i;
  return DOOR_FAULT_NONE;
}
