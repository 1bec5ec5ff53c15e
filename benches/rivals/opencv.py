"""What most scripts on the net do: OpenCV reads every frame, compares it with the one before (or with a background
model) and counts the changed pixels.

usage: opencv.py absdiff|mog2 CLIP
"""

import sys

import cv2

# Grey levels by which a pixel must differ, as in most tutorials.
THRESHOLD = 25


def absdiff(frames):
    before = None
    for frame in frames:
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        if before is not None:
            _, changed = cv2.threshold(cv2.absdiff(grey, before), THRESHOLD, 255, cv2.THRESH_BINARY)
            yield cv2.countNonZero(changed)
        before = grey


def mog2(frames):
    background = cv2.createBackgroundSubtractorMOG2(detectShadows=False)
    for frame in frames:
        yield cv2.countNonZero(background.apply(frame))


def read(path):
    video = cv2.VideoCapture(path)
    while True:
        is_read, frame = video.read()
        if not is_read:
            return
        yield frame


# Threads cost CPU seconds for nothing where CPU seconds are compared.
cv2.setNumThreads(1)
method = {"absdiff": absdiff, "mog2": mog2}[sys.argv[1]]
counts = list(method(read(sys.argv[2])))
if not counts:
    sys.exit(f"{sys.argv[2]}: no frame read")
print(f"{len(counts)} frames, {sum(count > 0 for count in counts)} with changed pixels")
