"""Packs and unpacks model archives, which SageMaker itself does around a container.

Usage: archive.py pack FOLDER ARCHIVE | archive.py unpack ARCHIVE FOLDER
"""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

from opt_ml import end_with_parent


def pack(folder: Path, archive: Path) -> None:
    """Writes the content of `folder` to a tar.gz, names relative to it."""
    with tarfile.open(archive, "w:gz") as tar:
        for entry in sorted(folder.iterdir()):
            tar.add(entry, arcname=entry.name)


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a tar.gz; entries that would land outside `folder` are refused."""
    with tarfile.open(archive, "r:gz") as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(folder, filter="data")
        else:  # Python 3.10 before its security releases
            for member in tar.getmembers():
                if (
                    not (member.isfile() or member.isdir())
                    or ".." in Path(member.name).parts
                    or member.name.startswith("/")
                ):
                    raise tarfile.TarError(f"{member.name} must be a file or folder inside the archive")
            tar.extractall(folder)


def main(arguments: list[str]) -> None:
    if len(arguments) != 3 or arguments[0] not in ("pack", "unpack"):
        sys.exit(__doc__)
    action = pack if arguments[0] == "pack" else unpack
    try:
        action(Path(arguments[1]), Path(arguments[2]))
    except (OSError, EOFError, tarfile.TarError) as error:
        sys.exit(f"{arguments[1]}: {error}")


if __name__ == "__main__":
    end_with_parent()
    main(sys.argv[1:])
