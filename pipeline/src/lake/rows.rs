//! What the tables' row types have in common: where they belong, how they sort, how a span is cut out of them.

use super::Result;
use super::columns::Columns;
use super::reader::Query;
use super::schema::Table;
use arrow_array::ArrayRef;
use pantau_models::ids::Place;
use pantau_models::record::{Event, Gap, Observation, Recording, RecordingStatus};
use pantau_models::time::Span;
use std::cmp::Ordering;
use std::sync::Arc;

/// A row of one of the lake's tables.
pub(super) trait TableRow: Sized + Clone + PartialEq {
    /// Its table.
    const TABLE: Table;

    /// Where it was seen.
    fn place(&self) -> &Arc<Place>;

    /// From when to when it speaks.
    fn span(&self) -> Span;

    /// The order of rows in files and answers.
    fn order(&self, other: &Self) -> Ordering;

    /// True if the query's time selects it: rows with an end of their own if they overlap it.
    fn is_in_time(&self, query: &Query) -> bool {
        let Span { start, end } = self.span();
        query.to.is_none_or(|to| start < to) && query.from.is_none_or(|from| end > from || start >= from)
    }

    /// What remains of it outside the span: itself, nothing, or one or two pieces.
    fn without(self, span: &Span) -> Vec<Self>;

    /// The column of that name; `None` for a name that the contract does not have.
    fn array(name: &str, rows: &[Self]) -> Option<ArrayRef>;

    /// Rows from a batch of a file.
    fn from_columns(columns: &Columns<'_>) -> Result<Vec<Self>>;
}

impl TableRow for Observation {
    const TABLE: Table = Table::Observations;

    fn place(&self) -> &Arc<Place> {
        &self.place
    }

    fn span(&self) -> Span {
        Span::new(self.start, self.start.plus_s(f64::from(self.duration_s)))
    }

    fn order(&self, other: &Self) -> Ordering {
        (&self.place.camera, &self.zone, self.start).cmp(&(&other.place.camera, &other.zone, other.start))
    }

    /// An interval belongs to the query in which it starts, so that neighbouring queries share none.
    fn is_in_time(&self, query: &Query) -> bool {
        query.from.is_none_or(|from| self.start >= from) && query.to.is_none_or(|to| self.start < to)
    }

    /// Its numbers hold for the whole interval: an interval that is touched goes.
    fn without(self, span: &Span) -> Vec<Self> {
        if self.span().intersection(span).is_some() { Vec::new() } else { vec![self] }
    }

    fn array(name: &str, rows: &[Self]) -> Option<ArrayRef> {
        super::arrow::observation_array(name, rows)
    }

    fn from_columns(columns: &Columns<'_>) -> Result<Vec<Self>> {
        columns.observations()
    }
}

impl TableRow for Event {
    const TABLE: Table = Table::Events;

    fn place(&self) -> &Arc<Place> {
        &self.place
    }

    fn span(&self) -> Span {
        self.span
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |event: &Self| (event.span.start, event.kind, event.span.end);
        (&self.place.camera, &self.zone, key(self)).cmp(&(&other.place.camera, &other.zone, key(other)))
    }

    /// Peak and mean of a piece remain those of the whole.
    fn without(self, span: &Span) -> Vec<Self> {
        outside(self.span, span).map(|span| Self { span, ..self.clone() }).collect()
    }

    fn array(name: &str, rows: &[Self]) -> Option<ArrayRef> {
        super::arrow::event_array(name, rows)
    }

    fn from_columns(columns: &Columns<'_>) -> Result<Vec<Self>> {
        columns.events()
    }
}

impl TableRow for Gap {
    const TABLE: Table = Table::Gaps;

    fn place(&self) -> &Arc<Place> {
        &self.place
    }

    fn span(&self) -> Span {
        self.span
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |gap: &Self| (gap.span.start, gap.reason, gap.span.end);
        (&self.place.camera, key(self)).cmp(&(&other.place.camera, key(other)))
    }

    fn without(self, span: &Span) -> Vec<Self> {
        outside(self.span, span).map(|span| Self { span, ..self.clone() }).collect()
    }

    fn array(name: &str, rows: &[Self]) -> Option<ArrayRef> {
        super::arrow::gap_array(name, rows)
    }

    fn from_columns(columns: &Columns<'_>) -> Result<Vec<Self>> {
        columns.gaps()
    }
}

impl TableRow for Recording {
    const TABLE: Table = Table::Recordings;

    fn place(&self) -> &Arc<Place> {
        &self.place
    }

    fn span(&self) -> Span {
        self.span
    }

    fn order(&self, other: &Self) -> Ordering {
        (&self.place.camera, self.span.start, &self.path).cmp(&(&other.place.camera, other.span.start, &other.path))
    }

    /// A piece is partial, and says why.
    fn without(self, span: &Span) -> Vec<Self> {
        if self.span.intersection(span).is_none() {
            return vec![self];
        }
        let status = if self.status == RecordingStatus::Done { RecordingStatus::Partial } else { self.status };
        let note = format!("rows from {} to {} were replaced by another analysis", span.start, span.end);
        let message = if self.message.is_empty() { note } else { format!("{}; {note}", self.message) };
        let piece = |span| Self { span, status, message: message.clone(), ..self.clone() };
        outside(self.span, span).map(piece).collect()
    }

    fn array(name: &str, rows: &[Self]) -> Option<ArrayRef> {
        super::arrow::recording_array(name, rows)
    }

    fn from_columns(columns: &Columns<'_>) -> Result<Vec<Self>> {
        columns.recordings()
    }
}

/// The pieces of `whole` outside `cut`, in order; an empty span is outside everything.
pub(super) fn outside(whole: Span, cut: &Span) -> impl Iterator<Item = Span> + use<> {
    let pieces = match whole.intersection(cut) {
        None => [Some(whole), None],
        Some(shared) => [Span::new(whole.start, shared.start), Span::new(shared.end, whole.end)]
            .map(|piece| (piece.start < piece.end).then_some(piece)),
    };
    pieces.into_iter().flatten()
}
