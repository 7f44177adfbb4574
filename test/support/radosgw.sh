#!/bin/bash
# usage: radosgw.sh MON_PORT RGW_PORT
#
# One throw-away S3 server for tests, on loopback: a Ceph monitor, one object store daemon in memory, and radosgw.
# Prints "ready ENDPOINT" when requests are answered, then runs until its standard input ends, which it does when the
# process that holds the other end of the pipe stops for any reason, kill -9 included.
# Its users are "owner" and "stranger", with the keys USER-key and the secrets USER-secret.
# Needs Debian's ceph-mon, ceph-osd and radosgw.
set -euo pipefail

mon_port=${1:?a free port for the monitor}
rgw_port=${2:?a free port for the S3 server}

# A script that was itself killed with -9 took its daemons along (see below), but not its folder.
for old in "${TMPDIR:-/tmp}"/savings-radosgw.*; do
  pid=$(cut -d. -f2 <<<"${old##*/}")
  [ ! -d "$old" ] || kill -0 "$pid" 2>/dev/null || rm -rf "$old"
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/savings-radosgw.$$.XXXXXX")
mkdir "$dir"/{mon,osd,rgw,run,log}
daemons=()

stop() {
  trap - EXIT
  # The shell would report each daemon as killed.
  exec 2>/dev/null
  [ ${#daemons[@]} -eq 0 ] || kill -9 "${daemons[@]}" || true
  wait || true
  rm -rf "$dir"
}
fail() {
  echo "radosgw.sh: $1" >&2
  tail -n 20 "$dir"/log/* >&2 2>/dev/null || true
  exit 1
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

fsid=$(cat /proc/sys/kernel/random/uuid)
conf=$dir/ceph.conf
cat >"$conf" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$mon_port]
mon initial members = a
public addr = 127.0.0.1
public network = 127.0.0.0/8
ms bind ipv4 = true
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = $dir/keyring
run dir = $dir/run
admin socket = $dir/run/\$name.\$pid.asok
pid file =
log file = $dir/log/\$name.log
log to stderr = false
mon cluster log file = $dir/log/cluster.log
mon data = $dir/mon
osd data = $dir/osd
rgw data = $dir/rgw

# One copy of everything, in memory, and map changes proposed at once: a start takes seconds rather than a minute.
mon allow pool size one = true
mon warn on pool no redundancy = false
paxos propose interval = 0.01
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
osd memory target = 939524096
memstore device bytes = 1073741824
debug osd = 0
debug ms = 0

rgw frontends = beast endpoint=127.0.0.1:$rgw_port tcp_nodelay=1
rgw thread pool size = 16
rgw s3 auth use keystone = false
# Listings come in pages of at most this many, so that a few objects show whether all of the pages are read.
rgw max listing results = 50
CONF
export CEPH_CONF=$conf
export CEPH_ARGS=

# A daemon is told by the kernel to stop when this script is killed without a chance to clean up.
daemon() {
  setpriv --pdeathsig KILL "$@" </dev/null >>"$dir/log/output.log" 2>&1 &
  daemons+=($!)
}

monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port]" "$dir/monmap" >/dev/null
ceph-authtool --create-keyring "$dir/keyring" --gen-key -n mon. --cap mon 'allow *' >/dev/null
ceph-authtool "$dir/keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' >/dev/null
ceph-mon --mkfs -i a --monmap "$dir/monmap" --keyring "$dir/keyring"
daemon ceph-mon -f -i a

osd_uuid=$(cat /proc/sys/kernel/random/uuid)
osd=$(timeout 30 ceph osd new "$osd_uuid") || fail 'the monitor did not start'
ceph auth get-or-create "osd.$osd" mon 'allow profile osd' osd 'allow *' >>"$dir/keyring"
ceph-osd -i "$osd" --mkfs --osd-uuid "$osd_uuid" >>"$dir/log/output.log" 2>&1
ceph osd crush add "osd.$osd" 1 root=default 2>/dev/null
daemon ceph-osd -f -i "$osd"

daemon radosgw -f -n client.admin
for attempt in $(seq 300); do
  curl --silent --output /dev/null --max-time 5 "http://127.0.0.1:$rgw_port/" && break
  [ "$attempt" -lt 300 ] || fail 'radosgw did not answer'
  kill -0 "${daemons[@]}" 2>/dev/null || fail 'a daemon ended'
  sleep 0.1
done
for user in owner stranger; do
  radosgw-admin user create --uid=$user --display-name=$user \
    --access-key=$user-key --secret-key=$user-secret >/dev/null 2>>"$dir/log/output.log"
done

echo "ready http://127.0.0.1:$rgw_port"
cat >/dev/null
