# A Python that the account can run, and an environment made with it. Sourced by as-account.
# shellcheck shell=bash

OLD_ENOUGH='import sys; sys.exit(sys.version_info < (3, 11))'
REQUIREMENTS='
import sys, tomllib
project = tomllib.load(sys.stdin.buffer)
groups = [project["dependency-groups"][name] for name in sys.argv[1:]]
print(*project["project"]["dependencies"], *(line for group in groups for line in group), sep="\n")
'

# Prints candidates, best first: the caller's choice, then by version in each folder.
python_candidates() {
  local version folder folders
  printf '%s\n' "${PYTHON:-}"
  IFS=: read -ra folders <<<"$PATH:/usr/local/bin:/usr/bin"
  for version in 3.14 3.13 3.12 3.11 3; do
    for folder in "${folders[@]}"; do
      printf '%s\n' "$folder/python$version"
    done
  done
}

# Root's own Python may lie where the account cannot look, so the account tries each.
find_python() {
  local candidate
  while read -r candidate; do
    if [ -x "$candidate" ] && as_account "$candidate" -c "$OLD_ENOUGH" 2>/dev/null </dev/null; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done < <(python_candidates)
  return 1
}

install_python() {
  apt_install python3 python3-venv
  PYTHON_FOUND=$(find_python) || die "no Python 3.11 or newer that $ACCOUNT can run; set PYTHON"
}

# Debian ships Python without what `venv` needs; root can add it or bring virtualenv instead.
make_venv() {
  local folder=$1
  as_account "$PYTHON_FOUND" -m venv "$folder" >/dev/null 2>&1 && return
  as_account rm -rf "$folder"
  [ "$(id -u)" -eq 0 ] || die "python -m venv fails; try: sudo apt-get install python3-venv"
  apt_install python3-venv || true
  as_account "$PYTHON_FOUND" -m venv "$folder" >/dev/null 2>&1 && return
  as_account rm -rf "$folder"
  make_venv_with_virtualenv "$folder"
}

make_venv_with_virtualenv() {
  local tools=$ACCOUNT_HOME/.cache/mantodeus-ops/virtualenv
  as_account mkdir -p "$tools"
  python3 -m pip install -q --root-user-action ignore --target "$tools" virtualenv
  chmod -R a+rX "$tools"
  as_account env PYTHONPATH="$tools" "$PYTHON_FOUND" -m virtualenv -q "$1"
}

# Makes or reuses the environment; a stamp of what is in it saves asking pip every time.
make_environment() {
  local folder=$1 wanted
  wanted=$("$PYTHON_FOUND" -c "$REQUIREMENTS" "${GROUPS_WANTED[@]}" <"$CHECKOUT/pyproject.toml")
  if as_account "$folder/bin/python" -c "$OLD_ENOUGH" 2>/dev/null; then
    [ "$(as_account cat "$folder/wanted" 2>/dev/null)" != "$wanted" ] || return 0
  else
    as_account rm -rf "$folder"
    make_venv "$folder"
  fi
  say "installing Python packages"
  printf '%s\n' "$wanted" | as_account tee "$folder/wanted.new" >/dev/null
  as_account "$folder/bin/python" -m pip install -q -r "$folder/wanted.new"
  as_account mv "$folder/wanted.new" "$folder/wanted"
}
