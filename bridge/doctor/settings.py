"""What is set, whether it goes well together, and how long a certificate is good."""

import time
from collections.abc import AsyncIterator

from bridge import tls
from bridge.config import SETTINGS, Config, ConfigError, is_loopback
from bridge.doctor.finding import Finding, State

BYTES_PER_CHARACTER = 4  # at most, in UTF-8


async def check(config: Config) -> AsyncIterator[Finding]:
    changed = [
        f"{name} = {setting.shown(getattr(config, name))} ({config.source(name)})"
        for name, setting in SETTINGS.items()
        if name in config.sources
    ]
    yield Finding("settings", State.OK, ", ".join(changed) or "all at their defaults; see `rigcast config`")
    if config.message_bytes < config.text_characters * BYTES_PER_CHARACTER:
        text = f"a text of {config.text_characters} characters may not fit a message of {config.message_bytes} bytes"
        yield Finding("settings", State.NOTE, text, f"message_bytes = {config.text_characters * BYTES_PER_CHARACTER}")
    if not is_loopback(config.host) and not config.tls_cert:
        text = f"{config.host} is open to other machines, and neither token nor stream is encrypted"
        yield Finding("settings", State.NOTE, text, "set tls_cert and tls_key, or use it in a network that you trust")
    if config.tls_cert:
        yield certificate(config)


def certificate(config: Config) -> Finding:
    """Whether TLS can be served, and for how long."""
    try:
        tls.server_context(config)
    except ConfigError as error:
        return Finding("tls", State.BROKEN, str(error), "correct the file; a running bridge takes it without a restart")
    left = (tls.expires(config) - time.time()) / 86_400
    if left <= 0:
        return Finding("tls", State.BROKEN, f"{config.tls_cert} has ended", "renew it: clients refuse it")
    if left < tls.SOON_S / 86_400:
        return Finding(
            "tls", State.NOTE, f"{config.tls_cert} ends in {left:.1f} days", "renew it; nothing need restart"
        )
    return Finding("tls", State.OK, f"{config.tls_cert} is good for {left:.0f} days")
