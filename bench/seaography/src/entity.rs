//! The entities in the form of its generator.

pub mod city;
pub mod partnership;
pub mod partnership_city;
