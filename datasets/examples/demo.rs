//! Renders the demo's recordings into a folder and tells what it took: `demo DIR`.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: demo DIR")?;
    let begun = Instant::now();
    let cameras = pantau_datasets::demo::render(Path::new(&dir), |_| ())?;
    for camera in &cameras {
        let (frames, bytes) =
            camera.files.iter().fold((0, 0), |(frames, bytes), file| (frames + file.frames, bytes + file.bytes));
        println!("{}: {} files, {frames} frames, {:.1} MB", camera.camera, camera.files.len(), bytes as f64 / 1e6);
        println!("  presence: {:.0?}", camera.presence);
    }
    println!("{:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
