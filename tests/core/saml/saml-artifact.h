/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "saml-fixture.h"

#define ARTIFACT_URL "https://idp.example.com/artifact"
#define SOAP_NS "http://schemas.xmlsoap.org/soap/envelope/"

char *fixture_artifact (const char *entity_id, unsigned int index, const char *handle);
char *fixture_artifact_answer (const char *response, const char *in_response_to, const char *key);
char *fixture_artifact_metadata (const char *more);
