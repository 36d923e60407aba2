//! Placeholder while dependencies build.
#![cfg_attr(not(feature = "std"), no_std)]
