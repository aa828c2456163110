#!/usr/bin/env bash
# Imports a file, waits for the end, and prints how many rows of it ended where: ./wait-for-import.sh http://127.0.0.1:3000 contacts.csv
# Exits with 0 where every row was imported, 1 where some were not, 2 where the file was refused. Needs bash and curl.
set -euo pipefail
url=$1 file=$2

field() { grep -o "\"$1\":\"[^\"]*" | head -n 1 | cut -d '"' -f 4; }

# The key makes all attempts of curl one import. A file that is refused is not sent again.
accepted=$(curl -sS --retry 8 --retry-connrefused -H "Idempotency-Key: $(date +%s)-$$" -F "file=@$file" "$url/imports")
import=$(field importId <<< "$accepted") || { echo "refused: $accepted" >&2; exit 2; }
token=$(field channelToken <<< "$accepted")

# The server holds each request for a minute, or until the import has ended.
while :; do
  state=$(curl -sS --fail --retry 8 --retry-connrefused -H "Authorization: Bearer $token" -H 'Prefer: wait=60' "$url/imports/$import")
  status=$(field status <<< "$state")
  case $status in
    completed | completed_with_errors | failed | cancelled | undone) break ;;
  esac
  sleep 2
done

echo "$status $(grep -o '"rows":{[^}]*}' <<< "$state")"
if [ "$status" = completed_with_errors ]; then
  curl -sS --fail -H "Authorization: Bearer $token" -o rejected.csv "$url/imports/$import/rejected.csv"
  echo "the rejected rows are in rejected.csv: mend them and import that file" >&2
fi
[ "$status" = completed ]
