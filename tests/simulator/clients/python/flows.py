"""MSAL for Python, unchanged and with its defaults, where Microsoft's hosts are simulated.

TENANT is the tenant's domain, USER who signs in. The one argument names how. What is printed is the
page of users that Graph has for the token.
"""

import datetime
import os
import sys

import msal
import requests
from azure.identity import ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

TENANT = os.environ["TENANT"]
USER = os.environ["USER"]
CLIENT_ID = "11111111-2222-3333-4444-555555555555"
LOGIN = "https://login.microsoftonline.com"
DEFAULT = ["https://graph.microsoft.com/.default"]
SCOPES = ["User.Read.All"]


def application(credential):
    """An application of the tenant, which signs in by itself."""
    authority = f"{LOGIN}/{TENANT}"
    client = msal.ConfidentialClientApplication(
        CLIENT_ID, authority=authority, client_credential=credential
    )
    return client.acquire_token_for_client(DEFAULT)


def secret():
    return application("any-secret")


def certificate():
    """A certificate that the application made itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "contoso")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    return application({"private_key": pem.decode(), "public_certificate": public.decode()})


def identity():
    """An application through `azure-identity`, which asks which host is which."""
    credential = ClientSecretCredential(TENANT, CLIENT_ID, "any-secret")
    return {"access_token": credential.get_token(*DEFAULT).token}


def password():
    """By name and password, for which there is no authority of any account."""
    client = msal.PublicClientApplication(CLIENT_ID, authority=f"{LOGIN}/organizations")
    return client.acquire_token_by_username_password(USER, "any-password", SCOPES)


def device():
    """By a code that is entered in the browser of another machine."""
    client = msal.PublicClientApplication(CLIENT_ID)
    flow = client.initiate_device_flow(SCOPES)
    form = {"user_code": flow["user_code"], "login_hint": USER}
    requests.get(flow["verification_uri"], params=form, timeout=60).raise_for_status()
    return client.acquire_token_by_device_flow(flow)


def browser():
    """By the browser of this machine, which BROWSER names; then from the refresh token."""
    client = msal.PublicClientApplication(CLIENT_ID)
    assert not client.get_accounts(USER)
    first = client.acquire_token_interactive(SCOPES, login_hint=USER, timeout=60)
    assert "access_token" in first, first
    [account] = client.get_accounts(USER)
    again = client.acquire_token_silent(SCOPES, account, force_refresh=True)
    assert again["access_token"] != first["access_token"]
    return again


FLOWS = {
    flow.__name__: flow
    for flow in (secret, certificate, identity, password, device, browser)
}

result = FLOWS[sys.argv[1]]()
assert "access_token" in result, result
answer = requests.get(
    "https://graph.microsoft.com/v1.0/users?$top=2",
    headers={"Authorization": f"Bearer {result['access_token']}"},
    timeout=60,
)
answer.raise_for_status()
print(answer.text)
