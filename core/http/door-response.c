/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-response.h"

#include <string.h>

#include "door-error.h"

typedef struct
{
  char *name;
  char *value;
} Header;

struct _DoorResponse
{
  unsigned int status;
  GArray *headers; /* Header */
  GBytes *body;
};

/* Nothing is inline, nobody may frame us. */
#define CONTENT_SECURITY_POLICY(form_action)                                                                 \
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action " form_action                           \
  "; frame-ancestors 'none'; base-uri 'none'"

static void
header_clear (gpointer item)
{
  Header *header = item;

  g_free (header->name);
  g_free (header->value);
}

/**
 * door_response_new:
 * @status: HTTP status
 *
 * Returns: (transfer full): a response without headers and body
 */
DoorResponse *
door_response_new (unsigned int status)
{
  DoorResponse *self = g_new0 (DoorResponse, 1);

  self->status = status;
  self->headers = g_array_new (FALSE, FALSE, sizeof (Header));
  g_array_set_clear_func (self->headers, header_clear);
  self->body = g_bytes_new_static ("", 0);
  return self;
}

/**
 * door_response_new_text:
 * @status: HTTP status
 * @content_type: media type, "application/json"
 * @text: the body, copied
 *
 * Returns: (transfer full): a response with that body
 */
DoorResponse *
door_response_new_text (unsigned int status, const char *content_type, const char *text)
{
  DoorResponse *self = door_response_new (status);

  door_response_take_body (self, g_bytes_new (text, strlen (text)), content_type);
  return self;
}

/* printable ASCII: what needs more must be percent-encoded by who builds the address */
static bool
is_location (const char *location)
{
  if (*location == '\0')
    return false;
  for (const char *c = location; *c != '\0'; c++)
    if (*c <= ' ' || *c >= 0x7f)
      return false;
  return true;
}

/**
 * door_response_new_redirect:
 * @status: 302, 303, 307 or 308
 * @location: where to, an absolute address or a path; also of a custom scheme
 * @error: return location for an error
 *
 * Returns: (transfer full): the redirect, or %NULL with %DOOR_ERROR_INVALID_DATA when @location has a space,
 *   a control character or is not ASCII
 */
DoorResponse *
door_response_new_redirect (unsigned int status, const char *location, GError **error)
{
  DoorResponse *self;

  if (!is_location (location))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL,
                      "the address of a redirect has a forbidden character");
      return NULL;
    }
  self = door_response_new (status);
  door_response_set_header (self, "Location", location);
  return self;
}

/**
 * door_response_set_retry_after:
 * @self: the answer for @error
 * @error: why there is no better answer
 *
 * Says when to try again, where that helps. Databases are back after seconds, a queue is shorter in a moment,
 * and the limit for an address counts minutes; devices that get no hint wait far longer.
 */
void
door_response_set_retry_after (DoorResponse *self, const GError *error)
{
  DoorFault fault = door_error_get_fault (error);

  if (fault == DOOR_FAULT_FLOW_RATE || fault == DOOR_FAULT_ADM_TRIES)
    door_response_set_header (self, "Retry-After", "60");
  else if (fault == DOOR_FAULT_HTTP_BUSY)
    door_response_set_header (self, "Retry-After", "1");
  else if (door_response_status_for_error (error) == 503)
    door_response_set_header (self, "Retry-After", "5");
}

/**
 * door_response_new_for_error:
 * @error: why there is no better answer
 * @request_id: id of the request
 *
 * Makes a plain answer that tells the client no more than the catalogue says: of a failure of ours the text
 * for persons, of a request that is wrong what is wrong with such.
 *
 * Returns: (transfer full): the response
 */
DoorResponse *
door_response_new_for_error (const GError *error, const char *request_id)
{
  const DoorFaultInfo *info = door_error_get_info (error);
  bool tells_people = info->user_text != NULL || info->status >= 500;
  g_autofree char *text =
      g_strdup_printf ("%s\n%s %s\n", tells_people ? door_error_get_user_text (error) : info->admin_text,
                       info->id, request_id);
  DoorResponse *response =
      door_response_new_text (door_response_status_for_error (error), "text/plain; charset=utf-8", text);

  door_response_set_retry_after (response, error);
  return response;
}

/**
 * door_response_free:
 * @self: (transfer full): a response
 */
void
door_response_free (DoorResponse *self)
{
  g_array_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}

/**
 * door_response_set_status:
 * @self: a response
 * @status: HTTP status
 */
void
door_response_set_status (DoorResponse *self, unsigned int status)
{
  self->status = status;
}

/**
 * door_response_add_header:
 * @self: a response
 * @name: name of the header, a constant of ours
 * @value: its value
 *
 * Adds one more header, as Set-Cookie needs it.
 *
 * Returns: false, and nothing is added, when @value has a line break or another control character
 */
bool
door_response_add_header (DoorResponse *self, const char *name, const char *value)
{
  Header header;

  for (const char *c = value; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return false;
  header.name = g_strdup (name);
  header.value = g_strdup (value);
  g_array_append_val (self->headers, header);
  return true;
}

/**
 * door_response_set_header:
 * @self: a response
 * @name: name of the header, a constant of ours
 * @value: its value
 *
 * Sets a header in place of any other of that name.
 *
 * Returns: false, and nothing is changed, when @value has a line break or another control character
 */
bool
door_response_set_header (DoorResponse *self, const char *name, const char *value)
{
  guint before = self->headers->len;

  if (!door_response_add_header (self, name, value))
    return false;
  for (guint i = before; i-- > 0;)
    if (g_ascii_strcasecmp (g_array_index (self->headers, Header, i).name, name) == 0)
      g_array_remove_index (self->headers, i);
  return true;
}

/**
 * door_response_allow_form_redirects:
 * @self: a page
 *
 * Lets a form of the page end at another site. Browsers hold every redirect that follows a form against its
 * page's form-action (CSP Level 3, 6.4.1), and an identity provider may send people on to hosts of its own.
 */
void
door_response_allow_form_redirects (DoorResponse *self)
{
  door_response_set_header (self, "Content-Security-Policy", CONTENT_SECURITY_POLICY ("'self' https:"));
}

/**
 * door_response_allow_form_to:
 * @self: a page
 * @url: where its form leads, from an identity provider's metadata
 * @error: return location for an error
 *
 * Lets the form of a page lead to one other site, and nowhere else.
 *
 * Returns: false with %DOOR_ERROR_CONFIG when @url has no origin that can stand in a header
 */
bool
door_response_allow_form_to (DoorResponse *self, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* it was checked where it came from */
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  g_autofree char *bracketed = NULL, *policy = NULL;

  if (host == NULL || strpbrk (host, " ;,'\"\t\r\n") != NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA,
                           "the provider's address has no host that a page may name");
  bracketed = strchr (host, ':') != NULL ? g_strdup_printf ("[%s]", host) : g_strdup (host);
  policy = g_uri_get_port (uri) > 0
               ? g_strdup_printf (CONTENT_SECURITY_POLICY ("%s://%s:%d"), g_uri_get_scheme (uri), bracketed,
                                  g_uri_get_port (uri))
               : g_strdup_printf (CONTENT_SECURITY_POLICY ("%s://%s"), g_uri_get_scheme (uri), bracketed);
  return door_response_set_header (self, "Content-Security-Policy", policy);
}

/**
 * door_response_allow_own_frames:
 * @self: a page
 *
 * Lets the page show documents of this server in frames.
 */
void
door_response_allow_own_frames (DoorResponse *self)
{
  door_response_set_header (self, "Content-Security-Policy",
                            CONTENT_SECURITY_POLICY ("'self'") "; frame-src 'self'");
}

/**
 * door_response_take_body:
 * @self: a response
 * @body: (transfer full): the body
 * @content_type: (nullable): its media type
 */
void
door_response_take_body (DoorResponse *self, GBytes *body, const char *content_type)
{
  g_bytes_unref (self->body);
  self->body = body;
  if (content_type != NULL)
    door_response_set_header (self, "Content-Type", content_type);
}

static void
set_default (DoorResponse *self, const char *name, const char *value)
{
  if (door_response_lookup_header (self, name) == NULL)
    door_response_add_header (self, name, value);
}

/**
 * door_response_add_defaults:
 * @self: a response
 * @request_id: id of the request
 *
 * Adds the headers every answer of ours carries, where the handler has not set its own. The engine calls it.
 */
void
door_response_add_defaults (DoorResponse *self, const char *request_id)
{
  const char *type = door_response_lookup_header (self, "Content-Type");

  door_response_set_header (self, "X-Request-Id", request_id);
  set_default (self, "X-Content-Type-Options", "nosniff");
  set_default (self, "Cache-Control", "no-store");
  set_default (self, "Referrer-Policy", "no-referrer");
  /* no page of another site embeds what is for the person at this browser */
  set_default (self, "Cross-Origin-Resource-Policy", "same-origin");
  if (type != NULL && g_ascii_strncasecmp (type, "text/html", strlen ("text/html")) == 0)
    {
      /* no form may lead to another site */
      set_default (self, "Content-Security-Policy", CONTENT_SECURITY_POLICY ("'self'"));
      set_default (self, "Cross-Origin-Opener-Policy", "same-origin");
    }
}

/**
 * door_response_get_status:
 * @self: a response
 *
 * Returns: its HTTP status
 */
unsigned int
door_response_get_status (const DoorResponse *self)
{
  return self->status;
}

/**
 * door_response_lookup_header:
 * @self: a response
 * @name: a name, letter case does not matter
 *
 * Returns: (transfer none) (nullable): the first value of that name
 */
const char *
door_response_lookup_header (const DoorResponse *self, const char *name)
{
  for (guint i = 0; i < self->headers->len; i++)
    {
      const Header *header = &g_array_index (self->headers, Header, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return header->value;
    }
  return NULL;
}

/**
 * door_response_get_n_headers:
 * @self: a response
 *
 * Returns: how many headers it has
 */
size_t
door_response_get_n_headers (const DoorResponse *self)
{
  return self->headers->len;
}

/**
 * door_response_get_header_name:
 * @self: a response
 * @i: which header
 *
 * Returns: (transfer none): its name
 */
const char *
door_response_get_header_name (const DoorResponse *self, size_t i)
{
  return g_array_index (self->headers, Header, i).name;
}

/**
 * door_response_get_header_value:
 * @self: a response
 * @i: which header
 *
 * Returns: (transfer none): its value
 */
const char *
door_response_get_header_value (const DoorResponse *self, size_t i)
{
  return g_array_index (self->headers, Header, i).value;
}

/**
 * door_response_get_body:
 * @self: a response
 *
 * Returns: (transfer none): its body, empty when there is none
 */
GBytes *
door_response_get_body (const DoorResponse *self)
{
  return self->body;
}

/**
 * door_response_status_for_error:
 * @error: an error of any domain
 *
 * The one place where errors become HTTP: the catalogue entry decides, without one the code, and what is
 * not ours is a bug.
 *
 * Returns: the HTTP status
 */
unsigned int
door_response_status_for_error (const GError *error)
{
  DoorFault fault = door_error_get_fault (error);

  if (fault != DOOR_FAULT_NONE)
    return door_fault_get_info (fault)->status;
  if (error == NULL || error->domain != DOOR_ERROR)
    return 500;
  switch ((DoorError) error->code)
    {
    case DOOR_ERROR_INVALID_DATA:
    case DOOR_ERROR_NOT_SUPPORTED:
      return 400;
    case DOOR_ERROR_NOT_AUTHENTICATED:
      return 401;
    case DOOR_ERROR_NOT_ALLOWED:
      return 403;
    case DOOR_ERROR_NOT_FOUND:
      return 404;
    case DOOR_ERROR_CONFLICT:
      return 409;
    case DOOR_ERROR_UNAVAILABLE:
    case DOOR_ERROR_CONFIG:
      return 503;
    case DOOR_ERROR_FAILED:
      break;
    }
  return 500;
}
