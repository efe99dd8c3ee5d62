"""Sweeps of texts, and what a loop over their reports gives."""

from itertools import product

from archcalc.analyses.sweep import Asked, Request, Sweep
from archcalc.analyses.sweep.variables import variable_of
from archcalc.network import ArchcalcError, parse
from archcalc.source import Source
from archcalc.sweeping import builder

#: Quantities that a report has under the same name.
REPORTED = (
    "params", "weights", "biases", "norms", "others", "trainable", "buffers", "weight layers", "neurons",
    "connections", "macs", "flops", "training flops", "weights bytes", "activations", "activations bytes", "depth",
    "input bytes", "intensity", "inference peak bytes", "inference arena bytes", "saved bytes", "gradients bytes",
    "optimizer bytes", "training peak bytes",
)  # fmt: skip
ALL = (*REPORTED, "field", "stride", "inference memory", "training memory", "memory")


def sweep(text, *vary, **options):
    """The sweep of a text; ``asked`` are conditions of its figures."""
    asked = Asked(**options.pop("asked", {}))
    variables = tuple(map(variable_of, vary))
    return Sweep(builder(Source("text", text), None, {}, None), Request(variables=variables, asked=asked, **options))


def table(made):
    """The rows of a sweep as dicts, in order."""
    found = []
    for rows in made.rows():
        columns = {k: c.tolist() if hasattr(c, "dtype") else [c] * rows.size for k, c in rows.columns.items()}
        found += [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return found


def looped(text, vary, quantities, square=True, **figures):
    """The same by a report a point: what makes no network is left out."""
    variables = [variable_of(each) for each in vary]
    found = []
    for values in product(*(each.values for each in variables)):
        point = dict(zip((each.name for each in variables), values, strict=True))
        made = reported(text, point, quantities, square, **figures)
        if made is not None:
            found.append({**point, **made})
    return found


def reported(text, point, quantities, square=True, **figures):
    """One network's figures as its report has them, or None where it is none."""
    own = parse(text).graph
    first = own.nodes[own.inputs[0]].shape
    settings = {name: value for name, value in point.items() if name not in ("H", "W", "batch", "dtype")}
    figures |= {name: point[name] for name in ("batch", "dtype") if name in point}
    shape = None
    if "H" in point or "W" in point:
        other = point.get("H", point.get("W"))
        height = point.get("H", other if square else first[1])
        width = point.get("W", other if square else first[2])
        shape = (first[0], height, width)
    try:
        report = parse(text, settings=settings, input_shape=shape).report(**figures)
    except ArchcalcError:
        return None
    field = [row.field for row in report.layers if row.field is None or row.field.size is not None]
    last = field[-1] if field else None
    values = {name: getattr(report.totals, name.replace(" ", "_")) for name in REPORTED}
    values["field"] = _one(last and last.size)
    values["stride"] = _one(last and last.stride)
    return {name: values[name] for name in quantities}


def _one(pair):
    return pair[0] if pair is not None and pair[0] == pair[1] and pair[0] is not None else None
