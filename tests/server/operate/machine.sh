#!/bin/sh
# A machine in small: systemd as the first process of namespaces of its own, which starts the unit
# of packaging/. What is written below /etc, /usr/bin and /var stays in PLACE.
#
#   unshare --mount --pid --fork --uts --ipc --cgroup --kill-child machine.sh PLACE BINARY PACKAGING
set -eu
place=$1 binary=$2 packaging=$3

# Before /proc is that of the namespace: the process id outside of it.
read -r pid rest < /proc/self/stat
echo "$pid" > "$place/pid"

mount --make-rprivate /
mount -t proc proc /proc
umount --recursive /sys/fs/cgroup
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
mount -t tmpfs tmpfs /run
for directory in etc usr/bin var; do
  layers=$place/layers/$directory
  mkdir -p "$layers/upper" "$layers/work"
  mount -t overlay -o "lowerdir=/$directory,upperdir=$layers/upper,workdir=$layers/work" overlay "/$directory"
done
# The place, which may be below /tmp, where the unit has directories of its own.
mkdir /run/machine
mount --bind "$place" /run/machine
place=/run/machine

systemd-sysusers "$packaging/systemd/o365.sysusers"
cp "$packaging/systemd/o365.service" /etc/systemd/system/
touch /usr/bin/o365
mount --bind "$binary" /usr/bin/o365
mount -t tmpfs -o mode=1777 tmpfs /tmp
# Credentials are mounted by processes of systemd's, in namespaces of their own.
mount --make-rshared /
mkdir -p /etc/o365/secrets
cp "$place/o365.toml" /etc/o365/
install -m 0600 "$place/secret" /etc/o365/secrets/contoso

# The unit is alone on its machine, and prints for the test.
mkdir -p /etc/systemd/system/o365.service.d
cat > /etc/systemd/system/o365.service.d/machine.conf << END
[Unit]
DefaultDependencies=no
# The machine ends when the unit fails again and again.
StartLimitAction=exit-force
[Service]
StandardOutput=file:$place/stdout
StandardError=file:$place/stderr
$(cat "$place/drop-in")
END
ln -sf /dev/null /etc/systemd/system/network-online.target
cat > /etc/systemd/system/machine.target << END
[Unit]
DefaultDependencies=no
Wants=o365.service
END
mkfifo "$place/stdout" "$place/stderr"
# Open for writing, too, so that they do not end with a server that is started again.
cat <> "$place/stdout" &
cat <> "$place/stderr" >&2 &
export container=test
exec /lib/systemd/systemd --system --unit=machine.target --show-status=no --log-target=null
