"""Names that deceive, content of another type, files cut short."""

from collections.abc import Iterator

from tests.attacks.what import EXTENSIONS, FOREIGN, Attack
from tests.evidence_files import (
    sound_files,
)
from tests.pdfs import pdf


def names() -> Iterator[Attack]:
    deceiving = {
        "rtl override": "报告\u202efdp.{}",
        "rtl isolate": "报告\u2067x.{}",
        "left-to-right mark": "报告\u200e.{}",
        "zero width": "报\u200b告.{}",
        "line feed": "报告\n.{}",
        "nul": "报告\0.{}",
        "byte order mark": "\ufeff报告.{}",
        "path": "../../etc/报告.{}",
        "backslash": "..\\报告.{}",
        "drive": "C:报告.{}",
        "stream": "报告.txt:x.{}",
        "pipe": "报告|calc.{}",
        "markup": "<script>.{}",
        "quote": '报告".{}',
        "hidden": ".报告.{}",
        "device": "CON.{}",
        "device two": "lpt1.{}",
        "many spaces": "报告" + " " * 40 + ".exe .{}",
        "space before the dot": "报告 .{}",
        "long": "长" * 121 + ".{}",
        "endless": "a" * 5000 + ".{}",
        **{f"double .{each}": "报告." + each + ".{}" for each in ("exe", "js", "html", "PHP", "docm", "zip", "svg")},
    }
    good = {name.rpartition(".")[2].lower(): content for name, content in sound_files().items()}
    for trick, pattern in deceiving.items():
        for extension in EXTENSIONS:
            yield Attack(f"name: {trick}", pattern.format(extension), good[extension])
    for extension in (
        "exe",
        "docm",
        "xlsm",
        "doc",
        "xls",
        "zip",
        "rar",
        "svg",
        "html",
        "js",
        "pdf.exe",
        "pdf ",
        "",
        "ofd",
    ):
        yield Attack(f"type: {extension or 'none'}", f"报告.{extension}", pdf())


def other_content() -> Iterator[Attack]:
    good = {name.rpartition(".")[2].lower(): content for name, content in sound_files().items()}
    for extension in EXTENSIONS:
        for what, content in FOREIGN.items():
            yield Attack(f"{what} as {extension}", f"报告.{extension}", content)
        for other in EXTENSIONS:
            if {extension, other} != {"jpg", "jpeg"} and other != extension:
                yield Attack(f"{other} as {extension}", f"报告.{extension}", good[other])


def cut() -> Iterator[Attack]:
    for name, content in sound_files().items():
        for tenths in (1, 5, 9):
            yield Attack(f"cut at {tenths}/10: {name}", name, content[: len(content) * tenths // 10])
