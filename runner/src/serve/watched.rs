//! A stream whose connection is told when bytes come.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::activity::Activity;

/// What an HTTP/2 connection begins with (RFC 9113, section 3.4), as far as no HTTP/1.1 request
/// does.
const HTTP2: &[u8] = b"PRI ";

/// A stream of a client.
pub(super) struct Watched<S> {
    stream: S,
    activity: Activity,
    protocol: Protocol,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// So many bytes of the beginning of HTTP/2 came so far.
    Unknown(usize),
    Http1,
    /// Its bytes are not told of: they are also of pings and other frames.
    Http2,
}

impl<S> Watched<S> {
    /// Tells `activity` of the bytes of an HTTP/1.1 client.
    pub fn new(stream: S, activity: Activity) -> Self {
        Self { stream, activity, protocol: Protocol::Unknown(0) }
    }

    fn received(&mut self, bytes: &[u8]) {
        if let Protocol::Unknown(matched) = self.protocol {
            let rest = HTTP2.get(matched..).unwrap_or_default();
            self.protocol = if bytes.starts_with(rest) {
                Protocol::Http2
            } else if rest.starts_with(bytes) {
                Protocol::Unknown(matched + bytes.len())
            } else {
                Protocol::Http1
            };
        }
        if self.protocol == Protocol::Http1 {
            self.activity.received();
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        match buffer.filled().get(before..) {
            None | Some([]) => {}
            Some(bytes) => self.received(bytes),
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
