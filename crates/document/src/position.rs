//! Converts offsets to lines and columns.

use apollo_compiler::parser::{SourceMap, SourceSpan};
use async_graphql_parser::Pos;

/// The offsets of the lines of a text. Lines end with `\n`, `\r\n` or `\r`, and with nothing else (section 2.1.2).
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    text: Box<str>,
    starts: Vec<usize>,
    is_ascii: bool,
}

impl Lines {
    /// The lines of the text that a document was parsed from.
    pub(crate) fn of(sources: &SourceMap) -> Self {
        let text = sources.values().last().map_or("", |source| source.source_text());
        let bytes = text.as_bytes();
        let ends_line = |at: usize| bytes[at] == b'\n' || (bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(0).chain((0..bytes.len()).filter(|at| ends_line(*at)).map(|at| at + 1)).collect();
        Self { text: text.into(), starts, is_ascii: text.is_ascii() }
    }

    /// The position of a node; the start of the text for a node without a position.
    pub(crate) fn at(&self, span: Option<SourceSpan>) -> Pos {
        self.at_offset(span.map_or(0, |span| span.offset()))
    }

    /// The position of a byte.
    pub(crate) fn at_offset(&self, offset: usize) -> Pos {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let column = if self.is_ascii {
            offset - start
        } else {
            self.text.get(start..offset).map_or(0, |before| before.chars().count())
        };
        Pos { line, column: column + 1 }
    }
}

#[cfg(test)]
mod tests {
    use apollo_compiler::ast::Document;

    use super::*;

    #[test]
    fn lines_end_as_the_specification_defines() {
        let text = "{ a\r\n b\r c #\u{2028}ż\n d(x: \"ż\") e }";
        let document = Document::parse(text, "test").unwrap();
        let lines = Lines::of(&document.sources);
        let operation = document.definitions[0].as_operation_definition().unwrap();
        let found: Vec<_> =
            operation.selection_set.iter().map(|one| lines.at(one.as_field().unwrap().name.location())).collect();
        let at = |line, column| Pos { line, column };
        assert_eq!(found, [at(1, 3), at(2, 2), at(3, 2), at(4, 2), at(4, 12)]);
    }
}
