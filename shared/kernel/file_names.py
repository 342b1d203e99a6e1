"""Names that deceive or break: hidden direction marks, double extensions, paths, endless names."""

import re
import unicodedata

from shared.kernel.refusals import Refusal

LONGEST = 120
_ACTING = re.compile(
    r"exe|com|bat|cmd|scr|pif|msi|msp|cpl|dll|sys|lnk|url|inf|reg|hta|jse?|vbs|vbe|ws[fh]|ps1|psm1|sh|bash|py|pl|rb"
    r"|php\d?|phtml|jspx?|aspx?|cgi|jar|class|apk|app|dmg|iso|img|html?|xhtml|mht|svgz?|xml|xsl|swf"
    r"|do[ct]m?|xl[st][mbt]?|xlam|pp[ts]m?|potm|zip|rar|7z|t?gz|tar|bz2|xz|cab|ace|arj",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class BadName(Refusal):
    """A file name that cannot be kept."""

    def __init__(self, message: str) -> None:
        super().__init__("evidence_name", f"{message}请改名后再上传。", field="name")


def check_name(name: str) -> None:
    """Refuse a name that could be read as another one, or that no computer could store."""
    if len(name) > LONGEST:
        raise BadName(f"文件名有 {len(name)} 个字，至多 {LONGEST} 个字。")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for sign in name):
        raise BadName("文件名中有看不见的控制字符（例如改变书写方向的符号），可能掩盖真实类型。")
    if _FORBIDDEN.search(name) or name.startswith(".") or _DEVICES.fullmatch(name):
        raise BadName('文件名不能以点开头，不能含有 \\ / : * ? " < > | ，也不能是系统保留的名称。')
    if name != name.strip() or ". " in name or " ." in name or "   " in name:
        raise BadName("文件名的首尾、点的前后不能有空格，中间也不能有连续空格。")
    hidden = [part for part in name.split(".")[1:-1] if _ACTING.fullmatch(part)]
    if hidden:
        raise BadName(f"文件名中有两个扩展名（“.{hidden[0]}”），可能掩盖真实类型。")


def extension_of(name: str) -> str:
    """The extension in small letters, without the dot; empty when there is none."""
    return name.rsplit(".", 1)[1].lower() if "." in name else ""
