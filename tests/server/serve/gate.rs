//! A wire to Graph on which answers can be held back: what was asked has been done there, and
//! nobody here knows it yet.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// A wire to one address. It lets through what comes until it is held.
#[derive(Clone)]
pub struct Gate {
    address: SocketAddr,
    held: Arc<(Mutex<bool>, Condvar)>,
    /// The beginning of the request from which on answers are held back.
    first: Arc<Mutex<Option<String>>>,
}

impl Gate {
    /// A wire to `url`.
    pub fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Self { address, held: Arc::default(), first: Arc::default() };
        let (upstream, held) = (url.trim_start_matches("http://").to_owned(), gate.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.unwrap();
                let Ok(server) = TcpStream::connect(&upstream) else { continue };
                let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (asked, held) = (held.clone(), held.clone());
                std::thread::spawn(move || copy(from, to, |bytes| asked.look(bytes)));
                std::thread::spawn(move || copy(server, client, |_| held.wait()));
            }
        });
        gate
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Holds back answers from now on.
    pub fn hold(&self) {
        *self.held.0.lock().unwrap() = true;
    }

    /// Holds back answers from the next request on that begins so.
    pub fn hold_at(&self, beginning: &str) {
        *self.first.lock().unwrap() = Some(beginning.to_owned());
    }

    /// Whether it holds back answers.
    pub fn is_held(&self) -> bool {
        *self.held.0.lock().unwrap()
    }

    fn look(&self, bytes: &[u8]) {
        let mut first = self.first.lock().unwrap();
        if first.take_if(|first| bytes.starts_with(first.as_bytes())).is_some() {
            self.hold();
        }
    }

    /// Lets them through again.
    pub fn release(&self) {
        *self.held.0.lock().unwrap() = false;
        self.held.1.notify_all();
    }

    fn wait(&self) {
        let held = self.held.0.lock().unwrap();
        drop(self.held.1.wait_while(held, |held| *held).unwrap());
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, before: impl Fn(&[u8])) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        before(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
