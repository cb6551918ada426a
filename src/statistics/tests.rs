mod calibration;
mod classification;
mod ranking;
mod regression;
