// SPDX-License-Identifier: Apache-2.0
//! Uses an API whose tokens expire. If a request is answered with 401, it gets a new token and
//! continues over the same connections.
//!
//!     cargo run --example oauth API_URL TOKEN_URL CLIENT_ID CLIENT_SECRET

use requests::{Error, Session};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [api, token_url, id, secret] = &arguments[..] else {
        return Err("cargo run --example oauth API_URL TOKEN_URL CLIENT_ID CLIENT_SECRET".into());
    };
    let mut token_room = [0; 2048];
    let mut session = Session::new().base_url(api).auth_buffer(&mut token_room);
    let mut buffer = [0; 4096];
    for _ in 0..3 {
        let mut response = session.get("status").send(&mut buffer)?;
        if response.status_code == 401 {
            renew(&mut session, token_url, (id, secret))?;
            response = session.get("status").send(&mut buffer)?;
        }
        response.raise_for_status()?;
        println!("{}", response.text()?);
    }
    Ok(())
}

/// Gets a token by the client credentials grant (RFC 6749 §4.4).
fn renew(session: &mut Session<'_>, token_url: &str, client: (&str, &str)) -> Result<(), Error> {
    let mut buffer = [0; 4096];
    let response = requests::post(token_url)
        .auth(client)
        .form(&[("grant_type", "client_credentials"), ("scope", "status")])
        .send(&mut buffer)?;
    response.raise_for_status()?;
    session.set_bearer_auth(response.json_at("/access_token")?)
}
