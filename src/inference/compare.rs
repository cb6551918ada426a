//! Comparison of a window of the reference with alternatives that begin like it.

mod group;
mod on_device;
mod on_host;
mod places;

pub use self::{
    group::{CompareOptions, WindowGroup},
    on_device::Comparisons,
};
