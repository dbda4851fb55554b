#!/bin/sh
# The licence report: everybody who has a licence, then everybody who has none.
set -eu

for report in users-with-licenses-report users-without-licenses-report; do
  o365 run "$report" --simulate
done
