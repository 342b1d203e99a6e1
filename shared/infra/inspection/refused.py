"""Why a file is not kept: a stable code for each family of reasons; each sentence ends with the way on."""

from shared.kernel.refusals import Refusal


class Unsafe(Refusal):
    """A file that cannot be kept as evidence as it is.

    Codes: ``evidence_type`` (not what its name says), ``evidence_damaged``, ``evidence_encrypted``,
    ``evidence_active`` (something in it acts), ``evidence_embedded`` (another file inside), ``evidence_external``
    (fetches something from outside), ``evidence_bomb`` (unpacks without measure), ``evidence_polyglot`` (two in one).
    """

    def __init__(self, what: str, message: str) -> None:
        super().__init__(f"evidence_{what}", message, field="name")


def wrong_type(extension: str) -> Unsafe:
    """The bytes are not of the type that the name claims."""
    return Unsafe(
        "type", f"文件内容与扩展名“{extension}”不符。请不要修改扩展名，用原来的软件另存为 PDF 或相应格式后再上传。"
    )


def damaged(kind: str) -> Unsafe:
    """It cannot be read to its end."""
    return Unsafe("damaged", f"{kind}已损坏或不完整，无法读取。请用原来的软件打开确认，重新导出后再上传。")


def two_in_one() -> Unsafe:
    """Other content lies before, behind or inside the file."""
    return Unsafe("polyglot", "文件中夹带了其他类型的内容，无法确认其真实用途。请用原来的软件重新导出或另存后再上传。")
