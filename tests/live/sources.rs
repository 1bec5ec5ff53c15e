use crate::account::Account;
use crate::camera::{Camera, usual_clip};
use crate::footage::Film;
use crate::run::Rows;
use crate::worker::{Site, camera_with};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

/// A camera that sends JPEG pictures over HTTP, and one whose RTP packets come over UDP: their seconds are in the lake.
#[test]
fn pictures_come_over_http_and_over_udp() {
    let dir = tempfile::tempdir().unwrap();
    let over_http = HttpCamera::start(dir.path());
    let over_udp = Camera::start(&usual_clip(dir.path()));
    let site = Site::new(dir.path());
    site.configure(&[
        camera_with("counter", &format!("url = \"http://127.0.0.1:{}/video.mjpg\"", over_http.port)),
        camera_with("gate", &format!("url = \"rtsp://127.0.0.1:{}/cam\"\ntransport = \"udp\"", over_udp.port)),
    ]);
    let worker = site.watch(&[]);
    for camera in ["counter", "gate"] {
        worker.wait_for_pictures(camera, Duration::from_secs(20));
    }
    sleep(Duration::from_secs(12));
    let told = worker.camera("counter").unwrap();
    assert_eq!((told.codec.as_str(), told.up, told.reconnects), ("mjpeg", true, 0), "{told:?}");
    let told = worker.camera("gate").unwrap();
    assert_eq!((told.codec.as_str(), told.up, told.reconnects), ("h264", true, 0), "{told:?}");
    let began = worker.began;
    let stopped = worker.stop();

    let rows = Rows::of(site.lake());
    for camera in ["counter", "gate"] {
        let account = Account::of(&rows, camera, began, stopped);
        account.must_be_whole(camera, 1.5);
        assert!(account.seen_s > 10.0, "{camera}: {account:?}");
    }
}

/// Answers every request with JPEG pictures, one after the other, five a second.
struct HttpCamera {
    port: u16,
}

impl HttpCamera {
    fn start(folder: &Path) -> Self {
        let film = Film { size: (320, 176), ..Film::of(8) };
        let made = film.encode(folder.join("http.mjpeg"), &["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]);
        let pictures = Arc::new(pictures(&std::fs::read(made).unwrap()));
        assert_eq!(pictures.len(), 40);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, pictures) = (stream.unwrap(), Arc::clone(&pictures));
                // It ends when the other side closes.
                std::thread::spawn(move || send(stream, &pictures));
            }
        });
        Self { port }
    }
}

fn send(mut stream: TcpStream, pictures: &[Vec<u8>]) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=picture\r\n\r\n")?;
    for picture in pictures.iter().cycle() {
        let head = format!("--picture\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", picture.len());
        stream.write_all(&[head.as_bytes(), picture, b"\r\n"].concat())?;
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// A stream of JPEG pictures, cut at their first markers.
fn pictures(stream: &[u8]) -> Vec<Vec<u8>> {
    let starts: Vec<usize> =
        stream.windows(3).enumerate().filter(|(_, bytes)| *bytes == [0xff, 0xd8, 0xff]).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([stream.len()]);
    starts.iter().zip(ends).map(|(&start, end)| stream[start..end].to_vec()).collect()
}
