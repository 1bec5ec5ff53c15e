//! Whole evaluations of small clips.

use super::footage::Footage;
use super::{Choice, START, as_text, in_parallel, run};
use crate::config::Config;
use crate::ingest::fixtures;
use pantau_datasets::labels;
use pantau_models::time::US_PER_S;
use std::fmt::Write;
use std::path::Path;

/// Labels of so many frames, all with the same number of people.
fn label(folder: &Path, frames: usize, count: u32) {
    let mut table = "frame,count,fg_frac\n".to_owned();
    (0..frames).for_each(|frame| writeln!(table, "{frame},{count},").unwrap());
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("gt.csv"), table).unwrap();
}

fn still(footage: &fixtures::Footage, name: &str) {
    label(&footage.path(name), 50, 0);
    footage
        .run(&format!("{name}/video.mp4"), "-f lavfi -t 5 -i color=gray:s=160x120:r=10 -c:v libx264 -pix_fmt yuv420p");
}

#[test]
fn a_broken_clip_is_named_and_the_others_are_judged_in_order() {
    let footage = fixtures::Footage::new();
    for name in ["empty-b", "empty-a", "moved-b", "moved-a"] {
        still(&footage, name);
    }
    label(&footage.path("broken-c"), 3, 1);
    footage.write("broken-c/video.mp4", b"no video");
    let told = std::sync::Mutex::new(Vec::new());
    let all = run(&footage.path(""), &Choice::default(), &Config::default(), |name| {
        told.lock().unwrap().push(name.to_owned());
    });
    let all = all.unwrap();
    let names: Vec<&str> = all.clips.iter().map(|clip| clip.name.as_str()).collect();
    assert_eq!(names, ["empty-a", "empty-b", "moved-a", "moved-b"]);
    assert_eq!(told.into_inner().unwrap().len(), 5);
    assert!(all.failed.len() == 1 && all.failed[0].name == "broken-c", "{:?}", all.failed);
    let together = all.all.as_ref().unwrap();
    assert_eq!((together.seconds, together.false_seconds, together.accuracy), (20, 0, 1.0));
    let groups: Vec<_> = all.groups.iter().map(|group| (group.name.as_str(), group.clips)).collect();
    assert_eq!(groups, [("empty", 2), ("moved", 2)]);
    assert_eq!(all.clips[0].quality.get("warmup"), Some(&1.0));
    let text = as_text(&all);
    assert!(text.contains("empty (2)") && text.contains("broken-c: not evaluated"), "{text}");
}

#[test]
fn a_choice_that_takes_nothing_is_refused_with_what_there_is() {
    let footage = fixtures::Footage::new();
    still(&footage, "empty-a");
    let choice = Choice::parse(&["seated".to_owned()]).unwrap();
    let error = run(&footage.path(""), &choice, &Config::default(), |_| ()).unwrap_err().to_string();
    assert!(error.contains("--only takes none of its 1"), "{error}");
}

/// B-frames, whose packets come in another order than their pictures, and open GOPs, whose packets come twice.
#[test]
fn packets_tell_the_times_that_decoding_tells() {
    let footage = fixtures::Footage::new();
    label(&footage.path("c"), 40 * 25, 0);
    footage.encode("c/video.mp4", 40, "-c:v libx264 -g 50 -bf 3 -x264-params open-gop=1 -pix_fmt yuv420p");
    let clip = labels::load(&footage.path("c")).unwrap();
    let decoded = Footage::of(&clip, &Config::default(), START, None).unwrap().times_us;
    assert_eq!(decoded.len(), 1000);
    assert_eq!(decoded[999], 999 * US_PER_S / 25);
    assert_eq!(super::footage::packet_times_us(&clip).unwrap(), decoded);
}

/// A quarter of the frames is lost, their labels are not. The last four seconds are labelled with somebody who is not there.
#[test]
fn each_frame_of_a_damaged_clip_keeps_its_label() {
    let footage = fixtures::Footage::new();
    let folder = footage.path("c");
    let labels: String = (0..200).map(|frame| format!("{frame},{},\n", u8::from(frame >= 160))).collect();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("gt.csv"), format!("frame,count,fg_frac\n{labels}")).unwrap();
    let noise = "-f lavfi -t 20 -i color=gray:s=160x120:r=10,noise=alls=12:allf=t";
    let damaged = "-bsf:v noise=amount=if(eq(mod(n\\,20)\\,15)\\,600\\,0)";
    footage.run("c/video.mkv", &format!("{noise} -c:v libx264 -g 20 -pix_fmt yuv420p {damaged}"));
    let all = run(&footage.path(""), &Choice::default(), &Config::default(), |_| ()).unwrap().all.unwrap();
    assert!((0.75..0.9).contains(&all.accuracy), "{}", all.accuracy);
}

#[test]
fn results_are_in_the_order_of_the_items_for_any_number_of_threads() {
    let items: Vec<u64> = (0..50).collect();
    for jobs in [1, 3, 200] {
        let slow_first = |item: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(50 - item));
            item * 2
        };
        assert_eq!(in_parallel(&items, jobs, slow_first), items.iter().map(|item| item * 2).collect::<Vec<_>>());
    }
}
