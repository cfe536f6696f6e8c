//! Parameters of the measures; their defaults live in the plan.

/// What the measures need to know beside the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasureParams {
    /// Seed of every random stream.
    pub seed: u64,
    /// Bootstrap replicates.
    pub replicates: u32,
    /// Permutations behind every z.
    pub permutations: u32,
    /// Messages each way that make a reciprocated tie.
    pub reciprocated_each_way: u32,
    /// Resolution of the community search, in thousandths.
    pub resolution_thousandths: u32,
    /// Runs of the community search.
    pub restarts: u32,
    /// Fewest people of a unit with a number.
    pub min_people: usize,
    /// Least contact of a unit with a number, in messages.
    pub min_messages: f64,
    /// `relative_openness_high` of a silo lies below this.
    pub max_relative_openness: f64,
    /// How betweenness is computed.
    pub betweenness: BetweennessParams,
}

#[cfg(test)]
impl MeasureParams {
    /// What tests vary.
    pub(crate) const TESTED: MeasureParams = MeasureParams {
        seed: 1,
        replicates: 200,
        permutations: 0,
        reciprocated_each_way: 1,
        resolution_thousandths: 1000,
        restarts: 1,
        min_people: 10,
        min_messages: 50.0,
        max_relative_openness: -0.5,
        betweenness: BetweennessParams {
            method: BetweennessMethod::Auto,
            exact_limit: 20_000_000_000,
            pivots: 2048,
            distance: Distance::Hops,
        },
    };
}

/// How betweenness is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BetweennessParams {
    /// Exact, from pivots, or by size.
    pub method: BetweennessMethod,
    /// Largest 2 x people x arcs that `Auto` takes exactly.
    pub exact_limit: u64,
    /// People to search from otherwise; at least 2.
    pub pivots: u32,
    /// How long a tie is.
    pub distance: Distance,
}

/// How long a tie is to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// Every tie is one step.
    Hops,
    /// 1 / weight.
    InverseWeight,
}

/// Whether betweenness is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BetweennessMethod {
    /// Exact up to a size, else from pivots.
    Auto,
    /// Searches from everybody.
    Exact,
    /// Searches from some, where these are fewer than all.
    Pivots,
}
