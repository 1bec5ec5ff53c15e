//! Every word that a reader sees, in both languages. A field without one of them does not compile.

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Id,
    /// English.
    En,
}

impl Language {
    /// From `id` or `en`.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Id, Self::En].into_iter().find(|language| language.code() == code)
    }

    /// `id` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::Id => &INDONESIAN,
            Self::En => &ENGLISH,
        }
    }
}

macro_rules! words {
    ($($field:ident: $id:literal | $en:literal;)*) => {
        /// The words of one language. `{name}` is a place that a value fills.
        #[derive(Debug)]
        pub struct Words {
            $(#[doc = $en] pub $field: &'static str,)*
        }

        static INDONESIAN: Words = Words { $($field: $id,)* };
        static ENGLISH: Words = Words { $($field: $en,)* };

        /// Field, Indonesian, English.
        #[cfg(test)]
        const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($field), $id, $en),)*];
    };
}

words! {
    html_lang: "id" | "en";
    title: "Penggunaan ruang" | "Room use";
    months: "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
        | "January February March April May June July August September October November December";
    months_short: "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des"
        | "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    weekdays: "Senin Selasa Rabu Kamis Jumat Sabtu Minggu"
        | "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
    weekdays_short: "Sen Sel Rab Kam Jum Sab Min" | "Mon Tue Wed Thu Fri Sat Sun";
    second: "detik" | "second";
    seconds: "detik" | "seconds";
    minute: "menit" | "minute";
    minutes: "menit" | "minutes";
    hour: "jam" | "hour";
    hours: "jam" | "hours";
    day: "hari" | "day";
    days: "hari" | "days";

    say_nothing: "Tidak ada ruang yang diukur pada kurun ini." | "No room was measured in this period.";
    say_no_service: "Tidak ada jam layanan pada kurun ini." | "There were no service hours in this period.";
    say_overall: "{rooms} ruang diukur selama {days} kerja; {seen} dari jam layanannya terlihat."
        | "{rooms} rooms were measured over {days} of service; {seen} of their service hours were seen.";
    say_unjudged: "Belum cukup terlihat untuk dinilai: {names}." | "Not seen enough to be judged: {names}.";
    say_room: "{room} terisi {share} dari jam layanan yang terlihat ({seen} terlihat)."
        | "{room} was occupied for {share} of the service hours seen ({seen} were seen).";
    say_least: "Paling jarang terisi adalah {room}: {share} dari jam layanan yang terlihat ({seen} terlihat)."
        | "Least occupied was {room}: {share} of the service hours seen ({seen} were seen).";
    say_not_enough: "{room} belum cukup terlihat untuk dinilai: {seen} dari jam layanannya terlihat ({reason})."
        | "{room} was not seen enough to be judged: {seen} of its service hours were seen ({reason}).";
    say_late: "{room} rata-rata mulai terisi pukul {clock}, {late} setelah jam buka."
        | "{room} opened at {clock} on average, {late} late.";
    say_latest: "Paling lambat mulai terisi adalah {room}: rata-rata pukul {clock}, {late} setelah jam buka."
        | "{room} opened latest: at {clock} on average, {late} after the start of service.";
    say_punctual: "{room} sudah terisi sejak jam buka." | "{room} opened on time.";
    say_all_punctual: "Setiap ruang yang jam bukanya terlihat sudah terisi sejak jam buka."
        | "Every room whose opening was seen opened on time.";
    say_never: "Pada {days} kerja tidak seorang pun terlihat di {room}."
        | "On {days} of service nobody was seen in {room}.";
    say_spell: "Jeda terlama tanpa orang adalah {length} di {room}, pada {date} pukul {clock}."
        | "The longest unattended spell was {length} in {room}, on {date} at {clock}.";
    say_seen: "Dari seluruh {length} yang terlihat, {share} ada orangnya."
        | "Of the {length} seen in all, somebody was there for {share}.";
    say_seen_people: "Orang terbanyak sekaligus: {count}." | "Most people at once: {count}.";
    at_least: "sedikitnya {length}" | "at least {length}";

    rooms_title: "Semua ruang" | "All rooms";
    rooms_note: "Yang paling jarang terisi di atas. Bandingkan hanya ruang dengan kamera dan jam layanan yang serupa; \
                 ruang lain memberi angka lain tanpa salah siapa pun."
        | "Least occupied first. Compare only rooms with like cameras and like service hours; other rooms give other \
           figures through nobody's fault.";
    changed_note: "Setelan atau versi analisis berubah selama periode ini pada kamera {cameras}: bandingkan angkanya dari \
                   sebelum dan sesudahnya dengan hati-hati, terutama aktivitas."
        | "Settings or the version of the analysis changed within this period for {cameras}: compare figures from before \
           and after with care, activity above all.";
    room: "Ruang" | "Room";
    agency: "SKPD" | "Agency";
    district: "Kecamatan" | "District";
    camera_one: "1 kamera" | "1 camera";
    cameras: "{count} kamera" | "{count} cameras";
    timeline: "Jam layanan dari hari ke hari" | "Service hours, day by day";
    occupied: "Terisi" | "Occupied";
    opened: "Mulai terisi" | "Opened";
    unattended: "Jeda terlama tanpa orang" | "Longest unattended";
    people: "Orang" | "People";
    people_mean: "Orang, rata-rata" | "People, mean";
    people_max: "Orang, terbanyak" | "People, most";
    activity: "Aktivitas" | "Activity";
    seen: "Terlihat" | "Seen";
    together: "Semua ruang di {group}" | "All rooms of {group}";
    unnamed: "(tanpa nama)" | "(unnamed)";
    not_enough: "Belum cukup terlihat" | "Not enough seen";
    unknown: "tidak diketahui" | "unknown";
    of_service_seen: "{seen} dari jam layanan terlihat" | "{seen} of the service hours seen";
    of_seen_time: "dari jam layanan yang terlihat" | "of the service hours seen";
    late: "{late} setelah jam buka" | "{late} late";
    punctual: "sejak jam buka" | "on time";
    opening_days: "{known} dari {days}" | "{known} of {days}";
    never_opened: "{days} tanpa seorang pun" | "{days} with nobody";
    none: "tidak ada" | "none";
    most: "terbanyak {count}" | "most {count}";
    of_hundred: "dari 100" | "of 100";
    rows: "{count} baris" | "{count} rows";
    date_at_clock: "{date}, pukul {clock}" | "{date}, {clock}";

    no_link: "sambungan ke kamera putus" | "link to the camera down";
    camera_silent: "kamera tidak mengirim gambar" | "camera sent nothing";
    decode: "gambar tidak dapat dibaca" | "pictures could not be decoded";
    paused: "pengukuran dijeda" | "measuring was paused";
    disk: "penyimpanan penuh" | "disk full";
    no_recording: "tidak ada rekaman" | "no recording";
    no_reason: "selebihnya tanpa rekaman" | "no recording of the rest";

    dark: "terlalu gelap" | "too dark";
    glare: "silau" | "glare";
    covered: "kamera tertutup" | "camera covered";
    blurred: "gambar kabur" | "out of focus";
    frozen: "gambar membeku" | "picture frozen";
    light_change: "cahaya berubah" | "light changed";
    camera_moved: "kamera bergeser" | "camera moved";
    infrared: "inframerah" | "infrared";
    decode_errors: "gambar rusak" | "damaged pictures";
    clock_suspect: "jam rekaman diragukan" | "recording's clock in doubt";
    warmup: "kamera baru dikenali" | "scene being learned";
    restless: "ada benda yang terus bergerak" | "something keeps moving";
    more_marks: "dan {count} lagi" | "and {count} more";

    days_title: "Hari demi hari" | "Day by day";
    days_left_out: "Ditampilkan {shown} terakhir yang ada datanya; {left} sebelumnya hanya ada di peta jam di bawah."
        | "The last {shown} with data are shown; {left} before them are only in the hour map below.";
    closed: "tidak ada layanan" | "no service";
    holiday: "libur" | "holiday";
    day_occupied: "terisi {share}" | "occupied {share}";
    day_opened: "mulai {clock}" | "opened {clock}";
    day_never: "tidak seorang pun terlihat" | "nobody seen";
    day_seen: "terlihat {seen}" | "seen {seen}";
    day_not_enough: "belum cukup terlihat: {reason}" | "not enough seen: {reason}";
    legend_presence: "kehadiran, kemungkinan 0–100 %" | "presence, probability 0–100 %";
    legend_people: "jumlah orang 0–{scale}, dengan rentang 90 %" | "people 0–{scale}, with their 90 % interval";
    legend_activity: "aktivitas, makin gelap makin ramai" | "activity, darker is busier";
    legend_unseen: "tidak terlihat" | "not seen";
    legend_service: "jam layanan; celahnya istirahat" | "service hours; the gap is the break";
    legend_marks: "gangguan cahaya atau kamera" | "trouble with light or camera";
    ribbon_label: "{room}, {date}: {summary}" | "{room}, {date}: {summary}";
    hours_title: "Jam demi jam" | "Hour by hour";
    hours_note: "Angka besar: persen waktu terisi dari yang terlihat. Angka kecil di sudut: persen yang terlihat. \
                 Arsir: kurang dari 80 % terlihat."
        | "Large figure: per cent of the time seen that was occupied. Small figure in the corner: per cent seen. \
           Hatched: less than 80 % seen.";

    private_room: "Ruang untuk satu orang: hanya bagian yang terlihat yang ditampilkan, sebab angka kehadirannya akan \
                   mengukur orangnya, bukan ruangnya."
        | "A room for one person: only the share seen is shown, since its presence would measure the person, not the \
           room.";
    private_note: "Catatan: {reason}" | "Note: {reason}";
    private_allowed: "Ruang untuk satu orang, ditampilkan dengan izin: {reason}"
        | "A room for one person, shown by permission: {reason}";
    private_short: "ruang satu orang: tidak ditampilkan" | "one-person room: not shown";

    notes_title: "Arti angka-angka ini" | "What these figures mean";
    law: "Yang diukur adalah ruang dan layanan, bukan orang. Tidak ada wajah, nama, atau jejak seseorang yang \
          disimpan, dan tidak ada peringkat orang."
        | "Rooms and services are measured, never persons. No face, name or track of anybody is kept, and nobody is \
           ranked.";
    def_seen: "Bagian dari jam layanan (tanpa istirahat) yang sungguh terlihat kamera. Yang tidak terlihat tidak \
               diketahui dan tidak pernah dihitung kosong."
        | "Share of the service hours (without breaks) that a camera really saw. What was not seen is unknown and \
           never counted as empty.";
    def_occupied: "Bagian dari jam layanan yang terlihat ketika ada orang: setiap selang dihitung sebesar kemungkinannya."
        | "Share of the service hours seen with somebody there: each interval counts as much as its probability says.";
    def_opened: "Saat pertama ada orang pada jam layanan, rata-rata dari hari yang pembukaannya terlihat."
        | "First moment with somebody in the service hours, mean over the days whose opening was seen.";
    def_unattended: "Waktu terpanjang tanpa orang pada jam layanan, tanpa istirahat. Waktu yang tidak terlihat memutus \
                     jeda; 'sedikitnya' berarti jeda itu berbatasan dengan waktu yang tidak terlihat."
        | "Longest time with nobody in the service hours, without breaks. Unseen time interrupts a spell; 'at least' \
           means that the spell borders on unseen time.";
    def_people: "Perkiraan jumlah orang pada jam layanan, dengan rentang 90 %. Dari beberapa kamera di satu ruang \
                 dipakai yang terbesar."
        | "Estimated number of people in the service hours, with its 90 % interval. Of several cameras in one room the \
           largest counts.";
    def_activity: "0 sampai 100: seberapa lama dan seberapa kuat ada gerak, dapat dibandingkan antar kamera."
        | "0 to 100: how long and how strongly there is movement, comparable between cameras.";
    def_not_enough: "Angka hanya ditampilkan bila sedikitnya 80 % waktunya terlihat; jika tidak, alasannya ditampilkan."
        | "A figure is shown only if at least 80 % of its time was seen; if not, the reason is shown.";
    def_group: "Baris kelompok menjumlahkan detik semua ruangnya; bukan rata-rata dari persentase. Ruang satu orang \
                yang tidak ditampilkan tidak ikut dijumlahkan."
        | "A group's row adds up the seconds of its rooms; it is no mean of percentages. One-person rooms that are not \
           shown are not added.";
    basis_rows: "Baris pengamatan" | "Observation rows";
    basis_recordings: "Rekaman" | "Recordings";
    recordings_counts: "{done} terbaca, {partial} terbaca sebagian, {failed} gagal, {skipped} dilewati"
        | "{done} read, {partial} read in part, {failed} failed, {skipped} skipped";
    basis_settings: "Id setelan" | "Settings id";
    basis_changed: "Setelan berubah" | "Settings changed";
    basis_generated: "Dibuat" | "Generated";
    basis_zone: "Zona waktu" | "Time zone";
    basis_calendar: "Jam layanan" | "Service hours";
    made_by: "Dibuat oleh Pantau {version}" | "Made by Pantau {version}";

    sheet_summary: "Ringkasan" | "Summary";
    sheet_days: "Hari" | "Days";
    sheet_hours: "Jam" | "Hours";
    sheet_definitions: "Arti" | "Definitions";
    date: "Tanggal" | "Date";
    weekday: "Hari" | "Weekday";
    hour_of_day: "Jam" | "Hour";
    kind: "Jenis hari" | "Kind of day";
    service_day: "layanan" | "service";
    first_presence: "Pertama ada orang" | "First presence";
    last_presence: "Terakhir ada orang" | "Last presence";
    opening_delay: "Menit setelah jam buka" | "Minutes late";
    unattended_minutes: "Jeda terlama tanpa orang (menit)" | "Longest unattended (minutes)";
    reason: "Sebab tidak terlihat" | "Why not seen";
    service_hours: "Jam layanan (jam)" | "Service hours (h)";
    row_count: "Baris" | "Rows";
    note: "Catatan" | "Note";
}

impl Words {
    /// What each figure is called, and what it means.
    pub(super) fn definitions(&self) -> [(&'static str, &'static str); 7] {
        [
            (self.seen, self.def_seen),
            (self.occupied, self.def_occupied),
            (self.opened, self.def_opened),
            (self.unattended, self.def_unattended),
            (self.people, self.def_people),
            (self.activity, self.def_activity),
            (self.not_enough, self.def_not_enough),
        ]
    }
}

/// `template` with each `{name}` replaced by its value. One pass: a room that is named `{share}` stays itself.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            break;
        };
        out.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).map(|part| part.split_once('}').expect("invariant: closed").0).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_everything_with_the_same_places() {
        for (field, id, en) in PAIRS {
            assert!(!id.trim().is_empty() && !en.trim().is_empty(), "{field}");
            assert_eq!(places(id), places(en), "{field}");
        }
        for words in [&INDONESIAN, &ENGLISH] {
            for (list, count) in [(words.months, 12), (words.months_short, 12), (words.weekdays, 7)] {
                assert_eq!(list.split(' ').count(), count, "{list}");
            }
        }
    }

    #[test]
    fn values_are_filled_once_and_braces_in_names_stay() {
        assert_eq!(fill("{room}: {share}", &[("room", "{share}"), ("share", "9 %")]), "{share}: 9 %");
        assert_eq!(fill("open {", &[]), "open {");
    }
}
