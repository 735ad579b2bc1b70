//! The entities, as its generator writes them.

pub mod city;
pub mod partnership;
pub mod partnership_city;
