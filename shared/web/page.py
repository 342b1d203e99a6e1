"""What every page says about itself: where am I, what is expected of me, until when, what happens next."""

from pydantic import AwareDatetime

from shared.web.parts import FieldError, Link, Part


class Actor(Part):
    """Who is signed in, as the header shows it."""

    name: str
    role: str
    organisation: str | None = None
    account_href: str = "/account"
    sign_out_href: str = "/account/sign-out"


class NavItem(Part):
    """One entry of a role's navigation; ``count`` is what waits there for this person."""

    label: str
    href: str
    current: bool = False
    count: int | None = None


class PageContext(Part):
    """The answers to the four questions. Fields that do not apply to a page stay None and are not shown.

    ``server_time`` is business time: the clock that terms run by. On pre-rendered pages it is the instant of
    rendering and the page says so.
    """

    title: str
    server_time: AwareDatetime
    programme: str | None = None
    year: int | None = None
    category: str | None = None
    stage: str | None = None
    expected_of_me: str | None = None
    until: AwareDatetime | None = None
    until_provisional: bool = False
    working_days_left: int | None = None
    next_step: str | None = None
    actor: Actor | None = None
    nav: tuple[NavItem, ...] = ()
    crumbs: tuple[Link, ...] = ()
    request_id: str | None = None

    @property
    def place(self) -> str:
        """Programme, year, category and stage in one line; empty when the page stands outside of them."""
        year = f"{self.year} 年度" if self.year else None
        return "·".join(part for part in (self.programme, year, self.category, self.stage) if part)

    @property
    def answers(self) -> bool:
        """Whether the page has anything to say besides where it is."""
        return bool(self.expected_of_me or self.until or self.next_step)


class RefusalPage(Part):
    """A refusal for people: a plain sentence, the fields at fault, an id to quote and a way on."""

    status: int
    heading: str
    message: str
    code: str
    quote_id: str
    article: str | None = None
    problems: tuple[FieldError, ...] = ()
    ways_on: tuple[Link, ...] = ()

    @property
    def about_an_act(self) -> bool:
        """Whether something was being done, so that "nothing was changed" answers a worry."""
        return self.status in (409, 413, 422)
