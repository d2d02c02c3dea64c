//! The sandbox's books and the three APIs over them, read as a platform's client reads them.

mod balance;
mod change;
mod commerce;
mod paging;
mod reader;
mod writing;
