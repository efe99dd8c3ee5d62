"""A network's whole memory budget, for running and for training it."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.analyses.memory.inference import Inference, inference
from archcalc.analyses.memory.logits import ends
from archcalc.analyses.memory.plan import Plan, plan
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.stored import stored
from archcalc.analyses.memory.training import TrainingMemory, training_memory
from archcalc.graph import Graph
from archcalc.record import Configuration


class Memory(Configuration):
    """Bytes. ``weights``: all that the module stores. ``running`` is without them; ``training`` (None in int8) with."""

    setting: Setting
    weights: int
    running: Inference
    training: TrainingMemory | None


def memory(graph: Graph, setting: Setting, optimizer: str = "sgd", *, segments: int = 1) -> Memory:
    """What a network takes to run and to train, side heads included. Raises OpenSize where a size is a symbol."""
    plans = plan(graph, ends(graph))
    trains = setting.dtype != "int8"
    training = training_memory(graph, setting, optimizer, segments=segments, plans=plans) if trains else None
    weights = stored(graph, setting).weights if training is None else training.weights
    return Memory(setting=setting, weights=weights, running=inference(graph, setting, plans), training=training)


def eager(graph: Graph, setting: Setting) -> int:
    """An estimate of ``running``'s peak for a module written by hand: a block's ``forward`` names its input, which so
    lives until it returns."""
    plans = plan(graph, ends(graph))
    until = {spent: index for index, frees in enumerate(plans.frees) for spent in frees}
    for place in graph.places.values():
        if place.stop - place.first < 2:
            continue
        for node in graph.nodes[place.first : place.stop]:
            for source in node.inputs:
                if source < place.first and source in until:
                    until[source] = max(until[source], place.stop - 1)
    frees: list[list[int]] = [[] for _ in graph.nodes]
    for spent, index in until.items():
        frees[index].append(spent)
    longer = Plan(tuple(map(tuple, frees)), plans.overwrites)
    return inference(graph, setting, longer).peak


def largest_batch(room: int, needs: Callable[[int], int]) -> int:
    """The most images at once whose need of bytes, which grows with them, fits; 0 where not even one does."""
    if needs(1) > room:
        return 0
    fits, over = 1, 2
    while needs(over) <= room:
        fits, over = over, over * 2
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if needs(middle) <= room else (fits, middle)
    return fits


def largest_running(graph: Graph, setting: Setting, room: int) -> int:
    """The most images at once that a network takes no more bytes than ``room`` to run, its weights included."""
    weights = stored(graph, setting).weights
    return largest_batch(room, lambda batch: weights + inference(graph, setting.but(batch=batch)).peak)


def largest_training(graph: Graph, setting: Setting, optimizer: str, segments: int, room: int) -> int:
    """The most images at once that a step of training takes no more bytes than ``room`` for."""

    def needs(batch: int) -> int:
        return training_memory(graph, setting.but(batch=batch), optimizer, segments=segments).peak

    return largest_batch(room, needs)
