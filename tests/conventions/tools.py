"""What each tool says of networks as modules: ``python tools.py fvcore < graphs`` prints a JSON line for each.

Standard input is a pickled list of (key, graph). A line holds the tool's ``total``, the parameters that it prints and,
where it tells them apart, the count of each module by its path; or the ``error`` that it ended with. A process a tool:
some patch torch for good.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import sys
import warnings

import torch
from torch import nn

from archcalc.pytorch import build

warnings.simplefilter("ignore")
torch.set_num_threads(1)


def fvcore(module, images):
    import logging

    from fvcore.nn import FlopCountAnalysis, parameter_count

    logging.disable(logging.WARNING)
    found = FlopCountAnalysis(module, tuple(images))
    return {"total": found.total(), "modules": dict(found.by_module()), "params": parameter_count(module)[""]}


def flop_counter(module, images):
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*images)
    modules = {name.removeprefix("Twin."): sum(each.values()) for name, each in counter.get_flop_counts().items()}
    return {"total": counter.get_total_flops(), "modules": modules}


def torchinfo(module, images):
    from torchinfo import summary

    found = summary(module, input_data=list(images), verbose=0)
    return {"total": found.total_mult_adds, "params": found.total_params, "trainable": found.trainable_params}


def thop(module, images):
    from thop import profile

    total, params, children = profile(module, tuple(images), verbose=False, ret_layer_info=True)
    modules = {}

    def walk(prefix, found):
        for name, (operations, _, inner) in found.items():
            modules[prefix + name] = operations
            walk(f"{prefix}{name}.", inner)

    walk("", children)
    return {"total": total, "params": params, "modules": modules}


class Bound(nn.Module):
    """A module of which all inputs but the first are given: ptflops has no way to give several."""

    def __init__(self, module, others):
        super().__init__()
        self.module, self.others = module, others

    def forward(self, first):
        return self.module(first, *self.others)


def ptflops(module, images, backend="pytorch"):
    from ptflops import get_model_complexity_info

    image, *others = images
    total, params = get_model_complexity_info(
        Bound(module, others) if others else module, tuple(image.shape[1:]), input_constructor=lambda _: image,
        print_per_layer_stat=False, as_strings=False, backend=backend,
    )  # fmt: skip
    if total is None:
        raise RuntimeError("ptflops did not finish")
    return {"total": total, "params": params}


def ptflops_aten(module, images):
    return ptflops(module, images, "aten")


#: Tensors without memory do for tools that look at shapes; fvcore traces, and ptflops patches functions that torch's
#: own code for such tensors calls.
TOOLS = {
    "fvcore": (fvcore, "cpu"),
    "torch": (flop_counter, "meta"),
    "torchinfo": (torchinfo, "meta"),
    "thop": (thop, "meta"),
    "ptflops": (ptflops, "cpu"),
    "ptflops-aten": (ptflops_aten, "meta"),
}


def said(tool, graph):
    count, device = TOOLS[tool]
    with torch.device("meta"):
        module = build(graph).eval()
    if device != "meta":
        module.to_empty(device=device)
    images = [torch.zeros((1, *graph.nodes[index].shape), device=device) for index in graph.inputs]
    paths = module.paths
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return count(module, images) | {"paths": paths}


def main(tool, networks):
    for key, graph in networks:
        try:
            found = said(tool, graph)
        except Exception as error:  # whatever a tool ends with is what is told of it
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"key": key, **found}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], pickle.load(sys.stdin.buffer))
