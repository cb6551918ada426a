mod calibration;
mod classification;
mod labels;
mod ranking;
mod regression;
