// SPDX-License-Identifier: Apache-2.0

//! The expert's models by their commitments, compiled.
//!
//! The chain names a model by its commitment, the files have names of the expert's choice. Files
//! are read when they are new or have changed, compiled once, and dropped when they are gone.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use cso_clinical::{compile, Compiled, Protocol};
use cso_expert_dir::{ExpertDir, ExpertDirError, ProtocolFile, Stamp};
use cso_fhe::Profile;
use cso_primitives::ModelCommitment;
use parking_lot::Mutex;
use thiserror::Error;

use crate::LOG;

/// A model that is ready to be evaluated.
pub(crate) struct Model {
    /// Its commitment, as on chain.
    pub(crate) commitment: ModelCommitment,
    /// What the compiler made of it.
    pub(crate) compiled: Compiled,
}

/// Why a file holds no usable model.
#[derive(Debug, Error)]
enum ModelError {
    #[error(transparent)]
    File(#[from] ExpertDirError),
    #[error("not UTF-8 text")]
    NotText,
    #[error(transparent)]
    Protocol(#[from] cso_clinical::ProtocolError),
    #[error(transparent)]
    Compile(#[from] cso_clinical::CompileError),
    #[error(transparent)]
    NotServed(#[from] cso_clinical::NotServed),
}

/// The models of an expert's directory.
pub(crate) struct Models {
    directory: ExpertDir,
    files: Mutex<BTreeMap<String, Cached>>,
}

struct Cached {
    stamp: Stamp,
    /// `None` if the file is of no use; the reason was logged when it was read.
    model: Option<Arc<Model>>,
}

impl Models {
    /// Reads and compiles what is there.
    pub(crate) fn load(directory: ExpertDir) -> Result<Self, ExpertDirError> {
        let models = Self { directory, files: Mutex::default() };
        models.refresh()?;
        Ok(models)
    }

    /// The model with this commitment, from files as they are now.
    pub(crate) fn find(
        &self,
        commitment: &ModelCommitment,
    ) -> Result<Option<Arc<Model>>, ExpertDirError> {
        self.refresh()?;
        let files = self.files.lock();
        let found = files
            .values()
            .filter_map(|cached| cached.model.as_ref())
            .find(|model| model.commitment == *commitment);
        Ok(found.cloned())
    }

    /// Commitments of all usable models, in order of their files' names.
    pub(crate) fn commitments(&self) -> Vec<ModelCommitment> {
        let files = self.files.lock();
        files
            .values()
            .filter_map(|cached| cached.model.as_ref())
            .map(|model| model.commitment)
            .collect()
    }

    /// Reads the files that are new or have changed and drops those that are gone.
    fn refresh(&self) -> Result<(), ExpertDirError> {
        let listed: HashMap<String, Stamp> = self.directory.protocols()?.into_iter().collect();
        let mut files = self.files.lock();
        files.retain(|name, cached| listed.get(name) == Some(&cached.stamp));
        for (name, stamp) in listed {
            if files.contains_key(&name) {
                continue;
            }
            let model = match self.read(&name) {
                Ok(model) => {
                    log::info!(
                        target: LOG,
                        "protocol {name} is ready, its model is {}",
                        model.commitment,
                    );
                    Some(Arc::new(model))
                }
                Err(error) => {
                    log::error!(target: LOG, "protocol {name} is of no use: {error}");
                    None
                }
            };
            files.insert(name, Cached { stamp, model });
        }
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Model, ModelError> {
        let file: ProtocolFile = self.directory.protocol(name)?;
        let content = file.content.clone();
        let text = std::str::from_utf8(&content).map_err(|_| ModelError::NotText)?;
        let file = match Protocol::model_file(text)? {
            Some(model) => file.with_model(&model)?,
            None => file,
        };
        // What is committed to is what is evaluated: the file is read once.
        let source = |_: &str| match &file.model {
            Some(model) => Ok(model.to_vec()),
            None => Err("it was not read".to_owned()),
        };
        let compiled = compile(&Protocol::from_toml_with(text, &source)?)?;
        compiled.can_serve(Profile::Private)?;
        Ok(Model { commitment: file.commitment(), compiled })
    }
}
