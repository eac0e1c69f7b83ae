#!/usr/bin/env bash
# npm run check:alerts: what promtool says of the prometheus sample's configuration, and of what its alerts fire at.
set -euo pipefail
cd "$(dirname "$0")/../sample/05-prometheus"
if ! command -v promtool > /dev/null; then
  echo "Skipped: npm run check:alerts (it needs promtool. Debian: apt-get install prometheus)."
  exit 0
fi
promtool check config prometheus.yml
promtool test rules alerts.test.yml
