#!/usr/bin/env bash
# One paid, streamed completion through the proxy, then what is left of today's budget.
set -euo pipefail
base=${1:-http://127.0.0.1:8787/v1}

curl --no-buffer --silent --show-error --include "$base/chat/completions" \
  --header 'content-type: application/json' \
  --data '{"model":"google/gemini-3-flash-preview","stream":true,"max_tokens":200,"messages":[{"role":"user","content":"Say hello in one sentence."}]}'

curl --silent --show-error "$base/budget"
echo
