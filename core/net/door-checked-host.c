/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checked-host.h"

#include <string.h>

struct _DoorCheckedHost
{
  GNetworkAddress parent_instance; /* what TLS compares the certificate with */
  GPtrArray *addresses;            /* of GSocketAddress */
};

/* Gives the addresses one after the other. */
#define CHECKED_TYPE_ENUMERATOR (checked_enumerator_get_type ())
G_DECLARE_FINAL_TYPE (CheckedEnumerator, checked_enumerator, CHECKED, ENUMERATOR, GSocketAddressEnumerator)

struct _CheckedEnumerator
{
  GSocketAddressEnumerator parent_instance;
  GPtrArray *addresses;
  guint next;
};

G_DEFINE_FINAL_TYPE (CheckedEnumerator, checked_enumerator, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static GSocketAddress *
checked_enumerator_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
  CheckedEnumerator *self = CHECKED_ENUMERATOR (enumerator);

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || self->next == self->addresses->len)
    return NULL;
  return g_object_ref (g_ptr_array_index (self->addresses, self->next++));
}

static void
checked_enumerator_finalize (GObject *object)
{
  g_ptr_array_unref (CHECKED_ENUMERATOR (object)->addresses);
  G_OBJECT_CLASS (checked_enumerator_parent_class)->finalize (object);
}

static void
checked_enumerator_class_init (CheckedEnumeratorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = checked_enumerator_finalize;
  G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass)->next = checked_enumerator_next;
}

static void
checked_enumerator_init (CheckedEnumerator *self)
{
}

static GSocketAddressEnumerator *
enumerate (GSocketConnectable *connectable)
{
  CheckedEnumerator *enumerator = g_object_new (CHECKED_TYPE_ENUMERATOR, NULL);

  enumerator->addresses = g_ptr_array_ref (DOOR_CHECKED_HOST (connectable)->addresses);
  return G_SOCKET_ADDRESS_ENUMERATOR (enumerator);
}

static void
init_connectable (GSocketConnectableIface *iface)
{
  iface->enumerate = enumerate;
  iface->proxy_enumerate = enumerate; /* never by a proxy, which would resolve the name for itself */
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DoorCheckedHost, door_checked_host, G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, init_connectable))

static void
door_checked_host_finalize (GObject *object)
{
  g_ptr_array_unref (DOOR_CHECKED_HOST (object)->addresses);
  G_OBJECT_CLASS (door_checked_host_parent_class)->finalize (object);
}

static void
door_checked_host_class_init (DoorCheckedHostClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = door_checked_host_finalize;
}

static void
door_checked_host_init (DoorCheckedHost *self)
{
  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
}

/* One address that may not be makes all of them suspect. */
static bool
take_addresses (DoorCheckedHost *self, GList *found, uint16_t port, DoorAddressScope least, GError **error)
{
  for (const GList *at = found; at != NULL; at = at->next)
    {
      if (door_address_scope_of (at->data) < least)
        {
          g_autofree char *text = g_inet_address_to_string (at->data);

          g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is not a public address", text);
          return false;
        }
      g_ptr_array_add (self->addresses, g_inet_socket_address_new (at->data, port));
    }
  return true;
}

/**
 * door_checked_host_new:
 * @uri: an http or https address
 * @least: how far each of its addresses must reach
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks for the addresses of a host, once, and refuses it if one of them does not reach far enough. Blocks on
 * the resolver.
 *
 * Returns: (transfer full): the host, or %NULL with an error, %G_IO_ERROR_PERMISSION_DENIED when an address
 *   is refused
 */
DoorCheckedHost *
door_checked_host_new (GUri *uri, DoorAddressScope least, GCancellable *cancellable, GError **error)
{
  const char *name = g_uri_get_host (uri);
  uint16_t standard = strcmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
  uint16_t port = g_uri_get_port (uri) > 0 ? (uint16_t) g_uri_get_port (uri) : standard;
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, name, cancellable, error);
  g_autoptr (DoorCheckedHost) self = NULL;
  bool good;

  if (found == NULL)
    return NULL;
  self = g_object_new (DOOR_TYPE_CHECKED_HOST, "hostname", name, "port", (guint) port, NULL);
  good = take_addresses (self, found, port, least, error);
  g_resolver_free_addresses (found);
  return good ? g_steal_pointer (&self) : NULL;
}
