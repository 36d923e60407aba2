// SPDX-License-Identifier: Apache-2.0
//! The content tells what a file is, and files of other kinds are refused with what to give
//! instead.

#[path = "common/boosters.rs"]
mod boosters;

use boosters::{LIGHTGBM, XGBOOST};
use cso_model_files::{read, ModelFileError};

fn error(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err().to_string();
    assert!(!error.contains('\n') && !error.contains("  "), "{error}");
    error
}

#[test]
fn an_object_is_known_by_its_own_keys() {
    assert_eq!(read(XGBOOST.as_bytes()).unwrap().kind(), "XGBoost");
    let order = format!("\u{feff}\n{}", XGBOOST.replacen('{', "{\"version\":[3,0,0],", 1));
    assert_eq!(read(order.as_bytes()).unwrap().kind(), "XGBoost");
    assert_eq!(read(LIGHTGBM.as_bytes()).unwrap().kind(), "LightGBM");
    // Words in values don't count.
    let words = r#"{"note": "\"learner\" and \"tree_info\"", "name": "tree_info"}"#;
    for other in [words, "{}", "[]", "{\"trees\": []}", "random words", ""] {
        assert_eq!(read(other.as_bytes()), Err(ModelFileError::UnknownFormat), "{other}");
    }
    let unknown = error(b"{}");
    for known in ["PMML", "ONNX", "XGBoost", "LightGBM", "CatBoost"] {
        assert!(unknown.contains(known), "{unknown}");
    }
    let damaged = error(b"{\"learner\": 3");
    assert!(damaged.starts_with("JSON model: the file is damaged: EOF"), "{damaged}");
}

#[test]
fn other_kinds_of_files_are_named_with_what_to_give_instead() {
    for (bytes, what, instead) in [
        (&b"\x80\x04\x95\x10"[..], "a Python pickle", "save_model"),
        (b"CBM1\x00\x01", "CatBoost's binary model (`.cbm`)", "format=\"json\""),
        (b"binf\0\0", "XGBoost's old binary model", "save_model(\"m.json\")"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "ONNX"),
        (b"PK\x03\x04\x14", "a zip archive", "ONNX"),
        (b"\x1f\x8b\x08", "packed by gzip", "saveRDS"),
        (b"X\n\0\0\0\x03", "R's RDS", "xgb.save"),
        (b"RDX3\nX\n", "R's RData", "PMML"),
        (b"\xac\xed\0\x05sr", "a serialized Java object", "PMML as text"),
        (b"\x1c\0\0\0TFL3", "a TensorFlow Lite model", "ONNX"),
        (b"\0\0\0\x3f\x05\0\0\0\x06\0gbtree", "XGBoost's old binary model", "m.json"),
        (b"booster[0]:\n0:[age<3]", "XGBoost's dump", "m.json"),
        (b"[{ \"nodeid\": 0, \"depth\": 0 }]", "XGBoost's dump", "m.json"),
    ] {
        let error = error(bytes);
        assert!(error.starts_with(&format!("the file is {what}")), "{error}");
        assert!(error.contains("which is not read: ") || error.contains("lacks"), "{error}");
        assert!(error.contains(instead), "{error}");
    }
}
