/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-asn1-scan.h"

#define MAX_TAG_BYTES 4
#define MAX_LENGTH_BYTES 4

typedef struct
{
  bool constructed;
  bool indefinite;
  bool end_of_contents;
  size_t length;
} Header;

typedef struct
{
  size_t limit; /* no byte of this level is at or behind it */
  bool indefinite;
} Level;

static bool
skip_high_tag (const uint8_t *data, size_t limit, size_t *pos)
{
  for (int i = 0; i < MAX_TAG_BYTES && *pos < limit; i++)
    if ((data[(*pos)++] & 0x80) == 0)
      return true;
  return false;
}

static bool
read_length (const uint8_t *data, size_t limit, size_t *pos, Header *header)
{
  uint8_t first;

  if (*pos >= limit)
    return false;
  first = data[(*pos)++];
  header->indefinite = first == 0x80;
  header->length = first & 0x7f;
  if (first > 0x80)
    {
      size_t count = first & 0x7f;

      if (count > MAX_LENGTH_BYTES || count > limit - *pos)
        return false;
      header->length = 0;
      for (size_t i = 0; i < count; i++)
        header->length = header->length << 8 | data[(*pos)++];
    }
  return header->length <= limit - *pos && (!header->indefinite || header->constructed);
}

static bool
read_header (const uint8_t *data, size_t limit, size_t *pos, Header *header)
{
  uint8_t tag;

  if (*pos >= limit)
    return false;
  tag = data[(*pos)++];
  header->constructed = (tag & 0x20) != 0;
  if ((tag & 0x1f) == 0x1f && !skip_high_tag (data, limit, pos))
    return false;
  if (!read_length (data, limit, pos, header))
    return false;
  header->end_of_contents = tag == 0;
  return tag != 0 || header->length == 0;
}

/**
 * door_asn1_measure:
 * @data: (array length=size): bytes from outside
 * @size: their number
 * @length: (out): bytes of the first value; written on success
 *
 * Walks the tags and lengths of the BER or DER value (X.690, 8.1) that the bytes begin with, as
 * door_asn1_scan() does. Never blocks.
 *
 * Returns: whether there is one
 */
bool
door_asn1_measure (const uint8_t *data, size_t size, size_t *length)
{
  Level levels[DOOR_ASN1_MAX_DEPTH + 1] = { { .limit = size } };
  unsigned int depth = 0, elements = 0;
  size_t pos = 0;

  do
    {
      Header header;

      if (++elements > DOOR_ASN1_MAX_ELEMENTS || !read_header (data, levels[depth].limit, &pos, &header))
        return false;
      if (header.end_of_contents)
        {
          if (!levels[depth].indefinite)
            return false;
          depth--;
        }
      else if (header.constructed)
        {
          if (depth == DOOR_ASN1_MAX_DEPTH)
            return false;
          levels[depth + 1].limit = header.indefinite ? levels[depth].limit : pos + header.length;
          levels[++depth].indefinite = header.indefinite;
        }
      else
        pos += header.length;

      while (depth > 0 && !levels[depth].indefinite && pos == levels[depth].limit)
        depth--;
    }
  while (depth > 0);
  *length = pos;
  return true;
}

/**
 * door_asn1_scan:
 * @data: (array length=size): bytes from outside
 * @size: their number
 *
 * Walks the tags and lengths of one BER or DER value (X.690, 8.1) without recursion, before any library
 * that recurses or allocates sees it: at most %DOOR_ASN1_MAX_DEPTH levels, at most
 * %DOOR_ASN1_MAX_ELEMENTS elements, every length inside its parent, nothing behind the value. Contents
 * of primitive elements are not looked at. Never blocks.
 *
 * Returns: whether the bytes have this form
 */
bool
door_asn1_scan (const uint8_t *data, size_t size)
{
  size_t length;

  return door_asn1_measure (data, size, &length) && length == size;
}
