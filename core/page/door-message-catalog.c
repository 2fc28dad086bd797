/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-message-catalog.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "door-error.h"

#define MAX_BYTES (1024 * 1024)
#define MAX_MESSAGES 10000
#define HEADER_SIZE 20
#define MAGIC 0x950412deu

/* The strings stay in the file; the table points into it. */
struct _DoorMessageCatalog
{
  GBytes *mo;
  GHashTable *messages;
};

typedef struct
{
  const char *data;
  size_t size;
  bool swapped;
} Reader;

static uint32_t
read_u32 (const Reader *self, size_t offset)
{
  uint32_t value;

  memcpy (&value, self->data + offset, sizeof value);
  return self->swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

/* Entry number `index` of the table at `table`; %NULL unless it is a terminated UTF-8 string in the file. */
static const char *
read_string (const Reader *self, size_t table, size_t index)
{
  size_t length = read_u32 (self, table + index * 8);
  size_t offset = read_u32 (self, table + index * 8 + 4);

  if (offset >= self->size || length >= self->size - offset || self->data[offset + length] != '\0' ||
      !g_utf8_validate (self->data + offset, -1, NULL))
    return NULL;
  return self->data + offset;
}

static bool
is_table (const Reader *self, size_t table, size_t n)
{
  return table <= self->size && n <= (self->size - table) / 8;
}

static const char *
fill (DoorMessageCatalog *self, const Reader *reader)
{
  size_t n = read_u32 (reader, 8), ids = read_u32 (reader, 12), texts = read_u32 (reader, 16);

  if (read_u32 (reader, 4) >> 16 != 0 || n > MAX_MESSAGES)
    return "unknown revision or too many messages";
  if (!is_table (reader, ids, n) || !is_table (reader, texts, n))
    return "table outside of the file";
  for (size_t i = 0; i < n; i++)
    {
      const char *id = read_string (reader, ids, i), *text = read_string (reader, texts, i);

      if (id == NULL || text == NULL)
        return "string outside of the file or not UTF-8";
      /* the empty id is the header of the file */
      if (id[0] != '\0' && text[0] != '\0')
        g_hash_table_insert (self->messages, (gpointer) id, (gpointer) text);
    }
  return NULL;
}

/**
 * door_message_catalog_parse:
 * @mo: a compiled message catalogue (GNU gettext, "The Format of GNU MO Files"), either byte order
 * @error: return location for an error
 *
 * Contexts and plural forms are not used here; of a message with plural forms the first one is read.
 * Pure; any thread.
 *
 * Returns: (transfer full): the catalogue, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorMessageCatalog *
door_message_catalog_parse (GBytes *mo, GError **error)
{
  g_autoptr (DoorMessageCatalog) self = g_new0 (DoorMessageCatalog, 1);
  Reader reader = { 0 };
  const char *problem = "not a message catalogue";

  reader.data = g_bytes_get_data (mo, &reader.size);
  self->mo = g_bytes_ref (mo);
  self->messages = g_hash_table_new (g_str_hash, g_str_equal);
  if (reader.size >= HEADER_SIZE && reader.size <= MAX_BYTES)
    {
      reader.swapped = read_u32 (&reader, 0) != MAGIC;
      if (read_u32 (&reader, 0) == MAGIC)
        problem = fill (self, &reader);
    }
  if (problem == NULL)
    return g_steal_pointer (&self);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL, "%s", problem);
  return NULL;
}

/**
 * door_message_catalog_free:
 * @self: (transfer full): a catalogue
 *
 * Frees it.
 */
void
door_message_catalog_free (DoorMessageCatalog *self)
{
  g_hash_table_unref (self->messages);
  g_bytes_unref (self->mo);
  g_free (self);
}

/**
 * door_message_catalog_lookup:
 * @self: a catalogue
 * @text: the English text
 *
 * Returns: (transfer none) (nullable): its translation
 */
const char *
door_message_catalog_lookup (const DoorMessageCatalog *self, const char *text)
{
  return g_hash_table_lookup (self->messages, text);
}
