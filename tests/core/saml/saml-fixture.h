/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-error.h"
#include "door-saml-response.h"

#define SAML_IDP "https://idp.example.com/saml"
#define SAML_SP "https://mdm.example.com/saml/okta"
#define SAML_ACS "https://mdm.example.com/saml/okta/acs"
#define SAML_NOW_MS INT64_C (1767268860000) /* 2026-01-01T12:01:00Z */

#define RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
#define DIGEST_SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define ENVELOPED "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define TRANSFORM(uri) "<ds:Transform Algorithm=\"" uri "\"/>"

/* Replaces the first @find, which must be there; with an empty @find nothing is done. */
typedef struct
{
  const char *find;
  const char *replace;
} Edit;

/* How a signature is made; what is %NULL is as usual. */
typedef struct
{
  const char *key; /* file under keys/, "hmac" for a shared secret */
  const char *method;
  const char *digest;
  const char *c14n;       /* contents of CanonicalizationMethod's tag, after Algorithm */
  const char *transforms; /* elements */
  const char *uri;        /* of the Reference; "" for none */
  const char *extra;      /* elements behind the Reference, in SignedInfo */
  const char *key_info;   /* elements behind SignatureValue */
} Signer;

/* One answer and what becomes of it. */
typedef struct
{
  const char *name;
  Edit before[3];   /* of the template, before signing */
  Edit after[3];    /* of the signed document */
  const char *sign; /* "A", "R", "AR", "" ; NULL is "A" */
  Signer signer;
  const char *trust; /* certificate in the metadata; NULL is "rsa" */
  int64_t now_ms;    /* 0 is the usual instant */
  DoorSignedPart part;
  bool allow_sha1;
  DoorFault fault;    /* 0: accepted */
  const char *reason; /* piece of the error's message */
} Case;

char *fixture_read (const char *name);
GBytes *fixture_read_bytes (const char *name);
char *fixture_replace (const char *text, const char *find, const char *replace);
char *fixture_cut (const char *text, const char *from, const char *to);
char *fixture_template (void);
char *fixture_sign (const char *xml, const char *parts, const Signer *signer);
DoorSamlMetadata *fixture_metadata (const char *trust);
DoorSamlResponse *fixture_verify (const char *xml, const DoorSamlExpectation *expect, GError **error);
DoorSamlExpectation fixture_expectation (const DoorSamlMetadata *metadata);
char *fixture_build (const Case *test);
void fixture_run_case (gconstpointer data);
void fixture_add_cases (const char *prefix, const Case *cases, size_t n_cases);
void fixture_assert_refused (const char *xml, DoorFault fault, const char *reason);
int fixture_run (int argc, char **argv, void (*add) (void));
