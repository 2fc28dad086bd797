/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"

typedef struct
{
  DoorFault fault;
} DoorErrorPrivate;

static void
door_error_private_init (DoorErrorPrivate *priv)
{
  priv->fault = DOOR_FAULT_NONE;
}

static void
door_error_private_copy (const DoorErrorPrivate *src, DoorErrorPrivate *dest)
{
  dest->fault = src->fault;
}

static void
door_error_private_clear (DoorErrorPrivate *priv)
{
}

/**
 * door_error_quark:
 *
 * Gets the domain; write %DOOR_ERROR. Never blocks.
 *
 * Returns: the quark of the domain
 */
G_DEFINE_EXTENDED_ERROR (DoorError, door_error)

/**
 * door_error_set:
 * @error: (nullable): return location for an error
 * @code: what a caller can act on
 * @fault: the entry of the error catalogue
 * @format: printf format of the precise reason, for the log; never shown to a client, never a secret
 * @...: its arguments
 *
 * Sets an error of the domain %DOOR_ERROR that carries a catalogue entry. Its message is UTF-8 whatever the
 * arguments are. Never blocks.
 *
 * Returns: %FALSE, so that a check can end with it
 */
gboolean
door_error_set (GError **error, DoorError code, DoorFault fault, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  va_list args;

  if (error == NULL)
    return FALSE;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  /* a precision counts bytes, and may have cut a character in two */
  valid = g_utf8_make_valid (text, -1);
  *error = g_error_new_literal (DOOR_ERROR, (int) code, valid);
  door_error_get_private (*error)->fault = fault;
  return FALSE;
}

/**
 * door_error_get_fault:
 * @error: (nullable): an error of any domain
 *
 * Gets what went wrong, in the words of the catalogue. Never blocks.
 *
 * Returns: the catalogue entry the error carries, %DOOR_FAULT_NONE when it carries none
 */
DoorFault
door_error_get_fault (const GError *error)
{
  if (error == NULL || error->domain != DOOR_ERROR)
    return DOOR_FAULT_NONE;
  return door_error_get_private (error)->fault;
}

/**
 * door_error_get_info:
 * @error: (nullable): an error of any domain
 *
 * Gets what to tell a person and an administrator about an error. Never blocks.
 *
 * Returns: (transfer none): the texts of the catalogue entry the error carries; one that carries none is a
 * bug of ours
 */
const DoorFaultInfo *
door_error_get_info (const GError *error)
{
  DoorFault fault = door_error_get_fault (error);

  return door_fault_get_info (fault != DOOR_FAULT_NONE ? fault : DOOR_FAULT_INTERNAL);
}

/**
 * door_error_get_user_text:
 * @error: (nullable): an error of any domain
 *
 * Gets what a person is told, who has met what is perhaps for the administrator alone. Never blocks.
 *
 * Returns: (transfer none): one sentence, to be translated
 */
const char *
door_error_get_user_text (const GError *error)
{
  const char *text = door_error_get_info (error)->user_text;

  return text != NULL ? text : door_fault_get_info (DOOR_FAULT_INTERNAL)->user_text;
}
