#!/usr/bin/env python3
"""Writes tests/fixtures/pictures: one small picture of each kind, and what OpenCV decodes it to.

    pip install pillow numpy==2.2.6 opencv-python-headless==4.12.0.88
    tools/make_picture_fixtures.py

pictures.json has the size and the SHA-256 of the BGR pixels that cv2.imdecode gives, or null
where it gives none. encoded_*.jpg is what cv2.imencode makes of a picture at quality 95.
"""

import hashlib
import json
import struct
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HERE = Path(__file__).parent.parent / "tests/fixtures/pictures"
WIDTH, HEIGHT = 37, 23

y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
RGB = np.stack([x * 6, y * 10, x * y % 256], axis=-1).astype(np.uint8)
NOISE = np.random.default_rng(1).integers(0, 200, RGB.shape)
PICTURE = Image.fromarray(RGB)
CLEAR = Image.fromarray(np.dstack([RGB, x * 6]).astype(np.uint8), "RGBA")
INDEXED = PICTURE.quantize(16)
SECOND = Image.fromarray(255 - RGB)


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x112] = orientation
    return tags.tobytes()


def save(name: str, picture: Image.Image = PICTURE, **how: object) -> None:
    picture.save(HERE / name, **how)


def save_jpegs() -> None:
    save("color.jpg", quality=90)
    save("gray.jpg", PICTURE.convert("L"), quality=90)
    save("progressive.jpg", quality=90, progressive=True)
    save("cmyk.jpg", PICTURE.convert("CMYK"), quality=90)
    save("rgb.jpg", quality=90, keep_rgb=True)
    save("restarts.jpg", quality=90, restart_marker_blocks=1)
    for chroma in ("4:4:4", "4:2:2"):
        save(f"chroma_{chroma.replace(':', '')}.jpg", quality=90, subsampling=chroma)
    for name, factor in (("440", cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440), ("411", 0x411111)):
        cv2.imwrite(
            str(HERE / f"chroma_{name}.jpg"), RGB, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        )
    for orientation in range(1, 9):
        save(f"exif_{orientation}.jpg", quality=60, exif=exif(orientation))
    save("exif_99.jpg", quality=60, exif=exif(99))


def save_pngs() -> None:
    save("color.png")
    save("indexed.png", INDEXED)
    save("indexed_clear.png", INDEXED, transparency=3)
    save("gray.png", PICTURE.convert("L"))
    save("gray_alpha.png", CLEAR.convert("LA"))
    save("alpha.png", CLEAR)
    save("bilevel.png", PICTURE.convert("1"))
    save("exif_6.png", exif=exif(6))
    save("animated.png", save_all=True, append_images=[SECOND], duration=100)
    deep = (RGB * 257.0 + NOISE).clip(0, 65535).astype(np.uint16)
    cv2.imwrite(str(HERE / "deep.png"), deep)
    cv2.imwrite(str(HERE / "deep_gray.png"), deep[..., 0])


def bmp(size: tuple[int, int], bits: int, packing: int, extra: bytes, data: bytes) -> bytes:
    """`extra` is what stands between the head and the pixels: masks or colours."""
    head = struct.pack("<IiiHHIIiiII", 40, *size, 1, bits, packing, len(data), 0, 0, 0, 0)
    offset = 14 + len(head) + len(extra)
    start = b"BM" + struct.pack("<IHHI", offset + len(data), 0, 0, offset)
    return start + head + extra + data


def save_bmps() -> None:
    save("color.bmp")
    save("indexed.bmp", INDEXED)
    save("gray.bmp", PICTURE.convert("L"))
    save("bilevel.bmp", PICTURE.convert("1"))
    save("alpha.bmp", CLEAR)
    top_down = bytearray((HERE / "color.bmp").read_bytes())
    struct.pack_into("<i", top_down, 22, -HEIGHT)
    (HERE / "top_down.bmp").write_bytes(top_down)

    rows = bytes(range(256)) * 2
    colors = bytes(i * 5 % 256 for i in range(64))
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    runs = bytes([3, 1, 0, 4, 5, 6, 7, 8, 2, 9, 0, 0, 9, 2, 0, 0, 0, 2, 4, 1, 2, 3, 0, 1])
    old = b"BM" + struct.pack("<IHHI", 0, 0, 0, 26 + 48) + struct.pack("<IHHHH", 12, 9, 5, 1, 4)
    made = {
        "nibbles": bmp((9, 5), 4, 0, colors, rows[: 8 * 5]),
        "bits_555": bmp((9, 5), 16, 0, b"", rows[: 20 * 5]),
        "bits_565": bmp((9, 5), 16, 3, masks, rows[: 20 * 5]),
        "plain_32": bmp((9, 5), 32, 0, b"", rows[: 36 * 5]),
        "runs_8": bmp((9, 5), 8, 1, (colors * 16)[:1024], runs),
        "old": old + colors[:48] + rows[: 8 * 5],
    }
    for name, data in made.items():
        (HERE / f"{name}.bmp").write_bytes(data)


def save_others() -> None:
    save("lossy.webp", quality=80)
    save("lossless.webp", lossless=True)
    save("alpha.webp", CLEAR, quality=80)
    save("exif_6.webp", lossless=True, exif=exif(6))
    save("animated.webp", save_all=True, append_images=[SECOND], duration=100, lossless=True)
    save("animated_lossy.webp", CLEAR, save_all=True, append_images=[SECOND], duration=100)

    for compression in ("raw", "tiff_lzw", "jpeg", "tiff_deflate", "packbits"):
        save(f"{compression}.tif", compression=compression)
    save("gray.tif", PICTURE.convert("L"))
    save("cmyk.tif", PICTURE.convert("CMYK"))
    save("alpha.tif", CLEAR)
    save("indexed.tif", INDEXED)
    cv2.imwrite(str(HERE / "deep.tif"), (RGB * 257.0 + NOISE).clip(0, 65535).astype(np.uint16))
    save("bilevel.tif", PICTURE.convert("1"), compression="group4")
    for orientation in range(2, 9):
        save(f"exif_{orientation}.tif", tiffinfo={274: orientation})


def lzw(indices: list[int]) -> bytes:
    """Two-bit pixels as GIF packs them, with a clear code in good time before codes grow."""
    clear, end, bits, used, out = 4, 5, 3, 0, 0
    for place, index in enumerate(indices):
        for code in ([clear] if place % 2 == 0 else []) + [index]:
            out |= code << used
            used += bits
    out |= end << used
    data = out.to_bytes((used + bits + 7) // 8, "little")
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"\x02" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif(background: int, clear: int | None, own: bool, shared: bool, left: int) -> bytes:
    """A frame of 6 x 4 at (left, 2) on a canvas of 12 x 10."""
    colors = bytes([10, 20, 30, 200, 0, 0, 0, 150, 0, 0, 0, 250])
    data = b"GIF89a" + struct.pack("<HHBBB", 12, 10, 0x81 if shared else 0, background, 0)
    data += colors if shared else b""
    if clear is not None:
        data += b"\x21\xf9\x04" + bytes([1, 0, 0, clear]) + b"\0"
    data += b"\x2c" + struct.pack("<HHHHB", left, 2, 6, 4, 0x81 if own else 0)
    data += bytes(c ^ 1 for c in colors) if own else b""
    return data + lzw([i % 4 for i in range(24)]) + b"\x3b"


def save_gifs() -> None:
    save("color.gif")
    save("animated.gif", save_all=True, append_images=[SECOND], duration=100)
    save("clear.gif", INDEXED, transparency=3)
    save("interlaced.gif", INDEXED, interlace=1)
    made = {
        "part": gif(2, None, False, True, 3),
        "part_clear": gif(2, 1, False, True, 3),
        "part_own": gif(2, 1, True, True, 3),
        "part_only_own": gif(2, 1, True, False, 3),
        "beyond": gif(2, None, False, True, 9),
    }
    for name, data in made.items():
        (HERE / f"{name}.gif").write_bytes(data)


def describe(path: Path) -> dict[str, object]:
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        return {"file": path.name, "sha256": None}
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    return {"file": path.name, "width": width, "height": height, "sha256": digest}


def main() -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    for old in HERE.iterdir():
        old.unlink()
    save_jpegs()
    save_pngs()
    save_bmps()
    save_others()
    save_gifs()
    rows = [json.dumps(describe(path)) for path in sorted(HERE.iterdir())]
    (HERE / "pictures.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")

    color = cv2.imread(str(HERE / "color.png"))
    for name, pixels in (("color", color), ("gray", color[..., 1])):
        cv2.imwrite(str(HERE / f"encoded_{name}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])


if __name__ == "__main__":
    main()
