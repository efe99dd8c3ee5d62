"""What a sliding window adds around an image, where torch's own ``padding`` cannot say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import functional as F

Size = tuple[int, ...]


@dataclass(frozen=True)
class Border:
    """Padding worked out when the image comes: given amounts, TensorFlow's ``same``, or what ``ceil`` adds after."""

    kernel: Size
    stride: Size
    dilation: Size
    pads: tuple[tuple[int, int], tuple[int, int]]
    same: bool
    ceil: bool

    @classmethod
    def of(cls, layer: Any) -> Border:
        """What a sliding layer asks for; none of its sizes is an open symbol."""
        pads = (layer.pad.height, layer.pad.width)
        return cls(layer.kernel, layer.stride, layer.dilation, pads, layer.pad.same, layer.ceil)

    @property
    def even(self) -> bool:
        """Whether both sides of an axis are padded alike, as torch's layers do by themselves."""
        return not self.same and all(before == after for before, after in self.pads)

    @property
    def before(self) -> tuple[int, int]:
        (top, _), (left, _) = self.pads
        return top, left

    @property
    def gaps(self) -> Size:
        """Rows and columns between windows that do not touch."""
        return tuple(max(stride - extent, 0) for stride, extent in zip(self.stride, self._extents(), strict=True))

    def around(self, image: Tensor, fill: float = 0.0) -> Tensor:
        """The image with its border."""
        height, width = (self._along(axis, size) for axis, size in enumerate(image.shape[-2:]))
        amounts = (*width, *height)
        return F.pad(image, amounts, value=fill) if any(amounts) else image

    def windows(self, image: Tensor) -> Tensor:
        """Each window of an image that has its border, as a view: (B, C, H', W', kernel height, kernel width)."""
        (high, wide), (down, right) = self._extents(), self.stride
        return image.unfold(2, high, down).unfold(3, wide, right)[..., :: self.dilation[0], :: self.dilation[1]]

    def _extents(self) -> Size:
        return tuple(dilation * (kernel - 1) + 1 for kernel, dilation in zip(self.kernel, self.dilation, strict=True))

    def _along(self, axis: int, size: int) -> tuple[int, int]:
        extent, stride = self._extents()[axis], self.stride[axis]
        before, after = self.pads[axis]
        if self.same:
            last = (size - 1) // stride * stride  # where the last of the windows starts, were none to begin before 0
            missing = max(last + extent - size, 0)
            before, after = missing // 2, missing - missing // 2
        if self.ceil:
            # windows go on until one reaches the end, but none starts behind the image
            starts = range(0, size + before, stride)
            last = next((start for start in starts if start + extent >= before + size + after), starts[-1])
            needed = last + extent - before - size
            after = min(max(after, needed), needed + stride - 1)  # no more than lets another window begin
        return before, after
