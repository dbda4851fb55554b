#!/bin/sh
# Runs a program in a network in which a simulated tenant is Microsoft:
#   as-microsoft.sh PROGRAM [ARGUMENT]...
# Nothing of the machine changes. Where root is not, Linux must let users make namespaces.
set -eu

[ $# -gt 0 ] || { echo "usage: $0 PROGRAM [ARGUMENT]..." >&2; exit 2; }
if [ "$1" != --inside ]; then
  root=
  [ "$(id -u)" = 0 ] || root=--map-root-user
  exec unshare $root --net --mount "$0" --inside "$@"
fi
shift

directory=$(mktemp -d)
ip link set lo up
{
  echo "127.0.0.1 localhost"
  echo "127.0.0.1 graph.microsoft.com login.microsoftonline.com login.windows.net"
  echo "127.0.0.1 login.microsoft.com sts.windows.net"
} >"$directory/hosts"
mount --bind "$directory/hosts" /etc/hosts

o365 simulate --port 443 --as-microsoft --json --certificate "$directory/simulate.pem" \
  >"$directory/started" 2>"$directory/requests" &
server=$!
trap 'kill "$server"; rm -r "$directory"' EXIT
until [ -s "$directory/started" ]; do
  kill -0 "$server" || { cat "$directory/requests" >&2; exit 1; }
  sleep 0.1
done

export NODE_EXTRA_CA_CERTS="$directory/simulate.pem" SSL_CERT_FILE="$directory/simulate.pem"
export REQUESTS_CA_BUNDLE="$directory/simulate.pem" CURL_CA_BUNDLE="$directory/simulate.pem"
"$@"
