#pragma once
/// A neural network that is loaded and can be asked. Which runtime answers is decided here and
/// nowhere else; OpenVINO does today (openvino/openvino_network.cpp).

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace vedette::vision {

struct TensorShape {
  std::vector<std::int64_t> sides;  ///< all known, none negative
  [[nodiscard]] std::size_t count() const;
  auto operator<=>(const TensorShape&) const = default;
};

/// Floats in row-major order; the memory belongs to the session and holds until its next run.
struct TensorView {
  std::string_view name;
  TensorShape shape;
  std::span<const float> data;
};

/// One stream of inference: one thread at a time, no batching for its own sake.
class Session {
 public:
  virtual ~Session() = default;

  /// The input's memory for this shape, to be filled before run(). A shape that the network has
  /// not seen compiles it anew (0.1 to 0.2 s), so callers keep to few shapes.
  /// fails  too_large: more shapes than NetworkLimits; io: the runtime refuses the shape
  [[nodiscard]] virtual Result<std::span<float>> input(const TensorShape& shape) = 0;

  /// Runs on the shape that input() was last asked for.
  /// returns  the outputs in the order of the model
  /// fails    bad_input: no input() yet; io, with the runtime's own words
  [[nodiscard]] virtual Result<std::span<const TensorView>> run() = 0;
};

struct NetworkLimits {
  std::size_t streams = 2;  ///< sessions that may run at the same time, one core each
  std::size_t shapes = 16;  ///< of input; each keeps memory for activations in every stream
};

/// A network of one float input; its sessions share the weights. Any thread.
class Network {
 public:
  virtual ~Network() = default;
  [[nodiscard]] virtual Result<std::unique_ptr<Session>> open() const = 0;
  [[nodiscard]] virtual const std::string& name() const = 0;  ///< the file's name without .onnx
};

/// fails  not_found: no such file (the message says how to obtain it); bad_input: not a network
[[nodiscard]] Result<std::shared_ptr<const Network>> load_network(const std::string& path,
                                                                  NetworkLimits limits = {});

}  // namespace vedette::vision
