# SPDX-License-Identifier: LGPL-2.1-or-later
"""Small file systems that only this process and those it starts see; they are gone when it ends."""

import ctypes
import os

import tap

CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


def _must(result, what):
    if result != 0:
        raise tap.Skip(f"{what}: {os.strerror(ctypes.get_errno())}; it needs the right to mount")


def enter():
    """From here on what this process mounts is its own. Call it before threads are started."""
    _must(libc.unshare(CLONE_NEWNS), "no mounts of its own")
    _must(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mounts cannot be made private")


def mount_small(folder, n_bytes, mode=0o700):
    """An empty file system of that size in memory."""
    options = f"size={n_bytes},mode={mode:o}".encode()
    _must(libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, options), "no file system in memory")


def make_read_only(folder):
    """The folder cannot be written through its name any more."""
    name = os.fsencode(folder)
    _must(libc.mount(name, name, None, MS_BIND, None), "no second mount")
    _must(libc.mount(name, name, None, MS_BIND | MS_REMOUNT | MS_RDONLY, None), "no mount that is read only")


def unmount(folder):
    libc.umount2(os.fsencode(folder), 2)  # MNT_DETACH


def fill(path):
    """Takes all the space that is left; gives the name of the file that has it."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return path
