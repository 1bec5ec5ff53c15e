//! Renders a named scene, or a clip of the suite, to look at it: `render SCENE OUT.mp4`, or
//! `render SCENE OUT.png SECOND` for one frame.
#![forbid(unsafe_code)]

use pantau_datasets::grey::write_rgb_png;
use pantau_datasets::office::Scene;
use pantau_datasets::scenes;
use pantau_datasets::suite::suite;
use pantau_datasets::yuv::Yuv420;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = std::env::args().skip(1).collect::<Vec<_>>();
    let [name, out, rest @ ..] = arguments.as_slice() else {
        let names = scenes::ALL.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return Err(format!("usage: render SCENE OUT.mp4 | render SCENE OUT.png SECOND\nscenes: {names}").into());
    };
    let spec = scenes::by_name(name)
        .or_else(|| suite().into_iter().find(|spec| spec.name == *name))
        .ok_or_else(|| format!("no scene `{name}`; run without arguments for the list"))?;
    let scene = Scene::new(spec)?;
    match rest.first() {
        Some(second) => frame(&scene, Path::new(out), second.parse()?),
        None => video(&scene, Path::new(out)),
    }
}

fn frame(scene: &Scene, out: &Path, t_s: f64) -> Result<(), Box<dyn Error>> {
    let spec = scene.spec();
    let mut picture = Yuv420::new(spec.width, spec.height);
    scene.render(t_s, &mut picture);
    write_rgb_png(out, picture.width(), picture.height(), &picture.to_rgb())?;
    let seen = (0..spec.people.len()).map(|person| scene.seen_share_of(person, t_s)).collect::<Vec<_>>();
    println!("{} people in view: {:?}, seen: {seen:.2?}", scene.truth().people_in_view(t_s), scene.boxes(t_s));
    Ok(())
}

fn video(scene: &Scene, out: &Path) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let written = scenes::record(scene, out, None)?;
    let spent_s = begun.elapsed().as_secs_f64();
    println!(
        "{}: {} frames, {:.2} ms each, {} with {}; stays: {:?}",
        out.display(),
        written.frames,
        spent_s * 1e3 / written.frames as f64,
        format_args!("{:.1} MB", written.bytes as f64 / 1e6),
        written.encoder,
        scene.truth().stays,
    );
    Ok(())
}
