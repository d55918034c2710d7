"""Credentials of the local cloud: an ADC file, and a certificate authority for gRPC over TLS.

The ADC file is a service account key whose token address is the local cloud's, so that
`google.auth.default()` works as it does for any key file
(cloud.google.com/docs/authentication/application-default-credentials). Both are made at the first
start, are worth nothing elsewhere, and stay in the cloud's folder.

A key file belongs to one project, and so do the tokens that it gets; the token that a person is
told belongs to none and opens all.
"""

from __future__ import annotations

import ipaddress
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

TOKEN = "ya29.local-sandbox"
TOKEN_PATH = "/token/"
ACCOUNT = "sandbox-user"
_VALID = timedelta(days=3650)
_RSA_BITS = 2048


def adc_file(directory: Path, project: str, origin: str) -> Path:
    """Write the key file for the token address of the project; the key itself is kept."""
    path = directory / "application_default_credentials.json"
    key = _kept(directory / "account.pem", _new_rsa_key)
    email = f"{ACCOUNT}@{project}.iam.gserviceaccount.com"
    content = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "local-sandbox",
        "private_key": key.decode(),
        "client_email": email,
        "client_id": "100000000000000000000",
        "auth_uri": f"{origin}/auth",
        "token_uri": f"{origin}{TOKEN_PATH}{project}",
        "universe_domain": "googleapis.com",
    }
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o600)
    return path


def token(project: str) -> str:
    """The access token of a project's key file."""
    return f"{TOKEN}.{project}"


def project_of(authorization: str) -> str | None:
    """The project whose key file the header `Authorization` comes from; None for all others."""
    of_key_file = f"Bearer {TOKEN}."
    if not authorization.startswith(of_key_file):
        return None
    return authorization.removeprefix(of_key_file)


def server_certificate(directory: Path) -> tuple[bytes, bytes, Path]:
    """(private key, certificate chain, file of the authority) for localhost."""
    authority = directory / "ca.pem"
    key_file, chain_file = directory / "server.key", directory / "server.pem"
    if not (authority.exists() and key_file.exists() and chain_file.exists()):
        key, chain, root = _new_chain()
        key_file.write_bytes(key)
        key_file.chmod(0o600)
        chain_file.write_bytes(chain)
        authority.write_bytes(root)
    return key_file.read_bytes(), chain_file.read_bytes(), authority


def _kept(path: Path, make: object) -> bytes:
    if not path.exists():
        content = make() if callable(make) else b""
        path.write_bytes(content)
        path.chmod(0o600)
    return path.read_bytes()


def _new_rsa_key() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    return _pem(key)


def _new_chain() -> tuple[bytes, bytes, bytes]:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Local sandbox authority (Google Cloud)")
    root = (
        _certificate(root_name, root_name, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    leaf = (
        _certificate(_name("localhost"), root_name, key.public_key())
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    return _pem(key), leaf.public_bytes(form), root.public_bytes(form)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
