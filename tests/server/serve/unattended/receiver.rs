//! A receiver of callbacks.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use serde_json::Value;

/// The secret of the messages, whose key has 32 bytes.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=";

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A receiver, which answers with these statuses, and then with 204.
#[derive(Clone)]
pub struct Receiver {
    address: SocketAddr,
    messages: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    pub fn new(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self { address, messages: Arc::default() };
        let (mut statuses, kept) = (VecDeque::from(statuses.to_vec()), receiver.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.unwrap();
                let Some(message) = read(&mut client) else { continue };
                let status = statuses.pop_front().unwrap_or(204);
                kept.messages.lock().unwrap().push(message);
                let head = format!(
                    "HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                );
                let _ = client.write_all(head.as_bytes());
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks/o365?of=contoso", self.address)
    }

    pub fn messages(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }
}

impl Message {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

fn read(client: &mut TcpStream) -> Option<Message> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            assert!(head.starts_with("POST /hooks/o365?of=contoso HTTP/1.1"), "{head}");
            let pairs = head.lines().skip(1).map(|line| line.split_once(": ").unwrap());
            let headers: HeaderMap = pairs
                .map(|(name, value)| {
                    let name: http::HeaderName = name.parse().unwrap();
                    (name, value.parse().unwrap())
                })
                .collect();
            let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
            if bytes.len() >= end + 4 + length {
                return Some(Message { headers, body: bytes[end + 4..].to_vec() });
            }
        }
        match client.read(&mut part) {
            Ok(count @ 1..) => bytes.extend_from_slice(&part[..count]),
            _ => return None,
        }
    }
}
