/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-directory.h"
#include "door-idp.h"

/* The interfaces by name: these tests are about the loader and must not need what is behind them. */
static inline GType
test_interface (const char *name, size_t size)
{
  GType type = g_type_from_name (name);

  if (type == 0)
    {
      type = g_type_register_static_simple (G_TYPE_INTERFACE, g_intern_string (name), (unsigned int) size,
                                            NULL, 0, NULL, 0);
      g_type_interface_add_prerequisite (type, G_TYPE_OBJECT);
    }
  return type;
}

#define TEST_TYPE_IDP (test_interface ("DoorIdp", sizeof (DoorIdpInterface)))
#define TEST_TYPE_DIRECTORY (test_interface ("DoorDirectory", sizeof (DoorDirectoryInterface)))
