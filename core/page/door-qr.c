/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-qr.h"

#include <stdbool.h>
#include <string.h>

#include <qrencode.h>

#include "door-error.h"

/* Light modules around the code (ISO/IEC 18004, quiet zone). */
#define QUIET_MODULES 4
#define MAX_TEXT_BYTES 512

static bool
is_dark (const QRcode *code, int x, int y)
{
  return (code->data[y * code->width + x] & 1) != 0;
}

/* A rectangle for each run of dark modules in a row. */
static void
append_row (GString *path, const QRcode *code, int y)
{
  for (int x = 0, end = 0; x < code->width; x = end + 1)
    {
      for (end = x; end < code->width && is_dark (code, end, y);)
        end++;
      if (end > x)
        g_string_append_printf (path, "M%d %dh%dv1h-%dz", x + QUIET_MODULES, y + QUIET_MODULES, end - x,
                                end - x);
    }
}

/**
 * door_qr_build_path:
 * @text: what the code says, an address
 * @size: (out): width and height of the code, with the light edge it needs
 * @error: return location for an error
 *
 * Draws a QR code (ISO/IEC 18004) of error correction level M as the path of an SVG, in units of a module. It
 * is dark on light; a page that is dark needs a light ground behind it. Pure; any thread.
 *
 * Returns: (transfer full): text of an attribute d, or %NULL with %DOOR_ERROR_INVALID_DATA when the text is
 * too long
 */
char *
door_qr_build_path (const char *text, unsigned int *size, GError **error)
{
  QRcode *code = strlen (text) <= MAX_TEXT_BYTES ? QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M) : NULL;
  GString *path = NULL;

  if (code == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL,
                      "no QR code of %" G_GSIZE_FORMAT " bytes", strlen (text));
      return NULL;
    }
  path = g_string_new (NULL);
  for (int y = 0; y < code->width; y++)
    append_row (path, code, y);
  *size = (unsigned int) code->width + 2 * QUIET_MODULES;
  QRcode_free (code);
  return g_string_free (path, FALSE);
}
