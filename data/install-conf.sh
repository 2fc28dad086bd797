#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# install-conf.sh FILE FOLDER: installs the sample configuration, never over the one of an administrator.
set -eu
target=${DESTDIR:-}$2/$(basename "$1")
if [ -e "$target" ]; then
  echo "Keeping $target"
else
  echo "Installing $1 to $(dirname "$target")"
  install -D -m 640 "$1" "$target"
fi
