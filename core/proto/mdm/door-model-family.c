/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-model-family.h"

#include <string.h>

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
 * door_model_family_get_title:
 * @family: (nullable): what a device named as its family; not trusted
 *
 * Returns: (transfer none) (nullable): what people call such a device, in every language, "Apple Vision
 *   Pro"; %NULL for a family not known
 */
const char *
door_model_family_get_title (const char *family)
{
  static const char *const titles[][2] = {
    { "iPhone", "iPhone" },    { "iPad", "iPad" },         { "Mac", "Mac" },
    { "AppleTV", "Apple TV" }, { "Watch", "Apple Watch" }, { "RealityDevice", "Apple Vision Pro" },
  };

  for (size_t i = 0; family != NULL && i < G_N_ELEMENTS (titles); i++)
    if (strcmp (family, titles[i][0]) == 0)
      return titles[i][1];
  return NULL;
}
