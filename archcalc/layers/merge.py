"""Where branches meet."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.algebra import Dim, product, same
from archcalc.layers.base import IMAGE, TOKENS, Layer, Reading, Rule, Shape, equal, positive
from archcalc.layers.tape import ANY, Grad, Tape


def shown(shape: Shape) -> str:
    """A shape as papers print it: height x width x channels."""
    return "x".join(str(dim) for dim in ((*shape[1:], shape[0]) if len(shape) == IMAGE else shape))


def _agree(first: Shape, other: Shape, number: int, what: str) -> Iterator[Rule]:
    """Equal ranks and dims, told with both shapes."""
    message = f"{what} needs equal shapes: branch 1 gives {shown(first)}, branch {number} gives {shown(other)}"
    yield equal(len(first), len(other), "A303", message, (1, number))
    for left, right in zip(first, other, strict=False):
        yield equal(left, right, "A303", message, (1, number))


class _Elementwise(Layer):
    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        for number, shape in enumerate(inputs[1:], 2):
            yield from _agree(inputs[0], shape, number, self.kind)

    def element_ops(self, *inputs: Shape) -> Dim:
        """n branches take n - 1 operations an output."""
        return (len(inputs) - 1) * product(self.output(*inputs))


def _added(tape: Tape, branches: tuple[int, ...], *, over: bool) -> int:
    """The first two added, the others into that: nobody else knows it."""
    first, *others = branches
    for place, other in enumerate(others):
        first = tape.op(first, other, view=place > 0, over=over and not place, passes=True)
    return first


class Sum(_Elementwise):
    """Elementwise sum (He et al. 2016, equation 1)."""

    kind = "sum"
    source = "He et al. 2016, equation 1"
    work = "additions: one fewer than there are branches"

    def run(self, tape: Tape, *inputs: int) -> int:
        return _added(tape, inputs, over=True)


class Max(_Elementwise):
    """Elementwise maximum (Goodfellow et al. 2013)."""

    kind = "max"
    source = "Goodfellow et al. 2013"
    work = "comparisons: one fewer than there are branches"

    def run(self, tape: Tape, *inputs: int) -> int:
        """The larger of two, branch by branch; the gradient of each side is masked by a comparison."""
        found = inputs[0]
        for other in inputs[1:]:
            numbers = tape.numbers[found]
            grads = (Grad(0, numbers, numbers), Grad(1, numbers, numbers))
            found = tape.op(found, other, keeps=((found, ANY), (other, ANY)), grads=grads)
        return found


class Mean(_Elementwise):
    """Elementwise mean (Larsson et al. 2017, section 3.1): n - 1 additions and a division."""

    kind = "mean"
    source = "Larsson et al. 2017, section 3.1"
    work = "additions, and a division"

    def element_ops(self, *inputs: Shape) -> Dim:
        return len(inputs) * product(self.output(*inputs))

    def run(self, tape: Tape, *inputs: int) -> int:
        total = _added(tape, inputs, over=False)
        return tape.op(total, view=True) if len(inputs) > 1 else total


class Product(_Elementwise):
    """Elementwise product; a branch of 1x1 maps, or a vector, is spread over the image (Hu et al. 2018)."""

    kind = "product"
    source = "Hu et al. 2018"
    work = "products: one fewer than there are branches"
    gates = True

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        image = self.output(*inputs)
        for number, shape in enumerate(inputs, 1):
            if not (len(image) == IMAGE and (same(shape, (image[0], 1, 1)) or same(shape, (image[0],)))):
                yield from _agree(image, shape, number, self.kind)

    def output(self, *inputs: Shape) -> Shape:
        """The shape of the branch that is not spread."""
        images = [shape for shape in inputs if len(shape) == IMAGE and not same(shape[1:], (1, 1))]
        return images[0] if images else inputs[0]

    def run(self, tape: Tape, *inputs: int) -> int:
        """One product after the other; a branch that is spread has a gradient of the whole size first."""
        outputs = product(self.output(*tape.shapes))
        found = inputs[0]
        for other in inputs[1:]:
            size = outputs if any(same(outputs, tape.numbers[each]) for each in (found, other)) else tape.numbers[found]
            grads = tuple(
                Grad(place, tape.numbers[read], 0 if same(tape.numbers[read], size) else size)
                for place, read in enumerate((found, other))
            )
            found = tape.op(found, other, numbers=size, keeps=((other, 0), (found, 1)), grads=grads)
        return found


class Concat(Layer):
    """Channels one after the other (Szegedy et al. 2015)."""

    kind = "concat"
    source = "Szegedy et al. 2015"

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        first, axis = inputs[0], self._axis(inputs[0])
        for number, shape in enumerate(inputs[1:], 2):
            message = f"concat needs equal sizes: branch 1 gives {shown(first)}, branch {number} gives {shown(shape)}"
            yield equal(len(first), len(shape), "A303", message, (1, number))
            for place, (left, right) in enumerate(zip(first, shape, strict=False)):
                if place != axis:
                    yield equal(left, right, "A303", message, (1, number))

    @staticmethod
    def _axis(shape: Shape) -> int:
        """Where the channels are: last in tokens, first elsewhere."""
        return 1 if len(shape) == TOKENS else 0

    def output(self, *inputs: Shape) -> Shape:
        axis = self._axis(inputs[0])
        total: Dim = 0
        for shape in inputs:
            total = total + shape[axis]
        return (*inputs[0][:axis], total, *inputs[0][axis + 1 :])

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.op(*inputs, numbers=product(self.output(*tape.shapes)), passes=True)


class Warp(Layer):
    """Bilinear sampling of the first input on a grid that the six numbers of the second set (Jaderberg et al. 2015,
    section 3)."""

    kind = "affine warp"
    source = "Jaderberg et al. 2015, section 3"
    work = "13 for each number: where it lies, and four neighbours weighed"
    height: Dim
    width: Dim

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield equal(
            len(inputs), 2, "A303", f"an affine warp has two branches, the image and six numbers, not {len(inputs)}"
        )
        if len(inputs) == 2:
            yield equal(
                len(inputs[0]), IMAGE, "A303", f"an affine warp samples an image, branch 1 gives {shown(inputs[0])}"
            )
            yield equal(
                product(inputs[1]), 6, "A303", f"an affine map is six numbers, branch 2 gives {shown(inputs[1])}"
            )
        yield positive(self.height, "A305", f"height {self.height}: it must be at least 1")
        yield positive(self.width, "A305", f"width {self.width}: it must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][0], self.height, self.width)

    def element_ops(self, *inputs: Shape) -> Dim:
        return 13 * product(self.output(*inputs))

    def reads(self, *inputs: Shape) -> Reading:
        return "none"

    def run(self, tape: Tape, *inputs: int) -> int:
        """A grid of two coordinates a position, then the image sampled there."""
        image, six = inputs
        positions = self.height * self.width
        grid = tape.op(six, numbers=2 * positions)
        return tape.op(
            image,
            grid,
            numbers=product(self.output(*tape.shapes)),
            keeps=((image, ANY), (grid, ANY)),
            cast="full on cpu",
        )
