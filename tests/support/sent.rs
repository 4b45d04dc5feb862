// SPDX-License-Identifier: Apache-2.0
//! Parses the requests that the library sends with an independent parser.

/// One request as `httparse` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRequest {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body without its framing.
    pub body: Vec<u8>,
    /// Bytes that the request takes.
    pub size: usize,
}

impl SentRequest {
    /// The request at the start of `bytes`; `None` while it is not complete.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut room = [httparse::EMPTY_HEADER; 256];
        let mut request = httparse::Request::new(&mut room);
        let head_size = match request.parse(bytes).expect("a valid request head") {
            httparse::Status::Complete(size) => size,
            httparse::Status::Partial => return None,
        };
        assert_eq!(request.version, Some(1), "HTTP/1.1");
        let headers =
            request.headers.iter().map(|header| (header.name.to_owned(), header.value.to_owned())).collect();
        let mut sent = Self {
            method: request.method.expect("a method").to_owned(),
            target: request.path.expect("a target").to_owned(),
            headers,
            body: Vec::new(),
            size: head_size,
        };
        sent.read_body(&bytes[head_size..])?;
        Some(sent)
    }

    /// The one request that `bytes` are, which must be valid in every respect.
    #[track_caller]
    pub fn only(bytes: &[u8]) -> Self {
        let sent = Self::read(bytes)
            .unwrap_or_else(|| panic!("incomplete request: {:?}", String::from_utf8_lossy(bytes)));
        assert_eq!(sent.size, bytes.len(), "more than one request");
        assert_eq!(sent.values("host").len(), 1, "one Host");
        assert!(sent.values("content-length").len() <= 1, "at most one Content-Length");
        assert!(sent.target.starts_with('/'), "{}", sent.target);
        assert!(sent.target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{}", sent.target);
        sent
    }

    /// The requests that `bytes` are, one behind the other, and nothing else.
    #[track_caller]
    pub fn all(mut bytes: &[u8]) -> Vec<Self> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let sent = Self::read(bytes)
                .unwrap_or_else(|| panic!("incomplete request: {:?}", String::from_utf8_lossy(bytes)));
            let (this, rest) = bytes.split_at(sent.size);
            all.push(Self::only(this));
            bytes = rest;
        }
        all
    }

    fn read_body(&mut self, bytes: &[u8]) -> Option<()> {
        let length = self.header("content-length").map(|value| value.parse::<usize>().expect("a length"));
        match self.header("transfer-encoding") {
            Some(coding) => {
                assert_eq!(coding, "chunked");
                assert_eq!(length, None, "Content-Length beside Transfer-Encoding");
                self.read_chunks(bytes)
            }
            None => {
                self.body = bytes.get(..length.unwrap_or(0))?.to_owned();
                self.size += self.body.len();
                Some(())
            }
        }
    }

    fn read_chunks(&mut self, bytes: &[u8]) -> Option<()> {
        let mut position = 0;
        loop {
            let (start, size) = match httparse::parse_chunk_size(&bytes[position..]).expect("a chunk size") {
                httparse::Status::Complete((index, size)) => (position + index, usize::try_from(size).ok()?),
                httparse::Status::Partial => return None,
            };
            let end = start.checked_add(size)?;
            self.body.extend_from_slice(bytes.get(start..end)?);
            assert_eq!(bytes.get(end..end + 2)?, b"\r\n");
            position = end + 2;
            if size == 0 {
                self.size += position;
                return Some(());
            }
        }
    }

    /// The values of all headers called `name`, without regard to case.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        self.headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| &value[..])
            .collect()
    }

    /// The value of the one header called `name`.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() <= 1, "{name} is there {} times", values.len());
        values.first().map(|value| std::str::from_utf8(value).expect("text"))
    }

    /// The boundary of a multipart body.
    #[track_caller]
    pub fn boundary(&self) -> &str {
        let content_type = self.header("content-type").expect("a Content-Type");
        content_type.strip_prefix("multipart/form-data; boundary=").expect("a multipart body")
    }

    /// The query, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }
}
