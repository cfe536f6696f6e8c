//! Graph and org chart to silos, bridges and hierarchy crossing, each with its expectation.
