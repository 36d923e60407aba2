// SPDX-License-Identifier: Apache-2.0

//! Stands in for the crate [`wasm-opt`](https://crates.io/crates/wasm-opt), through `[patch]` in
//! the workspace's `Cargo.toml`.
//!
//! `substrate-wasm-builder` depends on that crate without a choice, and it compiles Binaryen: half
//! a million lines of C++, ten minutes of one core and the longest wait of a cold build. What the
//! builder asks of it is little: no optimisation at all, debug sections out, and nothing beyond
//! WebAssembly 1.0 in the result. That is done here in Rust, with `parity-wasm`, which the builder
//! uses itself.
//!
//! - Debug sections (`.debug_*`) and what tells of the compiler (`producers`, `target_features`)
//!   are left out; code and all else stay byte for byte what the compiler wrote.
//! - A module with instructions beyond WebAssembly 1.0 is refused. The runtime is compiled for
//!   `wasm32v1-none`, which has none, so that the lowering of sign extensions that the builder asks
//!   for has nothing to do.
//!
//! Only what the builder calls is here.

#![forbid(unsafe_code)]

use parity_wasm::elements::{Module, Section};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Sections that nothing at run time reads.
const DROPPED: [&str; 2] = ["producers", "target_features"];
const DEBUG: &str = ".debug_";

/// What the builder asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Leave debug sections out.
    StripDwarf,
    /// Write sign extensions as instructions of WebAssembly 1.0.
    SignextLowering,
}

/// A run.
#[derive(Clone, Debug, Default)]
pub struct OptimizationOptions {
    strip: bool,
}

/// Why a module isn't written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptimizationError {
    /// The file system refuses.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// Not a module of WebAssembly 1.0.
    #[error("{0} is no module of WebAssembly 1.0 (build it for wasm32v1-none): {1}")]
    Module(PathBuf, parity_wasm::elements::Error),
}

impl OptimizationOptions {
    /// Without optimisation.
    pub fn new_opt_level_0() -> Self {
        Self::default()
    }

    /// Nothing beyond WebAssembly 1.0: that is always so here.
    pub fn mvp_features_only(&mut self) -> &mut Self {
        self
    }

    /// Whether functions keep their names: they always do here.
    pub fn debug_info(&mut self, _: bool) -> &mut Self {
        self
    }

    /// Asks for a pass.
    pub fn add_pass(&mut self, pass: Pass) -> &mut Self {
        self.strip |= pass == Pass::StripDwarf;
        self
    }

    /// Reads a module and writes it. Both may be the same file.
    ///
    /// # Errors
    ///
    /// [`OptimizationError`].
    pub fn run(
        &self,
        infile: impl AsRef<Path>,
        outfile: impl AsRef<Path>,
    ) -> Result<(), OptimizationError> {
        let (from, to) = (infile.as_ref(), outfile.as_ref());
        let bytes = fs::read(from).map_err(|error| OptimizationError::Io(from.into(), error))?;
        let written =
            self.apply(&bytes).map_err(|error| OptimizationError::Module(from.into(), error))?;
        fs::write(to, written).map_err(|error| OptimizationError::Io(to.into(), error))
    }

    fn apply(&self, bytes: &[u8]) -> Result<Vec<u8>, parity_wasm::elements::Error> {
        // Reading refuses every instruction beyond WebAssembly 1.0.
        let mut module: Module = parity_wasm::deserialize_buffer(bytes)?;
        if self.strip {
            module.sections_mut().retain(|section| !is_dropped(section));
        }
        parity_wasm::serialize(module)
    }
}

fn is_dropped(section: &Section) -> bool {
    match section {
        Section::Custom(custom) => {
            custom.name().starts_with(DEBUG) || DROPPED.contains(&custom.name())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parity_wasm::{
        builder,
        elements::{Instruction, Instructions, ValueType},
    };

    /// A module with one function and a debug section.
    fn module() -> Vec<u8> {
        let body = Instructions::new(vec![Instruction::I32Const(7), Instruction::End]);
        let mut module = builder::module()
            .function()
            .signature()
            .with_result(ValueType::I32)
            .build()
            .body()
            .with_instructions(body)
            .build()
            .build()
            .build();
        for name in [".debug_info", "producers", "runtime_version"] {
            module.set_custom_section(name, vec![1, 2, 3]);
        }
        parity_wasm::serialize(module).unwrap()
    }

    fn customs(bytes: &[u8]) -> Vec<String> {
        let module: Module = parity_wasm::deserialize_buffer(bytes).unwrap();
        module.custom_sections().map(|section| section.name().to_owned()).collect()
    }

    fn run(bytes: &[u8], strip: bool) -> Result<Vec<u8>, OptimizationError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runtime.wasm");
        fs::write(&path, bytes).unwrap();
        let mut options = OptimizationOptions::new_opt_level_0();
        options.mvp_features_only().debug_info(true).add_pass(Pass::SignextLowering);
        if strip {
            options.add_pass(Pass::StripDwarf);
        }
        options.run(&path, &path)?;
        Ok(fs::read(&path).unwrap())
    }

    #[test]
    fn debug_sections_go_and_all_else_stays() {
        let before = module();
        let after = run(&before, true).unwrap();
        assert_eq!(customs(&after), ["runtime_version"]);
        let code = |bytes: &[u8]| {
            let module: Module = parity_wasm::deserialize_buffer(bytes).unwrap();
            module.code_section().cloned()
        };
        assert_eq!(code(&after), code(&before));
    }

    #[test]
    fn nothing_changes_unless_asked_for() {
        let before = module();
        assert_eq!(run(&before, false).unwrap(), before);
    }

    #[test]
    fn instructions_beyond_webassembly_1_are_refused() {
        // `i32.extend8_s` in place of the constant: the first instruction of sign extension.
        let mut bytes = module();
        let at = bytes.windows(2).position(|pair| pair == [0x41, 7]).unwrap();
        bytes[at] = 0xc0;
        let error = run(&bytes, true).unwrap_err().to_string();
        assert!(error.contains("wasm32v1-none"), "{error}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(matches!(run(b"\0asm", true), Err(OptimizationError::Module(..))));
        assert!(matches!(run(b"", true), Err(OptimizationError::Module(..))));
    }
}
