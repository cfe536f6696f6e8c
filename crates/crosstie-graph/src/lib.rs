//! Ties of a window as compressed sparse rows, and one file for each algorithm on them.
