#!/bin/bash
# Installs the package that is given in an empty folder, as a user does, and tries all that could be missing from it.
#   bash scripts/try-package.sh release/post-delivery-series-1.0.0.tgz
set -euo pipefail
PACKAGE=$(realpath "$1")
PORT=${PORT:-38081}
URL=http://127.0.0.1:$PORT
WORK=$(mktemp -d)
PID=
failed=0

end() { [ -z "$PID" ] || kill "$PID" 2>/dev/null || true; rm -rf "$WORK"; }
trap end EXIT
check() { # what should hold, what is, what should be
  if [ "$2" = "$3" ]; then echo "ok    $1: $2"; else echo "FAIL  $1: $2, not $3"; failed=1; fi
}
status() { curl -sL -o /dev/null -w '%{http_code}' --max-time 5 "$@" || true; }
series() { npx --no-install post-delivery-series "$@"; }
ends() { series "$@" > out 2>&1 && echo 0 || echo "$?: $(cat out)"; }

cd "$WORK"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund "$PACKAGE"
INSTALLED=node_modules/post-delivery-series
check 'what the package has' "$(cd "$INSTALLED" && echo *)" \
  'CHANGELOG.md LICENSE README.md SECURITY.md bin dist docs openapi package.json'
check 'the command --help' "$(ends --help)" 0
check 'the command openapi' "$(ends openapi)" 0
check 'the command doctor' "$(ends doctor)" 0

# Node itself, and not npx before it, so that the signal reaches it.
PATH=$PWD/node_modules/.bin:$PATH PORT=$PORT node "$INSTALLED/bin/post-delivery-series.mjs" serve > log 2>&1 &
PID=$!
for _ in $(seq 100); do [ "$(status "$URL/health/ready")" = 200 ] && break; sleep 0.1; done
for path in / /page/main.js /page/echarts.js /docs /openapi.json /status '/series?format=csv' '/series?format=svg'; do
  check "$path" "$(status "$URL$path")" 200
done
counted() { curl -s "$URL/series?workspace=$1" | grep -c '"state":"final"' || true; }
for _ in $(seq 50); do [ "$(counted sample)" = 1 ] && break; sleep 0.1; done
check 'the sample is ingested' "$(counted sample)" 1

printf 'Timestamp [UTC],DeliveryLocation\n2026-11-01T10:00:00Z,Quarantine\n' > events.csv
check 'the command import' "$(ends import events.csv)" 0
check 'what was imported is served' \
  "$(curl -s "$URL/series?workspace=default&location=Quarantine&from=2026-11-01&to=2026-11-01" | grep -o '"Quarantine":1')" \
  '"Quarantine":1'
check 'the command verify' "$(ends verify)" 0
check 'the command backup, with its thread' "$(ends backup copy.db)" 0

# Azure is asked in a thread, which finds its libraries; nobody listens on that port.
cat > thread.mjs <<THREAD
import { askBeside } from './$INSTALLED/dist/ingest/azure/ask-beside.js'
const endpoint = 'https://127.0.0.1:9'
const azure = { logAnalyticsEndpoint: endpoint, logAnalyticsAudience: endpoint, graphEndpoint: null, authority: '' }
const service = { kind: 'log-analytics', title: 'Log Analytics', place: '', role: '', whyNoTable: '', rowLimit: 1 }
const settings = { service, azure, timeoutMs: 60_000, retentionDays: 30, anonymous: true }
const session = askBeside.open(settings, { now: () => new Date(), after: () => new Promise(() => {}) })
const question = { kql: 'T', since: '2026-11-01', days: null }
const { error } = await session.send({ name: 'contoso', id: 'x' }, question, new AbortController().signal)
console.log(error.message.match(/ECONNREFUSED/)?.[0] ?? error.message)
process.exit()
THREAD
check 'the thread that asks Azure' "$(PATH=$PWD/node_modules/.bin:$PATH node thread.mjs 2>&1 | tail -n 1)" ECONNREFUSED

kill -TERM "$PID"
wait "$PID" && code=0 || code=$?
PID=
check 'exit status after SIGTERM' "$code" 0
exit $failed
