"""What the authority of a server can sign for. The arguments are the file of its certificate and
that of its key.
"""

import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

with open(sys.argv[1], "rb") as file:
    authority = x509.load_pem_x509_certificate(file.read())
with open(sys.argv[2], "rb") as file:
    key = serialization.load_pem_private_key(file.read(), None)


def signed(name):
    """A certificate for `name`, as someone who has the key makes it."""
    own = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contoso")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(False, None), False)
        .add_extension(
            x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH]), False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
        )
        .sign(key, hashes.SHA256())
    )


def is_trusted(name):
    verifier = PolicyBuilder().store(Store([authority])).build_server_verifier(x509.DNSName(name))
    try:
        verifier.verify(signed(name), [])
    except VerificationError as error:
        return str(error)
    return True


for name in ("localhost", "graph.microsoft.com", "login.microsoftonline.com"):
    assert is_trusted(name) is True, (name, is_trusted(name))
for name in ("www.microsoft.com", "contoso.com", "graph.microsoft.us"):
    assert is_trusted(name) is not True, name
