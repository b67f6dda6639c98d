"""Uploads to S3-compatible storage: in parts that an interrupted run need not send again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from pipeline.errors import FeedOvertakenError

if TYPE_CHECKING:
    from s3fs import S3FileSystem

PART = 8 << 20
"""Bytes of a part; S3 takes none but the last under 5 MiB, and 10,000 of them."""

LISTED = 1000
"""Files that one answer lists; S3 takes no more."""

ABANDONED = timedelta(days=1)
"""How long an unfinished upload may wait for the run that goes on with it; unfinished ones cost money unseen."""

LASTING = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
"""What caches may keep: bytes that never change under their name, and everything else (RFC 9111, RFC 8246)."""

CORS = {
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedOrigins": ["*"],
    "AllowedHeaders": ["Range"],
    "ExposeHeaders": ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"],
    "MaxAgeSeconds": 86400,
}
"""Players on the web may read, and read parts, as they may where they play the sound."""


_OVERTAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"}
"""What is answered where something else lies there by now, or nothing any more."""

_INCAPABLE = {"NotImplemented", "InvalidArgument", "InvalidRequest", "501", "400"}
"""What is answered where a condition means nothing; what else is wrong with a write is said again without one."""


@dataclass(frozen=True, slots=True)
class S3Uploads:
    """Files at `bucket/key`."""

    files: S3FileSystem

    def put(self, path: str, chunks: Iterable[bytes], *, type: str, lasting: bool) -> None:
        """Writes a file, whole or not at all; parts that are there already, by length and MD5, are not sent again."""
        self._put(path, chunks, {}, type=type, lasting=lasting)

    def replace(
        self,
        path: str,
        chunks: Iterable[bytes],
        *,
        type: str,
        seen: str | None,
        digest: Callable[[], str | None],
    ) -> tuple[str, ...]:
        """As `put`, where what `digest` finds there is still `seen`; else FeedOvertakenError.

        The storage itself compares once more, as it writes (RFC 9110, section 13.1); one that cannot is a note.
        """
        whole, condition = b"".join(chunks), self._as_it_is(path)
        if digest() != seen:
            raise FeedOvertakenError(path)
        try:
            self._put(path, [whole], condition, type=type, lasting=False)
        except OSError as error:
            if _code(error) in _INCAPABLE:
                self._put(path, [whole], {}, type=type, lasting=False)
                return (f"{path}: the storage takes no conditional writes; let one machine alone publish there",)
            if _code(error) not in _OVERTAKEN:
                raise
            # A write whose answer was lost is sent again by the library, and then our own is what lies there.
            if digest() != hashlib.sha256(whole).hexdigest():
                raise FeedOvertakenError(path) from error
        return ()

    def _as_it_is(self, path: str) -> dict[str, str]:
        """The condition that nothing changes there from now on."""
        try:
            return {"IfMatch": self.files.info(path, refresh=True)["ETag"]}
        except FileNotFoundError:
            return {"IfNoneMatch": "*"}

    def _put(self, path: str, chunks: Iterable[bytes], condition: dict[str, str], *, type: str, lasting: bool) -> None:
        bucket, _, key = path.partition("/")
        place = {"Bucket": bucket, "Key": key}
        headers = {"ContentType": type or "application/octet-stream", "CacheControl": LASTING if lasting else SHORT}
        parts = _parts(chunks)
        first, second = next(parts, b""), next(parts, None)
        if second is None:
            self.files.call_s3("put_object", **place, **headers, **condition, Body=first)
            return
        upload, sent = self._begun(place)
        place["UploadId"] = upload or self.files.call_s3("create_multipart_upload", **place, **headers)["UploadId"]
        whole = chain((first, second), parts)
        try:
            done = [self._part(place, number, part, sent.get(number)) for number, part in enumerate(whole, 1)]
            self.files.call_s3("complete_multipart_upload", **place, **condition, MultipartUpload={"Parts": done})
        except FileNotFoundError as error:
            # Another machine sends the same file, and went on with this upload and ended it.
            raise FeedOvertakenError(path) if _code(error) == "NoSuchUpload" else error from error

    def listed(self, root: str) -> Iterator[tuple[str, int]]:
        """Every file under `root` and its length in bytes, an answer at a time."""
        bucket, _, folder = root.partition("/")
        asked = {"Bucket": bucket, "Prefix": f"{folder}/" if folder else "", "MaxKeys": LISTED}
        more: dict[str, str] | None = {}
        while more is not None:
            page = self.files.call_s3("list_objects_v2", **asked, **more)
            for about in page.get("Contents", []):
                yield f"{bucket}/{about['Key']}", about["Size"]
            more = {"ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else None

    def settle(self, root: str, now: datetime) -> tuple[str, ...]:
        """Gives up uploads that nobody goes on with, and lets pages of other origins read where no rule says who may.

        A bucket's own rules are never touched. Returns what stood in the way, a sentence each.
        """
        bucket, _, folder = root.partition("/")
        for upload in self._unfinished(bucket, f"{folder}/" if folder else ""):
            if upload["Initiated"] < now - ABANDONED:
                self._give_up(bucket, upload)
        return self._share(bucket)

    def _part(self, place: dict[str, str], number: int, part: bytes, sent: dict[str, Any] | None) -> dict[str, Any]:
        """What completes the upload with this part."""
        tag = f'"{hashlib.md5(part, usedforsecurity=False).hexdigest()}"'
        if sent is None or (sent["ETag"], sent["Size"]) != (tag, len(part)):
            sent = self.files.call_s3("upload_part", **place, PartNumber=number, Body=part)
        told = {name: value for name, value in sent.items() if name == "ETag" or name.startswith("Checksum")}
        return {"PartNumber": number, **told}

    def _begun(self, place: dict[str, str]) -> tuple[str | None, dict[int, dict[str, Any]]]:
        """The newest upload that was begun of a file, and its parts by number; older ones are given up."""
        found = self._unfinished(place["Bucket"], place["Key"])
        own = sorted((one for one in found if one["Key"] == place["Key"]), key=lambda one: one["Initiated"])
        for old in own[:-1]:
            self._give_up(place["Bucket"], old)
        for upload in own[-1:]:
            with suppress(OSError):
                parts = self.files.call_s3("list_parts", **place, UploadId=upload["UploadId"]).get("Parts", [])
                return upload["UploadId"], {part["PartNumber"]: part for part in parts}
        return None, {}

    def _unfinished(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """None where that may not be asked."""
        with suppress(OSError):
            found = self.files.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=prefix)
            return list(found.get("Uploads", []))
        return []

    def _give_up(self, bucket: str, upload: dict[str, Any]) -> None:
        with suppress(OSError):
            self.files.call_s3("abort_multipart_upload", Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])

    def _share(self, bucket: str) -> tuple[str, ...]:
        try:
            if self._has_rules(bucket):
                return ()
            self.files.call_s3("put_bucket_cors", Bucket=bucket, CORSConfiguration={"CORSRules": [CORS]})
        except OSError as error:
            todo = "let the bucket's CORS rules allow GET and HEAD from any origin"
            return (
                f"{bucket}: whether players on the web may read captions and chapters is unknown ({error}); {todo}",
            )
        return ()

    def _has_rules(self, bucket: str) -> bool:
        try:
            return bool(self.files.call_s3("get_bucket_cors", Bucket=bucket).get("CORSRules"))
        except OSError as error:
            if "NoSuchCORSConfiguration" in str(error):
                return False
            raise


def _code(error: OSError) -> str:
    """S3's own word for what went wrong."""
    response = getattr(error.__cause__, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def _parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of `PART`, the last shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= PART:
            yield bytes(held[:PART])
            del held[:PART]
    if held:
        yield bytes(held)
