//! The image and the manifests: what is in the image serves as the manifests say, on volumes as
//! Kubernetes makes them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use crate::serve::server::{Place, Server, eventually};
use support::install::{Project, may_mount};
use support::{program, root};

/// The schemas of every version of Kubernetes.
static SCHEMAS: Project = Project::python("server/operate/python", &["manifests.py"]);

/// The versions that the manifests are for: the oldest has volumes of one pod.
const VERSIONS: [&str; 2] = ["1.29", "1.37"];

/// The manifests, whose kinds are all different; none where they cannot be checked.
fn manifests(version: &str) -> Option<Vec<Value>> {
    static INSTALLED: LazyLock<Option<PathBuf>> = LazyLock::new(|| SCHEMAS.installed());
    let installed = INSTALLED.as_ref()?;
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("packaging/kubernetes"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let Output { status, stdout, stderr } = Command::new(installed.join("venv/bin/python"))
        .arg(installed.join("manifests.py"))
        .arg(version)
        .args(paths)
        .output()
        .unwrap();
    assert!(status.success(), "{version}: {}", String::from_utf8_lossy(&stderr));
    Some(serde_json::from_slice(&stdout).unwrap())
}

fn of_kind<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    let mut found = manifests.iter().filter(|manifest| manifest["kind"] == kind);
    found.next().unwrap_or_else(|| panic!("no {kind}"))
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_manifests_agree_with_the_schemas_and_with_each_other() {
    for version in VERSIONS {
        let Some(manifests) = manifests(version) else { return };
        let deployment = of_kind(&manifests, "Deployment");
        let (spec, pod) = (&deployment["spec"], &deployment["spec"]["template"]);
        let labels = &pod["metadata"]["labels"];
        assert_eq!(&spec["selector"]["matchLabels"], labels);
        let service = &of_kind(&manifests, "Service")["spec"];
        assert_eq!(&service["selector"], labels);
        let port = &pod["spec"]["containers"][0]["ports"][0];
        assert_eq!(service["ports"][0]["targetPort"], port["name"]);
        let [map, claim] = ["ConfigMap", "PersistentVolumeClaim"]
            .map(|kind| &of_kind(&manifests, kind)["metadata"]["name"]);
        let volumes = pod["spec"]["volumes"].as_array().unwrap();
        assert!(volumes.iter().any(|volume| volume["configMap"]["name"] == *map), "{volumes:?}");
        let claimed = |volume: &&Value| volume["persistentVolumeClaim"]["claimName"] == *claim;
        assert!(volumes.iter().any(|volume| claimed(&volume)), "{volumes:?}");
        // The state is on this volume alone.
        assert_eq!((&spec["replicas"], &spec["strategy"]["type"]), (&1.into(), &"Recreate".into()));
    }
}

#[test]
fn the_image_is_what_the_manifests_expect() {
    let Some(manifests) = manifests(VERSIONS[1]) else { return };
    let pod = &of_kind(&manifests, "Deployment")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let file = fs::read_to_string(root().join("packaging/Containerfile")).unwrap();
    let after = |begin: &str| {
        let found = file.lines().find_map(|line| line.strip_prefix(begin));
        found.unwrap_or_else(|| panic!("no {begin}"))
    };
    let toolchain = fs::read_to_string(root().join("rust-toolchain.toml")).unwrap();
    assert!(toolchain.contains(&format!("channel = \"{}\"", after("ARG RUST="))), "{toolchain}");
    let security = &pod["securityContext"];
    assert_eq!(after("USER "), format!("{}:{}", security["runAsUser"], security["runAsGroup"]));
    assert_eq!(after("EXPOSE "), container["ports"][0]["containerPort"].to_string());
    let variables = container["env"].as_array().unwrap().iter().map(|variable| {
        format!("{}={}", variable["name"].as_str().unwrap(), variable["value"].as_str().unwrap())
    });
    assert_eq!(after("ENV ").split(' ').collect::<Vec<_>>(), variables.collect::<Vec<_>>());
    // In a cluster, the log is read by programs.
    let command: Value = serde_json::from_str(after("CMD ")).unwrap();
    let arguments = texts(&container["args"]).into_iter().filter(|argument| *argument != "--json");
    assert_eq!(texts(&command), arguments.collect::<Vec<_>>());
}

/// A pod of the deployment, on this machine.
struct Pod {
    place: Place,
    deployment: Value,
}

impl Pod {
    /// A pod with its volumes; none where there can be none.
    fn new() -> Option<Self> {
        let manifests = manifests(VERSIONS[1])?;
        if !may_mount() {
            return None;
        }
        let place = Place::new();
        let made = Command::new(root().join("packaging/rootfs.sh"))
            .args([program(), &place.path("rootfs")])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let pod = Self { place, deployment: of_kind(&manifests, "Deployment").clone() };
        for volume in pod.spec()["volumes"].as_array().unwrap() {
            let directory = pod.volume(volume);
            fs::create_dir_all(&directory).unwrap();
            // As the kubelet makes them.
            let (file, text, mode) = if volume["configMap"].is_object() {
                let map = of_kind(&manifests, "ConfigMap");
                ("o365.toml", map["data"]["o365.toml"].as_str().unwrap(), 0o644)
            } else if volume["secret"].is_object() {
                ("contoso", "any-secret", number(&volume["secret"]["defaultMode"]))
            } else {
                set_mode(&directory, 0o2775);
                chown(&directory, Some(0), Some(pod.group())).unwrap();
                continue;
            };
            let path = directory.join(file);
            fs::write(&path, text).unwrap();
            set_mode(&path, mode);
            chown(&path, Some(0), Some(pod.group())).unwrap();
        }
        Some(pod)
    }

    fn spec(&self) -> &Value {
        &self.deployment["spec"]["template"]["spec"]
    }

    fn container(&self) -> &Value {
        &self.spec()["containers"][0]
    }

    fn group(&self) -> u32 {
        number(&self.spec()["securityContext"]["fsGroup"])
    }

    /// Where a volume, or what mounts it, has its files.
    fn volume(&self, named: &Value) -> PathBuf {
        self.place.path("volumes").join(named["name"].as_str().unwrap())
    }

    /// Starts the container: the root and the mounts of the manifest, in a namespace of its own.
    fn start(&self) -> Server {
        let root = self.place.path("rootfs");
        let root = root.to_str().unwrap();
        let mut script = "set -eu\nmount --make-rprivate /\n".to_owned();
        script.push_str(&format!("mount --bind {root} {root}\n"));
        if self.container()["securityContext"]["readOnlyRootFilesystem"] == true {
            script.push_str(&format!("mount -o remount,bind,ro {root}\n"));
        }
        for mount in self.container()["volumeMounts"].as_array().unwrap() {
            let to = format!("{root}{}", mount["mountPath"].as_str().unwrap());
            let mut from = self.volume(mount);
            match mount["subPath"].as_str() {
                Some(file) => {
                    from.push(file);
                    fs::write(&to, "").unwrap();
                }
                None => fs::create_dir_all(&to).unwrap(),
            }
            script.push_str(&format!("mount --bind {} {to}\n", from.display()));
            if mount["readOnly"] == true {
                script.push_str(&format!("mount -o remount,bind,ro {to}\n"));
            }
        }
        let security = &self.spec()["securityContext"];
        script.push_str(&format!(
            "exec env --ignore-environment {} \"$(command -v setpriv)\" --no-new-privs \
             \"$(command -v chroot)\" --userspec={}:{} --groups={} {root} \
             /usr/bin/o365 {} --address 127.0.0.1:0\n",
            self.variables(),
            security["runAsUser"],
            security["runAsGroup"],
            self.group(),
            texts(&self.container()["args"]).join(" "),
        ));
        let path = self.place.path("container.sh");
        fs::write(&path, script).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh"]).arg(path);
        self.place.serve_by(command, &[])
    }

    fn variables(&self) -> String {
        let variables = self.container()["env"].as_array().unwrap().iter();
        let variables = variables.map(|variable| {
            format!(
                "{}={}",
                variable["name"].as_str().unwrap(),
                variable["value"].as_str().unwrap()
            )
        });
        variables.collect::<Vec<_>>().join(" ")
    }

    /// What the kubelet does to a volume before each start of a pod, unless only the first counts.
    fn mounted_again(&self) {
        if self.spec()["securityContext"]["fsGroupChangePolicy"] != "OnRootMismatch" {
            let volumes = self.place.path("volumes");
            let changed = Command::new("chmod").args(["-R", "g+rwX"]).arg(volumes).status();
            assert!(changed.unwrap().success());
        }
    }
}

#[test]
fn the_image_serves_as_the_manifests_say() {
    let Some(pod) = Pod::new() else { return };
    // The second time with what the first one left in the volumes.
    for _ in 0..2 {
        let server = pod.start();
        for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
            let path = pod.container()[probe]["httpGet"]["path"].as_str().unwrap();
            let answer = server.ask("GET", path).send();
            assert_eq!(answer.status, 200, "{path}: {}", server.said());
        }
        let said = server.said();
        for word in ["secret", "not cached", "others"] {
            assert!(!said.contains(word), "{said}");
        }
        server.signal("TERM");
        assert_eq!(server.ended_within(Duration::from_secs(10)), 0);
        pod.mounted_again();
    }
    let kept = |path: &str| pod.place.path("volumes").join(path).exists();
    assert!(kept("state/state/audit.jsonl") && kept("cache/code"));
    // A secret with the mode that Kubernetes gives it otherwise.
    let secret = pod.place.path("volumes/secrets/contoso");
    set_mode(&secret, 0o644);
    let server = pod.start();
    let refused = "the file /etc/o365/secrets/contoso can be read by others (mode 0644)";
    eventually("it says so", || server.said().contains(refused));
    assert!(server.said().contains("set its defaultMode to 0440"), "{}", server.said());
}
