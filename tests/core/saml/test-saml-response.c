/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>
#include <time.h>

#define MINUTE INT64_C (60000)
#define AT(minutes, ms) (SAML_NOW_MS + (minutes) *MINUTE + (ms))
/* The window of Conditions is 11:55 to 12:06, that of the confirmation ends at 12:05, the skew is a minute.
 */
#define CONFIRMATION_ENDS "NotOnOrAfter=\"2026-01-01T12:05:00Z\""
#define CONDITIONS_BEGIN "NotBefore=\"2026-01-01T11:55:00Z\""
#define CONDITIONS_END "NotOnOrAfter=\"2026-01-01T12:06:00Z\""
#define SUCCESS "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>"
#define RESPONSE_ISSUER "<saml:Issuer>" SAML_IDP "</saml:Issuer>"
#define ASSERTION_ISSUER                                                                                     \
  "<saml:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">" SAML_IDP "</saml:Issuer>"
#define RESTRICTION                                                                                          \
  "<saml:AudienceRestriction><saml:Audience>" SAML_SP "</saml:Audience></saml:AudienceRestriction>"
#define OTHER_RESTRICTION                                                                                    \
  "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction>"
#define CONFIRMATION(data)                                                                                   \
  "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">" data                         \
  "</saml:SubjectConfirmation>"
#define DATA(attributes) "<saml:SubjectConfirmationData " attributes "/>"
#define GOOD_DATA DATA ("InResponseTo=\"_q1\" " CONFIRMATION_ENDS " Recipient=\"" SAML_ACS "\"")
#define FOREIGN_DATA                                                                                         \
  DATA ("InResponseTo=\"_q1\" " CONFIRMATION_ENDS " Recipient=\"https://evil.example/acs\"")
#define NAME_ID                                                                                              \
  "<saml:NameID "                                                                                            \
  "Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">ada@example.com</saml:NameID>"
#define INSTANT "AuthnInstant=\"2026-01-01T11:50:00Z\""

static const Case cases[] = {
  { "accepted", .fault = DOOR_FAULT_NONE },

  /* structure */
  { "structure/root-name", .sign = "",
    .before = { { "<samlp:Response", "<samlp:ArtifactResponse" },
                { "</samlp:Response>", "</samlp:ArtifactResponse>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "root is not" },
  { "structure/root-namespace", .sign = "",
    .before = { { "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"", "xmlns:samlp=\"urn:other\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "root is not" },
  { "structure/response-version", .before = { { "Version=\"2.0\"", "Version=\"1.1\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "version" },
  { "structure/assertion-version", .before = { { "_a1\" Version=\"2.0\"", "_a1\" Version=\"1.1\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "version" },
  { "structure/response-without-id", .before = { { " ID=\"_r1\"", "" } }, .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "ID is missing" },
  { "structure/response-id-not-ncname", .before = { { " ID=\"_r1\"", " ID=\"1:r\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "NCName" },
  { "structure/assertion-without-id", .sign = "R", .before = { { " ID=\"_a1\"", "" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "ID is missing" },
  { "structure/response-instant",
    .before = { { "IssueInstant=\"2026-01-01T12:00:00Z\"", "IssueInstant=\"noon\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "IssueInstant" },
  { "structure/assertion-instant", .before = { { "IssueInstant=\"2026-01-01T12:00:01Z\"", "" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "IssueInstant" },
  { "structure/no-assertion", .sign = "",
    .before = { { "<saml:Assertion ", "<saml:Evidence " }, { "</saml:Assertion>", "</saml:Evidence>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "exactly one Assertion" },
  { "structure/assertion-not-direct", .sign = "",
    .before = { { "<saml:Assertion ", "<samlp:Extensions><saml:Assertion " },
                { "</saml:Assertion>", "</saml:Assertion></samlp:Extensions>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "exactly one Assertion" },
  { "structure/second-assertion",
    .before = { { "</saml:Assertion>", "</saml:Assertion><saml:Assertion ID=\"_a2\" Version=\"2.0\"/>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "exactly one Assertion" },
  { "structure/assertion-in-advice",
    .before = { { "<saml:AuthnStatement ",
                  "<saml:Advice><saml:Assertion ID=\"_a2\"/></saml:Advice><saml:AuthnStatement " } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "exactly one Assertion" },
  { "structure/assertion-and-encrypted",
    .before = { { "</samlp:Response>", "<saml:EncryptedAssertion/></samlp:Response>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "exactly one Assertion" },
  { "structure/nested-response",
    .before = { { "<samlp:Status>",
                  "<samlp:Extensions><samlp:Response/></samlp:Extensions><samlp:Status>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "Response inside" },
  { "structure/duplicate-id", .sign = "R", .before = { { " ID=\"_a1\"", " ID=\"_r1\"" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "twice" },
  { "structure/duplicate-id-other-case", .before = { { "<samlp:Status>", "<samlp:Status id=\"_a1\">" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "twice" },
  { "structure/duplicate-xml-id", .before = { { "<samlp:Status>", "<samlp:Status xml:id=\"_a1\">" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "twice" },
  { "structure/empty-id", .before = { { "<samlp:Status>", "<samlp:Status Id=\"\">" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "empty" },
  { "structure/two-subjects", .before = { { "<saml:Conditions", "<saml:Subject/><saml:Conditions" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "more than one Subject" },
  { "structure/two-conditions",
    .before = { { "<saml:AuthnStatement", "<saml:Conditions/><saml:AuthnStatement" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "more than one Conditions" },
  { "structure/two-issuers", .before = { { "<saml:Subject>", RESPONSE_ISSUER "<saml:Subject>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "more than one Issuer" },
  { "structure/two-name-ids",
    .before = { { "</saml:NameID>", "</saml:NameID><saml:NameID>eve@example.com</saml:NameID>" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "more than one NameID" },
  { "structure/id-in-a-namespace-is-not-the-id",
    .before = { { " ID=\"_r1\"", " xmlns:x=\"urn:x\" x:ID=\"_r1\"" } }, .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "ID is missing" },

  /* encryption */
  { "encrypted/assertion", .sign = "",
    .before = { { "<saml:Assertion ", "<saml:EncryptedAssertion " },
                { "</saml:Assertion>", "</saml:EncryptedAssertion>" } },
    .fault = DOOR_FAULT_SAML_ENCRYPTED, .reason = "encrypted" },
  { "encrypted/subject", .before = { { NAME_ID, "<saml:EncryptedID/>" } }, .fault = DOOR_FAULT_SAML_ENCRYPTED,
    .reason = "subject" },
  { "encrypted/attribute", .before = { { "<saml:Attribute ", "<saml:EncryptedAttribute/><saml:Attribute " } },
    .fault = DOOR_FAULT_SAML_ENCRYPTED, .reason = "attribute" },

  /* status */
  { "status/missing", .before = { { SUCCESS, "" } }, .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "no StatusCode" },
  { "status/no-status", .before = { { "<samlp:Status>" SUCCESS "</samlp:Status>", "" } },
    .fault = DOOR_FAULT_SAML_STRUCTURE, .reason = "no StatusCode" },
  { "status/two", .before = { { SUCCESS, SUCCESS SUCCESS } }, .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "more than one" },
  { "status/refused-with-assertion", .before = { { "status:Success", "status:Responder" } },
    .fault = DOOR_FAULT_SAML_STATUS, .reason = "status:Responder" },
  { "status/prefix-of-success", .before = { { "status:Success", "status:SuccessOrNot" } },
    .fault = DOOR_FAULT_SAML_STATUS },

  /* what is signed */
  { "signed/nothing", .sign = "", .fault = DOOR_FAULT_SAML_UNSIGNED, .reason = "nothing is signed" },
  { "signed/either-assertion", .sign = "A", .part = DOOR_SIGNED_EITHER },
  { "signed/either-response", .sign = "R", .part = DOOR_SIGNED_EITHER },
  { "signed/either-both", .sign = "AR", .part = DOOR_SIGNED_EITHER },
  { "signed/assertion-wanted", .sign = "A", .part = DOOR_SIGNED_ASSERTION },
  { "signed/assertion-wanted-both", .sign = "AR", .part = DOOR_SIGNED_ASSERTION },
  { "signed/assertion-wanted-response", .sign = "R", .part = DOOR_SIGNED_ASSERTION,
    .fault = DOOR_FAULT_SAML_UNSIGNED, .reason = "Assertion is not signed" },
  { "signed/response-wanted", .sign = "R", .part = DOOR_SIGNED_RESPONSE },
  { "signed/response-wanted-assertion", .sign = "A", .part = DOOR_SIGNED_RESPONSE,
    .fault = DOOR_FAULT_SAML_UNSIGNED, .reason = "Response is not signed" },
  { "signed/both-wanted", .sign = "AR", .part = DOOR_SIGNED_BOTH },
  { "signed/both-wanted-assertion", .sign = "A", .part = DOOR_SIGNED_BOTH, .fault = DOOR_FAULT_SAML_UNSIGNED,
    .reason = "Response is not signed" },
  { "signed/both-wanted-response", .sign = "R", .part = DOOR_SIGNED_BOTH, .fault = DOOR_FAULT_SAML_UNSIGNED,
    .reason = "Assertion is not signed" },

  /* issuer */
  { "issuer/assertion-other",
    .before = { { ASSERTION_ISSUER, "<saml:Issuer>https://evil.example</saml:Issuer>" } },
    .fault = DOOR_FAULT_SAML_ISSUER, .reason = "Issuer of the Assertion" },
  { "issuer/assertion-missing", .before = { { ASSERTION_ISSUER, "" } }, .fault = DOOR_FAULT_SAML_ISSUER,
    .reason = "Assertion has no Issuer" },
  { "issuer/assertion-other-format", .before = { { "nameid-format:entity", "nameid-format:persistent" } },
    .fault = DOOR_FAULT_SAML_ISSUER, .reason = "not an entity" },
  { "issuer/assertion-without-format", .before = { { ASSERTION_ISSUER, RESPONSE_ISSUER } } },
  { "issuer/assertion-markup",
    .before = { { ASSERTION_ISSUER, "<saml:Issuer><b/>" SAML_IDP "</saml:Issuer>" } },
    .fault = DOOR_FAULT_SAML_ISSUER, .reason = "markup" },
  { "issuer/assertion-prefix", .before = { { "entity\">" SAML_IDP "<", "entity\">" SAML_IDP "/<" } },
    .fault = DOOR_FAULT_SAML_ISSUER },
  { "issuer/assertion-case",
    .before = { { "entity\">https://idp.example.com/saml<", "entity\">https://IDP.example.com/saml<" } },
    .fault = DOOR_FAULT_SAML_ISSUER },
  { "issuer/assertion-white-space",
    .before = { { "entity\">" SAML_IDP "<", "entity\">\n  " SAML_IDP "\t<" } } },
  { "issuer/assertion-comment-is-joined",
    .before = { { "entity\">" SAML_IDP "<", "entity\">" SAML_IDP "<!-- -->.evil.example<" } },
    .fault = DOOR_FAULT_SAML_ISSUER },
  { "issuer/response-other",
    .before = { { RESPONSE_ISSUER, "<saml:Issuer>https://evil.example</saml:Issuer>" } },
    .fault = DOOR_FAULT_SAML_ISSUER, .reason = "Issuer of the Response" },
  { "issuer/response-missing", .before = { { RESPONSE_ISSUER, "" } } },

  /* destination */
  { "destination/other",
    .before = { { "Destination=\"" SAML_ACS "\"", "Destination=\"https://evil.example/acs\"" } },
    .fault = DOOR_FAULT_SAML_DESTINATION, .reason = "not our address" },
  { "destination/other-signed", .sign = "R",
    .before = { { "Destination=\"" SAML_ACS "\"", "Destination=\"https://evil.example/acs\"" } },
    .fault = DOOR_FAULT_SAML_DESTINATION, .reason = "not our address" },
  { "destination/empty", .before = { { "Destination=\"" SAML_ACS "\"", "Destination=\"\"" } },
    .fault = DOOR_FAULT_SAML_DESTINATION, .reason = "not our address" },
  { "destination/missing-unsigned", .sign = "A", .before = { { " Destination=\"" SAML_ACS "\"", "" } } },
  { "destination/missing-signed", .sign = "R", .before = { { " Destination=\"" SAML_ACS "\"", "" } },
    .fault = DOOR_FAULT_SAML_DESTINATION, .reason = "has no Destination" },

  /* audience and other conditions */
  { "audience/no-conditions",
    .before = { { "<saml:Conditions " CONDITIONS_BEGIN " " CONDITIONS_END ">" RESTRICTION
                  "</saml:Conditions>",
                  "" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "no Conditions" },
  { "audience/no-restriction", .before = { { RESTRICTION, "" } }, .fault = DOOR_FAULT_SAML_AUDIENCE,
    .reason = "no AudienceRestriction" },
  { "audience/empty-restriction", .before = { { RESTRICTION, "<saml:AudienceRestriction/>" } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "audience/other", .before = { { RESTRICTION, OTHER_RESTRICTION } }, .fault = DOOR_FAULT_SAML_AUDIENCE,
    .reason = "does not name us" },
  { "audience/longer", .before = { { "<saml:Audience>" SAML_SP, "<saml:Audience>" SAML_SP "/" } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "audience/case", .before = { { "<saml:Audience>https://mdm", "<saml:Audience>https://MDM" } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "audience/comment-is-joined",
    .before = { { "</saml:Audience>", "<!-- -->.evil.example</saml:Audience>" } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "audience/markup", .before = { { "</saml:Audience>", "<b/></saml:Audience>" } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "markup" },
  { "audience/one-of-several",
    .before = { { "<saml:Audience>", "<saml:Audience>urn:other</saml:Audience><saml:Audience>" } } },
  { "audience/white-space", .before = { { "<saml:Audience>", "<saml:Audience>\n  " } } },
  { "audience/two-restrictions-both-ours", .before = { { RESTRICTION, RESTRICTION RESTRICTION } } },
  { "audience/two-restrictions-second-other", .before = { { RESTRICTION, RESTRICTION OTHER_RESTRICTION } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "audience/two-restrictions-first-other", .before = { { RESTRICTION, OTHER_RESTRICTION RESTRICTION } },
    .fault = DOOR_FAULT_SAML_AUDIENCE, .reason = "does not name us" },
  { "conditions/one-time-use", .before = { { RESTRICTION, RESTRICTION "<saml:OneTimeUse/>" } } },
  { "conditions/proxy-restriction",
    .before = { { RESTRICTION, RESTRICTION "<saml:ProxyRestriction Count=\"0\"/>" } } },
  { "conditions/unknown", .before = { { RESTRICTION, RESTRICTION "<saml:Condition/>" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not understood" },
  { "conditions/unknown-namespace",
    .before = { { RESTRICTION, RESTRICTION "<x:OneTimeUse xmlns:x=\"urn:x\"/>" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not understood" },

  /* time of the conditions; the confirmation lasts longer here */
  { "time/not-before-with-skew", .now_ms = AT (-7, 0) },
  { "time/early", .now_ms = AT (-7, -1), .fault = DOOR_FAULT_SAML_EARLY, .reason = "valid only from" },
  { "time/last-moment-with-skew",
    .before = { { CONFIRMATION_ENDS, "NotOnOrAfter=\"2026-01-01T13:00:00Z\"" } }, .now_ms = AT (6, -1) },
  { "time/late", .before = { { CONFIRMATION_ENDS, "NotOnOrAfter=\"2026-01-01T13:00:00Z\"" } },
    .now_ms = AT (6, 0), .fault = DOOR_FAULT_SAML_LATE, .reason = "valid only until" },
  { "time/empty-window", .before = { { CONDITIONS_BEGIN, "NotBefore=\"2026-01-01T12:06:00Z\"" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not before" },
  { "time/no-window", .before = { { CONDITIONS_BEGIN " " CONDITIONS_END, "" } } },
  { "time/garbage-begin", .before = { { CONDITIONS_BEGIN, "NotBefore=\"now\"" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not a time" },
  { "time/garbage-end", .before = { { CONDITIONS_END, "NotOnOrAfter=\"2026-13-01T12:06:00Z\"" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not a time" },
  { "time/fraction-is-dropped",
    .before = { { CONDITIONS_BEGIN, "NotBefore=\"2026-01-01T11:55:00.9999999Z\"" } }, .now_ms = AT (-7, 0) },
  { "time/offset-is-converted", .before = { { CONDITIONS_BEGIN, "NotBefore=\"2026-01-01T13:55:00+02:00\"" } },
    .now_ms = AT (-7, 0) },
  { "time/offset-is-converted-early",
    .before = { { CONDITIONS_BEGIN, "NotBefore=\"2026-01-01T13:55:00+02:00\"" } }, .now_ms = AT (-7, -1),
    .fault = DOOR_FAULT_SAML_EARLY },

  /* confirmation */
  { "confirmation/no-subject",
    .before = { { "<saml:Subject>", "<saml:Object>" }, { "</saml:Subject>", "</saml:Object>" } },
    .fault = DOOR_FAULT_SAML_RECIPIENT, .reason = "no bearer" },
  { "confirmation/none", .before = { { CONFIRMATION (GOOD_DATA), "" } }, .fault = DOOR_FAULT_SAML_RECIPIENT,
    .reason = "no bearer" },
  { "confirmation/other-method", .before = { { "cm:bearer", "cm:holder-of-key" } },
    .fault = DOOR_FAULT_SAML_RECIPIENT, .reason = "no bearer" },
  { "confirmation/no-data", .before = { { GOOD_DATA, "" } }, .fault = DOOR_FAULT_SAML_RECIPIENT,
    .reason = "no bearer" },
  { "confirmation/other-recipient", .before = { { GOOD_DATA, FOREIGN_DATA } },
    .fault = DOOR_FAULT_SAML_RECIPIENT, .reason = "not our address" },
  { "confirmation/no-recipient", .before = { { " Recipient=\"" SAML_ACS "\"", "" } },
    .fault = DOOR_FAULT_SAML_RECIPIENT, .reason = "not our address" },
  { "confirmation/last-moment-with-skew", .now_ms = AT (5, -1) },
  { "confirmation/late", .now_ms = AT (5, 0), .fault = DOOR_FAULT_SAML_LATE,
    .reason = "confirmation has expired" },
  { "confirmation/no-end", .before = { { " " CONFIRMATION_ENDS, "" } }, .fault = DOOR_FAULT_SAML_CONDITIONS,
    .reason = "no NotOnOrAfter" },
  { "confirmation/garbage-end", .before = { { CONFIRMATION_ENDS, "NotOnOrAfter=\"soon\"" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not a time" },
  { "confirmation/begin-reached",
    .before = { { CONFIRMATION_ENDS, CONFIRMATION_ENDS " NotBefore=\"2026-01-01T12:02:00Z\"" } } },
  { "confirmation/early",
    .before = { { CONFIRMATION_ENDS, CONFIRMATION_ENDS " NotBefore=\"2026-01-01T12:02:01Z\"" } },
    .fault = DOOR_FAULT_SAML_EARLY, .reason = "confirmation is not valid yet" },
  { "confirmation/garbage-begin",
    .before = { { CONFIRMATION_ENDS, CONFIRMATION_ENDS " NotBefore=\"2026\"" } },
    .fault = DOOR_FAULT_SAML_CONDITIONS, .reason = "not a time" },
  { "confirmation/second-holds",
    .before = { { CONFIRMATION (GOOD_DATA), CONFIRMATION (FOREIGN_DATA) CONFIRMATION (GOOD_DATA) } } },
  { "confirmation/first-holds",
    .before = { { CONFIRMATION (GOOD_DATA), CONFIRMATION (GOOD_DATA) CONFIRMATION (FOREIGN_DATA) } } },
  { "confirmation/none-of-two-holds",
    .before = { { CONFIRMATION (GOOD_DATA), CONFIRMATION (FOREIGN_DATA) CONFIRMATION (FOREIGN_DATA) } },
    .fault = DOOR_FAULT_SAML_RECIPIENT },

  /* InResponseTo */
  { "in-response-to/unsolicited",
    .before = { { " InResponseTo=\"_q1\"", "" }, { "InResponseTo=\"_q1\" ", "" } },
    .fault = DOOR_FAULT_SAML_UNSOLICITED, .reason = "no request" },
  { "in-response-to/unsolicited-signed", .sign = "R",
    .before = { { " InResponseTo=\"_q1\"", "" }, { "InResponseTo=\"_q1\" ", "" } },
    .fault = DOOR_FAULT_SAML_UNSOLICITED, .reason = "no request" },
  { "in-response-to/only-response", .before = { { "Data InResponseTo=\"_q1\" ", "Data " } },
    .fault = DOOR_FAULT_SAML_INRESPONSETO, .reason = "differ" },
  { "in-response-to/only-confirmation", .before = { { " InResponseTo=\"_q1\"", "" } },
    .fault = DOOR_FAULT_SAML_INRESPONSETO, .reason = "differ" },
  { "in-response-to/differ", .before = { { "Data InResponseTo=\"_q1\"", "Data InResponseTo=\"_q2\"" } },
    .fault = DOOR_FAULT_SAML_INRESPONSETO, .reason = "differ" },

  /* AuthnStatement */
  { "authn/none",
    .before = { { "<saml:AuthnStatement ", "<saml:AuthzStatement " },
                { "</saml:AuthnStatement>", "</saml:AuthzStatement>" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "no AuthnStatement" },
  { "authn/no-instant", .before = { { INSTANT, "" } }, .fault = DOOR_FAULT_SAML_AUTHN,
    .reason = "AuthnInstant is missing" },
  { "authn/garbage-instant", .before = { { INSTANT, "AuthnInstant=\"today\"" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "not a time" },
  { "authn/instant-within-skew", .before = { { INSTANT, "AuthnInstant=\"2026-01-01T12:02:00Z\"" } } },
  { "authn/instant-in-the-future", .before = { { INSTANT, "AuthnInstant=\"2026-01-01T12:02:01Z\"" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "in the future" },
  { "authn/session-lasts",
    .before = { { INSTANT, INSTANT " SessionNotOnOrAfter=\"2026-01-01T12:00:01Z\"" } } },
  { "authn/session-ended", .before = { { INSTANT, INSTANT " SessionNotOnOrAfter=\"2026-01-01T12:00:00Z\"" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "has ended" },
  { "authn/garbage-session", .before = { { INSTANT, INSTANT " SessionNotOnOrAfter=\"-\"" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "not a time" },
  { "authn/second-statement-counts",
    .before = { { "<saml:AttributeStatement>",
                  "<saml:AuthnStatement " INSTANT
                  " SessionNotOnOrAfter=\"2026-01-01T12:00:00Z\"/><saml:AttributeStatement>" } },
    .fault = DOOR_FAULT_SAML_AUTHN, .reason = "has ended" },

  /* subject and attributes */
  { "name-id/none", .before = { { NAME_ID, "" } }, .fault = DOOR_FAULT_SAML_NAMEID, .reason = "no NameID" },
  { "name-id/base-id", .before = { { NAME_ID, "<saml:BaseID/>" } }, .fault = DOOR_FAULT_SAML_NAMEID,
    .reason = "no NameID" },
  { "name-id/empty", .before = { { "ada@example.com</saml:NameID>", "</saml:NameID>" } },
    .fault = DOOR_FAULT_SAML_NAMEID, .reason = "empty" },
  { "name-id/blank", .before = { { "ada@example.com</saml:NameID>", " \n</saml:NameID>" } },
    .fault = DOOR_FAULT_SAML_NAMEID, .reason = "empty" },
  { "name-id/markup", .before = { { "ada@example.com</saml:NameID>", "ada@example.com<b/></saml:NameID>" } },
    .fault = DOOR_FAULT_SAML_NAMEID, .reason = "markup" },
  { "attributes/none", .before = { { "<saml:AttributeStatement>", "<saml:OtherStatement>" },
                                   { "</saml:AttributeStatement>", "</saml:OtherStatement>" } } },
  { "attributes/no-name", .before = { { " Name=\"mail\"", "" } }, .fault = DOOR_FAULT_SAML_STRUCTURE,
    .reason = "no Name" },
};

static DoorSamlResponse *
accept (const char *xml)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;
  DoorSamlResponse *response = fixture_verify (xml, &expect, &error);

  g_assert_no_error (error);
  g_assert_nonnull (response);
  return response;
}

static DoorSamlResponse *
accept_edited (const char *find, const char *replace)
{
  Case test = { .before = { { find, replace } } };
  g_autofree char *xml = fixture_build (&test);

  return accept (xml);
}

static void
test_result (void)
{
  static const char *const checks[] = { "structure",      "status",   "signature", "issuer",
                                        "destination",    "audience", "time",      "recipient",
                                        "in-response-to", "session",  NULL };
  g_autoptr (DoorSamlResponse) response =
      accept_edited ("<saml:NameID ", "<saml:NameID NameQualifier=\"q\" SPNameQualifier=\"sp\" ");
  const DoorSubject *subject = door_claims_get_subject (door_saml_response_get_claims (response));

  g_assert_cmpstr (subject->issuer, ==, SAML_IDP);
  g_assert_cmpstr (subject->value, ==, "ada@example.com");
  g_assert_cmpstr (subject->format, ==, "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
  g_assert_cmpstr (subject->name_qualifier, ==, "q");
  g_assert_cmpstr (subject->sp_name_qualifier, ==, "sp");
  g_assert_cmpstr (door_claims_get_string (door_saml_response_get_claims (response), "mail"), ==,
                   "ada@example.com");
  g_assert_cmpstr (door_saml_response_get_assertion_id (response), ==, "_a1");
  g_assert_cmpstr (door_saml_response_get_in_response_to (response), ==, "_q1");
  g_assert_cmpint (door_saml_response_get_expires_at_ms (response), ==, AT (6, 0));
  for (size_t i = 0; i < G_N_ELEMENTS (checks); i++)
    g_assert_cmpstr (door_saml_response_get_checks (response)[i], ==, checks[i]);
}

/* Each confirmation might be used on its own, so a replay must be remembered until the last has ended. */
static void
test_expiry_of_all_confirmations (void)
{
  g_autoptr (DoorSamlResponse) response = accept_edited (
      CONFIRMATION (GOOD_DATA),
      CONFIRMATION (GOOD_DATA) CONFIRMATION (
          DATA ("InResponseTo=\"_q1\" NotOnOrAfter=\"2026-01-01T14:00:00Z\" Recipient=\"" SAML_ACS "\"")));

  g_assert_cmpint (door_saml_response_get_expires_at_ms (response), ==, AT (120, 0));
}

/* Somebody who owns "ada@example.com.evil.example" at the provider cuts it after signing: the signature
 * still holds, since comments are not signed, and the whole text must be read. */
static void
test_comment_in_name_id (void)
{
  Case test = { .before = { { "ada@example.com</saml:NameID>",
                              "ada@example.com.evil.example</saml:NameID>" } },
                .after = { { "ada@example.com.evil", "ada@example.com<!-- -->.evil" } } };
  g_autofree char *xml = fixture_build (&test);
  g_autoptr (DoorSamlResponse) response = accept (xml);

  g_assert_cmpstr (door_claims_get_subject (door_saml_response_get_claims (response))->value, ==,
                   "ada@example.com.evil.example");
}

static void
test_comment_in_attribute (void)
{
  Case test = { .before = { { "ada@example.com</saml:AttributeValue>",
                              "ada@example.com.evil</saml:AttributeValue>" } },
                .after = { { "ada@example.com.evil", "ada@<!-- -->example.com.evil" } } };
  g_autofree char *xml = fixture_build (&test);
  g_autoptr (DoorSamlResponse) response = accept (xml);

  g_assert_cmpstr (door_claims_get_string (door_saml_response_get_claims (response), "mail"), ==,
                   "ada@example.com.evil");
}

static void
test_cdata_in_name_id (void)
{
  g_autoptr (DoorSamlResponse) response =
      accept_edited ("ada@example.com</saml:NameID>", " ada<![CDATA[@example]]>.com\n</saml:NameID>");

  g_assert_cmpstr (door_claims_get_subject (door_saml_response_get_claims (response))->value, ==,
                   "ada@example.com");
}

static void
assert_strings (const DoorClaims *claims, const char *name, const char *expected)
{
  g_auto (GStrv) strings = door_claims_dup_strings (claims, name);
  g_autofree char *joined = g_strjoinv ("|", strings);

  g_assert_cmpstr (joined, ==, expected);
}

#define VALUE(text) "<saml:AttributeValue>" text "</saml:AttributeValue>"

/* Keycloak sends one Attribute for each role; a FriendlyName is another name for it. */
/* No part of a value with elements inside is ever read; the other values are. */
static void
test_attribute_of_elements (void)
{
  g_autoptr (DoorSamlResponse) response =
      accept_edited ("</saml:AttributeStatement>",
                     "<saml:Attribute Name=\"targeted\">" VALUE ("x<saml:NameID>eve</saml:NameID>y")
                         VALUE ("plain") "</saml:Attribute></saml:AttributeStatement>");

  assert_strings (door_saml_response_get_claims (response), "targeted", "plain");
}

static void
test_attributes (void)
{
  g_autoptr (DoorSamlResponse) response = accept_edited (
      "</saml:AttributeStatement>",
      "<saml:Attribute Name=\"Role\">" VALUE ("a") VALUE (
          " b ") "</saml:Attribute>"
                 "<saml:Attribute Name=\"urn:oid:2.5.4.42\" FriendlyName=\"givenName\">" VALUE (
                     "Ada") "</saml:Attribute>"
                            "<saml:Attribute Name=\"urn:oid:0.9\" FriendlyName=\"mail\">" VALUE (
                                "eve@example.com") "</saml:Attribute>"
                                                   "<saml:Attribute Name=\"urn:second\" "
                                                   "FriendlyName=\"givenName\">" VALUE (
                                                       "Eve") "</saml:Attribute>"
                                                              "</"
                                                              "saml:AttributeStatement><saml:"
                                                              "AttributeStatement>"
                                                              "<saml:Attribute Name=\"Role\">" VALUE ("")
                                                                  VALUE (
                                                                      "c") "</saml:Attribute><saml:Attribute "
                                                                           "Name=\"none\"/>"
                                                                           "</saml:AttributeStatement>");
  const DoorClaims *claims = door_saml_response_get_claims (response);

  assert_strings (claims, "Role", "a| b ||c");
  assert_strings (claims, "givenName", "Ada");
  assert_strings (claims, "urn:oid:2.5.4.42", "Ada");
  assert_strings (claims, "mail", "ada@example.com");
  assert_strings (claims, "urn:oid:0.9", "eve@example.com");
  assert_strings (claims, "none", "");
  /* six names and one alias */
  g_assert_cmpuint (g_variant_n_children (door_claims_get_values (claims)), ==, 7);
  g_assert_null (g_variant_lookup_value (door_claims_get_values ((DoorClaims *) claims), "absent", NULL));
}

static void
test_name_id_length (void)
{
  g_autofree char *longest = g_strnfill (1024, 'x');
  g_autofree char *good = g_strdup_printf ("%s</saml:NameID>", longest);
  g_autofree char *bad = g_strdup_printf ("%sx</saml:NameID>", longest);
  g_autoptr (DoorSamlResponse) response = accept_edited ("ada@example.com</saml:NameID>", good);
  Case test = { .before = { { "ada@example.com</saml:NameID>", bad } } };
  g_autofree char *xml = fixture_build (&test);

  g_assert_nonnull (response);
  fixture_assert_refused (xml, DOOR_FAULT_SAML_NAMEID, "too long");
}

static void
test_id_length (void)
{
  g_autofree char *longest = g_strnfill (512, 'x');
  g_autofree char *good = g_strdup_printf ("ID=\"%s\"", longest);
  g_autofree char *bad = g_strdup_printf ("ID=\"%sx\"", longest);
  g_autoptr (DoorSamlResponse) response = accept_edited ("ID=\"_r1\"", good);
  Case test = { .before = { { "ID=\"_r1\"", bad } } };
  g_autofree char *xml = fixture_build (&test);

  g_assert_nonnull (response);
  fixture_assert_refused (xml, DOOR_FAULT_SAML_STRUCTURE, "NCName");
}

/* Anybody can post as many as fit, chosen so that a table takes them all for one. */
static void
test_many_ids (void)
{
  g_autoptr (GString) crowd = g_string_new ("<samlp:Status><samlp:Extensions>");
  Case test = { .before = { { "<samlp:Status>", NULL } } };
  g_autofree char *xml = NULL;

  for (unsigned int i = 0; i < 257; i++)
    {
      g_string_append (crowd, "<a ID=\"_");
      for (unsigned int bit = 1; bit < 1u << 9; bit <<= 1)
        g_string_append (crowd, (i & bit) != 0 ? "Ez" : "FY");
      g_string_append (crowd, "\"/>");
    }
  g_string_append (crowd, "</samlp:Extensions>");
  test.before[0].replace = crowd->str;
  xml = fixture_build (&test);
  fixture_assert_refused (xml, DOOR_FAULT_SAML_STRUCTURE, "too many IDs");
}

/* A provider that refuses sends no assertion; what it says goes to the log, made harmless. */
static void
test_status_text (void)
{
  g_autofree char *whole = fixture_template ();
  g_autofree char *assertion = fixture_cut (whole, "<saml:Assertion", "</saml:Assertion>");
  g_autofree char *bare = fixture_replace (whole, assertion, "");
  g_autofree char *unmarked = fixture_replace (bare, "@R@", "");
  g_autofree char *filler = g_strnfill (400, 'y');
  g_autofree char *status = g_strdup_printf (
      "<samlp:StatusCode Value=\"urn:x:Responder\"><samlp:StatusCode "
      "Value=\"urn:x:Denied\"/></samlp:StatusCode>"
      "<samlp:StatusMessage>AADSTS50105:\n not\xc2\x85 assigned\xe2\x80\xa8 %s</samlp:StatusMessage>",
      filler);
  g_autofree char *xml = fixture_replace (unmarked, SUCCESS, status);
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;

  g_assert_null (fixture_verify (xml, &expect, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_STATUS);
  g_assert_true (g_str_has_prefix (
      error->message, "response: urn:x:Responder / urn:x:Denied: AADSTS50105: not assigned yyy"));
  g_assert_cmpuint (strlen (error->message), >, 280);
  g_assert_cmpuint (strlen (error->message), <=, 300);
}

static void
assert_form_refused (const char *form, size_t length)
{
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_saml_response_verify (form, length, &expect, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_FORM);
}

static void
test_form (void)
{
  Case test = { .name = "" };
  g_autofree char *xml = fixture_build (&test);
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));
  g_autofree char *urlsafe = g_strdup_printf ("-_%s", form);
  g_autofree char *unpadded = g_strdup ("PGE+PC9hPg");

  assert_form_refused ("", 0);
  assert_form_refused (" \n", 2);
  assert_form_refused ("PGE*", 4);
  assert_form_refused (urlsafe, strlen (urlsafe));
  assert_form_refused (unpadded, strlen (unpadded));
}

/* A browser keeps the line breaks a provider puts into the field. */
static void
test_form_white_space (void)
{
  Case test = { .name = "" };
  g_autofree char *xml = fixture_build (&test);
  g_autofree char *form = g_base64_encode ((const guchar *) xml, strlen (xml));
  g_autoptr (GString) lines = g_string_new (form);
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (DoorSamlResponse) response = NULL;
  g_autoptr (GError) error = NULL;

  for (size_t at = 76; at < lines->len; at += 78)
    g_string_insert (lines, (gssize) at, "\r\n");
  response = door_saml_response_verify (lines->str, lines->len, &expect, &error);
  g_assert_no_error (error);
}

static void
test_form_size (void)
{
  g_autofree char *xml = g_strnfill (256 * 1024 + 1, ' ');
  g_autofree char *form = g_base64_encode ((const guchar *) xml, 256 * 1024 + 1);
  g_autofree char *blank = g_strnfill (1024 * 1024 + 1, ' ');

  assert_form_refused (form, strlen (form));
  memcpy (blank, "PGE+PC9hPgo=", 12);
  assert_form_refused (blank, 1024 * 1024 + 1);
  /* one byte less is looked at, and found not to be XML */
  xml[256 * 1024] = '\0';
  fixture_assert_refused (xml, DOOR_FAULT_SAML_XML, "not XML");
}

/* A message by the Redirect binding is compressed; here that is refused. */
static void
test_form_deflated (void)
{
  static const guchar deflated[] = { 0xb3, 0x49, 0xb4, 0xb3, 0xd1, 0x4f, 0xb4, 0x03, 0x00 };
  g_autofree char *form = g_base64_encode (deflated, sizeof deflated);
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_saml_response_verify (form, strlen (form), &expect, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_XML);
}

static DoorSamlResponse *
verify_unsolicited (const char *find, const char *replace, bool allowed, GError **error)
{
  Case test = { .before = { { " InResponseTo=\"_q1\"", "" }, { find, replace } } };
  g_autoptr (DoorSamlMetadata) metadata = fixture_metadata (NULL);
  DoorSamlExpectation expect = fixture_expectation (metadata);
  g_autofree char *xml = fixture_build (&test);

  expect.allow_unsolicited = allowed;
  return fixture_verify (xml, &expect, error);
}

/* Only what answers nothing anywhere, and only where it is allowed. */
static void
test_unsolicited (void)
{
  g_autoptr (GError) error = NULL, half_error = NULL;
  g_autoptr (DoorSamlResponse) refused = verify_unsolicited (" InResponseTo=\"_q1\"", "", false, &error);
  g_autoptr (DoorSamlResponse) half = verify_unsolicited (NULL, NULL, true, &half_error), accepted = NULL;

  g_assert_null (refused);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_UNSOLICITED);
  g_assert_null (half);
  g_assert_cmpint (door_error_get_fault (half_error), ==, DOOR_FAULT_SAML_INRESPONSETO);
  g_clear_error (&error);
  accepted = verify_unsolicited (" InResponseTo=\"_q1\"", "", true, &error);
  g_assert_no_error (error);
  g_assert_null (door_saml_response_get_in_response_to (accepted));
}

static void
test_session (void)
{
  g_autoptr (DoorSamlResponse) plain = accept_edited (INSTANT, INSTANT);
  g_autoptr (DoorSamlResponse) two =
      accept_edited ("<saml:AuthnStatement " INSTANT,
                     "<saml:AuthnStatement " INSTANT
                     " SessionNotOnOrAfter=\"2026-01-01T20:00:00Z\"/><saml:AuthnStatement " INSTANT
                     " SessionNotOnOrAfter=\"2026-01-01T14:00:00Z\"");

  g_assert_cmpstr (door_saml_response_get_session_index (plain), ==, "_s1");
  g_assert_cmpint (door_saml_response_get_session_expires_at_ms (plain), ==, 0);
  g_assert_cmpstr (door_saml_response_get_session_index (two), ==, "_s1");
  g_assert_cmpint (door_saml_response_get_session_expires_at_ms (two), ==,
                   SAML_NOW_MS + INT64_C (119) * 60 * 1000);
}

static void
add_tests (void)
{
  fixture_add_cases ("/saml/response", cases, G_N_ELEMENTS (cases));
  g_test_add_func ("/saml/response/unsolicited-allowed", test_unsolicited);
  g_test_add_func ("/saml/response/session", test_session);
  g_test_add_func ("/saml/response/result", test_result);
  g_test_add_func ("/saml/response/expiry-of-all-confirmations", test_expiry_of_all_confirmations);
  g_test_add_func ("/saml/response/comment-in-name-id", test_comment_in_name_id);
  g_test_add_func ("/saml/response/comment-in-attribute", test_comment_in_attribute);
  g_test_add_func ("/saml/response/cdata-in-name-id", test_cdata_in_name_id);
  g_test_add_func ("/saml/response/attributes", test_attributes);
  g_test_add_func ("/saml/response/attributes-of-elements", test_attribute_of_elements);
  g_test_add_func ("/saml/response/name-id-length", test_name_id_length);
  g_test_add_func ("/saml/response/id-length", test_id_length);
  g_test_add_func ("/saml/response/many-ids", test_many_ids);
  g_test_add_func ("/saml/response/status-text", test_status_text);
  g_test_add_func ("/saml/response/form", test_form);
  g_test_add_func ("/saml/response/form-white-space", test_form_white_space);
  g_test_add_func ("/saml/response/form-size", test_form_size);
  g_test_add_func ("/saml/response/form-deflated", test_form_deflated);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
