//! Where models compute: their devices, and what several on a CPU have of its threads and memory.

use tch::Device;

use crate::model::libtorch::devices::{self, DeviceChoice, DeviceError};

/// The place of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its device.
    pub device: Device,
    /// Its number among the models of a run, from 0, and the number of all of these.
    number: usize,
    of: usize,
}

impl Place {
    /// The place of one model.
    ///
    /// # Errors
    /// The device cannot be used, or several were named.
    pub fn one(choice: &DeviceChoice) -> Result<Self, DeviceError> {
        devices::device(choice).map(|device| Self { device, number: 0, of: 1 })
    }

    /// The places of the models that a choice names, one at least.
    ///
    /// # Errors
    /// A device cannot be used.
    pub fn all(choice: &DeviceChoice) -> Result<Vec<Self>, DeviceError> {
        let devices = devices::devices(choice)?;
        let count = devices.len();
        let place = |(number, device)| Self { device, number, of: count };
        Ok(devices.into_iter().enumerate().map(place).collect())
    }

    /// True if other models are on the same device, which only the CPU has.
    pub fn is_shared(self) -> bool {
        self.of > 1 && self.device == Device::Cpu
    }

    /// Its share of threads or of host memory; the shares of all models add up to `all`.
    pub fn share(self, all: usize) -> usize {
        all / self.of + usize::from(self.number < all % self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        let places = Place::all(&DeviceChoice::Cpus(3)).unwrap();
        for (all, expected) in [(7, [3, 2, 2]), (3, [1, 1, 1]), (2, [1, 1, 0])] {
            assert_eq!(places.iter().map(|place| place.share(all)).collect::<Vec<_>>(), expected);
        }
        assert!(places.iter().all(|place| place.is_shared()));
        let alone = Place::one(&DeviceChoice::Cpu).unwrap();
        assert_eq!((alone.share(5), alone.is_shared()), (5, false));
        assert_eq!(Place::all(&DeviceChoice::Cpu).unwrap(), [alone]);
        assert!(matches!(Place::one(&DeviceChoice::Cpus(3)), Err(DeviceError::Several)));
    }
}
