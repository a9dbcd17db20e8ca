"""Converts dlib's face recognition ResNet from dlib's own file format to ONNX.

usage: dlib_to_onnx.py dlib_face_recognition_resnet_model_v1.dat dlib_resnet128.onnx

The weights go into a file beside it, dlib_resnet128.onnx.data: a runtime maps that into memory and
lets it go again once it has laid the weights out as the processor wants them.

The network takes RGB, 0 to 255, [N, 3, 150, 150] and gives [N, 128]. Its normalisation becomes
part of the graph, each affine layer a part of the convolution before it. The file is read as it
is: neither dlib nor the onnx package is needed.

dlib writes an integer as one byte with the count of its bytes (and the sign in the top bit), then
the bytes, lowest first; a text as its length and its bytes; a tensor as a version (2), its four
sides and its floats. Layers stand in the order in which they run, each after a name that tells
its type.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

Array = np.ndarray
FLOAT, INT64 = 1, 7  # TensorProto.DataType
ATTRIBUTE_INTS = 7  # AttributeProto.AttributeType
EXTERNAL = 1  # TensorProto.DataLocation
LARGE = 1024  # bytes of a tensor, from which on it goes into the other file
ALIGNMENT = 64  # bytes: of each tensor's beginning there


# --- dlib's file --------------------------------------------------------------------------------
class Conv(NamedTuple):
    """A convolution and the affine layer after it, as one."""

    weights: Array  # [out, in, side, side]
    bias: Array  # [out]
    stride: int
    padding: int


class DlibFile:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def integer(self) -> int:
        head = self.data[self.at]
        size = head & 0x0F
        value = int.from_bytes(self.data[self.at + 1 : self.at + 1 + size], "little")
        self.at += 1 + size
        return -value if head & 0x80 else value

    def floats(self) -> Array:
        """The next tensor, flat."""
        version = self.integer()
        if version != 2:
            raise ValueError(f"a tensor of version {version} at byte {self.at}; 2 is known")
        count = int(np.prod([self.integer() for _ in range(4)]))
        values = np.frombuffer(self.data, "<f4", count, self.at)
        self.at += values.nbytes
        return values

    def seek(self, layer: str) -> None:
        """To just after the next layer of that type."""
        name = bytes([1, len(layer)]) + layer.encode()
        self.at = self.data.index(name, self.at) + len(name)

    def conv(self, channels: int) -> Conv:
        self.seek("con_4")
        params = self.floats()
        filters, rows, cols, stride, _, padding, _ = (self.integer() for _ in range(7))
        self.seek("affine_")
        gamma, beta = np.split(self.floats(), 2)
        weights, bias = np.split(params, [-filters])
        weights = weights.reshape(filters, channels, rows, cols) * gamma[:, None, None, None]
        return Conv(weights, bias * gamma + beta, stride, padding)

    def fully_connected(self, outputs: int) -> Array:
        self.seek("fc_2")
        self.integer(), self.integer()  # its counts of outputs and inputs
        return self.floats().reshape(-1, outputs)


# --- ONNX's file: protocol buffers, written field by field ---------------------------------------
def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """One field of a message: an integer, or anything that has a length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(number: int, values: list) -> bytes:
    return b"".join(field(number, value) for value in values)


def tensor(name: str, values: Array, place: dict[str, str] | None = None) -> bytes:
    """place: where its bytes lie in another file; without it they are part of the message."""
    kind = INT64 if values.dtype == np.int64 else FLOAT
    head = fields(1, list(values.shape)) + field(2, kind) + field(8, name)
    if place is None:
        return head + field(9, values.tobytes())
    entries = [field(1, key) + field(2, value) for key, value in place.items()]
    return head + fields(13, entries) + field(14, EXTERNAL)


def value_info(name: str, sides: list[int | str]) -> bytes:
    shape = b"".join(field(1, field(2 if isinstance(s, str) else 1, s)) for s in sides)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, shape)))


class Graph:
    """Nodes are numbered as they are added: t1, t2, …"""

    def __init__(self, data_file: str) -> None:
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []
        self.made = 0
        self.data_file = data_file
        self.data = bytearray()

    def fresh(self) -> str:
        self.made += 1
        return f"t{self.made}"

    def constant(self, name: str, values: Array) -> str:
        place = None
        if values.nbytes >= LARGE:
            self.data += bytes(-len(self.data) % ALIGNMENT)
            offset, length = str(len(self.data)), str(values.nbytes)
            place = {"location": self.data_file, "offset": offset, "length": length}
            self.data += values.tobytes()
        self.constants.append(tensor(name, values, place))
        return name

    def node(self, op: str, inputs: list[str], output: str, **ints: list[int]) -> str:
        attributes = [
            field(1, name) + fields(8, ints[name]) + field(20, ATTRIBUTE_INTS)
            for name in sorted(ints)
        ]
        self.nodes.append(
            fields(1, inputs) + field(2, output) + field(4, op) + fields(5, attributes)
        )
        return output

    def model(self, inputs: bytes, outputs: bytes) -> bytes:
        graph = fields(1, self.nodes) + field(2, "dlib_resnet") + fields(5, self.constants)
        graph += field(11, inputs) + field(12, outputs)
        opset = field(1, "") + field(2, 13)
        return field(1, 8) + field(7, graph) + field(8, opset)


# --- the network ---------------------------------------------------------------------------------
class Tensor(NamedTuple):
    name: str
    channels: int
    side: int


class Builder:
    def __init__(self, source: DlibFile, data_file: str) -> None:
        self.source = source
        self.graph = Graph(data_file)

    def conv(self, x: Tensor) -> Tensor:
        layer = self.source.conv(x.channels)
        filters, _, side, _ = layer.weights.shape
        name = self.graph.fresh()
        weights = self.graph.constant(name + "w", layer.weights)
        bias = self.graph.constant(name + "b", layer.bias)
        self.graph.node(
            "Conv",
            [x.name, weights, bias],
            name,
            strides=[layer.stride] * 2,
            pads=[layer.padding] * 4,
            kernel_shape=[side] * 2,
        )
        return Tensor(name, filters, (x.side + 2 * layer.padding - side) // layer.stride + 1)

    def relu(self, x: Tensor) -> Tensor:
        return x._replace(name=self.graph.node("Relu", [x.name], self.graph.fresh()))

    def pool(self, op: str, x: Tensor, window: int) -> Tensor:
        name = self.graph.node(
            op, [x.name], self.graph.fresh(), kernel_shape=[window] * 2, strides=[2, 2]
        )
        return Tensor(name, x.channels, (x.side - window) // 2 + 1)

    def pad(self, x: Tensor, channels: int, side: int) -> Tensor:
        """dlib adds tensors of unlike size by filling the smaller up with zeros."""
        if (x.channels, x.side) == (channels, side):
            return x
        name = self.graph.fresh()
        more = [0, 0, 0, 0, 0, channels - x.channels, side - x.side, side - x.side]
        pads = self.graph.constant(name + "p", np.array(more, np.int64))
        return Tensor(self.graph.node("Pad", [x.name, pads], name), channels, side)

    def residual(self, x: Tensor, down: bool) -> Tensor:
        y = self.conv(self.relu(self.conv(x)))
        if down:
            y, x = self.pool("AveragePool", x, 2), y
        channels, side = max(x.channels, y.channels), max(x.side, y.side)
        y, x = self.pad(y, channels, side), self.pad(x, channels, side)
        total = self.graph.node("Add", [y.name, x.name], self.graph.fresh())
        return self.relu(Tensor(total, channels, side))

    def network(self) -> bytes:
        mean = np.array([122.782, 117.001, 104.298], np.float32).reshape(1, 3, 1, 1)
        self.graph.constant("mean", mean)
        self.graph.constant("inv", np.array([1 / 256], np.float32))
        self.graph.node("Sub", ["input", "mean"], "s0")
        x = Tensor(self.graph.node("Mul", ["s0", "inv"], "x0"), 3, 150)
        x = self.pool("MaxPool", self.relu(self.conv(x)), 3)
        for blocks, halves in [(3, False), (4, True), (3, True), (3, True), (1, True)]:
            for block in range(blocks):
                x = self.residual(x, halves and block == 0)
        pooled = self.graph.node("GlobalAveragePool", [x.name], self.graph.fresh())
        flat = self.graph.node("Flatten", [pooled], self.graph.fresh())
        self.graph.constant("fcw", self.source.fully_connected(128))
        self.graph.node("MatMul", [flat, "fcw"], "output")
        return self.graph.model(
            value_info("input", ["N", 3, 150, 150]), value_info("output", ["N", 128])
        )


def convert(source: bytes, name: str) -> dict[str, bytes]:
    """The two files, by their names."""
    data_file = name + ".data"
    builder = Builder(DlibFile(source), data_file)
    network = builder.network()
    return {name: network, data_file: bytes(builder.graph.data)}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    out = Path(sys.argv[2])
    for file, content in convert(Path(sys.argv[1]).read_bytes(), out.name).items():
        (out.parent / file).write_bytes(content)
