# Programs that the sandbox needs, installed by root where they are missing. Sourced by as-account.
# shellcheck shell=bash

POLICY=/usr/sbin/policy-rc.d
APT_FRESH=

# Whether the account, not only root, finds the program.
has() { as_account sh -c "command -v $1 >/dev/null"; }

apt_install() {
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  [ -n "$APT_FRESH" ] || apt-get -qq update
  APT_FRESH=yes
  apt-get -qq install --no-install-recommends "$@" >/dev/null
}

need_programs() {
  local missing=()
  has git || missing+=(git)
  has ssh-keygen || missing+=(openssh-client)
  has node || missing+=(nodejs)
  has npm || missing+=(npm)
  [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
  [ -x /usr/sbin/sshd ] || install_sshd
  [[ " ${GROUPS_WANTED[*]-} " != *" dev "* ]] || need_engines
}

# What tests hold us against, or break us with; one that needs what cannot be had is skipped.
need_engines() {
  local program
  for program in restic rclone pigz strace zsh fish git-lfs; do
    has "$program" || apt_install "$program" || true
  done
  has igzip || apt_install isal || true
  has bsdtar || apt_install libarchive-tools || true
}

# The sandbox starts its own sshd as the account; the machine's must not begin to listen for it.
install_sshd() {
  local placed=
  if [ ! -e "$POLICY" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod +x "$POLICY"
    placed=yes
  fi
  apt_install openssh-server || true
  [ -z "$placed" ] || rm -f "$POLICY"
  [ ! -d /run/systemd/system ] || systemctl -q disable --now ssh.service ssh.socket || true
  [ -x /usr/sbin/sshd ] || die "openssh-server could not be installed"
}
