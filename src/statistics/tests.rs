mod classification;
mod ranking;
mod regression;
