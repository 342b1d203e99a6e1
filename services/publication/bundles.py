"""Bundles: what proves a released list, as one zip that is the same bytes for the same parts."""

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from services.publication.domain.scanning import require_clean
from shared.kernel.canonical import digest_bytes

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = {
    "verify_bundle.py": REPOSITORY / "deploy" / "verify" / "verify_bundle.py",
    "verify_draw.py": REPOSITORY / "services" / "review" / "verify_draw.py",
}
FORMAT = "fangbang-bundle/1"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_README = """放榜 证明包
============

核验（只需要 Python 3.9 以上，断网可用）：

    python3 verify_bundle.py .

程序逐项核验：证明包的种类与内容、文件摘要、各来源账本链、全局链与签名检查点、公告与公示、抽取重算、名单摘要。
全部通过时退出码为 0。不能由它证明的，它在末尾写明。
MANIFEST.json 列出每个文件的 SHA-256 摘要。
"""


def programs() -> dict[str, bytes]:
    """The programs that every bundle carries: the verifier, and the draw's algorithm where it is installed."""
    return {name: path.read_bytes() for name, path in PROGRAMS.items() if path.is_file()}


def build(about: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A bundle with its manifest of digests; ``about`` says what it is of (audience, category, list digest)."""
    members = {"README.txt": _README.encode(), **programs(), **files}
    manifest = {**about, "format": FORMAT, "files": {name: digest_bytes(members[name]) for name in sorted(members)}}
    members["MANIFEST.json"] = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
    return _zip(members)


def _zip(members: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, members[name])
    return written.getvalue()


def require_clean_members(files: Mapping[str, bytes], allowed_codes: Collection[str]) -> None:
    """Scan every text member of a public bundle; a hit blocks the whole bundle."""
    for name, content in files.items():
        if not name.endswith(".pdf"):
            require_clean(name, content.decode("utf-8"), allowed_codes)
