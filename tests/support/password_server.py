"""A host that takes one password, or a key of its authorized_keys, and runs what it is told."""

import os
import socket
import subprocess
import threading
from contextlib import contextmanager

import paramiko

from mantodeus_ops.ssh.authorized_keys import entries


class _Door(paramiko.ServerInterface):
    """Who is let in, and by what."""

    def __init__(self, home, password, methods):
        self.home, self.password, self.methods = home, password, methods
        self.tried, self.command = [], threading.Event()

    def get_allowed_auths(self, username):
        """Return the methods."""
        return self.methods

    def check_auth_password(self, username, password):
        """Return whether it is the password."""
        self.tried.append(password)
        if "password" not in self.methods:
            return paramiko.AUTH_FAILED
        return self._result(password == self.password)

    def check_auth_interactive(self, username, submethods):
        """Ask for the password in a dialog."""
        if "keyboard-interactive" not in self.methods:
            return paramiko.AUTH_FAILED
        return paramiko.server.InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses):
        """Return whether it is the password."""
        self.tried.append(responses[0])
        return self._result(responses == [self.password])

    def check_auth_publickey(self, username, key):
        """Return whether the key is in the account's file."""
        file = self.home / ".ssh" / "authorized_keys"
        text = file.read_text() if file.exists() else ""
        return self._result(key.asbytes() in {one.blob for one in entries(text)})

    def check_channel_request(self, kind, chanid):
        """Let everybody inside have a session."""
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        """Run the command with its standard input, once all of that is there."""
        threading.Thread(target=self._run, args=(channel, command), daemon=True).start()
        return True

    def _run(self, channel, command):
        data = b""
        while chunk := channel.recv(1 << 16):
            data += chunk
        env = {**os.environ, "HOME": str(self.home)}
        done = subprocess.run(
            ["/bin/sh", "-c", command], input=data, capture_output=True, env=env, check=False
        )
        channel.sendall(done.stdout)
        channel.sendall_stderr(done.stderr)
        channel.send_exit_status(done.returncode)
        channel.close()

    @staticmethod
    def _result(good):
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED


class Server:
    """The host: where it listens, its key, and every password that it was told."""

    def __init__(self, home, password, methods):
        self.key = paramiko.RSAKey.generate(2048)
        self.door = _Door(home, password, methods)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(caller)
            transport.add_server_key(self.key)
            try:
                transport.start_server(server=self.door)
            except (paramiko.SSHException, EOFError):
                caller.close()

    def known_hosts_line(self):
        """Return the line that pins it."""
        return f"[127.0.0.1]:{self.port} ssh-rsa {self.key.get_base64()}\n"


@contextmanager
def serving(home, password, methods="publickey,password"):
    """Run such a host for the time of the block."""
    server = Server(home, password, methods)
    try:
        yield server
    finally:
        server.listener.close()
