// SPDX-License-Identifier: Apache-2.0
//! Responses as servers send them, well and badly: what is made of each, whether it arrives at once or byte by byte.

mod support;

use requests::Error;

use support::network::InPieces;

/// Status and content, or the kind of the error.
fn read(response: &[u8]) -> Result<(u16, String), &'static str> {
    let mut results = Vec::new();
    let bytes: Vec<_> = (0..response.len()).collect();
    for ends in [&[][..], &bytes] {
        let mut buffer = [0; 4096];
        let request = requests::get("http://example.org/").redirects(0);
        let result = request.send_over(&mut InPieces::new(response, ends), &mut buffer);
        let result = result.map(|response| {
            let content = String::from_utf8_lossy(response.content()).into_owned();
            (response.status_code, content)
        });
        results.push(result.map_err(|error: Error| error.kind()));
    }
    assert_eq!(results[0], results[1], "byte by byte");
    results.remove(0)
}

macro_rules! responses {
    ($($name:ident: $response:expr => $expected:expr;)+) => {$(
        #[test]
        fn $name() {
            let expected: Result<(u16, &str), &str> = $expected;
            let read = read($response.as_ref());
            assert_eq!(read, expected.map(|(status, content)| (status, content.to_owned())));
        }
    )+};
}

responses! {
    // The status line.
    no_reason: "HTTP/1.1 200 \r\n\r\nx" => Ok((200, "x"));
    no_space_before_the_reason: "HTTP/1.1 200\r\nA: b\r\n\r\nx" => Ok((200, "x"));
    a_tab_in_the_reason: "HTTP/1.1 200 a\tb\t\r\n\r\n" => Ok((200, ""));
    a_reason_beyond_ascii: "HTTP/1.1 500 Störung\r\nContent-Length: 0\r\n\r\n" => Ok((500, ""));
    a_nul_in_the_reason: "HTTP/1.1 200 a\0\r\n\r\n" => Err("invalid-head");
    a_status_of_one_digit: "HTTP/1.1 2 OK\r\n\r\n" => Err("invalid-head");
    a_letter_behind_the_status: "HTTP/1.1 200y OK\r\n\r\n" => Err("invalid-head");
    no_status: "HTTP/1.1  OK\r\n\r\n" => Err("invalid-head");
    no_minor_version: "HTTP/1. 200 OK\r\n\r\n" => Err("invalid-head");
    a_version_of_two_digits: "HTTP/1.10 200 OK\r\n\r\n" => Err("invalid-head");
    another_major_version: "HTTP/3.0 200 OK\r\n\r\n" => Err("invalid-head");
    a_leading_zero_in_the_version: "HTTP/01.1 200 OK\r\n\r\n" => Err("invalid-head");
    another_protocol: "SIP/2.0 200 OK\r\n\r\n" => Err("invalid-head");
    a_longer_protocol: "HTTPX/1.1 200 OK\r\n\r\n" => Err("invalid-head");
    an_empty_line_before_it: "\r\nHTTP/1.1 200 OK\r\n\r\n" => Err("invalid-head");
    a_tab_behind_the_version: "HTTP/1.1\t200 OK\r\n\r\n" => Err("invalid-head");

    // The head.
    lines_that_end_with_lf: "HTTP/1.0 200 OK\nContent-Length: 1\nA: b\n\nx" => Ok((200, "x"));
    a_bare_cr_behind_the_status_line: "HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n" => Err("invalid-head");
    two_crs: "HTTP/1.1 200 OK\r\r\nContent-Length: 4\r\n\r\nbody" => Err("invalid-head");
    a_bare_cr_in_a_field: "HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n\r\n" => Err("invalid-head");
    white_space_before_the_first_field: "HTTP/1.1 200 OK\r\n A: b\r\n\r\n" => Err("invalid-head");
    white_space_around_values: "HTTP/1.1 200 OK\r\nContent-Length: \t 2\t \r\n\r\nok" => Ok((200, "ok"));
    a_name_with_a_space: "HTTP/1.1 200 OK\r\nde CH: x\r\nContent-Length: 1\r\n\r\nx" => Ok((200, "x"));
    a_field_without_a_value: "HTTP/1.1 200 OK\r\nA: \r\nB:\r\nContent-Length: 1\r\n\r\nx" => Ok((200, "x"));
    a_name_that_begins_like_another: "HTTP/1.1 200 OK\r\nContent-Length-Hint: 9\r\nContent-Length: 1\r\n\r\nx" => Ok((200, "x"));
    truncated_in_the_status_line: "HTTP/1.1 200 O" => Err("truncated-head");
    truncated_before_the_empty_line: "HTTP/1.1 200 OK\r\nA: b\r\n" => Err("truncated-head");
    truncated_in_the_empty_line: "HTTP/1.1 200 OK\r\n\r" => Err("truncated-head");
    nothing: "" => Err("empty-response");

    // The end of the body.
    bytes_behind_a_length: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 500 No\r\n\r\n" => Ok((200, "abc"));
    bytes_behind_no_content: "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx" => Ok((204, ""));
    a_length_with_304: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" => Ok((304, ""));
    chunks_announced_with_304: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n" => Ok((304, ""));
    another_protocol_is_offered: "HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nok" => Ok((200, "ok"));
    kept_alive_without_a_length: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nall of it" => Ok((200, "all of it"));
    interim_responses: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx" => Ok((200, "x"));
    nothing_behind_an_interim_response: "HTTP/1.1 103 Early Hints\r\n\r\n" => Err("empty-response");
    half_a_body: "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\nhalf" => Err("truncated-body");

    // Chunks.
    chunks: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n000\r\n\r\n" => Ok((200, "abc"));
    padded_sizes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3  \r\nabc\r\n0\t\r\n\r\n" => Ok((200, "abc"));
    extensions: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a;b=c;d=\"e; f\"\r\nabc\r\n0;\r\n\r\n" => Ok((200, "abc"));
    words_behind_a_size: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3 abc\r\nabc\r\n0\r\n\r\n" => Err("invalid-chunk");
    a_sign_before_a_size: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n" => Err("invalid-chunk");
    no_last_chunk: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" => Err("truncated-body");
    no_end_of_the_trailer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n" => Err("truncated-body");
    an_unknown_coding: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedchunked\r\n\r\n0\r\n\r\n" => Err("invalid-framing");
    a_coding_above_chunked: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, deflate\r\n\r\nx" => Err("invalid-framing");
    chunked_and_a_length: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" => Ok((200, "x"));
    lengths_that_differ: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx" => Err("invalid-framing");
    a_length_twice: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1, 1\r\n\r\nx" => Ok((200, "x"));
    a_length_with_a_sign: "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx" => Err("invalid-framing");
}
