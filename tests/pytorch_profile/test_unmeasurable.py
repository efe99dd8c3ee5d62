"""What cannot be measured is told in a line, with the layer or the batch that would do."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from pytorch_profile.virtual import module
from torch import nn

from archcalc import parse
from archcalc.algebra import symbol
from archcalc.analyses.latency.measured import Setting
from archcalc.layers import Conv
from archcalc.pytorch import build
from archcalc.pytorch.profile import Unmeasurable, device, prepare, profile, profile_module, room
from archcalc.pytorch.watch import inference_bytes, stored, training_bytes

TEXT = """network tiny
input 16x16x3
conv1: conv 3x3, 8, pad 1; bn; gelu
pool: max pool 2x2, stride 2
fc: fc 10
"""
GPU = torch.cuda.is_available()


def fault(setting, of=None):
    with pytest.raises(Unmeasurable) as caught:
        profile(of or parse(TEXT), setting)
    return caught.value


@pytest.mark.skipif(GPU, reason="there is a GPU")
def test_without_a_gpu_the_cpu_is_named():
    found = fault(Setting(device="cuda"))
    assert found.message.startswith("no CUDA device: PyTorch ") and found.help == "--device cpu measures on the CPU"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (Setting(device="gpu"), "no device 'gpu'"),
        (Setting(device="cpu:1"), "no device 'cpu:1'"),
        (Setting(device="cuda:x"), "no device 'cuda:x'"),
        (Setting(dtype="int8"), "no dtype 'int8' to run in"),
        (Setting(dtype="tf32"), "tf32 is a way of GPUs' tensor cores, the CPU has none"),
        (Setting(cuda_graph=True), "a CUDA graph needs a GPU, this is the CPU"),
        (Setting(device="cuda", cuda_graph=True, train=True), "a CUDA graph is captured of inference alone"),
    ],
)
def test_what_no_machine_does(setting, message):
    found = fault(setting)
    assert found.message == message and found.help


class Gpus:
    """torch.cuda as a machine with two Turings has it."""

    @staticmethod
    def put(monkeypatch, **more):
        told = {
            "is_available": lambda: True, "device_count": lambda: 2, "current_device": lambda: 1,
            "get_device_capability": lambda number: (7, 5), "get_device_name": lambda number: "Tesla T4",
        }  # fmt: skip
        for name, given in (told | more).items():
            monkeypatch.setattr(torch.cuda, name, given)


def test_a_gpu_is_found_by_its_number(monkeypatch):
    Gpus.put(monkeypatch)
    assert device.device_of(Setting(device="cuda:0")) == torch.device("cuda", 0)
    assert device.device_of(Setting(device="cuda", dtype="fp16")) == torch.device("cuda", 1)
    found = fault(Setting(device="cuda:3"))
    assert found.message == "no device cuda:3: there are cuda:0 to cuda:1"
    for dtype, repair in (("tf32", "--dtype fp32"), ("bf16", "--dtype fp16")):
        found = fault(Setting(device="cuda", dtype=dtype))
        assert "Tesla T4 has no" in found.message and found.help == repair
    Gpus.put(monkeypatch, device_count=lambda: 1, current_device=lambda: 0)
    assert fault(Setting(device="cuda:1")).message == "no device cuda:1: there is cuda:0 alone"


@pytest.mark.parametrize("dtype", ["fp16", "bf16"])
def test_a_layer_that_has_no_kernel_is_named(monkeypatch, dtype):
    def refuses(self, image):
        if image.dtype != torch.float32:
            raise NotImplementedError("\"GeluKernelImpl\" not implemented for 'Half'")
        return image

    monkeypatch.setattr(nn.GELU, "forward", refuses)
    found = fault(Setting(dtype=dtype))
    assert found.layer == "conv1.gelu" and found.help == "--dtype fp32"
    assert found.message.startswith(f'conv1.gelu does not run in {dtype} on cpu: NotImplementedError: "Gelu')


def test_a_part_of_a_module_that_raises_is_named():
    class Inner(nn.Module):
        def forward(self, image):
            return image.view(-1, 7) if image.dtype == torch.bfloat16 else image

    name = module("raising", lambda: nn.Sequential(nn.ReLU(), nn.Sequential(nn.Conv2d(3, 4, 3), Inner())))
    with pytest.raises(Unmeasurable) as caught:
        profile_module(name, [(3, 8, 8)], Setting(dtype="bf16"))
    assert (caught.value.layer, caught.value.help) == ("1.1", "--dtype fp32")
    with pytest.raises(Unmeasurable) as caught:
        profile_module(name, [(4, 8, 8)], Setting())
    assert (caught.value.layer, caught.value.help) == ("1.0", "--input says what images it takes")
    assert caught.value.message.startswith("1.0 does not run in fp32 on cpu: RuntimeError: Given groups=1")


def test_what_is_no_fault_of_the_images_gives_no_hint_of_them():
    class Broken(nn.Module):
        def forward(self, image):
            raise RuntimeError("the server is asleep")

    with pytest.raises(Unmeasurable) as caught:
        profile_module(module("broken", lambda: nn.Sequential(Broken())), [(3, 8, 8)], Setting())
    assert (caught.value.layer, caught.value.help) == ("0", "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "'nowhere' is not package.module:factory, as in mynet.models:resnet50"),
        ("no_such_module_here:net", "no_such_module_here:net: there is no module 'no_such_module_here'"),
        (module("raises", lambda: 1 / 0), "raises:factory() raises ZeroDivisionError: division by zero"),
        (module("picky", lambda: nn.Conv2d(4, 4, 3)), "picky:factory does not run in fp32 on cpu: RuntimeError: Given"),
    ],
)
def test_a_module_that_is_none(name, message):
    with pytest.raises(Unmeasurable) as caught:
        profile_module(name, [(3, 8, 8)], Setting())
    assert message in caught.value.message


def test_what_gives_no_classes_does_not_train():
    name = module("pair", lambda: type("Pair", (nn.Conv2d,), {"forward": lambda self, x: (x, x)})(3, 3, 1))
    with pytest.raises(Unmeasurable, match="pair:factory gives no tensor of classes that can be trained"):
        profile_module(name, [(3, 8, 8)], Setting(train=True))


def test_a_module_may_fail_in_any_run():
    class Once(nn.Flatten):
        runs = 0

        def forward(self, image):
            Once.runs += 1
            if Once.runs > 1:
                raise ValueError("only once")
            return super().forward(image)

    class Overwrites(nn.Linear):
        def forward(self, image):
            kept = super().forward(image.flatten(1)).exp()
            return kept.add_(1)  # the backward pass of exp wants what it gave

    with pytest.raises(Unmeasurable, match="once:factory broke off: ValueError: only once"):
        profile_module(module("once", Once), [(3, 8, 8)], Setting())
    name = module("overwrites", lambda: Overwrites(192, 5))
    with pytest.raises(Unmeasurable, match="overwrites:factory broke off: RuntimeError: one of the variables"):
        profile_module(name, [(3, 8, 8)], Setting(train=True))


def test_an_open_size_is_told():
    net = Net(3, 8, 8)
    net(Conv(kernel=(1, 1), channels=symbol("c")), name="odd")
    assert fault(Setting(), net.graph()).help.startswith("--set gives a parameter its number")


def needs(text, batch, train):
    """Bytes of the built module and of its run, by what torch holds."""
    graph = parse(text).graph
    module = build(graph)
    images = [torch.randn(batch, 3, 16, 16)]
    if train:
        optimizer = torch.optim.SGD(module.parameters(), 0.1, foreach=False)
        return training_bytes(module, optimizer, images, torch.zeros(batch, dtype=torch.int64))["Total"]
    weights = sum(each.untyped_storage().nbytes() for each in stored(module))
    return weights + inference_bytes(module, images)[0]


@pytest.mark.parametrize("train", [False, True])
def test_a_batch_beyond_the_memory_is_not_begun(monkeypatch, train):
    there = needs(TEXT, 37, train)
    monkeypatch.setattr(prepare, "free", lambda device: there)
    monkeypatch.setattr(prepare, "_first", lambda subject: pytest.fail("it was begun"))
    found = fault(Setting(batch=38, train=train))
    run = "a training step" if train else "a run"
    assert found.message == f"cpu has not enough memory for {run} of tiny on 38 images"
    assert (found.largest_batch, found.help) == (37, "--batch 37 fits, as predicted")


def test_not_even_one_image(monkeypatch):
    monkeypatch.setattr(prepare, "free", lambda device: 1000)
    found = fault(Setting())
    assert (found.message, found.help, found.largest_batch) == (
        "cpu has not enough memory for a run of tiny on one image", "not even one image fits, as predicted", 0,
    )  # fmt: skip


def test_a_containers_limit_is_the_machines(monkeypatch, tmp_path):
    files = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(room, "_GROUPS", [tuple(map(str, files)), ("/nowhere", "/nowhere")])
    for most, used, left in (("5000", "2000", 3000), ("5000", "7000", 0)):
        for file, text in zip(files, (most, used), strict=True):
            file.write_text(text + "\n")
        assert room.free(torch.device("cpu")) == left
    files[0].write_text("max\n")
    assert room.free(torch.device("cpu")) > 1 << 20


@pytest.mark.parametrize(
    ("error", "yes"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes"), True),
        (MemoryError(), True),
        (RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"), False),
    ],
)
def test_errors_of_memory(error, yes):
    assert prepare.is_no_memory(error) is yes


def test_what_torch_itself_says_of_too_much():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)
    assert prepare.is_no_memory(caught.value)


def test_without_a_compiler(monkeypatch):
    def no_compiler(module, **_):
        def run(*_):
            raise RuntimeError("InvalidCxxCompiler: No working C++ compiler found in torch._inductor.config")

        return run

    monkeypatch.setattr(torch, "compile", no_compiler)
    found = fault(Setting(compile=True))
    assert found.message.startswith("torch.compile cannot compile tiny: RuntimeError: InvalidCxxCompiler")
    assert found.help == "install a C++ compiler (g++ or clang++), or leave out --compile"
