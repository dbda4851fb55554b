#!/bin/sh
# Makes the root directory of the image: packaging/rootfs.sh BINARY DIRECTORY
#
# The libraries are those of the machine that built the binary, so they fit it. Since glibc 2.34,
# libc looks up names itself, and needs no further library for that.
set -eu

binary=$1
root=$2

install -D -m 0755 "$binary" "$root/usr/bin/o365"
ldd "$binary" | grep -o '/[^ ]*' | while read -r library; do
  install -D -m 0755 "$library" "$root$library"
done
install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
echo 'o365:x:65532:65532::/var/lib/o365:/usr/sbin/nologin' > "$root/etc/passwd"
echo 'o365:x:65532:' > "$root/etc/group"

# Where volumes are mounted. Without them, the user can write there, too.
install -d -m 0755 "$root/etc/o365"
for directory in var/lib/o365 var/cache/o365; do
  install -d -m 0700 "$root/$directory"
  # A test that is not root makes them for itself.
  [ "$(id -u)" != 0 ] || chown 65532:65532 "$root/$directory"
done
