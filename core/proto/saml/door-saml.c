/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml.h"

#include <libxml/parser.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/xmlsec.h>

#include "door-error.h"

/* Nothing a document asks for is ever loaded; libxml2 knows one loader for the whole process. */
static xmlParserInputPtr
load_entity_cb (const char *url, const char *id, xmlParserCtxtPtr context)
{
  g_debug ("refused to load an external entity");
  return NULL;
}

static void
xmlsec_error_cb (const char *file, int line, const char *func, const char *object, const char *subject,
                 int reason, const char *message)
{
  g_debug ("xmlsec: %s: reason %d: %s", func != NULL ? func : "?", reason, message != NULL ? message : "");
}

static void G_GNUC_PRINTF (2, 3) xml_error_cb (void *data, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_debug ("libxml2: %s", g_strchomp (text));
}

/**
 * door_saml_init:
 * @error: return location for an error
 *
 * Prepares libxml2 and xmlsec for the process: no external entity is ever loaded, messages of both libraries
 * go to the debug log. For the whole process this also means that libxml2 opens no file by name, so libgda,
 * which does, comes first. Call it from the main thread before any other thread exists; all other functions
 * of this folder may then be called from any thread. A second call does nothing.
 *
 * Returns: true, or false with %DOOR_ERROR_FAILED when a library cannot be started
 */
bool
door_saml_init (GError **error)
{
  if (xmlGetExternalEntityLoader () == load_entity_cb)
    return true;
  xmlInitParser ();
  xmlSetGenericErrorFunc (NULL, xml_error_cb);
  xmlThrDefSetGenericErrorFunc (NULL, xml_error_cb);
  if (xmlSecInit () < 0 || xmlSecCheckVersion () != 1 || xmlSecCryptoInit () < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "xmlsec could not be started");
      return false;
    }
  xmlSecErrorsSetCallback (xmlsec_error_cb);
  xmlSetExternalEntityLoader (load_entity_cb);
  return true;
}

/**
 * door_saml_shutdown:
 *
 * Releases what door_saml_init() made. Call it once, from the main thread, after every other thread has
 * ended.
 */
void
door_saml_shutdown (void)
{
  xmlSecCryptoShutdown ();
  xmlSecShutdown ();
  xmlCleanupParser ();
}
