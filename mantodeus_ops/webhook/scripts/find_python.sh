# Finds a Python that can run this tool, or unpacks the tool on the host.
# $1 look, with $2 the folder with installed copies; or put, with $2 the folder to create and $3 the sha256 of the archive.
ops_pythons() {
  local version folder
  local -a folders
  IFS=: read -ra folders <<<"$PATH:/usr/local/bin:/usr/bin:$HOME/.local/bin:$HOME/bin"
  for version in 3.14 3.13 3.12 3.11 3; do
    for folder in "${folders[@]}"; do [[ ! -x $folder/python$version ]] || printf '%s\n' "$folder/python$version"; done
    printf '%s\n' "$HOME"/.pyenv/versions/"$version"*/bin/python3 "$HOME"/.local/share/uv/python/*-"$version"*/bin/python3
  done
}

# The version is not enough: Debian's Python lacks venv and ensurepip unless they are installed.
ops_able='
import sys
if sys.version_info < (3, 11): print("old")
else:
    try: import ensurepip, venv; print("yes")
    except ImportError: print("bare")
'

ops_look() {
  local python able
  while read -r python; do
    [[ -x $python ]] || continue
    able=$(timeout 20 "$python" -c "$ops_able" 2>/dev/null </dev/null)
    [[ -n $able ]] || continue
    printf 'python\t%s\t%s\t%s\n' "$able" "$python" "$(timeout 20 "$python" -c 'import sys; print(sys.version.split()[0])')"
    [[ $able != yes ]] || break
  done < <(ops_pythons)
  local made
  for made in "$1"/*/complete; do [[ ! -e $made ]] || printf 'have\t%s\n' "$(basename -- "${made%/complete}")"; done
}

# Unpacks the archive if it arrived completely.
ops_put() {
  # shellcheck disable=SC2174 # umask makes those above it private
  rm -rf -- "$1" "$1.partial" && mkdir -p -m 700 -- "$1.partial" || return
  cat >"$1.partial/tool.tar.gz" || return
  [[ $(sha256sum <"$1.partial/tool.tar.gz" | cut -d' ' -f1) == "$2" ]] || { echo "the tool did not arrive completely" >&2; return 1; }
  tar -xzf "$1.partial/tool.tar.gz" -C "$1.partial" --no-same-owner && rm -f -- "$1.partial/tool.tar.gz" || return
  : >"$1.partial/complete"
  mv -- "$1.partial" "$1" || return
  printf 'result\tdone\n'
}

if [[ $1 == put ]]; then
  ops_put "$2" "$3"
else
  ops_look "$2"
fi
