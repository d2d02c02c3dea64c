//! A file that a company has uploaded, for stories about what becomes of everything that is kept.

use http::Method;
use platform::credentials::oauth_clients;

use super::{World, encoded};

/// A file of several parts, which isn't text.
pub fn a_file() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    file.extend(
        (0..50_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()),
    );
    file
}

impl World {
    /// Uploads a file by the client's key.
    pub async fn upload_a_file(&self, company: &str) {
        let client = self.first_client().await;
        let enabled = oauth_clients::set_enabled(&self.app, client, "updc", true);
        enabled.await.unwrap();
        let connection = self.connection(company, "updc").await;
        let head = "--edge\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n";
        let body = [head.as_bytes(), &a_file(), b"\r\n--edge--\r\n"].concat();
        let authorization = format!("Basic {}", encoded(&self.key));
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "multipart/form-data; boundary=edge"),
        ];
        let id = connection["id"].as_str().unwrap();
        let path = format!("/companies/{company}/connections/{id}/files");
        self.send(Method::POST, &path, &headers, body).await.ok();
    }
}
