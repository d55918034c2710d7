"""The sandbox's own certificate authority and server certificate, made at first start.

Azure's clients send bearer tokens over TLS only. The authority signs nothing but this server, its
key is thrown away, and the certificates are of use on this machine only.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

_VALID_DAYS = 3650
_AUTHORITY = "ca.pem"
_SERVER = "server.pem"
_BUNDLE = "ca-bundle.pem"


def prepare(folder: Path) -> None:
    """Make the certificates unless they are there; write the bundle anew at each start."""
    folder.mkdir(parents=True, exist_ok=True)
    if not ((folder / _AUTHORITY).exists() and (folder / _SERVER).exists()):
        _make(folder)
    _write(folder / _BUNDLE, _public_authorities() + (folder / _AUTHORITY).read_bytes())


def authority(folder: Path) -> Path:
    """The certificate that clients of the sandbox trust."""
    return folder / _AUTHORITY


def bundle(folder: Path) -> Path:
    """The authority together with the public ones, so that package downloads still work in a
    process whose REQUESTS_CA_BUNDLE is this file.
    """
    return folder / _BUNDLE


def server_context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / _SERVER)
    return context


def _public_authorities() -> bytes:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        path = os.environ.get(name, "")
        if path and Path(path).is_file():
            return Path(path).read_bytes().rstrip() + b"\n"
    default = ssl.get_default_verify_paths().cafile
    if default and Path(default).is_file():
        return Path(default).read_bytes().rstrip() + b"\n"
    import certifi

    return Path(certifi.where()).read_bytes().rstrip() + b"\n"


def _make(folder: Path) -> None:
    # Imported here: only the first start needs it.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def start(subject: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("mlplatform sandbox authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        )

    root_key = ec.generate_private_key(ec.SECP256R1())
    root_id = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = (
        start("mlplatform sandbox authority", root_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(root_id, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    addresses = [
        x509.DNSName("localhost"),
        x509.DNSName("*.localhost"),
        x509.DNSName("*.blob.localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    server = (
        start("localhost", key)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / _SERVER, private + server.public_bytes(pem), private=True)
    _write(folder / _AUTHORITY, root.public_bytes(pem))


def _write(path: Path, content: bytes, *, private: bool = False) -> None:
    """Whole or not at all: a start that was interrupted leaves no half certificate."""
    aside = path.with_suffix(".new")
    aside.write_bytes(content)
    aside.chmod(0o600 if private else 0o644)
    aside.replace(path)
