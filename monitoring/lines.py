"""Reads the lines of captures and of labels, from a folder or from S3."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Iterator, List, Tuple

HOUR = timedelta(hours=1)


def capture_lines(captures: str, endpoint: str, window: Tuple[datetime, datetime]) -> Iterator[str]:
    """Lines of an endpoint's captures below a folder or an S3 URI: of all its variants, and of the window's hours."""
    # A request of the last minute may be filed under the hour after.
    start, end = window[0].replace(minute=0, second=0, microsecond=0), window[1] + HOUR
    hours = [start + HOUR * n for n in range(int((end - start) / HOUR) + 1)]
    folders = [f"{hour:%Y/%m/%d/%H}" for hour in hours]
    if not captures.startswith("s3://"):
        for variant in sorted(path for path in (Path(captures) / endpoint).glob("*") if path.is_dir()):
            for file in (file for folder in folders for file in sorted((variant / folder).glob("*.jsonl"))):
                yield from _lines_of_file(str(file))
        return
    bucket, prefix = place_of(captures)
    yield from _captured_in_s3(bucket, f"{prefix}{endpoint}/", folders)


def _captured_in_s3(bucket: str, prefix: str, folders: List[str]) -> Iterator[str]:
    s3 = _s3()
    pages = s3.get_paginator("list_objects_v2")
    variants = [
        found["Prefix"]
        for page in pages.paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        for found in page.get("CommonPrefixes", [])
    ]
    for place in (f"{variant}{folder}/" for variant in variants for folder in folders):
        for page in pages.paginate(Bucket=bucket, Prefix=place):
            for found in page.get("Contents", []):
                if found["Key"].endswith(".jsonl"):
                    yield from _lines_of_object(s3, bucket, found["Key"])


def label_files(labels: str, since: datetime) -> Iterator[Tuple[str, Iterator[str]]]:
    """
    Name and lines of each file below a folder or an S3 URI, the oldest first. Files that have not been written since
    then are left out: nobody could know the id of a request of later.
    """
    if not labels.startswith("s3://"):
        written = [(file.stat().st_mtime, str(file)) for file in Path(labels).rglob("*") if file.is_file()]
        for time, name in sorted(written):
            if time >= since.timestamp():
                yield name, _lines_of_file(name)
        return
    s3 = _s3()
    bucket, prefix = place_of(labels)
    objects: List[Tuple[datetime, str]] = [
        (found["LastModified"], found["Key"])
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for found in page.get("Contents", [])
        if found["LastModified"] >= since and found["Size"] > 0
    ]
    for _, key in sorted(objects):
        yield key, _lines_of_object(s3, bucket, key)


def text_of(uri: str) -> str:
    """The content of a file, or of an object; empty if it is not there."""
    if not uri.startswith("s3://"):
        return Path(uri).read_text(encoding="utf-8") if Path(uri).is_file() else ""
    s3 = _s3()
    bucket, key = place_of(uri)
    try:
        return s3.get_object(Bucket=bucket, Key=key.rstrip("/"))["Body"].read().decode("utf-8")
    except s3.exceptions.NoSuchKey:
        return ""


def place_of(uri: str) -> Tuple[str, str]:
    """Bucket and prefix of an S3 URI, which ends with a slash."""
    bucket, _, key = uri[len("s3://") :].partition("/")
    return bucket, f"{key.rstrip('/')}/"


def _s3() -> Any:
    # Only the image that jobs run in has it, and reading tables needs none.
    import boto3

    return boto3.client("s3")


def _lines_of_file(name: str) -> Iterator[str]:
    with open(name, encoding="utf-8", errors="replace") as opened:
        yield from opened


def _lines_of_object(s3: Any, bucket: str, key: str) -> Iterator[str]:
    for line in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines():
        yield line.decode("utf-8", errors="replace")
