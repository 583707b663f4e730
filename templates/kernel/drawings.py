"""What a matplotlib figure shows, as data: figures whose images differ by a pixel may be the same all the same.

Read by the observer, in the notebook's kernel. A figure is the list of its artists in drawing order, each with what
decides how it looks: data, text, place, colour, style, limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What is asked of every artist that has it, in this order.
_LOOKS = (
    "get_visible", "get_alpha", "get_zorder", "get_xydata", "get_offsets", "get_array", "get_sizes", "get_text",
    "get_position", "get_rotation", "get_fontname", "get_fontsize", "get_fontweight", "get_fontstyle",
    "get_horizontalalignment", "get_verticalalignment", "get_color", "get_facecolor", "get_edgecolor",
    "get_linestyle", "get_linewidth", "get_marker", "get_markersize", "get_markerfacecolor", "get_hatch",
    "get_xlim", "get_ylim", "get_zlim", "get_xscale", "get_yscale", "get_extent", "get_clim", "get_frame_on",
)  # fmt: skip


def watch(module: Any, note: Callable[[str], None], fingerprint: Callable[[Any], str]) -> None:
    """Note each figure that is turned into an image. `module` is `matplotlib.backend_bases`."""
    canvas = module.FigureCanvasBase
    draw = canvas.print_figure

    def print_figure(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = draw(self, *args, **kwargs)
        note(fingerprint(figure_data(self.figure)))
        return result

    canvas.print_figure = print_figure


def figure_data(figure: Any) -> list[Any]:
    """Return the figure's size and its artists as plain data."""
    size = [*map(float, figure.get_size_inches()), float(figure.get_dpi())]
    return [size, *(_artist(one) for one in figure.findobj())]


def _artist(artist: Any) -> list[Any]:
    looks = [_plain(getattr(artist, name)()) for name in _LOOKS if hasattr(artist, name)]
    return [type(artist).__name__, *looks, *_outlines(artist)]


def _outlines(artist: Any) -> list[Any]:
    """Return the vertices of bars, polygons and areas."""
    if hasattr(artist, "get_paths"):
        return [path.vertices for path in artist.get_paths()]
    if hasattr(artist, "get_path") and hasattr(artist, "get_patch_transform"):
        return [artist.get_patch_transform().transform(artist.get_path().vertices)]
    return []


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)) or hasattr(value, "dtype"):
        return value
    return list(value.bounds) if hasattr(value, "bounds") else str(type(value).__name__)
