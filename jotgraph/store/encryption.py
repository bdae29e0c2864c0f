"""Encryption of documents with a user's key, by Fernet of the cryptography library.

Fernet is AES in CBC mode with an HMAC, so altered documents are rejected (github.com/fernet/spec).
"""

from __future__ import annotations

from pathlib import Path

from jotgraph.errors import ApplyError, OptionError

_TOKEN = b"gAAAAA"
"""The beginning of every Fernet token: version 0x80, and a time before the year 2106. No JSON
begins so."""
_HOW = "head -c 32 /dev/urandom | base64 | tr '+/' '-_' > FILE; chmod 600 FILE"


class BackupKey:
    """A key from a file. Raises OptionError when the file holds none."""

    def __init__(self, path: Path) -> None:
        try:
            from cryptography.fernet import Fernet  # noqa: PLC0415 -- an extra, and 30 ms
        except ImportError as error:
            raise OptionError(
                "--backup-key needs the cryptography library (pip install 'jotgraph[encryption]')"
            ) from error
        self.path = path
        try:
            self._fernet = Fernet(path.read_bytes().strip())
        except OSError as error:
            raise OptionError(f"the key {path} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise OptionError(
                f"{path} is not a key: it must hold 32 random bytes, base64 with - and _; {_HOW}"
            ) from error

    def encrypted(self, content: bytes) -> bytes:
        """The bytes as a token."""
        return self._fernet.encrypt(content)

    def decrypted(self, token: bytes, path: Path) -> bytes:
        """Decrypt the token in a file. Raises ApplyError when it has another key, or was
        altered."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- an extra

        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            raise ApplyError(
                f"the backup {path} was encrypted with another key than {self.path}, or altered"
            ) from error


def plain(content: bytes, key: BackupKey | None, path: Path) -> bytes:
    """Return the bytes of a document, decrypted if necessary. Raises ApplyError."""
    if not content.startswith(_TOKEN):
        return content
    if key is None:
        raise ApplyError(f"the backup {path} is encrypted: name its key with --backup-key FILE")
    return key.decrypted(content, path)
