/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libxml/tree.h>

void idp_wrapping_forged_response_around_original_in_signature (xmlNode *response);
void idp_wrapping_forged_response_beside_original (xmlNode *response);
void idp_wrapping_forged_assertion_before_original (xmlNode *response);
void idp_wrapping_forged_assertion_around_original (xmlNode *response);
void idp_wrapping_forged_assertion_with_signature_before_original (xmlNode *response);
void idp_wrapping_forged_assertion_with_original_in_signature (xmlNode *response);
void idp_wrapping_forged_assertion_in_extensions (xmlNode *response);
void idp_wrapping_forged_assertion_with_original_in_object (xmlNode *response);
