"""INT-15, SEC-14: events go to the public Internet, however an address inside is dressed up."""

from ipaddress import ip_address

import pytest

from domain.channels.addresses import (
    URL_LENGTH_MAX,
    AddressNotPublic,
    UrlInvalid,
    check_url,
    is_public,
)

pytestmark = [pytest.mark.row("INT-15"), pytest.mark.row("SEC-14")]


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"],
)
def test_an_address_of_the_public_internet_is_one(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - no address to listen on
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:2800:220:1:248:1893:25c8:1946%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_no_other_address_is_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/defter?shop=7",
        "https://hooks.example:8443",
        "https://hooks.example./",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]:444/",
        "https://xn--dkkan-lva3c.example/",
    ],
)
def test_takes_a_url_that_leads_to_the_public_internet(url: str) -> None:
    check_url(url, test=False)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/hook", "http://localhost/", "https://10.0.0.1", "http://db/"]
)
def test_a_test_tenant_s_url_leads_anywhere(url: str) -> None:
    check_url(url, test=True)


@pytest.mark.parametrize("test", [True, False])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "https:///path",
        "https://user@hooks.example/",
        "https://user:pass@hooks.example/",
        "https://hooks.example/#part",
        "https://hooks.example/#",
        "https://hooks.example:0/",
        "https://hooks.example:65536/",
        "https://hooks.example:http/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nX-Evil: 1",
        "https://hooks.example\\@127.0.0.1/",
        "https://dükkân.example/",
        "https://hooks..example/",
        "https://-hooks.example/",
        "https://hooks.example%00.example/",
        "https://[fe80::1%25eth0]/",
        "https://[2606:2800:220:1:248:1893:25c8:1946]x/",
        "https://hooks.example:/",
        "https://[::1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.0x1./",
        "https://hooks.example/" + "a" * URL_LENGTH_MAX,
    ],
)
def test_refuses_what_is_no_url_to_send_to(url: str, *, test: bool) -> None:
    with pytest.raises(UrlInvalid):
        check_url(url, test=test)


def test_a_url_has_2000_characters_and_not_one_more() -> None:
    path = "https://hooks.example/"
    check_url(path + "a" * (URL_LENGTH_MAX - len(path)), test=False)
    with pytest.raises(UrlInvalid):
        check_url(path + "a" * (URL_LENGTH_MAX - len(path) + 1), test=False)


def test_only_a_test_tenant_s_events_go_by_http() -> None:
    check_url("http://hooks.example/", test=True)
    with pytest.raises(UrlInvalid):
        check_url("http://hooks.example/", test=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://LOCALHOST/",
        "https://localhost./",
        "https://shop.localhost/",
    ],
)
def test_refuses_an_address_inside_that_can_be_told_from_the_url(url: str) -> None:
    with pytest.raises(AddressNotPublic):
        check_url(url, test=False)
