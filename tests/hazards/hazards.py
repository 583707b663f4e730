"""All hazards, class by class: what must not be green but wrong."""

from __future__ import annotations

from hazards import (
    aliases,
    ambient,
    channel,
    execution,
    formats,
    functions,
    hidden,
    in_place,
    ipython,
    may_define,
    travel,
)
from hazards.hazard import Hazard

CLASSES = {
    "in-place change": in_place.HAZARDS,
    "aliases": aliases.HAZARDS,
    "functions and globals": functions.HAZARDS,
    "may-define": may_define.HAZARDS,
    "ambient state": ambient.HAZARDS,
    "objects that do not travel": travel.HAZARDS,
    "types that a file format changes": formats.HAZARDS,
    "IPython": ipython.HAZARDS,
    "names hidden from static analysis": hidden.HAZARDS,
    "files as a channel": channel.HAZARDS,
    "execution": execution.HAZARDS,
}
HAZARDS: tuple[Hazard, ...] = tuple(
    hazard._replace(class_=class_) for class_, hazards in CLASSES.items() for hazard in hazards
)
