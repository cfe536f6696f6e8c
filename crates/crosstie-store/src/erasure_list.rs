//! Who was forgotten: `state/erased.json`, marks alone, and whether what was kept of them is gone.
//!
//! The list is durable before anything is taken away, and never shrinks. A command that was killed in between leaves it
//! open; whatever reads or forgets next finishes first.

use crate::whole_file::{sync_folder, write_new_file};
use crate::{Finding, Folder, StoreError};
use crosstie_model::{Erased, code};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

const FORMAT: u32 = 1;
const LIST: &str = "state/erased.json";

/// As it stands in its file.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    format: u32,
    /// The key under which marks are made.
    key_id: String,
    /// Whether what was kept of somebody may still be there.
    is_open: bool,
    /// 16 hexadecimal digits each, sorted.
    marks: Vec<String>,
    /// BLAKE3 of the marks, one a line.
    seal: String,
}

/// The erasure list of an output folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErasureList {
    /// Who was forgotten.
    pub erased: Erased,
    /// Whether what was kept of somebody may still be there.
    pub is_open: bool,
}

/// Reads the erasure list; an empty one where nobody was forgotten.
///
/// # Errors
/// It cannot be read, was changed, or was made under another key: then it is not known who must not come back.
pub fn read_erasure_list(root: &Path, key_id: &str) -> Result<ErasureList, StoreError> {
    let path = path(root);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ErasureList::default()),
        Err(source) => return Err(StoreError::reading(&path, source)),
    };
    let listed: Option<Listed> = serde_json::from_slice(&text).ok();
    let sound = listed
        .filter(|listed| listed.format == FORMAT && listed.key_id == key_id && listed.seal == seal(&listed.marks));
    let marks = sound.as_ref().and_then(|listed| {
        listed.marks.iter().map(|mark| i64::from_str_radix(mark, 16).ok()).collect::<Option<Vec<i64>>>()
    });
    match (sound, marks) {
        (Some(listed), Some(marks)) => Ok(ErasureList { erased: Erased::new(marks), is_open: listed.is_open }),
        _ => Err(StoreError::Changed { path }),
    }
}

/// Whether the list is as it was written, and everything that it asks for was done.
pub(crate) fn check_erasure_list(root: &Path) -> Vec<Finding> {
    let Ok(text) = fs::read(path(root)) else { return Vec::new() };
    let listed: Option<Listed> = serde_json::from_slice(&text).ok();
    let found = match listed.filter(|listed| listed.seal == seal(&listed.marks)) {
        None => Finding::new(code::S103, LIST, "it was changed: who must not come back is not known"),
        Some(listed) if listed.is_open => Finding::new(code::S113, LIST, "not everything is gone yet"),
        Some(_) => return Vec::new(),
    };
    vec![found]
}

/// Writes the list so that it lasts.
///
/// # Errors
/// It cannot be written.
pub fn write_erasure_list(folder: &Folder, key_id: &str, list: &ErasureList) -> Result<(), StoreError> {
    let marks: Vec<String> = list.erased.marks().iter().map(|mark| format!("{mark:016x}")).collect();
    let seal = seal(&marks);
    let listed = Listed { format: FORMAT, key_id: key_id.into(), is_open: list.is_open, marks, seal };
    let mut text = serde_json::to_vec_pretty(&listed).map_err(|_| StoreError::Encode { table: "erased" })?;
    text.push(b'\n');
    let path = path(folder.root());
    if fs::read(&path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let staged = path.with_extension("json.part");
    // Left by a command that died.
    let _ = fs::remove_file(&staged);
    write_new_file(&staged, &text, 0o600)?;
    let state = folder.root().join("state");
    sync_folder(&state)?;
    fs::rename(&staged, &path).map_err(|source| StoreError::writing(&path, source))?;
    sync_folder(&state)
}

fn path(root: &Path) -> PathBuf {
    root.join(LIST)
}

fn seal(marks: &[String]) -> String {
    blake3::hash(marks.join("\n").as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_list_comes_back_and_a_changed_one_does_not() {
        let temp = tempfile::tempdir().unwrap();
        let folder = Folder::open(&temp.path().join("out")).unwrap();
        let root = folder.root();
        assert_eq!(read_erasure_list(root, "k").unwrap(), ErasureList::default());
        let list = ErasureList { erased: Erased::new(vec![9, 3, 9]), is_open: true };
        write_erasure_list(&folder, "k", &list).unwrap();
        assert_eq!(read_erasure_list(root, "k").unwrap(), list);
        assert_eq!(check_erasure_list(root)[0].code, code::S113);
        write_erasure_list(&folder, "k", &ErasureList { is_open: false, ..list.clone() }).unwrap();
        assert_eq!(check_erasure_list(root), []);
        assert_eq!(list.erased.marks(), [3, 9]);
        assert_eq!(fs::metadata(path(root)).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(read_erasure_list(root, "other").is_err(), "marks of another key tell nobody");
        let text = fs::read_to_string(path(root)).unwrap();
        for broken in [text.replacen("0003", "0004", 1), text[1..].to_string(), String::new()] {
            fs::write(path(root), broken).unwrap();
            assert!(matches!(read_erasure_list(root, "k"), Err(StoreError::Changed { .. })));
            assert_eq!(check_erasure_list(root)[0].code, code::S103);
        }
    }
}
