// SPDX-License-Identifier: Apache-2.0
//! The messages of ONNX that are read, with the field numbers of `onnx.proto3`
//! (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3>). Other fields are skipped.

use prost::Message;

use crate::{shorten, Cell};

/// A file.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Model {
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<Opset>,
}

/// The version of a library of operators.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Opset {
    #[prost(string, tag = "1")]
    pub domain: String,
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// What is computed, in order.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "15")]
    pub sparse_initializer: Vec<Sparse>,
}

/// Constants with few entries, which aren't read.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Sparse {}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    #[prost(string, tag = "4")]
    pub op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
    #[prost(string, tag = "7")]
    pub domain: String,
}

/// A parameter of an operation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Attribute {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(float, tag = "2")]
    pub f: f32,
    #[prost(int64, tag = "3")]
    pub i: i64,
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    #[prost(message, optional, tag = "5")]
    pub t: Option<Tensor>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    #[prost(bytes = "vec", repeated, tag = "9")]
    pub strings: Vec<Vec<u8>>,
}

/// Constants.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    pub int32_data: Vec<i32>,
    #[prost(bytes = "vec", repeated, tag = "6")]
    pub string_data: Vec<Vec<u8>>,
    #[prost(int64, repeated, tag = "7")]
    pub int64_data: Vec<i64>,
    #[prost(string, tag = "8")]
    pub name: String,
    #[prost(bytes = "vec", tag = "9")]
    pub raw_data: Vec<u8>,
    #[prost(double, repeated, tag = "10")]
    pub double_data: Vec<f64>,
    #[prost(uint64, repeated, tag = "11")]
    pub uint64_data: Vec<u64>,
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// An input.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<Type>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Type {
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct TensorType {
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dim>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Dim {
    #[prost(int64, tag = "1")]
    pub dim_value: i64,
}

/// Element types of tensors.
pub(super) const FLOAT: i32 = 1;
pub(super) const UINT8: i32 = 2;
pub(super) const INT8: i32 = 3;
pub(super) const UINT16: i32 = 4;
pub(super) const INT16: i32 = 5;
pub(super) const INT32: i32 = 6;
pub(super) const INT64: i32 = 7;
pub(super) const STRING: i32 = 8;
pub(super) const BOOL: i32 = 9;
pub(super) const DOUBLE: i32 = 11;
pub(super) const UINT32: i32 = 12;
pub(super) const UINT64: i32 = 13;

impl Tensor {
    /// The entries, wherever they stand; `None` for types of numbers that aren't read, such as
    /// half precision, and for numbers in another file.
    pub(super) fn cells(&self) -> Option<Vec<Cell>> {
        if self.data_type == STRING {
            let text = |bytes: &Vec<u8>| Cell::Text(String::from_utf8_lossy(bytes).into());
            return Some(self.string_data.iter().map(text).collect());
        }
        let numbers = self.numbers()?;
        Some(numbers.into_iter().map(Cell::Number).collect())
    }

    /// The numbers, wherever they stand.
    pub(super) fn numbers(&self) -> Option<Vec<f64>> {
        fn raw<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> Option<Vec<f64>> {
            let chunks = bytes.chunks_exact(N);
            let whole = chunks.remainder().is_empty();
            whole.then(|| chunks.filter_map(|chunk| chunk.try_into().ok()).map(read).collect())
        }
        fn all<T: Copy>(list: &[T], read: impl Fn(T) -> f64) -> Option<Vec<f64>> {
            Some(list.iter().copied().map(read).collect())
        }
        if self.data_location != 0 {
            return None;
        }
        let bytes = &self.raw_data;
        match (self.data_type, bytes.is_empty()) {
            (FLOAT, true) => all(&self.float_data, f64::from),
            (DOUBLE, true) => Some(self.double_data.clone()),
            (INT64, true) => all(&self.int64_data, |number| number as f64),
            (UINT32 | UINT64, true) => all(&self.uint64_data, |number| number as f64),
            (INT8 | UINT8 | INT16 | UINT16 | INT32 | BOOL, true) => {
                all(&self.int32_data, f64::from)
            }
            (FLOAT, false) => raw(bytes, |bytes| f64::from(f32::from_le_bytes(bytes))),
            (DOUBLE, false) => raw(bytes, f64::from_le_bytes),
            (INT64, false) => raw(bytes, |bytes| i64::from_le_bytes(bytes) as f64),
            (UINT64, false) => raw(bytes, |bytes| u64::from_le_bytes(bytes) as f64),
            (INT32, false) => raw(bytes, |bytes| f64::from(i32::from_le_bytes(bytes))),
            (UINT32, false) => raw(bytes, |bytes| f64::from(u32::from_le_bytes(bytes))),
            (INT16, false) => raw(bytes, |bytes| f64::from(i16::from_le_bytes(bytes))),
            (UINT16, false) => raw(bytes, |bytes| f64::from(u16::from_le_bytes(bytes))),
            (INT8, false) => raw(bytes, |bytes| f64::from(i8::from_le_bytes(bytes))),
            (UINT8 | BOOL, false) => raw(bytes, |bytes| f64::from(u8::from_le_bytes(bytes))),
            _ => None,
        }
    }
}

impl Node {
    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    pub(super) fn floats(&self, name: &str) -> &[f32] {
        self.attribute(name).map_or(&[], |attribute| &attribute.floats)
    }

    pub(super) fn ints(&self, name: &str) -> &[i64] {
        self.attribute(name).map_or(&[], |attribute| &attribute.ints)
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub(super) fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |attribute| attribute.f)
    }

    pub(super) fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        let text =
            self.attribute(name).map(|attribute| std::str::from_utf8(&attribute.s).unwrap_or("?"));
        text.unwrap_or(default)
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let strings = self.attribute(name).map_or(&[][..], |attribute| &attribute.strings);
        strings.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }

    /// The operator's name, with that of its library if it's none of the standard.
    pub(super) fn operator(&self) -> String {
        match self.domain.as_str() {
            "" | "ai.onnx" | "ai.onnx.ml" => shorten(&self.op_type),
            other => shorten(&format!("{other}.{}", self.op_type)),
        }
    }

    pub(super) fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.attribute(name)?.t.as_ref()
    }
}
