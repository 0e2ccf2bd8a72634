"""TLS and mutual TLS on both transports, with certificates made here; and what is said of files that cannot serve."""

import asyncio
import contextlib
import ssl
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage
from websockets.typing import Subprotocol

from bridge import doctor, server, tls
from bridge.commands.remote import CHANNEL_OPTIONS, connected, opened
from bridge.config import Config, ConfigError
from rigcast.v1 import service_pb2, service_pb2_grpc, session_pb2
from tests.real_bridge import PATIENCE, request, until


@dataclass
class Files:
    """PEM files of one authority, of a certificate under it and its key, and of a stranger's."""

    ca: str
    cert: str
    key: str
    strange_ca: str
    strange_cert: str
    strange_key: str


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("tls")
    written = []
    for whose in ("our", "strange"):
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        paths = [folder / f"{whose}-{what}.pem" for what in ("ca", "cert", "key")]
        authority.cert_pem.write_to_path(paths[0])
        for blob in issued.cert_chain_pems:
            blob.write_to_path(paths[1], append=True)
        issued.private_key_pem.write_to_path(paths[2])
        written += [str(path) for path in paths]
    return Files(*written)


def serving(files: Files, **more: Any) -> Config:
    return Config(http_port=0, grpc_port=0, tls_cert=files.cert, tls_key=files.key, **more)


async def describe(channel: grpc.aio.Channel) -> service_pb2.DescribeResponse:
    """Ask the bridge at the other end what it is."""
    async with channel:
        stub = service_pb2_grpc.RigcastServiceStub(channel)
        about: service_pb2.DescribeResponse = await stub.Describe(service_pb2.DescribeRequest(), timeout=PATIENCE)
        return about


@contextlib.asynccontextmanager
async def websocket(bound: Config, context: ssl.SSLContext | None) -> AsyncIterator[Any]:
    address = f"{bound.page_url.replace('http', 'ws', 1)}rigcast"
    async with connect(address, ssl=context, subprotocols=[Subprotocol("rigcast.v1")], proxy=None) as connection:
        await connection.send(request(join=session_pb2.Join(session="tls", no_frames=True)))
        yield connection


def page(bound: Config, context: ssl.SSLContext | None) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(bound.page_url, timeout=PATIENCE) as answer:
        return bytes(answer.read())


async def test_everything_is_spoken_through_tls(files: Files) -> None:
    async with server.running(serving(files)) as bound:
        assert bound.page_url.startswith("https://")
        client = Config(http_port=bound.http_port, grpc_port=bound.grpc_port, tls_ca=files.ca)
        assert (await describe(opened(client))).protocol == "rigcast.v1"
        async with websocket(bound, tls.client_context(client)) as connection:
            await until(connection, "welcome")
        assert b"Rigcast" in await asyncio.to_thread(page, bound, tls.client_context(client))
        assert (await describe(opened(bound))).protocol == "rigcast.v1"  # on the same machine, by the same settings


async def test_who_trusts_another_authority_does_not_get_through(files: Files) -> None:
    async with server.running(serving(files)) as bound:
        client = Config(http_port=bound.http_port, grpc_port=bound.grpc_port, tls_ca=files.strange_ca)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await describe(opened(client))
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        with pytest.raises(ssl.SSLCertVerificationError):
            async with websocket(bound, tls.client_context(client)):
                pass


async def test_what_is_not_encrypted_gets_no_answer(files: Files) -> None:
    async with server.running(serving(files)) as bound:
        with pytest.raises((InvalidMessage, ConnectionError)):
            async with connect(f"ws://127.0.0.1:{bound.http_port}/rigcast", proxy=None):
                pass
        with pytest.raises(grpc.aio.AioRpcError):
            await describe(grpc.aio.insecure_channel(bound.grpc_target, options=CHANNEL_OPTIONS))


async def test_mutual_tls_wants_a_certificate_of_its_authority(files: Files) -> None:
    async with server.running(serving(files, tls_client_ca=files.ca)) as bound:
        client = Config(http_port=bound.http_port, grpc_port=bound.grpc_port, tls_ca=files.ca)
        ours = replace(client, tls_cert=files.cert, tls_key=files.key)
        assert (await describe(opened(ours))).protocol == "rigcast.v1"
        async with websocket(bound, tls.client_context(ours)) as connection:
            await until(connection, "welcome")
        strange = replace(client, tls_cert=files.strange_cert, tls_key=files.strange_key)
        for other in (client, strange):
            with pytest.raises(grpc.aio.AioRpcError):
                await describe(opened(other))
            with pytest.raises((ssl.SSLError, ConnectionError, InvalidMessage)):
                async with websocket(bound, tls.client_context(other)) as connection:
                    await until(connection, "welcome")


async def test_the_commands_say_what_is_wrong_with_trust(files: Files) -> None:
    from bridge.commands import CommandError

    def ask(config: Config) -> None:
        with connected(config, config.grpc_target) as stub:
            stub.Describe(service_pb2.DescribeRequest(), timeout=PATIENCE)

    async with server.running(serving(files)) as bound:
        client = Config(http_port=bound.http_port, grpc_port=bound.grpc_port, tls_ca=files.strange_ca)
        with pytest.raises(CommandError, match="tls_ca names whom to trust"):
            await asyncio.to_thread(ask, client)
        await asyncio.to_thread(ask, replace(client, tls_ca=files.ca))


def broken(files: Files, tmp_path: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Settings that cannot serve, and what is said of them."""
    garbled, huge, locked = (tmp_path / name for name in ("garbled.pem", "huge.pem", "locked.pem"))
    garbled.write_text("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n")
    huge.write_bytes(b"-----BEGIN CERTIFICATE-----\n" * 40_000)
    locked.write_text(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgxMjM0NTY3OAICCAAw\n"
        "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDEyMzQ1Njc4MTIzNDU2NzgEQDEy\n"
        "MzQ1Njc4MTIzNDU2NzgxMjM0NTY3ODEyMzQ1Njc4MTIzNDU2NzgxMjM0NTY3ODEy\n"
        "MzQ1Njc4MTIzNDU2Nzg=\n-----END ENCRYPTED PRIVATE KEY-----\n"
    )
    yield {"tls_cert": str(tmp_path / "none.pem")}, r'tls_cert = ".*none.pem": cannot be read: No such file'
    yield {"tls_cert": str(tmp_path)}, "cannot be read"
    yield {"tls_cert": files.key}, "holds no certificate in PEM form .*; it holds a private key"
    yield {"tls_key": files.cert}, "holds no private key in PEM form .*; it holds a certificate"
    yield {"tls_key": files.strange_key}, "tls_key = .* is not the key of .*our-cert.pem"
    yield {"tls_key": str(locked)}, "is encrypted; write it without a passphrase"
    yield {"tls_cert": str(garbled)}, "cannot be used with tls_cert"
    yield {"tls_cert": str(huge)}, "is larger than 1000000 bytes"
    yield {"tls_client_ca": files.key}, "tls_client_ca = .* holds no certificate"
    yield {"tls_client_ca": str(garbled)}, "tls_client_ca = .* holds no certificate that can be read"
    yield {"tls_client_ca": str(tmp_path / "none.pem")}, "tls_client_ca = .* cannot be read"


def test_files_that_cannot_serve_are_named(files: Files, tmp_path: Path) -> None:
    for settings, words in broken(files, tmp_path):
        config = replace(serving(files), **settings)
        with pytest.raises(ConfigError, match=words):
            tls.server_credentials(config)
        with pytest.raises(ConfigError, match=words):
            tls.server_context(config)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tls_cert": "a.pem"}, "tls_cert and tls_key go together"),
        ({"tls_key": "a.pem"}, "tls_cert and tls_key go together"),
        ({"tls_client_ca": "a.pem"}, "needs tls_cert and tls_key"),
    ],
)
def test_what_belongs_together_is_asked_for(settings: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Config(**settings)  # type: ignore[arg-type]


def test_without_files_there_is_no_tls() -> None:
    config = Config()
    assert tls.server_context(config) is tls.client_context(config) is None
    assert tls.server_credentials(config) is tls.channel_credentials(config) is None


def test_old_versions_are_not_spoken(files: Files) -> None:
    context = tls.server_context(serving(files))
    assert context
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


# Certificates that are renewed


def issued(folder: Path, authority: trustme.CA, serial: int, *, ends: datetime | None = None) -> Config:
    """Write the files of a fresh certificate in the place of those that are there."""
    certificate = authority.issue_cert("127.0.0.1", not_after=ends, common_name=f"number-{serial}")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return Config(
        http_port=0, grpc_port=0, tls_cert=str(folder / "cert.pem"), tls_key=str(folder / "key.pem"),
        tls_client_ca=str(folder / "ca.pem"),
    )  # fmt: skip


async def shown(bound: Config, port: int, tls_config: Config) -> bytes:
    """The certificate that the bridge shows at a port to a client that has one of the authority's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"] if port == bound.grpc_port else ["http/1.1"])
    context.load_cert_chain(tls_config.tls_cert, tls_config.tls_key)
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return bytes(certificate)


async def test_a_renewed_certificate_is_shown_to_whoever_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And its authority is the one that clients need from then on; a file that cannot serve changes nothing."""
    monkeypatch.setattr(tls, "LOOK_S", 0.0)
    authority, other = trustme.CA(), trustme.CA()
    config = issued(tmp_path, authority, 1)
    async with server.running(config) as bound:
        ours = replace(bound, tls_ca=str(tmp_path / "ca.pem"))
        first = [await shown(bound, port, config) for port in (bound.http_port, bound.grpc_port)]
        issued(tmp_path, other, 2)
        second = [await shown(bound, port, config) for port in (bound.http_port, bound.grpc_port)]
        assert first[0] == first[1] != second[0] == second[1]
        assert (await describe(opened(ours))).protocol == "rigcast.v1"
        async with websocket(bound, tls.client_context(ours)) as connection:
            await until(connection, "welcome")
        (tmp_path / "key.pem").write_text("half of it")
        with caplog.at_level("ERROR"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            _, writer = await asyncio.open_connection("127.0.0.1", bound.http_port, ssl=context)
            assert writer.get_extra_info("ssl_object").getpeercert(binary_form=True) == second[0]
            writer.transport.abort()
        assert "stays as it was" in caplog.text


@pytest.mark.parametrize(("days", "words"), [(400, ""), (3, "in 3.0 days"), (-1, "in the past")])
def test_a_certificate_that_ends_soon_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, days: int, words: str
) -> None:
    ends = datetime.now(UTC) + timedelta(days=days, minutes=1)
    config = issued(tmp_path, trustme.CA(), 1, ends=ends)
    assert tls.expires(config) == pytest.approx(ends.timestamp(), abs=1)
    tls.server_context(config)
    assert words in caplog.text
    assert bool(caplog.text) == bool(words)


def test_the_end_of_what_is_no_certificate_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "cert.pem"
    for text in ("", f"{ssl.PEM_HEADER}\nAAAA\n{ssl.PEM_FOOTER}", f"{ssl.PEM_HEADER}\nMIIB\n{ssl.PEM_FOOTER}"):
        file.write_text(text)
        assert tls.expires(Config(tls_cert=str(file), tls_key="key.pem")) == float("inf")


@pytest.mark.parametrize(("days", "state"), [(400, "ok"), (3, "note"), (-1, "broken")])
def test_the_doctor_looks_at_the_certificate(tmp_path: Path, days: int, state: str) -> None:
    config = issued(tmp_path, trustme.CA(), 1, ends=datetime.now(UTC) + timedelta(days=days, minutes=1))
    assert doctor.settings.certificate(config).state == state
    (tmp_path / "key.pem").unlink()
    assert doctor.settings.certificate(config).state == "broken"
