//! Trusted documents: documents of known frontends, which are sent by id.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::hash;

/// The documents by id.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    by_id: HashMap<String, Arc<str>>,
    /// A hash of all ids and texts; empty if there are none.
    edition: String,
    /// True if only these documents are executed.
    pub only: bool,
}

/// A file of documents that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the documents in {} cannot be used: {what}", path.display())]
pub struct DocumentsError {
    path: PathBuf,
    what: String,
}

/// The manifest formats of tools.
#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// Apollo's: a list of operations.
    Operations { operations: Vec<Operation> },
    /// Relay's and GraphQL Code Generator's: from id to text.
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Documents {
    /// Reads a manifest, or all `.json` manifests and `.graphql` documents of a folder.
    ///
    /// # Errors
    /// A file cannot be read, is not a manifest, has a document with a syntax error, or contradicts another file.
    pub fn read(path: &Path) -> Result<Self, DocumentsError> {
        let mut documents = Self::default();
        for file in files(path)? {
            documents.add_file(&file)?;
        }
        let mut ids: Vec<_> = documents.by_id.iter().collect();
        ids.sort();
        documents.edition = hash(&format!("{ids:?}"));
        Ok(documents)
    }

    /// A hash of the documents, for the keys of answers to requests by id.
    pub(crate) fn edition(&self) -> &str {
        &self.edition
    }

    /// Number of ids, including the hashes of the texts.
    pub fn count(&self) -> usize {
        self.by_id.len()
    }

    fn add_file(&mut self, path: &Path) -> Result<(), DocumentsError> {
        let trouble = |what: String| DocumentsError { path: path.to_owned(), what };
        let text = std::fs::read_to_string(path).map_err(|error| trouble(error.to_string()))?;
        let texts = if path.extension().is_some_and(|extension| extension == "graphql") {
            HashMap::from([(hash(&text), text)])
        } else {
            let form = "a manifest is a JSON object from id to document, as Relay and GraphQL Code Generator write it, or \
                one with \"operations\", as Apollo writes it";
            // Some editors put a byte order mark before the text.
            match serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text))
                .map_err(|error| trouble(format!("{form} ({error})")))?
            {
                Manifest::Texts(texts) => texts,
                Manifest::Operations { operations } => operations.into_iter().map(|one| (one.id, one.body)).collect(),
            }
        };
        for (id, text) in texts {
            pomost_document::parse(&text).map_err(|faults| {
                let wrong: Vec<_> = faults.into_iter().map(|fault| fault.message).collect();
                trouble(format!("the document {id:?} has a syntax error: {}", wrong.join("; ")))
            })?;
            if self.by_id.insert(id.clone(), text.clone().into()).is_some_and(|known| *known != *text) {
                return Err(trouble(format!("the id {id:?} is used for two different documents: change one of them")));
            }
            // Documents are also known by their hash, whatever id the tool chose.
            self.by_id.insert(hash(&text), text.into());
        }
        Ok(())
    }

    /// The document with an id, with or without the prefix of its hash algorithm.
    pub(super) fn get(&self, id: &str) -> Option<&Arc<str>> {
        self.by_id.get(id).or_else(|| self.by_id.get(id.strip_prefix("sha256:")?))
    }

    /// True if one of the documents has this text.
    pub(super) fn has(&self, text: &str) -> bool {
        self.by_id.contains_key(&hash(text))
    }
}

/// The files of a path: the path itself, or the manifests and documents of a folder.
fn files(path: &Path) -> Result<Vec<PathBuf>, DocumentsError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let trouble = |error: std::io::Error| DocumentsError { path: path.to_owned(), what: error.to_string() };
    let entries = std::fs::read_dir(path).map_err(trouble)?.collect::<Result<Vec<_>, _>>().map_err(trouble)?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json" || extension == "graphql"));
    files.sort();
    if files.is_empty() {
        return Err(DocumentsError {
            path: path.to_owned(),
            what: "the folder contains no .json or .graphql file".to_owned(),
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "query A { a }";

    fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_manifests_of_the_tools_are_read() {
        let apollo = format!(
            r#"{{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{{"id": "x", "name": "A", "type": "query", "body": "{TEXT}"}}]}}"#
        );
        for (name, text) in [("m.json", format!(r#"{{"x": "{TEXT}"}}"#)), ("m.json", apollo)] {
            let folder = folder(&[(name, text)]);
            for path in [folder.path().to_owned(), folder.path().join(name)] {
                let documents = Documents::read(&path).unwrap();
                assert_eq!(documents.get("x").map(AsRef::as_ref), Some(TEXT));
                assert_eq!(documents.get(&format!("sha256:{}", hash(TEXT))).map(AsRef::as_ref), Some(TEXT));
                assert!(documents.has(TEXT) && !documents.has("query A {a}") && documents.get("y").is_none());
            }
        }
    }

    #[test]
    fn a_folder_of_documents_is_read_by_hash() {
        let documents = Documents::read(folder(&[("a.graphql", TEXT.to_owned())]).path()).unwrap();
        assert_eq!(documents.get(&hash(TEXT)).map(AsRef::as_ref), Some(TEXT));
    }

    #[test]
    fn unusable_files_are_reported() {
        for (text, what) in [
            ("[]", "a manifest is"),
            (r#"{"x": 1}"#, "a manifest is"),
            (r#"{"x": "query {"}"#, "the document \"x\" has a syntax error"),
        ] {
            let folder = folder(&[("m.json", text.to_owned())]);
            let error = Documents::read(folder.path()).unwrap_err().to_string();
            assert!(error.contains("m.json") && error.contains(what), "{error}");
        }
        let empty = folder(&[]);
        assert!(Documents::read(empty.path()).is_err());
        assert!(Documents::read(&empty.path().join("nowhere.json")).is_err());
        let two = folder(&[("a.json", r#"{"x": "{ a }"}"#.to_owned()), ("b.json", r#"{"x": "{ b }"}"#.to_owned())]);
        assert!(Documents::read(two.path()).unwrap_err().to_string().contains("two different"));
    }
}
