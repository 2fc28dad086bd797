/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-model-family.h"

#include <glib.h>

/**
 * door_model_family_from_product:
 * @product: `PRODUCT` of a MachineInfo or `ProductName` of a check-in, "iPhone15,4"
 *
 * Returns: (transfer none) (nullable): the family that service discovery (`model-family`) names for it:
 *   "iPhone", "iPad", "Mac", "AppleTV", "RealityDevice" or "Watch"; %NULL for a product not known
 */
const char *
door_model_family_from_product (const char *product)
{
  static const struct
  {
    const char *prefix;
    const char *family;
  } families[] = {
    { "iPhone", "iPhone" },   { "iPod", "iPhone" }, { "iPad", "iPad" },
    { "Mac", "Mac" },         { "iMac", "Mac" },    { "VirtualMac", "Mac" },
    { "AppleTV", "AppleTV" }, { "Watch", "Watch" }, { "RealityDevice", "RealityDevice" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_has_prefix (product, families[i].prefix))
      return families[i].family;
  return NULL;
}

/**
 * door_model_family_is_mac:
 * @product: a model identifier
 *
 * Returns: whether it is a Mac's
 */
bool
door_model_family_is_mac (const char *product)
{
  return g_strcmp0 (door_model_family_from_product (product), "Mac") == 0;
}
