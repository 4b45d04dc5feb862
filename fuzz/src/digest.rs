// SPDX-License-Identifier: Apache-2.0
//! Digest challenges. Lines with the user, the password, the target of the request, a next nonce, and then the values
//! of `WWW-Authenticate`. The answer is the one that RFC 7616 §3.4.1 describes, computed here once more.

use md5::Md5;
use requests::HeaderFields;
use requests::proto::digest_auth::{Answer, Challenge, KeptChallenge, client_nonce, next_nonce};
use requests::proto::write::Write;
use sha2::{Digest as _, Sha256};

use crate::input::Input;

struct Collected(Vec<u8>);

impl Write for Collected {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// See the module.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let options = input.byte();
    let user = input.text_until(b'\n');
    let password = input.text_until(b'\n');
    let uri = input.until(b'\n');
    let nonce = input.until(b'\n');
    let values = input.rest();

    let mut lines = Vec::new();
    for value in values.split(|&byte| byte == b'\n') {
        lines.extend_from_slice(b"WWW-Authenticate: ");
        lines.extend_from_slice(value);
        lines.extend_from_slice(b"\r\n");
    }
    let headers = HeaderFields::new(&lines);
    let info = [b"Authentication-Info: ", nonce, b"\r\n"].concat();
    let named = next_nonce(&HeaderFields::new(&info));
    let Some(challenge) = Challenge::of_response(&headers) else {
        let _ = Challenge::why_unsupported(&headers).to_string();
        return;
    };
    let cnonce = client_nonce([options; 16]);
    let mut answer = Answer {
        user: user.as_bytes(),
        password: password.as_bytes(),
        percent_encoded: false,
        method: "GeT",
        uri,
        count: 1 + u32::from(options),
        client_nonce: &cnonce,
    };
    // Challenges come from header fields, which have no control characters.
    if !values.iter().all(|&byte| byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\n')) {
        return;
    }
    if challenge.can_answer(&answer) {
        answers(&challenge, &answer);
    }
    let mut kept = KeptChallenge::new();
    let scope = [1; 32];
    assert!(kept.next(&scope).is_none());
    let is_kept = kept.keep(scope, &challenge, cnonce);
    assert!(kept.next(&[2; 32]).is_none());
    for count in 2..4 {
        let next = kept.next(&scope);
        assert_eq!(next.is_some(), is_kept);
        if let Some((kept, number, nonce)) = next {
            // The second request counts 2? The first is counted by `keep`.
            assert!(number >= count - 1 && nonce == cnonce);
            answer.count = number;
            if kept.can_answer(&answer) {
                answers(&kept, &answer);
            }
        }
    }
    if let Some(nonce) = named {
        kept.set_nonce(nonce);
        if let Some((kept, ..)) = kept.next(&scope)
            && kept.can_answer(&answer)
            && nonce.iter().all(|&byte| byte >= b' ' && byte != 0x7f)
        {
            answers(&kept, &answer);
        }
    }
}

/// The answer is a valid header value, and says what its parameters demand.
fn answers(challenge: &Challenge<'_>, answer: &Answer<'_>) {
    let mut out = Collected(Vec::new());
    challenge.write_authorization(answer, &mut out);
    let text = out.0;
    assert!(
        text.iter().all(|&byte| byte >= b' ' && byte != 0x7f || byte == b'\t'),
        "{}",
        text.escape_ascii()
    );
    let parameters = parameters(text.strip_prefix(b"Digest ").expect("the scheme"));
    let get = |name: &str| {
        let mut named = parameters.iter().filter(|(other, _)| other == name);
        let value = named.next().map(|(_, value)| value.clone());
        assert!(named.next().is_none(), "{name} is there twice");
        value
    };
    let algorithm = get("algorithm").unwrap_or(b"MD5".to_vec());
    let is_sha256 = algorithm.starts_with(b"SHA-256");
    let hash = |text: &[u8]| {
        let digest = if is_sha256 { Sha256::digest(text).to_vec() } else { Md5::digest(text).to_vec() };
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()
    };
    let join = |parts: &[&[u8]]| hash(&parts.join(&b":"[..]));
    let (realm, nonce) = (get("realm").expect("a realm"), get("nonce").expect("a nonce"));
    let username = get("username").expect("a user");
    if get("userhash").is_some() {
        assert_eq!(username, join(&[answer.user, &realm]));
    } else {
        assert_eq!(username, answer.user);
    }
    let mut secret = join(&[answer.user, &realm, answer.password]);
    if algorithm.ends_with(b"-sess") {
        secret = join(&[&secret, &nonce, answer.client_nonce]);
    }
    let request = join(&[answer.method.to_ascii_uppercase().as_bytes(), answer.uri]);
    let expected = match get("qop") {
        Some(qop) => {
            assert_eq!(qop, b"auth");
            let count = format!("{:08x}", answer.count).into_bytes();
            assert_eq!(get("nc"), Some(count.clone()));
            assert_eq!(get("cnonce").as_deref(), Some(answer.client_nonce));
            join(&[&secret, &nonce, &count, answer.client_nonce, &qop, &request])
        }
        None => join(&[&secret, &nonce, &request]),
    };
    assert_eq!(get("response"), Some(expected));
    assert_eq!(get("uri").as_deref(), Some(answer.uri));
}

/// The parameters of credentials (RFC 9110 §11.4), unescaped.
fn parameters(mut text: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    while !text.is_empty() {
        let equals = text.iter().position(|&byte| byte == b'=').expect("a parameter");
        let name = std::str::from_utf8(&text[..equals]).expect("a token").to_owned();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()));
        text = &text[equals + 1..];
        let mut value = Vec::new();
        if let Some(quoted) = text.strip_prefix(b"\"") {
            let mut bytes = quoted.iter().enumerate();
            let end = loop {
                match bytes.next().expect("a quotation mark at the end") {
                    (end, b'"') => break end,
                    (_, b'\\') => value.push(*bytes.next().expect("an escaped character").1),
                    (_, byte) => value.push(*byte),
                }
            };
            text = &quoted[end + 1..];
        } else {
            let end = text.iter().position(|&byte| byte == b',').unwrap_or(text.len());
            value.extend_from_slice(&text[..end]);
            text = &text[end..];
        }
        all.push((name, value));
        if !text.is_empty() {
            text = text.strip_prefix(b", ").expect("a comma");
        }
    }
    all
}
