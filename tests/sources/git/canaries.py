"""A repository in which whatever can name a command names one that leaves a file behind.

``python -m tests.sources.git.canaries`` runs every git command of the product in it and prints how
many canaries there were, which commands were run, and what left a file (nothing).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from jotgraph.content.engine import Archive, content_of
from jotgraph.records import local_image_id
from jotgraph.sources.git.command import COMMANDS
from jotgraph.sources.git.head import head_of
from jotgraph.sources.git.repository import read_git
from tests.content.images import layer, saved
from tests.rig.git import Repository, new_repository

SETTINGS = (
    *(f"alias.{command}=!{{}}" for command in sorted(COMMANDS)),
    *(f"pager.{command}={{}}" for command in sorted(COMMANDS)),
    "browser.evil.cmd={}",
    "browser.evil.path={}",
    "core.alternateRefsCommand={}",
    "core.askPass={}",
    "core.editor={}",
    "core.fsmonitor={}",
    "core.gitProxy={}",
    "core.pager={}",
    "core.sshCommand={}",
    "credential.helper=!{}",
    "credential.https://example.com.helper=!{}",
    "diff.external={}",
    "diff.evil.command={}",
    "diff.evil.textconv={}",
    "difftool.evil.cmd={}",
    "difftool.evil.path={}",
    "filter.evil-clean.clean={}",
    "filter.evil-clean.required=true",
    "filter.evil-clean.smudge={}",
    "filter.evil-process.process={}",
    "filter.evil-process.required=true",
    "filter.evil=clean.clean={}",
    "filter.lfs.clean={}",
    "filter.lfs.process={}",
    "filter.lfs.smudge={}",
    "gpg.openpgp.program={}",
    "gpg.program={}",
    "gpg.ssh.defaultKeyCommand={}",
    "gpg.ssh.program={}",
    "gpg.x509.program={}",
    "guitool.evil.cmd={}",
    "imap.tunnel={}",
    "instaweb.browser={}",
    "instaweb.httpd={}",
    "interactive.diffFilter={}",
    "man.evil.cmd={}",
    "man.evil.path={}",
    "merge.evil.driver={}",
    "mergetool.evil.cmd={}",
    "mergetool.evil.path={}",
    "pack.packObjectsHook={}",
    "remote.origin.receivepack={}",
    "remote.origin.uploadpack={}",
    "remote.ext.promisor=true",
    "remote.ext.url=ext::{}",
    "sendemail.ccCmd={}",
    "sendemail.toCmd={}",
    "sequence.editor={}",
    "ssh.variant=simple",
    "submodule.part.update=!{}",
    "tar.evil.command={}",
    "trailer.evil.cmd={}",
    "trailer.evil.command={}",
    "uploadpack.packObjectsHook={}",
    "web.browser={}",
)
"""``name=value``; ``{}`` is a canary's command. Those without one make others reachable."""

WAYS = (
    "diff.relative=true",
    "extensions.partialClone=origin",
    "log.showSignature=true",
    "protocol.allow=always",
    "protocol.ext.allow=always",
    "protocol.file.allow=always",
    "submodule.recurse=true",
)
"""What opens ways to the canaries or leads answers astray."""

HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout",
    "post-commit", "post-index-change", "post-merge", "post-receive", "post-rewrite",
    "post-update", "pre-applypatch", "pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-push",
    "pre-rebase", "pre-receive", "prepare-commit-msg", "proc-receive", "push-to-checkout",
    "reference-transaction", "sendemail-validate", "update",
)  # fmt: skip

ATTRIBUTES = """\
*.clean filter=evil-clean diff=evil merge=evil
*.process filter=evil-process
*.odd filter=evil=clean
*.lfs filter=lfs diff=lfs merge=lfs -text
"""


@dataclass
class Trap:
    """The repositories, the folder where canaries leave their files, and all their names."""

    repository: Repository
    empty: Repository
    """One in which nothing is committed."""
    nest: Path
    names: list[str] = field(default_factory=list)

    def canary(self, name: str) -> str:
        """A command that leaves a file of this name."""
        self.names.append(name)
        script = self.nest / "scripts" / f"{len(self.names)}"
        script.parent.mkdir(exist_ok=True, parents=True)
        script.write_text(f"#!/bin/sh\necho >> '{self.nest}/{len(self.names)}.sang'\n")
        script.chmod(0o755)
        return str(script)

    def sung(self) -> list[str]:
        """The canaries that were run."""
        numbers = sorted(int(file.stem) for file in self.nest.glob("*.sang"))
        return [self.names[number - 1] for number in numbers]


def trap(folder: Path) -> Trap:
    """Make the repository: files through every filter whose bytes git would have to look at, a
    submodule that is a trap of its own, a signed commit, and an object to fetch."""
    repository = new_repository(folder / "trap")
    made = Trap(repository, new_repository(folder / "empty"), folder / "nest")
    made.nest.mkdir()
    part = new_repository(folder / "part")
    part.commit({"inside.clean": "inside\n", ".gitattributes": ATTRIBUTES})
    files = {f"file.{end}": f"{end}: a line of text\n" * 9 for end in ("clean", "process", "odd")}
    files |= {"file.lfs": "a pointer\n" * 20, "plain.py": "print('a plain line of text')\n" * 5}
    files |= {"Dockerfile": "FROM scratch\nCOPY . /app/\n", ".dockerignore": "*.md\n"}
    repository.commit(files | {".gitattributes": ATTRIBUTES})
    allowed = ("-c", "protocol.file.allow=always")
    repository.git(*allowed, "submodule", "add", "-q", "--name", "part", str(part.path), "part")
    repository.commit(message="with a submodule")
    repository.commit({"plain.py": "print('another line of text')\n" * 5})
    _sign(repository)
    blob = repository.git("rev-parse", "HEAD:Dockerfile")  # to be fetched when it is asked for
    (repository.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    _plant(made, repository.path / ".git", part.path)
    _plant(made, repository.path / ".git/modules/part", part.path)
    _plant(made, made.empty.path / ".git", part.path)
    changed = repository.path / "file.clean"
    changed.write_text(changed.read_text().upper())  # only a filter could tell whether it is equal
    for file in [*files, "part/inside.clean"]:
        os.utime(repository.path / file, ns=(1, 2**62))  # git looks at their bytes again
    return made


def _sign(repository: Repository) -> None:
    """A commit that git would call gpg for, were it asked to show signatures."""
    text = repository.git("cat-file", "commit", "HEAD")
    head, _, message = text.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----"
    done = subprocess.run(
        ["git", "-C", str(repository.path), "hash-object", "-t", "commit", "-w", "--stdin"],
        input=f"{head}\n{signature}\n\n{message}\n".encode(),
        capture_output=True,
        check=True,
    )
    repository.git("update-ref", "HEAD", done.stdout.decode().strip())


def _plant(made: Trap, git_dir: Path, origin: Path) -> None:
    included = git_dir / "included"
    text = [f"[include]\n\tpath = {included}\n"]
    text += [_line("remote.origin.url", origin.as_uri()), _line("remote.origin.promisor", "true")]
    for setting in SETTINGS:
        value = setting.rpartition("=")[2]
        name = setting.removesuffix(f"={value}")
        text.append(_line(name, value.format(made.canary(name)) if "{}" in value else value))
    text += [_line(*way.split("=")) for way in WAYS]
    included.write_text(_line("filter.evil-clean.clean", made.canary("include.path")))
    for folder in (git_dir / "hooks", git_dir / "other-hooks"):
        folder.mkdir(exist_ok=True)
        for hook in HOOKS:
            shutil.copy(made.canary(f"{folder.name}/{hook}"), folder / hook)
    text.append(_line("core.hooksPath", str(git_dir / "other-hooks")))
    with (git_dir / "config").open("a") as config:
        config.write("".join(text))


def _line(name: str, value: str) -> str:
    section, _, rest = name.partition(".")
    part, _, key = rest.rpartition(".")
    heading = f'[{section} "{part}"]' if part else f"[{section}]"
    return f'{heading}\n\t{key} = "{value}"\n'


@contextmanager
def recorded(folder: Path) -> Iterator[list[str]]:
    """Every git command that is run inside the block, by name."""
    shims, log = folder / "shims", folder / "commands"
    shims.mkdir()
    shim = shims / "git"
    shim.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{shutil.which("git")}" "$@"\n')
    shim.chmod(0o755)
    before, names = os.environ["PATH"], list[str]()
    os.environ["PATH"] = f"{shims}:{before}"
    try:
        yield names
    finally:
        os.environ["PATH"] = before
        for line in log.read_text().splitlines():
            words = iter(line.split())
            name = next(words)
            while name.startswith("-"):
                if name in ("-c", "-C"):
                    next(words)
                name = next(words)
            names.append(name)


def use_everything(made: Trap, cache: Path) -> tuple[object, ...]:
    """Run all of the product that runs git: a scan of the repository, content of an image, and the
    labels of one."""
    read = read_git(made.repository.path)
    read_git(made.empty.path)
    head_of(made.repository.path)
    files = {
        f"app/{file.name}": file.read_bytes()
        for file in made.repository.path.iterdir()
        if file.is_file()
    }
    image = saved([layer(files)], ["COPY . /app/ # buildkit"])
    matched = content_of(
        [(local_image_id("sha256:" + "1" * 64), Archive(lambda: [image]))],
        [("trap", made.repository.path)],
        cache,
        every_ref=True,
    )
    return read, matched


def main() -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = trap(folder)
        with recorded(folder) as commands:
            use_everything(made, folder / "cache")
        sung = made.sung()
        used = sorted(set(commands) & COMMANDS)
        print(f"{len(made.names)} canaries in settings, hooks, attributes and a submodule")
        print(f"{len(commands)} git commands run, {len(used)} of {len(COMMANDS)}: {' '.join(used)}")
        print(f"{len(sung)} canaries run{': ' if sung else ''}{', '.join(sung)}")
        return bool(sung) or set(used) != COMMANDS


if __name__ == "__main__":
    sys.exit(main())
