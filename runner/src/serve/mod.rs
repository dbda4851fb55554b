//! `o365 serve`: the actions over HTTP.
