"""Gets a script and its folder to where the container runs it from, as SageMaker's toolkits do."""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path
from urllib.parse import urlparse

from archive import unpack
from opt_ml import ClientError, base_dir, local_path


def place(directory: str, program: str) -> Path:
    """Puts the content of `directory`, a folder, a tar.gz or the S3 URI of one, into `code`. Returns the script's path."""
    code = base_dir() / "code"
    code.mkdir(parents=True, exist_ok=True)
    if directory.startswith("s3://"):
        unpack_checked(download(directory), code)
    else:
        source = local_path(directory)
        if source.is_dir():
            shutil.copytree(source, code, dirs_exist_ok=True)
        else:
            unpack_checked(source, code)
    script = code / program
    if not script.is_file():
        names = ", ".join(sorted(path.name for path in code.iterdir()))
        raise ClientError(f"{program} is not in {directory}, which has {names or 'nothing'}")
    if (code / "requirements.txt").is_file():
        raise ClientError(
            "requirements.txt: SageMaker would install it, the local AWS does not; it has what its Python environment has"
        )
    sys.path.insert(0, str(code))
    return script


def unpack_checked(archive: Path, folder: Path) -> None:
    try:
        unpack(archive, folder)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise ClientError(f"{archive} is no tar.gz of a script's folder: {error}") from error


def download(uri: str) -> Path:
    """Reads an object with the credentials of the container, which are those of its role."""
    import boto3  # costs half a second, which most containers do not need
    from botocore.exceptions import BotoCoreError, ClientError as Refusal

    place = urlparse(uri)
    archive = base_dir() / "sourcedir.tar.gz"
    try:
        boto3.client("s3").download_file(place.netloc, place.path.lstrip("/"), str(archive))
    except (BotoCoreError, Refusal) as error:
        raise ClientError(f"{uri} could not be read: {error}") from error
    return archive
