//! What the fuzz targets share: the formats, how an input becomes the entries of an export, and what must hold.

pub mod address;
pub mod container;
pub mod directories;
pub mod formats;
pub mod input;
pub mod mail_headers;
pub mod oracle;
pub mod words;

pub use formats::{Form, form};
pub use input::Input;
