// SPDX-License-Identifier: Apache-2.0
//! Redirects: their targets, what the next request carries, and which responses are not followed.

mod support;

use requests::transport::scripted::{Script, ScriptedNetwork};
use requests::{Error, FramingError, Session, UrlError};

use support::sent::SentRequest;
use support::{answering, send_over};

const URL: &str = "http://example.org/a/b";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn redirect(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} Found\r\n{headers}Content-Length: 0\r\n\r\n")
}

fn sent(network: &ScriptedNetwork, connection: usize) -> SentRequest {
    SentRequest::only(&network.sent(connection))
}

#[test]
fn an_empty_location_is_none() {
    for headers in ["Location:\r\n", "Location: \t\r\n", ""] {
        let mut network = answering([redirect(302, headers)]);
        let answer = send_over(requests::get(URL), &mut network).unwrap();
        assert_eq!((answer.status, answer.redirects, answer.url.as_str()), (302, 0, URL));
    }
}

#[test]
fn one_location_is_meant_or_none() {
    for headers in ["Location: /x\r\nLocation: /y\r\n", "Location: /x\r\nX: y\r\nlocation:\r\n"] {
        let mut network = answering([redirect(302, headers), OK.to_owned()]);
        let result = send_over(requests::get(URL), &mut network);
        assert_eq!(result, Err(Error::InvalidLocation(UrlError::Ambiguous)));
        assert_eq!(network.addresses().len(), 1);
        // If redirects are not followed, this is no error.
        let mut network = answering([redirect(302, headers)]);
        assert_eq!(send_over(requests::get(URL).redirects(0), &mut network).unwrap().status, 302);
    }
    let mut network = answering([redirect(302, "Location: /x\r\nLocation: /x\r\n"), OK.to_owned()]);
    assert_eq!(send_over(requests::get(URL), &mut network).unwrap().url, "http://example.org/x");
}

/// A text that browsers read as a path, and other clients as a host, is not a URL here.
#[test]
fn a_scheme_without_slashes_is_refused() {
    for location in ["http:/x", "http:x", "https:/x", "http:"] {
        let mut network = answering([redirect(302, &format!("Location: {location}\r\n"))]);
        let result = send_over(requests::get(URL), &mut network);
        assert_eq!(result, Err(Error::InvalidLocation(UrlError::Scheme)), "{location}");
    }
}

/// In Python's requests, `head` follows none unless it is told to.
#[test]
fn head_stays_head_and_is_followed_like_all_methods() {
    let target = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".to_owned();
    for status in [301, 302, 303, 307, 308] {
        let mut network = answering([redirect(status, "Location: /x\r\n"), target.clone()]);
        let answer = send_over(requests::head(URL), &mut network).unwrap();
        assert_eq!((answer.status, answer.redirects, answer.url.as_str()), (200, 1, "http://example.org/x"));
        assert_eq!(sent(&network, 1).method, "HEAD");
        let mut network = answering([redirect(status, "Location: /x\r\n")]);
        let answer = send_over(requests::head(URL).redirects(0), &mut network).unwrap();
        assert_eq!((answer.status, answer.redirects, answer.url.as_str()), (status, 0, URL));
    }
}

/// RFC 9110 §15.4: headers that describe the content are removed with it.
#[test]
fn what_describes_the_body_stays_behind_with_it() {
    let about_body = [
        "Content-Encoding",
        "Content-Language",
        "content-location",
        "Content-Type",
        "Content-Disposition",
        "Content-MD5",
        "Content-Digest",
        "Digest",
        "Repr-Digest",
        "Last-Modified",
    ];
    for (status, method, is_dropped) in [
        (301, "POST", true),
        (302, "POST", true),
        (302, "PUT", true),
        (303, "PATCH", true),
        (307, "POST", false),
        (308, "PUT", false),
        (301, "PUT", false),
    ] {
        let mut network = answering([redirect(status, "Location: /x\r\n"), OK.to_owned()]);
        let mut request = requests::request(method, URL).data(b"data").header("X-Keep", "1");
        for name in about_body {
            request = request.header(name, "v");
        }
        send_over(request, &mut network).unwrap();
        let first = sent(&network, 0);
        let second = sent(&network, 1);
        assert_eq!(second.method, if is_dropped { "GET" } else { method });
        assert_eq!(second.header("X-Keep"), Some("1"));
        for name in about_body {
            assert_eq!(first.header(name), Some("v"), "{name}");
            assert_eq!(second.header(name), (!is_dropped).then_some("v"), "{status} {method} {name}");
        }
        for name in ["Transfer-Encoding", "Expect"] {
            assert_eq!(second.header(name), None);
        }
    }
}

/// RFC 9112 §6.3: a response of unclear length is discarded, whatever else it says.
#[test]
fn a_response_with_invalid_framing_is_not_acted_on() {
    for framing in [
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: x\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
    ] {
        for (status, headers) in [
            (302, "Location: /x\r\n"),
            (417, ""),
            (401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"),
            (200, ""),
            (503, "Retry-After: 0\r\n"),
        ] {
            let first = format!("HTTP/1.1 {status} X\r\n{headers}Set-Cookie: a=b\r\n{framing}\r\nabcd");
            let mut network = answering([first.as_str(), OK]);
            let request = requests::post(URL).data(b"x").expect_continue();
            #[cfg(feature = "digest-auth")]
            let request = request.digest_auth(("user", "password"));
            let result = send_over(request, &mut network);
            assert!(matches!(result, Err(Error::InvalidFraming(_))), "{status} {framing} {result:?}");
            assert_eq!(network.addresses().len(), 1, "{status} {framing}");
            assert_eq!(network.open(), 0);
        }
    }
}

#[test]
fn the_session_has_no_connection_left_of_it() {
    let first = "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd";
    let mut session = Session::over(answering([first, OK]));
    let mut buffer = [0; 512];
    let error = session.get(URL).send(&mut buffer).unwrap_err();
    assert_eq!(error, Error::InvalidFraming(FramingError::ConflictingContentLength));
    assert_eq!(session.connections_kept(), 0);
    assert_eq!(session.get(URL).send(&mut buffer).unwrap().content(), b"ok");
    assert_eq!(session.connections_opened(), 2);
}

#[cfg(feature = "cookies")]
mod cookies {
    use requests::{CookieJar, Retry};

    use super::*;

    /// A page that sets a cookie and redirects to itself, as log-in and consent pages do.
    fn gate() -> [String; 2] {
        [redirect(302, "Set-Cookie: seen=1; Path=/\r\nLocation: /a/b\r\n"), OK.to_owned()]
    }

    #[test]
    fn a_request_on_its_own_follows_a_cookie() {
        let mut network = answering(gate());
        let answer = send_over(requests::get(URL), &mut network).unwrap();
        assert_eq!((answer.status, answer.redirects), (200, 1));
        assert_eq!(sent(&network, 0).header("Cookie"), None);
        assert_eq!(sent(&network, 1).header("Cookie"), Some("seen=1"));

        let mut network = answering(gate());
        let mut buffer = [0; 600];
        let request = requests::get(URL).retry(Retry::new(2));
        assert_eq!(request.send_over(&mut network, &mut buffer).unwrap().status_code, 200);
        assert_eq!(sent(&network, 1).header("Cookie"), Some("seen=1"));

        let mut network = answering(gate());
        assert!(requests::get(URL).stream_over(&mut network, &mut buffer).is_ok());
        assert_eq!(sent(&network, 1).header("Cookie"), Some("seen=1"));

        let mut network = answering(gate());
        let mut file = Vec::new();
        assert!(requests::download(URL, &mut file).send_over(&mut network, &mut buffer).is_ok());
        assert_eq!((sent(&network, 1).header("Cookie"), &file[..]), (Some("seen=1"), &b"ok"[..]));
    }

    #[test]
    fn a_cookie_goes_where_it_belongs() {
        let mut network = answering([
            redirect(
                302,
                "Set-Cookie: a=1\r\nSet-Cookie: s=1; Secure\r\nLocation: http://other.example/\r\n",
            ),
            redirect(302, "Set-Cookie: b=2; Path=/x\r\nLocation: http://example.org/a/c\r\n"),
            redirect(302, "Set-Cookie: a=; Max-Age=0\r\nLocation: /a/d\r\n"),
            OK.to_owned(),
        ]);
        send_over(requests::get(URL), &mut network).unwrap();
        let cookies: Vec<_> =
            (0..4).map(|index| sent(&network, index).header("Cookie").map(str::to_owned)).collect();
        assert_eq!(cookies, [None, None, Some("a=1".to_owned()), None]);
    }

    #[test]
    fn it_is_forgotten_with_the_request() {
        let mut network = answering([gate().to_vec(), vec![OK.to_owned()]].concat());
        send_over(requests::get(URL), &mut network).unwrap();
        send_over(requests::get(URL), &mut network).unwrap();
        assert_eq!(sent(&network, 2).header("Cookie"), None);
    }

    #[test]
    fn a_header_of_the_callers_is_sent_instead() {
        let mut network = answering(gate());
        send_over(requests::get(URL).header("Cookie", "own=1"), &mut network).unwrap();
        for index in 0..2 {
            assert_eq!(sent(&network, index).header("Cookie"), Some("own=1"));
        }
    }

    #[test]
    fn a_response_with_invalid_framing_sets_none() {
        let mut jar = CookieJar::<[u8; 512]>::new();
        let first = "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: x\r\n\r\n";
        let mut session = Session::over(answering([first, OK])).cookies(&mut jar);
        let mut buffer = [0; 512];
        assert!(session.get(URL).send(&mut buffer).is_err());
        session.get(URL).send(&mut buffer).unwrap();
        assert_eq!(sent(session.network(), 1).header("Cookie"), None);
    }
}

/// With a base URL, the session's credentials are sent to its origin only.
mod base_url {
    use super::*;

    const HERE: &str = "http://api.example/v1/";
    const ELSEWHERE: &str = "http://other.example/";
    const HEADERS: &[(&str, &str)] =
        &[("Authorization", "Own 1"), ("Cookie", "a=1"), ("Proxy-Authorization", "p"), ("X-Api", "x")];

    fn asked(session: &mut Session<'_, ScriptedNetwork>, urls: &[&str]) -> Vec<SentRequest> {
        let mut buffer = [0; 600];
        for url in urls {
            session.get(url).send(&mut buffer).unwrap();
        }
        (0..urls.len()).map(|index| sent(session.network(), index)).collect()
    }

    fn network() -> ScriptedNetwork {
        // Each connection serves one request.
        ScriptedNetwork::new(
            (0..9)
                .map(|_| Script::new(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")),
        )
    }

    #[test]
    fn credentials_are_bound_to_its_origin() {
        let urls = [
            "status",
            "http://API.example:80/other",
            ELSEWHERE,
            "//other.example/",
            "http://api.example:8080/",
        ];
        let seen = |mut session: Session<'_, ScriptedNetwork>, name: &str| -> Vec<Option<String>> {
            asked(&mut session, &urls).iter().map(|sent| sent.header(name).map(str::to_owned)).collect()
        };
        let session = || Session::over(network()).base_url(HERE);
        let here_only = |value: &str| vec![Some(value.to_owned()), Some(value.to_owned()), None, None, None];
        assert_eq!(seen(session().auth(("u", "p")), "Authorization"), here_only("Basic dTpw"));
        assert_eq!(seen(session().bearer_auth("t"), "Authorization"), here_only("Bearer t"));
        for (name, value) in &HEADERS[..3] {
            assert_eq!(seen(session().headers(HEADERS), name), here_only(value), "{name}");
        }
        assert_eq!(seen(session().headers(HEADERS), "X-Api"), vec![Some("x".to_owned()); 5]);
    }

    #[test]
    fn without_one_they_go_to_whatever_is_asked() {
        let mut session = Session::over(network()).bearer_auth("t");
        for sent in asked(&mut session, &[HERE, ELSEWHERE]) {
            assert_eq!(sent.header("Authorization"), Some("Bearer t"));
        }
    }

    #[test]
    fn a_request_has_its_own_for_elsewhere() {
        let mut session = Session::over(network()).base_url(HERE).bearer_auth("t").headers(HEADERS);
        let mut buffer = [0; 600];
        session.get(ELSEWHERE).bearer_auth("other").send(&mut buffer).unwrap();
        session
            .get(ELSEWHERE)
            .header("Authorization", "X y")
            .header("Cookie", "b=2")
            .send(&mut buffer)
            .unwrap();
        session.get("http://u:p@other.example/").send(&mut buffer).unwrap();
        let authorization =
            [0, 1, 2].map(|index| sent(session.network(), index).header("Authorization").map(str::to_owned));
        assert_eq!(authorization.map(Option::unwrap), ["Bearer other", "X y", "Basic dTpw"]);
        assert_eq!(sent(session.network(), 1).header("Cookie"), Some("b=2"));
    }

    #[test]
    fn what_leads_back_brings_none_along() {
        let back = redirect(302, "Location: http://api.example/v1/\r\n");
        let mut session = Session::over(answering([back.as_str(), OK])).base_url(HERE).bearer_auth("t");
        let mut buffer = [0; 600];
        session.get(ELSEWHERE).send(&mut buffer).unwrap();
        for index in 0..2 {
            assert_eq!(sent(session.network(), index).header("Authorization"), None);
        }
    }

    #[test]
    #[cfg(feature = "digest-auth")]
    fn no_challenge_from_elsewhere_is_answered() {
        let challenge = "HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n\
            Connection: close\r\nContent-Length: 0\r\n\r\n";
        let mut session =
            Session::over(answering([challenge, challenge, OK])).base_url(HERE).digest_auth(("u", "p"));
        let mut buffer = [0; 900];
        assert_eq!(session.get(ELSEWHERE).send(&mut buffer).unwrap().status_code, 401);
        assert_eq!(session.get("status").send(&mut buffer).unwrap().status_code, 200);
        assert!(sent(session.network(), 2).header("Authorization").unwrap().starts_with("Digest "));
    }

    #[test]
    fn one_that_is_no_url_is_an_error_in_any_case() {
        let mut session = Session::over(network()).base_url("ftp://x/").bearer_auth("t");
        let mut buffer = [0; 600];
        for url in ["status", ELSEWHERE] {
            assert_eq!(session.get(url).send(&mut buffer).unwrap_err(), Error::InvalidUrl(UrlError::Scheme));
        }
    }
}

/// A buffer that holds the target, but not the path with the segment that `..` removes.
#[test]
fn in_a_small_buffer_a_redirect_leads_to_its_target_or_nowhere() {
    let location = "Location: deep/long-segment-long-segment-long-segment/../c\r\n";
    for size in 40..160 {
        let mut network = answering([redirect(302, location), OK.to_owned()]);
        let mut buffer = vec![0; size];
        let result =
            requests::get(URL).send_over(&mut network, &mut buffer).map(|response| response.url().to_owned());
        match result {
            Ok(url) => assert_eq!(url, "http://example.org/a/deep/c"),
            Err(error) => assert!(matches!(error, Error::BufferTooSmall { .. }), "{size}: {error:?}"),
        }
    }
}
