//! What GraphML and GEXF share.

use crosstie_model::CellKind;

/// The name that GraphML and GEXF have for a type; days and times are text there.
pub(super) fn kind(kind: CellKind) -> &'static str {
    match kind {
        CellKind::Int => "long",
        CellKind::Float => "double",
        CellKind::Bool => "boolean",
        CellKind::Text | CellKind::Date | CellKind::Time => "string",
    }
}
