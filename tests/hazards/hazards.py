"""All hazards, class by class: what must not be green but wrong."""

from __future__ import annotations

from hazards import (
    aliases,
    ambient,
    binary_files,
    channel,
    classes,
    execution,
    formats,
    functions,
    hidden,
    in_place,
    ipython,
    may_define,
    parameters,
    processes,
    random_state,
    travel,
)
from hazards.hazard import Hazard

CLASSES = {
    "in-place change": in_place.HAZARDS,
    "aliases": aliases.HAZARDS,
    "functions and globals": functions.HAZARDS + classes.HAZARDS,
    "may-define": may_define.HAZARDS,
    "ambient state": random_state.HAZARDS + ambient.HAZARDS,
    "objects that do not travel": travel.HAZARDS + processes.HAZARDS,
    "types that a file format changes": formats.HAZARDS,
    "IPython": ipython.HAZARDS,
    "names hidden from static analysis": hidden.HAZARDS,
    "files as a channel": channel.HAZARDS + binary_files.HAZARDS,
    "execution": execution.HAZARDS + parameters.HAZARDS,
}
HAZARDS: tuple[Hazard, ...] = tuple(
    hazard._replace(class_=class_) for class_, hazards in CLASSES.items() for hazard in hazards
)
