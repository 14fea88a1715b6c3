//! As much of HTTP/1.1 on the wire as the proxy needs: a head, and a body of known length, in chunks, or to the end.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};

/// A request or an answer: its head with the empty line, and its body without chunks.
#[derive(Debug, Clone)]
pub struct Message {
    pub lines: Vec<String>,
    pub body: Vec<u8>,
}

impl Message {
    /// The next one from a connection; nothing when it ended before.
    pub async fn read<R: AsyncRead + Unpin>(from: &mut R, answer: bool) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(from.read_u8().await.ok()?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let lines = head.trim_end().lines().map(str::to_owned).collect();
        let mut message = Self { lines, body: Vec::new() };
        let chunked = message.header("transfer-encoding").is_some_and(|value| value.contains("chunked"));
        if chunked {
            message.chunks(from).await?;
        } else if let Some(length) = message.header("content-length") {
            message.body = vec![0; length.parse().ok()?];
            from.read_exact(&mut message.body).await.ok()?;
        } else if answer {
            from.read_to_end(&mut message.body).await.ok()?;
        }
        Some(message)
    }

    async fn chunks<R: AsyncRead + Unpin>(&mut self, from: &mut R) -> Option<()> {
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.push(from.read_u8().await.ok()?);
            }
            let size = String::from_utf8_lossy(&line);
            let size = usize::from_str_radix(size.trim().split(';').next()?, 16).ok()?;
            let mut chunk = vec![0; size + 2];
            from.read_exact(&mut chunk).await.ok()?;
            if size == 0 {
                return Some(());
            }
            self.body.extend_from_slice(&chunk[..size]);
        }
    }

    pub fn answer(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut lines = vec![format!("HTTP/1.1 {status} Whatever")];
        lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        Self { lines, body: body.to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.lines.iter().skip(1).find_map(|line| {
            let (other, value) = line.split_once(':')?;
            other.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// Replaces a header, or adds it.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.lines.push(format!("{name}: {value}"));
    }

    pub fn unset(&mut self, name: &str) {
        let start = self.lines[0].clone();
        self.lines.retain(|line| !line.split_once(':').is_some_and(|(other, _)| other.eq_ignore_ascii_case(name)));
        self.lines[0] = start;
    }

    pub fn head(&self) -> Vec<u8> {
        format!("{}\r\n\r\n", self.lines.join("\r\n")).into_bytes()
    }

    /// With the length that its body has, on a connection for it alone.
    pub fn framed(mut self) -> Self {
        self.unset("transfer-encoding");
        self.set("content-length", &self.body.len().to_string());
        self.set("connection", "close");
        self
    }

    pub async fn write<W: tokio::io::AsyncWrite + Unpin>(&self, to: &mut W) -> std::io::Result<()> {
        to.write_all(&self.head()).await?;
        to.write_all(&self.body).await?;
        to.flush().await
    }

    /// Method and path of a request, with its parameters.
    pub fn asks(&self) -> (String, String) {
        let mut words = self.lines[0].split(' ');
        (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned())
    }
}
