"""Draws the pictures that the goldens and the benchmarks use, into tests/goldens/pictures.

Shapes are drawn; the photograph is scikit-image's astronaut (NASA, public domain). Needs numpy,
OpenCV, Pillow and scikit-image; its output is committed, so nobody has to run it.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data

FOLDER = Path(__file__).parents[1] / "tests/goldens/pictures"


def shapes(width: int, height: int, seed: int) -> np.ndarray:
    """A gradient with a few filled shapes, BGR."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(60, 200, width), np.linspace(40, 180, height))
    scene = np.stack([x, y, 255 - x], axis=-1).astype(np.uint8)
    for _ in range(5):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        color = tuple(int(c) for c in rng.integers(0, 255, 3))
        cv2.circle(scene, centre, int(rng.integers(height // 12, height // 4)), color, -1)
    corner = (width // 3, height // 3)
    cv2.rectangle(scene, corner, (width // 2, height // 2), (250, 240, 230), -1)
    return scene


def photograph(width: int, height: int) -> np.ndarray:
    """The astronaut, cropped to the aspect ratio and scaled, BGR."""
    photo = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    side = photo.shape[1]
    photo = photo[: side * height // width]
    return cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)


def save(name: str, picture: np.ndarray, *options: int) -> None:
    cv2.imwrite(str(FOLDER / name), picture, list(options))


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    quality = (cv2.IMWRITE_JPEG_QUALITY, 85)
    save("photo.jpg", photograph(160, 120), *quality)
    save("photo_large.jpg", photograph(640, 480), *quality)
    save("street.jpg", shapes(320, 240, 1), *quality)
    save("shapes.jpg", shapes(160, 120, 2), *quality)
    save("second.jpg", shapes(120, 90, 3), *quality)
    save("odd.jpg", shapes(97, 53, 4), *quality)
    save("gray.jpg", cv2.cvtColor(photograph(90, 70), cv2.COLOR_BGR2GRAY), *quality)
    progressive = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    save("progressive.jpg", shapes(88, 66, 5), *quality, *progressive)
    save("plain.png", shapes(96, 72, 6))
    save("gray.png", cv2.cvtColor(shapes(64, 48, 7), cv2.COLOR_BGR2GRAY))
    save("gray16.png", cv2.cvtColor(shapes(64, 48, 8), cv2.COLOR_BGR2GRAY).astype(np.uint16) * 257)
    save("tiny.png", np.full((1, 1, 3), (20, 120, 220), np.uint8))
    alpha = cv2.cvtColor(shapes(80, 60, 9), cv2.COLOR_BGR2BGRA)
    alpha[..., 3] = np.linspace(0, 255, 80).astype(np.uint8)
    save("alpha.png", alpha)
    save("plain.bmp", shapes(40, 30, 10))
    save("plain.webp", shapes(80, 60, 11), cv2.IMWRITE_WEBP_QUALITY, 101)
    save("plain.tiff", shapes(40, 30, 12))
    pillow = Image.fromarray(cv2.cvtColor(shapes(100, 60, 13), cv2.COLOR_BGR2RGB))
    exif = Image.Exif()
    exif[0x0112] = 6
    pillow.save(FOLDER / "rotated.jpg", quality=85, exif=exif)
    pillow.resize((60, 40)).convert("CMYK").save(FOLDER / "cmyk.jpg", quality=85)
    pillow.resize((60, 40)).quantize(32).save(FOLDER / "plain.gif")
    whole = (FOLDER / "shapes.jpg").read_bytes()
    (FOLDER / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (FOLDER / "text.jpg").write_bytes(b"this is no picture\n")
    (FOLDER / "empty.jpg").write_bytes(b"")


if __name__ == "__main__":
    main()
