# Stands in for a deploy: notes that it began, takes a while, notes the revision as live, and says so.
# It goes on as long as there is a file BOOK.held.
# Called as: sh fake_deploy.sh BOOK … --ref REVISION. The file BOOK.says, if any, is its answer instead.
book=$1
while [ $# -gt 1 ]; do shift; done
printf 'begin %s %s\n' "$1" "$OPS_OPERATOR" >>"$book"
env >"$book.env"
sleep "$(cat "$book.seconds" 2>/dev/null || echo 0.05)"
while [ -e "$book.held" ]; do sleep 0.05; done
printf 'end %s\n' "$1" >>"$book"
if [ -e "$book.says" ]; then cat "$book.says"; else printf '{"ok": true, "status": "success", "exit_code": 0}\n'; fi
[ ! -e "$book.code" ] || exit "$(cat "$book.code")"
