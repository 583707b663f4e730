"""Stages side by side: each starts when those that it needs are done, as far as jobs, memory and the GPU go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from nb2prod.adapters.reproduction import Step

# What a stage is taken to need in memory as long as it never ran here.
_UNKNOWN_BYTES = 512 * 1024**2

Room = Callable[[Step, Set[str]], bool]


def next_step(steps: Sequence[Step], done: Set[str], running: Set[str], jobs: int, room: Room) -> Step | None:
    """The first stage that may start now. One alone may always; another one beside it only where there is room."""
    if len(running) >= jobs:
        return None
    for step in steps:
        if step.name not in done | running and step.needs <= done and (not running or room(step, running)):
            return step
    return None


def run_side_by_side(
    steps: Sequence[Step],
    reproduce: Callable[[Step], None],
    *,
    jobs: int,
    room: Room,
    stop: Callable[[], None],
) -> BaseException | None:
    """Call `reproduce` for every step, each in a thread. The first error lets those that run end, and no other start.

    Returns that error. `stop` is called when the user interrupts: it makes those that run end.
    """
    done: set[str] = set()
    error: BaseException | None = None
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="stage") as pool:
        try:
            while True:
                step = None if error else next_step(steps, done, {*running.values()}, jobs, room)
                if step is not None:
                    running[pool.submit(reproduce, step)] = step.name
                    continue
                if not running:
                    return error
                for future in wait(running, timeout=1.0, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    error = error or future.exception()
                    done |= {name} if future.exception() is None else set()
        except KeyboardInterrupt:
            stop()
            raise


def has_room(
    available: Callable[[], int], known: Mapping[str, int], needs_gpu: Callable[[str], bool] = lambda _: False
) -> Room:
    """Whether a stage fits beside those that run, by the most memory that each of them ever held; one has the GPU."""

    def room(step: Step, running: Set[str]) -> bool:
        if needs_gpu(step.name) and any(map(needs_gpu, running)):
            return False
        return sum(known.get(name, _UNKNOWN_BYTES) for name in {step.name, *running}) <= available()

    return room
