"""统一社会信用代码: 18 places with a check character, after GB 32100-2015."""

import re
import unicodedata

from stdnum.cn import uscc

from shared.kernel.refusals import Refusal

# No I, O, S, V, Z: they are taken for 1, 0, 5, U, 2.
_CHARACTER = re.compile(r"[0-9A-HJ-NPQRTUWXY]")
_SHAPE = re.compile(rf"{_CHARACTER.pattern}{{2}}[0-9]{{6}}{_CHARACTER.pattern}{{9,10}}")


class BadCreditCode(Refusal):
    """Not a unified social credit code; the message says what is wrong with it."""

    def __init__(self, message: str) -> None:
        super().__init__("bad_credit_code", message, field="credit_code")


def check_credit_code(code: str) -> str:
    """The code in capitals without blanks and hyphens, full-width characters made plain.

    Raises:
        BadCreditCode: wrong length, a character that never occurs, a region that is not six digits, or a check
            character that does not fit.
    """
    plain = uscc.compact(unicodedata.normalize("NFKC", code))
    _check_shape(plain, 18)
    if uscc.calc_check_digit(plain) != plain[17]:
        raise BadCreditCode("统一社会信用代码的校验位不符，请对照营业执照逐位核对。")
    return plain


def make_credit_code(prefix17: str) -> str:
    """An invented code: 17 places and the check character that fits them."""
    _check_shape(prefix17, 17)
    return prefix17 + uscc.calc_check_digit(prefix17)


def _check_shape(plain: str, length: int) -> None:
    if len(plain) != length:
        raise BadCreditCode(f"统一社会信用代码应为{length}位，现为{len(plain)}位。")
    for place, character in enumerate(plain, start=1):
        if not _CHARACTER.fullmatch(character):
            raise BadCreditCode(
                f"统一社会信用代码第{place}位“{character}”不会出现在代码中（只用数字和除 I、O、S、V、Z 外的大写字母）。"
            )
    if not _SHAPE.fullmatch(plain):
        raise BadCreditCode("统一社会信用代码第3至8位应为6位数字的登记机关行政区划码。")
