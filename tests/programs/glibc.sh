#!/usr/bin/env bash
# Unpacks the C library of Debian 13 below the working directory, for a program that needs a
# newer one than the machine has. Nothing is installed.
set -euo pipefail

# Where this machine has its own packages from.
archive=$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 -E '/debian/?$')
mkdir -p apt/lists/partial apt/cache/archives/partial
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] $archive trixie main" > apt/sources.list
options=(-o "Dir::Etc::sourcelist=$PWD/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State::lists=$PWD/apt/lists" -o "Dir::Cache=$PWD/apt/cache" -o Acquire::Languages=none)
apt-get "${options[@]}" -q update
apt-get "${options[@]}" -q download libc6 libgcc-s1
for package in lib*.deb; do dpkg-deb --extract "$package" glibc; done
rm -r apt lib*.deb
