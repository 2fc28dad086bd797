# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian packages by purpose, and how to have them; sourced by quickstart and run-tests.

BUILD_PACKAGES="gcc libc6-dev meson ninja-build pkg-config gettext python3-docutils
  libglib2.0-dev libsoup-3.0-dev libxml2-dev libxmlsec1-dev libgnutls28-dev libssl-dev
  libcrypt-dev libgda-5.0-dev libjson-glib-dev libplist-dev libqrencode-dev glib-networking openssl ca-certificates"

TEST_PACKAGES="clang-14 clang-format-14 llvm-14 libclang-rt-14-dev curl libxml2-utils xmlsec1 gnutls-bin
  libgda-5.0-postgres postgresql-15 nginx-light caddy haproxy simplesamlphp php-cli php-xml php-mbstring
  php-curl php-sqlite3
  strongswan-pki libstrongswan-extra-plugins scep chromium libnss3-tools
  python3 python3-lxml python3-cryptography python3-jsonschema python3-jwt python3-psycopg2 jq
  gi-docgen gobject-introspection libgirepository1.0-dev systemd zsh fish"
# where Node.js came from elsewhere it has npm with it, and Debian's would not go beside it
command -v npm >/dev/null || TEST_PACKAGES="$TEST_PACKAGES nodejs npm"

# missing_packages NAME... prints those that are not installed.
missing_packages ()
{
  local name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || printf '%s\n' "$name"
  done
}

# install_packages LOG NAME... installs what is missing; prints how many that were. Services that packages
# bring along are not started: tests start their own, on free ports, and stop them.
install_packages ()
{
  local log=$1 missing policy=/usr/sbin/policy-rc.d made_policy=no status=0
  shift
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    echo 0
    return 0
  fi
  if [ "$(id -u)" -ne 0 ]; then
    echo "these packages are missing; install them as root, then start again:" >&2
    echo "  apt-get install --no-install-recommends" $missing >&2
    return 1
  fi
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made_policy=yes
  fi
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >>"$log" 2>&1 ||
    status=$?
  [ $made_policy = yes ] && rm -f $policy
  if [ $status -ne 0 ]; then
    echo "apt-get failed; the end of $log:" >&2
    tail -n 15 "$log" >&2
    return 1
  fi
  echo "$missing" | wc -w
}

# install_npm LOG installs the identity providers of tests/lib/npm beside their list, once for each list.
install_npm ()
{
  local folder=tests/lib/npm
  if [ ! $folder/node_modules/.package-lock.json -nt $folder/package-lock.json ]; then
    npm ci --prefix $folder --ignore-scripts --no-audit --no-fund >"$1" 2>&1 ||
      { echo "npm ci failed; the end of $1:" >&2; tail -n 15 "$1" >&2; return 1; }
    touch $folder/node_modules/.package-lock.json
  fi
}

# free_port FIRST prints the first TCP port from FIRST on that nobody listens on.
free_port ()
{
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((port + 1))
  done
  echo "$port"
}
