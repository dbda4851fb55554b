//! Generated clients. Each is compiled where its language is, and used by a program that creates a
//! user, reads the typed result, creates the same user again and reads the typed error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use support::{root, scratch};

use crate::served::Document::{OpenApi30, OpenApi31};
use crate::served::{Document, Served, ids};
use crate::table;
use crate::tools::{Package, javac, node, npm_tool, openapi_generator, printed, python};
use crate::tools::{python_tool, run};

/// A licence of the built-in directory that has free seats.
pub const SKU: &str = "06ebc4ee-1bb5-47dd-8120-11324bc54e06";

/// What makes Java take half the time: its optimizing compiler does not pay off in so short a run.
const SHORT_RUN: [&str; 2] = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/// A client of a document that is being made.
struct Making<'a> {
    served: &'a Served,
    /// The file of the document.
    document: PathBuf,
    /// The mail nickname of the user to create.
    nickname: String,
    /// Where it is made, empty at first.
    directory: PathBuf,
}

impl Making<'_> {
    /// A file or folder in the directory.
    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Runs a program that uses the client: what it printed.
    fn used(&self, command: &mut Command) -> Value {
        command
            .current_dir(&self.directory)
            .env("URL", &self.served.url)
            .env("KEY", &self.served.key)
            .env("SKU", SKU)
            .env("NICKNAME", &self.nickname);
        printed(command)
    }

    /// Generates a client in the folder `client` with openapi-generator.
    fn generate(&self, jar: &Path, generator: &str, further: &[&str]) {
        let parts = "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,\
            modelDocs=false";
        let mut java = Command::new("java");
        java.args(SHORT_RUN).arg("-jar").arg(jar);
        java.args(["generate", "-g", generator, "-i"]).arg(&self.document);
        java.arg("-o").arg(self.path("client")).args(["--global-property", parts]).args(further);
        run(&mut java);
    }

    /// Compiles a program with the client, strictly, and runs it.
    fn typescript(&self, program: &str) -> Option<Value> {
        let project = node()?;
        for file in ["tsconfig.json", program] {
            fs::copy(project.join(file), self.path(file)).unwrap();
        }
        fs::write(self.path("package.json"), r#"{ "type": "commonjs" }"#).unwrap();
        run(npm_tool("tsc")?.args(["--strict", "--project"]).arg(&self.directory));
        let compiled = Path::new("out").join(program).with_extension("js");
        Some(self.used(Command::new("node").arg(compiled)))
    }
}

/// Makes a client of each document and uses it, and checks the row of the tool. `make` returns what
/// the program printed; `named` says what an operation is in the code of the client.
fn check(
    tool: &str,
    package: Package,
    documents: &[Document],
    make: impl Fn(&Making<'_>) -> Option<Value>,
    named: impl Fn(&str) -> String,
) {
    // Below the packages of npm, so that a client finds them.
    let made = scratch().join("integrations/node/made");
    let served = Served::start();
    let mut absent = Vec::new();
    for document in documents {
        let name = tool.replace(['`', ' '], "");
        let directory = made.join(format!("{name}-{}", document.version()));
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        let (written, path) = served.document(*document);
        let nickname = format!("allen{}", document.version().replace('.', ""));
        let making = Making { served: &served, document: path, nickname, directory };
        let Some(used) = make(&making) else { return };
        let expected = json!({
            "created": format!("{}@contoso.onmicrosoft.com", making.nickname),
            "licenses": 1,
            "status": 409,
            "kind": "already-exists",
        });
        assert_eq!(used, expected, "{tool}, {document:?}");
        let code = code(&making.directory);
        absent.extend(ids(&written).into_iter().filter(|id| !code.contains(&named(id))));
    }
    absent.sort();
    absent.dedup();
    let but = match absent.as_slice() {
        [] => String::new(),
        absent => format!(" but `{}`", absent.join("`, `")),
    };
    let shown = format!(
        "A client with every operation{but} creates a user, and reads a typed result and a typed error"
    );
    table::check(tool, package, documents, &shown);
}

/// The source files below a folder, one after the other, each behind its name.
fn code(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            code.push_str(&self::code(&path));
        } else if let Ok(text) = fs::read_to_string(&path) {
            code.push_str(&format!("{}\n{text}\n", path.display()));
        }
    }
    code
}

/// A name in camel case as Python has it.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

const GENERATOR: Package = Package::PyPi("openapi-generator-cli");

#[test]
fn openapi_generator_for_python() {
    let Some(jar) = openapi_generator() else { return };
    let make = |making: &Making<'_>| {
        making.generate(&jar, "python", &["--additional-properties", "packageName=o365"]);
        let mut program = python_tool("python")?;
        program.arg(python()?.join("openapi_generator.py"));
        Some(making.used(program.env("PYTHONPATH", making.path("client"))))
    };
    let named = |id: &str| format!("def {}(", snake_case(id));
    let documents = [OpenApi31, OpenApi30];
    check("openapi-generator `python`", GENERATOR, &documents, make, named);
}

#[test]
fn openapi_generator_for_typescript() {
    let Some(jar) = openapi_generator() else { return };
    let make = |making: &Making<'_>| {
        making.generate(&jar, "typescript-fetch", &[]);
        making.typescript("typescript-fetch.ts")
    };
    let named = |id: &str| format!("async {id}(");
    let documents = [OpenApi31, OpenApi30];
    check("openapi-generator `typescript-fetch`", GENERATOR, &documents, make, named);
}

/// The program of the client brings the annotation that Java had before version 11. The libraries
/// are those that the generator itself consists of.
#[test]
fn openapi_generator_for_java() {
    let (Some(jar), Some(javac)) = (openapi_generator(), javac()) else { return };
    let make = |making: &Making<'_>| {
        let properties = "openApiNullable=false,hideGenerationTimestamp=true";
        let further = ["--library", "native", "--additional-properties", properties];
        making.generate(&jar, "java", &further);
        let mut sources = Vec::new();
        java_files(&making.path("client/src/main/java"), &mut sources);
        java_files(&root().join("tests/integrations/java"), &mut sources);
        let classes = making.path("classes");
        let mut compiler = Command::new(&javac);
        compiler.args(SHORT_RUN.map(|option| format!("-J{option}"))).arg("-proc:none");
        run(compiler.arg("-cp").arg(&jar).arg("-d").arg(&classes).args(sources));
        let path = format!("{}:{}", classes.display(), jar.display());
        Some(making.used(Command::new("java").args(SHORT_RUN).args(["-cp", &path, "Use"])))
    };
    let named = |id: &str| format!(" {id}(");
    let documents = [OpenApi31, OpenApi30];
    check("openapi-generator `java`", GENERATOR, &documents, make, named);
}

fn java_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            java_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "java") {
            files.push(path);
        }
    }
}

#[test]
fn openapi_python_client() {
    let make = |making: &Making<'_>| {
        let mut generator = python_tool("openapi-python-client")?;
        generator.args(["generate", "--meta", "none", "--output-path"]).arg(making.path("o365"));
        let said = run(generator.arg("--path").arg(&making.document));
        assert!(!said.to_lowercase().contains("warning"), "{said}");
        let mut program = python_tool("python")?;
        program.arg(python()?.join("openapi_python_client.py"));
        Some(making.used(program.env("PYTHONPATH", &making.directory)))
    };
    let named = |id: &str| format!("/{}.py\n", snake_case(id));
    let package = Package::PyPi("openapi-python-client");
    check("openapi-python-client", package, &[OpenApi31, OpenApi30], make, named);
}

#[test]
fn openapi_typescript() {
    let make = |making: &Making<'_>| {
        let mut generator = npm_tool("openapi-typescript")?;
        run(generator.arg(&making.document).arg("--output").arg(making.path("o365.ts")));
        making.typescript("openapi-typescript.ts")
    };
    let named = |id: &str| format!("    {id}: {{");
    let package = Package::Npm("openapi-typescript");
    check("openapi-typescript", package, &[OpenApi31, OpenApi30], make, named);
}

#[test]
fn orval() {
    let make = |making: &Making<'_>| {
        let mut generator = npm_tool("orval")?;
        generator.arg("--config").arg(node()?.join("orval.config.mjs"));
        generator.env("DOCUMENT", &making.document).env("CLIENT", making.path("o365.ts"));
        run(&mut generator);
        making.typescript("orval.ts")
    };
    let named = |id: &str| format!("export const {id} = ");
    check("orval", Package::Npm("orval"), &[OpenApi31, OpenApi30], make, named);
}
