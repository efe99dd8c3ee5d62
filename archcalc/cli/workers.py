"""Work on several cores: forked processes take an item at a time, and results come in the items' order."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, NoReturn, TypeVar

from archcalc.record import Mutable, Record

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Bytes of files that one process has read before others would have begun.
LITTLE = 5000
#: Bytes of a number in a pipe.
_WORD = 8


class Lost(Record):
    """What comes of an item whose worker ended before it was done: ``how``, as ``SIGKILL`` or ``exit status 3``."""

    how: str


def hands(weights: Sequence[int | None], asked: int | None = None) -> int:
    """How many processes these items are worth: ``asked``, or the usable cores where there is more than a little to do.

    ``weights`` are bytes, None of an item that is this process's own. 1 where the system cannot fork.
    """
    shared = [weight for weight in weights if weight is not None]
    if len(shared) < 2 or not hasattr(os, "fork"):
        return 1
    if asked is None:
        # a system that cannot say which cores are usable is one on which forking is not always safe
        asked = len(os.sched_getaffinity(0)) if sum(shared) > LITTLE and hasattr(os, "sched_getaffinity") else 1
    return min(asked, len(shared))


def spread(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    weights: Sequence[int | None],
    jobs: int,
    take: Callable[[Result | Lost], None],
) -> None:
    """Calls ``take`` with ``work(item)`` of each item in order, made by ``jobs`` processes, the heaviest first.

    An item without a weight is worked on here, at its turn: it reads what processes share, as standard input. So is one
    whose work raises, so that the exception is raised here. Results are pickled; no other thread may run. However it
    ends, no worker is left.
    """
    crew = _Crew(work, items, weights)
    try:
        crew.hire(jobs)
        for index, item in enumerate(items):
            take(work(item) if weights[index] is None else crew.result(index))
    finally:
        crew.dismiss()


class _Worker(Mutable):
    """A process: the pipes to it and from it, the item it has, and what has arrived of the answer."""

    process: int
    orders: int
    answers: int
    item: int
    heard: bytearray

    def leave(self) -> int:
        """Closes its pipes and waits for its end; its exit status, negative of a signal."""
        os.close(self.orders)
        os.close(self.answers)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


class _Crew(Generic[Item, Result]):
    """The workers, the items that none has taken, and the results that are not due yet."""

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item], weights: Sequence[int | None]) -> None:
        self.work, self.items = work, items
        order = sorted((weight, -index) for index, weight in enumerate(weights) if weight is not None)
        self.waiting = [-index for _, index in order]  # the next is the last: the heaviest, of equals the first
        self.promised = set(self.waiting)
        self.results: dict[int, Result | Lost] = {}
        self.workers: dict[int, _Worker] = {}
        self.poll = select.poll()

    def result(self, index: int) -> Result | Lost:
        """What comes of an item. Raises what its work raises."""
        while index in self.promised and self.workers:
            for answers, _ in self.poll.poll():
                self._hear(self.workers[answers])
        return self.results.pop(index) if index in self.results else self.work(self.items[index])

    def hire(self, count: int) -> None:
        """Starts workers, fewer where the system gives no more."""
        with suppress(OSError):
            for _ in range(min(count, len(self.waiting))):
                self._order(self._started())

    def dismiss(self) -> None:
        """Ends all workers, whatever they are at."""
        for worker in self.workers.values():
            os.kill(worker.process, signal.SIGKILL)
            worker.leave()
        self.workers.clear()

    def _started(self) -> _Worker:
        pipes = their_orders, orders, answers, their_answers = *os.pipe(), *os.pipe()
        # an interrupt is the parent's to handle, from a worker's first instruction on
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            process = os.fork()
            if not process:
                self._serve(their_orders, their_answers, [orders, answers])
            worker = self.workers[answers] = _Worker(process, orders, answers, -1, bytearray())
        except OSError:
            for each in pipes:
                os.close(each)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.close(their_orders)
        os.close(their_answers)
        self.poll.register(answers, select.POLLIN)
        return worker

    def _serve(self, orders: int, answers: int, ends: list[int]) -> NoReturn:
        """A worker's life: it answers orders until there are none, and says nothing."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            gc.freeze()  # to collect what the parent made would copy it
            for worker in self.workers.values():
                ends += [worker.orders, worker.answers]
            for end in ends:  # while a worker holds these, no other learns that the parent has gone
                os.close(end)
            with open(answers, "wb") as out:
                while order := os.read(orders, _WORD):
                    out.write(self._answer(int.from_bytes(order)))
                    out.flush()
        finally:
            os._exit(0)

    def _answer(self, index: int) -> bytes:
        """A result's length and the result; nothing where the work raises."""
        try:
            made = pickle.dumps(self.work(self.items[index]), pickle.HIGHEST_PROTOCOL)
        except Exception:
            made = b""
        return len(made).to_bytes(_WORD) + made

    def _order(self, worker: _Worker) -> None:
        """Gives a worker an item, if there is one; one that has ended is heard of when its pipe is read."""
        if self.waiting:
            with suppress(BrokenPipeError):
                os.write(worker.orders, self.waiting[-1].to_bytes(_WORD))
                worker.item = self.waiting.pop()

    def _hear(self, worker: _Worker) -> None:
        chunk = os.read(worker.answers, 1 << 16)
        heard = worker.heard
        heard += chunk
        if not chunk:
            self._bury(worker)
        elif len(heard) >= _WORD and len(heard) == _WORD + int.from_bytes(heard[:_WORD]):
            self.promised.discard(worker.item)
            if len(heard) > _WORD:
                self.results[worker.item] = pickle.loads(heard[_WORD:])
            heard.clear()
            self._order(worker)

    def _bury(self, worker: _Worker) -> None:
        """A worker has ended: what it was at is lost, and another takes its place."""
        self.poll.unregister(worker.answers)
        del self.workers[worker.answers]
        status = worker.leave()
        if worker.item in self.promised:
            self.promised.discard(worker.item)
            self.results[worker.item] = Lost(_named(status))
        self.hire(1)


def _named(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name
