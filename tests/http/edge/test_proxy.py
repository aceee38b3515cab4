"""SEC-01, SEC-02: the shipped proxy ends TLS, names the client, and lets in what has limits.

These run the nginx that is installed, with the shipped file: only addresses and paths are its own.
"""

import asyncio
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.architecture.source import ROOT
from tests.http.conftest import Api, settings_for
from tests.http.edge.callers import listening, running
from tests.projections.stepping import until

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CERTIFICATE = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"

pytestmark = [
    pytest.mark.row("SEC-01"),
    pytest.mark.row("SEC-02"),
    pytest.mark.skipif(not Path(NGINX).exists(), reason="there is no nginx on this machine"),
]


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Proxy:
    """The shipped configuration, at ports of this machine."""

    folder: Path
    http_port: int
    https_port: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.https_port}"

    def client(self) -> httpx.AsyncClient:
        """Give a client that knows the certificate."""
        trusted = ssl.create_default_context(cafile=self.folder / "tls_certificate")
        return httpx.AsyncClient(verify=trusted, base_url=self.url)


def adapted(folder: Path, http_port: int, https_port: int, api_port: int) -> Path:
    """Write the shipped file with addresses of this machine."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for shipped, here in (
        ("worker_processes auto;", f"worker_processes 1; pid {folder}/pid;"),
        ("listen 8080;", f"listen 127.0.0.1:{http_port};"),
        ("listen 8443 ssl;", f"listen 127.0.0.1:{https_port} ssl;"),
        ("api-1:8000 resolve", f"127.0.0.1:{api_port}"),
        ("server api-2:8000 resolve max_fails=3 fail_timeout=5s;", ""),
        ("/dev/stdout", f"{folder}/access.log"),
        ("/run/secrets/", f"{folder}/"),
        ("http {", f"http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    (folder / "nginx.conf").write_text(text)
    return folder / "nginx.conf"


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """Give a folder with a certificate for this machine."""
    files = f"-keyout {tmp_path}/tls_key -out {tmp_path}/tls_certificate"
    name = "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(f"{CERTIFICATE} {files} {name}".split(), check=True, capture_output=True)
    return tmp_path


def nginx(configuration: Path, *words: str) -> list[str]:
    folder = configuration.parent
    return [NGINX, "-p", str(folder), "-e", f"{folder}/error.log", "-c", str(configuration), *words]


@pytest.fixture
async def behind(redis_url: str) -> AsyncGenerator[tuple[Api, int]]:
    """Give an application that believes this machine's proxy, and its port."""
    settings = settings_for(redis_url, trusted_proxies="127.0.0.0/8", metrics_from_loopback="true")
    async with (
        running(redis_url, app_settings=settings) as api,
        listening(api.services) as port,
    ):
        yield api, port


@contextmanager
def proxying(folder: Path, api_port: int) -> Generator[Proxy]:
    """Run the shipped proxy before an API process."""
    made = Proxy(folder, unused_port(), unused_port())
    configuration = adapted(folder, made.http_port, made.https_port, api_port)
    with subprocess.Popen(nginx(configuration, "-g", "daemon off;")) as process:
        yield made
        process.terminate()


@pytest.fixture
async def proxy(certified: Path, behind: tuple[Api, int]) -> AsyncGenerator[Proxy]:
    with proxying(certified, behind[1]) as made:
        await until(lambda: listens(made.https_port))
        yield made


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_the_shipped_file_is_well_formed(certified: Path) -> None:
    configuration = adapted(certified, unused_port(), unused_port(), unused_port())
    told = subprocess.run(nginx(configuration, "-t"), capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_a_file_that_is_not_well_formed_is_found(certified: Path) -> None:
    configuration = adapted(certified, unused_port(), unused_port(), unused_port())
    configuration.write_text(configuration.read_text().replace("proxy_pass", "proxy_pas"))
    told = subprocess.run(nginx(configuration, "-t"), capture_output=True, check=False)
    assert told.returncode != 0


def test_the_ports_of_the_web_lead_to_it() -> None:
    shipped = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert 'ports: ["${DEFTER_HTTP_PORT:-80}:8080", "${DEFTER_HTTPS_PORT:-443}:8443"]' in shipped


async def test_whoever_comes_without_tls_is_sent_to_come_with_it(proxy: Proxy) -> None:
    async with httpx.AsyncClient() as client:
        for port in (proxy.http_port, proxy.https_port):
            answer = await client.post(f"http://127.0.0.1:{port}/api/wallet?limit=1")
            assert answer.status_code == 308
            assert answer.headers["location"] == "https://127.0.0.1/api/wallet?limit=1"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "taken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)]
)
async def test_tls_is_1_2_or_newer(proxy: Proxy, version: str, *, taken: bool) -> None:
    context = ssl.create_default_context(cafile=proxy.folder / "tls_certificate")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.https_port, ssl=context)
    except (ssl.SSLError, ConnectionError):
        assert not taken
    else:
        writer.close()
        assert taken


async def test_the_client_s_own_address_is_what_counts(
    proxy: Proxy, behind: tuple[Api, int]
) -> None:
    api, _ = behind
    here = api.key(scopes=(), networks=("127.0.0.0/8",))
    there = api.key(scopes=(), networks=("198.51.100.0/24",))
    lie = {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    async with proxy.client() as client:
        answer = await client.get("/api/wallet", headers=lie | {"X-API-Key": here})
        assert answer.json()["code"] == "auth.permission_missing"
        answer = await client.get("/api/wallet", headers=lie | {"X-API-Key": there})
        assert answer.json()["code"] == "auth.network_refused"


async def test_answers_over_tls_bind_browsers_to_it(proxy: Proxy) -> None:
    async with proxy.client() as client:
        for path in ("/api/health/live", "/nowhere", "/metrics"):
            answer = await client.get(path)
            bound = answer.headers["strict-transport-security"]
            assert bound == "max-age=63072000; includeSubDomains"
            assert answer.headers["server"] == "nginx"


async def test_figures_are_not_for_the_world(proxy: Proxy) -> None:
    async with proxy.client() as client:
        for path in ("/metrics", "/x//../metrics", "/%6detrics", "/metrics/"):
            answer = await client.get(f"{proxy.url}{path}")
            assert answer.status_code == 404


async def test_what_it_refuses_is_a_problem_with_a_code(proxy: Proxy) -> None:
    async with proxy.client() as client:
        too_much = b"x" * (8 * 1024 * 1024 + 1)
        refused = {
            (413, "request.too_large"): await client.post("/api/wallet", content=too_much),
            (414, "request.target_too_long"): await client.get(f"/{'x' * 9_000}"),
            (431, "request.headers_too_large"): await client.get(
                "/api/wallet", headers={"X-Long": "x" * 9_000}
            ),
        }
    for (status, code), answer in refused.items():
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "retry-after" not in answer.headers


async def test_its_log_tells_no_address_query_or_key(proxy: Proxy, behind: tuple[Api, int]) -> None:
    key = behind[0].secret
    async with proxy.client() as client:
        await client.get("/api/wallet?owner=cus_canary", headers={"X-API-Key": key})
    logged = proxy.folder / "access.log"
    await until(lambda: '"uri":"/api/wallet"' in logged.read_text())
    told = re.sub(r'"upstream":"[^"]*"', "", logged.read_text())
    for secret in ("canary", key, "127.0.0.1"):
        assert secret not in told


async def test_without_an_api_process_it_says_when_to_come_again(certified: Path) -> None:
    with proxying(certified, unused_port()) as proxy:
        await until(lambda: listens(proxy.https_port))
        async with proxy.client() as client:
            answer = await client.get("/api/wallet")
    assert (answer.status_code, answer.json()["code"]) == (502, "service.unavailable")
    assert answer.headers["retry-after"] == "1"
