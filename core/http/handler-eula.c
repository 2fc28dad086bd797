/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-eula.h"
#include "door-handlers.h"
#include "door-language.h"
#include "door-paths.h"
#include "door-token.h"

#define MAX_FIELDS 4
#define DOCUMENT "/document?sha256="

/* The administrator's document is shown, and does nothing else: no script, no form, nothing from elsewhere,
 * an origin of its own, and only in a frame of ours or by itself. */
#define DOCUMENT_POLICY                                                                                      \
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action "      \
  "'none'; base-uri 'none'; frame-ancestors 'self'"

/* Those of [eula/NAME]; what has none stands for the language that texts of ours are written in. */
static const DoorEulaText *
choose_text (DoorRequest *request, const DoorEulaDocument *document)
{
  g_autoptr (GPtrArray) languages = g_ptr_array_new ();
  g_autofree char *wish = NULL;
  const char *chosen;

  for (guint i = 0; i < document->texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (document->texts, i);

      g_ptr_array_add (languages, *text->language != '\0' ? text->language : (gpointer) DOOR_LANGUAGE_SOURCE);
    }
  g_ptr_array_add (languages, NULL);
  /* a parameter given twice is no reason to fail: it only picks a language */
  if (!door_request_lookup_query (request, "lang", &wish, NULL))
    wish = NULL;
  chosen = door_language_choose ((const char *const *) languages->pdata, wish, NULL,
                                 door_request_get_header (request, "Accept-Language"));
  return door_eula_document_get_text (document, chosen);
}

static DoorResponse *
render_document_page (const DoorWeb *web, DoorRequest *request, const DoorEulaDocument *document,
                      bool changed, GError **error)
{
  const char *ticket = door_request_get_path_param (request, "ticket");
  const DoorEulaText *text = choose_text (request, document);
  g_autofree char *action = g_strconcat (DOOR_PATH_EULA (""), ticket, NULL);
  g_autofree char *url = g_strconcat (action, DOCUMENT, text->sha256, NULL);
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);
  DoorResponse *response;

  if (text->is_html)
    g_variant_dict_insert (&data, "frame_url", "s", url);
  g_variant_dict_insert (&data, "document_url", "s", url);
  g_variant_dict_insert (&data, "action", "s", action);
  g_variant_dict_insert (&data, "sha256", "s", text->sha256);
  g_variant_dict_insert (&data, "version", "s", document->version);
  g_variant_dict_insert (&data, "changed", "b", changed);
  response = door_web_render (web, request, "eula", g_variant_dict_end (&data), error);
  if (response != NULL)
    door_response_allow_own_frames (response);
  return response;
}

/* A link, since a form may lead neither to the device's own scheme nor to another host (CSP form-action). */
static DoorResponse *
render_agreed (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autofree char *url =
      g_strconcat (DOOR_PATH_CONTINUE (""), door_request_get_path_param (request, "ticket"), NULL);
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&data, "url", "s", url);
  return door_web_render (web, request, "eula-agreed", g_variant_dict_end (&data), error);
}

static DoorResponse *
render_declined (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autofree char *url =
      g_strconcat (DOOR_PATH_EULA (""), door_request_get_path_param (request, "ticket"), NULL);
  GVariantDict data = G_VARIANT_DICT_INIT (NULL);

  g_variant_dict_insert (&data, "url", "s", url);
  return door_web_render (web, request, "eula-declined", g_variant_dict_end (&data), error);
}

/* The ticket is known to who may answer, and to nobody else. A browser that says that the answer comes from a
 * page of another site is believed all the same; one that says nothing is too old to, and this page tells its
 * address to nobody, so that the origin of its form may be "null" (Fetch 3.2; Fetch Metadata 2.3). */
static bool
check_site (const DoorWeb *web, DoorRequest *request, GError **error)
{
  const char *ours = door_policy_get_external_url (web->service->policy);
  const char *site = door_request_get_header (request, "Sec-Fetch-Site");
  const char *origin = door_request_get_header (request, "Origin");
  bool other = site != NULL ? !g_str_equal (site, "same-origin")
                            : origin != NULL && !g_str_equal (origin, "null") &&
                                  g_ascii_strcasecmp (origin, ours) != 0;

  return !other || door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_ORIGIN,
                                   "Sec-Fetch-Site %.40s, Origin %.100s", site != NULL ? site : "absent",
                                   origin != NULL ? origin : "absent");
}

/* What has changed is shown once more, with a word about it. */
static DoorResponse *
agree (const DoorWeb *web, DoorRequest *request, const DoorEulaAnswer *answer, GError **error)
{
  g_auto (DoorEulaTicket) found = { NULL };
  g_autoptr (GError) failure = NULL;
  DoorResponse *response;

  if (door_eula_agree (web->service, answer, &failure))
    return render_agreed (web, request, error);
  if (door_error_get_fault (failure) != DOOR_FAULT_EULA_CHANGED)
    return door_web_refuse_ticket (web, request, failure, error);
  if (!door_eula_open (web->service, answer->ticket, answer->cancellable, &found, error))
    return NULL;
  response = render_document_page (web, request, found.document, true, error);
  if (response != NULL)
    door_response_set_status (response, door_response_status_for_error (failure));
  return response;
}

static DoorResponse *
decline (const DoorWeb *web, DoorRequest *request, const DoorEulaAnswer *answer, GError **error)
{
  g_autoptr (GError) failure = NULL;

  return door_eula_decline (web->service, answer, &failure)
             ? render_declined (web, request, error)
             : door_web_refuse_ticket (web, request, failure, error);
}

static DoorResponse *
take_answer (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autoptr (DoorForm) form = NULL;
  const char *sha256 = NULL, *decision = NULL;
  DoorEulaAnswer answer = {
    .ticket = door_request_get_path_param (request, "ticket"),
    .address = door_request_get_peer (request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };

  if (!check_site (web, request, error))
    return NULL;
  form = door_request_parse_form (request, MAX_FIELDS, error);
  if (form == NULL || !door_form_lookup (form, "sha256", &sha256, error) ||
      !door_form_lookup (form, "decision", &decision, error))
    return NULL;
  answer.sha256 = sha256 != NULL ? sha256 : "";
  if (g_strcmp0 (decision, "agree") == 0)
    return agree (web, request, &answer, error);
  if (g_strcmp0 (decision, "decline") == 0)
    return decline (web, request, &answer, error);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "the form has no decision");
  return NULL;
}

/**
 * door_handle_eula:
 * @context: a #DoorWeb
 * @request: GET, or POST of one of its two forms; the path has a ticket
 * @error: return location for an error
 *
 * Where people read what they must agree to, and say so. What they have agreed to already is not asked again.
 *
 * Returns: (transfer full): a page, or %NULL with an error
 */
DoorResponse *
door_handle_eula (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (DoorEulaTicket) found = { NULL };
  g_autoptr (GError) failure = NULL;

  if (g_str_equal (door_request_get_method (request), "POST"))
    return take_answer (web, request, error);
  if (!door_eula_open (web->service, door_request_get_path_param (request, "ticket"),
                       door_request_get_cancellable (request), &found, &failure))
    return door_web_refuse_ticket (web, request, failure, error);
  return door_token_is_agreed (found.token)
             ? render_agreed (web, request, error)
             : render_document_page (web, request, found.document, false, error);
}

/**
 * door_handle_eula_document:
 * @context: a #DoorWeb
 * @request: GET, with the parameter sha256; the path has a ticket
 * @error: return location for an error
 *
 * The document itself, byte for byte, for a frame of the page or to be looked at alone. The hash in the
 * address makes it the one that the page is about. Who has no ticket gets none.
 *
 * Returns: (transfer full): the document, or %NULL with an error
 */
DoorResponse *
door_handle_eula_document (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (DoorEulaTicket) found = { NULL };
  g_autofree char *sha256 = NULL;
  const DoorEulaText *text = NULL;
  DoorResponse *response;

  if (!door_request_lookup_query (request, "sha256", &sha256, error) ||
      !door_eula_open (web->service, door_request_get_path_param (request, "ticket"),
                       door_request_get_cancellable (request), &found, error))
    return NULL;
  if (sha256 != NULL && found.document != NULL)
    text = door_eula_document_lookup_text (found.document, sha256);
  if (text == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "no document has that hash");
      return NULL;
    }
  response = door_response_new (200);
  door_response_take_body (response, g_bytes_ref (text->bytes),
                           text->is_html ? "text/html; charset=utf-8" : "application/pdf");
  /* a browser shows no PDF in a sandbox, and runs no script of one as HTML */
  door_response_set_header (response, "Content-Security-Policy",
                            text->is_html ? DOCUMENT_POLICY : "frame-ancestors 'none'");
  if (*text->language != '\0')
    door_response_set_header (response, "Content-Language", text->language);
  return response;
}

/**
 * door_handle_continue:
 * @context: a #DoorWeb
 * @request: GET; the path has a ticket
 * @error: return location for an error
 *
 * Where a plain link leads from the last page, since no form may: on to what the sign-in was for, or back to
 * what is still to be agreed to.
 *
 * Returns: (transfer full): a redirect or a page, or %NULL with an error
 */
DoorResponse *
door_handle_continue (gpointer context, DoorRequest *request, GError **error)
{
  return door_web_send_onward (context, request, door_request_get_path_param (request, "ticket"), error);
}
