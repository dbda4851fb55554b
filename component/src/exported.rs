//! The bindings as they are exported: the generated ones, and around those of the reports what
//! `actions::reports::lowering` does.

/// The exports of the world.
pub mod exports {
    /// The package's namespace.
    pub mod connector {
        /// The package.
        pub mod office365 {
            pub use crate::bindings::exports::connector::office365::{
                accounts, catalog, data_sets, diagnostics, notifications,
            };

            /// The functions of the reports. Those here hide the generated ones.
            pub mod reports {
                pub use crate::bindings::exports::connector::office365::reports::*;

                use crate::actions::reports::lowering::{fill, free};
                use crate::bindings::exports::connector::office365::reports as generated;

                /// Where a report has its users: after the case of the result, the description
                /// and the title.
                const OF_REPORT: usize = 5;
                /// Where a page has its users: after the case of the result.
                const OF_PAGE: usize = 1;

                macro_rules! exported {
                    ($call:ident, $after:ident, $at:ident, ($($name:ident: $type:ty),*)) => {
                        /// Calls the action and lowers its result.
                        ///
                        /// # Safety
                        /// The arguments are lowered ones of the function.
                        pub unsafe fn $call<T: Guest>($($name: $type),*) -> *mut u8 {
                            // SAFETY: The arguments are the caller's; the result has its users
                            // at this word.
                            unsafe {
                                let result = generated::$call::<T>($($name),*);
                                fill(result, $at);
                                result
                            }
                        }

                        /// Frees a result that the host has read.
                        ///
                        /// # Safety
                        /// The result is the last one of the function, and is freed once.
                        pub unsafe fn $after<T: Guest>(result: *mut u8) {
                            // SAFETY: The result is the caller's and has its users at this
                            // word. After `free`, it owns just what the generated code put in.
                            unsafe {
                                free(result, $at);
                                generated::$after::<T>(result);
                            }
                        }
                    };
                }

                macro_rules! report {
                    ($call:ident, $after:ident) => {
                        exported!($call, $after, OF_REPORT, (id: *mut u8, id_length: usize));
                    };
                }

                macro_rules! page {
                    ($call:ident, $after:ident) => {
                        exported!($call, $after, OF_PAGE, (
                            id: *mut u8, id_length: usize,
                            has_cursor: i32, cursor: *mut u8, cursor_length: usize,
                            has_size: i32, size: i32
                        ));
                    };
                }

                report!(
                    _export_users_with_licenses_report_cabi,
                    __post_return_users_with_licenses_report
                );
                report!(
                    _export_users_without_licenses_report_cabi,
                    __post_return_users_without_licenses_report
                );
                page!(
                    _export_users_with_licenses_page_cabi,
                    __post_return_users_with_licenses_page
                );
                page!(
                    _export_users_without_licenses_page_cabi,
                    __post_return_users_without_licenses_page
                );
            }
        }
    }
}
