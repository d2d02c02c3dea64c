//! A client certificate, for servers that request one (mutual TLS).

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::secret::Secret;

/// A client certificate and its key.
#[derive(Clone)]
pub struct Identity(Arc<rustls::sign::CertifiedKey>);

/// Shows nothing: beside the certificate it holds the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}

/// Reasons for which a certificate and key can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("no PEM-encoded X.509 certificate was found")]
    NoCertificate,
    #[error("no PEM-encoded private key (PKCS #8, PKCS #1 or SEC 1) was found")]
    NoKey,
    #[error(
        "the private key doesn't belong to the certificate, or is of a kind that TLS can't use (RSA, ECDSA and Ed25519 are)"
    )]
    Unfit,
}

impl Identity {
    /// Reads a certificate chain (the client's own first) and its key, each PEM-encoded, in one text or two.
    pub fn from_pem(certificates: &str, key: &Secret) -> Result<Self, IdentityError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| IdentityError::NoCertificate)?;
        if chain.is_empty() {
            return Err(IdentityError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes())
            .map_err(|_| IdentityError::NoKey)?;
        let provider = rustls::crypto::ring::default_provider();
        rustls::sign::CertifiedKey::from_der(chain, key, &provider)
            .map(|certified| Self(Arc::new(certified)))
            .map_err(|_| IdentityError::Unfit)
    }

    pub(crate) fn resolver(&self) -> Arc<dyn rustls::client::ResolvesClientCert> {
        Arc::new(Presented(self.0.clone()))
    }

    /// The client's own certificate, DER-encoded.
    pub fn certificate(&self) -> &[u8] {
        self.0.cert.first().map_or(&[], |certificate| certificate)
    }
}

/// Presents one certificate to every server that requests one.
#[derive(Debug)]
struct Presented(Arc<rustls::sign::CertifiedKey>);

impl rustls::client::ResolvesClientCert for Presented {
    fn resolve(
        &self,
        _: &[&[u8]],
        schemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        self.0
            .key
            .choose_scheme(schemes)
            .is_some()
            .then(|| self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
