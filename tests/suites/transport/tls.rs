//! TLS: who is let in, who is not, and a certificate that is renewed under load.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diel_client::{Client, ClientOptions, Error};
use diel_tests::frames::Peer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::Victim;

/// An authority and the files that it writes.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut terms = CertificateParams::new(Vec::new()).unwrap();
        terms.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(terms, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `NAME.pem` and `NAME.key`. Expired ones ended in 2020.
    fn issue(&self, name: &str, is_expired: bool) {
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut terms = CertificateParams::new(names).unwrap();
        if is_expired {
            terms.not_before = rcgen::date_time_ymd(2019, 1, 1);
            terms.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = terms.signed_by(&key, &self.issuer).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
        fs::write(self.path(&format!("{name}.pem")), certificate.pem()).unwrap();
    }

    fn victim(&self, more: &[(&str, &str)]) -> Victim {
        let text = |name: &str| self.path(name).display().to_string();
        let (certificate, key) = (text("server.pem"), text("server.key"));
        let mut settings = vec![
            ("DIEL_TLS_CERTIFICATE", certificate.as_str()),
            ("DIEL_TLS_KEY", key.as_str()),
        ];
        settings.extend(more);
        Victim::start(&settings)
    }
}

fn https(victim: &Victim) -> String {
    let address = victim.server.address().unwrap();
    format!("https://localhost:{}", address.port())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

async fn ask(options: ClientOptions) -> Result<(), Error> {
    let client = Client::with_options(options).await?;
    match client.get_study("studies/nowhere").await {
        Err(error) if error.to_string().contains("nowhere") => Ok(()),
        Err(error) => Err(error),
        Ok(_) => panic!("there is no such study"),
    }
}

#[tokio::test]
async fn who_trusts_the_authority_is_served_and_nobody_else() {
    let (ours, others) = (Authority::new(), Authority::new());
    ours.issue("server", false);
    let victim = ours.victim(&[]);
    let trusting = |authority: &Authority| {
        ClientOptions::new(https(&victim)).ca_certificate(read(&authority.path("ca.pem")))
    };
    ask(trusting(&ours)).await.unwrap();
    assert!(
        ask(trusting(&others)).await.is_err(),
        "another authority is trusted"
    );
    let plain = format!("http://{}", victim.server.address().unwrap());
    let plain = tokio::time::timeout(Duration::from_secs(10), ask(ClientOptions::new(plain)));
    assert!(
        !plain.await.is_ok_and(|answer| answer.is_ok()),
        "answered without TLS"
    );
    let mut without: Peer = Peer::connect(victim.server.address().unwrap(), &[])
        .await
        .unwrap();
    assert!(without.is_closed_within(Duration::from_secs(8)).await);
}

#[tokio::test]
async fn an_expired_certificate_is_not_trusted() {
    let authority = Authority::new();
    authority.issue("server", true);
    let victim = authority.victim(&[]);
    let options =
        ClientOptions::new(https(&victim)).ca_certificate(read(&authority.path("ca.pem")));
    assert!(ask(options).await.is_err());
}

#[tokio::test]
async fn clients_show_a_certificate_where_they_have_to() {
    let (ours, others) = (Authority::new(), Authority::new());
    ours.issue("server", false);
    ours.issue("client", false);
    others.issue("client", false);
    let client_ca = ours.path("ca.pem").display().to_string();
    let victim = ours.victim(&[("DIEL_TLS_CLIENT_CA", &client_ca)]);
    let options = || ClientOptions::new(https(&victim)).ca_certificate(read(&ours.path("ca.pem")));
    let showing = |authority: &Authority| {
        options().client_certificate(
            read(&authority.path("client.pem")),
            read(&authority.path("client.key")),
        )
    };
    ask(showing(&ours)).await.unwrap();
    assert!(
        ask(showing(&others)).await.is_err(),
        "a stranger's certificate is taken"
    );
    assert!(ask(options()).await.is_err(), "no certificate is asked for");
}

#[tokio::test]
async fn a_peer_without_hello_is_let_go_and_the_server_stops() {
    let authority = Authority::new();
    authority.issue("server", false);
    let victim = authority.victim(&[("DIEL_LIMITS_DRAIN_SECONDS", "2")]);
    let address: SocketAddr = victim.server.address().unwrap();
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut byte = [0];
    let closed = tokio::time::timeout(Duration::from_secs(8), silent.read(&mut byte)).await;
    assert!(matches!(closed, Ok(Ok(0) | Err(_))), "{closed:?}");
    let _another = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    victim
        .server
        .stop_within(Duration::from_secs(6))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_taken_into_use_under_load() {
    let (old, new) = (Authority::new(), Authority::new());
    old.issue("server", false);
    new.issue("server", false);
    let victim = old.victim(&[]);
    let url = https(&victim);
    let by = |authority: &Authority| {
        ClientOptions::new(url.clone()).ca_certificate(read(&authority.path("ca.pem")))
    };
    let busy = Client::with_options(by(&old)).await.unwrap();
    let load = tokio::spawn(async move {
        for _ in 0..400 {
            let error = busy.get_study("studies/nowhere").await.unwrap_err();
            assert!(error.to_string().contains("nowhere"), "{error}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(ask(by(&new)).await.is_err());
    // The certificate first, which for a while does not fit the key; the old pair stays in use meanwhile.
    fs::copy(new.path("server.pem"), old.path("server.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    fs::copy(new.path("server.key"), old.path("server.key")).unwrap();
    let mut tries = 0;
    while ask(by(&new)).await.is_err() {
        tries += 1;
        assert!(tries < 100, "the new certificate is not in use after 10 s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A connection that stood before goes on.
    load.await.unwrap();
}
