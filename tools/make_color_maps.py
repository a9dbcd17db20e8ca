#!/usr/bin/env python3
"""Writes src/vision/color_maps.cpp: matplotlib's maps, as supervision turns them into colours.

    pip install matplotlib==3.11.2 && tools/make_color_maps.py

A channel c in 0 to 1 becomes int(c * 255), so that tables of bytes give the very colours.
"""

from pathlib import Path

import matplotlib as mpl

# As the manifest of the visualization blocks lists them, after "Matplotlib ".
NAMES = [
    *("Viridis", "Plasma", "Inferno", "Magma", "Cividis"),
    *("Pastel1", "Pastel2", "Paired", "Accent", "Dark2", "Set1", "Set2", "Set3"),
    *("Tab10", "Tab20", "Tab20b", "Tab20c"),
]

HEAD = """\
// Written by tools/make_color_maps.py; not by hand. Six hexadecimal digits a colour, in order.
#include "vision/color_maps.hpp"

#include <array>

namespace vedette::vision {
namespace {

struct ColorMap {
  std::string_view name;
  std::string_view digits;
};

// clang-format off
constexpr std::array maps{
"""

TAIL = """\
};
// clang-format on

}  // namespace

std::string_view find_color_map(std::string_view name) {
  for (const ColorMap& map : maps) {
    if (map.name == name) return map.digits;
  }
  return {};
}

}  // namespace vedette::vision
"""


def digits(name: str) -> str:
    colormaps = mpl.colormaps
    color_map = colormaps[name if name in colormaps else name.lower()]
    return "".join(f"{int(c * 255):02x}" for color in color_map.colors for c in color[:3])


def main() -> None:
    rows = []
    for name in NAMES:
        text = digits(name)
        lines = [f'      "{text[i : i + 90]}"' for i in range(0, len(text), 90)]
        rows.append(f'    ColorMap{{"{name}",\n' + "\n".join(lines) + "},\n")
    target = Path(__file__).parent.parent / "src/vision/color_maps.cpp"
    target.write_text(HEAD + "".join(rows) + TAIL)


if __name__ == "__main__":
    main()
