/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

const char *door_model_family_from_product (const char *product);
