/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

/* What can go wrong with devices, their identity, commands and what Apple says of them. */
const DoorFaultInfo door_fault_devices[DOOR_N_FAULTS] = {
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
  [DOOR_FAULT_DISC_OFF] = { "DW-DISC-OFF", 403, "info", N_ ("This device cannot be set up in this way here."),
                            "Flows of [enrollment] or of the team does not list the way by which the device "
                            "comes: account, ade or link.",
                            "Add the way that the log names to Flows, if devices may come by it." },
  [DOOR_FAULT_TEAM_UNKNOWN] = { "DW-TEAM-UNKNOWN", 404, "warning", N_ ("This address is not in use."),
                                "A team is named that is not configured, or that an error has switched off.",
                                "Correct the name, or create [team/NAME] and run doorctl config reload; "
                                "doorctl config check names errors. Where a device came by the address, its "
                                "name stands in the service discovery file or in DefaultTeam= of "
                                "[ade/NAME]." },
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
                                "The certificate that signed the renewal is not ours, has expired or "
                                "belongs to an ended enrollment.",
                                "Enroll the device again." },
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
                                   "Check that this machine reaches the service that the detail names: "
                                   "mdmenrollment.apple.com on port 443, unless Server= in [ade/NAME] names "
                                   "another. It is tried again by itself." },
  [DOOR_FAULT_DEP_PROFILE] = { "DW-DEP-PROFILE", 400, "error", NULL,
                               "The profile for new devices cannot be used: the file of Profile= in "
                               "[ade/NAME] is wrong, or Apple refuses what it says.",
                               "The log and doorctl dep show NAME name the member. Change the file, then "
                               "run doorctl dep sync NAME." },
  [DOOR_FAULT_DEP_DISCOVERY] = { "DW-DEP-DISCOVERY", 503, "warning", NULL,
                                 "Apple does not take the address of service discovery, by which accounts "
                                 "of the organization find this server.",
                                 "ORG_NOT_SUPPORTED: the organization cannot do this; set "
                                 "ServiceDiscovery=false in [ade/NAME]. Otherwise ExternalUrl must be an "
                                 "https address that Apple reaches." },
  [DOOR_FAULT_PUSH_CERTIFICATE] = { "DW-PUSH-CERTIFICATE", 500, "error", NULL,
                                    "There is no usable push certificate, or APNs does not take it: no "
                                    "device is told that something waits for it.",
                                    "See doorctl apns list. If there is none, begin with doorctl apns "
                                    "request; else renew it at identity.apple.com/pushcert with the same "
                                    "Apple ID, then doorctl apns import." },
  [DOOR_FAULT_PUSH_KEY] = { "DW-PUSH-KEY", 400, "error", NULL,
                            "The private key of the push certificate is not in the database, and no file "
                            "was named that has it.",
                            "Name the file of the key with --key. If there is none: doorctl apns request, "
                            "have that request signed, and import the certificate that comes of it." },
  [DOOR_FAULT_PUSH_TOPIC] = { "DW-PUSH-TOPIC", 500, "error", NULL,
                              "The topic of a push certificate is not the one that devices are enrolled "
                              "with, or not the one of the configuration.",
                              "Renew the certificate that devices know at identity.apple.com/pushcert, in "
                              "place of making a new one; take Topic= out of [apple], since it follows from "
                              "the certificate." },
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
                                "RequireSignIn=false it may enroll without a person." },
  [DOOR_FAULT_DEV_USER] = { "DW-DEV-USER", 410, "info", N_ ("Your account is not managed on this Mac."),
                            "Somebody with a network account signed in to a Mac, and the team manages no "
                            "such users; or the device has 500 users already, and no more are taken.",
                            "Nothing, or set [enrollment] UserAuthenticate=accept. If there are 500 real "
                            "users, enroll the device again: it begins without users." },
  [DOOR_FAULT_DEV_DECLARATION] = { "DW-DEV-DECLARATION", 404, "info", N_ ("This does not exist."),
                                   "A device asked for a declaration that its team does not have, or not "
                                   "any more.",
                                   "Nothing: the device asks again for the list. doorctl declaration list "
                                   "shows what there is." },
  [DOOR_FAULT_CMD_INVALID] = { "DW-CMD-INVALID", 400, "info",
                               N_ ("The command is not one that the device would take."),
                               "A command does not have the keys, types or values that Apple publishes for "
                               "it, or is not for this kind of device or enrollment.",
                               "The detail names the key and what is expected. A command that is newer than "
                               "this server can be given as a property list, with --force of doorctl or "
                               "\"force\": true of the API." },
  [DOOR_FAULT_CMD_CONFLICT] = { "DW-CMD-CONFLICT", 409, "info",
                                N_ ("The command cannot be queued or taken back as things are."),
                                "The device is not enrolled, the id is that of another command, or the "
                                "command was sent already.",
                                "The detail says which. Look at the commands of the device." },
  [DOOR_FAULT_DEV_CHANNEL] = { "DW-DEV-CHANNEL", 403, "warning",
                               N_ ("Your account is not managed on this Mac."),
                               "A user of a Mac speaks on a channel that has ended, which the Mac itself "
                               "has not.",
                               "Let the user sign in to the Mac again." },
  [DOOR_FAULT_DECL_CONFLICT] = { "DW-DECL-CONFLICT", 409, "info",
                                 N_ ("The declaration does not fit to the others of the team."),
                                 "A declaration is of another Type than before, names a configuration that "
                                 "is not there or is needed by an activation, or the team has as many as it "
                                 "can.",
                                 "The detail says which. doorctl declaration list shows what there is." },
};
