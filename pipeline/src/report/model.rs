//! Everything a report says, computed once: rooms with their figures, grouped and sorted, and what is drawn of them.

use super::drawing::{Drawing, Ribbon, detail};
use super::rows::SeenRows;
use super::words::Language;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pantau_models::calendar::{Calendar, DayKind, local_dates};
use pantau_models::ids::{AgencyId, CameraId, DistrictId, Place, RoomId, ZoneId};
use pantau_models::kpi::{Kpi, Question, RoomKpis, SeenRow, Sums, Timeline, Unseen};
use pantau_models::record::{Event, EventKind, Gap, Recording, RecordingStatus};
use pantau_models::time::{Span, UtcMicros};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What stands together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupBy {
    /// Every room for itself.
    #[default]
    Room,
    /// Rooms of an agency.
    Agency,
    /// Rooms of a district.
    District,
}

/// A room in which presence names one person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinglePersonRoom {
    /// Which room.
    pub room: RoomId,
    /// Whether its figures may be shown.
    #[serde(default)]
    pub allowed: bool,
    /// Why they may, or may not.
    #[serde(default)]
    pub reason: String,
}

/// What a report is made from. Rows may come in any order.
#[derive(Clone, Debug)]
pub struct Input {
    /// What was seen.
    pub observations: SeenRows,
    /// Unseen spans with their reasons.
    pub gaps: Vec<Gap>,
    /// Episodes.
    pub events: Vec<Event>,
    /// The manifest.
    pub recordings: Vec<Recording>,
    /// Start of the period.
    pub from: UtcMicros,
    /// End of the period; what lies after `generated_at` is not asked about, unless rows say that it was seen.
    pub to: UtcMicros,
    /// When the report is made.
    pub generated_at: UtcMicros,
    /// What stands together.
    pub by: GroupBy,
    /// Its language.
    pub language: Language,
    /// The site's zone.
    pub time_zone: TimeZone,
    /// Service hours.
    pub calendar: Calendar,
    /// Rooms in which presence names one person.
    pub single_person_rooms: Vec<SinglePersonRoom>,
}

/// Everything a report says.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its language.
    pub language: Language,
    /// What stands together.
    pub by: GroupBy,
    /// The site's zone.
    pub zone: TimeZone,
    /// Service hours.
    pub calendar: Calendar,
    /// The period asked about.
    pub period: Span,
    /// Its local dates.
    pub dates: Vec<Date>,
    /// Minutes of the local day that ribbons show.
    pub window_min: (u16, u16),
    /// Length of a ribbon's bucket.
    pub bucket_s: u32,
    /// Rooms; one group without a name where every room stands for itself.
    pub groups: Vec<Group>,
    /// Observation rows used.
    pub rows: u64,
    /// Recordings by status, in the order of [`RecordingStatus::ALL`].
    pub recordings: [usize; RecordingStatus::ALL.len()],
    /// Settings under which the recordings were analysed.
    pub settings_ids: Vec<String>,
    /// Cameras with recordings under more than one of them: what was measured before and after compares in part.
    pub changed_cameras: Vec<CameraId>,
    /// When the report was made.
    pub generated_at: UtcMicros,
}

/// Rooms that stand together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Agency or district; `None` where every room stands for itself.
    pub name: Option<String>,
    /// Sums over the rooms whose figures may be shown.
    pub sums: Sums,
    /// Reasons for what was not seen.
    pub unseen: Unseen,
    /// Least occupied first, then those not seen enough, then those not shown.
    pub rooms: Vec<RoomReport>,
}

/// Whether presence of a room names one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// It does not.
    Open,
    /// It does, and may be shown, for this reason.
    Allowed(String),
    /// It does: only the share seen is shown. With the reason, if one was given.
    Hidden(String),
}

/// One room.
#[derive(Clone, Debug)]
pub struct RoomReport {
    /// Kecamatan.
    pub district: DistrictId,
    /// SKPD.
    pub agency: AgencyId,
    /// Room.
    pub room: RoomId,
    /// Its cameras.
    pub cameras: Vec<CameraId>,
    /// Whether its figures may be shown.
    pub visibility: Visibility,
    /// Share of the service hours seen.
    pub observed: Kpi,
    /// `None` for a room whose figures must not be shown.
    pub detail: Option<Detail>,
}

/// The figures and drawings of a room.
#[derive(Clone, Debug)]
pub struct Detail {
    /// Its figures.
    pub kpis: RoomKpis,
    /// Sums over all that was seen in the period, inside and outside the service hours.
    pub seen: Sums,
    /// Episodes of presence in the period.
    pub episodes: usize,
    /// The period in small: a few buckets a day over the service window.
    pub strip: Vec<Ribbon>,
    /// The last days with data.
    pub ribbons: Vec<Ribbon>,
    /// Days with data before those.
    pub ribbons_left_out: usize,
    /// Top of the people scale, at least one.
    pub people_scale: f32,
}

impl Model {
    /// All rooms.
    pub fn rooms(&self) -> impl Iterator<Item = &RoomReport> {
        self.groups.iter().flat_map(|group| &group.rooms)
    }
}

type RoomKey = (DistrictId, AgencyId, RoomId);

#[derive(Default)]
struct RoomRows {
    cameras: BTreeMap<CameraId, Vec<SeenRow>>,
    gaps: Vec<Gap>,
    episodes: usize,
}

fn key(place: &Place) -> RoomKey {
    (place.district.clone(), place.agency.clone(), place.room.clone())
}

/// Computes everything a report says.
pub fn model(input: Input) -> Model {
    let seen = input.observations.span();
    // Recorders' clocks run ahead: what was seen has been, whatever this machine's clock says.
    let known_until = seen.map_or(input.generated_at, |seen| seen.end.max(input.generated_at));
    let period = Span::new(input.from, input.to.min(known_until));
    let mut rooms: BTreeMap<RoomKey, RoomRows> = BTreeMap::new();
    let mut rows = 0;
    let zone = ZoneId::room();
    for (place, mut seen) in input.observations.into_cameras() {
        seen.retain(|row| row.span().intersection(&period).is_some());
        rows += seen.len() as u64;
        if !seen.is_empty() {
            camera_rows(&mut rooms, &place).append(&mut seen);
        }
    }
    for gap in input.gaps.into_iter().filter(|gap| gap.span.intersection(&period).is_some()) {
        camera_rows(&mut rooms, &gap.place);
        rooms.entry(key(&gap.place)).or_default().gaps.push(gap);
    }
    let mut recordings = input.recordings;
    recordings.retain(|recording| touches(recording.span, period));
    // A room of which no frame could be used must not vanish from the report.
    for recording in &recordings {
        camera_rows(&mut rooms, &recording.place);
    }
    for event in input.events.iter().filter(|event| event.kind == EventKind::Presence && event.zone == zone) {
        if event.span.intersection(&period).is_some() {
            rooms.entry(key(&event.place)).or_default().episodes += 1;
        }
    }
    let dates = local_dates(period, &input.time_zone);
    let drawing = Drawing::new(period, &dates, seen, &input.time_zone, &input.calendar);
    let singles = &input.single_person_rooms;
    let reports = rooms.into_iter().map(|(key, rows)| room_report(key, rows, singles, drawing)).collect();
    Model {
        language: input.language,
        by: input.by,
        groups: grouped(reports, input.by),
        bucket_s: drawing.bucket_s(),
        rows,
        recordings: RecordingStatus::ALL.map(|status| recordings.iter().filter(|r| r.status == status).count()),
        settings_ids: settings_ids(&recordings),
        changed_cameras: changed_cameras(&recordings),
        generated_at: input.generated_at,
        window_min: drawing.window_min,
        period,
        dates,
        zone: input.time_zone,
        calendar: input.calendar,
    }
}

/// A recording without usable frames has no length, and no time at all where even its start is unknown: it is told
/// rather than lost.
fn touches(span: Span, period: Span) -> bool {
    let inside = period.start <= span.start && span.start < period.end;
    span.intersection(&period).is_some() || (span.start == span.end && inside) || span == Span::default()
}

fn camera_rows<'a>(rooms: &'a mut BTreeMap<RoomKey, RoomRows>, place: &Place) -> &'a mut Vec<SeenRow> {
    rooms.entry(key(place)).or_default().cameras.entry(place.camera.clone()).or_default()
}

fn settings_ids(recordings: &[Recording]) -> Vec<String> {
    let ids: BTreeSet<&str> = recordings.iter().map(|recording| recording.settings_id.as_str()).collect();
    ids.into_iter().filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

/// Cameras with rows under more than one settings id.
fn changed_cameras(recordings: &[Recording]) -> Vec<CameraId> {
    let mut first: BTreeMap<&CameraId, &str> = BTreeMap::new();
    let changed: BTreeSet<&CameraId> = recordings
        .iter()
        .filter(|recording| recording.status.has_rows())
        .filter(|recording| {
            *first.entry(&recording.place.camera).or_insert(&recording.settings_id) != recording.settings_id
        })
        .map(|recording| &recording.place.camera)
        .collect();
    changed.into_iter().cloned().collect()
}

fn room_report(key: RoomKey, rows: RoomRows, singles: &[SinglePersonRoom], drawing: Drawing<'_>) -> RoomReport {
    let (district, agency, room) = key;
    let (cameras, seen): (Vec<CameraId>, Vec<Vec<SeenRow>>) = rows.cameras.into_iter().unzip();
    let timeline = Timeline::new(&seen);
    let question = Question { period: drawing.period, calendar: drawing.calendar, zone: drawing.zone };
    let kpis = RoomKpis::new(&timeline, &rows.gaps, question);
    let visibility = visibility(&room, singles);
    let observed = kpis.observed;
    let hidden = matches!(visibility, Visibility::Hidden(_));
    let detail = (!hidden).then(|| detail(kpis, &timeline, rows.episodes, drawing));
    RoomReport { district, agency, room, cameras, visibility, observed, detail }
}

/// Where several entries name a room, one that forbids wins.
fn visibility(room: &RoomId, singles: &[SinglePersonRoom]) -> Visibility {
    let mut entries = singles.iter().filter(|single| single.room == *room);
    let first = entries.clone().next();
    match (entries.find(|single| !single.allowed), first) {
        (Some(hidden), _) => Visibility::Hidden(hidden.reason.clone()),
        (None, Some(allowed)) => Visibility::Allowed(allowed.reason.clone()),
        (None, None) => Visibility::Open,
    }
}

fn grouped(rooms: Vec<RoomReport>, by: GroupBy) -> Vec<Group> {
    let mut groups: BTreeMap<Option<String>, Vec<RoomReport>> = BTreeMap::new();
    for room in rooms {
        let name = match by {
            GroupBy::Room => None,
            GroupBy::Agency => Some(room.agency.to_string()),
            GroupBy::District => Some(room.district.to_string()),
        };
        groups.entry(name).or_default().push(room);
    }
    let mut groups: Vec<Group> = groups.into_iter().map(|(name, rooms)| group(name, rooms)).collect();
    groups.sort_by(|a, b| lowest_first(a.sums.occupied(None).value, b.sums.occupied(None).value));
    groups
}

fn group(name: Option<String>, mut rooms: Vec<RoomReport>) -> Group {
    let rank = |room: &RoomReport| (room.detail.is_none(), room.detail.as_ref().and_then(|d| d.kpis.occupied.value));
    rooms.sort_by(|a, b| {
        let ((a_hidden, a), (b_hidden, b)) = (rank(a), rank(b));
        a_hidden.cmp(&b_hidden).then_with(|| lowest_first(a, b))
    });
    let (mut sums, mut unseen) = (Sums::default(), Unseen::default());
    for detail in rooms.iter().filter_map(|room| room.detail.as_ref()) {
        sums += detail.kpis.sums;
        unseen += detail.kpis.unseen;
    }
    Group { name, sums, unseen, rooms }
}

/// Known before unknown, low before high.
fn lowest_first(a: Option<f64>, b: Option<f64>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

/// True for a day without service and without anything seen.
pub(super) fn is_blank(kind: &DayKind, seen_s: f64) -> bool {
    !matches!(kind, DayKind::Service(_)) && seen_s <= 0.0
}
