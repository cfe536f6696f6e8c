//! Messages to weekly and window ties in integer weights.
