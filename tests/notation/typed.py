"""Texts as people type them, read in one step: their graphs, layers and faults."""

from __future__ import annotations

from textwrap import dedent

from archcalc.notation import read
from archcalc.source import Source

IMAGE = "input 32x32x64\n"
TOKENS = "input 32x32x64\ntokens\n"
VECTOR = "input 32x32x64\nflatten\n"


def document(text):
    """A text read; indentation that this file adds is taken off."""
    return read(Source("<string>", dedent(text)))


def graph(text, name=None, **options):
    """The graph of a text's only network, or of the one named; every fault fails the test."""
    made = document(text)
    assert made.diagnostics == (), told(made.diagnostics)
    found, faults = made.build(name, **options)
    assert found is not None, told(faults)
    return found


def layers(text, before=IMAGE):
    """The layers that a text adds to an input."""
    size = len(graph(before).nodes)
    return [node.layer for node in graph(before + dedent(text)).nodes[size:]]


def layer(text, before=IMAGE):
    """The one layer that a text adds."""
    made = layers(text, before)
    assert len(made) == 1, made
    return made[0]


def faults(text, name=None):
    """What is wrong with a text, reading and building: the diagnostics of its lines in order, of claims at the end."""
    made = document(text)
    names = (name,) if name is not None else made.names
    found = list(made.diagnostics)
    for each in names:
        network, wrong = made.build(each)
        wrong += tuple(said for said in network.warnings if said.severity == "error") if network else ()
        found += [diagnostic for diagnostic in wrong if diagnostic not in found]
    return found


def told(diagnostics):
    return "\n".join(f"{d.code} line {d.span and d.span.line}: {d.message} ({d.help})" for d in diagnostics)


def kinds(text, **options):
    """The kinds of a network's layers in order, the inputs left out."""
    return [node.layer.kind for node in graph(text, **options).nodes if node.layer.kind != "input"]


def params(made):
    """Stored numbers of a graph, buffers left out, shared weights once."""
    return sum(
        weight.numel
        for node in made.nodes
        if node.shares is None
        for weight in node.layer.weights(*made.input_shapes(node)).values()
        if weight.role != "buffers"
    )


def shape(made, name):
    """The shape of a named layer or line."""
    for node in made.nodes:
        if node.name == name:
            return node.shape
    return made.nodes[made.places[name].output].shape
