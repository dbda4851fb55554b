//! What a plan reads, and what it says of what it could not read.
