"""Supervision without what it needs seldom; each case in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "python"
START = f"""
import sys
sys.path.insert(0, {str(PACKAGE)!r})
from vedette_worker.late import import_supervision
import_supervision()
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", START + code],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


def test_heavy_libraries_wait_until_they_are_used() -> None:
    heavy = "print([name for name in sys.modules if name.split('.')[0] in ('scipy', 'matplotlib')])"
    assert run(heavy) == "[]"


def test_a_palette_of_matplotlib_has_its_colours() -> None:
    code = """
import supervision as sv
print(sv.ColorPalette.from_matplotlib("viridis", 3).colors[0].as_hex())
"""
    assert run(code) == "#440154"


def test_a_tracker_tracks() -> None:
    code = """
import numpy as np, supervision as sv
tracker = sv.ByteTrack(minimum_consecutive_frames=1)
box = sv.Detections(np.array([[0, 0, 10, 10.0]]), confidence=np.array([0.9]),
                    class_id=np.array([0]))
for _ in range(3):
    tracked = tracker.update_with_detections(box)
print(tracked.tracker_id.tolist())
"""
    assert run(code) == "[1]"


def test_users_own_imports_get_the_real_modules() -> None:
    code = """
import scipy.optimize, matplotlib.pyplot as plt
print(scipy.optimize.minimize(lambda x: (x - 2) ** 2, 0).x.round(3), plt.figure().number)
"""
    assert run(code) == "[2.] 1"
