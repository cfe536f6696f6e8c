//! Published tables to one self-contained HTML file and its Markdown twin.
