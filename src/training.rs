//! Pretraining: which windows are drawn, the step, the schedule, and what a run leaves behind.

