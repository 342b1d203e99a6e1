"""Short messages: the port that a provider's adapter fills. None ships; the outbox says so until one is installed."""

from importlib import import_module

from shared.infra.mail import Carrier
from shared.infra.settings import Settings


def short_message_service(settings: Settings) -> Carrier | None:
    """The carrier of short messages; None: not configured.

    An adapter is a class with ``begin(letter) -> Transfer`` (``shared.infra.mail.Carrier``): ``letter.to`` is a mobile
    number, ``letter.letter_id`` the id by which the provider can tell a repeat. ``begin`` may check the number,
    ``finish`` sends. It is named by ``FANGBANG_SMS_ADAPTER`` as ``package.module:Class`` and made with the settings.
    """
    if settings.sms_adapter is None:
        return None
    module, _, name = settings.sms_adapter.partition(":")
    carrier: Carrier = getattr(import_module(module), name)(settings)
    return carrier
