"""A tally sheet for counting a network by hand.

Nothing is inferred here: whoever counts states every kernel, channel number and output size, as read from the paper's
layer table. The hand-written counts beside this file are held against archcalc's own, which goes from text to shapes
to figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Counts:
    """What a network comes to. Shapes are height, width, channels; vectors are (length,)."""

    weights: int = 0
    biases: int = 0
    norms: int = 0
    others: int = 0
    frozen: int = 0
    buffers: int = 0
    macs: int = 0
    neurons: int = 0
    connections: int = 0
    weight_layers: int = 0
    batch_norms: int = 0
    activations: int = 0  # output numbers of all layers but activation functions, dropout and reshapes
    depth: int | None = None  # given, never derived
    output: tuple[int, ...] = ()
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def params(self) -> int:
        return self.weights + self.biases + self.norms + self.others

    @property
    def trainable(self) -> int:
        return self.params - self.frozen

    def _weigh(self, fan_in: int, outputs: int, positions: int, weights: int, bias: bool) -> None:
        self.weights += weights
        self.biases += outputs if bias else 0
        self.macs += fan_in * outputs * positions
        self.neurons += outputs * positions
        self.connections += (fan_in + bias) * outputs * positions
        self.activations += outputs * positions
        self.weight_layers += 1

    def conv(
        self, kernel: int, inputs: int, outputs: int, side: int, *, bias: bool = True, groups: int = 1, times: int = 1
    ) -> None:
        """Square kernel, square output map `side` on a side."""
        fan_in = kernel * kernel * inputs // groups
        for _ in range(times):
            self._weigh(fan_in, outputs, side * side, fan_in * outputs, bias)

    def conv_bn(self, kernel: int, inputs: int, outputs: int, side: int) -> None:
        self.conv(kernel, inputs, outputs, side, bias=False)
        self.bn(outputs, side)

    def deconv(self, kernel: int, inputs: int, outputs: int, side_in: int, side_out: int) -> None:
        """Frozen, no bias: every input position spreads one kernel."""
        weights = kernel * kernel * inputs * outputs
        self.weights += weights
        self.frozen += weights
        self.macs += weights * side_in * side_in
        self.connections += weights * side_in * side_in
        self.neurons += outputs * side_out * side_out
        self.activations += outputs * side_out * side_out
        self.weight_layers += 1

    def fc(self, inputs: int, outputs: int, *, bias: bool = True) -> None:
        self._weigh(inputs, outputs, 1, inputs * outputs, bias)

    def bn(self, channels: int, side: int, *, affine: bool = True) -> None:
        self.norms += 2 * channels if affine else 0
        self.buffers += 2 * channels
        self.batch_norms += 1
        self.activations += channels * side * side

    def passes(self, channels: int, side: int = 1) -> None:
        """A layer without weights that makes new numbers: a pool, a sum, a normalisation."""
        self.activations += channels * side * side

    def at(self, name: str, *shape: int) -> None:
        self.shapes[name] = shape
