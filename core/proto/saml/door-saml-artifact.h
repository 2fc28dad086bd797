/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-metadata.h"
#include "door-saml-sp-key.h"

/* In base64, which is as long for every artifact. */
#define DOOR_SAML_ARTIFACT_LENGTH 60
#define DOOR_SAML_SOURCE_ID_SIZE 20
#define DOOR_SAML_HANDLE_SIZE 20
/* A Response as large as one by HTTP-POST, and what stands around it. */
#define DOOR_SAML_SOAP_MAX_BYTES ((size_t) (256 + 32) * 1024)

/**
 * DoorSamlArtifact:
 * @endpoint_index: which of the provider's services has the message
 * @source_id: SHA-1 of the provider's entity id
 * @handle: what the message is called there
 *
 * What stands for a message by the HTTP-Artifact binding (SAML bindings 3.6.4, type 0x0004).
 */
typedef struct
{
  unsigned int endpoint_index;
  uint8_t source_id[DOOR_SAML_SOURCE_ID_SIZE];
  uint8_t handle[DOOR_SAML_HANDLE_SIZE];
} DoorSamlArtifact;

/**
 * DoorSamlArtifactResolve:
 * @id: ID of the message, an NCName nobody can guess
 * @issued_at_ms: milliseconds since 1970, UTC
 * @destination: the provider's artifact resolution service
 * @issuer: our entity id
 * @artifact: what is to be resolved, in base64
 * @signing_key: what signs it; no message goes out without
 *
 * An ArtifactResolve of ours (SAML core 3.5.1).
 */
typedef struct
{
  const char *id;
  int64_t issued_at_ms;
  const char *destination;
  const char *issuer;
  const char *artifact;
  const DoorSamlSpKey *signing_key;
} DoorSamlArtifactResolve;

/**
 * DoorSamlArtifactExpectation:
 * @metadata: the identity provider that was asked
 * @request_id: ID of our ArtifactResolve
 * @allow_sha1: whether signatures with SHA-1 are tolerated
 *
 * What the answer of an artifact resolution service is measured against.
 */
typedef struct
{
  const DoorSamlMetadata *metadata;
  const char *request_id;
  bool allow_sha1;
} DoorSamlArtifactExpectation;

bool door_saml_artifact_parse (const char *text, size_t length, DoorSamlArtifact *out, GError **error);
bool door_saml_artifact_is_from (const DoorSamlArtifact *self, const char *entity_id);
char *door_saml_artifact_build_resolve (const DoorSamlArtifactResolve *message, GError **error);
char *door_saml_artifact_read_answer (GBytes *soap, const DoorSamlArtifactExpectation *expect,
                                      GError **error);
