// SPDX-License-Identifier: Apache-2.0
//! What the engine cannot do without, each part on its own: one external product, and what loading
//! must cost.

use crate::{
    clock::{median, microseconds, milliseconds},
    report::Report,
    Error,
};
use cso_fhe::{
    bench::{ExactExternalProduct, ExternalProduct, LoadBound},
    ExactRecord, LoadedRecord, Profile, RecordKey,
};
use std::hint::black_box;

/// Bits of the record that most figures speak of.
pub(crate) const BITS: usize = 180;

/// One external product with operands in cache (of as many in a row as the record has bits), in
/// both arithmetics; and what loading a record cannot do without: one pass at the speed of `memcpy`
/// over as many bytes as the loaded record has, the expansion of the masks by AES in counter mode,
/// and the Fourier transforms.
pub(crate) fn measure(report: &mut Report) -> Result<(), Error> {
    let record = RecordKey::generate()?.encrypt(&[true; BITS], Profile::Private)?;
    let loaded = LoadedRecord::load_first(&record, BITS);
    let mut product = ExternalProduct::new(&loaded);
    let in_a_row = median(101, || (0..BITS).for_each(|_| product.run(0)));
    report.external_product_us = microseconds(in_a_row) / BITS as f64;
    let exact = ExactRecord::load_first(&record, 1);
    let mut product = ExactExternalProduct::new(&exact);
    report.exact_external_product_us = microseconds(median(501, || product.run(0)));

    let bytes = vec![1u8; loaded.resident_bytes()];
    let mut copied = vec![0u8; bytes.len()];
    let mut bound = LoadBound::new(Profile::Private, BITS);
    let copy = median(21, || black_box(&mut copied).copy_from_slice(black_box(&bytes)));
    let expansion = median(21, || bound.expand());
    let transforms = median(21, || bound.transform());
    report.load_180_bound_ms = milliseconds(copy + expansion + transforms);
    Ok(())
}
