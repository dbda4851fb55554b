//! The component in a registry of OCI artefacts, published and fetched by the usual tool.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::install::debian;
use support::o365;
use support::programs::Program;

/// A registry that is killed with this value.
struct Registry {
    child: Child,
    address: String,
}

impl Registry {
    fn start(program: &Path, directory: &Path) -> Self {
        // Free a moment ago, which is enough on loopback.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let configuration = directory.join("registry.json");
        let settings = json!({
            "version": 0.1,
            "log": { "level": "error" },
            "storage": { "filesystem": { "rootdirectory": directory.join("store") } },
            "http": { "addr": address },
        });
        fs::write(&configuration, settings.to_string()).unwrap();
        let child = Command::new(program)
            .arg("serve")
            .arg(configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "the registry does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, address }
    }

    /// A document below `/v2/`, as JSON.
    fn document(&self, path: &str) -> Value {
        let accept = "accept: application/vnd.oci.image.manifest.v1+json";
        let url = format!("http://{}/v2/{path}", self.address);
        let output = Command::new("curl").args(["-sSf", "-H", accept, &url]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_component_is_published_and_fetched_as_it_is() {
    let Some(wash) = Program::find("wash") else { return };
    let Some(program) = debian("docker-registry", "docker-registry") else { return };
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::start(&program, directory.path());
    let name = format!("{}/contoso/office365:1.0.0", registry.address);
    let oci = |verb: &str, file: &str| {
        let output = wash
            .command()
            .current_dir(directory.path())
            // Its caches and its configuration.
            .env("HOME", directory.path())
            .args(["oci", verb, "--insecure", &name, file])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let file = directory.path().join("o365.wasm");
    let written = o365(["component", "-o", file.to_str().unwrap()]).run();
    assert_eq!(written.code, 0, "{}", written.stderr);
    oci("push", "o365.wasm");
    oci("pull", "fetched.wasm");
    assert_eq!(fs::read(&file).unwrap(), fs::read(directory.path().join("fetched.wasm")).unwrap());

    // As the CNCF's Wasm OCI artefact layout has them.
    let manifest = registry.document("contoso/office365/manifests/1.0.0");
    assert_eq!(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let layers = manifest["layers"].as_array().unwrap();
    assert_eq!((layers.len(), &layers[0]["mediaType"]), (1, &json!("application/wasm")));
    // The digest by which it is pinned is the one that is printed of the file.
    let digest = layers[0]["digest"].as_str().unwrap();
    assert!(written.stderr.contains(digest), "{digest}: {}", written.stderr);

    let config = registry.document(&format!(
        "contoso/office365/blobs/{}",
        manifest["config"]["digest"].as_str().unwrap()
    ));
    let exports = config["component"]["exports"].as_array().unwrap();
    assert!(exports.contains(&json!("connector:office365/accounts@1.0.0")), "{config}");
}
