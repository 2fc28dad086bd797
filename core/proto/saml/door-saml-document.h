/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What all messages that come in have in common; internal to this folder. */

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>
#include <libxml/tree.h>

#include "door-saml-metadata.h"

#define DOOR_SAML_MAX_XML_BYTES (256 * 1024)
#define DOOR_SAML_MAX_WORK 1000000 /* about 20 ms for each canonicalisation */

/**
 * DoorSamlCensus: (skip)
 * @responses: elements Response
 * @assertions: elements Assertion
 * @encrypted: elements EncryptedAssertion
 * @signatures: elements Signature
 * @ids: (nullable): every ID
 *
 * What stands in whole documents, wherever.
 */
typedef struct
{
  unsigned int responses;
  unsigned int assertions;
  unsigned int encrypted;
  unsigned int signatures;
  GHashTable *ids;
} DoorSamlCensus;

GBytes *door_saml_document_decode (const char *value, size_t length, const char *what, GError **error);
xmlDoc *door_saml_document_parse (GBytes *xml, GError **error);
bool door_saml_census_take (DoorSamlCensus *self, const xmlNode *root, GError **error);
void door_saml_census_clear (DoorSamlCensus *self);
bool door_saml_document_check_head (const xmlNode *element, GError **error);
bool door_saml_document_check_status (const xmlNode *root, GError **error);
bool door_saml_document_verify_signature (xmlNode *node, xmlNode *element, const DoorSamlMetadata *metadata,
                                          bool allow_sha1, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorSamlCensus, door_saml_census_clear)
