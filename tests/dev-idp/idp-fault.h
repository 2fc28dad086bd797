/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

#include "idp-answer.h"
#include "idp-config.h"
#include "idp-signer.h"

typedef struct
{
  const char *id;
  const char *text;
  unsigned int shape;
  IdpSignatureKind signature;
  void (*change) (IdpAnswer *answer);
  void (*wrap_response) (xmlNode *response);
  void (*wrap_assertion) (xmlNode *response);
  void (*finish) (xmlNode *response);
  bool not_signed;
  bool repeats_assertion_id;
} IdpFault;

const IdpFault *idp_fault_lookup (const char *id);
const IdpFault *idp_fault_list (size_t *n_faults);
char *idp_fault_build_response (const IdpFault *fault, IdpAnswer *answer, const IdpSigner *signer,
                                IdpSignedParts signed_parts, GError **error);
