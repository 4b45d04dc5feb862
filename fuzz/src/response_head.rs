// SPDX-License-Identifier: Apache-2.0
//! A response head. Its end is found wherever the pieces end, and what httparse accepts is read as httparse reads it.

use requests::HeaderFields;
use requests::proto::response_head::HeadParser;

/// See the module.
pub fn check(data: &[u8]) {
    let mut bytes = data.to_vec();
    let parsed = HeadParser::default().parse(&mut bytes);
    let mut pieces = data.to_vec();
    let mut parser = HeadParser::default();
    let mut first = Ok(None);
    for end in 0..=data.len() {
        first = parser.parse(&mut pieces[..end]);
        if !matches!(first, Ok(None)) {
            break;
        }
    }
    assert_eq!(first, parsed);
    let Ok(Some(parts)) = parsed else { return };
    assert_eq!(pieces, bytes);

    let head = &bytes[..parts.end];
    assert!((100..=999).contains(&parts.status_code) && parts.minor_version <= 9);
    let reason = std::str::from_utf8(&head[parts.reason.clone()]).expect("the reason is text");
    let fields: Vec<_> = HeaderFields::new(&head[parts.headers.clone()]).collect();
    for field in &fields {
        assert!(
            !field.name.is_empty() && field.name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
        );
        assert!(field.value.iter().all(|&byte| byte == b'\t' || byte >= b' ' && byte != 0x7f));
        // The first of a name is found, in any case.
        let upper = field.name.to_ascii_uppercase();
        let first = fields.iter().find(|other| other.name.eq_ignore_ascii_case(field.name));
        let looked_up = HeaderFields::new(&head[parts.headers.clone()]).first(&upper);
        assert_eq!(looked_up, first.map(|field| field.value));
    }

    // What has been parsed has the same parts for another parser.
    let mut again = bytes.clone();
    let other = HeadParser::default().parse(&mut again).expect("a head").expect("a complete head");
    assert_eq!(other.end, parts.end);
    assert_eq!(other.status_code, parts.status_code);
    assert_eq!(&again[other.reason], reason.as_bytes());
    assert!(HeaderFields::new(&again[other.headers]).eq(fields.iter().copied()));

    let mut room = vec![httparse::EMPTY_HEADER; 1 + fields.len()];
    let mut other = httparse::Response::new(&mut room);
    if let Ok(httparse::Status::Complete(size)) = other.parse(&data[..parts.end]) {
        assert_eq!(size, parts.end);
        assert_eq!((Some(parts.status_code), Some(parts.minor_version)), (other.code, other.version));
        if let Some(text) = other.reason
            && !text.is_empty()
        {
            assert_eq!(reason, text.trim_ascii_end());
        }
        assert_eq!(fields.len(), other.headers.len());
        for (field, other) in fields.iter().zip(other.headers.iter()) {
            assert_eq!((field.name, field.value), (other.name, other.value.trim_ascii_start()));
        }
    }
}
