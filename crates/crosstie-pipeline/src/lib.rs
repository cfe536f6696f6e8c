//! A pipeline file as written, the plan as meant, the stages in order.
