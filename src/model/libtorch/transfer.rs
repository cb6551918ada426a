//! Numbers on their way to a device and back, beside what it computes.

use std::ffi::c_void;

use tch::{Device, TchError, Tensor};

use super::operators::last_error;

unsafe extern "C" {
    fn hyenadna_event_record(number: i8) -> *mut c_void;
    fn hyenadna_event_wait(event: *mut c_void) -> bool;
}

/// Sends a tensor of host memory to a device, where it need not have arrived when this returns.
///
/// # Errors
/// The device has no memory left.
pub fn upload(tensor: &Tensor, device: Device) -> Result<Tensor, TchError> {
    match device {
        Device::Cpu => Ok(tensor.shallow_clone()),
        // the device reads pinned memory by itself, which libtorch keeps until then
        _ => tensor.f_pin_memory(device)?.f_internal_to_copy((tensor.kind(), device), true),
    }
}

/// A tensor on its way to host memory.
#[derive(Debug)]
pub struct Download {
    numbers: Tensor,
    /// The place in the queue of the device where it has arrived; none on a CPU.
    arrival: Option<*mut c_void>,
}

impl Download {
    /// Asks for a tensor, after all that its device was told so far.
    ///
    /// # Errors
    /// There is no memory left.
    pub fn request(tensor: &Tensor) -> Result<Self, TchError> {
        let Device::Cuda(number) = tensor.device() else {
            return Ok(Self { numbers: tensor.f_contiguous()?, arrival: None });
        };
        // into pinned memory
        let numbers =
            tensor.f_contiguous()?.f_internal_to_copy((tensor.kind(), Device::Cpu), true)?;
        // SAFETY: the GPU exists, as the tensor is on it.
        let event = unsafe { hyenadna_event_record(i8::try_from(number).unwrap_or(0)) };
        if event.is_null() {
            return Err(last_error());
        }
        Ok(Self { numbers, arrival: Some(event) })
    }

    /// Waits for it.
    ///
    /// # Errors
    /// The device failed meanwhile.
    pub fn wait(mut self) -> Result<Tensor, TchError> {
        self.arrive()?;
        Ok(self.numbers.shallow_clone())
    }

    fn arrive(&mut self) -> Result<(), TchError> {
        match self.arrival.take() {
            // SAFETY: it was recorded by `request`, and is waited for once.
            Some(event) if !unsafe { hyenadna_event_wait(event) } => Err(last_error()),
            _ => Ok(()),
        }
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        // its memory may not go before the device has written to it; an error was reported elsewhere
        let _ = self.arrive();
    }
}
