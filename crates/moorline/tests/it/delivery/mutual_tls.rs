//! Mutual TLS: a receiver that requires a client certificate of its own authority.

use std::sync::Arc;

use http::Method;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::harness::World;
use crate::harness::receiver::subscribe;
use crate::operating::kills::Process;

/// A certificate and its key, PEM-encoded.
struct Issued {
    certificate: String,
    key: String,
}

struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self {
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, name: &str) -> Issued {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Issued {
            certificate,
            key: key.serialize_pem(),
        }
    }
}

/// Starts a receiver that answers 204 to clients with a certificate of the authority, and returns its URL.
async fn receiver(authority: &Authority) -> String {
    let own = authority.issue("127.0.0.1");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(authority.certificate.as_bytes()).unwrap())
        .unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap()],
            PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut buffer = vec![0; 64 << 10];
                let _ = stream.read(&mut buffer).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_requires_mutual_tls_gets_the_consumers_certificate() {
    let world = World::on_sqlite().await;
    world.stop_platform().await;
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, &authority.certificate).unwrap();
    let mut process = Process::of(&world);
    process
        .environment
        .push(("SSL_CERT_FILE", roots.display().to_string()));
    process.start().await;

    let url = receiver(&authority).await;
    let webhook = subscribe(&world, &url, &["company.created"]).await;
    let path = format!("/webhooks/{webhook}");
    let outcome = |number: usize, attempts: usize| {
        let (world, path) = (&world, &path);
        async move {
            world
                .until(format!("message {number} was tried"), || async {
                    let listed = world.get(&format!("{path}/messages")).await.ok();
                    let results = listed["results"].as_array()?.clone();
                    let newest = (results.len() >= number).then(|| results[0].clone())?;
                    (newest["attemptCount"].as_u64()? as usize >= attempts)
                        .then(|| newest["status"].clone())
                })
                .await
        }
    };
    world.company("without a certificate").await;
    assert_eq!(outcome(1, 1).await, "waiting");

    let client = authority.issue("moorline.example");
    let certificate = |certificate: &str, key: &str| json!({ "clientCertificate": { "certificate": certificate, "privateKey": key } });
    let other = authority.issue("other.example");
    let mismatched = certificate(&client.certificate, &other.key);
    world
        .client(Method::PATCH, &path, Some(mismatched))
        .await
        .refused(400);
    let shown = world
        .client(
            Method::PATCH,
            &path,
            Some(certificate(&client.certificate, &client.key)),
        )
        .await;
    assert!(
        shown.ok()["clientCertificate"]["sha256"].is_string() && !shown.text().contains("BEGIN")
    );
    world.company("with a certificate").await;
    assert_eq!(outcome(2, 1).await, "delivered");

    let removed = world
        .client(
            Method::PATCH,
            &path,
            Some(json!({ "clientCertificate": null })),
        )
        .await
        .ok();
    assert!(removed.get("clientCertificate").is_none());
    world.company("without again").await;
    assert_eq!(outcome(3, 1).await, "waiting");
    process.kill();
    world.end().await;
}
