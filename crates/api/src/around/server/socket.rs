//! A connection's socket: what comes in is read for where requests end, a target that was typed by hand is written as hyper takes it,
//! and a peer that takes nothing is given up.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::framing::Framing;

pub(super) struct Socket {
    stream: TcpStream,
    framing: Framing,
    /// The longest time for which the peer may take nothing of what is written.
    patience: Duration,
    /// Runs while the peer takes nothing.
    waiting: Option<Pin<Box<Sleep>>>,
    /// Bytes that have come in and are to be handed on.
    ready: BytesMut,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, framing: Framing, patience: Duration) -> Self {
        Self {
            stream,
            framing,
            patience,
            waiting: None,
            ready: BytesMut::new(),
        }
    }

    /// An attempt to write, or the end of the patience.
    fn written(
        &mut self,
        context: &mut Context<'_>,
        attempt: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if attempt.is_ready() {
            self.waiting = None;
            return attempt;
        }
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the peer reads nothing",
        )))
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let socket = &mut *self;
        while socket.ready.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut socket.stream).poll_read(context, buffer))?;
            let came = &buffer.filled()[before..];
            if came.is_empty() {
                // The end: what is left of a line is no request.
                return Poll::Ready(Ok(()));
            }
            socket.framing.take(came, &mut socket.ready);
            if socket.ready == came {
                socket.ready.clear();
                return Poll::Ready(Ok(()));
            }
            buffer.set_filled(before);
        }
        let length = socket.ready.len().min(buffer.remaining());
        buffer.put_slice(&socket.ready.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, attempt)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let attempt = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, attempt)
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
