// SPDX-License-Identifier: Apache-2.0
//! Files of other kinds that models are kept in, told by their first bytes: each is refused with
//! what to save instead.

use crate::ModelFileError;

const OWN_FORMAT: &str = "save the model in its library's own format, XGBoost \
     `save_model(\"m.json\")`, LightGBM `save_model(\"m.txt\")`, CatBoost `save_model(\"m.json\", \
     format=\"json\")`, or as PMML or ONNX";
const UNPACK: &str =
    "unpack it and give the PMML, ONNX, XGBoost, LightGBM or CatBoost file in it; \
     of R's `saveRDS` or Python's joblib save PMML or the library's own format instead";
const R: &str = "write the model as PMML (`r2pmml`, `pmml`), or in its library's own format: \
     `xgb.save(m, \"m.json\")`, `lgb.save(m, \"m.txt\")`";
const NETWORK: &str = "export the network as ONNX (`tf2onnx`, `torch.onnx.export`)";

/// First bytes, what the file is, and what to save instead.
const KINDS: [(&[u8], &str, &str); 24] = [
    (b"\x80\x02", "a Python pickle", OWN_FORMAT),
    (b"\x80\x03", "a Python pickle", OWN_FORMAT),
    (b"\x80\x04", "a Python pickle", OWN_FORMAT),
    (b"\x80\x05", "a Python pickle", OWN_FORMAT),
    (
        b"CBM1",
        "CatBoost's binary model (`.cbm`)",
        "save it with `save_model(\"m.json\", format=\"json\")`",
    ),
    (b"binf", "XGBoost's old binary model", "load it with XGBoost and `save_model(\"m.json\")`"),
    (b"bs64", "XGBoost's old binary model", "load it with XGBoost and `save_model(\"m.json\")`"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it", NETWORK),
    (
        b"PK\x03\x04",
        "a zip archive, as PyTorch, Keras, H2O, KNIME and skops write it",
        "give PMML, ONNX or the library's own format; export a network as ONNX",
    ),
    (b"\x1f\x8b", "packed by gzip", UNPACK),
    (b"BZh", "packed by bzip2", UNPACK),
    (b"\xfd7zXZ\0", "packed by xz", UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed by zstd", UNPACK),
    (b"\x04\x22\x4d\x18", "packed by lz4", UNPACK),
    (b"\x78\x9c", "packed by zlib", UNPACK),
    (b"\x78\x01", "packed by zlib", UNPACK),
    (b"\x78\xda", "packed by zlib", UNPACK),
    (b"X\n\0\0\0", "R's RDS", R),
    (b"A\n2\n", "R's RDS", R),
    (b"A\n3\n", "R's RDS", R),
    (b"RDX", "R's RData", R),
    (b"\xac\xed\0\x05", "a serialized Java object", "write the PMML as text"),
    (b"\x93NUMPY", "an array of NumPy", OWN_FORMAT),
    (
        b"booster[0]",
        "XGBoost's dump, which lacks objective and base score",
        "save it with `save_model(\"m.json\")`",
    ),
];

/// Refuses a file of a kind that is known but not read.
pub(crate) fn refuse_foreign(bytes: &[u8]) -> Result<(), ModelFileError> {
    let known = KINDS.iter().find(|(first, ..)| bytes.starts_with(first));
    if let Some((_, what, instead)) = known {
        return Err(ModelFileError::OtherKind { what, instead });
    }
    if bytes.get(4..8) == Some(b"TFL3") {
        let what = "a TensorFlow Lite model";
        return Err(ModelFileError::OtherKind { what, instead: NETWORK });
    }
    // XGBoost's binary files of before version 1.6 begin with numbers, then name the booster.
    let start = &bytes[..bytes.len().min(512)];
    let has = |name: &[u8]| start.windows(name.len()).any(|own| own == name);
    if start.contains(&0) && !bytes.starts_with(b"{") && (has(b"gbtree") || has(b"gblinear")) {
        return Err(ModelFileError::OtherKind {
            what: "XGBoost's old binary model",
            instead: "load it with XGBoost and `save_model(\"m.json\")`",
        });
    }
    Ok(())
}
