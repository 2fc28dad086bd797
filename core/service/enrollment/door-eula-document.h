/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"

/**
 * DOOR_EULA_MAX_BYTES:
 *
 * Largest document, in bytes: each is kept in memory, and sent to devices on any network.
 */
#define DOOR_EULA_MAX_BYTES (2 * 1024 * 1024)

/**
 * DoorEulaText:
 * @language: "de", or "" for that of the key without a language
 * @bytes: as in the file
 * @is_html: it is HTML; else PDF
 * @sha256: of the bytes
 *
 * A document in one language.
 */
typedef struct
{
  char *language;
  GBytes *bytes;
  bool is_html;
  char *sha256;
} DoorEulaText;

/**
 * DoorEulaDocument:
 * @name: of its group, [eula/NAME]
 * @version: what the administrator calls it
 * @reprompt: ask again who has agreed to it before
 * @texts: (element-type DoorEulaText): the document in each of its languages
 *
 * What must be agreed to before a device is enrolled. Immutable.
 */
typedef struct
{
  char *name;
  char *version;
  bool reprompt;
  GPtrArray *texts;
} DoorEulaDocument;

DoorEulaDocument *door_eula_document_load (const DoorSettings *settings, GError **error);
void door_eula_document_free (DoorEulaDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEulaDocument, door_eula_document_free)

bool door_eula_document_judge (GBytes *bytes, bool *is_html, GError **error);
const DoorEulaText *door_eula_document_lookup_text (const DoorEulaDocument *self, const char *sha256);
const DoorEulaText *door_eula_document_get_text (const DoorEulaDocument *self, const char *language);
void door_eula_documents_diff (const GPtrArray *before, const GPtrArray *after, GPtrArray *lines);
const DoorEulaDocument *door_eula_documents_lookup (const GPtrArray *documents, const char *name);
