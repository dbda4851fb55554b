//! Takes the files of Swagger UI that its page needs out of the archive, as gzip: the archive
//! has them deflated, which is what is inside a gzip file too.

use std::error::Error;
use std::io::{Cursor, Read};
use std::path::Path;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::{CompressionMethod, ZipArchive};

/// What is taken, below the archive's one folder.
const FILES: [&str; 3] = ["dist/swagger-ui-bundle.js", "dist/swagger-ui.css", "LICENSE"];

/// The header of a gzip file without name and time (RFC 1952).
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Writes each file as `<name>.gz` to `out_dir`, and says which version it is of.
pub fn unpack(out_dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let folder = archive.name_for_index(0).ok_or("Swagger UI's archive is empty")??.into_owned();
    let version = folder
        .strip_prefix("swagger-ui-")
        .and_then(|version| version.strip_suffix('/'))
        .ok_or("Swagger UI's archive has no folder with its version")?;
    println!("cargo::rustc-env=O365_EXPLORER_VERSION={version}");
    for file in FILES {
        let name = file.rsplit('/').next().unwrap_or(file);
        let gzip = gzip(&mut archive, &format!("{folder}{file}"))?;
        super::write_if_changed(&out_dir.join(format!("{name}.gz")), &gzip)?;
    }
    Ok(())
}

fn gzip(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let index = archive.index_for_name(path).ok_or_else(|| format!("no {path} in Swagger UI"))?;
    let mut entry = archive.by_index_raw(index)?;
    if entry.compression() != CompressionMethod::DEFLATE {
        return Err(format!("{path} of Swagger UI is not deflated").into());
    }
    let mut gzip = HEADER.to_vec();
    entry.read_to_end(&mut gzip)?;
    gzip.extend(entry.crc32().to_le_bytes());
    gzip.extend(u32::try_from(entry.size())?.to_le_bytes());
    Ok(gzip)
}
