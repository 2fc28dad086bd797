/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms-split.h"

#include <stdbool.h>
#include <string.h>

#include "door-asn1-scan.h"

#define TAG_INTEGER 0x02
#define TAG_OID 0x06
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TAG_CONTEXT_0 0xa0

/* Where a reader stands; the bytes have the form of one BER value. */
typedef struct
{
  const uint8_t *data;
  size_t size;
  size_t pos;
  size_t n_open; /* levels of indefinite length around it */
} Reader;

typedef struct
{
  const uint8_t *data;
  size_t size;
} Piece;

/* A whole element with this tag. */
static bool
take (Reader *self, uint8_t tag, Piece *out)
{
  if (self->pos >= self->size || self->data[self->pos] != tag)
    return false;
  out->data = self->data + self->pos;
  if (!door_asn1_measure (out->data, self->size - self->pos, &out->size))
    return false;
  self->pos += out->size;
  return true;
}

/* Into the element with this tag, which must be the last of those around it. */
static bool
enter (Reader *self, uint8_t tag)
{
  Reader ahead = *self;
  Piece whole;
  uint8_t first;

  if (!take (&ahead, tag, &whole) || ahead.pos + 2 * self->n_open != self->size || whole.size < 2)
    return false;
  first = whole.data[1];
  self->pos += 2;
  if (first == 0x80)
    self->n_open++;
  else if (first > 0x80)
    self->pos += first & 0x7f;
  return true;
}

/* The only element of a list of certificates. */
static bool
take_only (const Piece *list, Piece *certificate)
{
  Reader reader = { list->data, list->size, 0, 0 };

  return enter (&reader, TAG_CONTEXT_0) && take (&reader, TAG_SEQUENCE, certificate) &&
         reader.pos + 2 * reader.n_open == reader.size;
}

static void
append (GByteArray *array, const Piece *piece)
{
  g_byte_array_append (array, piece->data, (guint) piece->size);
}

/**
 * door_cms_split: (skip)
 * @message: a SignedData in DER or BER
 * @certificate: (out) (transfer full): the one certificate inside; written on success
 *
 * Takes the certificate out of a SignedData (RFC 5652, 5.1) that carries exactly one and no revocation
 * lists, so that it need not be decoded when it is known. The other elements stay as they are, byte for
 * byte; those around them get indefinite lengths. Nothing is verified. Never blocks.
 *
 * Returns: (transfer full) (nullable): the message without it, %NULL when it has another form
 */
GBytes *
door_cms_split (GBytes *message, GBytes **certificate)
{
  static const uint8_t outer[] = { TAG_SEQUENCE, 0x80 };
  static const uint8_t inner[] = { TAG_CONTEXT_0, 0x80, TAG_SEQUENCE, 0x80 };
  static const uint8_t ends[6] = { 0 };
  Reader reader = { .pos = 0 };
  Piece type, version, digests, content, certificates, signers, only;
  GByteArray *rest;

  reader.data = g_bytes_get_data (message, &reader.size);
  if (reader.size == 0 || !enter (&reader, TAG_SEQUENCE) || !take (&reader, TAG_OID, &type) ||
      !enter (&reader, TAG_CONTEXT_0) || !enter (&reader, TAG_SEQUENCE) ||
      !take (&reader, TAG_INTEGER, &version) || !take (&reader, TAG_SET, &digests) ||
      !take (&reader, TAG_SEQUENCE, &content) || !take (&reader, TAG_CONTEXT_0, &certificates) ||
      !take (&reader, TAG_SET, &signers) || reader.pos + 2 * reader.n_open != reader.size ||
      !take_only (&certificates, &only))
    return NULL;
  rest = g_byte_array_sized_new ((guint) reader.size);
  g_byte_array_append (rest, outer, sizeof outer);
  append (rest, &type);
  g_byte_array_append (rest, inner, sizeof inner);
  append (rest, &version);
  append (rest, &digests);
  append (rest, &content);
  append (rest, &signers);
  g_byte_array_append (rest, ends, sizeof ends);
  *certificate = g_bytes_new (only.data, only.size);
  return g_byte_array_free_to_bytes (rest);
}
