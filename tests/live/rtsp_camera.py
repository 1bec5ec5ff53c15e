#!/usr/bin/python3
"""A network camera for tests: loops a clip over RTSP for ever, at the pace of the clock, for whoever connects.

usage: rtsp_camera.py PORT CLIP FPS [digest|basic USER PASSWORD]

PORT 0 takes a free one. CLIP is an elementary stream that begins with a key frame and holds one slice a picture:
.h264, .h265 (Annex B) or .mjpeg. Once it listens it prints `listening PORT`; the stream is rtsp://127.0.0.1:PORT/cam.

Needs only GStreamer's RTSP server, its RTP and application plug-ins, and their Python bindings: nothing is parsed,
decoded or encoded by GStreamer.
"""

import sys

try:
    import gi

    for name in ("Gst", "GstRtsp", "GstRtspServer"):
        gi.require_version(name, "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    sys.exit(f"GStreamer's RTSP server for Python is missing ({error}): `make test` installs it")


def nal_units(stream):
    """NAL units with their start codes."""
    starts, at = [], stream.find(b"\0\0\1")
    while at >= 0:
        starts.append(at - 1 if at and stream[at - 1] == 0 else at)
        at = stream.find(b"\0\0\1", at + 3)
    return [stream[a:b] for a, b in zip(starts, [*starts[1:], len(stream)])]


def is_picture(unit, codec):
    """True for a slice, false for parameter sets, delimiters and messages."""
    header = unit[unit.index(b"\1") + 1]
    return 1 <= header & 31 <= 5 if codec == "h264" else header >> 1 & 63 < 32


def pictures_of(stream, codec):
    """Access units: each is a picture with what precedes it."""
    if codec == "jpeg":
        return [b"\xff\xd8\xff" + rest for rest in stream.split(b"\xff\xd8\xff")[1:]]
    pictures, before = [], b""
    for unit in nal_units(stream):
        before += unit
        if is_picture(unit, codec):
            pictures.append(before)
            before = b""
    return pictures


def size_of_jpeg(picture):
    """Width and height out of the frame header."""
    at = 2
    while picture[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    return int.from_bytes(picture[at + 7 : at + 9], "big"), int.from_bytes(picture[at + 5 : at + 7], "big")


class Clip:
    """What is looped, and how GStreamer is told of it."""

    def __init__(self, path, fps):
        ending = path.rsplit(".", 1)[-1]
        codec = {"h264": "h264", "h265": "h265", "mjpeg": "jpeg"}[ending]
        with open(path, "rb") as file:
            self.pictures = pictures_of(file.read(), codec)
        self.fps = int(fps)
        if codec == "jpeg":
            width, height = size_of_jpeg(self.pictures[0])
            caps = f"image/jpeg,width={width},height={height},framerate={fps}/1"
        else:
            caps = f"video/x-{codec},stream-format=byte-stream,alignment=au,framerate={fps}/1"
        payloader = "rtpjpegpay" if codec == "jpeg" else f"rtp{codec}pay config-interval=-1"
        self.launch = (
            f"( appsrc name=source is-live=true format=time do-timestamp=true caps={caps} ! {payloader} name=pay0 pt=96 )"
        )


class Factory(GstRtspServer.RTSPMediaFactory):
    """Makes what is sent: one and the same for all who connect."""

    def __init__(self, clip):
        super().__init__()
        self.clip = clip
        self.set_shared(True)

    def do_create_element(self, _url):
        return Gst.parse_launch(self.clip.launch)

    def do_configure(self, media):
        source = media.get_element().get_by_name_recurse_up("source")
        clip, state = self.clip, {"next": 0, "goes": True}

        def push():
            if state["goes"]:
                picture = clip.pictures[state["next"] % len(clip.pictures)]
                state["next"] += 1
                source.emit("push-buffer", Gst.Buffer.new_wrapped(picture))
            return state["goes"]

        GLib.timeout_add(1000 // clip.fps, push)
        media.connect("unprepared", lambda _media: state.update(goes=False))


def guard(server, factory, method, user, password):
    """Only who knows the password sees anything."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    if method == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    permissions = GstRtspServer.RTSPPermissions()
    for what in ("access", "construct"):
        permissions.add_permission_for_role("viewer", f"media.factory.{what}", True)
    factory.set_permissions(permissions)
    server.set_auth(auth)


def main(port, path, fps, *login):
    Gst.init(None)
    for plugin in ("appsrc", "rtpbin", "rtph264pay", "udpsrc"):
        if Gst.ElementFactory.find(plugin) is None:
            sys.exit(f"GStreamer's {plugin} is missing: `make test` installs it")
    factory, server = Factory(Clip(path, fps)), GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    if login:
        guard(server, factory, *login)
    server.get_mount_points().add_factory("/cam", factory)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    # Clients that vanished are forgotten.
    GLib.timeout_add_seconds(5, lambda: server.get_session_pool().cleanup() >= 0)
    print("listening", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
