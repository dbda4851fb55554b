//! Builds the component, describes it, and embeds it; and takes what the API explorer needs
//! out of Swagger UI's archive.
//!
//! The WIT documentation does not survive in a built component, so the WIT package
//! is appended as a custom section: one file that can explain itself.

#[path = "build/explorer.rs"]
mod explorer;
#[path = "build/guest.rs"]
mod guest;

use std::env;
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use wasm_encoder::{ComponentSection, CustomSection};
use wasmparser::{Parser, Payload};
use wit_parser::{Docs, Interface, Resolve, TypeDefKind, WorldItem};

/// The custom section that holds the encoded WIT package.
const WIT_SECTION: &str = "o365-wit";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", error.to_string().replace('\n', "\ncargo::error="));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/explorer.rs");
    println!("cargo::rerun-if-changed=build/guest.rs");
    println!("cargo::rerun-if-env-changed=O365_COMPONENT");
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let manifest_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest_dir.parent().ok_or("the runner has no workspace around it")?;
    let component = match env::var_os("O365_COMPONENT") {
        // From where the caller stands, which is not where cargo runs this script.
        Some(path) => given(&root.join(path))?,
        None => built(root, &out_dir)?,
    };
    let without_guests = env::var_os("O365_COMPONENT").is_some();
    adapters(root, &out_dir, without_guests)?;
    // What reads the section takes its name from here.
    println!("cargo::rustc-env=O365_WIT_SECTION={WIT_SECTION}");
    write_if_changed(&out_dir.join("o365.wasm"), &component)?;
    explorer::unpack(&out_dir)
}

/// A component built elsewhere, for editors and packagers.
fn given(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path).map_err(|error| format!("O365_COMPONENT={}: {error}", path.display()).into())
}

fn built(root: &Path, out_dir: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let guest = guest::build(root, "component", &guest_target_dir(out_dir))
        .map_err(|error| error.to_string())?;
    let shared = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "component/Cargo.toml", "wit"];
    for source in guest.sources.into_iter().chain(shared.map(|file| root.join(file))) {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let mut component = without_names(&guest.component)?;
    CustomSection { name: WIT_SECTION.into(), data: documented_wit(&root.join("wit"))?.into() }
        .append_to_component(&mut component);
    Ok(component)
}

/// The adapters, each in `component/adapters/`. They are empty beside a component from
/// elsewhere, where the toolchain may have no WebAssembly target.
const ADAPTERS: [&str; 4] = ["environment", "connections", "connections-static", "http"];

/// Builds the adapters into a folder of `out_dir`.
fn adapters(root: &Path, out_dir: &Path, empty: bool) -> Result<(), Box<dyn Error>> {
    let folder = out_dir.join("adapters");
    fs::create_dir_all(&folder)?;
    for name in ADAPTERS {
        let component = if empty { Vec::new() } else { adapter(root, out_dir, name)? };
        write_if_changed(&folder.join(name).with_extension("wasm"), &component)?;
    }
    Ok(())
}

fn adapter(root: &Path, out_dir: &Path, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let guest = guest::build(root, &format!("adapter-{name}"), &guest_target_dir(out_dir))
        .map_err(|error| error.to_string())?;
    let folder = root.join("component/adapters");
    let shared = [folder.join("wit"), folder.join(name).join("Cargo.toml")];
    for source in guest.sources.into_iter().chain(shared) {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    without_names(&guest.component)
}

/// The component without the names that encoding gives its inner items: nobody reads
/// them, and they are 3 % of it.
fn without_names(component: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    const NAMES: &str = "component-name";
    let mut kept = Vec::with_capacity(component.len());
    let mut depth = 0_usize;
    let mut copied = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if depth == 0 && section.name() == NAMES => {
                let (begin, end) = whole(component, &section.range()).ok_or("a broken section")?;
                kept.extend_from_slice(component.get(copied..begin).ok_or("a broken section")?);
                copied = end;
            }
            _ => {}
        }
    }
    kept.extend_from_slice(component.get(copied..).ok_or("a broken section")?);
    Ok(kept)
}

/// Where the section with these contents begins, at its id, and where it ends.
fn whole(component: &[u8], contents: &Range<usize>) -> Option<(usize, usize)> {
    // The id is one byte, and the size takes as many as a LEB128 of it does.
    let size = contents.len();
    let bytes_of_size = (size.max(1).ilog2() / 7 + 1).try_into().ok()?;
    let begin = contents.start.checked_sub(bytes_of_size)?.checked_sub(1)?;
    (component.get(begin) == Some(&0)).then_some((begin, contents.end))
}

/// One directory for every profile and for clippy, so that the guest is compiled
/// once; inside the workspace's target directory, which cargo marks with a tag.
fn guest_target_dir(out_dir: &Path) -> PathBuf {
    out_dir
        .ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").exists())
        .unwrap_or(out_dir)
        .join("guest")
}

fn documented_wit(directory: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(directory)?;
    let undocumented = undocumented(&resolve);
    if !undocumented.is_empty() {
        return Err(format!("wit/ says nothing about: {}", undocumented.join(", ")).into());
    }
    // WASI's types are in the component itself, and would be half of this section.
    let ours: Vec<_> =
        resolve.interfaces.iter().filter(|(_, i)| is_ours(&resolve, i)).map(|(id, _)| id).collect();
    for (_, world) in resolve.worlds.iter_mut() {
        world.imports.retain(|_, item| match item {
            WorldItem::Interface { id, .. } => ours.contains(id),
            _ => true,
        });
    }
    Ok(wit_component::encode(&resolve, package)?)
}

fn is_ours(resolve: &Resolve, interface: &Interface) -> bool {
    interface
        .package
        .and_then(|id| resolve.packages.get(id))
        .is_some_and(|package| package.name.namespace == "connector")
}

/// Every function, record, field and case of ours that has no doc comment: these
/// comments are the help text and the schemas' descriptions.
fn undocumented(resolve: &Resolve) -> Vec<String> {
    let mut missing = Vec::new();
    let ours = resolve.interfaces.iter().filter(|(_, interface)| is_ours(resolve, interface));
    for (_, interface) in ours {
        let name = interface.name.as_deref().unwrap_or("?");
        let mut check = |item: &str, docs: &Docs| {
            if docs.contents.is_none() {
                missing.push(format!("{name}/{item}"));
            }
        };
        check("(interface)", &interface.docs);
        interface.functions.values().for_each(|function| check(&function.name, &function.docs));
        for (type_name, id) in &interface.types {
            let Some(definition) = resolve.types.get(*id) else { continue };
            match &definition.kind {
                TypeDefKind::Record(record) => record
                    .fields
                    .iter()
                    .for_each(|field| check(&format!("{type_name}.{}", field.name), &field.docs)),
                TypeDefKind::Variant(variant) => variant
                    .cases
                    .iter()
                    .for_each(|case| check(&format!("{type_name}.{}", case.name), &case.docs)),
                TypeDefKind::Enum(cases) => cases
                    .cases
                    .iter()
                    .for_each(|case| check(&format!("{type_name}.{}", case.name), &case.docs)),
                // A name brought in by `use` is documented where it is defined.
                TypeDefKind::Type(_) => continue,
                _ => {}
            }
            check(type_name, &definition.docs);
        }
    }
    missing
}

/// Leaves the file's time alone when nothing changed, so that nothing is rebuilt.
fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    Ok(fs::write(path, bytes)?)
}
